/* SPDX-License-Identifier: MIT */
/* How an instance differs from its golden line. */
#include "golden/compare_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

static bool
is_same_bytes(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    return a_bytes == b_bytes && (a_bytes == 0 || memcmp(a, b, a_bytes) == 0);
}

/** Both have no JSON: these are equal by their likeness alone, and no state at all is equal to
 * nothing. */
static void
contrast_likenesses(const struct rf_trial *trial, struct rf_contrast *contrast)
{
    const struct rf_outcome *outcome = trial->outcome;
    const struct rf_golden_refusal *refusal = trial->line->refusal;
    uint64_t wanted = refusal == NULL ? 0 : refusal->likeness;
    contrast->state = outcome->nonfinite == NULL || wanted == 0 || outcome->likeness != wanted;
    if (!contrast->state || contrast->message != NULL || outcome->nonfinite == NULL) {
        return;
    }
    struct rf_buf text = {0};
    rf_nonfinite_message(&text, outcome->nonfinite);
    rf_buf_string(&text, wanted == 0
                             ? ", and the golden does not tell what else it held: bless again"
                             : ", and is another one than the golden's");
    (void)rf_buf_text(&text);
    contrast->message = text.bytes;
}

static void
contrast_states(const struct rf_trial *trial, struct rf_contrast *contrast)
{
    const struct rf_compare_request *request = trial->comparison->request;
    const struct rf_golden_line *line = trial->line;
    const struct rf_outcome *outcome = trial->outcome;
    if (line->state == NULL && outcome->state == NULL) {
        contrast_likenesses(trial, contrast);
        return;
    }
    if (line->state != NULL && outcome->state != NULL &&
        is_same_bytes(line->state, line->state_bytes, outcome->state, outcome->state_bytes)) {
        return;
    }
    contrast->uses = request->ignore_count == 0
                         ? NULL
                         : rf_calloc(request->ignore_count, sizeof(*contrast->uses));
    contrast->paths.shape = trial->view->shape;
    rf_diff_some(line->state, line->state_bytes, outcome->state, outcome->state_bytes,
                 request->ignores, request->ignore_count, outcome->instance->aggregate_name,
                 rf_limits.changes, &contrast->changes, &contrast->changes_total,
                 &contrast->ignored, contrast->uses, &contrast->paths);
    /* The bytes differ: only ignored pointers can make that the same, never a diff that saw
     * nothing. */
    contrast->state = contrast->changes_total > 0 || contrast->ignored == 0;
}

static char *
describe_missing_rejection(const struct rf_trial *trial)
{
    const struct rf_golden_line *line = trial->line;
    struct rf_buf text = {0};
    if (trial->outcome->state_version < line->refusal->version) {
        rf_buf_format(&text, "version %" PRId64 ", refused in the golden, is not in the history: ",
                      line->refusal->version);
    } else {
        rf_buf_string(&text, "no longer refused: ");
    }
    rf_buf_add_shown(&text, line->refusal->message,
                     line->refusal->message_bytes > 300 ? 300 : line->refusal->message_bytes);
    (void)rf_buf_text(&text);
    return text.bytes;
}

static char *
contrast_rejections(const struct rf_trial *trial, const struct rf_rejection *rejection)
{
    const struct rf_golden_line *line = trial->line;
    if (line->refusal == NULL) {
        return NULL;
    }
    if (!rejection->is) {
        return describe_missing_rejection(trial);
    }
    bool same_type = is_same_bytes(rejection->type, rejection->type_bytes, line->refusal->type,
                                   line->refusal->type_bytes);
    bool same_message = is_same_bytes(rejection->message, rejection->message_bytes,
                                      line->refusal->message, line->refusal->message_bytes);
    bool refused = trial->outcome->ending == RF_ENDED_REJECTED && trial->outcome->state != NULL;
    if (same_type && same_message && refused && trial->outcome->state_version != line->version) {
        return rf_format("the state before the refused event is that of version %" PRId64
                         ", in the golden of version %" PRId64,
                         trial->outcome->state_version, line->version);
    }
    if (same_type && same_message) {
        return NULL;
    }
    struct rf_buf text = {0};
    rf_buf_string(&text, "refused as ");
    rf_buf_add_shown(&text, rejection->type, rejection->type_bytes);
    rf_buf_string(&text, ": ");
    rf_buf_add_shown(&text, rejection->message, rejection->message_bytes);
    rf_buf_string(&text, "; in the golden as ");
    rf_buf_add_shown(&text, line->refusal->type, line->refusal->type_bytes);
    rf_buf_string(&text, ": ");
    rf_buf_add_shown(&text, line->refusal->message, line->refusal->message_bytes);
    (void)rf_buf_text(&text);
    return text.bytes;
}

struct rf_contrast
rf_contrast_make(const struct rf_trial *trial, const struct rf_rejection *rejection)
{
    const struct rf_outcome *outcome = trial->outcome;
    struct rf_contrast contrast = {0};
    uint64_t digest = outcome->ending == RF_ENDED_REJECTED && trial->line->refusal != NULL &&
                              outcome->at_version == trial->line->refusal->version
                          ? outcome->at_digest
                          : outcome->state_digest;
    contrast.digest = trial->line->has_digest && digest != trial->line->digest;
    contrast.message = contrast_rejections(trial, rejection);
    contrast_states(trial, &contrast);
    return contrast;
}
