/* SPDX-License-Identifier: MIT */
/* The formats that -r knows. */
#include "reports/report.h"

#include <stdlib.h>
#include <string.h>

#include "reports/scenarios.h"

const struct rf_report_format rf_report_formats[] = {
    {"text", "for people, in a terminal or a build's log", rf_report_text, rf_scenarios_text},
    {"json", "for programs: reports/schema/report.schema.json", rf_report_json, rf_scenarios_json},
    {"junit", "for the test pages of Jenkins, GitLab and others", rf_report_junit,
     rf_scenarios_junit},
    {"tap", "for prove and other readers of TAP", rf_report_tap, rf_scenarios_tap},
    {"markdown", "for a comment on a pull request; at most 60 kB", rf_report_markdown, NULL},
    {"github", "annotations of GitHub Actions; markdown to $GITHUB_STEP_SUMMARY", rf_report_github,
     NULL},
    {NULL, NULL, NULL, NULL},
};

const char *
rf_policy_name(enum rf_policy policy)
{
    static const char *const names[] = {"error", "warn", "count"};
    RF_VERIFY((unsigned)policy < sizeof(names) / sizeof(names[0]));
    return names[policy];
}

const struct rf_report_format *
rf_report_format_find(const char *name)
{
    for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
         format++) {
        if (strcmp(format->name, name) == 0) {
            return format;
        }
    }
    return NULL;
}

bool
rf_report_format_fits(const struct rf_report_format *format, bool scenarios)
{
    return scenarios ? format->write_scenarios != NULL : format->write != NULL;
}

void
rf_report_format_names(struct rf_buf *out, bool scenarios)
{
    const char *last = NULL;
    const char *before = "";
    for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
         format++) {
        if (!rf_report_format_fits(format, scenarios)) {
            continue;
        }
        if (last != NULL) {
            rf_buf_format(out, "%s%s", before, last);
            before = ", ";
        }
        last = format->name;
    }
    rf_buf_format(out, " or %s", last);
}

void
rf_skip_audits_free(struct rf_skip_audit *skips, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(skips[i].aggregate);
        free(skips[i].type);
        free(skips[i].reason);
    }
    free(skips);
}

bool
rf_report_is_whole(const struct rf_report *report)
{
    int exit_status = rf_verdict_exit(&report->flags);
    return exit_status == 0 || (exit_status == 1 && report->error == NULL);
}

struct rf_report
rf_report_filled(const struct rf_report *report)
{
    static const struct rf_sums no_sums;
    static const struct rf_decode_counts no_counts;
    static const struct rf_gather_counts none_gathered;
    static const struct rf_unclaimed none_unclaimed;
    static const struct rf_ingest_result none_ingested;
    static const struct rf_findings no_findings;
    static const struct rf_damages no_damages;
    struct rf_report filled = *report;
    filled.sums = report->sums != NULL ? report->sums : &no_sums;
    filled.counts = report->counts != NULL ? report->counts : &no_counts;
    filled.gathered = report->gathered != NULL ? report->gathered : &none_gathered;
    filled.unclaimed = report->unclaimed != NULL ? report->unclaimed : &none_unclaimed;
    filled.ingested = report->ingested != NULL ? report->ingested : &none_ingested;
    filled.findings = report->findings != NULL ? report->findings : &no_findings;
    filled.damages = report->damages != NULL ? report->damages : &no_damages;
    return filled;
}
