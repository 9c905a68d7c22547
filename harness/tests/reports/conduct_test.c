/* SPDX-License-Identifier: MIT */
/* What an aggregate tried and printed is hostile, and stands in reports. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>

#include "model.h"
#include "reports/conduct.h"
#include "worker/protocol.h"

/** A path and a line that would be read as something else. */
#define NASTY "\x1b[2J\n::error::<script>\xff"

static void
misbehave(struct model *model, void (*make)(struct model *))
{
    make(model);
    model->build.conduct = rf_conduct_new();
    rf_conduct_add_tried(model->build.conduct, RF_TRIED_OPEN, NASTY, 1, true);
    rf_conduct_add_tried(model->build.conduct, RF_TRIED_OPEN, NASTY, 1, true);
    rf_conduct_add_tried(model->build.conduct, RF_TRIED_PROCESS, "", 3, true);
    rf_conduct_add_printed(model->build.conduct, NASTY "\n\nover\0there", 35, 10000);
    rf_conduct_add_held(model->build.conduct, RF_HELD_PARTLY, RF_LACKS_FILES);
}

static const char *
write_report(const char *format, const struct model *model, struct rf_buf *text)
{
    rf_report_format_find(format)->write(&model->report, text);
    return rf_buf_text(text);
}

Test(report_conduct, is_shown_as_text_that_does_nothing)
{
    struct model model;
    struct rf_buf text = {0};
    misbehave(&model, model_same);
    const char *shown = write_report("text", &model, &text);
    cr_expect(strchr(shown, '\x1b') == NULL);
    cr_expect(strstr(shown, "\n::error") == NULL, "nothing of it begins a line: %s", shown);
    cr_expect(strstr(shown, "  to open a file: \\x1B[2J\\n::error::<script>\\xFF\n") != NULL, "%s",
              shown);
    cr_expect(strstr(shown, "  to start a process\n") != NULL, "%s", shown);
    cr_expect(
        strstr(shown, "  | \\x1B[2J\n  | ::error::<script>\\xFF\n  | \n  | over\\x00there\n") !=
            NULL,
        "%s", shown);
    cr_expect(strstr(shown, "  and 10,000 bytes more\n") != NULL, "%s", shown);
    rf_buf_done(&text);
    rf_conduct_free(model.build.conduct);
}

Test(report_conduct, is_counted_with_v_and_says_what_is_lacking)
{
    struct model model;
    struct rf_buf text = {0};
    misbehave(&model, model_same);
    model.report.verbosity = 1;
    const char *shown = write_report("text", &model, &text);
    cr_expect(strstr(shown, "<script>\\xFF, 2 times\n") != NULL, "%s", shown);
    cr_expect(strstr(shown, "  to start a process, 3 times\n") != NULL, "%s", shown);
    cr_expect(strstr(shown, "\nnot sandboxed: the kernel has no Landlock") != NULL, "%s", shown);
    rf_buf_done(&text);
    rf_conduct_free(model.build.conduct);
}

Test(report_conduct, is_left_out_with_q)
{
    struct model model;
    struct rf_buf text = {0};
    misbehave(&model, model_same);
    model.report.verbosity = -1;
    cr_expect(strstr(write_report("text", &model, &text), "tried") == NULL);
    rf_buf_done(&text);
    rf_conduct_free(model.build.conduct);
}

Test(report_conduct, is_whole_in_json)
{
    struct model model;
    struct rf_buf text = {0};
    json_error_t error;
    misbehave(&model, model_hostile);
    json_t *root = json_loads(write_report("json", &model, &text), JSON_ALLOW_NUL, &error);
    cr_assert(root != NULL, "%s", error.text);
    json_t *one = json_array_get(json_object_get(root, "conduct"), 0);
    json_t *tried = json_object_get(one, "tried");
    cr_assert_eq(json_array_size(tried), 2);
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(tried, 0), "kind")), "open");
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(tried, 0), "what")),
                     "\x1b[2J\n::error::<script>\xef\xbf\xbd");
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(tried, 1), "count")), 3);
    cr_expect_eq(json_integer_value(json_object_get(one, "dropped_bytes")), 10000);
    json_t *proof = json_object_get(root, "proof");
    cr_expect_str_eq(json_string_value(json_object_get(proof, "sandbox")), "partial");
    cr_expect(json_object_get(proof, "sandbox_lacks") != NULL);
    json_decref(root);
    rf_buf_done(&text);
    rf_conduct_free(model.build.conduct);
}
