/* SPDX-License-Identifier: MIT */
/* Commands to events, events to a state: the worker's end of a scenario. */
#include "worker/dispatch_loop.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/time.h"
#include "worker/answers.h"
#include "worker/apply.h"
#include "worker/dispatch_input.h"
#include "worker/emitted.h"
#include "worker/protocol.h"
#include "worker/relay.h"
#include "worker/values.h"

/* What a command made. */
struct made {
    struct rf_buf type;
    struct rf_buf data;
};

struct dispatch {
    const struct rf_plugin *plugin;
    struct rf_dispatch_input input;
    void *state;
    int64_t version; /* of the last event that was applied */
    uint64_t step;
    struct rf_buf line;
    struct rf_buf message;
};

/* ---- answers --------------------------------------------------------------------------------- */

static void
send_line(struct dispatch *dispatch)
{
    (void)fflush(stdout); /* what the aggregate printed: behind the last line the host ends us */
    rf_buf_string(&dispatch->line, "}\n");
    if (!rf_fd_write(RF_FD_NOTICES, dispatch->line.bytes, dispatch->line.used)) {
        rf_worker_fail("cannot write an answer: %s", strerror(errno));
    }
}

static void
begin_line(struct dispatch *dispatch)
{
    rf_buf_clear(&dispatch->line);
    rf_buf_format(&dispatch->line, "{\"step\":%llu", (unsigned long long)dispatch->step);
}

/* What comes next: should the worker die of it, the host knows where. */
static void
say_at(struct dispatch *dispatch, const char *member)
{
    begin_line(dispatch);
    rf_buf_byte(&dispatch->line, ',');
    rf_buf_string(&dispatch->line, member);
    send_line(dispatch);
}

static void
say_text(struct dispatch *dispatch, const char *what, const char *text, size_t bytes)
{
    begin_line(dispatch);
    rf_buf_format(&dispatch->line, ",\"%s\":", what);
    rf_canon_string(&dispatch->line, text, bytes);
    send_line(dispatch);
}

static bool __attribute__((format(printf, 2, 3)))
broken(struct dispatch *dispatch, const char *format, ...)
{
    va_list args;
    char text[512];
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    say_text(dispatch, "broken", text, rf_utf8_valid(text, strlen(text)));
    return false;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void
begin_member(struct rf_buf *out, const struct rf_buf *name, bool first)
{
    if (!first) {
        rf_buf_byte(out, ',');
    }
    rf_canon_string(out, name->bytes, name->used);
    rf_buf_byte(out, ':');
}

/* Appends the data as the envelope would hold it: an object has the id, version and time too. What
 * is there is left as it is written. */
static void
complete_data(const struct dispatch *dispatch, refold_string data, int64_t version, refold_time at,
              struct rf_buf *out)
{
    struct rf_json doc = {0};
    char time[RF_TIME_TEXT_BYTES];
    size_t time_bytes = rf_time_print((struct rf_time){at.seconds, at.nanos}, time);
    rf_json_skim(&doc, data.ptr, (size_t)data.len);
    if (doc.nodes[0].kind != RF_JSON_OBJECT) {
        rf_buf_add(out, data.ptr, (size_t)data.len);
        rf_json_done(&doc);
        return;
    }
    bool first = true;
    rf_buf_byte(out, '{');
    for (int i = 0; i < RF_MEMBER_COUNT; i++) {
        const struct rf_buf *name = &dispatch->input.members[i];
        if (name->used == 0 ||
            rf_json_member(&doc, 0, name->bytes, name->used, NULL) != RF_JSON_NONE) {
            continue;
        }
        begin_member(out, name, first);
        first = false;
        if (i == RF_MEMBER_ID) {
            rf_canon_string(out, dispatch->input.id.bytes, dispatch->input.id.used);
        } else if (i == RF_MEMBER_VERSION) {
            rf_canon_int64(out, version);
        } else {
            rf_canon_string(out, time, time_bytes);
        }
    }
    if (doc.nodes[0].count > 0 && !first) {
        rf_buf_byte(out, ',');
    }
    size_t start = doc.nodes[0].start + 1;
    rf_buf_add(out, data.ptr + start, doc.nodes[0].end - start);
    rf_json_done(&doc);
}

/* @values  of the event's data; borrowed as long as the event is used */
static refold_event
make_event(const struct dispatch *dispatch, refold_string type, struct rf_event_values *values,
           int64_t version, refold_time at)
{
    return (refold_event){
        .size = sizeof(refold_event),
        .version = version,
        .at = at,
        .aggregate = {dispatch->input.aggregate.bytes, dispatch->input.aggregate.used},
        .id = {dispatch->input.id.bytes, dispatch->input.id.used},
        .type = type,
        .host = rf_values_host(),
        .host_data = values,
    };
}

/* Applies one event whose data is complete; it is the step's event number `number`. */
static bool
apply_event(struct dispatch *dispatch, uint64_t number, refold_event *event)
{
    const refold_event *const list[] = {event};
    begin_line(dispatch);
    rf_buf_format(&dispatch->line, ",\"event\":%llu", (unsigned long long)number);
    send_line(dispatch);
    bool taken = false;
    if (!rf_plugin_kind(dispatch->plugin, event->type.ptr, (size_t)event->type.len, &event->kind)) {
        rf_apply_unhandled(event, &dispatch->message);
    } else {
        taken = rf_apply_events(dispatch->plugin, dispatch->state, list, 1, &dispatch->message) > 0;
    }
    if (taken) {
        dispatch->version = event->version;
        return true;
    }
    begin_line(dispatch);
    rf_buf_format(&dispatch->line, ",\"event\":%llu,\"refused\":", (unsigned long long)number);
    rf_canon_string(&dispatch->line, dispatch->message.bytes, dispatch->message.used);
    send_line(dispatch);
    return false;
}

static bool
play_event(struct dispatch *dispatch, uint32_t step)
{
    struct rf_buf type = {0};
    struct rf_buf data = {0};
    int64_t version = rf_dispatch_number(&dispatch->input, step, "version");
    refold_time at = rf_dispatch_time(&dispatch->input, step);
    rf_dispatch_text(&dispatch->input, step, "event", &type);
    complete_data(dispatch, rf_dispatch_data(&dispatch->input, step), version, at, &data);
    struct rf_event_values values = {.text = {data.bytes, data.used}};
    refold_event event =
        make_event(dispatch, (refold_string){type.bytes, type.used}, &values, version, at);
    bool taken = apply_event(dispatch, 0, &event);
    rf_buf_done(&type);
    rf_buf_done(&data);
    return taken;
}

/* ---- commands -------------------------------------------------------------------------------- */

static bool
read_emitted(struct dispatch *dispatch, size_t index, int64_t version, refold_time at,
             struct made *ret)
{
    struct rf_buf own = {0};
    struct rf_buf why = {0};
    bool good = rf_emitted_read(index, &ret->type, &own, &why);
    if (good) {
        complete_data(dispatch, (refold_string){own.bytes, own.used}, version, at, &ret->data);
    } else {
        (void)broken(dispatch, "%s", rf_buf_text(&why));
    }
    rf_buf_done(&own);
    rf_buf_done(&why);
    return good;
}

static void
free_made(struct made *made, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rf_buf_done(&made[i].type);
        rf_buf_done(&made[i].data);
    }
    free(made);
}

