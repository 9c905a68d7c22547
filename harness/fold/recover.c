/* SPDX-License-Identifier: MIT */
/*
 * Who died: the instance that the worker was at, or one that is found by trying.
 *
 * What a worker had answered when it ended lies in its answer file, whole and checked, although it
 * was never announced: the first instance that is not answered there is the suspect. It is folded
 * alone, with steps, in a fresh worker. Where it falls again it is the culprit, the answers are
 * taken, and nothing is folded twice. One that lives is folded alone once more, as it was in the
 * batch: with steps it is given one event at a time, and that is another fold where it takes many
 * at once. Where it does not fall then either, too much memory was taken by all that the batch had
 * folded, and too much time by an instance that is slow.
 *
 * Where a suspect lives alone, something else broke the worker, and its answers are not believed.
 * Its instances are folded again one at a time. One that takes down a worker that had folded others
 * before is tried again in a fresh one. If it lives there, the instance before it left the worker
 * broken, and is named instead; that is why the last outcome is held back until the next instance
 * is through. The first outcome is held back until a culprit is found: if none is, the batch died
 * of something that cannot be laid to one instance, and the first unanswered one stands for it, so
 * that a death is never without a name.
 *
 * A batch that hung is tried so up to the suspect. Where that takes about as long as the batch was
 * given, it is slow, not stuck: the next batches are shorter. Else the rest is tried too,
 * and where none hangs once more the first one stands for it. Who hangs in company at a place that
 * the batch had passed is no culprit either: that is seen once, and not again.
 */
#include "fold/recover.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "fold/outcome.h"

/** A batch that took too long though none of its instances did: the next ones are shorter. */
#define SHORTER 8
/** It took too long because its instances do, where these take so much of a timeout together. */
#define SLOW_PART 2

