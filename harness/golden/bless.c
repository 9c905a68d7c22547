/* SPDX-License-Identifier: MIT */
/* Accepting the states of a run as the new golden. Each outcome gives a line (bless_line.c), which
 * is kept by aggregate (bless_pile.c); at the end these are merged with the old lines
 * (bless_merge.c) and written (bless_write.c). */
#include "golden/bless_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct rf_blessing {
    const struct rf_bless_request *request;
    struct rf_fold_sink sink;
    struct rf_bless_lane **lanes;
    size_t lane_count;
};

/* ---- the sink -------------------------------------------------------------------------------- */

static void
note_unfit(struct rf_blessing *blessing, struct rf_bless_lane *lane,
           const struct rf_outcome *outcome)
{
    struct rf_tally *tally = rf_notes_tally(&lane->notes, outcome->instance->aggregate_name);
    bool hung = outcome->ending == RF_ENDED_HUNG;
    struct rf_difference difference = rf_difference_of_end(
        blessing->request->history, outcome, hung ? RF_DIFFERENCE_HUNG : RF_DIFFERENCE_CRASHED);
    if (outcome->ending != RF_ENDED_CRASHED && !hung) {
        free(difference.message);
        difference.message = rf_strdup("the state that came back is no JSON");
    }
    tally->crashed += hung ? 0 : 1;
    tally->hung += hung ? 1 : 0;
    rf_notes_add(&lane->notes, &difference, NULL, 0);
    rf_piles_add(&lane->piles, outcome->instance, NULL, &lane->line);
}

static bool
sink_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    struct rf_blessing *blessing = context;
    RF_VERIFY(thread < blessing->lane_count);
    struct rf_bless_lane *lane = blessing->lanes[thread];
    const struct rf_instance *instance = outcome->instance;
    struct rf_tally *tally = rf_notes_tally(&lane->notes, instance->aggregate_name);
    tally->instances++;
    tally->events += outcome->applied;
    rf_notes_multiset(&lane->notes.history, instance->aggregate_name, instance->id,
                      instance->id_bytes, outcome->applied,
                      rf_folded_digest(blessing->request->history, outcome));
    struct rf_golden_line line;
    if (!rf_bless_line(blessing->request->history, lane, outcome, &line)) {
        note_unfit(blessing, lane, outcome);
        return false;
    }
    tally->rejected += line.rejected ? 1 : 0;
    rf_piles_add(&lane->piles, instance, &line, &lane->line);
    return false;
}

static struct rf_pin
sink_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    (void)context;
    (void)thread;
    (void)instance;
    return (struct rf_pin){.wanted = false};
}

/** Never asked for. */
static void
sink_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
           const char *state, size_t state_bytes)
{
    (void)context;
    (void)thread;
    (void)instance;
    (void)applied;
    (void)state;
    (void)state_bytes;
}

static void
sink_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    (void)context;
    (void)thread;
    (void)instance;
    (void)whole;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_blessing *
rf_blessing_new(const struct rf_bless_request *request)
{
    struct rf_blessing *blessing = rf_calloc(1, sizeof(*blessing));
    blessing->request = request;
    blessing->sink = (struct rf_fold_sink){
        .context = blessing,
        .pin = sink_pin,
        .outcome = sink_outcome,
        .trace = sink_trace,
        .traced = sink_traced,
    };
    blessing->lane_count = request->jobs == 0 ? 1 : request->jobs;
    blessing->lanes = rf_calloc(blessing->lane_count, sizeof(struct rf_bless_lane *));
    for (size_t i = 0; i < blessing->lane_count; i++) {
        blessing->lanes[i] = rf_calloc(1, sizeof(struct rf_bless_lane));
    }
    return blessing;
}

static void
lane_free(struct rf_bless_lane *lane)
{
    rf_piles_done(&lane->piles);
    rf_json_done(&lane->doc);
    rf_buf_done(&lane->state);
    rf_buf_done(&lane->line);
    rf_buf_done(&lane->message);
    rf_notes_done(&lane->notes);
    free(lane);
}

void
rf_blessing_free(struct rf_blessing *blessing)
{
    if (blessing == NULL) {
        return;
    }
    for (size_t i = 0; i < blessing->lane_count; i++) {
        lane_free(blessing->lanes[i]);
    }
    free(blessing->lanes);
    free(blessing);
}

const struct rf_fold_sink *
rf_blessing_sink(struct rf_blessing *blessing)
{
    return &blessing->sink;
}

/* ---- the end --------------------------------------------------------------------------------- */

void
rf_blessing_finish(struct rf_blessing *blessing, struct rf_findings *ret)
{
    const struct rf_bless_request *request = blessing->request;
    struct rf_notes **notes = rf_calloc(blessing->lane_count, sizeof(struct rf_notes *));
    for (size_t i = 0; i < blessing->lane_count; i++) {
        notes[i] = &blessing->lanes[i]->notes;
    }
    for (size_t i = 0; i < request->build_count; i++) {
        (void)rf_notes_tally(notes[0], request->builds[i]->name);
    }
    rf_notes_join(notes, blessing->lane_count, ret);
    free(notes);
}

static bool
is_claimed(const struct rf_bless_request *request, const char *aggregate)
{
    for (size_t i = 0; i < request->build_count; i++) {
        const struct rf_build *build = request->builds[i];
        if (build->takes_all || strcmp(build->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

/** The lines of all threads by aggregate, sorted; and the claimed goldens that got no line. */
static void
gather_lines(struct rf_blessing *blessing, struct rf_piles *all)
{
    const struct rf_bless_request *request = blessing->request;
    for (size_t i = 0; i < blessing->lane_count; i++) {
        const struct rf_piles *piles = &blessing->lanes[i]->piles;
        for (size_t k = 0; k < piles->count; k++) {
            rf_piles_join(all, piles->items[k].aggregate, &piles->items[k]);
        }
    }
    for (size_t i = 0; request->goldens != NULL && i < request->goldens->count; i++) {
        const char *aggregate = request->goldens->items[i].aggregate;
        if (is_claimed(request, aggregate)) {
            rf_piles_join(all, aggregate, NULL);
        }
    }
    rf_piles_sort(all);
}

rf_code
rf_blessing_write(struct rf_blessing *blessing, struct rf_bless_summary *ret, struct rf_err *reterr)
{
    struct rf_piles all = {0};
    memset(ret, 0, sizeof(*ret));
    gather_lines(blessing, &all);
    rf_code code = rf_piles_write(blessing->request, &all, ret, reterr);
    rf_piles_done(&all);
    return code;
}
