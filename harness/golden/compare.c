/* SPDX-License-Identifier: MIT */
/* The comparison: folded states against golden lines. The sink gives an instance its pin
 * (compare_view.c), judges its outcome (compare_judge.c, compare_contrast.c) and takes its trace
 * (compare_trace.c); compare_finish.c ends it. */
#include "golden/compare_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* ---- the sink -------------------------------------------------------------------------------- */

/** Mostly there are none, so they are looked for from the end. */
uint64_t
rf_count_beyond(const struct rf_instance *instance, int64_t pin)
{
    uint64_t beyond = 0;
    for (size_t i = 0; i < instance->skipped_count && instance->skipped[i].version > pin; i++) {
        beyond++;
    }
    for (size_t i = instance->behind_count; i > 0 && instance->behind[i - 1].version > pin; i--) {
        beyond++;
    }
    if (instance->unhandled != NULL && instance->unhandled_version > pin) {
        beyond++;
    }
    for (size_t i = instance->step_count; i > 0 && instance->steps[i - 1].version > pin; i--) {
        beyond++;
    }
    return beyond;
}

static struct rf_pin
sink_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    struct rf_comparison *comparison = context;
    struct rf_pin pin = {.wanted = false};
    RF_VERIFY(thread < comparison->lane_count);
    const struct rf_view *view = rf_view_find(comparison, comparison->lanes[thread], instance);
    const struct rf_golden_line *line = rf_view_line(view, instance);
    pin.token = line;
    if (line != NULL && !comparison->request->at_head) {
        pin.wanted = true;
        pin.version = rf_golden_pin(line);
    }
    return pin;
}

static void
sink_ahead(void *context, size_t thread, const struct rf_instance *const *instances, size_t count)
{
    struct rf_comparison *comparison = context;
    struct rf_golden_id ids[RF_GOLDEN_ASK_MOST];
    const struct rf_golden *golden = NULL; /* of the ids */
    size_t asked = 0;
    RF_VERIFY(thread < comparison->lane_count);
    for (size_t i = 0; i < count; i++) {
        const struct rf_view *view =
            rf_view_find(comparison, comparison->lanes[thread], instances[i]);
        if (view->golden != golden || asked == RF_GOLDEN_ASK_MOST) {
            rf_golden_ask(golden, ids, asked);
            golden = view->golden;
            asked = 0;
        }
        ids[asked++] = (struct rf_golden_id){instances[i]->id, instances[i]->id_bytes};
    }
    rf_golden_ask(golden, ids, asked);
}

static void
sink_soon(void *context, size_t thread, const void *const *tokens, size_t count)
{
    const struct rf_golden_line *lines[RF_GOLDEN_ASK_MOST];
    (void)context;
    (void)thread;
    RF_VERIFY(count <= RF_GOLDEN_ASK_MOST);
    for (size_t i = 0; i < count; i++) {
        lines[i] = tokens[i];
    }
    rf_golden_ask_again(lines, count);
}

static bool
sink_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    struct rf_comparison *comparison = context;
    RF_VERIFY(thread < comparison->lane_count);
    struct rf_compare_lane *lane = comparison->lanes[thread];
    const struct rf_instance *instance = outcome->instance;
    struct rf_view *view = rf_view_find(comparison, lane, instance);
    struct rf_trial trial = {
        .comparison = comparison,
        .lane = lane,
        .view = view,
        .outcome = outcome,
        .line = outcome->token != NULL ? outcome->token : rf_view_line(view, instance),
    };
    view->tally->instances++;
    view->tally->events += outcome->applied;
    rf_notes_multiset_of(
        &lane->notes.history, view->name_hash, instance->id, instance->id_bytes, outcome->applied,
        rf_outcome_digest(outcome, rf_instance_digest(instance, outcome->applied)));
    if (trial.line != NULL) {
        unsigned char *seen = &view->seen[trial.line - view->golden->lines];
        RF_VERIFY((*seen & RF_LINE_MET) == 0); /* each instance has exactly one outcome */
        *seen |= RF_LINE_MET;
        lane->notes.beyond += rf_count_beyond(instance, rf_golden_pin(trial.line));
    }
    bool traced = rf_trial_judge(&trial);
    rf_buf_done(&trial.nan_message);
    return traced;
}

