/* SPDX-License-Identifier: MIT */
/* The line that an outcome gives. */
#include "golden/bless_internal.h"

#include <string.h>

#include "base/buf.h"

/** The refusal of the line at hand. */
static struct rf_golden_refusal *
set_refusal(struct rf_bless_lane *lane, const struct rf_names *names,
            const struct rf_packed_event *event, int64_t version, const char *message)
{
    struct rf_golden_refusal *refusal = &lane->refusal;
    *refusal = (struct rf_golden_refusal){
        .version = version,
        .type = "",
        .message = message,
        .message_bytes = strlen(message),
    };
    if (event != NULL) {
        refusal->type = rf_names_text(names, event->type, &refusal->type_bytes);
    }
    return refusal;
}

static int64_t
version_after(const struct rf_instance *instance, uint64_t steps)
{
    return steps == 0 || steps > instance->step_count ? rf_instance_start_version(instance)
                                                      : instance->steps[steps - 1].version;
}

/** The line that an outcome gives, but for its state. */
static void
describe_outcome(struct rf_history *history, struct rf_bless_lane *lane,
                 const struct rf_outcome *outcome, struct rf_golden_line *ret)
{
    const struct rf_instance *instance = outcome->instance;
    const struct rf_names *names = rf_history_names(history);
    *ret = (struct rf_golden_line){
        .id = instance->id,
        .id_bytes = (uint32_t)instance->id_bytes,
        .version = outcome->state_version,
        .has_digest = true,
        .digest = outcome->state_digest,
    };
    if (outcome->ending == RF_ENDED_REJECTED) {
        ret->digest = outcome->at_digest;
        struct rf_golden_refusal *refusal =
            set_refusal(lane, names, outcome->at, outcome->at_version,
                        outcome->message == NULL ? "" : outcome->message);
        if (outcome->at == NULL && instance->start != NULL) {
            refusal->type = instance->start->refused_type;
            refusal->type_bytes = instance->start->refused_type_bytes;
        }
        ret->refusal = refusal;
    } else if (outcome->nonfinite != NULL) {
        uint64_t steps = outcome->state_steps;
        bool known = steps > 0 && steps <= instance->step_count;
        rf_buf_clear(&lane->message);
        rf_nonfinite_message(&lane->message, outcome->nonfinite);
        ret->version = version_after(instance, known ? steps - 1 : 0);
        ret->refusal = set_refusal(lane, names, known ? instance->steps[steps - 1].event : NULL,
                                   outcome->state_version, rf_buf_text(&lane->message));
    }
    if (outcome->nonfinite != NULL) { /* what the line's state would tell */
        lane->refusal.likeness = outcome->likeness;
    }
}

/** What is accepted must be read again: a state that is no JSON is not. */
static bool
set_state(struct rf_bless_lane *lane, const struct rf_outcome *outcome, struct rf_golden_line *line)
{
    rf_buf_clear(&lane->state);
    if (outcome->state == NULL) {
        return outcome->nonfinite != NULL;
    }
    if (rf_json_read_whole(&lane->doc, outcome->state, outcome->state_bytes, NULL) != RF_OK ||
        rf_json_canonical(&lane->doc, 0, false, &lane->state, NULL) != RF_OK) {
        return false;
    }
    line->state = lane->state.bytes;
    line->state_bytes = (uint32_t)lane->state.used;
    return true;
}

bool
rf_bless_line(struct rf_history *history, struct rf_bless_lane *lane,
              const struct rf_outcome *outcome, struct rf_golden_line *ret)
{
    if (outcome->ending == RF_ENDED_CRASHED || outcome->ending == RF_ENDED_HUNG ||
        outcome->ending == RF_ENDED_IMPURE || outcome->ending == RF_ENDED_UNTRIED) {
        return false;
    }
    describe_outcome(history, lane, outcome, ret);
    return set_state(lane, outcome, ret);
}
