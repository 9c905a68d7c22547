/* SPDX-License-Identifier: MIT */
/* The text report: what people read is true, and nothing in it does anything. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "model.h"
#include "reading.h"

static char *
write_text(const struct rf_report *report)
{
    return write_report("text", report);
}

static void
expect_part(const struct rf_report *report, const char *part, bool there)
{
    expect_in_report("text", report, part, there);
}

static void
expect_text(const struct rf_report *report, const char *expected)
{
    expect_report("text", report, expected);
}

Test(report_text, of_what_is_the_same)
{
    struct model model;
    model_same(&model);
    expect_text(&model.report, "  aggregate  instances  events  compared  equal\n"
                               "  file             610   4,120       610    610\n"
                               "\n"
                               "history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to "
                               "2017-06-22T10:11:12.123Z\n"
                               "\n"
                               "same: 610 files compared\n");
}

Test(report_text, of_a_change)
{
    struct model model;
    model_changed(&model);
    expect_text(&model.report,
                "4,120 orders changed: /status \"paid\" -> \"approved\", last written by "
                "OrderApproved\n"
                "    for example id-1, id-2\n"
                "\n"
                "changed: order id-1 @3\n"
                "    last written by OrderApproved @3, 2017-06-22T10:11:12Z\n"
                "    in 2017/06/22/10/orders-1.gz:812\n"
                "    - /status \"paid\"\n"
                "    + /status \"approved\"\n"
                "\n"
                "  aggregate  instances  events  compared  equal  changed\n"
                "  file             610   4,120       610    610        0\n"
                "  order          5,000  15,000     5,000    880    4,120\n"
                "  all            5,610  19,120     5,610  1,490    4,120\n"
                "\n"
                "history: 12 objects, 4,120 events; 2015-04-27T10:00:00Z to "
                "2017-06-22T10:11:12.123Z\n"
                "\n"
                "changed: 4,120 differences; 610 files and 5,000 orders compared (exit 1)\n"
                "to run one alone:  refold run --id id-1 -a aggregates/file/file.c --at-head "
                "history/\n"
                "to accept the new states:  refold bless -a aggregates/file/file.c --id x "
                "history/\n"
                "to accept a part of them:  refold bless --review -a aggregates/file/file.c "
                "--at-head --id x history/\n");
}

/* Whatever the flags are, "same" stands there only where that is the verdict. */
Test(report_text, says_same_only_where_the_verdict_is)
{
    struct model model;
    for (unsigned bits = 0; bits < 2 * FLAGS_ALL; bits++) {
        if (bits & FLAG_CHANGED) {
            model_changed(&model);
        } else {
            model_same(&model);
        }
        model.report.flags = flags_of(bits);
        model.report.verbosity = bits & FLAGS_ALL ? 1 : -1;
        bool same = strcmp(rf_verdict_name(&model.report.flags), "same") == 0;
        expect_part(&model.report, "same", same);
        expect_part(&model.report, "(exit ", rf_verdict_exit(&model.report.flags) != 0);
        cr_expect(!same || bits == 0 || bits == FLAGS_ALL);
    }
}

Test(report_text, quiet_is_the_verdict_alone)
{
    struct model model;
    model_changed(&model);
    model.report.verbosity = -1;
    expect_text(&model.report,
                "changed: 4,120 differences; 610 files and 5,000 orders compared (exit 1)\n");
}

Test(report_text, hostile_text_does_nothing)
{
    struct model model;
    for (int verbosity = -1; verbosity <= 1; verbosity++) {
        for (int bless = 0; bless < 2; bless++) {
            model_hostile(&model);
            model.report.verbosity = verbosity;
            model.report.verb = bless ? "bless" : "run";
            char *text = write_text(&model.report);
            assert_harmless(text);
            cr_expect(verbosity < 0 || strstr(text, "\\x1B[31m") != NULL);
            free(text);
        }
    }
}