struct recovery {
    struct rf_lane *lane;
    size_t from;
    size_t suspect;            /**< or the last one where all are answered */
    enum rf_worker_event lost; /**< how the batch's worker was lost */
    bool named;                /**< a culprit is found */
    bool stalled;              /**< one hung in company where the batch had not */
    int64_t lived_ms;          /**< what those took together that were tried, and lived */
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

/** Whether the batch took its time, and was not stuck. */
static bool
is_slow(const struct recovery *recovery)
{
    return recovery->lived_ms >= recovery->lane->request->timeout_ms / SLOW_PART;
}

/** The held instance is to blame for what happened behind its last event. */
static void
blame(const struct recovery *recovery, struct rf_held *held, bool hung, const char *why)
{
    struct rf_lane *lane = recovery->lane;
    char message[RF_DEATH_BYTES + 64];
    (void)snprintf(message, sizeof(message), "%s %s", lane->death, why);
    const struct rf_plan *plan = &lane->plans[held->index];
    struct rf_fall fall = {
        .ending = hung ? RF_ENDED_HUNG : RF_ENDED_CRASHED,
        .reached = plan->count > 0,
        .event = plan->count,
        .message = message,
    };
    held->is = false;
    rf_conclude_fall(lane, plan, &fall);
    if (hung) {
        rf_lane_note_hang(lane);
    }
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

/** Whether who hung behind others, and not alone, did so where the batch had. */
static bool
is_confirmed(const struct recovery *recovery, size_t index)
{
    return index == recovery->suspect || (index > recovery->suspect && !is_slow(recovery));
}

/** The instance at `index` is answered. `fell`: how it had taken down the worker of those before
 * it; RF_WORKER_BATCH: it had not. */
static void
acquit(struct recovery *recovery, size_t index, enum rf_worker_event fell)
{
    struct rf_lane *lane = recovery->lane;
    struct rf_held *before = lane->previous.is ? &lane->previous : &lane->first;
    bool hung = fell == RF_WORKER_HUNG;
    if (hung && recovery->lost == RF_WORKER_HUNG && !is_confirmed(recovery, index)) {
        recovery->stalled = true;
    } else if (fell != RF_WORKER_BATCH && before->is) {
        blame(recovery, before, hung,
              hung ? "at the next instance, which does not hang alone"
                   : "at the next instance, which does not die alone");
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

/** Fold it alone in a fresh worker as it is in a batch. Without steps it shows no sign of life
 * before its end: it is given twice the time that it took with them, and one timeout at least. */
static rf_code
fold_at_once(struct rf_lane *lane, size_t index, int64_t took_ms, struct rf_run_end *ret,
             struct rf_err *reterr)
{
    int64_t timeout_ms = lane->request->timeout_ms;
    struct rf_run run = {
        .plans = &lane->plans[index],
        .count = 1,
        .flags = rf_lane_flags(lane),
        .given = 1 + (timeout_ms == 0 ? 0 : 2 * took_ms / timeout_ms),
        .take = take_one,
    };
    rf_lane_drop_worker(lane);
    RF_TRY(rf_lane_run(lane, &run, ret, reterr));
    if (ret->event != RF_WORKER_BATCH) {
        size_t used = strlen(lane->death);
        (void)snprintf(lane->death + used, sizeof(lane->death) - used, "%s",
                       " where it is given many events at once; event by event it is through");
    }
    return RF_OK;
}

/** Fold one instance, in a second worker where the first had folded others and was lost. */
static rf_code
try_one(struct recovery *recovery, size_t index, struct rf_err *reterr)
{
    struct rf_lane *lane = recovery->lane;
    struct rf_run_end end;
    enum rf_worker_event fell = RF_WORKER_BATCH;
    /* Who garbles the answers of others garbles his own, where there are some before he is through.
     */
    uint32_t flags = recovery->lost == RF_WORKER_LIED ? RF_REQUEST_TRACE : 0;
    RF_TRY(fold_alone(lane, index, flags, &end, reterr));
    if (end.was_used && end.event != RF_WORKER_BATCH) {
        char death[sizeof(lane->death)];
        memcpy(death, lane->death, sizeof(death));
        fell = end.event;
        RF_TRY(fold_alone(lane, index, flags, &end, reterr));
        if (end.event == RF_WORKER_BATCH) {
            memcpy(lane->death, death, sizeof(death));
        }
    }
    if (end.event == RF_WORKER_BATCH) {
        recovery->lived_ms += end.took_ms;
        acquit(recovery, index, fell);
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

/** Event by event; then as in the batch. */
static rf_code
fold_suspect(struct recovery *recovery, size_t index, struct rf_run_end *ret, struct rf_err *reterr)
{
    RF_TRY(fold_alone(recovery->lane, index, 0, ret, reterr));
    if (ret->event != RF_WORKER_BATCH) {
        return RF_OK;
    }
    recovery->lived_ms = ret->took_ms;
    return fold_at_once(recovery->lane, index, recovery->lived_ms, ret, reterr);
}

/** Fold the suspect alone, in a fresh worker. `*ret_settled` where that told what happened: it and
 * all before it are concluded. */
static rf_code
try_suspect(struct recovery *recovery, size_t index, bool *ret_settled, struct rf_err *reterr)
{
    struct rf_lane *lane = recovery->lane;
    struct rf_run_end end;
    rf_lane_swap_begun(lane);
    RF_TRY(fold_suspect(recovery, index, &end, reterr));
    bool lives = end.event == RF_WORKER_BATCH;
    *ret_settled = !lives || (adds_up(recovery->lost) &&
                              (recovery->lost == RF_WORKER_FULL || is_slow(recovery)));
    recovery->lived_ms = 0;
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

/** No instance fell alone. */
static void
close_unnamed(const struct recovery *recovery)
{
    struct rf_lane *lane = recovery->lane;
    bool stuck = recovery->lost == RF_WORKER_HUNG && (recovery->stalled || !is_slow(recovery));
    if (adds_up(recovery->lost)) {
        shorten_batches(lane);
    }
    if (lane->first.is && (stuck || !adds_up(recovery->lost))) {
        blame(recovery, &lane->first, stuck,
              stuck ? "in a batch that begins here; no instance of it hangs alone"
                    : "in a batch that begins here; no instance of it dies alone");
    }
    release(lane, &lane->first);
}

/** Whether all is tried that the worker can be lost of: of a slow batch not what it had not come
 * to.
 */
static bool
is_through(const struct recovery *recovery, size_t at, size_t end)
{
    return at == end ||
           (recovery->lost == RF_WORKER_HUNG && at > recovery->suspect && is_slow(recovery));
}

rf_code
rf_recover(struct rf_lane *lane, size_t from, size_t end, enum rf_worker_event lost,
           size_t *ret_next, struct rf_err *reterr)
{
    size_t suspect = from + lane->wreck.count;
    struct recovery recovery = {
        .lane = lane,
        .from = from,
        .suspect = suspect < end ? suspect : end - 1,
        .lost = lost,
    };
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
    while (!recovery.named && !is_through(&recovery, at, end)) {
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
