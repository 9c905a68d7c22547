// SPDX-License-Identifier: MIT
// A small aggregate in C++11: the header must serve it too.
#include <refold/aggregate.h>

namespace
{

enum { ADDED = 1, RESET = 2 };

struct counter {
    int64_t total;
    refold_text note;
    uint8_t has_limit;
    int64_t limit;
};

int32_t
counter_apply(void *state, const refold_event *event)
{
    counter *self = static_cast<counter *>(state);
    int64_t by = 0;
    switch (event->kind) {
    case ADDED:
        if (!refold_event_int(event, "By", &by)) {
            return refold_reject(event, "By is not an integer");
        }
        self->total += by;
        break;
    default:
        self->total = 0;
        break;
    }
    if (refold_event_int(event, "Limit", &self->limit)) {
        self->has_limit = 1;
    }
    (void)refold_event_text(event, "Note", &self->note);
    return REFOLD_OK;
}

const refold_type types[] = {REFOLD_TYPE("Added", ADDED), REFOLD_TYPE("Reset", RESET)};

const refold_field fields[] = {
    REFOLD_INT(counter, total, "total"),
    REFOLD_TEXT(counter, note, "note"),
    REFOLD_OPTIONAL(counter, limit, "limit", REFOLD_F_INT64, has_limit),
};

} // namespace

REFOLD_AGGREGATE("counter", counter, types, fields, counter_apply)
