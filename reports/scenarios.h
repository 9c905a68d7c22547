/* SPDX-License-Identifier: MIT */
/* What a run of scenarios found, in the shape that its report formats share. */
#ifndef RF_REPORTS_SCENARIOS_H
#define RF_REPORTS_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "scenario/outcome.h"

/** Borrowed; a report never changes it. */
struct rf_scenario_report {
    const struct rf_scenario_outcome *outcomes; /**< of those that were played, in their order */
    size_t count;
    size_t total; /**< scenarios that were read; more than `count` where the run ended early */
    struct rf_build *const *builds;
    size_t build_count;
    const char *error; /**< the sentence with which it ended early, or NULL */
    int exit;
    double seconds;
    const char *version; /**< of refold */
    /* For the text report. */
    bool color;
    int verbosity; /**< -1 with -q, 0, 1 with -v */
};

/** Whether it came to its end: exit 0 or 1. False is never green in any format. */
bool rf_scenarios_are_whole(const struct rf_scenario_report *report);
/** The verdict in a line, as the text report ends: "holds: 3 scenarios, 7 lines checked (exit 0)".
 */
void rf_scenarios_verdict(const struct rf_scenario_report *report, struct rf_buf *out);
/** What does not hold of a scenario: lines that each begin with `indent`, of shown text; at most
 * `contrasts` differences a line of the file. */
void rf_scenarios_failure(const struct rf_scenario *scenario, const struct rf_failure *failure,
                          size_t contrasts, const char *indent, bool color, struct rf_buf *out);

/** How many outcomes have this verdict. */
size_t rf_scenarios_count(const struct rf_scenario_report *report,
                          enum rf_scenario_verdict verdict);
/** Lines that were held against what happened, in all scenarios. */
size_t rf_scenarios_checked(const struct rf_scenario_report *report);

void rf_scenarios_text(const struct rf_scenario_report *report, struct rf_buf *out);
/** schema/scenario-report.schema.json */
void rf_scenarios_json(const struct rf_scenario_report *report, struct rf_buf *out);
/** schema/junit.xsd: a suite a file, a case a scenario. */
void rf_scenarios_junit(const struct rf_scenario_report *report, struct rf_buf *out);
/** A point a scenario, behind the one of the run itself. */
void rf_scenarios_tap(const struct rf_scenario_report *report, struct rf_buf *out);

#endif
