/* SPDX-License-Identifier: MIT */
/* One value of a state, watched from event to event. */
#ifndef RF_GOLDEN_TOUCH_H
#define RF_GOLDEN_TOUCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "golden/state.h"

/** What stands at a path: its canonical JSON, where anything does. */
struct rf_touch_value {
    bool is_there;
    struct rf_buf json;
};

/** All zero but the path is one that has seen no state. */
struct rf_touch {
    const char *path; /**< JSON pointer; borrowed */
    struct rf_touch_value now;
    struct rf_touch_value before;
    bool begun;      /**< a first state was seen */
    bool ever_there; /**< in any state */
    struct rf_state state;
};

/** The next state. @return whether the value is another than before (`before` and `now` tell);
 * never for the first one. */
bool rf_touch_state(struct rf_touch *touch, const char *state, size_t state_bytes);
void rf_touch_done(struct rf_touch *touch);

#endif
