/* SPDX-License-Identifier: MIT */
/*
 * Which instance goes to which worker, what came back, and who died on the way.
 *
 * Threads take buckets, largest first. A thread gathers a bucket, then gives each build its
 * instances in batches (lane.c) and hands the outcomes to the sink (outcome.c). While its worker
 * folds, the thread waits: with as many threads as processors, gathering and folding share them.
 */
#include "fold/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "fold/lane.h"
#include "fold/outcome.h"
#include "fold/pairing.h"
#include "fold/recover.h"
#include "fold/trace.h"

/** A thread and its worker cost about as much as folding so many events. */
#define EVENTS_PER_THREAD 4000

struct member {
    const struct rf_fold_request *request;
    const size_t *buckets; /**< those that hold events, largest first */
    size_t number;         /**< which of the threads it is */
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
fold_bucket(void *context, size_t place, struct rf_err *reterr)
{
    struct member *member = context;
    struct rf_gathering gathering;
    RF_TRY(rf_gather(member->gatherer, member->buckets[place], &gathering, reterr));
    for (size_t i = 0; i < member->request->rules->claim_count; i++) {
        if (member->pairings != NULL) {
            RF_TRY(fold_pairs(&member->pairings[i], &gathering, reterr));
            continue;
        }
        rf_lane_plan(&member->lanes[i], &gathering);
        if (member->request->builds[i] == NULL) {
            pass_plans(&member->lanes[i]);
        } else {
            RF_TRY(fold_plans(&member->lanes[i], reterr));
        }
    }
    return RF_OK;
}

/* ---- threads ----------------------------------------------------------------------------------
 */

/** By the thread that started the workers: the system may tie a worker to its thread. */
static void
close_lanes(void *context)
{
    struct member *member = context;
    for (size_t i = 0; i < member->request->rules->claim_count; i++) {
        rf_lane_done(&member->lanes[i]);
        if (member->pairings != NULL) {
            rf_lane_done(&member->head_lanes[i]);
            rf_pairing_done(&member->pairings[i]);
        }
    }
}

static void
open_lane(struct member *member, struct rf_lane *lane, size_t claim, struct rf_build *build,
          struct rf_sums *sums)
{
    rf_lane_init(lane, member->request, member->number, claim, build);
    lane->sums = sums;
    lane->deaths = &member->deaths;
}

static void
open_member(struct member *member, const struct rf_fold_request *request, const size_t *buckets,
            size_t number)
{
    size_t claims = request->rules->claim_count;
    bool paired = request->rivals != NULL;
    member->request = request;
    member->buckets = buckets;
    member->number = number;
    member->gatherer = rf_gatherer_new(request->history, request->rules);
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
    rf_sums_join(&ret->base_sums, rf_gatherer_sums(member->gatherer));
    rf_gatherer_hand_over(member->gatherer, &ret->sums, &ret->damages, &ret->counts);
    rf_sums_join(&ret->sums, &member->sums);
    rf_sums_join(&ret->base_sums, &member->base_sums);
    ret->deaths += member->deaths;
    rf_gatherer_free(member->gatherer);
    free(member->lanes);
    free(member->head_lanes);
    free(member->pairings);
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

/** Fills `buckets` and returns how many hold events, or instances to start from. */
static size_t
order_buckets(const struct rf_fold_request *request, size_t buckets[RF_BUCKET_COUNT],
              size_t *ret_events)
{
    struct bucket_size sizes[RF_BUCKET_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        size_t events = rf_history_bucket_events(request->history, i);
        size_t starts = 0;
        if (request->rules->starts != NULL) {
            (void)rf_starts_bucket(request->rules->starts, i, &starts);
        }
        events += starts; /* each costs about what an event does */
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
    struct rf_crew_job job = {
        .part_count = order_buckets(request, buckets, &events),
        .work = fold_bucket,
        .leave = close_lanes,
        .stop = request->stop,
    };
    size_t useful = 1 + events / EVENTS_PER_THREAD;
    size_t count = request->jobs < useful ? request->jobs : useful;
    count = count < job.part_count ? count : job.part_count;
    count = count > 0 ? count : 1;
    struct member *members = rf_calloc(count, sizeof(*members));
    for (size_t i = 0; i < count; i++) {
        open_member(&members[i], request, buckets, i);
    }
    rf_code code = rf_crew_run(&job, members, sizeof(*members), count, reterr);
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < count; i++) {
        close_member(&members[i], ret);
    }
    free(members);
    if (code != RF_OK) {
        rf_damages_done(&ret->damages);
    }
    return code;
}