/* Takes what handle emitted, before another call makes it stale, and tells the host. NULL where it
 * is broken. */
static struct made *
take_made(struct dispatch *dispatch, refold_time at, size_t *ret_count)
{
    bool cut;
    size_t count = rf_values_event_count(&cut);
    *ret_count = count;
    if (cut) {
        struct rf_buf why = {0};
        rf_emitted_cut(&why);
        (void)broken(dispatch, "%s", rf_buf_text(&why));
        rf_buf_done(&why);
        return NULL;
    }
    struct made *made = rf_calloc(count + 1, sizeof(*made));
    for (size_t i = 0; i < count; i++) {
        if (!read_emitted(dispatch, i, dispatch->version + 1 + (int64_t)i, at, &made[i])) {
            free_made(made, count);
            return NULL;
        }
    }
    begin_line(dispatch);
    rf_buf_string(&dispatch->line, ",\"made\":[");
    for (size_t i = 0; i < count; i++) {
        rf_buf_string(&dispatch->line, i == 0 ? "{\"type\":" : ",{\"type\":");
        rf_canon_string(&dispatch->line, made[i].type.bytes, made[i].type.used);
        rf_buf_string(&dispatch->line, ",\"data\":");
        rf_buf_add(&dispatch->line, made[i].data.bytes, made[i].data.used);
        rf_buf_byte(&dispatch->line, '}');
    }
    rf_buf_byte(&dispatch->line, ']');
    send_line(dispatch);
    return made;
}

/* Hands the command to the aggregate. True where it made events, of which there may be none. */
static bool
call_handle(struct dispatch *dispatch, const refold_event *command, bool *ret_refused)
{
    const char *text;
    size_t bytes;
    *ret_refused = false;
    say_at(dispatch, "\"handle\":true");
    rf_values_begin_command();
    struct rf_buf why = {0};
    int32_t result = rf_plugin_handle(dispatch->plugin, dispatch->state, command, &why);
    bool rejected = rf_values_rejection(&text, &bytes);
    if (result == REFOLD_REJECTED) {
        *ret_refused = true;
        say_text(dispatch, "refused", text, rejected ? bytes : 0);
        return false;
    }
    if (result != REFOLD_OK) {
        (void)broken(dispatch, "%s", rf_buf_text(&why));
        rf_buf_done(&why);
        return false;
    }
    if (rejected) {
        return broken(dispatch, "handle called refold_reject, and did not return what it returned");
    }
    return true;
}

