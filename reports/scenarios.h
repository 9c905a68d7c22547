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
    const char *version; /**< of refold */
    /* For the text report. */
    bool color;
    int verbosity; /**< -1 with -q, 0, 1 with -v */
};

/** How many outcomes have this verdict. */
size_t rf_scenarios_count(const struct rf_scenario_report *report,
                          enum rf_scenario_verdict verdict);
/** Lines that were held against what happened, in all scenarios. */
size_t rf_scenarios_checked(const struct rf_scenario_report *report);

void rf_scenarios_text(const struct rf_scenario_report *report, struct rf_buf *out);
/** schema/scenario-report.schema.json */
void rf_scenarios_json(const struct rf_scenario_report *report, struct rf_buf *out);

#endif