/* Names that need no quotes for what they hold, but would be commands at the front of a line. */
Test(report_text, plain_names_are_no_commands)
{
    struct model model;
    model_hostile(&model);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        model.damage[kind].object = TEXT("::stop-commands::x");
    }
    model.tallies[2].name = TEXT("::error::x");
    model.foreign[0] = TEXT("::error::x");
    char *text = write_text(&model.report);
    cr_expect(strstr(text, "::stop-commands::x") != NULL);
    cr_expect(strstr(text, "::error::x'  ") != NULL);
    assert_harmless(text);
    free(text);
}

/* Without its colour the text is the same: colour is never the only sign. */
/* Else two clusters would read alike. */
Test(report_text, types_are_not_cut_at_a_nul)
{
    struct model model;
    model_changed(&model);
    model.clusters[0].event = model.differences[0].suspect.type = TEXT("Paid\0late");
    model.clusters[0].event_bytes = model.differences[0].suspect.type_bytes =
        sizeof("Paid\0late") - 1;
    expect_part(&model.report, ", last written by 'Paid\\x00late'\n", true);
    expect_part(&model.report, "    last written by 'Paid\\x00late' @3", true);
}

Test(report_text, color_adds_nothing_but_color)
{
    struct model model;
    model_hostile(&model);
    char *plain = write_text(&model.report);
    model.report.color = true;
    char *colored = write_text(&model.report);
    cr_expect(strstr(colored, "\x1b[31m") != NULL);
    char *to = colored;
    for (const char *from = colored; *from != '\0';) {
        int skip = 0;
        (void)sscanf(from, "\x1b[%*[0-9]m%n", &skip);
        if (skip > 0) {
            from += skip;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    cr_expect_str_eq(colored, plain);
    free(plain);
    free(colored);
}

Test(report_text, shows_ten_clusters_and_counts_the_rest)
{
    struct model model;
    model_changed(&model);
    model.findings.cluster_count = MODEL_CLUSTERS;
    char *text = write_text(&model.report);
    cr_expect_eq(count_parts(text, "orders changed:"), 10);
    cr_expect(strstr(text, "and 4 more clusters (8 instances)") != NULL);
    free(text);
    model.report.verbosity = 1;
    text = write_text(&model.report);
    cr_expect_eq(count_parts(text, "orders changed:"), MODEL_CLUSTERS);
    cr_expect(strstr(text, "more cluster") == NULL);
    free(text);
}

Test(report_text, shows_one_sample_of_each_cluster)
{
    struct model model;
    model_changed(&model);
    model.findings.cluster_count = 3;
    model.findings.difference_count = 4;
    for (size_t i = 1; i < 4; i++) {
        model.differences[i] = model.differences[0];
    }
    model.differences[1].id = TEXT("id-2");
    model.differences[2].id = TEXT("id-3");
    model.differences[3].id = TEXT("id-4");
    memcpy(model.differences[2].cluster, model.clusters[1].key, 17);
    memcpy(model.differences[3].cluster, model.clusters[2].key, 17);
    char *text = write_text(&model.report);
    cr_expect_eq(count_parts(text, "changed: order "), 3);
    cr_expect(strstr(text, "order id-2 @3") == NULL);
    cr_expect(strstr(text, "order id-4 @3") != NULL);
    free(text);
    model.report.verbosity = 1;
    expect_part(&model.report, "order id-2 @3", true);
    model.report.verbosity = 0;
    model.report.samples = 1;
    expect_part(&model.report, "order id-3 @3", false);
}

/* Two values that part only behind the cut must not look alike. */
Test(report_text, long_values_are_shown_where_they_differ)
{
    struct model model;
    char old[504];
    char fresh[504];
    model_changed(&model);
    memset(old, 'x', sizeof(old));
    old[0] = old[502] = '"';
    old[503] = '\0';
    memcpy(fresh, old, sizeof(old));
    memcpy(old + 450, "PAID", 4);
    memcpy(fresh + 450, "APPROVED", 8);
    model.changes[0].old = old;
    model.changes[0].value = fresh;
    char *text = write_text(&model.report);
    cr_expect(strstr(text, "- /status \xE2\x80\xA6xxx") != NULL);
    cr_expect(strstr(text, "xPAIDx") != NULL);
    cr_expect(strstr(text, "xAPPROVEDx") != NULL);
    free(text);
    memset(old + 1, 'x', 501);
    old[1] = 'y';
    memset(fresh + 1, 'x', 501);
    text = write_text(&model.report);
    cr_expect(strstr(text, "- /status \"yxxx") != NULL);
    cr_expect(strstr(text, "x\xE2\x80\xA6\n    + /status \"xxx") != NULL);
    free(text);
}

Test(report_text, names_are_plural_where_that_reads_well)
{
    static const struct {
        const char *name;
        const char *text;
    } rows[] = {
        {"file", "2 files changed"},       {"category", "2 categories changed"},
        {"day", "2 days changed"},         {"process", "2 processes changed"},
        {"box", "2 boxes changed"},        {"orders", "2 orders changed"},
        {"SKU", "2 SKUs changed"},         {"order-v2", "2 instances of order-v2 changed"},
        {"", "2 instances of '' changed"}, {"a b", "2 instances of 'a b' changed"},
    };
    struct model model;
    model_changed(&model);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        model.clusters[0].aggregate = TEXT(rows[i].name);
        model.clusters[0].count = 2;
        expect_part(&model.report, rows[i].text, true);
    }
    model.clusters[0].aggregate = TEXT("file");
    model.clusters[0].count = 1;
    expect_part(&model.report, "1 file changed", true);
}

Test(report_text, the_next_command_is_one_that_is_there)
{
    struct model model;
    for (int kind = 0; kind < 3; kind++) {
        static void (*const make[])(struct model *) = {model_same, model_changed, model_hostile};
        make[kind](&model);
        char *text = write_text(&model.report);
        for (const char *at = strstr(text, "refold "); at != NULL; at = strstr(at + 1, "refold ")) {
            cr_expect(strncmp(at, "refold run", 10) == 0 || strncmp(at, "refold bless", 12) == 0,
                      "%.60s", at);
        }
        free(text);
    }
}

Test(report_text, the_id_in_a_command_is_quoted)
{
    struct model model;
    model_changed(&model);
    model.differences[0].id = TEXT("it's $(x)");
    model.differences[0].id_bytes = 9;
    expect_part(&model.report, "--id 'it'\\''s $(x)' -a", true);
    model.differences[0].id = TEXT("a\0b");
    model.differences[0].id_bytes = 3;
    expect_part(&model.report, "to run one alone", false);
}

/* A bless over damage writes nothing: it is not what to do next. */
Test(report_text, damage_is_not_to_be_blessed)
{
    struct model model;
    model_hostile(&model);
    expect_part(&model.report, "refold bless -", true); /* of exactly this damage, and by hand */
    expect_part(&model.report, "refold bless -a", false);
    expect_part(&model.report, "refold bless --accept-damage REASON -a", true);
    expect_part(&model.report, "add the objects that hold the missing versions", true);
    expect_part(&model.report, "waived damage: 1 version with two contents", true);
    model.report.verb = "bless";
    model.report.verbosity = -1;
    expect_part(&model.report, "blessed: ", false);
    expect_part(&model.report, "the golden is as it was", true);
}

static void
model_blessed(struct model *model, struct rf_bless_summary summary)
{
    model_same(model);
    model->tallies[0].instances =
        summary.added + summary.changed + summary.unchanged + summary.unfit;
    model->tallies[0].compared = model->tallies[0].same = 0;
    model->blessed = summary;
    model->report.blessed = &model->blessed;
    model->report.verb = "bless";
    model->report.flags.no_compare = true;
    model->report.flags.changed = summary.unfit > 0;
    model->report.verbosity = -1;
}

/* What is 0 is not said. */
Test(report_text, of_a_bless)
{
    static const struct {
        struct rf_bless_summary summary;
        const char *text;
    } rows[] = {
        {{.added = 610, .files = 1}, "blessed: 610 files (610 added); 1 golden written\n"},
        {{.added = 12, .changed = 1000, .unchanged = 3, .files = 2},
         "blessed: 1,015 files (12 added, 1,000 changed, 3 unchanged); 2 goldens written\n"},
        {{.unchanged = 1}, "blessed: 1 file (1 unchanged); the golden is as it was\n"},
        {{.changed = 1, .removed = 2, .kept = 3, .files = 1},
         "blessed: 1 file (1 changed); 2 no longer in the history, removed; 3 not selected, kept; "
         "1 golden written\n"},
        {{.added = 1, .unfit = 2, .files = 1},
         "blessed: 1 file (1 added); 2 crashed, hung or impure, not blessed; 1 golden written "
         "(exit 1)\n"},
        {{.unfit = 2},
         "blessed: 0 files; 2 crashed, hung or impure, not blessed; the golden is as it was "
         "(exit 1)\n"},
    };
    struct model model;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        model_blessed(&model, rows[i].summary);
        expect_text(&model.report, rows[i].text);
    }
}

