/* SPDX-License-Identifier: MIT */
/* Accepting the states of a run as the new golden. Each outcome gives a line (bless_line.c), which
 * is kept by aggregate (bless_pile.c); at the end these are merged with the old lines
 * (bless_merge.c) and written (bless_write.c). */
#include "golden/bless_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stop.h"
#include "golden/digest_manifest.h"

struct rf_blessing {
    const struct rf_bless_request *request;
    struct rf_fold_sink sink;
    struct rf_bless_lane **lanes;
    size_t lane_count;
    bool gathered;
    struct rf_piles all;             /* the lines of all lanes, once they are gathered */
    struct rf_digest_bless *digests; /* or NULL */
    struct rf_bless_part *parts;
    size_t part_count;
};

/* ---- the sink -------------------------------------------------------------------------------- */

/** Where the instance's line goes. */
static struct rf_piles *
piles_of(const struct rf_blessing *blessing, struct rf_bless_lane *lane,
         const struct rf_instance *instance)
{
    bool digest = rf_digest_bless_takes(blessing->digests, instance->aggregate_name);
    return digest ? &lane->shard : &lane->piles;
}

static void
note_unfit(struct rf_blessing *blessing, struct rf_bless_lane *lane,
           const struct rf_outcome *outcome)
{
    struct rf_tally *tally = rf_notes_tally(&lane->notes, outcome->instance->aggregate_name);
    bool hung = outcome->ending == RF_ENDED_HUNG;
    bool impure = outcome->ending == RF_ENDED_IMPURE;
    rf_piles_add(piles_of(blessing, lane, outcome->instance), outcome->instance, NULL, &lane->line);
    if (outcome->ending == RF_ENDED_UNTRIED) {
        tally->uncompared++;
        return;
    }
    struct rf_difference difference = rf_difference_of_end(
        blessing->request->history, outcome,
        impure ? RF_DIFFERENCE_IMPURE : (hung ? RF_DIFFERENCE_HUNG : RF_DIFFERENCE_CRASHED));
    if (outcome->ending != RF_ENDED_CRASHED && !hung && !impure) {
        free(difference.message);
        difference.message = rf_strdup("the state that came back is no JSON");
    }
    tally->crashed += hung || impure ? 0 : 1;
    tally->hung += hung ? 1 : 0;
    tally->impure += impure ? 1 : 0;
    rf_notes_add(&lane->notes, &difference, NULL);
}

void
rf_bless_take(struct rf_blessing *blessing, struct rf_bless_lane *lane,
              const struct rf_outcome *outcome, bool sound)
{
    const struct rf_instance *instance = outcome->instance;
    struct rf_golden_line line;
    if (!sound || !rf_bless_line(blessing->request->history, lane, outcome, &line)) {
        note_unfit(blessing, lane, outcome);
        return;
    }
    if (blessing->request->pendings != NULL) {
        rf_pendings_keep(blessing->request->pendings, instance, rf_golden_pin(&line));
    }
    rf_notes_tally(&lane->notes, instance->aggregate_name)->rejected +=
        line.refusal != NULL ? 1 : 0;
    rf_piles_add(piles_of(blessing, lane, instance), instance, &line, &lane->line);
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
                      rf_outcome_digest(outcome, rf_instance_digest(instance, outcome->applied)));
    if (rf_refused_is(outcome)) {
        rf_refused_keep(lane, outcome);
        return true;
    }
    rf_bless_take(blessing, lane, outcome, true);
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

static void
sink_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
           const char *state, size_t state_bytes, uint64_t likeness)
{
    const struct rf_blessing *blessing = context;
    (void)applied;
    RF_VERIFY(thread < blessing->lane_count);
    rf_refused_trace(blessing->lanes[thread], instance, state, state_bytes, likeness);
}

static void
sink_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    struct rf_blessing *blessing = context;
    RF_VERIFY(thread < blessing->lane_count);
    rf_refused_traced(blessing, blessing->lanes[thread], instance, whole);
}

static void
sink_begin(void *context, size_t thread, size_t shard)
{
    const struct rf_blessing *blessing = context;
    (void)shard;
    RF_VERIFY(thread < blessing->lane_count && blessing->lanes[thread]->shard.count == 0);
}

static bool
sink_end(void *context, size_t thread, size_t shard)
{
    const struct rf_blessing *blessing = context;
    struct rf_piles *piles = &blessing->lanes[thread]->shard;
    rf_piles_sort(piles);
    rf_digest_bless_shard(blessing->digests, shard, piles);
    rf_piles_done(piles);
    return false;
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
    blessing->digests = rf_digest_bless_new(request);
    if (blessing->digests != NULL) {
        blessing->sink.groups = RF_SHARD_COUNT;
        blessing->sink.begin = sink_begin;
        blessing->sink.end = sink_end;
    }
    return blessing;
}

void
rf_bless_lane_done(struct rf_bless_lane *lane)
{
    rf_piles_done(&lane->piles);
    rf_piles_done(&lane->shard);
    rf_refused_drop(lane);
    rf_json_done(&lane->doc);
    rf_buf_done(&lane->state);
    rf_buf_done(&lane->line);
    rf_buf_done(&lane->message);
    rf_notes_done(&lane->notes);
}

