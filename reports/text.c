/* SPDX-License-Identifier: MIT */
/* The report that people read, in a terminal or in a build's log. */
#include "reports/text_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"

/* What changed most stands first; the verdict and what to do next stand last, where the eye is when
 * the command is done. Nothing out of an event, an id, a file's name or a message is printed
 * unescaped, nor at the front of a line. Colour only repeats what the words say. */

bool
rf_text_is_bless(const struct rf_page *page)
{
    return strcmp(page->report->verb, "bless") == 0;
}

bool
rf_text_is_proof(const struct rf_page *page)
{
    return strcmp(page->report->verb, "golden") == 0;
}

bool
rf_text_is_idle(const struct rf_page *page)
{
    const struct rf_sums *sums = page->report->sums;
    return page->report->gathered->started > 0 &&
           sums->terms[RF_TERM_FOLDED] + sums->terms[RF_TERM_REJECTED] +
                   sums->terms[RF_TERM_UNHANDLED] + sums->terms[RF_TERM_UNFOLDED] ==
               0;
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
    const struct rf_sums *sums = page->report->sums;
    if (page->report->ended_early) {
        rf_buf_string(page->out, "the replay could not be done");
    } else if (sums->objects == 0) {
        rf_buf_string(page->out, "no object was found");
    } else if (sums->events == 0) {
        rf_buf_string(page->out, "no event was read");
    } else if (page->total.instances == 0) {
        rf_buf_string(page->out, "no event matched");
    } else if (rf_text_is_idle(page)) {
        rf_buf_string(page->out, "no event was folded");
    } else if (rf_text_is_bless(page)) {
        rf_buf_string(page->out, "nothing was blessed");
    } else if (page->total.as_snapshot > 0) {
        rf_buf_string(page->out, "nothing that was compared was folded");
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
        rf_buf_string(page->out, "refold itself failed, nothing of this can be relied on");
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
            rf_buf_string(page->out, "what was read is damaged");
        }
        if (!rf_text_is_bless(page)) {
            rf_buf_string(page->out, ": the verdict does not cover everything");
        }
    }
}

uint64_t
rf_text_unblessed_differences(const struct rf_page *page)
{
    const struct rf_tally *total = &page->total;
    uint64_t others = total->changed + total->missing + total->rejected + total->crashed +
                      total->hung + total->impure;
    uint64_t all = page->findings->differences_total;
    uint64_t rest = all > others ? all - others : 0;
    return rest < total->unblessed ? rest : total->unblessed;
}

/* "4 differences"; where not all of them are changes: "4 differences: 3 crashed, 1 hung". */
static void
put_differences(const struct rf_page *page)
{
    const struct rf_tally *total = &page->total;
    const struct {
        uint64_t count;
        enum rf_difference_kind kind;
    } kinds[] = {
        {total->changed, RF_DIFFERENCE_CHANGED},
        {total->missing, RF_DIFFERENCE_MISSING},
        {total->rejected, RF_DIFFERENCE_REJECTED},
        {total->crashed, RF_DIFFERENCE_CRASHED},
        {total->hung, RF_DIFFERENCE_HUNG},
        {total->impure, RF_DIFFERENCE_IMPURE},
        {rf_text_unblessed_differences(page), RF_DIFFERENCE_UNBLESSED},
    };
    rf_paint_counted(page, page->findings->differences_total, "difference", "differences");
    if (total->changed == page->findings->differences_total) {
        return;
    }
    const char *before = ": ";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].count > 0) {
            const char *name = rf_difference_name(kinds[i].kind);
            rf_buf_string(page->out, before);
            rf_paint_counted(page, kinds[i].count, name, name);
            before = ", ";
        }
    }
}

