/* SPDX-License-Identifier: MIT */
/* The report that people read, in a terminal or in a build's log. */
#include "reports/text_internal.h"

#include <string.h>

/* What changed most stands first; the verdict and what to do next stand last, where the eye is when
 * the command is done. Nothing out of an event, an id, a file's name or a message is printed
 * unescaped, nor at the front of a line. Colour only repeats what the words say. */

bool
rf_text_is_bless(const struct rf_page *page)
{
    return strcmp(page->report->verb, "bless") == 0;
}

/* Begins one more reason of the verdict. */
static void
reason(const struct rf_page *page, bool *any)
{
    rf_buf_string(page->out, *any ? "; " : "");
    *any = true;
}

static void
put_nothing(const struct rf_page *page)
{
    if (page->report->sums->events == 0) {
        rf_buf_string(page->out, "no event was read");
    } else if (page->total.instances == 0) {
        rf_buf_string(page->out, "no event matched");
    } else {
        rf_buf_string(page->out, "no instance was compared");
    }
}

/* Why the run itself is not whole. */
static void
put_faults(const struct rf_page *page, bool *any)
{
    const struct rf_flags *flags = &page->report->flags;
    if (flags->signal != 0) {
        reason(page, any);
        rf_buf_format(page->out, "ended by signal %d", flags->signal);
    }
    if (flags->internal) {
        reason(page, any);
        rf_buf_string(page->out, "refold itself failed, nothing above can be relied on");
    }
    if (flags->unwritten) {
        reason(page, any);
        rf_buf_string(page->out, "a report or golden could not be written");
    }
    if (flags->incomplete) {
        reason(page, any);
        rf_buf_string(page->out, "a source could not be read, or changed while it was read");
    }
    if (flags->damaged) {
        reason(page, any);
        if (!rf_text_damage_kinds(page, false)) {
            rf_paint_counted(page, page->report->sums->terms[RF_TERM_UNCLAIMED], "event", "events");
            rf_buf_string(page->out, " of aggregates that are not loaded");
        }
        if (!rf_text_is_bless(page)) {
            rf_buf_string(page->out, ": the verdict does not cover all of the history");
        }
    }
}

/* What was found, and what was left out of it. */
static void
put_results(const struct rf_page *page, bool *any)
{
    const struct rf_flags *flags = &page->report->flags;
    if (flags->nothing) {
        reason(page, any);
        put_nothing(page);
    }
    if (flags->changed) {
        reason(page, any);
        rf_paint_counted(page, page->findings->differences_total, "difference", "differences");
    }
    if (flags->no_compare && page->total.instances > 0 && !rf_text_is_bless(page)) {
        reason(page, any);
        rf_buf_string(page->out, "folded, not compared: ");
        rf_text_sum(page, offsetof(struct rf_tally, instances));
    } else if (!flags->no_compare && (page->total.compared > 0 || !*any)) {
        reason(page, any);
        rf_text_sum(page, offsetof(struct rf_tally, compared));
        rf_buf_string(page->out, " compared");
    }
    rf_paint_part(page, flags->no_compare ? 0 : page->total.unblessed, "unblessed", "unblessed");
    rf_paint_part(page, page->total.uncompared, "uncompared", "uncompared");
    size_t before = page->out->used;
    reason(page, any);
    rf_buf_string(page->out, "waived: ");
    if (!rf_text_damage_kinds(page, true)) {
        page->out->used = before;
    }
}

/* Only what was written is called blessed. */
static bool
is_blessed(const struct rf_report *report)
{
    const struct rf_flags *flags = &report->flags;
    return report->blessed != NULL && flags->signal == 0 && !flags->internal && !flags->unwritten &&
           !flags->incomplete && !flags->damaged && !flags->nothing;
}

static void
put_blessed(const struct rf_page *page)
{
    const struct rf_bless_summary *blessed = page->report->blessed;
    rf_buf_string(page->out, "blessed: ");
    rf_text_sum(page, offsetof(struct rf_tally, instances));
    rf_buf_string(page->out, ": ");
    rf_paint_number(page, blessed->added);
    rf_buf_string(page->out, " added, ");
    rf_paint_number(page, blessed->changed);
    rf_buf_string(page->out, " changed, ");
    rf_paint_number(page, blessed->unchanged);
    rf_buf_string(page->out, " unchanged");
    rf_paint_part(page, blessed->removed, "removed", "removed");
    rf_paint_part(page, blessed->kept, "kept outside the selection", "kept outside the selection");
    rf_buf_string(page->out, "; ");
    rf_paint_counted(page, blessed->files, "file written", "files written");
    if (blessed->unfit > 0) {
        rf_buf_string(page->out, "; ");
        rf_paint_number(page, blessed->unfit);
        rf_buf_string(page->out, " crashed, hung or impure: left as they were in the golden");
    }
}

static void
put_verdict(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    const char *name = rf_verdict_name(&report->flags);
    int exit_status = rf_verdict_exit(&report->flags);
    bool blessed = is_blessed(report);
    bool any = false;
    rf_paint_color(page, exit_status != 0                       ? RF_RED
                         : blessed || strcmp(name, "same") == 0 ? RF_GREEN
                                                                : RF_YELLOW);
    if (blessed) {
        put_blessed(page);
    } else {
        rf_buf_format(page->out, "%s: ", name);
        put_faults(page, &any);
        put_results(page, &any);
        if (rf_text_is_bless(page) && !report->flags.unwritten) {
            reason(page, &any);
            rf_buf_string(page->out, "the golden is as it was");
        }
    }
    if (exit_status != 0) {
        rf_buf_format(page->out, " (exit %d)", exit_status);
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

void
rf_report_text(const struct rf_report *given, struct rf_buf *out)
{
    const struct rf_report filled = rf_report_filled(given);
    struct rf_page page = {
        .out = out,
        .report = &filled,
        .findings = filled.findings,
        .start = out->used,
        .verbose = filled.verbosity > 0,
    };
    rf_text_add_up(&page);
    if (filled.verbosity < 0) {
        put_verdict(&page);
        return;
    }
    rf_text_clusters(&page);
    rf_text_differences(&page);
    rf_text_damages(&page);
    rf_text_counts(&page);
    rf_text_history(&page);
    if (page.verbose) {
        rf_text_proof(&page);
    }
    rf_paint_section(&page);
    put_verdict(&page);
    rf_text_next(&page);
}