static bool
play_command(struct dispatch *dispatch, uint32_t step)
{
    struct rf_buf name = {0};
    refold_time at = rf_dispatch_time(&dispatch->input, step);
    rf_dispatch_text(&dispatch->input, step, "command", &name);
    struct rf_event_values asked = {.text = rf_dispatch_data(&dispatch->input, step)};
    refold_event command =
        make_event(dispatch, (refold_string){name.bytes, name.used}, &asked, dispatch->version, at);
    if (!rf_plugin_handles(dispatch->plugin) ||
        !rf_plugin_command_kind(dispatch->plugin, name.bytes, name.used, &command.kind)) {
        rf_worker_fail("the aggregate does not take this command");
    }
    bool going_on = true;
    bool refused;
    size_t count = 0;
    if (call_handle(dispatch, &command, &refused)) {
        struct made *made = take_made(dispatch, at, &count);
        going_on = made != NULL;
        for (size_t i = 0; going_on && i < count; i++) {
            struct rf_event_values values = {.text = {made[i].data.bytes, made[i].data.used}};
            refold_event event =
                make_event(dispatch, (refold_string){made[i].type.bytes, made[i].type.used},
                           &values, dispatch->version + 1, at);
            going_on = apply_event(dispatch, i, &event);
        }
        if (made != NULL) {
            free_made(made, count);
        }
    } else {
        going_on = refused;
    }
    rf_buf_done(&name);
    return going_on;
}

/* ---- the scenario ---------------------------------------------------------------------------- */

static bool
play_state(struct dispatch *dispatch)
{
    struct rf_buf text = {0};
    struct rf_buf why = {0};
    say_at(dispatch, "\"snapshot\":true");
    uint32_t status = rf_plugin_snapshot(dispatch->plugin, dispatch->state, &text, &why);
    if (status == RF_STATUS_OK) {
        begin_line(dispatch);
        rf_buf_string(&dispatch->line, ",\"state\":");
        rf_buf_add(&dispatch->line, text.bytes, text.used);
        send_line(dispatch);
    } else if (status == RF_STATUS_NONFINITE) {
        (void)broken(dispatch, "the state holds a NaN or infinity at %s", rf_buf_text(&why));
    } else {
        (void)broken(dispatch, "%s", rf_buf_text(&why));
    }
    rf_buf_done(&text);
    rf_buf_done(&why);
    return status == RF_STATUS_OK;
}

/* Until the host has taken what was printed so far: that was of loading. */
static void
await_beginning(void)
{
    char byte;
    size_t got;
    if (!rf_fd_read(RF_FD_NOTICES, &byte, 1, &got) || got != 1) {
        rf_worker_fail("the host does not say that the scenario begins");
    }
}

void
rf_dispatch_loop(const struct rf_plugin *plugin)
{
    struct dispatch dispatch = {.plugin = plugin};
    rf_dispatch_input_open(&dispatch.input);
    dispatch.version = dispatch.input.version;
    rf_buf_format(&dispatch.line, "{\"hello\":%d", RF_HOST_PROTOCOL);
    send_line(&dispatch);
    await_beginning();
    rf_values_begin_instance();
    rf_plugin_name(plugin,
                   (refold_string){dispatch.input.aggregate.bytes, dispatch.input.aggregate.used},
                   (refold_string){dispatch.input.id.bytes, dispatch.input.id.used});
    dispatch.state = rf_plugin_state_new(plugin);
    if (dispatch.state == NULL) {
        rf_worker_fail("create returned NULL");
    }
    uint32_t steps = rf_dispatch_need(&dispatch.input, 0, "steps", RF_JSON_ARRAY);
    uint32_t step = steps + 1;
    bool going_on = true;
    for (uint32_t i = 0; going_on && i < dispatch.input.doc.nodes[steps].count; i++) {
        dispatch.step = i;
        if (rf_dispatch_has(&dispatch.input, step, "event")) {
            going_on = play_event(&dispatch, step);
        } else if (rf_dispatch_has(&dispatch.input, step, "command")) {
            going_on = play_command(&dispatch, step);
        } else {
            going_on = play_state(&dispatch);
        }
        step = dispatch.input.doc.nodes[step].next;
    }
    /* The end comes behind the last call of the aggregate: what dies of that did not end well. */
    rf_plugin_state_free(plugin, dispatch.state);
    if (plugin->program != NULL) {
        rf_relay_probe(plugin->program);
    }
    rf_relay_quit(plugin->program);
    if (going_on) {
        rf_buf_clear(&dispatch.line);
        rf_buf_format(&dispatch.line, "{\"end\":%u", dispatch.input.doc.nodes[steps].count);
        send_line(&dispatch);
    }
}
