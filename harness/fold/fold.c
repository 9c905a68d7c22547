/* SPDX-License-Identifier: MIT */
/*
 * Which instance goes to which worker, what came back, and who died on the way.
 *
 * Threads take buckets, largest first. A thread gathers a bucket, then gives each build its
 * instances in batches (lane.c) and hands the outcomes to the sink (outcome.c). While its worker
 * folds, the thread waits: with as many threads as processors, gathering and folding share them.
 * A sink may want whole groups of buckets, and some of these once more.
 */
#include "fold/fold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "base/stopwatch.h"
#include "fold/lane.h"
#include "fold/outcome.h"
#include "fold/pairing.h"
#include "fold/purity.h"
#include "fold/recover.h"
#include "fold/trace.h"

/** What is folded once more is not accounted for again, but must be the same events. */
struct echo {
    struct rf_gatherer *gatherer;
    struct rf_sums sums;          /**< of the lanes */
    struct rf_multiset wanted;    /**< what the first time settled of the same groups */
    struct rf_gather_rules rules; /**< the same, but nothing is counted twice */
    struct rf_damages damages;    /**< dropped, as the counts are */
    struct rf_gather_counts counts;
};

struct member {
    const struct rf_fold_request *request;
    const size_t *parts; /**< buckets that hold events, or all groups; largest first */
    size_t number;       /**< which of the threads it is */
    struct rf_gatherer *gatherer;
    struct echo echo;
    struct rf_lane *lanes;       /**< one for each build; where there are rivals, BASE's */
    struct rf_lane *head_lanes;  /**< one for each rival */
    struct rf_pairing *pairings; /**< one for each rival */
    struct rf_sampler sampler;   /**< what is examined */
    struct rf_purity *purities;  /**< one for each lane, BASE's first; NULL: nothing is */
    struct rf_sums sums;
    struct rf_sums base_sums; /**< of BASE's lanes */
    uint64_t deaths;
};

/* ---- one bucket -------------------------------------------------------------------------------
 */

/** Takes what is not folded any more. */
static void
give_up(struct rf_lane *lane, size_t from)
{
    for (size_t i = from; i < lane->plan_count; i++) {
        rf_conclude_untried(lane, &lane->plans[i]);
    }
}

