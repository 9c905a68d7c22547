/* SPDX-License-Identifier: MIT */
/* What became of a scenario: what reports show. */
#ifndef RF_SCENARIO_OUTCOME_H
#define RF_SCENARIO_OUTCOME_H

#include <stddef.h>

#include "host/build.h"
#include "scenario/contrast.h"
#include "scenario/scenario.h"

/** One line that does not hold. Strings are owned. */
struct rf_failure {
    const struct rf_scenario_line *line; /**< borrowed from the scenario */
    char *message;                       /**< what happened instead; may hold any UTF-8 */
    struct rf_contrasts contrasts;       /**< what was wanted, what came; may be empty */
};

enum rf_scenario_verdict {
    RF_SCENARIO_HOLDS,
    RF_SCENARIO_FAILS,
    RF_SCENARIO_CRASHED, /**< the worker died, or said what it could not */
    RF_SCENARIO_HUNG,
};

struct rf_scenario_outcome {
    const struct rf_scenario *scenario; /**< borrowed */
    const struct rf_build *build;       /**< borrowed */
    enum rf_scenario_verdict verdict;
    size_t checked; /**< lines `then` and `state` that were held against what happened */
    struct rf_failure *failures;
    size_t failure_count;
    size_t failure_room;
};

void rf_scenario_outcome_done(struct rf_scenario_outcome *outcome);

/** "holds", "fails", "crashed", "hung" */
const char *rf_scenario_verdict_name(enum rf_scenario_verdict verdict);

/** Append a line in short, as the text form has it: "then OrderShipped", "state". */
void rf_scenario_line_print(const struct rf_scenario_line *line, struct rf_buf *out);

#endif
