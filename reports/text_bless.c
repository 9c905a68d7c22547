/* SPDX-License-Identifier: MIT */
/* What a bless wrote, or would write, in the text report. */
#include "reports/text_internal.h"

static uint64_t
lines_of(const struct rf_bless_summary *blessed)
{
    return blessed->added + blessed->changed + blessed->unchanged;
}

/* How many were blessed, by name: what could not be blessed is no part of it. */
static void
put_count(const struct rf_page *page)
{
    uint64_t count = lines_of(page->report->blessed);
    if (count == 0 && page->report->chosen) {
        rf_buf_string(page->out, "nothing");
    } else if (count == page->total.instances) {
        rf_text_sum(page, offsetof(struct rf_tally, instances));
    } else if (page->findings->tally_count == 1) {
        rf_paint_instances(page, count, page->findings->tallies[0].name);
    } else {
        rf_paint_counted(page, count, "instance", "instances");
    }
}

/* "12 added, 3 unchanged": what is 0 is left out. Returns whether there was anything. */
static bool
put_parts(const struct rf_page *page, const struct rf_bless_summary *blessed, const char *before)
{
    const struct {
        uint64_t count;
        const char *name;
    } parts[] = {
        {blessed->added, "added"},
        {blessed->changed, "changed"},
        {blessed->unchanged, "unchanged"},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].count > 0) {
            rf_buf_string(page->out, any ? ", " : before);
            rf_paint_counted(page, parts[i].count, parts[i].name, parts[i].name);
            any = true;
        }
    }
    return any;
}

static void
put_rejected(const struct rf_page *page)
{
    const struct rf_bless_summary *blessed = page->report->blessed;
    if (blessed->rejected > 0 && lines_of(blessed) == 1) {
        rf_buf_string(page->out, ", rejected");
    } else if (blessed->rejected > 0) {
        rf_buf_string(page->out, ", ");
        rf_paint_number(page, blessed->rejected);
        rf_buf_string(page->out, " of them rejected");
    }
}

/* What was not blessed, and why. */
static void
put_others(const struct rf_page *page)
{
    const struct rf_bless_summary *blessed = page->report->blessed;
    bool chosen = page->report->chosen; /* then lines are kept for another reason */
    const struct {
        uint64_t count;
        const char *one;
        const char *many;
    } others[] = {
        {blessed->removed, "no longer in the history, removed", NULL},
        {chosen ? 0 : blessed->kept - blessed->absent, "not selected, kept", NULL},
        {chosen ? 0 : blessed->absent, "not in the history, kept", NULL},
        {blessed->declined, "difference not accepted", "differences not accepted"},
        {blessed->unfit, "crashed, hung or impure, not blessed", NULL},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (others[i].count > 0) {
            const char *many = others[i].many == NULL ? others[i].one : others[i].many;
            rf_buf_string(page->out, "; ");
            rf_paint_counted(page, others[i].count, others[i].one, many);
        }
    }
}

bool
rf_text_is_proposed(const struct rf_page *page, enum rf_difference_kind kind)
{
    return page->report->dry_run && !rf_difference_is_unfit(kind);
}

void
rf_text_blessed(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    const struct rf_bless_summary *blessed = report->blessed;
    rf_buf_string(page->out, report->dry_run ? "would be blessed: " : "blessed: ");
    put_count(page);
    rf_buf_string(page->out, put_parts(page, blessed, " (") ? ")" : "");
    put_rejected(page);
    put_others(page);
    if (report->damages_accepted > 0) {
        rf_buf_string(page->out, "; ");
        rf_paint_counted(page, report->damages_accepted, "damage accepted as known",
                         "damages accepted as known");
    }
    rf_buf_string(page->out, "; ");
    if (blessed->files == 0 && report->damages_accepted == 0) {
        rf_buf_string(page->out, RF_GOLDEN_STAYS);
    } else if (report->dry_run) {
        rf_buf_string(page->out, "--dry-run: nothing is written");
    } else if (blessed->files == 0) {
        rf_buf_string(page->out, "known-damage.json written, the goldens are as they were");
    } else {
        rf_paint_counted(page, blessed->files, "golden written", "goldens written");
    }
}

/* With --dry-run, for each aggregate: "order: 3 added, 2 changed, 1 removed". */
void
rf_text_planned(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    if (!report->dry_run || report->part_count == 0) {
        return;
    }
    rf_paint_section(page);
    for (size_t i = 0; i < report->part_count; i++) {
        const struct rf_bless_summary *counts = &report->parts[i].counts;
        rf_buf_string(page->out, "  ");
        rf_paint_word(page, report->parts[i].aggregate);
        bool any = put_parts(page, counts, ": ");
        if (counts->removed > 0) {
            rf_buf_string(page->out, any ? ", " : ": ");
            rf_paint_counted(page, counts->removed, "removed", "removed");
            any = true;
        }
        rf_buf_string(page->out, any ? "\n" : ": nothing\n");
    }
}
