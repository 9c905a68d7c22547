/* SPDX-License-Identifier: MIT */
/* One value of a state, watched from event to event. */
#include "golden/touch.h"

#include <string.h>

#include "base/bytes.h"

bool
rf_touch_state(struct rf_touch *touch, const char *state, size_t state_bytes)
{
    struct rf_touch_value spare = touch->before;
    touch->before = touch->now;
    touch->now = spare;
    rf_state_read(&touch->state, state, state_bytes);
    const struct rf_json *doc = &touch->state.doc;
    uint32_t node = rf_pointer_find(doc, touch->path, strlen(touch->path));
    rf_buf_clear(&touch->now.json);
    touch->now.is_there = node != RF_JSON_NONE;
    if (touch->now.is_there) {
        size_t bytes;
        const char *token = rf_json_token(doc, node, &bytes);
        rf_buf_add(&touch->now.json, token, bytes);
        touch->ever_there = true;
    }
    bool first = !touch->begun;
    touch->begun = true;
    return !first && (touch->now.is_there != touch->before.is_there ||
                      !rf_bytes_same(touch->now.json.bytes, touch->now.json.used,
                                     touch->before.json.bytes, touch->before.json.used));
}

void
rf_touch_done(struct rf_touch *touch)
{
    rf_buf_done(&touch->now.json);
    rf_buf_done(&touch->before.json);
    rf_state_done(&touch->state);
}
