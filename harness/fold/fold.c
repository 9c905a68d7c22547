/* SPDX-License-Identifier: MIT */
/*
 * Which instance goes to which worker, what came back, and who died on the way.
 *
 * Threads take buckets, largest first. A thread gathers a bucket, then gives each build its
 * instances in batches (lane.c) and hands the outcomes to the sink (outcome.c). While its worker
 * folds, the thread waits: with as many threads as processors, gathering and folding share them.
 */
#include "fold/fold.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/threads.h"
#include "fold/lane.h"
#include "fold/outcome.h"
#include "fold/pairing.h"
#include "fold/recover.h"
#include "fold/trace.h"

/** A thread and its worker cost about as much as folding so many events. */
#define EVENTS_PER_THREAD 4000

/** What the threads share. */
struct crew {
    const struct rf_fold_request *request;
    const size_t *buckets; /**< those that hold events, largest first */
    size_t bucket_count;
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t lock; /**< of `code` and `err` */
    rf_code code;
    struct rf_err err;
};

struct member {
    struct crew *crew;
    size_t number;
    struct rf_gatherer *gatherer;
    struct rf_lane *lanes;       /**< one for each build; where there are rivals, BASE's */
    struct rf_lane *head_lanes;  /**< one for each rival */
    struct rf_pairing *pairings; /**< one for each rival */
    struct rf_sums sums;
    struct rf_sums base_sums; /**< of BASE's lanes */
    uint64_t deaths;
};

/* ---- one bucket -------------------------------------------------------------------------------
 */

static void
take_outcome(struct rf_lane *lane, const struct rf_plan *plan,
             const struct rf_worker_answer *answer)
{
    rf_partial_take(&lane->now, answer);
    if (answer->kind == RF_ANSWER_END) {
        rf_conclude(lane, plan, &lane->now);
    }
}

static rf_code
fold_plans(struct rf_lane *lane, struct rf_err *reterr)
{
    for (size_t at = 0; at < lane->plan_count;) {
        struct rf_run run = {
            .plans = &lane->plans[at],
            .count = rf_lane_batch(lane, lane->plans, at, lane->plan_count),
            .flags = rf_lane_flags(lane),
            .take = take_outcome,
        };
        struct rf_run_end end;
        RF_TRY(rf_lane_run(lane, &run, &end, reterr));
        size_t behind = at + run.count;
        at += end.done;
        if (end.event != RF_WORKER_BATCH) {
            RF_TRY(rf_recover(lane, at, behind, end.event, &at, reterr));
        }
    }
    return lane->pairing != NULL ? RF_OK : rf_trace_wanted(lane, reterr);
}

/** BASE first, then HEAD: the thread waits for one worker at a time, as it does with one build. */
static rf_code
fold_pairs(struct rf_pairing *pairing, const struct rf_gathering *gathering, struct rf_err *reterr)
{
    rf_lane_plan(pairing->base, gathering);
    rf_lane_plan(pairing->head, gathering);
    rf_pairing_begin(pairing);
    RF_TRY(fold_plans(pairing->base, reterr));
    RF_TRY(fold_plans(pairing->head, reterr));
    return rf_pairing_finish(pairing, reterr);
}

/** Takes what no build folds. */
static void
pass_plans(struct rf_lane *lane)
{
    for (size_t i = 0; i < lane->plan_count; i++) {
        rf_conclude_unclaimed(lane, &lane->plans[i]);
    }
}

static rf_code
fold_bucket(struct member *member, size_t bucket, struct rf_err *reterr)
{
    struct rf_gathering gathering;
    RF_TRY(rf_gather(member->gatherer, bucket, &gathering, reterr));
    for (size_t i = 0; i < member->crew->request->rules->claim_count; i++) {
        if (member->pairings != NULL) {
            RF_TRY(fold_pairs(&member->pairings[i], &gathering, reterr));
            continue;
        }
        rf_lane_plan(&member->lanes[i], &gathering);
        if (member->crew->request->builds[i] == NULL) {
            pass_plans(&member->lanes[i]);
        } else {
            RF_TRY(fold_plans(&member->lanes[i], reterr));
        }
    }
    return RF_OK;
}

/* ---- threads ----------------------------------------------------------------------------------
 */

static bool
goes_on(const struct crew *crew)
{
    const atomic_bool *stop = crew->request->stop;
    return !atomic_load(&crew->failed) && (stop == NULL || !atomic_load(stop));
}

static void
fail_crew(struct crew *crew, rf_code code, const struct rf_err *err)
{
    (void)pthread_mutex_lock(&crew->lock);
    /* An interruption is often what follows from another's error. */
    if (crew->code == RF_OK || crew->code == RF_ERR_INTERRUPTED) {
        crew->code = code;
        crew->err = *err;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    atomic_store(&crew->failed, true);
}

static void
close_lanes(struct member *member)
{
    for (size_t i = 0; i < member->crew->request->rules->claim_count; i++) {
        rf_lane_done(&member->lanes[i]);
        if (member->pairings != NULL) {
            rf_lane_done(&member->head_lanes[i]);
            rf_pairing_done(&member->pairings[i]);
        }
    }
}

static void *
work(void *context)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    while (goes_on(crew)) {
        size_t place = atomic_fetch_add(&crew->next, 1);
        if (place >= crew->bucket_count) {
            break;
        }
        struct rf_err err = {0};
        rf_code code = fold_bucket(member, crew->buckets[place], &err);
        if (code != RF_OK) {
            fail_crew(crew, code, &err);
        }
    }
    /* Stopped here, by the thread that started them: the system may tie a worker to its thread. */
    close_lanes(member);
    return NULL;
}

