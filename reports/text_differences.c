/* SPDX-License-Identifier: MIT */
/* Single differences in full, in words. */
#include "reports/text_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

#define MOST_DIFFERENCES 20
#define CHANGES_SHOWN    10
/* Clusters that are searched for a listed difference; a million clusters must not take a minute. */
#define CLUSTERS_SEARCHED 1000
/* What is shown of two long values in front of their first difference. */
#define CONTEXT_BYTES 30

static const char *
suspect_words(const struct rf_difference *difference)
{
    if (difference->kind != RF_DIFFERENCE_CHANGED) {
        return "at";
    }
    switch (difference->suspect.basis) {
    case RF_BASIS_LAST_WRITER:
        return "last written by";
    case RF_BASIS_COMPARE:
        return "the builds part at";
    case RF_BASIS_TRACE:
    case RF_BASIS_NONE:
        break;
    }
    return "suspect is";
}

static void
put_suspect(const struct rf_page *page, const struct rf_difference *difference)
{
    const struct rf_suspect *suspect = &difference->suspect;
    if (suspect->basis == RF_BASIS_NONE) {
        return;
    }
    rf_buf_format(page->out, "%s%s ", page->indent, suspect_words(difference));
    if (suspect->type != NULL) {
        rf_paint_name(page, suspect->type, suspect->type_bytes);
        rf_buf_byte(page->out, ' ');
    }
    rf_buf_format(page->out, "@%" PRId64, suspect->version);
    if (suspect->has_at && rf_time_valid(suspect->at)) {
        char text[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(suspect->at, text);
        rf_buf_format(page->out, ", %s", text);
    }
    rf_buf_byte(page->out, '\n');
    if (suspect->object != NULL) {
        rf_buf_format(page->out, "%sin ", page->indent);
        rf_paint_word(page, suspect->object);
        rf_buf_format(page->out, ":%" PRIu64 "\n", suspect->offset);
    }
}

/* Where to begin two long values, so that what differs is within what is shown. */
static size_t
shown_from(const struct rf_page *page, const struct rf_change *change)
{
    if (change->old == NULL || change->value == NULL ||
        (strlen(change->old) <= page->value_width && strlen(change->value) <= page->value_width)) {
        return 0;
    }
    size_t shared = 0;
    while (change->old[shared] != '\0' && change->old[shared] == change->value[shared]) {
        shared++;
    }
    return shared > 2 * CONTEXT_BYTES ? shared - CONTEXT_BYTES : 0;
}

static void
put_side(const struct rf_page *page, const struct rf_change *change, bool fresh, size_t from)
{
    const char *json = fresh ? change->value : change->old;
    if (json == NULL) {
        return;
    }
    rf_buf_string(page->out, page->indent);
    rf_paint_color(page, fresh ? RF_GREEN : RF_RED);
    rf_buf_string(page->out, fresh ? "+ " : "- ");
    rf_paint_path(page, change->path);
    rf_buf_byte(page->out, ' ');
    rf_paint_value(page, json, from);
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

static void
put_changes(const struct rf_page *page, const struct rf_difference *difference)
{
    size_t count = difference->changes.count;
    size_t shown = page->verbose || count < CHANGES_SHOWN ? count : CHANGES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct rf_change *change = &difference->changes.items[i];
        size_t from = shown_from(page, change);
        put_side(page, change, false, from);
        put_side(page, change, true, from);
    }
    size_t total = difference->changes_total > count ? difference->changes_total : count;
    if (total > shown) {
        rf_buf_format(page->out, "%sand ", page->indent);
        rf_paint_counted(page, total - shown, "more change", "more changes");
        rf_buf_byte(page->out, '\n');
    }
}

void
rf_text_difference(const struct rf_page *page, const struct rf_difference *difference)
{
    rf_buf_format(page->out, "%s: ", rf_difference_name(difference->kind));
    rf_paint_word(page, difference->aggregate);
    rf_buf_byte(page->out, ' ');
    rf_paint_name(page, difference->id, difference->id_bytes);
    rf_buf_format(page->out, " @%" PRId64 "\n", difference->version);
    put_suspect(page, difference);
    if (difference->cause == RF_CAUSE_DATA) {
        rf_buf_format(page->out, "%sits events are not those that were blessed (data)\n",
                      page->indent);
    }
    if (difference->meets_again) {
        rf_buf_format(page->out, "%sthey meet again at @%" PRId64 "\n", page->indent,
                      difference->meets_version);
    }
    if (difference->message != NULL) {
        rf_buf_format(page->out, "%sreason: ", page->indent);
        rf_paint_message(page, difference->message, RF_MESSAGE_WIDTH);
        rf_buf_byte(page->out, '\n');
    }
    put_changes(page, difference);
}

/** Whether it says less of the cause than others of its cluster do. */
static bool
is_unexplained(const struct rf_difference *difference)
{
    return difference->kind == RF_DIFFERENCE_IMPURE && difference->message != NULL &&
           strstr(difference->message, RF_PURITY_ELSEWHERE) != NULL;
}

const struct rf_difference *
rf_text_sample_of(const struct rf_findings *findings, const struct rf_cluster *cluster)
{
    const struct rf_difference *first = NULL;
    for (size_t i = 0; i < findings->difference_count; i++) {
        const struct rf_difference *difference = &findings->differences[i];
        if (strcmp(difference->cluster, cluster->key) != 0) {
            continue;
        }
        if (!is_unexplained(difference)) {
            return difference;
        }
        first = first == NULL ? difference : first;
    }
    return first;
}

bool
rf_text_is_bare(const struct rf_difference *difference)
{
    return difference->suspect.basis == RF_BASIS_NONE && difference->message == NULL &&
           difference->changes.count == 0;
}

/* With -v: differences of clusters that have one shown already, and how many are not shown. */
static void
put_more(const struct rf_page *page, const struct rf_difference *const *shown, size_t count,
         size_t limit)
{
    const struct rf_findings *findings = page->findings;
    size_t room = limit - count;
    for (size_t i = 0; i < findings->difference_count && room > 0; i++) {
        bool is_shown = false;
        for (size_t k = 0; k < count && !is_shown; k++) {
            is_shown = shown[k] == &findings->differences[i];
        }
        if (!is_shown) {
            rf_paint_section(page);
            rf_text_difference(page, &findings->differences[i]);
            room--;
        }
    }
    uint64_t rest = findings->differences_total - (limit - room);
    if (rest > 0) {
        rf_paint_section(page);
        rf_buf_string(page->out, "and ");
        rf_paint_counted(page, rest, "more difference", "more differences");
        rf_buf_format(page->out, "; -r json=FILE lists up to %" PRIu64 " in all\n",
                      rf_limits.listed);
    }
}

/* One of each cluster first; the limit may then leave room for others. */
void
rf_text_differences(const struct rf_page *page)
{
    const struct rf_findings *findings = page->findings;
    const struct rf_difference *shown[MOST_DIFFERENCES];
    size_t limit = page->verbose ? MOST_DIFFERENCES : page->report->samples;
    limit = limit < MOST_DIFFERENCES ? limit : MOST_DIFFERENCES;
    size_t count = 0;
    for (size_t i = 0; i < rf_text_clusters_shown(page) && i < CLUSTERS_SEARCHED && count < limit;
         i++) {
        const struct rf_difference *first = rf_text_sample_of(findings, &findings->clusters[i]);
        if (first != NULL && (page->verbose || !rf_text_is_bare(first))) {
            rf_paint_section(page);
            rf_text_difference(page, first);
            shown[count++] = first;
        }
    }
    if (page->verbose) {
        put_more(page, shown, count, limit);
    }
}
