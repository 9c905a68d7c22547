/* SPDX-License-Identifier: MIT */
/* What became of a scenario. */
#include "scenario/outcome.h"

#include <stdlib.h>

#include "base/json.h"

void
rf_scenario_outcome_done(struct rf_scenario_outcome *outcome)
{
    for (size_t i = 0; i < outcome->failure_count; i++) {
        free(outcome->failures[i].message);
        rf_contrasts_done(&outcome->failures[i].contrasts);
    }
    free(outcome->failures);
    *outcome = (struct rf_scenario_outcome){0};
}

const char *
rf_scenario_verdict_name(enum rf_scenario_verdict verdict)
{
    static const char *const names[] = {"holds", "fails", "crashed", "hung"};
    return names[verdict];
}

void
rf_scenario_line_print(const struct rf_scenario_line *line, struct rf_buf *out)
{
    static const char *const words[] = {"given",        "when",         "then",
                                        "then refused", "then nothing", "state"};
    rf_buf_string(out, words[line->word]);
    rf_buf_string(out, line->exactly ? " exactly" : "");
    if (line->word == RF_SCENARIO_REFUSED && line->name != NULL) {
        rf_buf_byte(out, ' ');
        rf_canon_string(out, line->name, line->name_bytes);
    } else if (line->name != NULL) {
        rf_buf_byte(out, ' ');
        rf_buf_add(out, line->name, line->name_bytes);
    }
}
