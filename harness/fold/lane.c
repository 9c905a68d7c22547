/* SPDX-License-Identifier: MIT */
/* A lane: one thread's way to one build. */
#include "fold/lane.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/stopwatch.h"
#include "fold/masking.h"
#include "fold/outcome.h"
#include "host/server.h"
#include "worker/resume.h"

/** A worker that dies before it is ready is no instance's fault: after so many, the run ends. */
#define START_ATTEMPTS 3
/** Bytes of snapshots in a batch are limited as its events are. */
#define START_BYTES_PER_EVENT 256

void
rf_lane_init(struct rf_lane *lane, const struct rf_fold_request *request, size_t thread,
             size_t claim, struct rf_build *build)
{
    memset(lane, 0, sizeof(*lane));
    lane->request = request;
    lane->thread = thread;
    lane->claim = claim;
    lane->build = build;
    lane->files.ignores = request->ignores;
    lane->files.ignore_count = request->ignore_count;
    lane->files.names = rf_history_names_file(request->history);
    lane->files.arenas =
        rf_history_worker_files(request->history, thread, &lane->files.arena_count);
    lane->batch_instances = RF_BATCH_INSTANCES;
    lane->batch_events = RF_BATCH_EVENTS;
}

static void
free_partial(struct rf_partial *partial)
{
    rf_buf_done(&partial->state);
    rf_buf_done(&partial->message);
    rf_buf_done(&partial->calls);
    free(partial->trail);
}

void
rf_lane_done(struct rf_lane *lane)
{
    rf_lane_drop_worker(lane);
    rf_lane_drop_wreck(lane);
    rf_server_stop(lane->server);
    free(lane->plans);
    free(lane->wanted);
    free_partial(&lane->now);
    free_partial(&lane->wreck.begun);
    free_partial(&lane->first.partial);
    free_partial(&lane->previous.partial);
    rf_masker_done(&lane->masker);
    rf_buf_done(&lane->masked);
    memset(lane, 0, sizeof(*lane));
}

/* ---- what to ask ------------------------------------------------------------------------------
 */

/** Steps in front of the first whose version is above the pin's. */
static uint64_t
snapshot_after(const struct rf_instance *instance, struct rf_pin pin)
{
    if (!pin.wanted) {
        return instance->step_count;
    }
    size_t low = 0;
    size_t high = instance->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (instance->steps[middle].version <= pin.version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
tell_ahead(const struct rf_lane *lane, const struct rf_instance *const *instances, size_t count)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    if (count > 0 && sink != NULL && sink->ahead != NULL) {
        sink->ahead(sink->context, lane->thread, instances, count);
    }
}

/** Adds a plan for each of a few instances. */
static void
add_plans(struct rf_lane *lane, const struct rf_instance *const *instances, size_t count)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    tell_ahead(lane, instances, count);
    RF_GROW(lane->plans, lane->plan_room, lane->plan_count + count);
    for (size_t i = 0; i < count; i++) {
        struct rf_pin pin = {0};
        if (sink != NULL && sink->pin != NULL) {
            pin = sink->pin(sink->context, lane->thread, instances[i]);
        }
        size_t place = lane->places++;
        if (pin.passed) {
            rf_conclude_passed(lane, instances[i]);
            continue;
        }
        lane->plans[lane->plan_count++] = (struct rf_plan){
            .instance = instances[i],
            .count = instances[i]->step_count,
            .snapshot_after = snapshot_after(instances[i], pin),
            .token = pin.token,
            .place = place,
        };
    }
}

void
rf_lane_plan(struct rf_lane *lane, const struct rf_gathering *gathering)
{
    const struct rf_instance *few[RF_AHEAD_MOST];
    size_t count = 0;
    lane->plan_count = 0;
    lane->wanted_count = 0;
    for (size_t i = 0; i < gathering->count; i++) {
        if (gathering->instances[i].claim != lane->claim) {
            continue;
        }
        few[count++] = &gathering->instances[i];
        if (count == RF_AHEAD_MOST) {
            add_plans(lane, few, count);
            count = 0;
        }
    }
    add_plans(lane, few, count);
}

