/* SPDX-License-Identifier: MIT */
/* From what a scenario's worker said to whether the scenario holds. */
#ifndef RF_SCENARIO_JUDGE_H
#define RF_SCENARIO_JUDGE_H

#include "host/dispatch.h"
#include "scenario/outcome.h"
#include "scenario/settle.h"

/**
 * Hold each line against what happened. The steps are those of rf_scenario_plan, in their order.
 * @ret  scenario and build are set; the rest is filled in. A scenario holds only if each of its
 *       lines was held against an answer.
 */
void rf_scenario_judge(const struct rf_dispatch_step *steps,
                       const struct rf_dispatch_result *result, const struct rf_cast *cast,
                       const struct rf_own_members *members, struct rf_scenario_outcome *ret);

#endif
