/* SPDX-License-Identifier: MIT */
/* The JUnit report: never green where the run is not, valid whatever history holds, never too
 * large. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "large.h"
#include "model.h"
#include "reading.h"

/* What libxml2 says of it, by the schema. */
static void
assert_valid(const char *text)
{
    char path[] = "/tmp/refold-junit-XXXXXX";
    char command[512];
    const char *root = getenv("REFOLD_ROOT");
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    FILE *file = fdopen(fd, "w");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    (void)snprintf(command, sizeof(command),
                   "xmllint --noout --schema '%s/reports/schema/junit.xsd' %s 2>&1 | tail -n 3",
                   root == NULL ? "." : root, path);
    FILE *said = popen(command, "r");
    cr_assert(said != NULL);
    char line[400] = "";
    size_t got = fread(line, 1, sizeof(line) - 1, said);
    line[got] = '\0';
    (void)pclose(said);
    (void)unlink(path);
    cr_assert(strstr(line, " validates\n") != NULL, "%s", line);
}

/* The number in an attribute of the first element that has it. */
static size_t
attribute(const char *text, const char *name)
{
    char part[32];
    unsigned long value;
    (void)snprintf(part, sizeof(part), " %s=\"", name);
    const char *at = strstr(text, part);
    cr_assert(at != NULL, "no %s", name);
    cr_assert(sscanf(at + strlen(part), "%lu", &value) == 1);
    return value;
}

Test(report_junit, of_what_is_the_same)
{
    struct model model;
    model_same(&model);
    char *text = write_report("junit", &model.report);
    cr_expect(strstr(text,
                     "<testsuites name=\"refold run\" tests=\"2\" failures=\"0\" errors=\"0\" "
                     "skipped=\"0\" time=\"1.250\">\n") != NULL);
    cr_expect(strstr(text, "<system-out>same: 610 files compared\n") != NULL);
    cr_expect(strstr(text, "    <testcase classname=\"refold\" name=\"run is whole\"/>\n") != NULL);
    cr_expect(strstr(text, "    <testcase classname=\"refold.file\" name=\"610 instances are the "
                           "same\"/>\n") != NULL);
    assert_valid(text);
    free(text);
}

Test(report_junit, of_a_change)
{
    struct model model;
    model_changed(&model);
    char *text = write_report("junit", &model.report);
    cr_expect_eq(attribute(text, "tests"), 5);
    cr_expect_eq(attribute(text, "failures"), 2);
    cr_expect(strstr(text,
                     "    <testcase classname=\"refold.order\" name=\"id-1\">\n"
                     "      <failure type=\"changed\" message=\"4,120 orders changed: /status "
                     "&quot;paid&quot; -&gt; &quot;approved&quot;, last written by OrderApproved\">"
                     "changed: order id-1 @3\n"
                     "last written by OrderApproved @3, 2017-06-22T10:11:12Z\n"
                     "in 2017/06/22/10/orders-1.gz:812\n"
                     "- /status &quot;paid&quot;\n"
                     "+ /status &quot;approved&quot;\n"
                     "</failure>\n") != NULL);
    cr_expect(strstr(text, "name=\"4,119 more of cluster 0aaaaaaaaaaaaaaa\"") != NULL);
    /* What differs first: the order's suite, though "file" comes before it. */
    cr_expect(strstr(text, "suite name=\"refold.order\"") < strstr(text, "name=\"refold.file\""));
    assert_valid(text);
    free(text);
}

/* Whatever the flags are: a file without a failure or an error is exit 0, and only that. */
Test(report_junit, is_green_only_where_the_exit_status_is)
{
    struct model model;
    for (unsigned bits = 0; bits < FLAGS_ALL; bits++) {
        if (bits & FLAG_CHANGED) {
            model_changed(&model);
        } else {
            model_same(&model);
        }
        model.report.flags = flags_of(bits);
        char *text = write_report("junit", &model.report);
        bool red = attribute(text, "failures") + attribute(text, "errors") > 0;
        cr_expect_eq(red, rf_verdict_exit(&model.report.flags) != 0, "%s", text);
        free(text);
    }
}

/* Also where nothing was found that could be told: a flag without a difference. */
Test(report_junit, of_a_run_that_ended_early_is_an_error)
{
    struct rf_report report = {
        .verb = "run", .version = "0.1.0", .ended_early = true, .error = "x.so: " HOSTILE};
    report.flags.nothing = true;
    char *text = write_report("junit", &report);
    cr_expect_eq(attribute(text, "tests"), 1);
    cr_expect_eq(attribute(text, "errors"), 1);
    cr_expect(strstr(text, "<error type=\"uncompared\" message=\"uncompared: the replay could not "
                           "be done (exit 2)\">x.so: ::error") != NULL);
    assert_valid(text);
    free(text);
    report = (struct rf_report){.verb = "run", .version = "0.1.0"};
    report.flags.changed = true;
    expect_in_report("junit", &report, "errors=\"1\"", true);
}

Test(report_junit, hostile_text_is_valid)
{
    struct model model;
    for (int bless = 0; bless < 2; bless++) {
        model_hostile(&model);
        model.report.verb = bless ? "bless" : "run";
        char *text = write_report("junit", &model.report);
        assert_printable(text);
        cr_expect(strstr(text, "]]>") == NULL);
        cr_expect(strstr(text, "\\x1B[31m") != NULL);
        assert_valid(text);
        free(text);
    }
}