/** What an instance goes on from, for the worker; NULL: nothing, or nothing goes on there. */
static const struct rf_start *
start_of(const struct rf_plan *plan)
{
    const struct rf_start *start = plan->instance->start;
    return start == NULL || start->state == NULL ? NULL : start;
}

/** A snapshot counts as so many events. */
static uint64_t
weigh(const struct rf_plan *plan)
{
    const struct rf_start *start = start_of(plan);
    return plan->count + (start == NULL ? 0 : start->state_bytes / START_BYTES_PER_EVENT);
}

size_t
rf_lane_batch(const struct rf_lane *lane, const struct rf_plan *plans, size_t from, size_t count)
{
    uint64_t events = weigh(&plans[from]);
    size_t taken = 1;
    while (from + taken < count && taken < lane->batch_instances) {
        events += weigh(&plans[from + taken]);
        if (events > lane->batch_events) {
            break;
        }
        taken++;
    }
    return taken;
}

static size_t
request_bytes(const struct rf_plan *plan)
{
    const struct rf_start *start = start_of(plan);
    return sizeof(struct rf_request) + (size_t)plan->count * sizeof(struct rf_request_event) +
           (start == NULL ? 0 : (size_t)rf_resume_bytes(start->state_bytes)) +
           (plan->count > 0 ? 0 : (size_t)rf_resume_id_bytes(plan->instance->id_bytes));
}

static void
write_request(struct rf_request *request, const struct rf_plan *plan, uint32_t flags)
{
    const struct rf_start *start = start_of(plan);
    struct rf_request_event *events = (struct rf_request_event *)(request + 1);
    *request = (struct rf_request){
        .bytes = request_bytes(plan),
        .count = plan->count,
        .snapshot_after = plan->snapshot_after,
        .aggregate = plan->instance->aggregate,
        .flags = flags | (start == NULL ? 0 : (uint32_t)RF_REQUEST_FROM) |
                 (plan->count > 0 ? 0 : (uint32_t)RF_REQUEST_ID),
    };
    for (size_t k = 0; k < plan->count; k++) {
        const struct rf_step *step = &plan->instance->steps[k];
        events[k] = (struct rf_request_event){step->ref, step->version};
    }
    if (start != NULL) {
        rf_resume_write(events + plan->count, start->digest, start->state, start->state_bytes);
    }
    if (plan->count == 0) {
        uint64_t front = start == NULL ? 0 : rf_resume_bytes(start->state_bytes);
        rf_resume_write_id((char *)events + front, plan->instance->id, plan->instance->id_bytes);
    }
}

static void
write_requests(struct rf_worker *worker, const struct rf_run *run)
{
    size_t bytes = 0;
    for (size_t i = 0; i < run->count; i++) {
        bytes += request_bytes(&run->plans[i]);
    }
    unsigned char *at = rf_worker_request_room(worker, bytes);
    for (size_t i = 0; i < run->count; i++) {
        struct rf_request *request = (struct rf_request *)(void *)at;
        write_request(request, &run->plans[i], run->flags);
        at += request->bytes;
    }
    rf_worker_submit(worker, run->count);
}

/* ---- what comes back --------------------------------------------------------------------------
 */

/** The host's own digest of an instance's first `steps` events, behind those of its start. Of a
 * start without a state the worker is told nothing, and folds nothing. */
static uint64_t
digest_of(const struct rf_plan *plan, uint64_t steps)
{
    return steps == 0 && start_of(plan) == NULL ? 0 : rf_instance_digest(plan->instance, steps);
}

/** The outcomes from `done` on come next. */
static void
tell_outcomes_ahead(const struct rf_lane *lane, const struct rf_run *run, size_t done)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    const void *tokens[RF_AHEAD_MOST];
    size_t count = 0;
    if (sink == NULL || sink->soon == NULL) {
        return;
    }
    for (; count < RF_AHEAD_MOST && done + count < run->count; count++) {
        tokens[count] = run->plans[done + count].token;
    }
    if (count > 0) {
        sink->soon(sink->context, lane->thread, tokens, count);
    }
}

