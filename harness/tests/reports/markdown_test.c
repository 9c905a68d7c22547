/* SPDX-License-Identifier: MIT */
/* The Markdown report: what came from outside is text, and it fits into a comment. */
#include <criterion/criterion.h>

#include "large.h"
#include "model.h"
#include "reading.h"

Test(report_markdown, of_what_is_the_same)
{
    struct model model;
    model_same(&model);
    expect_report("markdown", &model.report,
                  "## refold run: same\n"
                  "\n"
                  "**same: 610 `files` compared**\n"
                  "\n"
                  "| aggregate | instances | events | compared | equal |\n"
                  "| --- | ---: | ---: | ---: | ---: |\n"
                  "| `file` | 610 | 4,120 | 610 | 610 |\n"
                  "\n"
                  "```text\n"
                  "history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to "
                  "2017-06-22T10:11:12.123Z\n"
                  "```\n");
}

Test(report_markdown, of_a_change)
{
    struct model model;
    model_changed(&model);
    model.clusters[0].data_count = 1;
    expect_report(
        "markdown", &model.report,
        "## refold run: changed\n"
        "\n"
        "**changed: 4,120 differences; 610 `files` and 5,000 `orders` compared (exit 1)**\n"
        "\n"
        "### What differs\n"
        "\n"
        "- 4,120 `orders` changed: `/status` `\"paid\"` -> `\"approved\"`, last written by "
        "`OrderApproved`\n"
        "  - 1 of them: the events are not those that were blessed (data, not code)\n"
        "  - for example `id-1`, `id-2`\n"
        "\n"
        "| aggregate | instances | events | compared | equal | changed |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| `file` | 610 | 4,120 | 610 | 610 | 0 |\n"
        "| `order` | 5,000 | 15,000 | 5,000 | 880 | 4,120 |\n"
        "| all 2 | 5,610 | 19,120 | 5,610 | 1,490 | 4,120 |\n"
        "\n"
        "<details>\n"
        "<summary>One difference of each, in full</summary>\n"
        "\n"
        "```diff\n"
        "changed: order id-1 @3\n"
        "last written by OrderApproved @3, 2017-06-22T10:11:12Z\n"
        "in 2017/06/22/10/orders-1.gz:812\n"
        "- /status \"paid\"\n"
        "+ /status \"approved\"\n"
        "```\n"
        "\n"
        "</details>\n"
        "\n"
        "```text\n"
        "history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to 2017-06-22T10:11:12.123Z\n"
        "```\n"
        "\n"
        "```text\n"
        "to run one alone:  refold run --id id-1 -a aggregates/file/file.c --at-head history/\n"
        "to accept the new states:  refold bless -a aggregates/file/file.c --id x history/\n"
        "```\n");
}

Test(report_markdown, a_comparison_of_builds_has_its_own_words)
{
    struct model model;
    model_changed(&model);
    model.report.verb = "compare";
    model.differences[0].suspect.basis = RF_BASIS_COMPARE;
    expect_in_report("markdown", &model.report, ", the builds part at `OrderApproved`\n", true);
    expect_in_report("markdown", &model.report, "\nthe builds part at OrderApproved @3", true);
    expect_in_report("markdown", &model.report, "last written", false);
}

Test(report_markdown, of_a_run_that_ended_early)
{
    struct rf_report report = {
        .verb = "run", .version = "0.1.0", .ended_early = true, .error = "x.so: <b> @all"};
    report.flags.nothing = true;
    expect_report("markdown", &report,
                  "## refold run: uncompared\n"
                  "\n"
                  "**uncompared: the replay could not be done (exit 2)**\n"
                  "\n"
                  "error: `x.so: <b> @all`\n"
                  "\n"
                  "```text\n"
                  "history: 0 objects, 0 events\n"
                  "```\n");
}

/* A code span ends only at as many backticks as it began with; a row, also at a '|' in one. */
Test(report_markdown, spans_cells_and_blocks_hold_anything)
{
    static const struct {
        const char *name;
        const char *cell;
    } rows[] = {
        {"plain", "| `plain` |"},
        {"a`b", "| ``'a`b'`` |"},
        {"```", "| ````'```'```` |"},
        {"a|b", "| `'a\\|b'` |"},
        {"a\\|b", "| `'a\\\\\\|b'` |"},
        {"@all", "| `@all` |"},
        {"<!-- x -->", "| `'<!-- x -->'` |"},
    };
    struct model model;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        model_changed(&model);
        model.tallies[0].name = TEXT(rows[i].name);
        expect_in_report("markdown", &model.report, rows[i].cell, true);
    }
    model.changes[0].value = TEXT("\"``````\"");
    expect_in_report("markdown", &model.report, "\n```````diff\n", true);
    model.clusters[0].event = TEXT("`");
    model.clusters[0].event_bytes = 1;
    expect_in_report("markdown", &model.report, ", last written by ``'`'``\n", true);
    /* A message is not quoted: blanks keep its backticks off those of the span. */
    model.report.error = "`";
    expect_in_report("markdown", &model.report, "error: `` ` ``\n", true);
}

Test(report_markdown, hostile_text_is_shown)
{
    struct model model;
    for (int bless = 0; bless < 2; bless++) {
        model_hostile(&model);
        model.report.verb = bless ? "bless" : "run";
        char *text = write_report("markdown", &model.report);
        assert_harmless(text);
        cr_expect(strstr(text, "\\x1B[31m") != NULL);
        cr_expect(strstr(text, "- waived: 1 version with two contents\n") != NULL);
        cr_expect_eq(count_parts(text, "<details>"), 2);
        free(text);
    }
}

/* GitHub takes no comment of more than 65,536 characters, and no summary of more than 1 MiB. */
Test(report_markdown, of_100000_differences_fits_into_a_comment, .timeout = 60)
{
    struct large *large = large_new();
    char *text = write_report("markdown", &large->model.report);
    cr_expect_leq(strlen(text), 60000);
    cr_expect_gt(strlen(text), 20000);
    cr_expect_eq(strncmp(text, "## refold run: damaged\n\n**damaged: ", 35), 0, "%.60s", text);
    const char *clusters = strstr(text, "\n### What differs\n\n- 5 `orders` missing");
    cr_expect(clusters != NULL && clusters < strchr(text, '|'));
    cr_expect(strstr(text, "\n- and 19,9") != NULL);
    cr_expect(strstr(text, "\n### Damage\n") != NULL);
    cr_expect(strstr(text, "\nhistory: 12 objects") != NULL);
    free(text);
    large_done(large);
}

/* A command that does not fit is left out, not cut. */
Test(report_markdown, a_command_is_whole_or_not_there)
{
    struct model model;
    char again[70000];
    model_changed(&model);
    memset(again, 'x', sizeof(again) - 1);
    again[sizeof(again) - 1] = '\0';
    model.report.again_run = again;
    char *text = write_report("markdown", &model.report);
    cr_expect_lt(strlen(text), 60000);
    cr_expect(strstr(text, "refold run --id") == NULL);
    cr_expect(strstr(text, "history: ") != NULL);
    free(text);
}
