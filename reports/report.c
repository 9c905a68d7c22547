/* SPDX-License-Identifier: MIT */
/* The formats that -r knows. */
#include "reports/report.h"

#include <string.h>

#include "reports/scenarios.h"

const struct rf_report_format rf_report_formats[] = {
    {"text", "for people, in a terminal or a build's log", rf_report_text, rf_scenarios_text},
    {"json", "for programs: reports/schema/report.schema.json", rf_report_json, rf_scenarios_json},
    {NULL, NULL, NULL, NULL},
};

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

struct rf_report
rf_report_filled(const struct rf_report *report)
{
    static const struct rf_sums no_sums;
    static const struct rf_decode_counts no_counts;
    static const struct rf_gather_counts none_gathered;
    static const struct rf_ingest_result none_ingested;
    static const struct rf_findings no_findings;
    static const struct rf_damages no_damages;
    struct rf_report filled = *report;
    filled.sums = report->sums != NULL ? report->sums : &no_sums;
    filled.counts = report->counts != NULL ? report->counts : &no_counts;
    filled.gathered = report->gathered != NULL ? report->gathered : &none_gathered;
    filled.ingested = report->ingested != NULL ? report->ingested : &none_ingested;
    filled.findings = report->findings != NULL ? report->findings : &no_findings;
    filled.damages = report->damages != NULL ? report->damages : &no_damages;
    return filled;
}
