/* SPDX-License-Identifier: MIT */
/*
 * Who died: the instance that the worker was at, or one that is found by trying.
 *
 * What a worker had answered when it ended lies in its answer file, whole and checked, although it
 * was never announced: the first instance that is not answered there is the suspect. It is folded
 * alone, with steps, in a fresh worker. Where it falls again it is the culprit, the answers are
 * taken, and nothing is folded twice. One that took too much time or memory, and does not alone,
 * was a long batch.
 *
 * Where a suspect lives alone, something else broke the worker, and its answers are not believed.
 * Its instances are folded again one at a time. One that takes down a worker that had folded others
 * before is tried again in a fresh one. If it lives there, the instance before it left the worker
 * broken, and is named instead; that is why the last outcome is held back until the next instance
 * is through. The first outcome is held back until a culprit is found: if none is, the batch died
 * of something that cannot be laid to one instance, and the first unanswered one stands for it, so
 * that a death is never without a name.
 */
#include "fold/recover.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "fold/outcome.h"

/** A batch that took too long though none of its instances did: the next ones are shorter. */
#define SHORTER 8

struct recovery {
    struct rf_lane *lane;
    size_t from;
    enum rf_worker_event lost; /**< how the batch's worker was lost */
    bool named;                /**< a culprit is found */
};

static void
take_one(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    (void)plan;
    if (answer->kind != RF_ANSWER_TRACE) {
        rf_partial_take(&lane->now, answer);
    }
}

static void
hold(struct rf_lane *lane, struct rf_held *held, size_t index)
{
    struct rf_partial spare = held->partial;
    held->partial = lane->now;
    lane->now = spare;
    held->index = index;
    held->is = true;
}

static void
release(struct rf_lane *lane, struct rf_held *held)
{
    if (held->is) {
        held->is = false;
        rf_conclude(lane, &lane->plans[held->index], &held->partial);
    }
}

/** The held instance is to blame for what happened behind its last event. */
static void
blame(const struct recovery *recovery, struct rf_held *held, const char *why)
{
    struct rf_lane *lane = recovery->lane;
    char message[RF_DEATH_BYTES + 64];
    (void)snprintf(message, sizeof(message), "%s %s", lane->death, why);
    const struct rf_plan *plan = &lane->plans[held->index];
    struct rf_fall fall = {
        .ending = RF_ENDED_CRASHED,
        .reached = plan->count > 0,
        .event = plan->count,
        .message = message,
    };
    held->is = false;
    rf_conclude_fall(lane, plan, &fall);
}

static void
found(struct recovery *recovery)
{
    recovery->named = true;
    release(recovery->lane, &recovery->lane->first);
}

/** The instance at `index` is the culprit. */
static void
convict(struct recovery *recovery, size_t index, const struct rf_run_end *end)
{
    struct rf_lane *lane = recovery->lane;
    found(recovery);
    release(lane, &lane->previous);
    struct rf_fall fall = {
        .ending = end->event == RF_WORKER_HUNG ? RF_ENDED_HUNG : RF_ENDED_CRASHED,
        .reached = end->stepped,
        .event = end->step,
        .message = lane->death,
    };
    rf_conclude_fall(lane, &lane->plans[index], &fall);
    if (fall.ending == RF_ENDED_HUNG) {
        rf_lane_note_hang(lane);
    }
}

/** The instance at `index` is answered. `again`: it had taken down the worker of those before it.
 */
static void
acquit(struct recovery *recovery, size_t index, bool again)
{
    struct rf_lane *lane = recovery->lane;
    struct rf_held *before = lane->previous.is ? &lane->previous : &lane->first;
    if (again && before->is) {
        blame(recovery, before, "at the next instance, which does not die alone");
        found(recovery);
    }
    release(lane, &lane->previous);
    hold(lane, index == recovery->from ? &lane->first : &lane->previous, index);
}

static rf_code
fold_alone(struct rf_lane *lane, size_t index, uint32_t flags, struct rf_run_end *ret,
           struct rf_err *reterr)
{
    struct rf_run run = {
        .plans = &lane->plans[index],
        .count = 1,
        .flags = flags | RF_REQUEST_STEP | rf_lane_flags(lane),
        .take = take_one,
    };
    return rf_lane_run(lane, &run, ret, reterr);
}

