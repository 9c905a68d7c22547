/* SPDX-License-Identifier: MIT */
/* Two builds over the same instances. */
#include "fold/pairing.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
rf_pairing_init(struct rf_pairing *pairing, struct rf_lane *base, struct rf_lane *head)
{
    memset(pairing, 0, sizeof(*pairing));
    pairing->base = base;
    pairing->head = head;
    base->pairing = pairing;
    head->pairing = pairing;
}

static void
drop_kept(struct rf_pairing *pairing)
{
    for (size_t i = 0; i < pairing->kept_count; i++) {
        free(pairing->kept[i].message);
    }
    pairing->kept_count = 0;
}

void
rf_pairing_done(struct rf_pairing *pairing)
{
    drop_kept(pairing);
    for (size_t i = 0; i < pairing->states_room; i++) {
        rf_buf_done(&pairing->states[i]);
    }
    free(pairing->kept);
    free(pairing->hashes);
    free(pairing->wanted);
    free(pairing->states);
    memset(pairing, 0, sizeof(*pairing));
}

void
rf_pairing_begin(struct rf_pairing *pairing)
{
    size_t count = pairing->base->plan_count;
    RF_VERIFY(pairing->head->plan_count == count);
    drop_kept(pairing);
    RF_GROW(pairing->kept, pairing->kept_room, count);
    if (count > 0) {
        memset(pairing->kept, 0, count * sizeof(*pairing->kept));
    }
    pairing->kept_count = count;
    pairing->hash_count = 0;
    pairing->wanted_count = 0;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void
keep(struct rf_pairing *pairing, struct rf_kept *kept, const struct rf_outcome *outcome)
{
    size_t count = (size_t)outcome->trail_count;
    RF_VERIFY(!kept->is); /* each instance has exactly one outcome */
    kept->is = true;
    kept->outcome = *outcome;
    kept->message = outcome->message == NULL ? NULL : rf_strdup(outcome->message);
    kept->outcome.message = kept->message;
    kept->outcome.state = NULL; /* its hash is all that is needed of it */
    kept->outcome.nonfinite = NULL;
    kept->outcome.trail = NULL;
    kept->trail_start = pairing->hash_count;
    RF_GROW(pairing->hashes, pairing->hash_room, pairing->hash_count + count);
    if (count > 0) {
        memcpy(pairing->hashes + pairing->hash_count, outcome->trail,
               count * sizeof(*outcome->trail));
    }
    pairing->hash_count += count;
}

void
rf_pairing_take(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_outcome *outcome)
{
    struct rf_pairing *pairing = lane->pairing;
    const struct rf_pair_sink *sink = lane->request->pairs;
    size_t number = (size_t)(plan - lane->plans);
    RF_VERIFY(number < pairing->kept_count);
    struct rf_kept *kept = &pairing->kept[number];
    if (lane == pairing->base) {
        keep(pairing, kept, outcome);
        return;
    }
    RF_VERIFY(kept->is && kept->outcome.instance == outcome->instance);
    kept->is = false;
    kept->outcome.trail = pairing->hashes + kept->trail_start;
    uint64_t after = 0;
    if (sink->pair(sink->context, lane->thread, &kept->outcome, outcome, &after)) {
        RF_VERIFY(after <= kept->outcome.applied && after <= outcome->applied);
        RF_GROW(pairing->wanted, pairing->wanted_room, pairing->wanted_count + 1);
        pairing->wanted[pairing->wanted_count++] = number;
        /* From here on the plans ask for this one state. */
        struct rf_plan *plans[] = {&pairing->base->plans[number], &pairing->head->plans[number]};
        for (size_t i = 0; i < 2; i++) {
            plans[i]->count = after;
            plans[i]->snapshot_after = after;
        }
    }
}

/* ---- states ---------------------------------------------------------------------------------- */

static void
make_room_for_states(struct rf_pairing *pairing)
{
    size_t before = pairing->states_room;
    RF_GROW(pairing->states, pairing->states_room, pairing->wanted_count);
    for (size_t i = before; i < pairing->states_room; i++) {
        pairing->states[i] = (struct rf_buf){0};
    }
    for (size_t i = 0; i < pairing->wanted_count; i++) {
        rf_buf_clear(&pairing->states[i]);
    }
}

static void
take_base_state(struct rf_lane *lane, const struct rf_plan *plan,
                const struct rf_worker_answer *answer)
{
    struct rf_pairing *pairing = lane->pairing;
    (void)plan;
    if (answer->kind == RF_ANSWER_STATE && answer->status == RF_STATUS_OK) {
        rf_buf_add(&pairing->states[pairing->filled], answer->text, answer->text_bytes);
    } else if (answer->kind == RF_ANSWER_END) {
        pairing->filled++;
    }
}

static void
take_head_state(struct rf_lane *lane, const struct rf_plan *plan,
                const struct rf_worker_answer *answer)
{
    struct rf_pairing *pairing = lane->pairing;
    const struct rf_pair_sink *sink = lane->request->pairs;
    if (answer->kind == RF_ANSWER_STATE) {
        const struct rf_buf *base = &pairing->states[pairing->filled];
        bool sound = answer->status == RF_STATUS_OK;
        sink->states(sink->context, lane->thread, plan->instance,
                     base->used == 0 ? NULL : base->bytes, base->used, sound ? answer->text : NULL,
                     sound ? answer->text_bytes : 0);
    } else if (answer->kind == RF_ANSWER_END) {
        pairing->filled++;
    }
}

/** The wanted plans of a lane, moved to its front: its other plans are concluded. */
static void
move_wanted(struct rf_lane *lane)
{
    const struct rf_pairing *pairing = lane->pairing;
    RF_GROW(lane->wanted, lane->wanted_room, pairing->wanted_count);
    for (size_t i = 0; i < pairing->wanted_count; i++) {
        lane->wanted[i] = lane->plans[pairing->wanted[i]];
    }
    lane->wanted_count = pairing->wanted_count;
}

static rf_code
ask(struct rf_lane *lane,
    void (*take)(struct rf_lane *, const struct rf_plan *, const struct rf_worker_answer *),
    struct rf_err *reterr)
{
    struct rf_pairing *pairing = lane->pairing;
    move_wanted(lane);
    pairing->filled = 0;
    for (size_t at = 0; at < lane->wanted_count;) {
        struct rf_run run = {
            .plans = &lane->wanted[at],
            .count = rf_lane_batch(lane, lane->wanted, at, lane->wanted_count),
            .take = take,
        };
        struct rf_run_end end;
        RF_TRY(rf_lane_run(lane, &run, &end, reterr));
        at += end.done;
        if (end.event != RF_WORKER_BATCH && end.done < run.count) {
            at++;
        }
        pairing->filled = at;
    }
    lane->wanted_count = 0;
    return RF_OK;
}

rf_code
rf_pairing_finish(struct rf_pairing *pairing, struct rf_err *reterr)
{
    for (size_t i = 0; i < pairing->kept_count; i++) {
        RF_VERIFY(!pairing->kept[i].is); /* no instance without its pair */
    }
    if (pairing->wanted_count == 0) {
        return RF_OK;
    }
    make_room_for_states(pairing);
    RF_TRY(ask(pairing->base, take_base_state, reterr));
    return ask(pairing->head, take_head_state, reterr);
}
