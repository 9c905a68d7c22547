/* SPDX-License-Identifier: MIT */
/*
 * Who died: instances one at a time, with steps, until the culprit is found.
 *
 * An instance that takes a fresh worker down is the culprit: nothing else was folded there. One
 * that takes down a worker that had folded others before is tried again in a fresh one. If it lives
 * there, the instance before it left the worker broken, and is named instead; that is why the last
 * outcome is held back until the next instance is through. The first outcome is held back until a
 * culprit is found: if none is, the batch died of something that cannot be laid to one instance,
 * and the first unanswered one stands for it, so that a death is never without a name.
 */
#include "fold/recover.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "fold/outcome.h"

/** Instances folded one at a time behind a culprit before batches are dared again. */
#define CAREFUL_RUN 32
/** A batch that took too long though none of its instances did: the next ones are shorter. */
#define SHORTER 8

struct recovery {
    struct rf_lane *lane;
    size_t from;
    size_t end;
    bool named;   /**< a culprit is found */
    size_t quiet; /**< instances since */
};

static void
take_one(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    (void)plan;
    rf_partial_take(&lane->now, answer);
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
blame(struct recovery *recovery, struct rf_held *held, const char *why)
{
    struct rf_lane *lane = recovery->lane;
    char message[400];
    (void)snprintf(message, sizeof(message), "%s %s", lane->death, why);
    const struct rf_plan *plan = &lane->plans[held->index];
    struct rf_fall fall = {RF_ENDED_CRASHED, plan->count > 0, plan->count, message};
    held->is = false;
    rf_conclude_fall(lane, plan, &fall);
}

static void
found(struct recovery *recovery)
{
    recovery->named = true;
    recovery->quiet = 0;
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
    recovery->quiet++;
}

/** Fold one instance, in a second worker where the first had folded others and died. */
static rf_code
try_one(struct recovery *recovery, size_t index, struct rf_err *reterr)
{
    struct rf_lane *lane = recovery->lane;
    uint32_t flags = RF_REQUEST_STEP | rf_lane_flags(lane);
    struct rf_run run = {&lane->plans[index], 1, flags, take_one};
    struct rf_run_end end;
    RF_TRY(rf_lane_run(lane, &run, &end, reterr));
    /* A hang is not tried again: it costs the whole timeout, and a step names its event. */
    bool again = end.was_used && (end.event == RF_WORKER_DIED || end.event == RF_WORKER_LIED);
    if (again) {
        char death[sizeof(lane->death)];
        memcpy(death, lane->death, sizeof(death));
        RF_TRY(rf_lane_run(lane, &run, &end, reterr));
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

/** No instance died alone. */
static void
close_unnamed(struct recovery *recovery, enum rf_worker_event lost)
{
    struct rf_lane *lane = recovery->lane;
    if (lost == RF_WORKER_HUNG) {
        /* Slow, not stuck: each was through in time. */
        lane->batch_instances = (lane->batch_instances + SHORTER - 1) / SHORTER;
        lane->batch_events = (lane->batch_events + SHORTER - 1) / SHORTER;
        release(lane, &lane->first);
    } else if (lane->first.is) {
        blame(recovery, &lane->first, "in a batch that begins here; no instance of it dies alone");
    }
}

rf_code
rf_recover(struct rf_lane *lane, size_t from, size_t end, enum rf_worker_event lost,
           size_t *ret_next, struct rf_err *reterr)
{
    struct recovery recovery = {.lane = lane, .from = from, .end = end};
    char death[sizeof(lane->death)];
    memcpy(death, lane->death, sizeof(death));
    size_t at = from;
    while (recovery.named ? at < lane->plan_count && recovery.quiet < CAREFUL_RUN : at < end) {
        RF_TRY(try_one(&recovery, at, reterr));
        at++;
    }
    if (!recovery.named) {
        memcpy(lane->death, death, sizeof(death));
        close_unnamed(&recovery, lost);
    }
    release(lane, &lane->previous);
    *ret_next = at;
    return RF_OK;
}
