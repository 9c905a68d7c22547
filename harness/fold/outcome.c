/* SPDX-License-Identifier: MIT */
/* From what came back, or did not, to an instance's outcome: sums, sink, trace. */
#include "fold/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "fold/pairing.h"
#include "fold/purity.h"

/** The first part begins with the empty state's hash: what was there is another instance's. */
static void
take_trail(struct rf_partial *partial, const struct rf_worker_answer *answer)
{
    size_t count = answer->text_bytes / RF_TRAIL_HASH_BYTES;
    partial->trail_count = (size_t)answer->applied + 1 - count;
    RF_GROW(partial->trail, partial->trail_room, partial->trail_count + count);
    for (size_t i = 0; i < count; i++) {
        partial->trail[partial->trail_count++] =
            rf_get_le64((const unsigned char *)answer->text + i * RF_TRAIL_HASH_BYTES);
    }
}

void
rf_partial_take(struct rf_partial *partial, const struct rf_worker_answer *answer)
{
    struct rf_buf *text = NULL;
    if (answer->kind == RF_ANSWER_TRAIL) {
        take_trail(partial, answer);
        return;
    }
    if (answer->kind == RF_ANSWER_STATE) {
        partial->state_status = answer->status;
        partial->state_applied = answer->applied;
        partial->state_digest = answer->digest;
        partial->state_likeness = answer->likeness;
        partial->state_trail = answer->trail;
        text = &partial->state;
    } else if (answer->kind == RF_ANSWER_CALLS) {
        text = &partial->calls;
    } else {
        partial->end_status = answer->status;
        partial->end_applied = answer->applied;
        partial->end_digest = answer->digest;
        text = &partial->message;
    }
    rf_buf_clear(text);
    if (text == &partial->state && answer->status == RF_STATUS_OK) {
        rf_buf_add(text, answer->text, answer->text_bytes);
    } else {
        /* Read as a C string from here on: an event's type in it may hold NUL bytes. */
        rf_buf_add_shown(text, answer->text, answer->text_bytes);
    }
}

/* ---- handing over -----------------------------------------------------------------------------
 */

static void
settle_steps(struct rf_lane *lane, const struct rf_outcome *outcome)
{
    const struct rf_instance *instance = outcome->instance;
    bool unclaimed = outcome->ending == RF_ENDED_UNCLAIMED;
    for (size_t i = 0; i < instance->step_count; i++) {
        enum rf_term term = unclaimed ? RF_TERM_UNCLAIMED : RF_TERM_UNFOLDED;
        if (i < outcome->applied) {
            term = RF_TERM_FOLDED;
        } else if (i == outcome->applied && outcome->ending == RF_ENDED_REJECTED) {
            term = outcome->unhandled ? RF_TERM_UNHANDLED : RF_TERM_REJECTED;
        }
        rf_sums_settle_item(lane->sums, instance->steps[i].item, term);
    }
    if (instance->unhandled != NULL) {
        bool reached = outcome->unhandled && outcome->at == instance->unhandled;
        rf_sums_settle(lane->sums, instance->unhandled,
                       reached ? RF_TERM_UNHANDLED : RF_TERM_UNFOLDED);
    }
    for (size_t i = 0; i < instance->behind_count; i++) {
        rf_sums_settle_item(lane->sums, instance->behind[i].item, RF_TERM_UNFOLDED);
    }
}

/** Of an outcome whose steps are settled. Returns whether the sink wants a trace. */
static bool
tell(struct rf_lane *lane, const struct rf_outcome *outcome)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    if (lane->request->progress != NULL) {
        (void)atomic_fetch_add_explicit(&lane->request->progress->events_folded,
                                        outcome->instance->step_count, memory_order_relaxed);
    }
    return lane->pairing == NULL && sink->outcome(sink->context, lane->thread, outcome);
}

/** What was found before counts from here on: the sums are those of this fold in any case. */
static bool
tell_judged(struct rf_lane *lane, const struct rf_plan *plan, struct rf_outcome *outcome)
{
    settle_steps(lane, outcome);
    if (lane->purity != NULL) {
        rf_purity_judge(lane->purity, (size_t)(plan - lane->plans), outcome);
    }
    return tell(lane, outcome);
}

