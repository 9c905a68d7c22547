/* SPDX-License-Identifier: MIT */
/* The last lines of the text report: what to do next. */
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

/* The first difference whose id can stand in a command: no argument holds a NUL. */
static const struct rf_difference *
single_difference(const struct rf_page *page)
{
    const struct rf_findings *findings = page->findings;
    for (size_t i = 0; i < findings->cluster_count && i < RF_CLUSTERS_SHOWN; i++) {
        const struct rf_difference *first = rf_text_sample_of(findings, &findings->clusters[i]);
        if (first != NULL && memchr(first->id, '\0', first->id_bytes) == NULL) {
            return first;
        }
    }
    return NULL;
}

static void
put_help_for_changes(const struct rf_page *page)
{
    const struct rf_difference *difference = single_difference(page);
    if (difference != NULL) {
        rf_buf_string(page->out, "to run one alone:  refold run --id ");
        rf_escape_shell(page->out, difference->id, difference->id_bytes);
        put_again(page);
    }
    const struct rf_tally *total = &page->total;
    bool acceptable = total->changed + total->missing + total->unblessed + total->rejected > 0;
    if (acceptable && !page->report->flags.no_compare) {
        put_command(page, "to accept the new states", "bless");
    }
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
    if (flags->signal != 0 || flags->incomplete || flags->unwritten || flags->damaged) {
        put_command(page, flags->damaged ? "then" : "to try again", report->verb);
    } else if (flags->changed && rf_text_is_bless(page)) {
        put_command(page, "when the aggregate is mended", "bless");
    } else if (flags->changed) {
        put_help_for_changes(page);
    } else if (flags->nothing && page->total.unblessed == 0) {
        rf_buf_string(page->out, "to find out why: is it the right source, the right aggregate, "
                                 "and does the selection let anything in?\n");
    } else if (page->total.unblessed > 0 && !flags->no_compare) {
        put_command(page, "to accept the new instances", "bless");
    }
}
