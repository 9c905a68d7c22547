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

enum { ADD = 1, CLEAR = 2 };

int32_t
counter_handle(const void *state, const refold_event *command, const refold_host *)
{
    const counter *self = static_cast<const counter *>(state);
    int64_t by = 0;
    if (command->kind == CLEAR) {
        return self->total == 0 ? REFOLD_OK : refold_emit(command, "Reset", nullptr);
    }
    if (!refold_event_int(command, "By", &by)) {
        return refold_reject(command, "By is not an integer");
    }
    return refold_emit_string(command, "Added", refold_event_data(command));
}

const refold_type commands[] = {REFOLD_COMMAND("Add", ADD), REFOLD_COMMAND("Clear", CLEAR)};

} // namespace

REFOLD_AGGREGATE_COMMANDS("counter", 1, counter, types, fields, counter_apply, commands,
                          counter_handle)