static void
open_lane(struct member *member, struct rf_lane *lane, size_t claim, struct rf_build *build,
          struct rf_sums *sums)
{
    rf_lane_init(lane, member->crew->request, member->number, claim, build);
    lane->sums = sums;
    lane->deaths = &member->deaths;
}

static void
open_member(struct member *member, struct crew *crew, size_t number)
{
    size_t claims = crew->request->rules->claim_count;
    member->crew = crew;
    member->number = number;
    member->gatherer = rf_gatherer_new(crew->request->history, crew->request->rules);
    const struct rf_fold_request *request = crew->request;
    bool paired = request->rivals != NULL;
    member->lanes = rf_calloc(claims + 1, sizeof(*member->lanes));
    for (size_t i = 0; i < claims; i++) {
        open_lane(member, &member->lanes[i], i, request->builds[i],
                  paired ? &member->base_sums : &member->sums);
    }
    if (!paired) {
        return;
    }
    member->head_lanes = rf_calloc(claims + 1, sizeof(*member->head_lanes));
    member->pairings = rf_calloc(claims + 1, sizeof(*member->pairings));
    for (size_t i = 0; i < claims; i++) {
        open_lane(member, &member->head_lanes[i], i, request->rivals[i], &member->sums);
        rf_pairing_init(&member->pairings[i], &member->lanes[i], &member->head_lanes[i]);
    }
}

static void
close_member(struct member *member, struct rf_fold_result *ret)
{
    const struct rf_gather_counts *counts = rf_gatherer_counts(member->gatherer);
    rf_sums_join(&ret->sums, rf_gatherer_sums(member->gatherer));
    rf_sums_join(&ret->sums, &member->sums);
    rf_sums_join(&ret->base_sums, rf_gatherer_sums(member->gatherer));
    rf_sums_join(&ret->base_sums, &member->base_sums);
    rf_damages_join(&ret->damages, rf_gatherer_damages(member->gatherer));
    ret->counts.gaps += counts->gaps;
    ret->counts.instances += counts->instances;
    ret->counts.untold += counts->untold;
    ret->counts.unclaimed_names += counts->unclaimed_names;
    ret->deaths += member->deaths;
    rf_gatherer_free(member->gatherer);
    free(member->lanes);
    free(member->head_lanes);
    free(member->pairings);
}

static void
run_members(struct member *members, size_t count)
{
    size_t ran = rf_threads_run(work, members, sizeof(*members), count);
    for (size_t i = ran; i < count; i++) {
        close_lanes(&members[i]);
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

struct bucket_size {
    size_t events;
    size_t bucket;
};

static int
compare_sizes(const void *a, const void *b)
{
    const struct bucket_size *left = a;
    const struct bucket_size *right = b;
    if (left->events != right->events) {
        return left->events > right->events ? -1 : 1;
    }
    return left->bucket < right->bucket ? -1 : left->bucket > right->bucket;
}

/** Fills `buckets` and returns how many hold events. */
static size_t
order_buckets(const struct rf_history *history, size_t buckets[RF_BUCKET_COUNT], size_t *ret_events)
{
    struct bucket_size sizes[RF_BUCKET_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        size_t events = rf_history_bucket_events(history, i);
        if (events > 0) {
            sizes[count++] = (struct bucket_size){events, i};
            *ret_events += events;
        }
    }
    qsort(sizes, count, sizeof(sizes[0]), compare_sizes);
    for (size_t i = 0; i < count; i++) {
        buckets[i] = sizes[i].bucket;
    }
    return count;
}

rf_code
rf_fold(const struct rf_fold_request *request, struct rf_fold_result *ret, struct rf_err *reterr)
{
    size_t buckets[RF_BUCKET_COUNT];
    size_t events = 0;
    struct crew crew = {.request = request, .buckets = buckets};
    crew.bucket_count = order_buckets(request->history, buckets, &events);
    size_t useful = 1 + events / EVENTS_PER_THREAD;
    size_t count = request->jobs < useful ? request->jobs : useful;
    count = count < crew.bucket_count ? count : crew.bucket_count;
    count = count > 0 ? count : 1;
    struct member *members = rf_calloc(count, sizeof(*members));
    (void)pthread_mutex_init(&crew.lock, NULL);
    for (size_t i = 0; i < count; i++) {
        open_member(&members[i], &crew, i);
    }
    run_members(members, count);
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < count; i++) {
        close_member(&members[i], ret);
    }
    free(members);
    (void)pthread_mutex_destroy(&crew.lock);
    if (crew.code == RF_OK && !goes_on(&crew)) {
        crew.code = rf_fail(&crew.err, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    if (crew.code != RF_OK) {
        rf_damages_done(&ret->damages);
        if (reterr != NULL) {
            *reterr = crew.err;
        }
    }
    return crew.code;
}