Test(report_text, of_a_bless_that_wrote_nothing)
{
    struct model model;
    model_blessed(&model, (struct rf_bless_summary){.added = 610});
    model.report.flags.unwritten = true;
    expect_text(&model.report, "incomplete: a report or golden could not be written (exit 5)\n");
    model.report.flags.unwritten = false;
    model.report.flags.nothing = true;
    model.tallies[0].instances = 0;
    expect_text(&model.report, "uncompared: no event matched; the golden is as it was (exit 2)\n");
}

Test(report_text, folded_is_not_compared)
{
    struct model model;
    model_same(&model);
    model.tallies[0].compared = model.tallies[0].same = 0;
    model.report.flags.no_compare = true;
    model.report.verbosity = -1;
    expect_text(&model.report, "uncompared: 610 files folded, none compared\n");
}

Test(report_text, of_new_instances_proposes_a_bless)
{
    struct model model;
    model_same(&model);
    model.tallies[0].unblessed = 5;
    expect_part(&model.report, "same: 610 files compared, 5 unblessed\n", true);
    expect_part(&model.report, "refold bless -a aggregates/file/file.c --id x history/\n", true);
    model.report.flags.nothing = true;
    model.tallies[0].compared = model.tallies[0].same = 0;
    expect_part(&model.report, "uncompared: no instance was compared; 5 unblessed (exit 2)\n",
                true);
}

