/* SPDX-License-Identifier: MIT */
/* Requests to events, events to states, states to answers. */
#include "worker/fold_loop.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "worker/answers.h"
#include "worker/apply.h"
#include "worker/input.h"
#include "worker/protocol.h"
#include "worker/resume.h"
#include "worker/tidy.h"
#include "worker/trail.h"
#include "worker/values.h"
#include "worker/world.h"

/* Events that apply_batch gets at once. */
#define BATCH_EVENTS 256

/* What is known of a name as an event type; found out when it first comes. */
struct known_type {
    int32_t kind;
    enum { TYPE_NEW, TYPE_DECLARED, TYPE_UNDECLARED } state;
};

struct loop {
    const struct rf_plugin *plugin;
    struct rf_input input;
    struct known_type *types; /* by name number */
    struct rf_mould **moulds; /* by name number; NULL where it was not needed yet */
    struct rf_stencils stencils;
    struct rf_answers answers;
    struct rf_buf text;     /* of the state at hand */
    struct rf_buf previous; /* of the last TRACE */
    uint32_t previous_status;
    struct rf_buf why;     /* why there is no text */
    struct rf_trail trail; /* of the instance at hand */
    struct rf_buf message; /* of a rejection */
    refold_event events[BATCH_EVENTS];
    struct rf_event_values values[BATCH_EVENTS]; /* of the events */
    const refold_event *event_list[BATCH_EVENTS];
    const struct rf_packed_event *packed[BATCH_EVENTS];
};

/* The instance at hand. */
struct instance {
    const struct rf_request *request;
    const struct rf_request_event *events; /* request->count */
    uint64_t number;                       /* in the batch */
    refold_string aggregate;
    void *state;
    uint64_t applied;
    uint64_t digest; /* of the applied events */
};

/* ---- events ---------------------------------------------------------------------------------- */

static refold_string
name_text(const struct loop *loop, uint32_t number)
{
    const struct rf_names_entry *entry = rf_input_name(&loop->input, number);
    return (refold_string){(const char *)loop->input.names.bytes + entry->offset, entry->bytes};
}

static bool
find_kind(struct loop *loop, uint32_t type, int32_t *ret)
{
    refold_string name = name_text(loop, type);
    struct known_type *known = &loop->types[type];
    if (known->state == TYPE_NEW) {
        known->state = rf_plugin_kind(loop->plugin, name.ptr, (size_t)name.len, &known->kind)
                           ? TYPE_DECLARED
                           : TYPE_UNDECLARED;
    }
    *ret = known->kind;
    return known->state == TYPE_DECLARED;
}

static struct rf_mould *
find_mould(struct loop *loop, const struct rf_packed_event *packed)
{
    refold_string text = name_text(loop, packed->stencil); /* its number is checked with that */
    struct rf_mould *mould = loop->moulds[packed->stencil];
    if (mould == NULL) {
        mould = rf_calloc(1, sizeof(*mould));
        mould->stencil =
            rf_stencils_find(&loop->stencils, packed->stencil, text.ptr, (size_t)text.len);
        loop->moulds[packed->stencil] = mould;
    }
    if (mould->stencil == NULL || mould->stencil->count != packed->holes) {
        rf_worker_fail("an event does not fit its stencil");
    }
    return mould;
}

/* Where the event's data is; nothing of it is read before it is asked for. */
static void
take_data(struct loop *loop, const struct rf_packed_event *packed, struct rf_event_values *ret)
{
    ret->tokens = rf_packed_tokens(packed);
    ret->ends = rf_packed_ends(packed);
    if (packed->holes == 0) {
        ret->mould = NULL;
        ret->text = (refold_string){ret->tokens, packed->data_bytes};
    } else {
        ret->mould = find_mould(loop, packed);
        ret->text = (refold_string){NULL, 0};
    }
}

/* Fills place `place` of the loop's events with event `index` of the instance. False where the
 * aggregate does not declare its type. */