/** Fold one instance, in a second worker where the first had folded others and was lost. */
static rf_code
try_one(struct recovery *recovery, size_t index, struct rf_err *reterr)
{
    struct rf_lane *lane = recovery->lane;
    struct rf_run_end end;
    /* Who garbles the answers of others garbles his own, where there are some before he is through.
     */
    uint32_t flags = recovery->lost == RF_WORKER_LIED ? RF_REQUEST_TRACE : 0;
    RF_TRY(fold_alone(lane, index, flags, &end, reterr));
    bool again = end.was_used && end.event != RF_WORKER_BATCH;
    if (again) {
        char death[sizeof(lane->death)];
        memcpy(death, lane->death, sizeof(death));
        RF_TRY(fold_alone(lane, index, flags, &end, reterr));
        if (end.event == RF_WORKER_BATCH) {
            memcpy(lane->death, death, sizeof(death));
        }
    }
    if (end.event == RF_WORKER_BATCH) {
        acquit(recovery, index, again);
    } else {
        convict(recovery, index, &end);
    }
    return RF_OK;
}

/** What many instances come to together, though none does alone: time, and memory that they leave.
 */
static bool
adds_up(enum rf_worker_event lost)
{
    return lost == RF_WORKER_HUNG || lost == RF_WORKER_FULL;
}

/** Slow, not stuck: each was through in time. */
static void
shorten_batches(struct rf_lane *lane)
{
    lane->batch_instances = (lane->batch_instances + SHORTER - 1) / SHORTER;
    lane->batch_events = (lane->batch_events + SHORTER - 1) / SHORTER;
}

/** Fold the suspect alone, in a fresh worker. `*ret_settled` where that told what happened: it and
 * all before it are concluded. */
static rf_code
try_suspect(struct recovery *recovery, size_t index, bool *ret_settled, struct rf_err *reterr)
{
    struct rf_lane *lane = recovery->lane;
    struct rf_run_end end;
    rf_lane_swap_begun(lane);
    RF_TRY(fold_alone(lane, index, 0, &end, reterr));
    bool lives = end.event == RF_WORKER_BATCH;
    *ret_settled = !lives || adds_up(recovery->lost);
    if (!*ret_settled) {
        rf_lane_drop_worker(lane); /* what comes now begins with a fresh one */
        rf_lane_drop_wreck(lane);
        return RF_OK;
    }
    if (lives) {
        hold(lane, &lane->previous, index);
        shorten_batches(lane);
    }
    rf_lane_swap_begun(lane);
    rf_lane_salvage(lane, &lane->plans[recovery->from], rf_conclude_answer);
    if (!lives) {
        convict(recovery, index, &end);
    }
    release(lane, &lane->previous);
    return RF_OK;
}

/** No instance died alone. */
static void
close_unnamed(const struct recovery *recovery)
{
    struct rf_lane *lane = recovery->lane;
    if (adds_up(recovery->lost)) {
        shorten_batches(lane);
        release(lane, &lane->first);
    } else if (lane->first.is) {
        blame(recovery, &lane->first, "in a batch that begins here; no instance of it dies alone");
    }
}

rf_code
rf_recover(struct rf_lane *lane, size_t from, size_t end, enum rf_worker_event lost,
           size_t *ret_next, struct rf_err *reterr)
{
    struct recovery recovery = {.lane = lane, .from = from, .lost = lost};
    size_t suspect = from + lane->wreck.count;
    bool settled = false;
    char death[sizeof(lane->death)];
    memcpy(death, lane->death, sizeof(death));
    if (suspect < end) {
        RF_TRY(try_suspect(&recovery, suspect, &settled, reterr));
    }
    if (settled) {
        *ret_next = suspect + 1;
        return RF_OK;
    }
    rf_lane_drop_wreck(lane);
    size_t at = from;
    while (!recovery.named && at < end) {
        RF_TRY(try_one(&recovery, at, reterr));
        at++;
    }
    if (!recovery.named) {
        memcpy(lane->death, death, sizeof(death));
        close_unnamed(&recovery);
    }
    release(lane, &lane->previous);
    *ret_next = at;
    return RF_OK;
}
