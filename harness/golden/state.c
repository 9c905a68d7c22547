/* SPDX-License-Identifier: MIT */
/* A state as a document, and the paths in it. */
#include "golden/state.h"

#include "base/hash.h"

void
rf_state_done(struct rf_state *state)
{
    rf_json_done(&state->doc);
    rf_buf_done(&state->text);
}

/** Reads a text that was checked before. */
static void
read_again(struct rf_state *state)
{
    rf_code code = rf_json_read_whole(&state->doc, state->text.bytes, state->text.used, NULL);
    RF_VERIFY(code == RF_OK);
}

void
rf_state_read(struct rf_state *state, const char *bytes, size_t count)
{
    rf_buf_clear(&state->text);
    if (rf_json_read_whole(&state->doc, bytes, count, NULL) != RF_OK ||
        rf_json_canonical(&state->doc, 0, false, &state->text, NULL) != RF_OK) {
        rf_buf_clear(&state->text);
        rf_buf_format(&state->text, "\"(no JSON: %016llx)\"",
                      (unsigned long long)rf_hash(bytes, count, 0));
        read_again(state);
        return;
    }
    if (state->text.used != count || memcmp(state->text.bytes, bytes, count) != 0) {
        read_again(state);
        return;
    }
    state->doc.text = state->text.bytes; /* the same bytes, and ours */
}
