/* SPDX-License-Identifier: MIT */
/* What is private in a worker's answer, masked. Here it ends: nothing behind this has seen it. */
#include "fold/masking.h"

#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "worker/world.h"

/**
 * "TYPE: words", as a refusal is told: the type stays, the words may quote a value. "unhandled type
 * TYPE" are no words of the aggregate's.
 */
static void
mask_refusal(struct rf_lane *lane, const struct rf_private *private, const struct rf_plan *plan,
             const struct rf_worker_answer *answer)
{
    static const char unhandled[] = "unhandled type ";
    const struct rf_step *step = &plan->instance->steps[answer->applied];
    const struct rf_names *names = rf_history_names(lane->request->history);
    size_t type_bytes = 0;
    const char *type = rf_names_text(names, step->event->type, &type_bytes);
    const char *text = answer->text;
    size_t bytes = answer->text_bytes;
    size_t front = strlen(unhandled);
    if (bytes > front && memcmp(text, unhandled, front) == 0 &&
        rf_bytes_same(text + front, bytes - front, type, type_bytes)) {
        rf_buf_add(&lane->masked, text, bytes);
        return;
    }
    if (bytes >= type_bytes + 2 && memcmp(text, type, type_bytes) == 0 &&
        memcmp(text + type_bytes, ": ", 2) == 0) {
        rf_buf_add(&lane->masked, text, type_bytes + 2);
        text += type_bytes + 2;
        bytes -= type_bytes + 2;
    }
    rf_private_words(private, text, bytes, &lane->masked);
}

/** Functions of refold's own list are no values. Whatever else stands there is left out: the worker
 * wrote the list, and may have been scribbled over. */
static void
mask_calls(struct rf_lane *lane, const struct rf_worker_answer *answer)
{
    const char *end = answer->text + answer->text_bytes;
    for (const char *at = answer->text; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        if (rf_world_knows_call(at, (size_t)(line_end - at))) {
            rf_buf_add(&lane->masked, at, (size_t)(line_end - at));
            rf_buf_byte(&lane->masked, '\n');
        }
        at = line_end + (line_end < end);
    }
}

/** A few bytes of a state may be many once they are hashed. What is longer than a golden's line may
 * hold would be blessed, and never be read again: there is no such state. */
static void
mask_state(struct rf_lane *lane, const struct rf_private *private, struct rf_worker_answer *answer)
{
    size_t most = lane->masked_most == 0 ? RF_LIMIT_MASKED_STATE_BYTES : lane->masked_most;
    rf_private_state(private, &lane->masker, answer->text, answer->text_bytes, &lane->masked);
    if (lane->masked.used > most) {
        rf_buf_clear(&lane->masked);
        rf_buf_string(&lane->masked,
                      "there is no snapshot: the state's JSON is longer than 192 MiB "
                      "once its private values are hashed");
        answer->status = RF_STATUS_BROKEN;
    }
}

static void
mask_text(struct rf_lane *lane, const struct rf_private *private, const struct rf_plan *plan,
          struct rf_worker_answer *answer)
{
    if (answer->kind == RF_ANSWER_CALLS) {
        mask_calls(lane, answer);
        return;
    }
    switch (answer->status) {
    case RF_STATUS_OK:
        mask_state(lane, private, answer);
        break;
    case RF_STATUS_NONFINITE:
        rf_private_pointer(private, answer->text, answer->text_bytes, &lane->masked);
        break;
    case RF_STATUS_REJECTED:
        mask_refusal(lane, private, plan, answer);
        break;
    default:
        rf_buf_string(&lane->masked, "there is no snapshot: ");
        rf_private_words(private, answer->text, answer->text_bytes, &lane->masked);
        break;
    }
}

void
rf_masking_answer(struct rf_lane *lane, const struct rf_plan *plan, struct rf_worker_answer *answer)
{
    const struct rf_private *private =
        rf_privacy_find(lane->request->privacy, plan->instance->aggregate_name);
    if (private != NULL && answer->status == RF_STATUS_NONFINITE) {
        answer->likeness = rf_private_digest(private, answer->likeness);
    }
    if (private == NULL || answer->text_bytes == 0 || answer->kind == RF_ANSWER_TRAIL) {
        return; /* trails are hashes, which no outcome shows as they are */
    }
    rf_buf_clear(&lane->masked);
    mask_text(lane, private, plan, answer);
    answer->text = rf_buf_text(&lane->masked);
    answer->text_bytes = lane->masked.used;
}
