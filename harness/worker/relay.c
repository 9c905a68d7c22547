/* SPDX-License-Identifier: MIT */
/* The relay: a worker whose aggregate is a program. */
#include "worker/relay_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "worker/answers.h"
#include "worker/own_state.h"
#include "worker/protocol.h"
#include "worker/relay_end.h"
#include "worker/values.h"

/** EVENTS are closed once they have so many bytes. */
#define EVENTS_BYTES ((size_t)1 << 20)

/** No answer is due. */
static bool
is_idle(const struct rf_relay *relay)
{
    return relay->talk.due_front == relay->talk.due_count;
}

void
rf_relay_await(struct rf_relay *relay, uint64_t number, struct rf_spoken *ret)
{
    /* How long it takes is the host's to watch. */
    enum rf_talk_end end = rf_talk_await(&relay->talk, number, -1, ret);
    /* What it did behind the last answer that is due, it did for no reason but this one. */
    if (end == RF_TALK_ANSWERED && is_idle(relay)) {
        end = rf_talk_standing(&relay->talk);
    }
    if (end != RF_TALK_ANSWERED) {
        rf_relay_fall(relay->pid, &relay->talk, end);
    }
}

/* ---- an instance ----------------------------------------------------------------------------- */

void
rf_relay_begin(struct rf_relay *relay, refold_string aggregate, refold_string id)
{
    rf_buf_clear(&relay->aggregate);
    rf_buf_add(&relay->aggregate, aggregate.ptr, (size_t)aggregate.len);
    rf_buf_clear(&relay->id);
    rf_buf_add(&relay->id, id.ptr, (size_t)id.len);
    relay->begun = false;
    relay->taken = 0;
}

/** @snapshot  or NULL. Returns the number of what is answered where there is one. */
static uint64_t
begin(struct rf_relay *relay, const char *snapshot, size_t bytes)
{
    relay->begun = true;
    return rf_talk_begin(&relay->talk, relay->member, relay->aggregate.bytes, relay->aggregate.used,
                         relay->id.bytes, relay->id.used, snapshot, bytes);
}

static void
ensure_begun(struct rf_relay *relay)
{
    if (!relay->begun) {
        (void)begin(relay, NULL, 0);
    }
}

/** An instance is over: where none follows yet, what its program died of must be told now, while
 * the instance is not answered. */
static void
look_behind(struct rf_relay *relay)
{
    siginfo_t info;
    if (!is_idle(relay)) {
        return;
    }
    bool ended = rf_relay_has_ended(relay, &info);
    enum rf_talk_end end = rf_talk_look(&relay->talk);
    if (ended && end == RF_TALK_ANSWERED) {
        end = RF_TALK_ENDED; /* someone else holds its output open */
    }
    if (end != RF_TALK_ANSWERED) {
        rf_relay_fall(relay->pid, &relay->talk, end);
    }
}

void
rf_relay_end(struct rf_relay *relay)
{
    struct rf_spoken spoken;
    if (relay->follows) {
        rf_relay_take_sent(relay, RF_FRAME_END, &spoken);
        relay->follows = false;
    } else if (relay->begun) {
        rf_relay_await(relay, rf_talk_end(&relay->talk), &spoken);
        relay->begun = false;
    }
    look_behind(relay);
}

void
rf_relay_probe(struct rf_relay *relay)
{
    struct rf_spoken spoken;
    if (!is_idle(relay)) {
        rf_worker_fail("an answer is due behind the last instance");
    }
    (void)begin(relay, NULL, 0);
    rf_relay_await(relay, rf_talk_end(&relay->talk), &spoken);
    relay->begun = false;
}

/** A text of the program's, as UTF-8: what is none becomes '?'. Borrowed until the next one. */
static const struct rf_buf *
clean(struct rf_relay *relay, const char *text, size_t bytes)
{
    rf_buf_clear(&relay->clean);
    for (size_t at = 0; at < bytes;) {
        bool cut;
        size_t whole = rf_utf8_next(text + at, bytes - at, &cut);
        rf_buf_add(&relay->clean, whole == 0 ? "?" : text + at, whole == 0 ? 1 : whole);
        at += whole == 0 ? 1 : whole;
    }
    return &relay->clean;
}

/** The same for a sentence in a message. */
static void
add_reason(struct rf_relay *relay, const char *text, size_t bytes, struct rf_buf *out)
{
    const struct rf_buf *whole =
        clean(relay, text, bytes < RF_REJECT_BYTES ? bytes : RF_REJECT_BYTES);
    rf_buf_add(out, whole->bytes, whole->used);
}

