/* SPDX-License-Identifier: MIT */
/* What judge.c and judge_command.c share. Of these only. */
#ifndef RF_SCENARIO_JUDGE_INTERNAL_H
#define RF_SCENARIO_JUDGE_INTERNAL_H

#include "scenario/judge.h"

struct rf_judge {
    const struct rf_scenario *scenario;
    const struct rf_dispatch_step *steps;
    const struct rf_dispatch_result *result;
    const char *beside[3]; /**< names of an event's id, version and time in its data, or NULL */
    struct rf_scenario_outcome *outcome;
};

/** A line does not hold; takes the message over. Valid until the next one. */
struct rf_failure *rf_judge_fail(struct rf_judge *judge, const struct rf_scenario_line *line,
                                 struct rf_buf *message);

/** "ShipOrder", as it may be shown in a sentence. */
void rf_judge_name(struct rf_buf *out, const struct rf_scenario_line *line);

/** What the act's command made, or its refusal, against its `then` lines; `*version` is that of the
 * last event before, and is counted on. */
void rf_judge_command(struct rf_judge *judge, const struct rf_act *act,
                      const struct rf_dispatch_step *step, int64_t *version);

#endif