/* Readers keep the first of two cases with one name. */
Test(report_junit, names_are_told_apart)
{
    struct model model;
    model_changed(&model);
    model.findings.difference_count = 4;
    for (size_t i = 1; i < 4; i++) {
        model.differences[i] = model.differences[0];
    }
    model.differences[1].id = TEXT("a\nb"); /* shown as the next one is spelt */
    model.differences[1].id_bytes = 3;
    model.differences[2].id = TEXT(" a");
    model.differences[2].id_bytes = 2;
    model.differences[3].id = TEXT("' a'");
    model.differences[3].id_bytes = 4;
    model.damages.totals[RF_DAMAGE_GAP] = 4;
    model.damages.items = model.damage;
    model.damages.count = 3;
    for (size_t i = 0; i < 3; i++) {
        model.damage[i] = model_damage(RF_DAMAGE_GAP);
        model.damage[i].object = TEXT("x");
        model.damage[i].id = NULL;
    }
    model.report.flags.damaged = true;
    char *text = write_report("junit", &model.report);
    cr_expect(strstr(text, " name=\"a\\nb\"") != NULL);
    cr_expect(strstr(text, " name=\"' a'\"") != NULL);
    cr_expect(strstr(text, " name=\"' a' (2)\"") != NULL);
    cr_expect(strstr(text, " name=\"gap: x:18341\"") != NULL);
    cr_expect(strstr(text, " name=\"gap: x:18341 (3)\"") != NULL);
    cr_expect(strstr(text, " name=\"1 more: gap\"") != NULL);
    assert_valid(text);
    free(text);
}

Test(report_junit, names_are_whole)
{
    struct model model;
    char id[2000];
    model_changed(&model);
    memset(id, 'x', sizeof(id));
    model.differences[0].id = id;
    model.differences[0].id_bytes = sizeof(id);
    char *text = write_report("junit", &model.report);
    const char *name = strstr(text, "name=\"xxx");
    cr_assert(name != NULL);
    cr_expect_eq(strspn(name + 6, "x"), sizeof(id));
    free(text);
}

Test(report_junit, crashes_are_errors_and_what_is_waived_is_skipped)
{
    struct model model;
    model_changed(&model);
    model.clusters[0].kind = model.differences[0].kind = RF_DIFFERENCE_CRASHED;
    model.damages.totals[RF_DAMAGE_GAP] = 2;
    model.report.damage_policies[RF_DAMAGE_GAP] = RF_POLICY_COUNT;
    char *text = write_report("junit", &model.report);
    cr_expect_eq(attribute(text, "errors"), 2);
    cr_expect_eq(attribute(text, "failures"), 0);
    cr_expect_eq(attribute(text, "skipped"), 1);
    cr_expect(strstr(text, "<error type=\"crashed\" message=") != NULL);
    cr_expect(strstr(text, "name=\"2 more: gap\"") != NULL);
    free(text);
}

Test(report_junit, what_was_not_compared_is_skipped)
{
    struct model model;
    model_same(&model);
    model.tallies[0].unblessed = 5;
    model.tallies[0].uncompared = 1;
    char *text = write_report("junit", &model.report);
    cr_expect_eq(attribute(text, "skipped"), 2);
    cr_expect(strstr(text, "name=\"5 instances are unblessed\"") != NULL);
    cr_expect(strstr(text, "name=\"1 instance is uncompared\"") != NULL);
    free(text);
    model.findings.differences_total = 5; /* with --require-golden */
    model.report.flags.changed = true;
    expect_in_report("junit", &model.report, "instances are unblessed", false);
    model_same(&model);
    model.tallies[0].same = 0;
    model.report.flags.no_compare = true;
    expect_in_report("junit", &model.report, "name=\"610 instances are folded, not compared\"",
                     true);
}

Test(report_junit, of_a_bless)
{
    struct model model;
    model_same(&model);
    model.tallies[0] = (struct rf_tally){.name = TEXT("file"), .instances = 3, .crashed = 1};
    model.report.blessed = &model.blessed;
    model.report.verb = "bless";
    expect_in_report("junit", &model.report, "name=\"2 instances are blessed\"/>", true);
    model.report.flags.damaged = true;
    expect_in_report("junit", &model.report, "name=\"2 instances are not blessed\">", true);
}

Test(report_junit, of_a_part_that_was_blessed)
{
    struct model model;
    model_chosen(&model);
    expect_in_report("junit", &model.report,
                     "name=\"20 instances are the same\"/>\n"
                     "    <testcase classname=\"refold.order\" name=\"2 instances are blessed\"/>\n"
                     "    <testcase classname=\"refold.order\" name=\"2 differences were not "
                     "accepted\">\n      <skipped ",
                     true);
}

/* GitLab: below 30 MB and 250,000 objects, of which a case with a failure is about eight. */
Test(report_junit, of_100000_differences_is_not_too_large, .timeout = 60)
{
    struct large *large = large_new();
    char *text = write_report("junit", &large->model.report);
    cr_expect_lt(strlen(text), 30000000);
    cr_expect_gt(strlen(text), 5000000);
    cr_expect_lt(attribute(text, "tests"), 20000);
    cr_expect_eq(attribute(text, "tests"), count_parts(text, "<testcase "));
    cr_expect(strstr(text, "cut here; the JSON report") != NULL);
    cr_expect(strstr(text, " more differences\"") != NULL);
    assert_valid(text);
    free(text);
    large_done(large);
}
