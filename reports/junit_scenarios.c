/* SPDX-License-Identifier: MIT */
/* The JUnit report of scenarios: schema/junit.xsd. */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/names.h"
#include "reports/scenarios.h"
#include "reports/text_paint.h"
#include "reports/xml.h"

/* The first suite tells of the run itself: its case is an error where the run is not whole. Then a
 * suite for each file, a case for each of its scenarios. Two cases never have one class and name:
 * readers would keep the first of them. */

struct counts {
    size_t tests, failures, errors;
};

struct junit {
    struct rf_buf body; /* XML: the suites but the first */
    struct counts all;
    struct rf_names *taken; /* files and names of cases */
};

static void
put_counts(struct rf_buf *out, const struct counts *counts)
{
    rf_buf_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\"",
                  counts->tests, counts->failures, counts->errors);
}

static void
put_text_attribute(struct rf_buf *out, const char *name, const char *text)
{
    struct rf_buf shown = {0};
    rf_escape_terminal(&shown, text, strlen(text));
    rf_xml_attribute(out, name, &shown);
    rf_buf_done(&shown);
}

/* "refold.<file>" */
static void
add_class(struct rf_buf *out, const struct rf_scenario *scenario)
{
    rf_buf_string(out, "refold.");
    rf_escape_terminal(out, scenario->file, strlen(scenario->file));
}

/* The scenario's name as it is shown; where its file has that already, with its line. */
static void
add_name(struct junit *junit, const struct rf_scenario *scenario, struct rf_buf *out)
{
    struct rf_buf key = {0};
    rf_xml_name(out, scenario->name, strlen(scenario->name));
    for (;;) {
        rf_buf_clear(&key);
        add_class(&key, scenario);
        rf_buf_byte(&key, '\n');
        rf_buf_add(&key, out->bytes, out->used);
        if (rf_names_find(junit->taken, key.bytes, key.used) == UINT32_MAX) {
            break;
        }
        rf_buf_format(out, " (line %zu)", scenario->number);
    }
    (void)rf_names_number(junit->taken, key.bytes, key.used);
    rf_buf_done(&key);
}

static void
put_failures(struct rf_buf *out, const struct rf_scenario_outcome *outcome)
{
    const char *element = outcome->verdict == RF_SCENARIO_FAILS ? "failure" : "error";
    struct rf_buf text = {0};
    for (size_t i = 0; i < outcome->failure_count; i++) {
        if (text.used < RF_LIMIT_JUNIT_TEXT_BYTES) {
            rf_scenarios_failure(outcome->scenario, &outcome->failures[i], 20, "", false, &text);
        }
    }
    rf_paint_cut(&text, RF_LIMIT_JUNIT_TEXT_BYTES);
    rf_buf_format(out, ">\n      <%s type=\"%s\"", element,
                  rf_scenario_verdict_name(outcome->verdict));
    put_text_attribute(out, "message", outcome->failures[0].message);
    rf_buf_byte(out, '>');
    rf_xml_text(out, &text);
    rf_buf_format(out, "</%s>\n    </testcase>\n", element);
    rf_buf_done(&text);
}

static void
put_case(struct junit *junit, const struct rf_scenario_outcome *outcome)
{
    struct rf_buf name = {0};
    struct rf_buf class_name = {0};
    add_class(&class_name, outcome->scenario);
    add_name(junit, outcome->scenario, &name);
    rf_buf_string(&junit->body, "    <testcase");
    rf_xml_attribute(&junit->body, "classname", &class_name);
    rf_xml_attribute(&junit->body, "name", &name);
    if (outcome->verdict == RF_SCENARIO_HOLDS) {
        rf_buf_string(&junit->body, "/>\n");
    } else {
        put_failures(&junit->body, outcome);
    }
    rf_buf_done(&name);
    rf_buf_done(&class_name);
}

static void
count(struct counts *counts, const struct rf_scenario_outcome *outcome)
{
    counts->tests++;
    counts->failures += outcome->verdict == RF_SCENARIO_FAILS;
    counts->errors +=
        outcome->verdict == RF_SCENARIO_CRASHED || outcome->verdict == RF_SCENARIO_HUNG;
}

/* The scenarios from `first` on that are of its file; returns the first behind them. */
static size_t
put_suite(struct junit *junit, const struct rf_scenario_report *report, size_t first)
{
    const struct rf_scenario *scenario = report->outcomes[first].scenario;
    struct counts counts = {0};
    struct rf_buf class_name = {0};
    size_t end = first;
    for (; end < report->count && report->outcomes[end].scenario->file == scenario->file; end++) {
        count(&counts, &report->outcomes[end]);
        count(&junit->all, &report->outcomes[end]);
    }
    add_class(&class_name, scenario);
    rf_buf_string(&junit->body, "  <testsuite");
    rf_xml_attribute(&junit->body, "name", &class_name);
    put_counts(&junit->body, &counts);
    rf_buf_string(&junit->body, ">\n");
    for (size_t i = first; i < end; i++) {
        put_case(junit, &report->outcomes[i]);
    }
    rf_buf_string(&junit->body, "  </testsuite>\n");
    rf_buf_done(&class_name);
    return end;
}

static void
put_run(struct junit *junit, const struct rf_scenario_report *report, struct rf_buf *out)
{
    bool whole = rf_scenarios_are_whole(report);
    struct counts counts = {.tests = 1, .errors = !whole};
    struct rf_buf verdict = {0};
    rf_scenarios_verdict(report, &verdict);
    junit->all.tests++;
    junit->all.errors += counts.errors;
    rf_buf_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<testsuites name=\"refold scenario\"");
    put_counts(out, &junit->all);
    rf_xml_seconds(out, report->seconds);
    rf_buf_string(out, ">\n  <testsuite name=\"refold\"");
    put_counts(out, &counts);
    rf_buf_string(out, ">\n    <testcase classname=\"refold\" name=\"scenario is whole\"");
    if (whole) {
        rf_buf_string(out, "/>\n");
    } else {
        rf_buf_string(out, ">\n      <error type=\"error\"");
        put_text_attribute(out, "message",
                           report->error == NULL ? rf_buf_text(&verdict) : report->error);
        rf_buf_string(out, "/>\n    </testcase>\n");
    }
    rf_buf_string(out, "  </testsuite>\n");
    rf_buf_done(&verdict);
}

void
rf_scenarios_junit(const struct rf_scenario_report *report, struct rf_buf *out)
{
    struct junit junit = {.taken = rf_names_new()};
    for (size_t i = 0; i < report->count;) {
        i = put_suite(&junit, report, i);
    }
    put_run(&junit, report, out);
    rf_buf_add(out, junit.body.bytes, junit.body.used);
    rf_buf_string(out, "</testsuites>\n");
    rf_buf_done(&junit.body);
    rf_names_free(junit.taken);
}
