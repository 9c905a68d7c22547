/* SPDX-License-Identifier: MIT */
/* Threads go through a history and recite every event, instance by instance, in one order. */
#include "look/recital.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crew.h"
#include "base/order.h"
#include "base/stop.h"
#include "history/roll.h"
#include "look/line.h"

/** Lines are handed on in pieces of this size; whose turn has not come holds no more than that. */
#define PIECE_BYTES ((size_t)1 << 20)

/** What the threads share: whose turn it is to write. */
struct recital {
    const struct rf_recital_request *request;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    size_t turn;      /**< the bucket that is written next */
    bool ended_early; /**< one before it will never come */
};

/** An event that is not folded for there is another one of its version, in the order of telling. */
struct copy {
    const struct rf_packed_event *event;
    uint32_t aggregate;
    bool conflicts;
    int64_t version;
    size_t number;
};

struct member {
    struct recital *recital;
    struct rf_gather_rules rules; /**< the request's: copies are told to this thread */
    size_t number;
    struct rf_gatherer *gatherer;
    struct rf_liner liner;
    struct copy *copies; /**< of the portion at hand */
    size_t copy_count, copy_room;
    size_t copies_told; /**< of these, recited */
    struct rf_roll roll;
    struct rf_buf lines;
    uint64_t line_count;
};

/* ---- copies ---------------------------------------------------------------------------------- */

static void
note_copy(void *context, uint32_t aggregate, const struct rf_packed_event *event, int64_t version,
          enum rf_term term)
{
    struct member *member = context;
    if (term != RF_TERM_DUPLICATES && term != RF_TERM_CONFLICTS) {
        return;
    }
    size_t number = member->copy_count;
    RF_GROW(member->copies, member->copy_room, number + 1);
    member->copies[member->copy_count++] = (struct copy){
        .event = event,
        .aggregate = aggregate,
        .conflicts = term == RF_TERM_CONFLICTS,
        .version = version,
        .number = number,
    };
}

static int
compare_owner(const struct copy *copy, uint32_t aggregate, const char *id, size_t id_bytes)
{
    int order = rf_bytes_compare(rf_packed_id(copy->event), copy->event->id_bytes, id, id_bytes);
    return order != 0 ? order : RF_ORDER(copy->aggregate, aggregate);
}

static int
compare_copies(const void *left, const void *right)
{
    const struct copy *a = left;
    const struct copy *b = right;
    int order = compare_owner(a, b->aggregate, rf_packed_id(b->event), b->event->id_bytes);
    if (order == 0) {
        order = RF_ORDER(a->version, b->version);
    }
    return order != 0 ? order : RF_ORDER(a->number, b->number);
}

/** The first copy of an instance's events, or behind it. */
static const struct copy *
find_copies(const struct member *member, const struct rf_instance *instance)
{
    size_t low = 0;
    size_t high = member->copy_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_owner(&member->copies[middle], instance->aggregate, instance->id,
                          instance->id_bytes) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return member->copies + low;
}

/* ---- one after the other --------------------------------------------------------------------- */

/** Waits until all buckets in front of this one are written. False: one of them never will be. */
static bool
wait_for_turn(struct recital *recital, size_t bucket)
{
    RF_VERIFY(pthread_mutex_lock(&recital->lock) == 0);
    while (recital->turn != bucket && !recital->ended_early) {
        (void)pthread_cond_wait(&recital->turned, &recital->lock);
    }
    bool ended_early = recital->ended_early;
    (void)pthread_mutex_unlock(&recital->lock);
    return !ended_early;
}

static void
end_turn(struct recital *recital, bool failed)
{
    RF_VERIFY(pthread_mutex_lock(&recital->lock) == 0);
    recital->ended_early = recital->ended_early || failed;
    recital->turn++;
    (void)pthread_cond_broadcast(&recital->turned);
    (void)pthread_mutex_unlock(&recital->lock);
}

