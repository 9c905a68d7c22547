/* SPDX-License-Identifier: MIT */
/* The JSON report of scenarios: schema/scenario-report.schema.json. */
#include "reports/scenarios.h"

#include "reports/json_list.h"

#define LEAD_FAILURE "\n      "
#define LEAD_CHANGE  "\n        "

static const char *
verdict_name(const struct rf_scenario_report *report)
{
    if (report->error != NULL) {
        return "error";
    }
    return rf_scenarios_count(report, RF_SCENARIO_HOLDS) == report->total ? "holds" : "fails";
}

static void
put_builds(struct list *top, const struct rf_scenario_report *report)
{
    name_item(top, "builds");
    struct list builds = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < report->build_count; i++) {
        next_item(&builds);
        struct list build = list_begin(builds.out, '{', LEAD_NONE);
        put_text(&build, "aggregate", report->builds[i]->name);
        put_text(&build, "file", report->builds[i]->path);
        put_text(&build, "sha256", report->builds[i]->sha256);
        list_end(&build, '}', LEAD_NONE);
    }
    list_end(&builds, ']', LEAD_TOP);
}

static void
put_failure(struct list *failures, const struct rf_failure *failure)
{
    struct rf_buf line = {0};
    rf_scenario_line_print(failure->line, &line);
    next_item(failures);
    struct list members = list_begin(failures->out, '{', LEAD_NONE);
    put_count(&members, "line", failure->line->number);
    put_bytes(&members, "step", line.bytes, line.used);
    put_text(&members, "message", failure->message);
    name_item(&members, "changes");
    struct list changes = list_begin(members.out, '[', LEAD_CHANGE);
    for (size_t i = 0; i < failure->contrasts.count; i++) {
        const struct rf_contrast *contrast = &failure->contrasts.items[i];
        next_item(&changes);
        struct list change = list_begin(changes.out, '{', LEAD_NONE);
        put_text(&change, "path", contrast->path);
        put_value(&change, "wanted", contrast->wanted);
        put_value(&change, "got", contrast->got);
        list_end(&change, '}', LEAD_NONE);
    }
    list_end(&changes, ']', LEAD_FAILURE);
    if (failure->contrasts.total > failure->contrasts.count) {
        put_count(&members, "changes_total", failure->contrasts.total);
    }
    list_end(&members, '}', LEAD_NONE);
    rf_buf_done(&line);
}

static void
put_outcome(struct list *results, const struct rf_scenario_outcome *outcome)
{
    next_item(results);
    struct list members = list_begin(results->out, '{', LEAD_NONE);
    put_text(&members, "scenario", outcome->scenario->name);
    put_text(&members, "file", outcome->scenario->file);
    put_count(&members, "line", outcome->scenario->number);
    put_text(&members, "aggregate", outcome->build->name);
    put_text(&members, "id", outcome->scenario->id);
    put_text(&members, "verdict", rf_scenario_verdict_name(outcome->verdict));
    put_count(&members, "checked", outcome->checked);
    name_item(&members, "failures");
    struct list failures = list_begin(members.out, '[', LEAD_FAILURE);
    for (size_t i = 0; i < outcome->failure_count; i++) {
        put_failure(&failures, &outcome->failures[i]);
    }
    list_end(&failures, ']', LEAD_INNER);
    list_end(&members, '}', LEAD_NONE);
}

void
rf_scenarios_json(const struct rf_scenario_report *report, struct rf_buf *out)
{
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_count(&top, "format", 1);
    put_text(&top, "verb", "scenario");
    put_text(&top, "verdict", verdict_name(report));
    put_count(&top, "exit", (uint64_t)report->exit);
    put_text(&top, "error", report->error);
    put_text(&top, "refold", report->version);
    put_builds(&top, report);
    rf_json_held(&top, report->builds, NULL, report->build_count);
    rf_json_conduct(&top, report->builds, NULL, report->build_count);
    put_count(&top, "scenarios", report->total);
    put_count(&top, "holds", rf_scenarios_count(report, RF_SCENARIO_HOLDS));
    put_count(&top, "fails", rf_scenarios_count(report, RF_SCENARIO_FAILS));
    put_count(&top, "crashed", rf_scenarios_count(report, RF_SCENARIO_CRASHED));
    put_count(&top, "hung", rf_scenarios_count(report, RF_SCENARIO_HUNG));
    put_count(&top, "checked", rf_scenarios_checked(report));
    name_item(&top, "results");
    struct list results = list_begin(out, '[', LEAD_INNER);
    for (size_t i = 0; i < report->count; i++) {
        put_outcome(&results, &report->outcomes[i]);
    }
    list_end(&results, ']', LEAD_TOP);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}
