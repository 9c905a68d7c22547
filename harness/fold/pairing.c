/* SPDX-License-Identifier: MIT */
/* Two builds over the same instances. */
#include "fold/pairing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"

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
    for (size_t i = 0; i < pairing->sight_room; i++) {
        rf_buf_done(&pairing->sights[i].text);
    }
    rf_buf_done(&pairing->now.text);
    free(pairing->kept);
    free(pairing->hashes);
    free(pairing->wanted);
    free(pairing->sights);
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
    if (lane == pairing->base && pairing->reversed) {
        number = pairing->kept_count - 1 - number;
    }
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
        pairing->wanted[pairing->wanted_count++] = (struct rf_wanted){
            .plan = number,
            .base_hash = kept->outcome.trail[after],
            .head_hash = outcome->trail[after],
        };
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
make_room_for_sights(struct rf_pairing *pairing)
{
    size_t before = pairing->sight_room;
    RF_GROW(pairing->sights, pairing->sight_room, pairing->wanted_count);
    for (size_t i = before; i < pairing->sight_room; i++) {
        pairing->sights[i] = (struct rf_sight){0};
    }
}

/** Where what comes of the wanted one at hand goes. */
static struct rf_sight *
sight_at_hand(struct rf_lane *lane)
{
    struct rf_pairing *pairing = lane->pairing;
    return lane == pairing->base ? &pairing->sights[pairing->settled] : &pairing->now;
}

static void
note_sight(struct rf_sight *sight, uint32_t status, const char *text, size_t bytes)
{
    sight->status = status;
    sight->quotes = false;
    rf_buf_clear(&sight->text);
    if (status == RF_STATUS_OK) {
        rf_buf_add(&sight->text, text, bytes);
    } else {
        rf_buf_add_shown(&sight->text, text, bytes); /* read as a C string from here on */
    }
}

static struct rf_pair_state
show(struct rf_sight *sight)
{
    struct rf_pair_state state = {0};
    const char *text = rf_buf_text(&sight->text);
    switch (sight->status) {
    case RF_STATUS_OK:
        state.text = text;
        state.bytes = sight->text.used;
        break;
    case RF_STATUS_NONFINITE:
        state.nonfinite = text;
        break;
    default:
        state.message = text;
        state.quotes = sight->quotes;
        break;
    }
    return state;
}

/** The lane is through with the wanted one at hand; HEAD comes last. */
static void
settle(struct rf_lane *lane, const struct rf_plan *plan)
{
    struct rf_pairing *pairing = lane->pairing;
    const struct rf_pair_sink *sink = lane->request->pairs;
    if (lane == pairing->head) {
        struct rf_pair_state base = show(&pairing->sights[pairing->settled]);
        struct rf_pair_state head = show(&pairing->now);
        sink->states(sink->context, lane->thread, plan->instance, &base, &head);
    }
    pairing->settled++;
}

/** Whether the state is the one that was hashed in the fold: its trail must end alike. */
static bool
is_as_before(const struct rf_lane *lane, uint64_t hash)
{
    const struct rf_pairing *pairing = lane->pairing;
    const struct rf_wanted *wanted = &pairing->wanted[pairing->settled];
    return hash == (lane == pairing->base ? wanted->base_hash : wanted->head_hash);
}

static void
take_state(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    static const char other[] = "folded again, it comes to another state: it is not pure";
    struct rf_sight *sight = sight_at_hand(lane);
    switch (answer->kind) {
    case RF_ANSWER_TRAIL:
        sight->hash = rf_get_le64((const unsigned char *)answer->text + answer->text_bytes -
                                  RF_TRAIL_HASH_BYTES);
        break;
    case RF_ANSWER_STATE:
        note_sight(sight, answer->status, answer->text, answer->text_bytes);
        sight->quotes = true;
        break;
    default:
        if (answer->applied != plan->count || !is_as_before(lane, sight->hash)) {
            note_sight(sight, RF_STATUS_BROKEN, other, strlen(other));
        }
        settle(lane, plan);
        break;
    }
}

static void
note_death(struct rf_lane *lane)
{
    char text[sizeof(lane->death) + 64];
    int length = snprintf(text, sizeof(text), "folded again, its worker ends: %s", lane->death);
    note_sight(sight_at_hand(lane), RF_STATUS_BROKEN, text, (size_t)length);
}

/** The wanted plans of a lane, moved to its front: its other plans are concluded. */
static void
move_wanted(struct rf_lane *lane)
{
    const struct rf_pairing *pairing = lane->pairing;
    RF_GROW(lane->wanted, lane->wanted_room, pairing->wanted_count);
    for (size_t i = 0; i < pairing->wanted_count; i++) {
        lane->wanted[i] = lane->plans[pairing->wanted[i].plan];
    }
    lane->wanted_count = pairing->wanted_count;
}

/** With the flags of the fold: the aggregate is called as before, and the trail tells if it did the
 * same. Where a worker ends, the rest of its batch is asked for one by one, with steps: who is at
 * fault shows then, and who is merely slow. */
static rf_code
ask(struct rf_lane *lane, struct rf_err *reterr)
{
    struct rf_pairing *pairing = lane->pairing;
    size_t alone_until = 0;
    move_wanted(lane);
    pairing->settled = 0;
    while (pairing->settled < lane->wanted_count) {
        size_t at = pairing->settled;
        bool alone = at < alone_until;
        struct rf_run run = {
            .plans = &lane->wanted[at],
            .count = alone ? 1 : rf_lane_batch(lane, lane->wanted, at, lane->wanted_count),
            .flags = rf_lane_flags(lane) | (alone ? (uint32_t)RF_REQUEST_STEP : 0),
            .take = take_state,
        };
        struct rf_run_end end;
        RF_TRY(rf_lane_run(lane, &run, &end, reterr));
        if (end.event == RF_WORKER_BATCH || end.done == run.count) {
            continue;
        }
        if (!alone) {
            alone_until = at + run.count;
        } else {
            note_death(lane);
            settle(lane, &lane->wanted[at]);
        }
    }
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
    make_room_for_sights(pairing);
    RF_TRY(ask(pairing->base, reterr));
    return ask(pairing->head, reterr);
}
