/* SPDX-License-Identifier: MIT */
/* Annotations of GitHub Actions: few, and no word from outside is a command. */
#include <criterion/criterion.h>

#include "large.h"
#include "model.h"
#include "reading.h"

/* Every line is a command of ours. */
static void
check_commands(const char *text)
{
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        cr_expect(strncmp(line, "::error title=", 14) == 0 ||
                      strncmp(line, "::warning title=", 16) == 0 ||
                      strncmp(line, "::notice title=", 15) == 0,
                  "%.80s", line);
    }
    cr_expect_leq(count_parts(text, "\n::error ") + (strncmp(text, "::error ", 8) == 0), 10);
    cr_expect_leq(count_parts(text, "\n::warning "), 10);
}

Test(report_github, of_what_is_the_same)
{
    struct model model;
    model_same(&model);
    expect_report("github", &model.report,
                  "::notice title=refold run%3A same::same: 610 files compared\n");
}

Test(report_github, of_a_change)
{
    struct model model;
    model_changed(&model);
    expect_report(
        "github", &model.report,
        "::error title=refold run%3A changed::changed: 4,120 differences; 610 files and 5,000 "
        "orders compared (exit 1)%0A"
        "to run one alone:  refold run --id id-1 -a aggregates/file/file.c --at-head history/%0A"
        "to accept the new states:  refold bless -a aggregates/file/file.c --id x history/\n"
        "::error title=4%2C120 orders changed::4,120 orders changed: /status \"paid\" -> "
        "\"approved\", last written by OrderApproved%0Afor example id-1, id-2\n");
}

Test(report_github, is_an_error_only_where_the_exit_status_is)
{
    struct model model;
    for (unsigned bits = 0; bits < FLAGS_ALL; bits++) {
        if (bits & FLAG_CHANGED) {
            model_changed(&model);
        } else {
            model_same(&model);
        }
        model.report.flags = flags_of(bits);
        char *text = write_report("github", &model.report);
        cr_expect_eq(strstr(text, "::error ") != NULL, rf_verdict_exit(&model.report.flags) != 0,
                     "%s", text);
        free(text);
    }
}

Test(report_github, of_a_run_that_ended_early)
{
    struct rf_report report = {
        .verb = "run", .version = "0.1.0", .ended_early = true, .error = "x.so: 100% wrong,\nno"};
    report.flags.nothing = true;
    expect_report("github", &report,
                  "::error title=refold run%3A uncompared::uncompared: the replay could not be "
                  "done (exit 2)%0Ax.so: 100%25 wrong,\\nno\n");
}

/* Ten are shown of each kind; the others would be dropped without a word. */
Test(report_github, the_tenth_counts_the_others)
{
    static const struct {
        size_t clusters;
        size_t errors;
        const char *more;
    } rows[] = {{1, 2, NULL},
                {9, 10, NULL},
                {10, 10, "title=and 2 more::"},
                {14, 10, "title=and 6 more::"}};
    struct model model;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        model_changed(&model);
        model.findings.cluster_count = rows[i].clusters;
        char *text = write_report("github", &model.report);
        cr_expect_eq(count_parts(text, "::error "), rows[i].errors, "%s", text);
        cr_expect_eq(strstr(text, "title=and ") != NULL, rows[i].more != NULL);
        cr_expect(rows[i].more == NULL || strstr(text, rows[i].more) != NULL, "%s", text);
        free(text);
    }
}

Test(report_github, damage_and_warnings_are_told)
{
    struct model model;
    model_same(&model);
    model.damage[0] = model_damage(RF_DAMAGE_GAP);
    model.damage[0].object = TEXT("a%b");
    model.damage[0].id = NULL;
    model.damage[0].message = TEXT("no version 4");
    model.damages.items = model.damage;
    model.damages.count = 1;
    model.damages.totals[RF_DAMAGE_GAP] = 3;
    model.report.flags.damaged = true;
    model.warnings[0] = "one";
    model.report.warnings = model.warnings;
    model.report.warning_count = 1;
    char *text = write_report("github", &model.report);
    cr_expect(strstr(text, "\n::error title=damage%3A 3 gaps in the versions::'a%25b':18341: no "
                           "version 4%0Aand 2 more\n") != NULL,
              "%s", text);
    cr_expect(strstr(text, "\n::warning title=refold run::one\n") != NULL);
    free(text);
    model.report.damage_policies[RF_DAMAGE_GAP] = RF_POLICY_WARN;
    expect_in_report("github", &model.report, "::error title=damage", false);
}

Test(report_github, hostile_text_is_no_command)
{
    struct model model;
    for (int bless = 0; bless < 2; bless++) {
        model_hostile(&model);
        model.report.verb = bless ? "bless" : "run";
        char *text = write_report("github", &model.report);
        assert_printable(text);
        check_commands(text);
        free(text);
    }
}

Test(report_github, of_100000_differences_is_short, .timeout = 60)
{
    struct large *large = large_new();
    char *text = write_report("github", &large->model.report);
    check_commands(text);
    cr_expect_lt(strlen(text), 100000);
    cr_expect(strstr(text, "\n::error title=and 19%2C999 more::") != NULL, "%s", text);
    free(text);
    large_done(large);
}