/* One build's log line must tell a crash from a changed state. */
Test(report_text, the_verdict_tells_what_kinds_differ)
{
    struct model model;
    model_same(&model);
    model.tallies[0].crashed = 3;
    model.tallies[0].hung = 1;
    model.tallies[0].unblessed = 7;
    model.findings.differences_total = 4;
    model.report.flags.changed = true;
    model.report.verbosity = -1;
    expect_text(&model.report, "changed: 4 differences: 3 crashed, 1 hung; 610 files compared, 7 "
                               "unblessed (exit 1)\n");
    model.findings.differences_total = 11; /* with --require-golden */
    expect_text(&model.report, "changed: 11 differences: 3 crashed, 1 hung, 7 unblessed; 610 files "
                               "compared (exit 1)\n");
    model.report.verbosity = 0;
    expect_part(&model.report, "if it is only slow:  --timeout SECONDS\n", true);
}

/* A cluster has said it all of what is in one place only; there is nothing to run alone. */
Test(report_text, of_what_is_missing_is_short)
{
    struct model model;
    model_changed(&model);
    model.tallies[1] = (struct rf_tally){.name = TEXT("order"), .missing = 1};
    model.clusters[0] = (struct rf_cluster){.aggregate = TEXT("order"),
                                            .kind = RF_DIFFERENCE_MISSING,
                                            .count = 1,
                                            .samples = {TEXT("id-1")},
                                            .sample_bytes = {4},
                                            .sample_count = 1};
    model.differences[0] = (struct rf_difference){.aggregate = TEXT("order"),
                                                  .id = TEXT("id-1"),
                                                  .id_bytes = 4,
                                                  .kind = RF_DIFFERENCE_MISSING};
    model.findings.differences_total = 1;
    expect_part(&model.report, "1 order missing: in the golden, not in the history\n", true);
    expect_part(&model.report, "missing: order id-1", false);
    expect_part(&model.report, "to run one alone", false);
    expect_part(&model.report, "changed: 1 difference: 1 missing; 610 files compared (exit 1)\n",
                true);
    expect_part(&model.report, "to accept the new states:  refold bless", true);
    expect_part(&model.report, "--review", false);
    /* An empty history: to bless it is not the first thing to think of. */
    model.tallies[0] = (struct rf_tally){.name = TEXT("file")};
    expect_part(&model.report, "refold bless", false);
    expect_part(&model.report, "to find out why:  is it the right source?\n", true);
    model.sums.terms[RF_TERM_UNSELECTED] = 1;
    expect_part(&model.report, "to find out why:  does the selection (--id", true);
    model.report.verbosity = 1;
    expect_part(&model.report, "missing: order id-1", true);
}