/** The only way of an answer out of here: what is private in it is masked first. */
static void
give(struct rf_lane *lane, const struct rf_plan *plan, struct rf_worker_answer *answer,
     void (*take)(struct rf_lane *lane, const struct rf_plan *plan,
                  const struct rf_worker_answer *answer))
{
    if (lane->request->privacy != NULL) {
        rf_masking_answer(lane, plan, answer);
    }
    take(lane, plan, answer);
}

static int
timeout_of(const struct rf_lane *lane, const struct rf_run *run)
{
    int timeout_ms = lane->request->timeout_ms;
    if (run->given <= 1 || timeout_ms <= 0) {
        return timeout_ms;
    }
    return run->given < INT_MAX / timeout_ms ? (int)run->given * timeout_ms : INT_MAX;
}

/** Takes answers until the batch or the worker ends. */
static enum rf_worker_event
drain(struct rf_lane *lane, const struct rf_run *run, size_t *ret_done)
{
    size_t done = 0;
    size_t ahead = 0; /* the sink knows of the instances before this one */
    for (;;) {
        struct rf_worker_answer answer;
        enum rf_worker_event event = rf_worker_next(lane->worker, timeout_of(lane, run), &answer);
        *ret_done = done;
        if (event != RF_WORKER_ANSWER) {
            (void)snprintf(lane->death, sizeof(lane->death), "%s", rf_worker_death(lane->worker));
            return event;
        }
        if (done == ahead) {
            tell_outcomes_ahead(lane, run, done);
            ahead += RF_AHEAD_MOST;
        }
        const struct rf_plan *plan = &run->plans[done];
        if (digest_of(plan, answer.applied) != answer.digest) {
            (void)snprintf(lane->death, sizeof(lane->death),
                           "answered for other events than it was given");
            return RF_WORKER_LIED;
        }
        give(lane, plan, &answer, run->take);
        if (answer.kind == RF_ANSWER_END) {
            done++;
        }
    }
}

/* ---- wrecks -----------------------------------------------------------------------------------
 */

/** The worker is lost: what it leaves is looked at where the run wants that. */
static void
leave_wreck(struct rf_lane *lane, const struct rf_run *run, size_t done)
{
    struct rf_worker_answer answer;
    const struct rf_plan *plan = &run->plans[done];
    rf_lane_drop_wreck(lane);
    lane->wreck.worker = lane->worker;
    lane->worker = NULL;
    while (rf_worker_rest(lane->wreck.worker, &answer) &&
           digest_of(plan, answer.applied) == answer.digest) {
        bool ends = answer.kind == RF_ANSWER_END;
        plan += ends;
        lane->wreck.count += ends;
    }
    rf_worker_rest_again(lane->wreck.worker);
    if (lane->wreck.count == 0) {
        rf_lane_drop_wreck(lane); /* one that lied may still run */
    }
}

void
rf_lane_salvage(struct rf_lane *lane, const struct rf_plan *plans,
                void (*take)(struct rf_lane *lane, const struct rf_plan *plan,
                             const struct rf_worker_answer *answer))
{
    struct rf_worker_answer answer;
    for (size_t done = 0; done < lane->wreck.count;) {
        RF_VERIFY(rf_worker_rest(lane->wreck.worker, &answer)); /* as often as it was counted */
        give(lane, &plans[done], &answer, take);
        done += answer.kind == RF_ANSWER_END;
    }
    rf_lane_drop_wreck(lane);
}

void
rf_lane_swap_begun(struct rf_lane *lane)
{
    struct rf_partial begun = lane->wreck.begun;
    lane->wreck.begun = lane->now;
    lane->now = begun;
}

void
rf_lane_drop_wreck(struct rf_lane *lane)
{
    rf_worker_stop(lane->wreck.worker);
    lane->wreck.worker = NULL;
    lane->wreck.count = 0;
}

void
rf_lane_drop_worker(struct rf_lane *lane)
{
    rf_worker_stop(lane->worker);
    lane->worker = NULL;
}

/* ---- hangs ------------------------------------------------------------------------------------
 */