static rf_code
write_lines(struct member *member, size_t bucket, struct rf_err *reterr)
{
    const struct rf_recital_request *request = member->recital->request;
    if (!wait_for_turn(member->recital, bucket)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    if (member->lines.used > 0) {
        RF_TRY(request->write(request->context, &member->lines, reterr));
        rf_buf_clear(&member->lines);
    }
    return RF_OK;
}

static rf_code
recite_event(struct member *member, size_t bucket, uint32_t aggregate,
             const struct rf_packed_event *event, const char *copy, struct rf_err *reterr)
{
    const struct rf_recital_request *request = member->recital->request;
    if (request->wants == NULL || request->wants(request->wants_context, event->type)) {
        rf_line_put(&member->liner, aggregate, event, copy, &member->lines);
        member->line_count++;
    }
    return member->lines.used >= PIECE_BYTES ? write_lines(member, bucket, reterr) : RF_OK;
}

static rf_code
recite_instance(struct member *member, size_t bucket, const struct rf_instance *instance,
                struct rf_err *reterr)
{
    struct rf_sums *sums = rf_gatherer_sums(member->gatherer);
    const struct copy *copy = find_copies(member, instance);
    for (size_t i = 0; i < instance->step_count; i++) {
        const struct rf_step *step = &instance->steps[i];
        size_t copies = (size_t)step->duplicates + step->conflicts;
        RF_TRY(recite_event(member, bucket, instance->aggregate, step->event, NULL, reterr));
        for (size_t k = 0; k < copies; k++, copy++) {
            RF_VERIFY(copy < member->copies + member->copy_count && copy->version == step->version);
            RF_TRY(recite_event(member, bucket, instance->aggregate, copy->event,
                                copy->conflicts ? "conflict" : "duplicate", reterr));
        }
        member->copies_told += copies;
        rf_sums_settle(sums, step->event, RF_TERM_FOLDED);
    }
    return RF_OK;
}

/* ---- instances ------------------------------------------------------------------------------- */

static rf_code
recite_portion(struct member *member, size_t bucket, struct rf_err *reterr)
{
    struct rf_gathering gathering;
    member->copy_count = 0;
    member->copies_told = 0;
    RF_TRY(rf_gather(member->gatherer, bucket, &gathering, reterr));
    const struct rf_roll_place *places = rf_roll_call(&member->roll, &gathering);
    if (member->copy_count > 1) {
        qsort(member->copies, member->copy_count, sizeof(*member->copies), compare_copies);
    }
    for (size_t i = 0; i < gathering.count; i++) {
        RF_TRY(recite_instance(member, bucket, places[i].instance, reterr));
    }
    if (member->copies_told != member->copy_count) {
        return rf_fail(reterr, RF_ERR_INTERNAL, NULL, "%zu of %zu copies were not recited",
                       member->copy_count - member->copies_told, member->copy_count);
    }
    return RF_OK;
}

static rf_code
recite_bucket(struct member *member, size_t bucket, struct rf_err *reterr)
{
    const struct rf_recital_request *request = member->recital->request;
    if (rf_history_bucket_events(request->history, bucket) == 0) {
        return RF_OK;
    }
    RF_TRY(rf_history_open_bucket(request->history, bucket, member->number, reterr));
    for (bool more = true; more;) {
        if (rf_stopped(request->stop)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
        }
        RF_TRY(recite_portion(member, bucket, reterr));
        RF_TRY(rf_history_next_portion(request->history, bucket, &more, reterr));
    }
    if (request->progress != NULL) {
        atomic_fetch_add(&request->progress->events_folded,
                         rf_history_bucket_events(request->history, bucket));
    }
    return RF_OK;
}

/** Buckets are taken in order: whoever has an earlier one is at work, or has failed. */
static rf_code
do_bucket(void *context, size_t bucket, struct rf_err *reterr)
{
    struct member *member = context;
    rf_code code = recite_bucket(member, bucket, reterr);
    if (code == RF_OK) {
        code = write_lines(member, bucket, reterr);
    }
    end_turn(member->recital, code != RF_OK);
    return code;
}

/* ---- the crew -------------------------------------------------------------------------------- */

static void
open_member(struct member *member, struct recital *recital, size_t number)
{
    const struct rf_recital_request *request = recital->request;
    *member = (struct member){.recital = recital, .rules = *request->rules, .number = number};
    member->rules.passed = note_copy;
    member->rules.passed_context = member;
    member->gatherer = rf_gatherer_new(request->history, &member->rules);
    rf_liner_init(&member->liner, request->history, request->privacy);
}

static void
close_member(struct member *member, struct rf_recital_result *ret)
{
    rf_gatherer_hand_over(member->gatherer, &ret->sums, &ret->damages, &ret->counts);
    ret->lines += member->line_count;
    rf_gatherer_free(member->gatherer);
    rf_liner_done(&member->liner);
    rf_buf_done(&member->lines);
    free(member->copies);
    rf_roll_done(&member->roll);
}

rf_code
rf_recite(const struct rf_recital_request *request, struct rf_recital_result *ret,
          struct rf_err *reterr)
{
    size_t count = rf_history_useful_threads(rf_history_events(request->history), request->jobs);
    memset(ret, 0, sizeof(*ret));
    RF_TRY(rf_history_open_windows(request->history, count, reterr));
    struct recital recital = {.request = request};
    struct rf_crew_job job = {
        .part_count = RF_BUCKET_COUNT, .work = do_bucket, .stop = request->stop};
    struct member *members = rf_calloc(count, sizeof(*members));
    RF_VERIFY(pthread_mutex_init(&recital.lock, NULL) == 0);
    RF_VERIFY(pthread_cond_init(&recital.turned, NULL) == 0);
    for (size_t i = 0; i < count; i++) {
        open_member(&members[i], &recital, i);
    }
    rf_code code = rf_crew_run(&job, members, sizeof(*members), count, reterr);
    for (size_t i = 0; i < count; i++) {
        close_member(&members[i], ret);
    }
    free(members);
    (void)pthread_cond_destroy(&recital.turned);
    (void)pthread_mutex_destroy(&recital.lock);
    if (code != RF_OK) {
        rf_damages_done(&ret->damages);
        memset(ret, 0, sizeof(*ret));
    }
    return code;
}
