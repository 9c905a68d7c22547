/* SPDX-License-Identifier: MIT */
/* A snapshot's JSON back into a state, by its table of fields. */
#ifndef RF_WORKER_RESTORE_H
#define RF_WORKER_RESTORE_H

#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "worker/fields.h"
#include "worker/memory.h"

/**
 * Fill an empty state from what rf_fields_snapshot wrote.
 *
 * Strict, so that a snapshot of another shape is not taken for this one: a member that no row
 * names, or one that is missing though it is never absent, is refused.
 *
 * @state   zeroed, or made by the aggregate's init; half filled on failure
 * @return  RF_OK, or RF_ERR_USAGE with the JSON pointer and what is wrong
 */
RF_MUST_USE rf_code rf_fields_restore(const struct rf_fields *fields, void *state,
                                      const struct rf_json *doc, uint32_t node,
                                      struct rf_memory *memory, struct rf_err *reterr);

#endif
