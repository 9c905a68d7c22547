/* SPDX-License-Identifier: MIT */
/* A state as a document, and the paths in it. */
#ifndef RF_GOLDEN_STATE_H
#define RF_GOLDEN_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

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

/** The value at a JSON pointer's first `path_bytes` bytes, or RF_JSON_NONE. */
uint32_t rf_pointer_find(const struct rf_json *doc, const char *path, size_t path_bytes);

/** Append one step to a JSON pointer; a NUL byte in a key is written as U+2400. */
void rf_path_key(struct rf_buf *path, const char *key, size_t bytes);
void rf_path_index(struct rf_buf *path, size_t index);

/** The end of the step that begins with the slash at `at`. */
const char *rf_path_step(const char *at, const char *end);
/** What a step names, without its slash: ~0 and ~1 resolved. `out` is cleared first. */
void rf_path_unescape(struct rf_buf *out, const char *at, const char *end);

#endif