/* What is part of no comparison: one more reason, or more of the reason that ends here. */
static void
put_left_out(const struct rf_page *page, bool joined, bool *any)
{
    bool no_compare = page->report->flags.no_compare;
    const struct {
        uint64_t count;
        const char *name;
    } parts[] = {
        {no_compare ? 0 : page->total.unblessed - rf_text_unblessed_differences(page), "unblessed"},
        {page->total.uncompared, "uncompared"},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].count > 0 && joined) {
            rf_paint_part(page, parts[i].count, parts[i].name, parts[i].name);
        } else if (parts[i].count > 0) {
            reason(page, any);
            rf_paint_counted(page, parts[i].count, parts[i].name, parts[i].name);
            joined = true;
        }
    }
}

/* Events that no state holds: "same" is not said of them. What is red has its reasons above. */
static void
put_unfolded(const struct rf_page *page, bool *any)
{
    if (rf_verdict_exit(&page->report->flags) != 0) {
        return;
    }
    static const enum rf_term terms[] = {RF_TERM_UNHANDLED, RF_TERM_REJECTED, RF_TERM_UNFOLDED,
                                         RF_TERM_UNCLAIMED};
    bool joined = false;
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        uint64_t count = page->report->sums->terms[terms[i]];
        bool is_damage = terms[i] == RF_TERM_UNCLAIMED && rf_text_unclaimed(page) > 0;
        if (count == 0 || is_damage) {
            continue;
        }
        if (joined) {
            rf_paint_part(page, count, rf_term_name(terms[i]), rf_term_name(terms[i]));
        } else {
            reason(page, any);
            rf_paint_counted(page, count, "event", "events");
            rf_buf_format(page->out, " %s", rf_term_name(terms[i]));
        }
        joined = true;
    }
}

/* Objects that were not read as history: someone may know better. Those below error prefixes are
 * damage, known or waived, and told as that. */
static void
put_foreign(const struct rf_page *page, bool *any)
{
    uint64_t all = page->report->sums->foreign;
    uint64_t told = page->report->damages->totals[RF_DAMAGE_ERRORS];
    uint64_t count = all > told ? all - told : 0;
    if (count > 0 && rf_verdict_exit(&page->report->flags) == 0) {
        reason(page, any);
        rf_paint_counted(page, count, "foreign object", "foreign objects");
    }
}

/* Under --until a gap is no damage: what fills it may come later. Or never. */
static void
put_cut(const struct rf_page *page, bool *any)
{
    uint64_t gaps = page->report->gathered->gaps;
    uint64_t told = page->report->damages->totals[RF_DAMAGE_GAP];
    if (gaps > told && rf_verdict_exit(&page->report->flags) == 0) {
        reason(page, any);
        rf_paint_counted(page, gaps - told, "instance ends at a gap", "instances end at a gap");
    }
}

static void
put_waived(const struct rf_page *page, bool *any)
{
    size_t before = page->out->used;
    bool other = *any;
    reason(page, any);
    rf_buf_string(page->out, "waived: ");
    if (!rf_text_damage_kinds(page, true)) {
        page->out->used = before;
        *any = other;
    }
}

static void
put_known(const struct rf_page *page, bool *any)
{
    size_t before = page->out->used;
    bool other = *any;
    reason(page, any);
    rf_buf_string(page->out, "known: ");
    if (!rf_text_known(page)) {
        page->out->used = before;
        *any = other;
    }
}

/* What was compared and not folded is said. */
static void
put_as_snapshot(const struct rf_page *page)
{
    uint64_t count = page->total.as_snapshot;
    if (count > 0) {
        rf_buf_string(page->out, " (");
        rf_paint_counted(page, count, "as its snapshot has it", "as their snapshots have them");
        rf_buf_byte(page->out, ')');
    }
}