static atomic_size_t *
hangs_of(const struct rf_lane *lane)
{
    return &lane->build->hangs[lane->files.world != 0 ? 2 : lane->again];
}

void
rf_lane_note_hang(struct rf_lane *lane)
{
    (void)atomic_fetch_add_explicit(hangs_of(lane), 1, memory_order_relaxed);
}

bool
rf_lane_is_hopeless(const struct rf_lane *lane)
{
    return atomic_load_explicit(hangs_of(lane), memory_order_relaxed) >= RF_LIMIT_HANGS;
}

void
rf_lane_note_untried(struct rf_lane *lane, const struct rf_plan *plan)
{
    bool tried_before = lane->again && plan->place < lane->tried;
    if (lane->files.world != 0 || (lane->again && !tried_before)) {
        return;
    }
    if (!lane->again && plan->place < lane->tried) {
        lane->tried = plan->place;
    }
    (void)atomic_fetch_add_explicit(&lane->build->untried, 1, memory_order_relaxed);
}

/* ---- runs -------------------------------------------------------------------------------------
 */

static bool
is_stopped(const struct rf_lane *lane)
{
    return rf_stopped(lane->request->stop);
}

/** Where one worker died others often do: from then on they are forked. False where they cannot
 * be. */
static bool
fork_worker(struct rf_lane *lane)
{
    if (!lane->lost || lane->unserved || lane->build->program) {
        return false; /* a program is never forked: it may have threads, and says hello once */
    }
    if ((lane->server != NULL ||
         rf_server_start(lane->build, &lane->files, &lane->server, NULL) == RF_OK) &&
        rf_worker_fork(lane->server, &lane->files, &lane->worker)) {
        return true;
    }
    rf_server_stop(lane->server);
    lane->server = NULL;
    lane->unserved = true;
    return false;
}

static rf_code
ensure_worker(struct rf_lane *lane, struct rf_err *reterr)
{
    if (lane->worker != NULL) {
        return RF_OK;
    }
    lane->used = false;
    if (fork_worker(lane)) {
        return RF_OK;
    }
    return rf_worker_start(lane->build, &lane->files, &lane->worker, reterr);
}

rf_code
rf_lane_run(struct rf_lane *lane, const struct rf_run *run, struct rf_run_end *ret,
            struct rf_err *reterr)
{
    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        if (is_stopped(lane)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
        }
        RF_TRY(ensure_worker(lane, reterr));
        if (is_stopped(lane)) {
            /* Who stopped the run killed all workers that he knew: perhaps not this one yet. */
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
        }
        memset(ret, 0, sizeof(*ret));
        ret->was_used = lane->used;
        enum rf_station before = rf_station_enter(RF_STATION_SUBMIT);
        write_requests(lane->worker, run);
        (void)rf_station_enter(RF_STATION_COMPARE);
        ret->event = drain(lane, run, &ret->done);
        ret->took_ms = rf_worker_took_ms(lane->worker);
        (void)rf_station_enter(before);
        lane->used = true;
        if (ret->event == RF_WORKER_BATCH) {
            if (rf_worker_is_heavy(lane->worker)) {
                rf_lane_drop_worker(lane);
            }
            return RF_OK;
        }
        uint64_t instance = 0;
        ret->stepped = rf_worker_step(lane->worker, &instance, &ret->step) && instance == ret->done;
        bool ready = rf_worker_ready(lane->worker);
        if (run->salvages) {
            leave_wreck(lane, run, ret->done);
        } else {
            rf_lane_drop_worker(lane);
        }
        *lane->deaths += 1;
        lane->lost = true;
        if (is_stopped(lane)) {
            /* Whoever stops the run kills the workers: that is no instance's fault. */
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
        }
        if (ready) {
            return RF_OK;
        }
    }
    /* A worker that lied so early is not our own: what it would have loaded has not spoken yet. */
    return rf_fail(reterr, ret->event == RF_WORKER_LIED ? RF_ERR_INTERNAL : RF_ERR_USAGE,
                   lane->build->path, "does not load any more: it was tried %d times, the last: %s",
                   START_ATTEMPTS, lane->death);
}
