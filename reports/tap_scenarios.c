/* SPDX-License-Identifier: MIT */
/* The TAP report of scenarios: a point for each, behind the one of the run itself. */
#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "reports/scenarios.h"
#include "reports/tap_lines.h"
#include "reports/text_paint.h"

static void
put_point(struct rf_buf *out, bool ok, size_t number, const char *name)
{
    struct rf_buf shown = {0};
    rf_escape_shown(&shown, name, strlen(name), RF_MESSAGE_WIDTH);
    rf_buf_format(out, "%sok %zu - ", ok ? "" : "not ", number);
    rf_tap_description(out, &shown);
    rf_buf_byte(out, '\n');
    rf_buf_done(&shown);
}

static void
put_string(struct rf_buf *out, const char *key, const char *text)
{
    struct rf_buf shown = {0};
    rf_escape_shown(&shown, text, strlen(text), RF_MESSAGE_WIDTH);
    rf_tap_string(out, key, &shown);
    rf_buf_done(&shown);
}

/* Of the first line that does not hold. */
static void
put_block(struct rf_buf *out, const struct rf_scenario_outcome *outcome)
{
    const struct rf_failure *failure = &outcome->failures[0];
    struct rf_buf line = {0};
    rf_scenario_line_print(failure->line, &line);
    bool fails = outcome->verdict == RF_SCENARIO_FAILS;
    rf_buf_format(out, "  ---\n  severity: %s\n", fails ? "fail" : "error");
    put_string(out, "message", failure->message);
    put_string(out, "file", outcome->scenario->file);
    rf_buf_format(out, "  line: %zu\n", failure->line->number);
    put_string(out, "step", rf_buf_text(&line));
    rf_buf_format(out, "  failures: %zu\n  ...\n", outcome->failure_count);
    rf_buf_done(&line);
}

void
rf_scenarios_tap(const struct rf_scenario_report *report, struct rf_buf *out)
{
    struct rf_buf verdict = {0};
    bool whole = rf_scenarios_are_whole(report);
    rf_scenarios_verdict(report, &verdict);
    rf_buf_format(out, "TAP version 13\n1..%zu\n# ", report->count + 1);
    rf_tap_description(out, &verdict);
    rf_buf_byte(out, '\n');
    put_point(out, whole, 1, "scenario is whole");
    for (size_t i = 0; i < report->count; i++) {
        const struct rf_scenario_outcome *outcome = &report->outcomes[i];
        bool holds = outcome->verdict == RF_SCENARIO_HOLDS;
        put_point(out, holds, i + 2, outcome->scenario->name);
        if (!holds) {
            put_block(out, outcome);
        }
    }
    if (report->error != NULL) {
        struct rf_buf shown = {0};
        rf_escape_terminal(&shown, report->error, strlen(report->error));
        rf_buf_string(out, "Bail out! ");
        rf_tap_description(out, &shown);
        rf_buf_byte(out, '\n');
        rf_buf_done(&shown);
    }
    rf_buf_done(&verdict);
}
