/* SPDX-License-Identifier: MIT */
/* Requests to events, events to states, states to answers. */
#include "worker/fold_loop.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "worker/ahead.h"
#include "worker/answers.h"
#include "worker/apply.h"
#include "worker/events.h"
#include "worker/protocol.h"
#include "worker/relay.h"
#include "worker/resume.h"
#include "worker/tidy.h"
#include "worker/trail.h"
#include "worker/values.h"
#include "worker/world.h"

/* The seed of a likeness: of no other hash. */
#define SEED_LIKENESS 20

struct loop {
    const struct rf_plugin *plugin;
    struct rf_events events;
    struct rf_ahead ahead; /* of a program */
    bool follows;          /* the instance at hand is sent ahead */
    struct rf_answers answers;
    struct rf_buf text;     /* of the state at hand */
    uint64_t likeness;      /* the same, where it holds NaN or infinity */
    uint64_t trail_hash;    /* and as a trail has it */
    struct rf_buf previous; /* of the last TRACE */
    uint64_t previous_likeness;
    uint32_t previous_status;
    struct rf_buf why;     /* why there is no text */
    struct rf_buf reason;  /* why there is no likeness */
    struct rf_trail trail; /* of the instance at hand */
    struct rf_buf message; /* of a rejection */
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
        .likeness = status == RF_STATUS_NONFINITE ? loop->likeness : 0,
        .trail = status == RF_STATUS_NONFINITE ? loop->trail_hash : 0,
    };
    rf_answers_send(&loop->answers, &answer, text);
}

