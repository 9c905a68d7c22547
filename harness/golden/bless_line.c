/* SPDX-License-Identifier: MIT */
/* The line that an outcome gives. */
#include "golden/bless_internal.h"

#include <string.h>

#include "base/buf.h"

static void
set_rejection(struct rf_golden_line *line, const struct rf_names *names,
              const struct rf_packed_event *event, int64_t version, const char *message)
{
    line->rejected = true;
    line->rejected_version = version;
    line->rejected_type = "";
    if (event != NULL) {
        line->rejected_type = rf_names_text(names, event->type, &line->rejected_type_bytes);
    }
    line->rejected_message = message;
    line->rejected_message_bytes = strlen(message);
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
        .id_bytes = instance->id_bytes,
        .version = outcome->state_version,
        .has_digest = true,
        .digest = outcome->state_digest,
    };
    if (outcome->ending == RF_ENDED_REJECTED) {
        ret->digest = outcome->at_digest;
        set_rejection(ret, names, outcome->at, outcome->at_version,
                      outcome->message == NULL ? "" : outcome->message);
        if (outcome->at == NULL && instance->start != NULL) {
            ret->rejected_type = instance->start->refused_type;
            ret->rejected_type_bytes = instance->start->refused_type_bytes;
        }
    } else if (outcome->nonfinite != NULL) {
        uint64_t steps = outcome->state_steps;
        bool known = steps > 0 && steps <= instance->step_count;
        rf_buf_clear(&lane->message);
        rf_nonfinite_message(&lane->message, outcome->nonfinite);
        ret->version = version_after(instance, known ? steps - 1 : 0);
        set_rejection(ret, names, known ? instance->steps[steps - 1].event : NULL,
                      outcome->state_version, rf_buf_text(&lane->message));
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
    line->state_bytes = lane->state.used;
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
