/* SPDX-License-Identifier: MIT */
/* What all reports of scenarios say: counts, the verdict, and what does not hold. */
#include "reports/scenarios.h"

#include <string.h>

#include "base/escape.h"
#include "reports/text_paint.h"

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

bool
rf_scenarios_are_whole(const struct rf_scenario_report *report)
{
    return report->error == NULL && report->count == report->total && report->exit <= 1;
}

void
rf_scenarios_verdict(const struct rf_scenario_report *report, struct rf_buf *out)
{
    static const char *const words[] = {"", "failed", "crashed", "hung"};
    size_t held = rf_scenarios_count(report, RF_SCENARIO_HOLDS);
    size_t checked = rf_scenarios_checked(report);
    const char *plural = report->total == 1 ? "" : "s";
    const char *lead = ": ";
    if (report->error != NULL) {
        rf_buf_format(out, "ended early: %zu of %zu scenario%s played", report->count,
                      report->total, plural);
    } else if (held == report->total) {
        rf_buf_format(out, "holds: %zu scenario%s, %zu line%s checked", held, plural, checked,
                      checked == 1 ? "" : "s");
    } else {
        rf_buf_format(out, "fails: %zu of %zu scenario%s", report->total - held, report->total,
                      plural);
        for (int verdict = RF_SCENARIO_FAILS; verdict <= RF_SCENARIO_HUNG; verdict++) {
            size_t count = rf_scenarios_count(report, (enum rf_scenario_verdict)verdict);
            if (count > 0) {
                rf_buf_format(out, "%s%zu %s", lead, count, words[verdict]);
                lead = ", ";
            }
        }
    }
    rf_buf_format(out, " (exit %d)", report->exit);
}

/* "- /status "paid"", "+ /status is not there" */
static void
put_side(struct rf_buf *out, const char *sign, const char *path, const char *json,
         const char *absent)
{
    rf_buf_string(out, sign);
    if (*path != '\0') {
        rf_escape_shown(out, path, strlen(path), RF_NAME_WIDTH);
        rf_buf_byte(out, ' ');
    }
    if (json == NULL) {
        rf_buf_string(out, absent);
    } else {
        rf_escape_json_shown(out, json, strlen(json), 0, RF_MESSAGE_WIDTH);
    }
}

static void
put_sides(const struct rf_contrast *contrast, const char *indent, bool color, struct rf_buf *out)
{
    rf_buf_format(out, "%s%s", indent, color ? RF_RED : "");
    put_side(out, "- ", contrast->path, contrast->wanted, "is not to be there");
    rf_buf_format(out, "%s\n%s%s", color ? RF_PLAIN : "", indent, color ? RF_GREEN : "");
    put_side(out, "+ ", contrast->path, contrast->got, "is not there");
    rf_buf_format(out, "%s\n", color ? RF_PLAIN : "");
}

/* In front of what is hostile stands a word or sign of our own: no build's log takes such a line
 * for a command. */
void
rf_scenarios_failure(const struct rf_scenario *scenario, const struct rf_failure *failure,
                     size_t contrasts, const char *indent, bool color, struct rf_buf *out)
{
    const struct rf_contrasts *found = &failure->contrasts;
    size_t shown = contrasts < found->count ? contrasts : found->count;
    struct rf_buf line = {0};
    rf_scenario_line_print(failure->line, &line);
    rf_buf_format(out, "%sat ", indent);
    rf_escape_terminal(out, scenario->file, strlen(scenario->file));
    rf_buf_format(out, ":%zu: ", failure->line->number);
    rf_escape_shown(out, line.bytes, line.used, RF_MESSAGE_WIDTH);
    rf_buf_format(out, "\n%sbut ", indent);
    rf_escape_shown(out, failure->message, strlen(failure->message), RF_MESSAGE_WIDTH);
    rf_buf_byte(out, '\n');
    for (size_t i = 0; i < shown; i++) {
        put_sides(&found->items[i], indent, color, out);
    }
    if (found->total > shown) {
        rf_buf_format(out, "%sand %zu more\n", indent, found->total - shown);
    }
    rf_buf_done(&line);
}
