/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's apply, and saying what it refused. */
#include "worker/apply.h"

#include "worker/values.h"
#include "worker/world.h"

void
rf_apply_note(const refold_event *event, struct rf_buf *ret)
{
    const char *text;
    size_t bytes;
    rf_buf_clear(ret);
    rf_buf_add(ret, event->type.ptr, (size_t)event->type.len);
    rf_buf_string(ret, ": ");
    if (rf_values_rejection(&text, &bytes)) {
        rf_buf_add(ret, text, bytes);
    } else {
        rf_buf_string(ret, "refused");
    }
}

/* As rf_apply_note, where the aggregate gave no text that fits. */
static void
note_odd_result(const refold_event *event, const char *function, long long result,
                struct rf_buf *ret)
{
    rf_buf_clear(ret);
    rf_buf_add(ret, event->type.ptr, (size_t)event->type.len);
    rf_buf_format(ret, ": %s returned %lld", function, result);
}

void
rf_apply_unhandled(const refold_event *event, struct rf_buf *ret_message)
{
    rf_buf_clear(ret_message);
    rf_buf_string(ret_message, "unhandled type ");
    rf_buf_add(ret_message, event->type.ptr, (size_t)event->type.len);
}

uint64_t
rf_apply_events(const struct rf_plugin *plugin, void *state, const refold_event *const *events,
                uint64_t count, struct rf_buf *ret_message)
{
    const refold_aggregate *table = &plugin->table;
    rf_values_begin_call();
    if (plugin->program != NULL) {
        uint64_t taken = rf_relay_apply(plugin->program, events, count);
        if (taken < count) {
            rf_apply_note(events[taken], ret_message);
        }
        return taken;
    }
    rf_world_before_call();
    if (table->apply_batch != NULL) {
        uint64_t taken = table->apply_batch(state, events, count);
        if (taken > count) {
            note_odd_result(events[0], "apply_batch", (long long)taken, ret_message);
            return 0;
        }
        if (taken < count) {
            rf_apply_note(events[taken], ret_message);
        }
        return taken;
    }
    int32_t result = table->apply(state, events[0]);
    if (result == REFOLD_OK) {
        return 1;
    }
    if (result == REFOLD_REJECTED) {
        rf_apply_note(events[0], ret_message);
    } else {
        note_odd_result(events[0], "apply", result, ret_message);
    }
    return 0;
}

uint64_t
rf_apply_followed(const struct rf_plugin *plugin, uint64_t limit, uint64_t *ret_count)
{
    rf_values_begin_call();
    return rf_relay_follow_events(plugin->program, limit, ret_count);
}