rf_code
rf_relay_restore(struct rf_relay *relay, const char *json, size_t bytes, struct rf_err *reterr)
{
    struct rf_spoken spoken;
    const struct rf_descriptor_member *member = rf_relay_member(relay);
    if (!member->restores) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "%s cannot begin with a snapshot: it does not say that it \"restores\"",
                       member->name);
    }
    rf_relay_await(relay, begin(relay, json, bytes), &spoken);
    if (spoken.status == RF_SPOKEN_OK) {
        return RF_OK;
    }
    struct rf_buf why = {0};
    add_reason(relay, spoken.text, spoken.text_bytes, &why);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, NULL, "%s", rf_buf_text(&why));
    rf_buf_done(&why);
    return code;
}

/* ---- events ---------------------------------------------------------------------------------- */

/** The number of a name, which the program is told before it first comes. */
static uint32_t
number_of(struct rf_relay *relay, refold_string name)
{
    uint32_t number;
    struct rf_lately *lately = &relay->lately[((uintptr_t)name.ptr >> 2) % RF_RELAY_LATELY];
    if (name.len > 0 && rf_bytes_same(name.ptr, (size_t)name.len, lately->name, lately->bytes)) {
        return lately->number;
    }
    bool fresh = rf_numbers_take(&relay->numbers, name.ptr, (size_t)name.len, &number);
    if (name.len <= sizeof(lately->name)) {
        *lately = (struct rf_lately){.bytes = (uint8_t)name.len, .number = number};
        memcpy(lately->name, name.ptr, (size_t)name.len);
    }
    if (fresh) {
        rf_talk_type(&relay->talk, number, name.ptr, (size_t)name.len);
    }
    return number;
}

/** Of a declared type that is found without looking at its name. */
static uint32_t
number_of_type(struct rf_relay *relay, const refold_event *event)
{
    const struct rf_descriptor_member *member = rf_relay_member(relay);
    size_t row = (size_t)event->kind;
    if (row >= member->type_count || strcmp(member->types[row], "*") == 0) {
        return number_of(relay, event->type);
    }
    if (relay->declared[row] == 0) {
        relay->declared[row] = number_of(relay, event->type) + 1;
    }
    return relay->declared[row] - 1;
}

/** Appends an event, or a command, as a record. */
static void
add_record(struct rf_relay *relay, const refold_event *event, uint32_t type)
{
    const struct rf_event_values *values = event->host_data;
    const struct rf_talk_record record = {
        .type = type,
        .timed = event->at.set != 0,
        .nanos = event->at.nanos,
        .version = event->version,
        .seconds = event->at.seconds,
    };
    rf_talk_open_record(&relay->talk, &record);
    if (values->text.ptr == NULL) {
        rf_stencil_fill(values->mould->stencil, 0, values->tokens, values->ends, &relay->talk.out);
    } else {
        rf_buf_add(&relay->talk.out, values->text.ptr, (size_t)values->text.len);
    }
    rf_talk_close_record(&relay->talk);
}

/** Events that go out in one frame, at most. */
#define EVENTS_COUNT 256

uint64_t
rf_relay_put_events(struct rf_relay *relay, const refold_event *const *events, uint64_t count,
                    uint64_t *ret_sent)
{
    uint32_t types[EVENTS_COUNT];
    uint64_t most = count < EVENTS_COUNT ? count : EVENTS_COUNT;
    uint64_t sent = 0;
    for (uint64_t i = 0; i < most; i++) {
        types[i] = number_of_type(relay, events[i]);
    }
    rf_talk_open(&relay->talk, RF_FRAME_EVENTS);
    size_t before = relay->talk.out.used;
    while (sent < most && relay->talk.out.used - before < EVENTS_BYTES) {
        add_record(relay, events[sent], types[sent]);
        sent++;
    }
    *ret_sent = sent;
    return rf_talk_close(&relay->talk);
}

uint64_t
rf_relay_apply(struct rf_relay *relay, const refold_event *const *events, uint64_t count)
{
    uint64_t taken = 0;
    ensure_begun(relay);
    while (taken < count) {
        uint64_t sent;
        struct rf_spoken spoken;
        rf_relay_await(relay, rf_relay_put_events(relay, events + taken, count - taken, &sent),
                       &spoken);
        uint64_t before = relay->taken;
        relay->taken = spoken.applied;
        if (spoken.status == RF_SPOKEN_REFUSED) {
            taken += spoken.applied - before;
            events[taken]->host->reject(events[taken], spoken.text, spoken.text_bytes);
            return taken;
        }
        taken += sent;
    }
    return taken;
}

/* ---- states ---------------------------------------------------------------------------------- */

