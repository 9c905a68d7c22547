/* SPDX-License-Identifier: MIT */
/* A state as canonical JSON, by its table of fields. */
#ifndef RF_WORKER_SNAPSHOT_H
#define RF_WORKER_SNAPSHOT_H

#include <stdint.h>

#include "base/buf.h"
#include "worker/fields.h"

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

#endif
