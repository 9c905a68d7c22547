/* SPDX-License-Identifier: MIT */
/* The end of a comparison: golden lines that no instance came for, and the threads' results
 * joined. */
#include "golden/compare_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

bool
rf_compare_claims(const struct rf_compare_request *request, const char *aggregate)
{
    for (size_t i = 0; i < request->build_count; i++) {
        const struct rf_build *build = request->builds[i];
        if (build->takes_all || strcmp(build->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

void
rf_compare_missing(struct rf_notes *notes, const struct rf_golden *golden,
                   const struct rf_golden_line *line)
{
    struct rf_difference difference = {
        .aggregate = rf_strdup(golden->aggregate),
        .id = rf_strndup(line->id, line->id_bytes),
        .id_bytes = line->id_bytes,
        .version = rf_golden_pin(line),
        .kind = RF_DIFFERENCE_MISSING,
    };
    rf_notes_tally(notes, golden->aggregate)->missing++;
    rf_notes_add(notes, &difference, NULL);
}

bool
rf_compare_excuses(const struct rf_compare_request *request, const struct rf_golden_line *line,
                   unsigned char seen)
{
    bool selected = request->selects == NULL ||
                    request->selects(request->select_context, line->id, line->id_bytes);
    return !selected || request->selected_by_time || (seen & RF_LINE_LEFT_OUT) != 0;
}

/** @return  how many lines are other shards' */
static uint64_t
finish_golden(struct rf_comparison *comparison, size_t index)
{
    const struct rf_compare_request *request = comparison->request;
    const struct rf_golden *golden = &request->goldens->items[index];
    struct rf_compare_lane *lane = comparison->lanes[0];
    struct rf_tally *tally = rf_notes_tally(&lane->notes, golden->aggregate);
    uint64_t elsewhere = 0;
    bool claimed = rf_compare_claims(request, golden->aggregate);
    if (golden->manifest != NULL && !claimed) {
        tally->uncompared += rf_golden_line_count(golden);
    }
    for (size_t i = 0; i < golden->count; i++) {
        const struct rf_golden_line *line = &golden->lines[i];
        unsigned char seen = comparison->seen[index][i];
        if (!rf_run_shard_has(request->shard, line->id, line->id_bytes)) {
            elsewhere += claimed ? 1 : 0;
        } else if ((seen & RF_LINE_MET) != 0) {
            continue;
        } else if (!claimed || rf_compare_excuses(request, line, seen)) {
            tally->uncompared++;
        } else {
            rf_compare_missing(&lane->notes, golden, line);
        }
    }
    return elsewhere;
}

static void
add_unloaded(struct rf_findings *findings, size_t *room, const struct rf_golden *golden)
{
    uint64_t lines = rf_golden_line_count(golden);
    RF_GROW(findings->unloaded, *room, findings->unloaded_count + 1);
    findings->unloaded[findings->unloaded_count++] =
        rf_format("%s (%" PRIu64 " line%s)", golden->aggregate, lines, lines == 1 ? "" : "s");
}

void
rf_comparison_finish(struct rf_comparison *comparison, struct rf_findings *ret,
                     struct rf_damages *damages)
{
    const struct rf_compare_request *request = comparison->request;
    size_t golden_count = request->goldens == NULL ? 0 : request->goldens->count;
    struct rf_notes **notes = rf_calloc(comparison->lane_count, sizeof(struct rf_notes *));
    uint64_t elsewhere = 0;
    for (size_t i = 0; i < comparison->lane_count; i++) {
        rf_pending_flush(comparison->lanes[i]); /* the fold was stopped before their traces came */
        notes[i] = &comparison->lanes[i]->notes;
    }
    for (size_t i = 0; i < golden_count; i++) {
        elsewhere += finish_golden(comparison, i);
    }
    struct rf_lines_use lines = {0};
    rf_digest_check_finish(comparison, &lines);
    for (size_t i = 0; i < request->build_count; i++) {
        (void)rf_notes_tally(notes[0], request->builds[i]->name);
    }
    for (size_t i = 0; i < comparison->lane_count; i++) {
        rf_damages_join(damages, &notes[i]->damages);
    }
    rf_notes_join(notes, comparison->lane_count, ret);
    ret->elsewhere = elsewhere;
    ret->lines = lines;
    size_t room = 0;
    for (size_t i = 0; i < golden_count; i++) {
        const struct rf_golden *golden = &request->goldens->items[i];
        if (!rf_compare_claims(request, golden->aggregate)) {
            add_unloaded(ret, &room, golden);
        }
    }
    for (size_t i = 0; i < comparison->lane_count; i++) {
        rf_views_drop(comparison->lanes[i]);
    }
    free(notes);
}