static void
hand_over(struct rf_lane *lane, const struct rf_plan *plan, struct rf_outcome *outcome)
{
    outcome->private = rf_privacy_find(lane->request->privacy, outcome->instance->aggregate_name);
    if (outcome->private != NULL) {
        outcome->state_digest = rf_private_digest(outcome->private, outcome->state_digest);
        outcome->at_digest = rf_private_digest(outcome->private, outcome->at_digest);
    }
    bool traced = tell_judged(lane, plan, outcome);
    if (lane->pairing != NULL) {
        rf_pairing_take(lane, plan, outcome);
    } else if (traced) {
        /* The trace goes no further than the fold came: it cannot die of the same event. Of a
         * refused instance it goes that far, so that the state before the refused event is had. */
        bool refused = outcome->ending == RF_ENDED_REJECTED;
        uint64_t snapshot = refused ? outcome->applied : plan->snapshot_after;
        RF_GROW(lane->wanted, lane->wanted_room, lane->wanted_count + 1);
        lane->wanted[lane->wanted_count++] = (struct rf_plan){
            .instance = plan->instance,
            .token = plan->token,
            .count = outcome->applied,
            .snapshot_after = snapshot < outcome->applied ? snapshot : outcome->applied,
        };
    }
}

/* ---- answered to the end ----------------------------------------------------------------------
 */

/** Returns "unhandled type X", owned by the caller. */
static char *
reject_unhandled(const struct rf_lane *lane, struct rf_outcome *outcome, uint64_t digest)
{
    const struct rf_instance *instance = outcome->instance;
    const struct rf_names *names = rf_history_names(lane->request->history);
    outcome->ending = RF_ENDED_REJECTED;
    outcome->unhandled = true;
    outcome->at = instance->unhandled;
    outcome->at_version = instance->unhandled_version;
    outcome->at_digest = rf_digest_event(digest, instance->unhandled, instance->unhandled_version,
                                         rf_names_hash(names, instance->unhandled->type));
    size_t type_bytes = 0;
    const char *type = rf_names_text(names, instance->unhandled->type, &type_bytes);
    struct rf_buf text = {0};
    rf_buf_string(&text, "unhandled type ");
    rf_buf_add_shown(&text, type, type_bytes);
    outcome->message = rf_buf_text(&text);
    return text.bytes;
}

static void
reject_refused(const struct rf_lane *lane, struct rf_outcome *outcome, struct rf_partial *partial)
{
    const struct rf_step *step = &outcome->instance->steps[partial->end_applied];
    const struct rf_names *names = rf_history_names(lane->request->history);
    size_t type_bytes = 0;
    const char *type = rf_names_text(names, step->event->type, &type_bytes);
    outcome->ending = RF_ENDED_REJECTED;
    /* Of two builds one may declare what the other does not: the worker tells then. */
    outcome->unhandled = !rf_build_declares(lane->build, type, type_bytes);
    outcome->at = step->event;
    outcome->at_version = step->version;
    outcome->at_digest = step->digest;
    outcome->message = rf_buf_text(&partial->message);
    outcome->quotes = !outcome->unhandled;
}

/** The event was refused when the snapshot was made: the instance stays there. Whether for its
 * type, or in the aggregate's words, nothing tells any more. */
static void
reject_at_start(struct rf_outcome *outcome, const struct rf_start *start, char *message)
{
    outcome->ending = RF_ENDED_REJECTED;
    outcome->at_version = start->covered;
    outcome->at_digest = start->digest;
    outcome->message = message;
    outcome->quotes = message[0] != '\0';
}

/** An instance whose start has no state: nothing can go on there; without more events it stays as
 * it is. What the worker made of it is not looked at. */
static void
conclude_stateless(struct rf_lane *lane, const struct rf_plan *plan)
{
    const struct rf_start *start = plan->instance->start;
    if (plan->instance->behind_count > 0) {
        struct rf_fall fall = {
            .ending = RF_ENDED_CRASHED,
            .message = "its snapshot has no state to go on from; fold it from the beginning",
        };
        rf_conclude_fall(lane, plan, &fall);
        return;
    }
    struct rf_outcome outcome = {
        .instance = plan->instance,
        .token = plan->token,
        .state_digest = start->digest,
        .state_version = start->version,
        .nonfinite = "",
        .likeness = start->likeness,
    };
    char *message = rf_strndup(start->refused_message, start->refused_message_bytes);
    reject_at_start(&outcome, start, message);
    hand_over(lane, plan, &outcome);
    free(message);
}