static uint32_t
take_state(struct rf_relay *relay, const struct rf_spoken *spoken, struct rf_buf *out,
           struct rf_buf *ret_why)
{
    struct rf_err err;
    size_t before = out->used;
    if (spoken->text_bytes > relay->state_bytes / 2) {
        relay->state_bytes =
            spoken->text_bytes > relay->state_bytes ? spoken->text_bytes : relay->state_bytes;
    } else {
        relay->state_bytes -= relay->state_bytes / 64;
    }
    if (spoken->text_bytes > RF_LIMIT_STATE_BYTES) {
        rf_buf_string(ret_why, "the state's JSON is longer than 64 MiB");
        return RF_STATUS_BROKEN;
    }
    if (rf_json_read_whole(&relay->doc, spoken->text, spoken->text_bytes, &err) != RF_OK) {
        if (err.code != RF_ERR_LIMIT) {
            rf_relay_accuse(relay->pid, "the state in its STATE is no JSON: byte %llu: %s",
                            (unsigned long long)err.offset_bytes, err.text);
        }
    } else if (rf_json_canonical(&relay->doc, 0, false, out, &err) == RF_OK) {
        if (out->used - before > RF_LIMIT_STATE_BYTES) {
            rf_buf_string(ret_why, "the state's JSON is longer than 64 MiB");
        } else if (rf_own_state_is_exact(&relay->doc, ret_why)) {
            return RF_STATUS_OK;
        }
        out->used = before;
        return RF_STATUS_BROKEN;
    }
    out->used = before;
    rf_buf_format(ret_why, "the state: byte %llu: %s", (unsigned long long)err.offset_bytes,
                  err.text);
    return RF_STATUS_BROKEN;
}

uint32_t
rf_relay_snapshot(struct rf_relay *relay, struct rf_buf *out, struct rf_buf *ret_why)
{
    struct rf_spoken spoken;
    rf_buf_clear(ret_why);
    if (relay->follows) {
        (void)rf_relay_take_sent(relay, RF_FRAME_STATE, &spoken);
    } else {
        ensure_begun(relay);
        rf_relay_await(relay, rf_talk_state(&relay->talk), &spoken);
    }
    switch (spoken.status) {
    case RF_SPOKEN_OK:
        return take_state(relay, &spoken, out, ret_why);
    case RF_SPOKEN_NONFINITE:
        /* Not RF_STATUS_NONFINITE: what else the state holds is not told, so that two states could
         * not be told apart. */
        rf_buf_string(ret_why, "the state holds NaN or infinity");
        rf_buf_string(ret_why, spoken.text_bytes == 0 ? "" : " at ");
        add_reason(relay, spoken.text, spoken.text_bytes, ret_why);
        return RF_STATUS_BROKEN;
    default:
        add_reason(relay, spoken.text, spoken.text_bytes, ret_why);
        return RF_STATUS_BROKEN;
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

/** Hands on what a command made as a library's `handle` would emit it: what is no type or no JSON
 * is found there. */
static void
emit_events(const refold_event *command, const struct rf_spoken *spoken)
{
    struct rf_buf text = {0};
    size_t at = 0;
    for (uint32_t i = 0; i < spoken->count; i++) {
        const char *type;
        const char *data;
        size_t type_bytes;
        size_t data_bytes;
        rf_spoken_next(spoken, &at, &type, &type_bytes, &data, &data_bytes);
        rf_buf_clear(&text);
        rf_buf_string(&text, "{\"type\":");
        rf_canon_string(&text, type, type_bytes);
        rf_buf_string(&text, ",\"data\":");
        rf_buf_add(&text, data, data_bytes);
        rf_buf_byte(&text, '}');
        command->host->emit(text.bytes, text.used);
    }
    rf_buf_done(&text);
}

int32_t
rf_relay_handle(struct rf_relay *relay, const refold_event *command, struct rf_buf *ret_why)
{
    struct rf_spoken spoken;
    ensure_begun(relay);
    uint32_t name = number_of(relay, command->type);
    rf_talk_open(&relay->talk, RF_FRAME_COMMAND);
    add_record(relay, command, name);
    rf_relay_await(relay, rf_talk_close(&relay->talk), &spoken);
    switch (spoken.status) {
    case RF_SPOKEN_OK:
        emit_events(command, &spoken);
        return REFOLD_OK;
    case RF_SPOKEN_REFUSED:
        command->host->reject(command, spoken.text, spoken.text_bytes);
        return REFOLD_REJECTED;
    default:
        add_reason(relay, spoken.text, spoken.text_bytes, ret_why);
        return -1;
    }
}
