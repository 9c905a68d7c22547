/* SPDX-License-Identifier: MIT */
/* The text report of scenarios: a line for each, and below it what does not hold. */
#include "reports/scenarios.h"

#include <string.h>

#include "base/escape.h"
#include "reports/text_paint.h"

/* Differences shown below one line of a scenario; more only with -v. */
#define CONTRASTS_SHOWN 20

struct sheet {
    struct rf_buf *out;
    const struct rf_scenario_report *report;
};

static void
put(const struct sheet *sheet, const char *text)
{
    rf_buf_string(sheet->out, text);
}

static void
put_color(const struct sheet *sheet, const char *code)
{
    if (sheet->report->color) {
        put(sheet, code);
    }
}

/* "- /status "paid"", "+ /status is not there". In front of what is hostile stands a word or sign
 * of our own: no build's log takes such a line for a command. */
static void
put_side(const struct sheet *sheet, const char *sign, const char *color, const char *path,
         const char *json, const char *absent)
{
    put(sheet, "       ");
    put_color(sheet, color);
    put(sheet, sign);
    if (*path != '\0') {
        rf_escape_shown(sheet->out, path, strlen(path), RF_NAME_WIDTH);
        put(sheet, " ");
    }
    if (json == NULL) {
        put(sheet, absent);
    } else {
        rf_escape_json_shown(sheet->out, json, strlen(json), 0, RF_MESSAGE_WIDTH);
    }
    put_color(sheet, RF_PLAIN);
    put(sheet, "\n");
}

static void
put_failure(const struct sheet *sheet, const struct rf_scenario *scenario,
            const struct rf_failure *failure)
{
    struct rf_buf line = {0};
    put(sheet, "       at ");
    rf_escape_terminal(sheet->out, scenario->file, strlen(scenario->file));
    rf_buf_format(sheet->out, ":%zu: ", failure->line->number);
    rf_scenario_line_print(failure->line, &line);
    rf_escape_shown(sheet->out, line.bytes, line.used, RF_MESSAGE_WIDTH);
    put(sheet, "\n       but ");
    rf_escape_shown(sheet->out, failure->message, strlen(failure->message), RF_MESSAGE_WIDTH);
    put(sheet, "\n");
    const struct rf_contrasts *found = &failure->contrasts;
    size_t shown = sheet->report->verbosity > 0 ? found->count : CONTRASTS_SHOWN;
    for (size_t i = 0; i < found->count && i < shown; i++) {
        const struct rf_contrast *contrast = &found->items[i];
        put_side(sheet, "- ", RF_RED, contrast->path, contrast->wanted, "is not to be there");
        put_side(sheet, "+ ", RF_GREEN, contrast->path, contrast->got, "is not there");
    }
    shown = shown < found->count ? shown : found->count;
    if (found->total > shown) {
        rf_buf_format(sheet->out, "       and %zu more\n", found->total - shown);
    }
    rf_buf_done(&line);
}

static void
put_outcome(const struct sheet *sheet, const struct rf_scenario_outcome *outcome)
{
    static const char *const words[] = {"ok     ", "FAIL   ", "CRASH  ", "HUNG   "};
    bool holds = outcome->verdict == RF_SCENARIO_HOLDS;
    const struct rf_scenario *scenario = outcome->scenario;
    put_color(sheet, holds ? RF_GREEN : RF_RED);
    put(sheet, words[outcome->verdict]);
    put_color(sheet, RF_PLAIN);
    rf_escape_shown(sheet->out, scenario->name, strlen(scenario->name), RF_MESSAGE_WIDTH);
    if (sheet->report->verbosity > 0) {
        put(sheet, " (");
        rf_escape_terminal(sheet->out, scenario->file, strlen(scenario->file));
        rf_buf_format(sheet->out, ":%zu)", scenario->number);
    }
    put(sheet, "\n");
    for (size_t i = 0; i < outcome->failure_count; i++) {
        put_failure(sheet, scenario, &outcome->failures[i]);
    }
}

static void
put_verdict(const struct sheet *sheet)
{
    static const char *const words[] = {"", "failed", "crashed", "hung"};
    const struct rf_scenario_report *report = sheet->report;
    size_t held = rf_scenarios_count(report, RF_SCENARIO_HOLDS);
    const char *lead = ": ";
    if (report->error != NULL) {
        put_color(sheet, RF_RED);
        rf_buf_format(sheet->out, "ended early: %zu of %zu scenario%s played", report->count,
                      report->total, report->total == 1 ? "" : "s");
    } else if (held == report->total) {
        put_color(sheet, RF_GREEN);
        rf_buf_format(sheet->out, "holds: %zu scenario%s, %zu line%s checked", held,
                      held == 1 ? "" : "s", rf_scenarios_checked(report),
                      rf_scenarios_checked(report) == 1 ? "" : "s");
    } else {
        put_color(sheet, RF_RED);
        rf_buf_format(sheet->out, "fails: %zu of %zu scenario%s", report->total - held,
                      report->total, report->total == 1 ? "" : "s");
        for (int verdict = RF_SCENARIO_FAILS; verdict <= RF_SCENARIO_HUNG; verdict++) {
            size_t count = rf_scenarios_count(report, (enum rf_scenario_verdict)verdict);
            if (count > 0) {
                rf_buf_format(sheet->out, "%s%zu %s", lead, count, words[verdict]);
                lead = ", ";
            }
        }
    }
    rf_buf_format(sheet->out, " (exit %d)", report->exit);
    put_color(sheet, RF_PLAIN);
    put(sheet, "\n");
}

void
rf_scenarios_text(const struct rf_scenario_report *report, struct rf_buf *out)
{
    const struct sheet sheet = {out, report};
    if (report->verbosity >= 0) {
        for (size_t i = 0; i < report->count; i++) {
            put_outcome(&sheet, &report->outcomes[i]);
        }
        put(&sheet, report->count > 0 ? "\n" : "");
    }
    put_verdict(&sheet);
}
