/* SPDX-License-Identifier: MIT */
/* The TAP report: a harness agrees with the exit status, whatever history holds. */
#include <criterion/criterion.h>

#include "large.h"
#include "model.h"
#include "reading.h"

/* Points are numbered from 1 up to the plan's number; returns how many are not ok. */
static size_t
check_points(const char *text)
{
    size_t plan;
    size_t points = 0;
    size_t not_ok = 0;
    cr_assert(sscanf(text, "TAP version 13\n1..%zu\n# ", &plan) == 1, "%.80s", text);
    for (const char *line = text; line != NULL && *line != '\0';) {
        size_t number;
        bool bad = strncmp(line, "not ", 4) == 0;
        if (sscanf(bad ? line + 4 : line, "ok %zu - ", &number) == 1) {
            cr_expect_eq(number, ++points);
            not_ok += bad;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    cr_expect_eq(points, plan);
    return not_ok;
}

Test(report_tap, of_what_is_the_same)
{
    struct model model;
    model_same(&model);
    model.tallies[0].unblessed = 1;
    expect_report("tap", &model.report,
                  "TAP version 13\n"
                  "1..3\n"
                  "# same: 610 files compared, 1 unblessed\n"
                  "# history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to "
                  "2017-06-22T10:11:12.123Z\n"
                  "ok 1 - run is whole\n"
                  "ok 2 - file: 610 instances are the same\n"
                  "ok 3 - file: 1 instance is unblessed # SKIP no part of the comparison\n");
}

Test(report_tap, of_what_is_the_same_tells_what_was_warned_of)
{
    static const char *const warnings[] = {"1 object holds nothing: #1", "two\nlines"};
    struct model model;
    model_same(&model);
    model.ingested.hollow = 1;
    model.report.warnings = warnings;
    model.report.warning_count = 2;
    char *text = write_report("tap", &model.report);
    cr_expect_eq(check_points(text), 0);
    cr_expect_not_null(strstr(text, "events, 1 object that holds nothing; "), "%s", text);
    cr_expect_not_null(strstr(text, "\n# warning: 1 object holds nothing: \\#1\n"), "%s", text);
    cr_expect_not_null(strstr(text, "\n# warning: two\\\\nlines\nok 1 - "), "%s", text);
    free(text);
}

Test(report_tap, of_a_part_that_was_blessed)
{
    struct model model;
    model_chosen(&model);
    expect_report(
        "tap", &model.report,
        "TAP version 13\n"
        "1..5\n"
        "# blessed: 2 orders (1 added, 1 changed); 1 no longer in the history, removed; 2 "
        "differences not accepted; 1 golden written\n"
        "# history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to "
        "2017-06-22T10:11:12.123Z\n"
        "ok 1 - bless is whole\n"
        "ok 2 - order: 20 instances are the same\n"
        "ok 3 - order: 2 instances are blessed\n"
        "ok 4 - order: 2 differences were not accepted # SKIP the golden's lines are as "
        "they were\n"
        "ok 5 - order: 1 instance is uncompared # SKIP no part of the comparison\n");
}

Test(report_tap, of_a_dry_run_is_red_only_where_a_bless_would_be)
{
    struct model model;
    model_changed(&model);
    model.report.verb = "bless";
    model.report.flags.changed = false;
    model.report.blessed = &model.blessed;
    model.report.dry_run = true;
    model.findings.cluster_count = MODEL_CLUSTERS;
    char *text = write_report("tap", &model.report);
    cr_expect_eq(check_points(text), 0, "%s", text);
    cr_expect(strstr(text, "\nok 17 - order: 5,000 instances would be blessed # SKIP ") != NULL);
    free(text);
    model.clusters[1].kind = RF_DIFFERENCE_CRASHED;
    model.report.flags.changed = true;
    text = write_report("tap", &model.report);
    cr_expect_eq(check_points(text), 1, "%s", text);
    free(text);
}

Test(report_tap, of_a_change)
{
    struct model model;
    model_changed(&model);
    expect_report(
        "tap", &model.report,
        "TAP version 13\n"
        "1..4\n"
        "# changed: 4,120 differences; 610 files and 5,000 orders compared (exit 1)\n"
        "# history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to "
        "2017-06-22T10:11:12.123Z\n"
        "ok 1 - run is whole\n"
        "not ok 2 - 4,120 orders changed: /status \"paid\" -> \"approved\", last written by "
        "OrderApproved\n"
        "  ---\n"
        "  severity: fail\n"
        "  message: \"4,120 orders changed: /status \\\"paid\\\" -> \\\"approved\\\", last written "
        "by OrderApproved\"\n"
        "  at:\n"
        "    aggregate: \"order\"\n"
        "    id: \"id-1\"\n"
        "    version: 3\n"
        "    event: \"OrderApproved\"\n"
        "    object: \"2017/06/22/10/orders-1.gz\"\n"
        "    offset: 812\n"
        "  path: \"/status\"\n"
        "  expect: \"\\\"paid\\\"\"\n"
        "  got: \"\\\"approved\\\"\"\n"
        "  samples: \"id-1, id-2\"\n"
        "  ...\n"
        "ok 3 - file: 610 instances are the same\n"
        "ok 4 - order: 880 instances are the same\n");
}

Test(report_tap, is_ok_only_where_the_exit_status_is)
{
    struct model model;
    for (unsigned bits = 0; bits < FLAGS_ALL; bits++) {
        if (bits & FLAG_CHANGED) {
            model_changed(&model);
        } else {
            model_same(&model);
        }
        model.report.flags = flags_of(bits);
        char *text = write_report("tap", &model.report);
        cr_expect_eq(check_points(text) > 0, rf_verdict_exit(&model.report.flags) != 0, "%s", text);
        /* What ended early is no list of what differs. */
        bool early = model.report.flags.signal != 0 || model.report.flags.internal ||
                     model.report.flags.incomplete;
        cr_expect_eq(strstr(text, "\nBail out! ") != NULL, early, "%s", text);
        free(text);
    }
}

Test(report_tap, bails_out_where_nothing_was_replayed)
{
    struct rf_report report = {
        .verb = "run", .version = "0.1.0", .ended_early = true, .error = "x.so: # \\"};
    report.flags.nothing = true;
    expect_report("tap", &report,
                  "TAP version 13\n"
                  "1..1\n"
                  "# uncompared: the replay could not be done (exit 2)\n"
                  "# history: 0 objects, 0 events\n"
                  "not ok 1 - run is whole\n"
                  "  ---\n"
                  "  severity: error\n"
                  "  message: \"uncompared: the replay could not be done (exit 2)\"\n"
                  "  reason: \"x.so: # \\\\\\\\\"\n"
                  "  ...\n"
                  "Bail out! x.so: \\# \\\\\\\\\n");
    /* A report that could not be written ends nothing early. */
    report = (struct rf_report){.verb = "run", .version = "0.1.0", .error = "r.xml: cannot write"};
    report.flags.unwritten = true;
    expect_in_report("tap", &report, "Bail out!", false);
    expect_in_report("tap", &report, "not ok 1 - run is whole\n", true);
}

Test(report_tap, a_sign_in_an_id_is_no_directive)
{
    struct model model;
    model_changed(&model);
    model.clusters[0].event = TEXT("x # SKIP y");
    model.clusters[0].event_bytes = strlen("x # SKIP y");
    expect_in_report("tap", &model.report, "last written by 'x \\# SKIP y'\n", true);
}

Test(report_tap, hostile_text_is_shown)
{
    struct model model;
    for (int bless = 0; bless < 2; bless++) {
        model_hostile(&model);
        model.report.verb = bless ? "bless" : "run";
        char *text = write_report("tap", &model.report);
        assert_harmless(text);
        cr_expect_gt(check_points(text), MODEL_CLUSTERS);
        cr_expect(strstr(text, "ok 1 - ") != NULL);
        cr_expect(strstr(text, "damage: 1 version with two contents # SKIP waived") != NULL);
        cr_expect_eq(count_parts(text, "\n  ---\n"), count_parts(text, "\n  ...\n"));
        free(text);
    }
}

Test(report_tap, of_100000_differences_is_not_too_large, .timeout = 60)
{
    struct large *large = large_new();
    char *text = write_report("tap", &large->model.report);
    cr_expect_lt(strlen(text), 10000000);
    cr_expect_gt(check_points(text), RF_LIMIT_TAP_POINTS);
    cr_expect(strstr(text, " - 19,000 more clusters (95,000 instances)\n") != NULL);
    free(text);
    large_done(large);
}