static bool
take_event(struct loop *loop, const struct instance *instance, uint64_t index, size_t place)
{
    if (index + RF_INPUT_AHEAD < instance->request->count) {
        rf_input_ask(&loop->input, instance->events[index + RF_INPUT_AHEAD].ref);
    }
    const struct rf_packed_event *packed =
        rf_input_event(&loop->input, instance->events[index].ref);
    bool timed = (packed->flags & RF_EVENT_AT) != 0;
    refold_event *event = &loop->events[place];
    loop->packed[place] = packed;
    event->size = sizeof(*event);
    event->version = instance->events[index].version;
    event->at.seconds = timed ? packed->at_seconds : 0;
    event->at.nanos = timed ? packed->at_nanos : 0;
    event->at.set = timed;
    event->aggregate = instance->aggregate;
    event->id = (refold_string){rf_packed_id(packed), packed->id_bytes};
    event->type = name_text(loop, packed->type);
    take_data(loop, packed, &loop->values[place]);
    event->host = rf_values_host();
    event->host_data = &loop->values[place];
    return find_kind(loop, packed->type, &event->kind);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void
answer(struct loop *loop, const struct instance *instance, uint32_t kind, uint32_t status,
       const struct rf_buf *text)
{
    struct rf_answer answer = {
        .kind = kind,
        .status = status,
        .instance = instance->number,
        .applied = instance->applied,
        .digest = instance->digest,
    };
    rf_answers_send(&loop->answers, &answer, text);
}

static void
answer_trace(struct loop *loop, const struct instance *instance, uint32_t status,
             const struct rf_buf *text)
{
    if (instance->applied > 0 && status == loop->previous_status &&
        rf_bytes_same(text->bytes, text->used, loop->previous.bytes, loop->previous.used)) {
        return;
    }
    answer(loop, instance, RF_ANSWER_TRACE, status, text);
    loop->previous_status = status;
    rf_buf_clear(&loop->previous);
    rf_buf_add(&loop->previous, text->bytes, text->used);
}

static void
answer_trail(struct loop *loop, const struct instance *instance)
{
    if (loop->trail.hashes.used > 0) {
        answer(loop, instance, RF_ANSWER_TRAIL, RF_STATUS_OK, &loop->trail.hashes);
        rf_buf_clear(&loop->trail.hashes);
    }
}

static void
answer_calls(struct loop *loop, const struct instance *instance)
{
    if (instance->request->flags & RF_REQUEST_CALLS) {
        rf_buf_clear(&loop->text);
        rf_world_tell_calls(&loop->text);
        answer(loop, instance, RF_ANSWER_CALLS, RF_STATUS_OK, &loop->text);
    }
}

/* Gives the answers that are due once `applied` events are applied. */
static void
answer_applied(struct loop *loop, const struct instance *instance)
{
    const struct rf_request *request = instance->request;
    bool traced =
        (request->flags & RF_REQUEST_TRACE) && instance->applied <= request->snapshot_after;
    bool wanted = instance->applied == request->snapshot_after;
    if ((request->flags & RF_REQUEST_STEP) && instance->applied == request->count) {
        rf_notice_send(RF_NOTICE_STEP, instance->number, request->count);
    }
    if ((request->flags & RF_REQUEST_TRAIL) &&
        rf_trail_note(&loop->trail, loop->plugin, instance->state)) {
        answer_trail(loop, instance);
    }
    if (!traced && !wanted) {
        return;
    }
    rf_buf_clear(&loop->text);
    rf_buf_clear(&loop->why);
    uint32_t status = rf_plugin_snapshot(loop->plugin, instance->state, &loop->text, &loop->why);
    const struct rf_buf *text = status == RF_STATUS_OK ? &loop->text : &loop->why;
    if (traced) {
        answer_trace(loop, instance, status, text);
    }
    if (wanted) {
        answer(loop, instance, RF_ANSWER_STATE, status, text);
    }
}

/* ---- folding --------------------------------------------------------------------------------- */

/* Applies up to `limit` (at least 1) of the instance's next events. False where one was refused:
 * `applied` is its place then. */
static bool
fold_some(struct loop *loop, struct instance *instance, uint64_t limit)
{
    uint64_t count = 0;
    bool declared = true;
    while (count < limit && declared) {
        declared = take_event(loop, instance, instance->applied + count, (size_t)count);
        count += declared;
    }
    uint64_t taken = count == 0 ? 0
                                : rf_apply_events(loop->plugin, instance->state, loop->event_list,
                                                  count, &loop->message);
    if (taken == count && !declared) {
        rf_apply_unhandled(&loop->events[count], &loop->message);
    }
    for (uint64_t i = 0; i < taken; i++) {
        const struct rf_packed_event *packed = loop->packed[i];
        instance->digest = rf_digest_event(instance->digest, packed, loop->events[i].version,
                                           rf_input_name(&loop->input, packed->type)->hash);
    }
    instance->applied += taken;
    return taken == count && declared;
}

/* Applies events until `end` of them are applied, answering on the way where `answering`. */
static bool
fold_until(struct loop *loop, struct instance *instance, uint64_t end, bool answering)
{
    const struct rf_request *request = instance->request;
    bool single = !rf_plugin_takes_many(loop->plugin) ||
                  (request->flags & (RF_REQUEST_TRACE | RF_REQUEST_STEP | RF_REQUEST_TRAIL)) != 0;
    uint64_t most = single ? 1 : BATCH_EVENTS;
    while (instance->applied < end) {
        uint64_t border =
            instance->applied < request->snapshot_after ? request->snapshot_after : request->count;
        border = border < end ? border : end;
        uint64_t left = border - instance->applied;
        if (answering && (request->flags & RF_REQUEST_STEP)) {
            rf_notice_send(RF_NOTICE_STEP, instance->number, instance->applied);
        }
        if (!fold_some(loop, instance, left < most ? left : most)) {
            return false;
        }
        if (answering) {
            answer_applied(loop, instance);
        }
    }
    return true;
}

/* Its id stands in its first event; one without events has none here. */
static refold_string
find_id(const struct loop *loop, const struct instance *instance)
{
    if (instance->request->count == 0) {
        return (refold_string){"", 0};
    }
    const struct rf_packed_event *first = rf_input_event(&loop->input, instance->events[0].ref);
    return (refold_string){rf_packed_id(first), first->id_bytes};
}

/* Makes the state that the first event goes on. False where that cannot be done: `why` says it. */
static bool
begin_state(struct loop *loop, struct instance *instance)
{
    const struct rf_request_start *start = rf_resume_start(instance->request);
    rf_values_begin_instance();
    instance->applied = 0;
    instance->digest = start == NULL ? 0 : start->digest;
    rf_plugin_name(loop->plugin, instance->aggregate, find_id(loop, instance));
    instance->state = rf_plugin_state_new(loop->plugin);
    if (instance->state == NULL) {
        rf_worker_fail("create returned NULL");
    }
    return start == NULL ||
           rf_resume_state(loop->plugin, start, instance->state, &loop->text, &loop->why);
}

/* The state before the refused event: what that event has changed must not show. */
static void
answer_rebuilt(struct loop *loop, struct instance *instance)
{
    struct rf_buf message = loop->message; /* kept from a second refusal */
    uint64_t refused = instance->applied;
    uint64_t digest = instance->digest;
    loop->message = (struct rf_buf){0};
    rf_plugin_state_free(loop->plugin, instance->state);
    bool begun = begin_state(loop, instance);
    uint32_t status = RF_STATUS_BROKEN;
    if (!begun) {
        instance->applied = refused;
        instance->digest = digest;
    } else if (fold_until(loop, instance, refused, false)) {
        rf_buf_clear(&loop->text);
        rf_buf_clear(&loop->why);
        status = rf_plugin_snapshot(loop->plugin, instance->state, &loop->text, &loop->why);
    } else {
        rf_buf_clear(&loop->why);
        rf_buf_format(&loop->why,
                      "impure: event %llu was taken first, and refused when folded again",
                      (unsigned long long)instance->applied);
        instance->applied = refused;
        instance->digest = digest;
    }
    answer(loop, instance, RF_ANSWER_STATE, status,
           status == RF_STATUS_OK ? &loop->text : &loop->why);
    rf_buf_done(&loop->message);
    loop->message = message;
}

static void
fold_instance(struct loop *loop, const struct rf_request *request, uint64_t number)
{
    static const struct rf_buf nothing = {0};
    struct instance instance = {
        .request = request,
        .events = rf_request_events(request),
        .number = number,
    };
    instance.aggregate = name_text(loop, request->aggregate);
    rf_world_begin_instance();
    rf_trail_begin(&loop->trail, instance.aggregate);
    if (!begin_state(loop, &instance)) {
        rf_plugin_state_free(loop->plugin, instance.state);
        rf_tidy_instance();
        answer(loop, &instance, RF_ANSWER_STATE, RF_STATUS_BROKEN, &loop->why);
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_BROKEN, &nothing);
        return;
    }
    answer_applied(loop, &instance);
    bool taken = fold_until(loop, &instance, request->count, true);
    answer_trail(loop, &instance);
    if (!taken && instance.applied < request->snapshot_after) {
        answer_rebuilt(loop, &instance);
    }
    answer_calls(loop, &instance); /* its own: what comes next tidies up behind it */
    /* END comes behind the last call of the aggregate: what dies of that call is not answered. */
    rf_plugin_state_free(loop->plugin, instance.state);
    rf_tidy_instance();
    if (taken) {
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_OK, &nothing);
    } else {
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_REJECTED, &loop->message);
    }
}