void
rf_comparison_passed(void *context, uint32_t aggregate, const struct rf_packed_event *event,
                     int64_t version, enum rf_term term)
{
    (void)version;
    struct rf_comparison *comparison = context;
    const struct rf_compare_request *request = comparison->request;
    if (term != RF_TERM_UNSELECTED || aggregate == RF_NAME_NONE || request->goldens == NULL) {
        return;
    }
    size_t bytes;
    const char *name = rf_names_text(rf_history_names(request->history), aggregate, &bytes);
    const struct rf_golden *golden = rf_goldens_find(request->goldens, name);
    if (golden != NULL && golden->manifest != NULL) {
        rf_digest_check_left_out(comparison, golden, rf_packed_id(event), event->id_bytes);
        return;
    }
    const struct rf_golden_line *line =
        golden == NULL ? NULL : rf_golden_find(golden, rf_packed_id(event), event->id_bytes);
    if (line != NULL) {
        comparison->seen[golden - request->goldens->items][line - golden->lines] |=
            RF_LINE_LEFT_OUT;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_comparison *
rf_comparison_new(const struct rf_compare_request *request)
{
    struct rf_comparison *comparison = rf_calloc(1, sizeof(*comparison));
    comparison->request = request;
    comparison->sink = (struct rf_fold_sink){
        .context = comparison,
        .pin = sink_pin,
        .ahead = sink_ahead,
        .soon = sink_soon,
        .outcome = sink_outcome,
        .trace = rf_pending_trace,
        .traced = rf_pending_traced,
    };
    comparison->lane_count = request->jobs == 0 ? 1 : request->jobs;
    comparison->lanes = rf_calloc(comparison->lane_count, sizeof(struct rf_compare_lane *));
    for (size_t i = 0; i < comparison->lane_count; i++) {
        comparison->lanes[i] = rf_calloc(1, sizeof(struct rf_compare_lane));
        comparison->lanes[i]->notes.unfit_first = request->unfit_first;
        if (request->keeps_members) {
            struct rf_notes *notes = &comparison->lanes[i]->notes;
            notes->members = rf_calloc(1, sizeof(*notes->members));
        }
    }
    size_t goldens = request->goldens == NULL ? 0 : request->goldens->count;
    comparison->seen = rf_calloc(goldens + 1, sizeof(*comparison->seen));
    for (size_t i = 0; i < goldens; i++) {
        comparison->seen[i] = rf_calloc(request->goldens->items[i].count + 1, 1);
    }
    rf_digest_check_init(comparison);
    return comparison;
}

static void
lane_free(struct rf_compare_lane *lane)
{
    rf_pending_flush(lane);
    rf_views_drop(lane);
    free(lane->views);
    free(lane->by_number);
    free(lane->pending);
    rf_json_done(&lane->doc);
    rf_notes_done(&lane->notes);
    free(lane);
}

void
rf_comparison_free(struct rf_comparison *comparison)
{
    if (comparison == NULL) {
        return;
    }
    const struct rf_goldens *goldens = comparison->request->goldens;
    for (size_t i = 0; goldens != NULL && i < goldens->count; i++) {
        free(comparison->seen[i]);
    }
    for (size_t i = 0; i < comparison->lane_count; i++) {
        lane_free(comparison->lanes[i]);
    }
    rf_digest_check_free(comparison->digests);
    free(comparison->seen);
    free(comparison->lanes);
    free(comparison);
}

const struct rf_fold_sink *
rf_comparison_sink(struct rf_comparison *comparison)
{
    return &comparison->sink;
}