rf_code
rf_fold_plans(struct rf_lane *lane, struct rf_err *reterr)
{
    for (size_t at = 0; at < lane->plan_count;) {
        if (rf_lane_is_hopeless(lane)) {
            give_up(lane, at);
            break;
        }
        struct rf_run run = {
            .plans = &lane->plans[at],
            .count = rf_lane_batch(lane, lane->plans, at, lane->plan_count),
            .flags = rf_lane_flags(lane),
            .salvages = true,
            .take = rf_conclude_answer,
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

/** Before a bucket is folded: which of a lane's chosen instances are impure. */
static rf_code
examine(const struct member *member, struct rf_lane *lane, const struct rf_gathering *gathering,
        struct rf_err *reterr)
{
    return lane->purity == NULL
               ? RF_OK
               : rf_purity_examine(lane->purity, gathering, member->sampler.chosen, reterr);
}

/** BASE first, then HEAD: the thread waits for one worker at a time, as it does with one build. */
static rf_code
fold_pairs(const struct member *member, struct rf_pairing *pairing,
           const struct rf_gathering *gathering, struct rf_err *reterr)
{
    rf_lane_plan(pairing->base, gathering);
    rf_lane_plan(pairing->head, gathering);
    RF_TRY(examine(member, pairing->base, gathering, reterr));
    RF_TRY(examine(member, pairing->head, gathering, reterr));
    rf_pairing_begin(pairing);
    RF_TRY(rf_fold_plans(pairing->base, reterr));
    RF_TRY(rf_fold_plans(pairing->head, reterr));
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
fold_portion(struct member *member, struct rf_gatherer *gatherer, size_t bucket,
             struct rf_err *reterr)
{
    struct rf_gathering gathering;
    RF_TRY(rf_gather(gatherer, bucket, &gathering, reterr));
    rf_sampler_choose(&member->sampler, &gathering);
    for (size_t i = 0; i < member->request->rules->claim_count; i++) {
        if (member->pairings != NULL) {
            RF_TRY(fold_pairs(member, &member->pairings[i], &gathering, reterr));
            continue;
        }
        rf_lane_plan(&member->lanes[i], &gathering);
        if (member->request->builds[i] == NULL) {
            pass_plans(&member->lanes[i]);
        } else {
            RF_TRY(examine(member, &member->lanes[i], &gathering, reterr));
            RF_TRY(rf_fold_plans(&member->lanes[i], reterr));
        }
    }
    return RF_OK;
}

/** What a bucket costs, in events: of instances that go on from a snapshot each about as much as
 * one. Nothing is to be folded in one that costs nothing. */
static size_t
bucket_costs(const struct rf_fold_request *request, size_t bucket)
{
    size_t starts = 0;
    if (request->rules->starts != NULL) {
        (void)rf_starts_bucket(request->rules->starts, bucket, &starts);
    }
    return rf_history_bucket_events(request->history, bucket) + starts;
}

/** Opens it, portion by portion. */
static rf_code
fold_bucket(struct member *member, struct rf_gatherer *gatherer, size_t bucket,
            struct rf_err *reterr)
{
    struct rf_history *history = member->request->history;
    RF_TRY(rf_history_open_bucket(history, bucket, member->number, reterr));
    rf_sampler_begin(&member->sampler, bucket);
    for (bool more = true; more;) {
        RF_TRY(fold_portion(member, gatherer, bucket, reterr));
        RF_TRY(rf_history_next_portion(history, bucket, &more, reterr));
    }
    return RF_OK;
}

/* ---- groups of buckets ------------------------------------------------------------------------
 */

static rf_code
fold_group_with(struct member *member, struct rf_gatherer *gatherer, size_t group,
                struct rf_err *reterr)
{
    for (size_t bucket = group; bucket < RF_BUCKET_COUNT; bucket += member->request->sink->groups) {
        if (bucket_costs(member->request, bucket) > 0) {
            RF_TRY(fold_bucket(member, gatherer, bucket, reterr));
        }
    }
    return RF_OK;
}

/** Adds what a member's first folds have settled so far, or takes it off. */
static void
count_settled(struct member *member, bool off)
{
    const struct rf_multiset *parts[] = {&rf_gatherer_sums(member->gatherer)->settled,
                                         &member->sums.settled};
    struct rf_multiset *wanted = &member->echo.wanted;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        wanted->sum += off ? -parts[i]->sum : parts[i]->sum;
        wanted->mixed += off ? -parts[i]->mixed : parts[i]->mixed;
        wanted->count += off ? -parts[i]->count : parts[i]->count;
    }
}

static rf_code
fold_group_again(struct member *member, size_t group, struct rf_err *reterr)
{
    const struct rf_fold_request *request = member->request;
    if (member->echo.gatherer == NULL) {
        member->echo.rules = *request->rules;
        member->echo.rules.known = NULL;
        member->echo.gatherer = rf_gatherer_new(request->history, &member->echo.rules);
    }
    for (size_t i = 0; i < request->rules->claim_count; i++) {
        member->lanes[i].sums = &member->echo.sums;
        member->lanes[i].again = true;
        member->lanes[i].places = 0;
    }
    rf_code code = fold_group_with(member, member->echo.gatherer, group, reterr);
    for (size_t i = 0; i < request->rules->claim_count; i++) {
        member->lanes[i].sums = &member->sums;
        member->lanes[i].again = false;
    }
    return code;
}

static bool
end_group(const struct member *member, size_t group)
{
    const struct rf_fold_sink *sink = member->request->sink;
    enum rf_station before = rf_station_enter(RF_STATION_COMPARE);
    bool again = sink->end(sink->context, member->number, group);
    (void)rf_station_enter(before);
    return again;
}

static rf_code
fold_group(struct member *member, size_t group, struct rf_err *reterr)
{
    const struct rf_fold_request *request = member->request;
    const struct rf_fold_sink *sink = request->sink;
    struct rf_multiset before = member->echo.wanted;
    count_settled(member, true);
    for (size_t i = 0; i < request->rules->claim_count; i++) {
        member->lanes[i].places = 0;
        member->lanes[i].tried = SIZE_MAX;
    }
    sink->begin(sink->context, member->number, group);
    RF_TRY(fold_group_with(member, member->gatherer, group, reterr));
    if (!end_group(member, group)) {
        member->echo.wanted = before;
        return RF_OK;
    }
    count_settled(member, false);
    RF_TRY(fold_group_again(member, group, reterr));
    RF_VERIFY(!end_group(member, group)); /* twice is enough */
    return RF_OK;
}

static rf_code
fold_part(void *context, size_t place, struct rf_err *reterr)
{
    struct member *member = context;
    const struct rf_fold_sink *sink = member->request->sink;
    return sink != NULL && sink->groups > 0
               ? fold_group(member, member->parts[place], reterr)
               : fold_bucket(member, member->gatherer, member->parts[place], reterr);
}

/** Whether what was folded twice was the same; not `whole`: it was stopped, and no one can tell. */
static rf_code
close_echo(struct echo *echo, bool whole, struct rf_err *reterr)
{
    if (echo->gatherer == NULL) {
        return RF_OK;
    }
    rf_gatherer_hand_over(echo->gatherer, &echo->sums, &echo->damages, &echo->counts);
    rf_gatherer_free(echo->gatherer);
    rf_damages_done(&echo->damages);
    const struct rf_multiset *got = &echo->sums.settled;
    if (!whole) {
        return RF_OK;
    }
    if (got->sum == echo->wanted.sum && got->mixed == echo->wanted.mixed &&
        got->count == echo->wanted.count) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_INTERNAL, NULL,
                   "the sums do not add up: %" PRIu64
                   " events were to be folded once more, and %" PRIu64 " were, or others",
                   echo->wanted.count, got->count);
}

/* ---- threads ----------------------------------------------------------------------------------
 */

/** So many lanes fold what is claimed. */
static size_t
lane_count(const struct member *member)
{
    return member->request->rules->claim_count * (member->pairings != NULL ? 2 : 1);
}

static void
close_purities(struct member *member)
{
    for (size_t i = 0; member->purities != NULL && i < lane_count(member); i++) {
        rf_purity_done(&member->purities[i]);
    }
}

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
    close_purities(member);
}

static void
open_lane(struct member *member, struct rf_lane *lane, size_t claim, struct rf_build *build,
          struct rf_sums *sums)
{
    rf_lane_init(lane, member->request, member->number, claim, build);
    lane->sums = sums;
    lane->deaths = &member->deaths;
}

/** Each lane that folds gets its examiner. */
static void
open_purities(struct member *member, struct rf_purity_share *share)
{
    size_t claims = member->request->rules->claim_count;
    if (share == NULL) {
        return;
    }
    member->sampler.sample = &share->sample;
    member->purities = rf_calloc(lane_count(member) + 1, sizeof(*member->purities));
    for (size_t i = 0; i < lane_count(member); i++) {
        struct rf_lane *lane = i < claims ? &member->lanes[i] : &member->head_lanes[i - claims];
        if (lane->build != NULL) {
            rf_purity_init(&member->purities[i], lane, share);
        }
    }
}

static void
open_member(struct member *member, const struct rf_fold_request *request, const size_t *parts,
            size_t number)
{
    size_t claims = request->rules->claim_count;
    bool paired = request->rivals != NULL;
    member->request = request;
    member->parts = parts;
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
close_member(struct member *member, struct rf_unclaimed_counts *unclaimed,
             struct rf_fold_result *ret)
{
    rf_unclaimed_join(unclaimed, rf_history_names(member->request->history),
                      rf_gatherer_unclaimed(member->gatherer));
    rf_sums_join(&ret->base_sums, rf_gatherer_sums(member->gatherer));
    rf_gatherer_hand_over(member->gatherer, &ret->sums, &ret->damages, &ret->counts);
    rf_sums_join(&ret->sums, &member->sums);
    rf_sums_join(&ret->base_sums, &member->base_sums);
    ret->deaths += member->deaths;
    rf_gatherer_free(member->gatherer);
    rf_sampler_done(&member->sampler);
    free(member->purities);
    free(member->lanes);
    free(member->head_lanes);
    free(member->pairings);
}

/* ---- the whole --------------------------------------------------------------------------------
 */

struct part_size {
    size_t costs;
    size_t part;
};

static int
compare_sizes(const void *a, const void *b)
{
    const struct part_size *left = a;
    const struct part_size *right = b;
    if (left->costs != right->costs) {
        return left->costs > right->costs ? -1 : 1;
    }
    return left->part < right->part ? -1 : left->part > right->part;
}

/** Fills `parts` and returns how many there are: buckets that hold events, or instances to start
 * from; or all groups. */
static size_t
order_parts(const struct rf_fold_request *request, size_t parts[RF_BUCKET_COUNT], size_t *ret_costs)
{
    struct part_size sizes[RF_BUCKET_COUNT] = {0};
    size_t groups = request->sink == NULL ? 0 : request->sink->groups;
    size_t limit = groups > 0 ? groups : RF_BUCKET_COUNT;
    size_t count = 0;
    RF_VERIFY(RF_BUCKET_COUNT % limit == 0);
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        size_t costs = bucket_costs(request, i);
        sizes[i % limit].part = i % limit;
        sizes[i % limit].costs += costs;
        *ret_costs += costs;
    }
    qsort(sizes, limit, sizeof(sizes[0]), compare_sizes);
    for (; count < limit && (groups > 0 || sizes[count].costs > 0); count++) {
        parts[count] = sizes[count].part;
    }
    return count;
}

/** What an earlier fold of the run found out does not count in this one. */
static void
forget_hangs(struct rf_build *const *builds, size_t count)
{
    for (size_t i = 0; builds != NULL && i < count; i++) {
        if (builds[i] != NULL) {
            for (size_t k = 0; k < sizeof(builds[i]->hangs) / sizeof(builds[i]->hangs[0]); k++) {
                atomic_store(&builds[i]->hangs[k], 0);
            }
            atomic_store(&builds[i]->untried, 0);
        }
    }
}

rf_code
rf_fold(const struct rf_fold_request *request, struct rf_fold_result *ret, struct rf_err *reterr)
{
    size_t parts[RF_BUCKET_COUNT];
    size_t costs = 0;
    struct rf_crew_job job = {
        .part_count = order_parts(request, parts, &costs),
        .work = fold_part,
        .leave = close_lanes,
        .stop = request->stop,
    };
    size_t count = rf_history_useful_threads(costs, request->jobs);
    count = count < job.part_count ? count : job.part_count;
    count = count > 0 ? count : 1;
    memset(ret, 0, sizeof(*ret));
    forget_hangs(request->builds, request->rules->claim_count);
    forget_hangs(request->rivals, request->rules->claim_count);
    RF_TRY(rf_history_open_windows(request->history, count, reterr));
    struct rf_purity_share *share = rf_purity_share_new(request);
    struct member *members = rf_calloc(count, sizeof(*members));
    for (size_t i = 0; i < count; i++) {
        open_member(&members[i], request, parts, i);
        open_purities(&members[i], share);
    }
    struct rf_unclaimed_counts unclaimed = {0};
    rf_code code = rf_crew_run(&job, members, sizeof(*members), count, reterr);
    for (size_t i = 0; i < count; i++) {
        close_member(&members[i], &unclaimed, ret);
        code =
            close_echo(&members[i].echo, code == RF_OK, reterr) == RF_OK ? code : RF_ERR_INTERNAL;
    }
    free(members);
    ret->examined = rf_purity_share_close(share);
    rf_unclaimed_list(&unclaimed, rf_history_names(request->history), &ret->unclaimed);
    rf_unclaimed_counts_done(&unclaimed);
    if (code != RF_OK) {
        rf_unclaimed_done(&ret->unclaimed);
        rf_damages_done(&ret->damages);
    }
    return code;
}
