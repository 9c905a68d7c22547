/* SPDX-License-Identifier: MIT */
/* Counts over the scenarios of a run. */
#include "reports/scenarios.h"

size_t
rf_scenarios_count(const struct rf_scenario_report *report, enum rf_scenario_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++) {
        count += report->outcomes[i].verdict == verdict;
    }
    return count;
}

size_t
rf_scenarios_checked(const struct rf_scenario_report *report)
{
    size_t checked = 0;
    for (size_t i = 0; i < report->count; i++) {
        checked += report->outcomes[i].checked;
    }
    return checked;
}