static void
answer_trace(struct loop *loop, const struct instance *instance, uint32_t status,
             const struct rf_buf *text)
{
    uint64_t likeness = status == RF_STATUS_NONFINITE ? loop->likeness : 0;
    if (instance->applied > 0 && status == loop->previous_status &&
        likeness == loop->previous_likeness &&
        rf_bytes_same(text->bytes, text->used, loop->previous.bytes, loop->previous.used)) {
        return;
    }
    answer(loop, instance, RF_ANSWER_TRACE, status, text);
    loop->previous_status = status;
    loop->previous_likeness = likeness;
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

/* Writes the state at hand, or why it has no JSON. NaN and infinity hide nothing else of it: what
 * else it holds is hashed, and where that has no JSON either, the state is none. */
static uint32_t
write_state(struct loop *loop, const struct instance *instance)
{
    rf_buf_clear(&loop->text);
    rf_buf_clear(&loop->why);
    uint32_t status = rf_plugin_snapshot(loop->plugin, instance->state, &loop->text, &loop->why);
    if (status != RF_STATUS_NONFINITE) {
        return status;
    }
    rf_buf_clear(&loop->reason);
    if (rf_plugin_likeness(loop->plugin, instance->state, RF_LOOSE_REALS, &loop->text,
                           &loop->reason) != RF_STATUS_OK) {
        rf_buf_clear(&loop->why);
        rf_buf_add(&loop->why, loop->reason.bytes, loop->reason.used);
        return RF_STATUS_BROKEN;
    }
    loop->likeness = rf_hash(loop->text.bytes, loop->text.used, SEED_LIKENESS);
    loop->trail_hash = rf_trail_hash(&loop->trail, loop->text.bytes, loop->text.used);
    return RF_STATUS_NONFINITE;
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
    uint32_t status = write_state(loop, instance);
    const struct rf_buf *text = status == RF_STATUS_OK ? &loop->text : &loop->why;
    if (traced) {
        answer_trace(loop, instance, status, text);
    }
    if (wanted) {
        answer(loop, instance, RF_ANSWER_STATE, status, text);
    }
}

/* ---- folding --------------------------------------------------------------------------------- */

/* Applies the events at hand: `count` of them. Returns how many were taken. */
static uint64_t
apply_some(struct loop *loop, struct instance *instance, uint64_t count)
{
    uint64_t taken = count == 0 ? 0
                                : rf_apply_events(loop->plugin, instance->state, loop->events.list,
                                                  count, &loop->message);
    for (uint64_t i = 0; i < taken; i++) {
        instance->digest = rf_events_digest(&loop->events, instance->digest, loop->events.packed[i],
                                            loop->events.events[i].version);
    }
    return taken;
}

/* The same of the next events, which were sent ahead: up to `limit`, but none that is not declared.
 * `*ret_count` is how many were sent. */
static uint64_t
follow_some(struct loop *loop, struct instance *instance, uint64_t limit, uint64_t *ret_count)
{
    const struct rf_request_event *next = &instance->events[instance->applied];
    uint64_t taken = rf_apply_followed(loop->plugin, limit, ret_count);
    for (uint64_t i = 0; i < taken; i++) {
        const struct rf_packed_event *packed = rf_input_again(&loop->events.input, next[i].ref);
        instance->digest =
            rf_events_digest(&loop->events, instance->digest, packed, next[i].version);
    }
    if (taken < *ret_count) {
        (void)rf_events_take(&loop->events, instance->request, instance->applied + taken, 0);
        rf_apply_note(&loop->events.events[0], &loop->message);
    }
    return taken;
}

/* Applies up to `limit` (at least 1) of the instance's next events. False where one was refused:
 * `applied` is its place then. */
static bool
fold_some(struct loop *loop, struct instance *instance, uint64_t limit)
{
    uint64_t count;
    uint64_t taken;
    if (loop->follows) {
        taken = follow_some(loop, instance, limit, &count);
    } else {
        count = rf_events_take_some(&loop->events, instance->request, instance->applied, limit);
        taken = apply_some(loop, instance, count);
    }
    instance->applied += taken;
    if (taken == count && count < limit) {
        if (rf_events_take(&loop->events, instance->request, instance->applied, 0)) {
            rf_worker_fail("an event was not sent");
        }
        rf_apply_unhandled(&loop->events.events[0], &loop->message);
    }
    return taken == limit;
}

/* Applies events until `end` of them are applied, answering on the way where `answering`; else the
 * state is rebuilt. */
static bool
fold_until(struct loop *loop, struct instance *instance, uint64_t end, bool answering)
{
    const struct rf_request *request = instance->request;
    while (instance->applied < end) {
        if (request->flags & RF_REQUEST_STEP) {
            rf_notice_send(answering ? RF_NOTICE_STEP : RF_NOTICE_REBUILD, instance->number,
                           instance->applied);
        }
        uint64_t limit = rf_events_step(request, instance->applied, end);
        if (!fold_some(loop, instance, limit)) {
            return false;
        }
        if (answering) {
            answer_applied(loop, instance);
        }
    }
    return true;
}

/* Makes the state that the first event goes on. False where that cannot be done: `why` says it. */
static bool
begin_state(struct loop *loop, struct instance *instance)
{
    const struct rf_request_start *start = rf_resume_start(instance->request);
    rf_values_begin_instance();
    instance->applied = 0;
    instance->digest = start == NULL ? 0 : start->digest;
    rf_plugin_name(loop->plugin, instance->aggregate,
                   rf_events_id(&loop->events, instance->request));
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
    if (loop->follows) {
        rf_ahead_pause(&loop->ahead);
        loop->follows = false;
    }
    bool begun = begin_state(loop, instance);
    uint32_t status = RF_STATUS_BROKEN;
    if (!begun) {
        instance->applied = refused;
        instance->digest = digest;
    } else if (fold_until(loop, instance, refused, false)) {
        status = write_state(loop, instance);
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

/* What comes behind the aggregate's last call: what dies of that is not answered. */
static void
end_state(struct loop *loop, const struct instance *instance)
{
    struct rf_relay *program = loop->plugin->program;
    rf_plugin_state_free(loop->plugin, instance->state);
    if (program != NULL && instance->number + 1 == loop->ahead.end) {
        rf_relay_probe(program);
    }
    rf_tidy_instance();
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
    instance.aggregate = rf_events_aggregate(&loop->events, request);
    loop->follows = loop->plugin->program != NULL && rf_ahead_follow(&loop->ahead, number);
    rf_world_begin_instance();
    rf_trail_begin(&loop->trail, instance.aggregate);
    if (!begin_state(loop, &instance)) {
        end_state(loop, &instance);
        answer(loop, &instance, RF_ANSWER_STATE, RF_STATUS_BROKEN, &loop->why);
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_BROKEN, &nothing);
        return;
    }
    answer_applied(loop, &instance);
    bool taken = fold_until(loop, &instance, request->count, true);
    answer_trail(loop, &instance);
    if (!taken && loop->follows) {
        rf_ahead_cut(&loop->ahead);
    }
    if (!taken && instance.applied < request->snapshot_after) {
        answer_rebuilt(loop, &instance);
    }
    answer_calls(loop, &instance); /* its own: what comes next tidies up behind it */
    end_state(loop, &instance);
    if (taken) {
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_OK, &nothing);
    } else {
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_REJECTED, &loop->message);
    }
}

static void
fold_batch(struct loop *loop, const struct rf_command *command)
{
    struct rf_input *input = &loop->events.input;
    rf_input_map_requests(input, command->file_bytes);
    rf_ahead_begin(&loop->ahead, command->offset, command->instances);
    uint64_t offset = command->offset;
    for (uint64_t i = 0; i < command->instances; i++) {
        const struct rf_request *request = rf_input_request(input, offset);
        offset += request->bytes;
        if (i + 1 < command->instances) {
            rf_input_ask_first(input, rf_input_request(input, offset));
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
    rf_tidy_note();
    rf_events_open(&loop->events, plugin, arena_count);
    if (plugin->program != NULL) {
        loop->ahead = (struct rf_ahead){.events = &loop->events, .relay = plugin->program};
        rf_relay_set_sender(plugin->program, rf_ahead_send, &loop->ahead);
    }
    if (await_channels != NULL) {
        await_channels();
    }
    open_channels(loop);
    rf_notice_send(RF_NOTICE_HELLO, RF_HOST_PROTOCOL,
                   plugin->program == NULL ? 0 : (uint64_t)rf_relay_pid(plugin->program));
    while (rf_answers_next_batch(&loop->answers, &command)) {
        fold_batch(loop, &command);
    }
}
