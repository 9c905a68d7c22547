/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's apply, and saying what it refused. */
#include "worker/apply.h"

#include "worker/upcast.h"
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

/* As rf_apply_note, where the aggregate gave no text that fits: it returned what it may not, or
 * what it may, and refused all the same. */
static void
note_odd_result(const refold_event *event, const char *function, long long result,
                struct rf_buf *ret)
{
    rf_buf_clear(ret);
    rf_buf_add(ret, event->type.ptr, (size_t)event->type.len);
    if (rf_values_rejected()) {
        rf_buf_format(ret, ": %s called refold_reject, and returned as if it had not", function);
    } else {
        rf_buf_format(ret, ": %s returned %lld", function, result);
    }
}

void
rf_apply_unhandled(const refold_event *event, struct rf_buf *ret_message)
{
    rf_buf_clear(ret_message);
    rf_buf_string(ret_message, "unhandled type ");
    rf_buf_add(ret_message, event->type.ptr, (size_t)event->type.len);
}

/* What a function that refuses with refold_reject returned. True where that was no refusal. */
static bool
judge_result(const refold_event *event, const char *function, int32_t result, struct rf_buf *ret)
{
    if (result == REFOLD_OK && !rf_values_rejected()) {
        return true;
    }
    if (result == REFOLD_REJECTED) {
        rf_apply_note(event, ret);
    } else {
        note_odd_result(event, function, result, ret);
    }
    return false;
}

/* @stored  the events as history has them: by these a refused one is named */
static uint64_t
call_batch(const struct rf_plugin *plugin, void *state, const refold_event *const *events,
           const refold_event *const *stored, uint64_t count, struct rf_buf *ret_message)
{
    rf_values_begin_call();
    rf_world_before_call();
    uint64_t taken = plugin->table.apply_batch(state, events, count);
    if (taken > count || (taken == count && rf_values_rejected())) { /* of which, nobody knows */
        note_odd_result(stored[0], "apply_batch", (long long)taken, ret_message);
        return 0;
    }
    if (taken < count) {
        rf_apply_note(stored[taken], ret_message);
    }
    return taken;
}

/* @stored  the event as history has it: by that a refused one is named */
static bool
call_apply(const struct rf_plugin *plugin, void *state, const refold_event *event,
           const refold_event *stored, struct rf_buf *ret_message)
{
    rf_values_begin_call();
    rf_world_before_call();
    return judge_result(stored, "apply", plugin->table.apply(state, event), ret_message);
}

/* A program does all of it by itself. */
static uint64_t
call_program(const struct rf_plugin *plugin, const refold_event *const *events, uint64_t count,
             struct rf_buf *ret_message)
{
    rf_values_begin_call();
    uint64_t taken = rf_relay_apply(plugin->program, events, count);
    if (taken < count) {
        rf_apply_note(events[taken], ret_message);
    }
    return taken;
}

static bool
call_upcast(const struct rf_plugin *plugin, const refold_event *stored, refold_event *ret,
            struct rf_buf *ret_message)
{
    struct rf_buf why = {0};
    enum rf_upcast came = rf_upcast(plugin, stored, ret, &why);
    if (came == RF_UPCAST_REFUSED) {
        rf_apply_note(stored, ret_message);
    } else if (came == RF_UPCAST_ODD) {
        rf_buf_clear(ret_message);
        rf_buf_add(ret_message, stored->type.ptr, (size_t)stored->type.len);
        rf_buf_format(ret_message, ": %s", rf_buf_text(&why));
    }
    rf_buf_done(&why);
    return came == RF_UPCAST_DONE;
}

static bool
call_check(const struct rf_plugin *plugin, const void *state, const refold_event *event,
           const refold_event *stored, struct rf_buf *ret_message)
{
    rf_values_begin_again(event);
    rf_world_before_call();
    return judge_result(stored, "check", plugin->table.check(state, event), ret_message);
}

/* Through upcast, apply and check, as far as there are these. */
static bool
call_all(const struct rf_plugin *plugin, void *state, const refold_event *stored,
         struct rf_buf *ret_message)
{
    const refold_aggregate *table = &plugin->table;
    refold_event today = *stored;
    const refold_event *const given[] = {&today};
    if (table->upcast != NULL && !call_upcast(plugin, stored, &today, ret_message)) {
        return false;
    }
    bool taken = table->apply_batch != NULL
                     ? call_batch(plugin, state, given, &stored, 1, ret_message) == 1
                     : call_apply(plugin, state, &today, stored, ret_message);
    return taken &&
           (table->check == NULL || call_check(plugin, state, &today, stored, ret_message));
}

uint64_t
rf_apply_events(const struct rf_plugin *plugin, void *state, const refold_event *const *events,
                uint64_t count, struct rf_buf *ret_message)
{
    if (plugin->program != NULL) {
        return call_program(plugin, events, count, ret_message);
    }
    if (rf_plugin_takes_many(plugin)) {
        return call_batch(plugin, state, events, events, count, ret_message);
    }
    bool plain = plugin->table.upcast == NULL && plugin->table.check == NULL;
    uint64_t taken = 0;
    while (taken < count &&
           (plain ? call_apply(plugin, state, events[taken], events[taken], ret_message)
                  : call_all(plugin, state, events[taken], ret_message))) {
        taken++;
    }
    return taken;
}

uint64_t
rf_apply_followed(const struct rf_plugin *plugin, uint64_t limit, uint64_t *ret_count)
{
    rf_values_begin_call();
    return rf_relay_follow_events(plugin->program, limit, ret_count);
}
