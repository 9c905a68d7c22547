/* SPDX-License-Identifier: MIT */
/* A state's table of fields at work: the state as canonical JSON, and back. */
#ifndef RF_WORKER_FIELDS_H
#define RF_WORKER_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <refold/aggregate.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "worker/memory.h"

/** A table that was checked, its members sorted as canonical JSON has them. One thread at a time.
 */
struct rf_fields;

/** Structs, lists and maps within one another, and rows of all of them together. */
#define RF_FIELDS_DEPTH 32
#define RF_FIELDS_ROWS  4096

/**
 * Check a table and prepare it.
 *
 * @rows         borrowed until rf_fields_free, and all that they point to
 * @state_bytes  size of the state; no row may reach beyond it
 * @return       RF_OK, or RF_ERR_USAGE with a sentence that names the row: an unknown kind or flag,
 *               a member outside its struct or misaligned, no name or a name twice, a list, map,
 *               struct or enum without its rows, more than the limits above
 */
RF_MUST_USE rf_code rf_fields_new(const refold_field *rows, uint64_t count, uint64_t state_bytes,
                                  struct rf_fields **ret, struct rf_err *reterr);
/** Accepts NULL. */
void rf_fields_free(struct rf_fields *fields);

/**
 * Append the state's canonical JSON. What is absent: a text with ptr NULL, a time that is not set,
 * an enum of 0, a field whose presence byte is 0, and what is empty and flagged REFOLD_OMIT_EMPTY.
 * As an element of a list or the value of a map these are null.
 *
 * @out     cut back to what it held where the result is not RF_STATUS_OK
 * @ret_why set where it is not: NONFINITE: the JSON pointer; BROKEN: a sentence
 * @return  RF_STATUS_OK, RF_STATUS_NONFINITE (a NaN or infinity), RF_STATUS_BROKEN (a text or key
 *          that is not UTF-8, a key twice in a map, an enum or instant out of range, more than
 *          RF_LIMIT_STATE_BYTES); protocol.h
 */
uint32_t rf_fields_snapshot(struct rf_fields *fields, const void *state, struct rf_buf *out,
                            struct rf_buf *ret_why);

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

/** Append the shape that the descriptor holds (protocol.h, "Probe"), in the table's order. */
void rf_fields_describe(const refold_field *rows, uint64_t count, struct rf_buf *out);

#endif
