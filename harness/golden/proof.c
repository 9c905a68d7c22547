/* SPDX-License-Identifier: MIT */
/* Whether a golden's lines are what its history folds to, and go on as the history does. */
#include "golden/proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "golden/line.h"
#include "golden/member.h"
#include "golden/notes.h"

static const char OTHER_STATE[] = "its state is not the one that the history folds to";
static const char GONE[] = "the history has no such instance";
static const char OTHER_END[] =
    "going on from it, the history does not end as it does from the beginning";
static const char CUT_SHORT[] =
    "the history ends in front of its version, so that nothing shows that it is right";
static const char FALLS_BEHIND[] = "behind its version the code falls, so that it was not compared";

static const struct rf_difference *
find_difference(const struct rf_findings *findings, const char *aggregate,
                const struct rf_golden_line *line)
{
    for (size_t i = 0; i < findings->difference_count; i++) {
        const struct rf_difference *difference = &findings->differences[i];
        if (strcmp(difference->aggregate, aggregate) == 0 &&
            rf_bytes_same(difference->id, difference->id_bytes, line->id, line->id_bytes)) {
            return difference;
        }
    }
    return NULL;
}

/** Whether the fold from the line and the one from zero end alike: in the same line, or in none. */
static bool
ends_alike(const struct rf_evidence *evidence, const char *aggregate,
           const struct rf_golden_line *line)
{
    const char *whole = "";
    const char *rest = "";
    size_t whole_bytes = 0;
    size_t rest_bytes = 0;
    bool has_whole = rf_blessing_line(evidence->whole, aggregate, line->id, line->id_bytes, &whole,
                                      &whole_bytes);
    bool has_rest =
        rf_blessing_line(evidence->rest, aggregate, line->id, line->id_bytes, &rest, &rest_bytes);
    return has_whole == has_rest && rf_bytes_same(whole, whole_bytes, rest, rest_bytes);
}

/** Whether the history ends in front of the line: then it is damage, and was not compared. */
static bool
is_cut_short(const struct rf_evidence *evidence, const char *aggregate,
             const struct rf_golden_line *line)
{
    struct rf_line_texts texts = {0};
    struct rf_line_reader reader = {.texts = &texts};
    struct rf_golden_line end;
    struct rf_err ignored;
    const char *text;
    size_t bytes;
    bool is =
        rf_blessing_line(evidence->whole, aggregate, line->id, line->id_bytes, &text, &bytes) &&
        rf_line_read(&reader, text, bytes, &end, &ignored) == RF_OK &&
        rf_golden_pin(&end) < rf_golden_pin(line);
    rf_line_reader_done(&reader);
    rf_line_texts_done(&texts);
    return is;
}

/** A line that is not known to be wrong, and does not go on as its history does.
 * @why  where no fold says more */
static void
note_other_end(const struct rf_evidence *evidence, struct rf_notes *notes, const char *aggregate,
               const struct rf_golden_line *line, const char *why)
{
    const struct rf_difference *fallen = find_difference(evidence->rest_findings, aggregate, line);
    struct rf_difference difference = {
        .aggregate = rf_strdup(aggregate),
        .id = rf_strndup(line->id, line->id_bytes),
        .id_bytes = line->id_bytes,
        .version = rf_golden_pin(line),
        .kind = RF_DIFFERENCE_CHANGED,
        .cause = RF_CAUSE_CODE,
        .message = rf_strdup(fallen != NULL && fallen->message != NULL ? fallen->message : why),
    };
    rf_notes_add(notes, &difference, NULL);
}

static void
move_from_same(struct rf_findings *findings, const char *aggregate)
{
    for (size_t i = 0; i < findings->tally_count; i++) {
        struct rf_tally *tally = &findings->tallies[i];
        if (strcmp(tally->name, aggregate) == 0 && tally->same > 0) {
            tally->same--;
            tally->changed++;
        }
    }
}

/** What was noted is one more part of what was found. */
static void
add_notes(struct rf_findings *findings, struct rf_notes *notes)
{
    struct rf_findings more;
    rf_notes_join(&(struct rf_notes *){notes}, 1, &more);
    rf_findings_add(findings, &more);
    rf_findings_done(&more);
}

/** What is wrong with a line that the comparison found. */
static const char *
find_why(const struct rf_member *member, const struct rf_golden_line *line)
{
    bool falls = member->kind == RF_DIFFERENCE_CRASHED || member->kind == RF_DIFFERENCE_HUNG;
    if (member->kind == RF_DIFFERENCE_MISSING) {
        return GONE;
    }
    if (falls && line->refusal == NULL && member->version > rf_golden_pin(line)) {
        return FALLS_BEHIND;
    }
    return member->message != NULL ? member->message : OTHER_STATE;
}

static void
look_at(const struct rf_evidence *evidence, const struct rf_golden *golden, size_t index,
        struct rf_notes *notes, struct rf_proof *proof)
{
    const struct rf_golden_line *line = &golden->lines[index];
    const struct rf_member *member =
        rf_members_find(evidence->findings->members, golden->aggregate, line->id, line->id_bytes);
    const char *why = member == NULL ? OTHER_END : find_why(member, line);
    if (member == NULL) {
        if (ends_alike(evidence, golden->aggregate, line)) {
            return;
        }
        if (is_cut_short(evidence, golden->aggregate, line)) {
            why = CUT_SHORT;
        } else {
            move_from_same(evidence->findings, golden->aggregate);
        }
        note_other_end(evidence, notes, golden->aggregate, line, why);
    }
    if (proof->first == NULL) {
        proof->first = golden;
        proof->first_line = index;
        proof->why = why;
    }
    proof->lies++;
}

void
rf_prove(const struct rf_evidence *evidence, struct rf_proof *ret)
{
    struct rf_notes notes = {0};
    *ret = (struct rf_proof){0};
    for (size_t i = 0; i < evidence->goldens->count; i++) {
        const struct rf_golden *golden = &evidence->goldens->items[i];
        for (size_t k = 0; k < golden->count; k++) {
            const struct rf_golden_line *line = &golden->lines[k];
            if (evidence->selects == NULL ||
                evidence->selects(evidence->select_context, line->id, line->id_bytes)) {
                ret->lines++;
                look_at(evidence, golden, k, &notes, ret);
            }
        }
    }
    add_notes(evidence->findings, &notes);
}