void
rf_conclude(struct rf_lane *lane, const struct rf_plan *plan, struct rf_partial *partial)
{
    const struct rf_instance *instance = plan->instance;
    if (instance->start != NULL && instance->start->state == NULL) {
        conclude_stateless(lane, plan);
        return;
    }
    if (partial->state_status == RF_STATUS_BROKEN) {
        struct rf_fall fall = {
            .ending = RF_ENDED_CRASHED,
            .reached = partial->state_applied > 0,
            .event = partial->state_applied > 0 ? partial->state_applied - 1 : 0,
            .message = rf_buf_text(&partial->state),
            .quotes = true,
        };
        rf_conclude_fall(lane, plan, &fall);
        return;
    }
    struct rf_outcome outcome = {
        .instance = instance,
        .token = plan->token,
        .ending = RF_ENDED_FOLDED,
        .applied = partial->end_applied,
        .state_steps = partial->state_applied,
        .state_digest = partial->state_digest,
        .state_version = partial->state_applied > 0
                             ? instance->steps[partial->state_applied - 1].version
                             : rf_instance_start_version(instance),
    };
    if (partial->state_status == RF_STATUS_NONFINITE) {
        outcome.nonfinite = rf_buf_text(&partial->state);
        outcome.likeness = partial->state_likeness;
        outcome.likeness_trail = partial->state_trail;
    } else {
        outcome.state = rf_buf_text(&partial->state);
        outcome.state_bytes = partial->state.used;
    }
    if (lane->pairing != NULL) {
        outcome.trail = partial->trail;
        outcome.trail_count = partial->trail_count;
        outcome.state_hash =
            outcome.state == NULL ? 0 : rf_hash(outcome.state, outcome.state_bytes, 0);
    }
    char *owned = NULL;
    if (rf_instance_is_over(instance)) {
        owned =
            rf_strndup(instance->start->refused_message, instance->start->refused_message_bytes);
        reject_at_start(&outcome, instance->start, owned);
    } else if (partial->end_status == RF_STATUS_REJECTED) {
        reject_refused(lane, &outcome, partial);
    } else if (instance->unhandled != NULL) {
        owned = reject_unhandled(lane, &outcome, partial->end_digest);
    }
    hand_over(lane, plan, &outcome);
    free(owned);
}

void
rf_conclude_answer(struct rf_lane *lane, const struct rf_plan *plan,
                   const struct rf_worker_answer *answer)
{
    rf_partial_take(&lane->now, answer);
    if (answer->kind == RF_ANSWER_END) {
        rf_conclude(lane, plan, &lane->now);
    }
}

void
rf_conclude_fall(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_fall *fall)
{
    const struct rf_instance *instance = plan->instance;
    struct rf_outcome outcome = {
        .instance = instance,
        .token = plan->token,
        .ending = fall->ending,
        .message = fall->message,
        .quotes = fall->quotes,
    };
    if (fall->reached && instance->step_count > 0) {
        /* A crash behind the last event, while the state is made, is laid to that event. */
        uint64_t last = instance->step_count - 1;
        outcome.applied = fall->event < last ? fall->event : last;
        outcome.at = instance->steps[outcome.applied].event;
        outcome.at_version = instance->steps[outcome.applied].version;
    }
    hand_over(lane, plan, &outcome);
}

void
rf_conclude_untried(struct rf_lane *lane, const struct rf_plan *plan)
{
    struct rf_outcome outcome = {
        .instance = plan->instance,
        .token = plan->token,
        .ending = RF_ENDED_UNTRIED,
    };
    rf_lane_note_untried(lane, plan);
    hand_over(lane, plan, &outcome);
}

void
rf_conclude_passed(struct rf_lane *lane, const struct rf_instance *instance)
{
    const struct rf_outcome outcome = {.instance = instance, .ending = RF_ENDED_UNCLAIMED};
    RF_VERIFY(lane->again); /* it has had its outcome */
    settle_steps(lane, &outcome);
}

void
rf_conclude_unclaimed(struct rf_lane *lane, const struct rf_plan *plan)
{
    const struct rf_outcome outcome = {
        .instance = plan->instance,
        .token = plan->token,
        .ending = RF_ENDED_UNCLAIMED,
    };
    settle_steps(lane, &outcome);
    (void)tell(lane, &outcome); /* without a build there is nothing to trace */
}
