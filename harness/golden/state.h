/* SPDX-License-Identifier: MIT */
/* A state as a document. */
#ifndef RF_GOLDEN_STATE_H
#define RF_GOLDEN_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_pointer.h"

/** A state in its canonical form: equal values have equal tokens, keys are sorted. All zero is a
 * valid one that holds nothing (doc.used is 0); it can be read again and again. */
struct rf_state {
    struct rf_json doc;
    struct rf_buf text; /**< what `doc` borrows from */
};

/** Read a state; `bytes` are borrowed for the call. A state comes from where plugin code has run;
 * one that is no JSON is taken by its hash, as if it were a string. */
void rf_state_read(struct rf_state *state, const char *bytes, size_t count);
void rf_state_done(struct rf_state *state);

#endif
