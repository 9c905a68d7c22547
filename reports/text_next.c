/* SPDX-License-Identifier: MIT */
/* What to do next, in words. */
#include "reports/text_internal.h"

#include <string.h>

#include "base/escape.h"

/* The arguments of a command, which may be none, and the end of the line. */
static void
put_arguments(const struct rf_page *page, const char *again)
{
    rf_buf_format(page->out, "%s%s\n", *again != '\0' ? " " : "", again);
}

static void
put_command(const struct rf_page *page, const char *what, const char *verb, const char *again)
{
    rf_buf_format(page->out, "%s:  refold %s", what, verb);
    put_arguments(page, again);
}

/* The first difference that a run of its own can show, and whose id can stand in a command: no
 * argument holds a NUL. */
static const struct rf_difference *
single_difference(const struct rf_page *page)
{
    const struct rf_findings *findings = page->findings;
    for (size_t i = 0; i < findings->cluster_count && i < RF_CLUSTERS_SHOWN; i++) {
        enum rf_difference_kind kind = findings->clusters[i].kind;
        const struct rf_difference *first = rf_text_sample_of(findings, &findings->clusters[i]);
        if (first != NULL && memchr(first->id, '\0', first->id_bytes) == NULL &&
            kind != RF_DIFFERENCE_MISSING && kind != RF_DIFFERENCE_UNBLESSED) {
            return first;
        }
    }
    return NULL;
}

/* An id that looks like an option can only be given behind all that are, and a "--". */
static void
put_behind_options(const struct rf_page *page, const struct rf_difference *difference)
{
    const char *show = page->report->again_show;
    const char *sources = page->report->again_sources;
    size_t all = strlen(show);
    size_t behind = strlen(sources);
    size_t options = behind > all ? all : all - behind;
    if (strcmp(show + options, sources) != 0) {
        return; /* merged: of shards no command shows one instance */
    }
    rf_buf_string(page->out, "to see one event by event:  refold show ");
    rf_buf_add(page->out, show, options);
    rf_buf_string(page->out, options > 0 && show[options - 1] != ' ' ? " -- " : "-- ");
    rf_escape_shell(page->out, difference->id, difference->id_bytes);
    put_arguments(page, strncmp(sources, "-- ", 3) == 0 ? sources + 3 : sources);
}

/* What an instance went through in HEAD, event by event. */
static void
put_help_for_parting(const struct rf_page *page, const struct rf_difference *difference)
{
    if (difference == NULL) {
        return;
    }
    if (difference->id_bytes > 1 && difference->id[0] == '-') {
        put_behind_options(page, difference);
        return;
    }
    rf_buf_string(page->out, "to see one event by event:  refold show ");
    rf_escape_shell(page->out, difference->id, difference->id_bytes);
    put_arguments(page, page->report->again_show);
}

/* Of digest goldens a part is accepted by ids only, and with --from (where there is no command for
 * it) too. */
static bool
takes_parts(const struct rf_page *page)
{
    return page->report->again_review != NULL && page->findings->lines.shards == 0;
}

/* After a bless that was told to write a part, or nothing. */
static void
put_rest_of_bless(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    const struct rf_bless_summary *blessed = report->blessed;
    if (blessed == NULL) {
        return;
    }
    if (report->dry_run && blessed->files > 0) {
        put_command(page, "to write this", "bless", report->again_bless);
    }
    if (report->dry_run && !report->chosen && page->findings->cluster_count > 0 &&
        takes_parts(page)) {
        put_command(page, "to accept a part of it", "bless --cluster KEY", report->again_review);
    }
    if (!report->dry_run && blessed->declined > 0) {
        put_command(page, "to see what was not accepted", "run", report->again_run);
    }
}

/* A fold ends at a type that its aggregate does not declare: that is seldom what is to be accepted.
 */
static void
put_help_for_unhandled(const struct rf_page *page)
{
    if (page->report->sums->terms[RF_TERM_UNHANDLED] == 0) {
        return;
    }
    rf_buf_string(page->out,
                  "a type is not handled:  declare it in the aggregate, or \"skip\" it in "
                  "refold.json; if it is another aggregate's, load that too (-a), or say "
                  "in \"streams\" whose it is\n");
    if (page->report->again_types != NULL) {
        put_command(page, "to see which handles what", "types", page->report->again_types);
    }
}

static void
put_help_for_changes(const struct rf_page *page)
{
    const struct rf_tally *total = &page->total;
    if (total->hung > 0) {
        rf_buf_string(page->out, "if it is only slow:  --timeout SECONDS\n");
    }
    put_help_for_unhandled(page);
    if (rf_text_is_bless(page)) {
        put_help_for_parting(page, single_difference(page));
        put_command(page, "when the aggregate is mended", "bless", page->report->again);
        put_rest_of_bless(page);
        return;
    }
    const struct rf_difference *difference = single_difference(page);
    if (page->report->rivals != NULL || rf_text_is_proof(page)) {
        put_help_for_parting(page, difference);
        return;
    }
    if (difference != NULL && total->instances > 1) {
        rf_buf_string(page->out, "to run one alone:  refold run --id ");
        rf_escape_shell(page->out, difference->id, difference->id_bytes);
        put_arguments(page, page->report->again_run);
    }
    bool acceptable = total->changed + total->missing + total->unblessed + total->rejected > 0;
    if (acceptable && !page->report->flags.no_compare) {
        put_command(page, "to accept the new states", "bless", page->report->again_bless);
        if (page->findings->differences_total > 1 && takes_parts(page)) {
            put_command(page, "to accept a part of them", "bless --review",
                        page->report->again_review);
        }
    }
}