void
rf_blessing_free(struct rf_blessing *blessing)
{
    if (blessing == NULL) {
        return;
    }
    for (size_t i = 0; i < blessing->lane_count; i++) {
        rf_bless_lane_done(blessing->lanes[i]);
        free(blessing->lanes[i]);
    }
    rf_digest_bless_free(blessing->digests);
    rf_piles_done(&blessing->all);
    free(blessing->lanes);
    free(blessing->parts);
    free(blessing);
}

const struct rf_fold_sink *
rf_blessing_sink(struct rf_blessing *blessing)
{
    return &blessing->sink;
}

rf_code
rf_blessing_prune(struct rf_blessing *blessing, struct rf_err *reterr)
{
    RF_VERIFY(blessing->request->prunes && blessing->request->accepts != NULL);
    for (size_t i = 0; blessing->digests != NULL && i < RF_SHARD_COUNT; i++) {
        RF_TRY(rf_bless_check_stop(blessing->request, reterr));
        rf_digest_bless_shard(blessing->digests, i, &(struct rf_piles){0});
    }
    return RF_OK;
}

rf_code
rf_bless_check_stop(const struct rf_bless_request *request, struct rf_err *reterr)
{
    return rf_stopped(request->stop) ? rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped") : RF_OK;
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

bool
rf_bless_claims(const struct rf_bless_request *request, const char *aggregate)
{
    if (request->prunes) {
        return true;
    }
    for (size_t i = 0; i < request->build_count; i++) {
        const struct rf_build *build = request->builds[i];
        if (build->takes_all || strcmp(build->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

static void
join_name(void *context, const char *aggregate)
{
    struct rf_blessing *blessing = context;
    if (!rf_digest_bless_takes(blessing->digests, aggregate)) {
        rf_piles_join(&blessing->all, aggregate, NULL);
    }
}

/** The lines of all threads by aggregate, sorted; and the claimed goldens that got no line. */
static void
gather_lines(struct rf_blessing *blessing)
{
    const struct rf_bless_request *request = blessing->request;
    struct rf_piles *all = &blessing->all;
    if (blessing->gathered) {
        return;
    }
    blessing->gathered = true;
    for (size_t i = 0; i < blessing->lane_count; i++) {
        const struct rf_piles *piles = &blessing->lanes[i]->piles;
        for (size_t k = 0; k < piles->count; k++) {
            rf_piles_join(all, piles->items[k].aggregate, &piles->items[k]);
        }
    }
    for (size_t i = 0; rf_bless_closes(request) && i < request->build_count; i++) {
        if (!request->builds[i]->takes_all) {
            join_name(blessing, request->builds[i]->name);
        }
    }
    if (request->pendings != NULL) {
        rf_pendings_names(request->pendings, join_name, blessing);
    }
    for (size_t i = 0; request->goldens != NULL && i < request->goldens->count; i++) {
        const char *aggregate = request->goldens->items[i].aggregate;
        if (rf_bless_claims(request, aggregate) &&
            !rf_digest_bless_takes(blessing->digests, aggregate)) {
            rf_piles_join(all, aggregate, NULL);
        }
    }
    rf_piles_sort(all);
}

bool
rf_blessing_line(struct rf_blessing *blessing, const char *aggregate, const char *id,
                 size_t id_bytes, const char **ret_text, size_t *ret_bytes)
{
    gather_lines(blessing);
    const struct rf_fresh_line *line = rf_piles_find(&blessing->all, aggregate, id, id_bytes);
    if (line == NULL || line->text == NULL) {
        return false;
    }
    *ret_text = line->text;
    *ret_bytes = line->text_bytes;
    return true;
}

static void
add_part(struct rf_bless_summary *into, const struct rf_bless_summary *part)
{
    into->added += part->added;
    into->changed += part->changed;
    into->unchanged += part->unchanged;
    into->removed += part->removed;
    into->kept += part->kept;
    into->absent += part->absent;
    into->rejected += part->rejected;
    into->unfit += part->unfit;
    into->files += part->files;
    into->shards += part->shards;
    into->lost += part->lost;
    into->exposed += part->exposed;
}

static int
compare_parts(const void *left, const void *right)
{
    const struct rf_bless_part *a = left;
    const struct rf_bless_part *b = right;
    return strcmp(a->aggregate, b->aggregate);
}

rf_code
rf_blessing_write(struct rf_blessing *blessing, struct rf_bless_summary *ret, struct rf_err *reterr)
{
    memset(ret, 0, sizeof(*ret));
    gather_lines(blessing);
    size_t count = blessing->all.count + rf_digest_bless_count(blessing->digests);
    free(blessing->parts);
    blessing->parts = rf_calloc(count + 1, sizeof(*blessing->parts));
    blessing->part_count = count;
    rf_code code = rf_piles_write(blessing->request, &blessing->all, blessing->digests,
                                  blessing->parts, reterr);
    for (size_t i = 0; i < count; i++) {
        add_part(ret, &blessing->parts[i].counts);
    }
    if (code == RF_OK) {
        qsort(blessing->parts, count, sizeof(*blessing->parts), compare_parts);
    }
    return code;
}

const struct rf_bless_part *
rf_blessing_parts(const struct rf_blessing *blessing, size_t *ret_count)
{
    *ret_count = blessing->parts == NULL ? 0 : blessing->part_count;
    return blessing->parts;
}
