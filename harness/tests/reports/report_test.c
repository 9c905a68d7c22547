/* SPDX-License-Identifier: MIT */
/* What all formats share: their table, and what may never be green. */
#include "reports/report.h"

#include <criterion/criterion.h>

#include "model.h"
#include "reading.h"
#include "reports/members.h"

Test(report, formats_are_listed_in_a_sentence)
{
    struct rf_buf names = {0};
    rf_report_format_names(&names, false);
    cr_expect_str_eq(rf_buf_text(&names), "text, json, junit, tap, markdown or github");
    rf_buf_done(&names);
}

Test(report, formats_are_found_by_their_whole_name)
{
    for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
         format++) {
        cr_expect_eq(rf_report_format_find(format->name), format);
        cr_expect(format->summary[0] != '\0');
    }
    cr_expect_null(rf_report_format_find("jun"));
    cr_expect_null(rf_report_format_find("junit "));
    cr_expect_null(rf_report_format_find(""));
}

/* Every format takes every report, also of a run that ended before anything was read. */
Test(report, formats_take_what_is_not_filled)
{
    const struct rf_report report = {.verb = "run", .version = "0.1.0"};
    for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
         format++) {
        free(write_report(format->name, &report));
    }
}

Test(report, is_whole_where_the_verdict_covers_everything)
{
    struct rf_report report = {.verb = "run", .version = "0.1.0"};
    for (unsigned bits = 0; bits < FLAGS_ALL; bits++) {
        report.flags = flags_of(bits);
        cr_expect_eq(rf_report_is_whole(&report), rf_verdict_exit(&report.flags) < 2);
    }
    report.flags = (struct rf_flags){.changed = true};
    report.error = "something";
    cr_expect_not(rf_report_is_whole(&report));
}

/* Also where little is shown: whoever put them there may have meant them to be read. */
Test(report, a_green_verdict_names_foreign_objects_in_every_format)
{
    static const char *const formats[] = {"text", "markdown", "github", "tap", "junit"};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct model model;
        model_same(&model);
        model.report.verbosity = -1;
        expect_in_report(formats[i], &model.report, "foreign", false);
        model.sums.objects += 3;
        model.sums.foreign = 3;
        model.damages.totals[RF_DAMAGE_ERRORS] = 1; /* of the three, and told as damage */
        model.damages.known[RF_DAMAGE_ERRORS] = 1;
        expect_in_report(formats[i], &model.report, "compared; 2 foreign objects; known: 1 ", true);
    }
}

Test(report, members_stand_by_aggregate_and_cluster)
{
    struct model model;
    model_hostile(&model);
    model.clusters[1].aggregate = TEXT("order");
    model.findings.cluster_count = 3;
    memcpy(model.differences[1].cluster, model.clusters[1].key, 17);
    memcpy(model.differences[2].cluster, model.clusters[0].key, 17);
    memcpy(model.differences[3].cluster, "ffffffffffffffff", 17);
    struct rf_member_index index = rf_member_index_make(&model.findings);
    size_t count;
    const struct rf_members *first = rf_members_of(&index, "order", &count);
    cr_assert_eq(count, 2);
    cr_expect_eq(first[0].cluster, &model.clusters[0]);
    cr_assert_eq(first[0].count, 2);
    cr_expect_eq(first[0].items[0], &model.differences[0]);
    cr_expect_eq(first[0].items[1], &model.differences[2]);
    cr_assert_eq(first[1].count, 1);
    cr_expect_eq(first[1].items[0], &model.differences[1]);
    first = rf_members_of(&index, HOSTILE_UTF8, &count);
    cr_assert_eq(count, 1);
    cr_expect_eq(first[0].count, 0);
    (void)rf_members_of(&index, "file", &count);
    cr_expect_eq(count, 0);
    rf_member_index_done(&index);
}
