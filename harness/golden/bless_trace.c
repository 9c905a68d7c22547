/* SPDX-License-Identifier: MIT */
/* Instances that were refused behind their snapshot wait for the state before the refused event:
 * that is what their lines hold. Only where a comparison says where the snapshots are. */
#include "golden/bless_internal.h"

#include <stdlib.h>

#include "base/alloc.h"

bool
rf_refused_is(const struct rf_outcome *outcome)
{
    return outcome->ending == RF_ENDED_REJECTED && outcome->state_steps < outcome->applied;
}

void
rf_refused_keep(struct rf_bless_lane *lane, const struct rf_outcome *outcome)
{
    RF_GROW(lane->refused, lane->refused_room, lane->refused_count + 1);
    struct rf_refused *refused = &lane->refused[lane->refused_count++];
    *refused = (struct rf_refused){.outcome = *outcome};
    refused->message = outcome->message == NULL ? NULL : rf_strdup(outcome->message);
    refused->outcome.message = refused->message;
}

static struct rf_refused *
find(const struct rf_bless_lane *lane, const struct rf_instance *instance)
{
    for (size_t i = 0; i < lane->refused_count; i++) {
        if (lane->refused[i].outcome.instance == instance) {
            return &lane->refused[i];
        }
    }
    return NULL;
}

static void
drop(struct rf_bless_lane *lane, struct rf_refused *refused)
{
    free(refused->message);
    rf_buf_done(&refused->state);
    *refused = lane->refused[--lane->refused_count];
}

void
rf_refused_trace(struct rf_bless_lane *lane, const struct rf_instance *instance, const char *state,
                 size_t state_bytes, uint64_t likeness)
{
    struct rf_refused *refused = find(lane, instance);
    if (refused != NULL) {
        rf_buf_clear(&refused->state);
        rf_buf_add(&refused->state, state, state_bytes);
        refused->has_state = state != NULL;
        refused->likeness = likeness;
    }
}

/** The outcome as it had been with a snapshot right before the refused event. */
static struct rf_outcome
outcome_before(struct rf_refused *refused)
{
    struct rf_outcome outcome = refused->outcome;
    uint64_t steps = outcome.applied;
    outcome.state = refused->has_state ? rf_buf_text(&refused->state) : NULL;
    outcome.state_bytes = refused->state.used;
    outcome.nonfinite = refused->has_state ? NULL : "";
    outcome.likeness = refused->likeness;
    outcome.state_steps = steps;
    outcome.state_version = steps == 0 ? rf_instance_start_version(outcome.instance)
                                       : outcome.instance->steps[steps - 1].version;
    return outcome;
}

void
rf_refused_traced(struct rf_blessing *blessing, struct rf_bless_lane *lane,
                  const struct rf_instance *instance, bool whole)
{
    struct rf_refused *refused = find(lane, instance);
    if (refused == NULL) {
        return;
    }
    struct rf_outcome outcome = outcome_before(refused);
    rf_bless_take(blessing, lane, &outcome, whole);
    drop(lane, refused);
}

void
rf_refused_drop(struct rf_bless_lane *lane)
{
    while (lane->refused_count > 0) {
        drop(lane, lane->refused);
    }
    free(lane->refused);
}