Test(report_text, one_instance_is_not_proposed_to_be_run_alone)
{
    struct model model;
    model_changed(&model);
    model.findings.tally_count = 1;
    model.tallies[0].instances = 1;
    expect_part(&model.report, "to run one alone", false);
}

/* The config can make events of unknown aggregates count: that is said beside other damage too. */
Test(report_text, unclaimed_events_are_damage_where_they_count)
{
    struct model model;
    model_same(&model);
    model.sums.terms[RF_TERM_UNCLAIMED] = 2;
    expect_part(&model.report, "damage", false);
    model.report.unclaimed_counts = true;
    model.report.flags.damaged = true;
    expect_part(&model.report, "damage: 2 events of aggregates that are not loaded\n", true);
    expect_part(&model.report, "\"policy\": {\"unclaimed\": \"warn\"}", true);
    model.damages.totals[RF_DAMAGE_GAP] = 1;
    expect_part(&model.report,
                "damaged: 1 gap in the versions, 2 events of aggregates that are not loaded: the "
                "verdict does not cover everything; 610 files compared (exit 3)\n",
                true);
}

/* After damage and failures the whole command is repeated, with its selection. */
Test(report_text, another_try_is_the_whole_command)
{
    struct model model;
    model_same(&model);
    model.report.flags.incomplete = true;
    expect_part(&model.report,
                "to try again:  refold run -a aggregates/file/file.c --at-head --id x history/\n",
                true);
}

Test(report_text, history_names_what_is_not_zero)
{
    struct model model;
    model_same(&model);
    model.sums.terms[RF_TERM_DUPLICATES] = 1;
    model.sums.terms[RF_TERM_SKIPPED] = 1200;
    model.sums.foreign = 2;
    model.gathered.gaps = 3;
    model.findings.beyond = 4;
    expect_part(&model.report,
                "history: 12 objects, 4,120 events, 2 foreign objects, 1 duplicate, 3 gaps, 1,200 "
                "skipped, 4 beyond the golden; 2015",
                true);
}

Test(report_text, of_a_run_that_ended_early_is_whole)
{
    struct rf_report report = {.verb = "run", .version = "0.1.0"};
    report.flags.incomplete = true;
    expect_text(&report, "history: 0 objects, 0 events\n\nincomplete: a source could not be read, "
                         "or changed while it was read (exit 4)\n");
    report.again = "";
    expect_part(&report, "to try again:  refold run\n", true);
}