/* In every format: not all of them have the table, which has a column for it. */
static void
put_ignored(const struct rf_page *page)
{
    const char *name = "same only because of ignored paths";
    if (page->total.ignored_only > 0) {
        rf_paint_part(page, page->total.ignored_only, name, name);
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
        put_differences(page);
    }
    if (flags->untrusted) {
        reason(page, any);
        rf_buf_string(page->out, "states that cannot be trusted");
    }
    bool compared = !flags->no_compare && (page->total.compared > 0 || !*any);
    if (compared) {
        reason(page, any);
        rf_text_sum(page, offsetof(struct rf_tally, compared));
        rf_buf_string(page->out, " compared");
        put_as_snapshot(page);
        put_ignored(page);
    } else if (flags->no_compare && page->total.instances > 0 && !rf_text_is_bless(page)) {
        reason(page, any);
        rf_text_sum(page, offsetof(struct rf_tally, instances));
        rf_buf_string(page->out, " folded, none compared");
    }
    put_left_out(page, compared, any);
    put_unfolded(page, any);
    put_foreign(page, any);
    put_cut(page, any);
    put_waived(page, any);
    put_known(page, any);
    if (page->report->shard.place.n > 0) {
        reason(page, any);
        rf_buf_format(page->out, "of shard %" PRIu32 "/%" PRIu32 " only",
                      page->report->shard.place.k, page->report->shard.place.n);
    }
}

bool
rf_text_is_blessed(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    const struct rf_flags *flags = &report->flags;
    return report->blessed != NULL && flags->signal == 0 && !flags->internal && !flags->unwritten &&
           !flags->incomplete && !flags->damaged && !flags->nothing;
}

const char *
rf_text_outcome(const struct rf_page *page)
{
    if (!rf_text_is_blessed(page)) {
        const char *name = rf_verdict_name(&page->report->flags);
        return rf_text_is_proof(page) && strcmp(name, "same") == 0 ? "proved" : name;
    }
    return page->report->dry_run ? "would be blessed" : "blessed";
}

void
rf_text_verdict(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    const char *name = rf_verdict_name(&report->flags);
    int exit_status = rf_verdict_exit(&report->flags);
    bool blessed = rf_text_is_blessed(page);
    bool any = false;
    rf_paint_color(page, exit_status != 0                       ? RF_RED
                         : blessed || strcmp(name, "same") == 0 ? RF_GREEN
                                                                : RF_YELLOW);
    if (blessed) {
        rf_text_blessed(page);
        any = true;
        put_unfolded(page, &any);
        put_foreign(page, &any);
        put_cut(page, &any);
    } else {
        rf_buf_format(page->out, "%s: ", rf_text_outcome(page));
        put_faults(page, &any);
        put_results(page, &any);
        if (rf_text_is_bless(page) && !report->flags.unwritten) {
            reason(page, &any);
            rf_buf_string(page->out, RF_GOLDEN_STAYS);
        }
    }
    if (exit_status != 0) {
        rf_buf_format(page->out, " (exit %d)", exit_status);
    }
    rf_paint_color(page, RF_PLAIN);
}

/* In a file: on standard output it would stand twice. */
static void
put_error(const struct rf_page *page)
{
    const char *error = page->report->error;
    if (error != NULL) {
        rf_buf_string(page->out, "error: ");
        rf_escape_terminal(page->out, error, strlen(error));
        rf_buf_byte(page->out, '\n');
    }
}

void
rf_report_text(const struct rf_report *report, struct rf_buf *out)
{
    struct rf_report filled;
    struct rf_page page = rf_page_begin(report, &filled, out);
    if (filled.verbosity >= 0) {
        rf_text_clusters(&page);
        rf_text_differences(&page);
        rf_text_damages(&page);
        rf_text_counts(&page);
        rf_text_ignores(&page);
        rf_text_planned(&page);
        rf_text_history(&page);
        rf_text_conduct(&page);
        if (page.verbose) {
            rf_text_proof(&page);
        }
        rf_paint_section(&page);
        put_error(&page);
    }
    rf_text_verdict(&page);
    rf_buf_byte(out, '\n');
    if (filled.verbosity >= 0) {
        rf_text_next(&page);
    }
}
