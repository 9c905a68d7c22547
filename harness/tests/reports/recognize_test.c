/* SPDX-License-Identifier: MIT */
/* A report is known as one in any format, whatever it tells; nothing that refold reads is. */
#include "reports/recognize.h"

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "model.h"
#include "reading.h"
#include "reports/scenarios.h"

static void
expect_all_formats(const struct rf_report *report)
{
    for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
         format++) {
        char *text = write_report(format->name, report);
        cr_expect(rf_report_recognize(text, strlen(text)), "%s:\n%.300s", format->name, text);
        free(text);
    }
}

static void
expect_loud_and_quiet(struct rf_report *report)
{
    for (report->verbosity = -1; report->verbosity <= 1; report->verbosity++) {
        expect_all_formats(report);
    }
}

Test(recognize, a_report_whatever_the_exit_status)
{
    const struct rf_flags flags[] = {
        {.no_compare = true}, {.changed = true},  {.untrusted = true},
        {.nothing = true},    {.damaged = true},  {.incomplete = true},
        {.unwritten = true},  {.internal = true}, {.signal = 15},
    };
    struct model model;
    model_same(&model);
    expect_loud_and_quiet(&model.report);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        model.report.flags = flags[i];
        expect_loud_and_quiet(&model.report);
    }
    model_changed(&model);
    expect_loud_and_quiet(&model.report);
    model_hostile(&model);
    expect_loud_and_quiet(&model.report);
}

Test(recognize, a_report_of_every_verb)
{
    static const char *const verbs[] = {"run", "bless", "compare", "golden", "merge"};
    struct model model;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        model_same(&model);
        model.report.verb = verbs[i];
        expect_loud_and_quiet(&model.report);
        for (int dry = 0; strcmp(verbs[i], "bless") == 0 && dry < 4; dry++) {
            model.report.flags.no_compare = true;
            model.report.blessed = &model.blessed;
            model.report.dry_run = dry % 2 == 1;
            model.blessed.files = dry / 2 == 1 ? 2 : 0;
            expect_loud_and_quiet(&model.report);
        }
    }
}

Test(recognize, a_report_of_a_replay_that_could_not_begin)
{
    const struct rf_report report = {.verb = "run",
                                     .version = "0",
                                     .flags = {.nothing = true},
                                     .ended_early = true,
                                     .error = "no such source 'nowhere'"};
    expect_all_formats(&report);
}

Test(recognize, a_report_of_scenarios)
{
    const struct rf_scenario_report reports[] = {{.version = "0", .total = 0},
                                                 {.version = "0", .total = 2, .exit = 1},
                                                 {.version = "0", .error = "no", .exit = 2}};
    for (size_t i = 0; i < 3; i++) {
        for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
             format++) {
            struct rf_buf out = {0};
            if (format->write_scenarios != NULL) {
                format->write_scenarios(&reports[i], &out);
                cr_expect(rf_report_recognize(out.bytes, out.used), "%zu as %s:\n%s", i,
                          format->name, rf_buf_text(&out));
            }
            rf_buf_done(&out);
        }
    }
}

Test(recognize, nothing_else)
{
    static const char *const others[] = {
        "",
        "\n",
        "{\"t\":\"OrderCreated\",\"d\":{\"ID\":\"a\",\"Version\":1}}\n",
        "{\n  \"format\": 1,\n  \"objects\": []\n}\n",
        "{\n  \"format\": 1,\n  \"verb\": \"run\"\n}\n",
        "{\n  \"source\": [\"history/\"],\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"units\" tests=\"1\">\n",
        "TAP version 13\n1..2\nok 1 - same: 3 orders compared\n",
        "TAP version 13\n1..2\n# Subtest: same\n",
        "## refold in our builds\n\nHow we use it.\n",
        "::error title=lint::unused\n",
        "void f(void)\n{\nchanged: return;\nblessed: return;\nsame: return;\n}\n",
        "id-1\nsame: id-2\n",
        "scenario: holds: all (exit 0)\n",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect(!rf_report_recognize(others[i], strlen(others[i])), "%s", others[i]);
    }
}

Test(recognize, no_front_of_a_head)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<testsuites name=\"refold run\" tests=\"2\"";
    for (size_t bytes = 0; bytes < sizeof(head) - 1; bytes++) {
        char *cut = rf_strndup(head, bytes); /* a reader past its end is seen by the sanitizer */
        cr_expect(!rf_report_recognize(cut, bytes), "%s", cut);
        free(cut);
    }
    cr_expect(rf_report_recognize(head, sizeof(head) - 1));
}
