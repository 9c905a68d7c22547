/* SPDX-License-Identifier: MIT */
/* The text report of scenarios: a line for each, and below it what does not hold. */
#include "reports/scenarios.h"

#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "reports/text_internal.h"

/* Differences shown below one line of a scenario; all that are listed with -v. */
#define CONTRASTS_SHOWN 20

static void
put_color(const struct rf_scenario_report *report, const char *code, struct rf_buf *out)
{
    rf_buf_string(out, report->color ? code : "");
}

static void
put_outcome(const struct rf_scenario_report *report, const struct rf_scenario_outcome *outcome,
            struct rf_buf *out)
{
    static const char *const words[] = {"ok     ", "FAIL   ", "CRASH  ", "HUNG   "};
    bool holds = outcome->verdict == RF_SCENARIO_HOLDS;
    bool verbose = report->verbosity > 0;
    const struct rf_scenario *scenario = outcome->scenario;
    put_color(report, holds ? RF_GREEN : RF_RED, out);
    rf_buf_string(out, words[outcome->verdict]);
    put_color(report, RF_PLAIN, out);
    rf_escape_shown(out, scenario->name, strlen(scenario->name), RF_MESSAGE_WIDTH);
    if (verbose) {
        rf_buf_string(out, " (");
        rf_escape_terminal(out, scenario->file, strlen(scenario->file));
        rf_buf_format(out, ":%zu)", scenario->number);
    }
    rf_buf_byte(out, '\n');
    for (size_t i = 0; i < outcome->failure_count; i++) {
        rf_scenarios_failure(scenario, &outcome->failures[i], verbose ? SIZE_MAX : CONTRASTS_SHOWN,
                             "       ", report->color, out);
    }
}

/** What the aggregates tried and printed, as the report of a replay has it. */
static void
put_conduct(const struct rf_scenario_report *report, struct rf_buf *out)
{
    const struct rf_report builds = {
        .verb = "scenario",
        .builds = report->builds,
        .build_count = report->build_count,
        .color = report->color,
        .verbosity = report->verbosity,
    };
    struct rf_page page = rf_page_open(&builds, out);
    rf_text_conduct(&page);
    rf_paint_section(&page);
}

void
rf_scenarios_text(const struct rf_scenario_report *report, struct rf_buf *out)
{
    bool holds =
        report->error == NULL && rf_scenarios_count(report, RF_SCENARIO_HOLDS) == report->total;
    if (report->verbosity >= 0) {
        for (size_t i = 0; i < report->count; i++) {
            put_outcome(report, &report->outcomes[i], out);
        }
        rf_buf_string(out, report->count > 0 ? "\n" : "");
        put_conduct(report, out);
    }
    put_color(report, holds ? RF_GREEN : RF_RED, out);
    rf_scenarios_verdict(report, out);
    put_color(report, RF_PLAIN, out);
    rf_buf_byte(out, '\n');
}