/* Nothing was there to be folded: what to look at first. */
static void
put_help_for_nothing(const struct rf_page *page)
{
    const struct rf_sums *sums = page->report->sums;
    const char *question = "is it the right source?";
    if (sums->terms[RF_TERM_UNCLAIMED] > 0) {
        question = page->report->rivals == NULL ? "is the right aggregate loaded (-a)?"
                                                : "are BASE and HEAD of the right aggregate?";
    } else if (sums->terms[RF_TERM_UNSELECTED] > 0) {
        question = "does the selection (--id, --until, --as-of) let anything in?";
    } else if (sums->records > 0 && sums->empty == sums->records + sums->expanded) {
        question = "none of the records holds an event (they are removals, control messages, "
                   "or batches of none); is it the right source?";
    } else if (rf_text_is_idle(page)) {
        question = "is it the right source, and did anything come since --since?";
    }
    rf_buf_format(page->out, "to find out why:  %s\n", question);
    if (sums->terms[RF_TERM_UNCLAIMED] > 0 && page->report->again_types != NULL) {
        put_command(page, "to see what the history holds", "types", page->report->again_types);
    }
}

/* Something was folded, and nothing of it compared: the golden is another's, or of another time. */
static void
put_help_for_uncompared(const struct rf_page *page)
{
    bool others = page->findings->unloaded_count > 0 && page->total.instances > 0 &&
                  page->total.unblessed == page->total.instances;
    rf_buf_format(page->out, "to find out why:  %s\n",
                  others ? "is the golden (-g) one of the aggregate that is loaded (-a)? It has no "
                           "line of what was folded"
                         : "does the golden lie behind what is selected (--until, --as-of, --id)? "
                           "Compare with one of that time, blessed with the same selection (-g)");
}

/* All that was compared stands as its snapshot has it: the golden lies no later. */
static void
put_help_for_snapshots(const struct rf_page *page)
{
    rf_buf_string(page->out, "to find out why:  does the golden (-g) lie behind the snapshots "
                             "(--from)? Lines of the same versions are compared with the snapshots "
                             "themselves; take a golden of a later time\n");
}

/** Whether a bless could take the damage for known. The golden is mended; what ends before its
 * golden's version gets another line by any bless. */
static bool
is_acceptable(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    uint64_t total = 0;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        bool counts = kind != RF_DAMAGE_GOLDEN && kind != RF_DAMAGE_CUT_SHORT &&
                      !rf_text_is_waived(page, kind);
        total += counts ? rf_text_damage_total(page, kind, false) : 0;
    }
    /* Where nothing was folded there is nothing to bless; what a setting mends would be accepted
     * without the first event of each instance. */
    return total > 0 && !rf_text_damage_is_setting(page) && page->total.instances > 0 &&
           report->rivals == NULL && !rf_text_is_proof(page) && report->flags.signal == 0 &&
           !report->flags.incomplete && !report->flags.unwritten;
}

void
rf_text_next(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    const struct rf_flags *flags = &report->flags;
    if (flags->damaged) {
        rf_text_damage_help(page);
    }
    if (report->again == NULL || flags->internal) {
        return;
    }
    if (flags->damaged && is_acceptable(page)) {
        put_command(page, "to live with exactly this damage", "bless --accept-damage REASON",
                    report->again_bless);
    }
    if (flags->signal != 0 || flags->incomplete || flags->unwritten || flags->damaged) {
        put_command(page, flags->damaged ? "then" : "to try again", report->verb, report->again);
    } else if (report->ended_early) {
        return; /* the sentence with which it ended says what to do */
    } else if ((page->total.instances == 0 && (flags->nothing || report->shard.place.n == 0)) ||
               (flags->nothing && rf_text_is_idle(page))) {
        put_help_for_nothing(page);
    } else if (flags->nothing && page->total.as_snapshot > 0 && !flags->changed) {
        put_help_for_snapshots(page);
    } else if (flags->nothing && page->total.uncompared > 0 && !flags->changed) {
        put_help_for_uncompared(page);
    } else if (flags->changed) {
        put_help_for_changes(page);
    } else if (rf_text_is_bless(page)) {
        put_help_for_unhandled(page);
        put_rest_of_bless(page);
    } else if (page->total.unblessed > 0 && !flags->no_compare && !rf_text_is_proof(page)) {
        put_command(page, "to accept the new instances", "bless", report->again_bless);
    }
}