static void
fold_batch(struct loop *loop, const struct rf_command *command)
{
    rf_input_map_requests(&loop->input, command->file_bytes);
    uint64_t offset = command->offset;
    for (uint64_t i = 0; i < command->instances; i++) {
        const struct rf_request *request = rf_input_request(&loop->input, offset);
        offset += request->bytes;
        if (i + 1 < command->instances) {
            rf_input_ask_first(&loop->input, rf_input_request(&loop->input, offset));
        }
        fold_instance(loop, request, i);
    }
    rf_tidy_batch();
    rf_answers_end_batch(&loop->answers, command->batch);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void
keep_from_children(int fd)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void
open_files(struct loop *loop, size_t arena_count)
{
    rf_input_open(&loop->input, arena_count);
    loop->types = rf_calloc((size_t)loop->input.name_count, sizeof(*loop->types));
    loop->moulds = rf_calloc((size_t)loop->input.name_count, sizeof(*loop->moulds));
}

static void
open_channels(struct loop *loop)
{
    rf_answers_open(&loop->answers);
    keep_from_children(RF_FD_COMMANDS);
    keep_from_children(RF_FD_NOTICES);
    keep_from_children(RF_FD_REQUESTS);
}

void
rf_fold_loop(const struct rf_plugin *plugin, size_t arena_count, const char *const *ignores,
             size_t ignore_count, void (*await_channels)(void))
{
    struct loop *loop = rf_calloc(1, sizeof(*loop));
    struct rf_command command;
    loop->plugin = plugin;
    loop->trail.ignores = ignores;
    loop->trail.ignore_count = ignore_count;
    for (size_t i = 0; i < BATCH_EVENTS; i++) {
        loop->event_list[i] = &loop->events[i];
    }
    rf_tidy_note();
    open_files(loop, arena_count);
    if (await_channels != NULL) {
        await_channels();
    }
    open_channels(loop);
    rf_notice_send(RF_NOTICE_HELLO, RF_PROTOCOL_VERSION,
                   plugin->program == NULL ? 0 : (uint64_t)rf_relay_pid(plugin->program));
    while (rf_answers_next_batch(&loop->answers, &command)) {
        fold_batch(loop, &command);
    }
}
