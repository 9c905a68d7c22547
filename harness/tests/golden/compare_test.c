/* SPDX-License-Identifier: MIT */
/* Every row of the contract's table "What a run compares", through a fold whose states are given.
 */
#include "tests/golden/scene.h"

#include "base/limits.h"

static struct scene scene;
static struct rf_compare_request request;
static struct rf_comparison *comparison;
static struct rf_findings findings;
static struct rf_damages damages;

/* An order of three events, blessed at version 3. */
static const struct play STEADY = {
    .id = "a",
    .count = 3,
    .states = {"{}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}"},
    .types = {NULL, "Created", "Paid", "Shipped"},
};

static void
begin(void)
{
    scene_load(&scene);
    request.goldens = &scene.goldens;
    request.history = scene.history;
    request.builds = scene.builds;
    request.build_count = 1;
    request.jobs = request.jobs == 0 ? 1 : request.jobs;
    comparison = rf_comparison_new(&request);
}

static void
finish(void)
{
    rf_findings_done(&findings);
    rf_damages_done(&damages);
    rf_comparison_finish(comparison, &findings, &damages);
    rf_comparison_free(comparison);
    comparison = NULL;
}

static void
set_up(void)
{
    memset(&request, 0, sizeof(request));
    scene_open(&scene);
}

static void
tear_down(void)
{
    rf_findings_done(&findings);
    rf_damages_done(&damages);
    scene_done(&scene);
}

TestSuite(compare, .init = set_up, .fini = tear_down);

/** Blesses these plays, so that the golden is what a bless writes. */
static void
bless(const struct play *plays, size_t count)
{
    struct rf_err err;
    struct rf_findings blessed;
    struct rf_bless_summary summary;
    struct rf_bless_request ask = {
        .folder = scene.folder,
        .goldens = &scene.goldens,
        .history = scene.history,
        .builds = scene.builds,
        .build_count = 1,
        .jobs = 1,
    };
    scene_load(&scene);
    struct rf_blessing *blessing = rf_blessing_new(&ask);
    for (size_t i = 0; i < count; i++) {
        perform(&scene, rf_blessing_sink(blessing), &plays[i]);
    }
    rf_blessing_finish(blessing, &blessed);
    rf_findings_done(&blessed);
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_OK, "%s: %s", err.where, err.text);
    rf_blessing_free(blessing);
}

/** Whether the differences that were found hold changes of the instance: who wrote them last is
 * what a trace tells, and nothing else asks for one. */
static bool
has_changes(const char *id)
{
    for (size_t i = 0; i < findings.difference_count; i++) {
        if (findings.differences[i].changes.count > 0 &&
            strcmp(findings.differences[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/** Runs one instance against what lies in the folder. */
static void
run(const struct play *play)
{
    bool traced = false;
    begin();
    if (play != NULL) {
        traced = perform(&scene, rf_comparison_sink(comparison), play);
    }
    finish();
    cr_assert(traced == (play != NULL && has_changes(play->id)), "a trace for nothing, or none");
}

/** The tally of an aggregate; all of zeros where there is none. */
static struct rf_tally
tally(const char *name)
{
    for (size_t i = 0; i < findings.tally_count; i++) {
        if (strcmp(findings.tallies[i].name, name) == 0) {
            return findings.tallies[i];
        }
    }
    return (struct rf_tally){0};
}

/** Checks that "order" has exactly one instance or line, in the class named. */
static void
expect_class(const char *class)
{
    struct rf_tally t = tally("order");
    const struct {
        const char *name;
        uint64_t count;
    } classes[] = {
        {"same", t.same},         {"changed", t.changed},     {"unblessed", t.unblessed},
        {"missing", t.missing},   {"cut short", t.cut_short}, {"uncompared", t.uncompared},
        {"rejected", t.rejected}, {"crashed", t.crashed},     {"hung", t.hung},
        {"impure", t.impure},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        uint64_t want = strcmp(classes[i].name, class) == 0 ? 1 : 0;
        cr_assert(classes[i].count == want, "%s: %" PRIu64 ", expected the class %s",
                  classes[i].name, classes[i].count, class);
    }
    cr_assert(t.compared == t.same + t.changed);
}

static const struct rf_difference *
only_difference(void)
{
    cr_assert(findings.difference_count == 1);
    cr_assert(findings.differences_total == 1);
    cr_assert(findings.cluster_count == 1);
    cr_assert(findings.clusters[0].count == 1);
    cr_assert_str_eq(findings.clusters[0].key, findings.differences[0].cluster);
    return &findings.differences[0];
}

/* ---- same ------------------------------------------------------------------------------------ */

Test(compare, calls_an_equal_state_same)
{
    bless(&STEADY, 1);
    run(&STEADY);
    expect_class("same");
    cr_assert(findings.differences_total == 0);
    cr_assert(findings.beyond == 0);
    cr_assert(findings.compared.count == 1);
    cr_assert(tally("order").events == 3);
    cr_assert(tally("order").instances == 1);
}

Test(compare, compares_at_the_goldens_version_and_counts_what_is_beyond)
{
    struct play grown = STEADY;
    grown.count = 5;
    grown.states[4] = "{\"n\":4}";
    grown.states[5] = "{\"n\":5}";
    bless(&STEADY, 1);
    run(&grown);
    expect_class("same");
    cr_assert(findings.beyond == 2);
    cr_assert(tally("order").events == 5);
}

Test(compare, at_head_compares_the_last_state)
{
    struct play grown = STEADY;
    grown.count = 4;
    grown.states[4] = "{\"n\":4}";
    bless(&STEADY, 1);
    request.at_head = true;
    run(&grown);
    expect_class("changed");
    cr_assert(only_difference()->version == 4);
    cr_assert(findings.beyond == 1);
    grown.states[4] = "{\"n\":3}";
    run(&grown);
    expect_class("same");
}

Test(compare, calls_the_same_rejection_same)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "Paid: too late";
    bless(&refused, 1);
    run(&refused);
    expect_class("same");
    cr_assert(findings.beyond == 1, "what lies behind the refused event");
    cr_assert(tally("order").events == 1);
}

Test(compare, calls_a_rejection_of_the_first_event_same)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 1;
    refused.message = "Created: no";
    bless(&refused, 1);
    run(&refused);
    expect_class("same");
}

Test(compare, calls_the_same_nonfinite_state_same)
{
    struct play broken = STEADY;
    broken.nonfinite = "/average";
    broken.nonfinite_from = 3;
    bless(&broken, 1);
    char *text = read_text_file(&scene, "order.ndjson");
    cr_assert(strstr(text,
                     "\"rejected\":{\"likeness\":\"00000000000000ab\",\"message\":\"the state "
                     "holds NaN or infinity at /average\",\"type\":\"Shipped\",\"version\":3},"
                     "\"version\":2}") != NULL,
              "%s", text);
    cr_assert(strstr(text, "\"state\"") == NULL);
    free(text);
    run(&broken);
    expect_class("same");
    broken.count = 4;
    broken.states[4] = "{}";
    run(&broken);
    expect_class("same");
    cr_assert(findings.beyond == 1);
}

Test(compare, leaves_ignored_pointers_out_and_counts_it)
{
    static char pointer[] = "/n";
    struct rf_ignore ignore = {.pointer = pointer};
    struct play other = STEADY;
    other.states[3] = "{\"n\":9}";
    bless(&STEADY, 1);
    request.ignores = &ignore;
    request.ignore_count = 1;
    run(&other);
    expect_class("same");
    cr_assert(tally("order").ignored_only == 1);
}

/* ---- changed --------------------------------------------------------------------------------- */

Test(compare, calls_another_state_changed_by_code_and_names_the_last_writer)
{
    struct play other = STEADY;
    other.states[1] = "{\"m\":0,\"n\":1}";
    other.states[2] = "{\"m\":0,\"n\":7}";
    other.states[3] = "{\"m\":1,\"n\":7}";
    struct play golden = other;
    golden.states[3] = "{\"m\":1,\"n\":3}";
    bless(&golden, 1);
    run(&other);
    expect_class("changed");
    const struct rf_difference *difference = only_difference();
    cr_assert(difference->kind == RF_DIFFERENCE_CHANGED);
    cr_assert(difference->cause == RF_CAUSE_CODE);
    cr_assert(difference->version == 3);
    cr_assert(difference->changes.count == 1);
    cr_assert_str_eq(difference->changes.items[0].path, "/n");
    cr_assert_str_eq(difference->changes.items[0].old, "3");
    cr_assert_str_eq(difference->changes.items[0].value, "7");
    cr_assert(difference->suspect.basis == RF_BASIS_LAST_WRITER);
    cr_assert(difference->suspect.version == 2);
    cr_assert_str_eq(difference->suspect.type, "Paid");
    cr_assert_str_eq(difference->suspect.object, "2024/01/02/03/stream-1");
    cr_assert(difference->suspect.offset == 200);
    cr_assert(difference->suspect.at.seconds == 1002);
    const struct rf_cluster *cluster = &findings.clusters[0];
    cr_assert_str_eq(cluster->event, "Paid");
    cr_assert(cluster->path_count == 1);
    cr_assert_str_eq(cluster->paths[0], "/n");
    cr_assert_str_eq(cluster->from, "3");
    cr_assert_str_eq(cluster->to, "7");
}

Test(compare, marks_other_events_as_data)
{
    struct play other = STEADY;
    other.salt = 1;
    bless(&STEADY, 1);
    run(&other);
    expect_class("changed");
    cr_assert(only_difference()->cause == RF_CAUSE_DATA);
    cr_assert(only_difference()->changes.count == 0);
    cr_assert_str_eq(only_difference()->message,
                     "the events up to version 3 are not those that were blessed");
    cr_assert(findings.clusters[0].data_count == 1);
    other.states[3] = "{\"n\":4}";
    run(&other);
    expect_class("changed");
    cr_assert(only_difference()->cause == RF_CAUSE_DATA);
    cr_assert(only_difference()->changes.count == 1);
}

Test(compare, other_events_count_even_where_the_rest_is_ignored)
{
    static char pointer[] = "/n";
    struct rf_ignore ignore = {.pointer = pointer};
    struct play other = STEADY;
    other.salt = 1;
    other.states[3] = "{\"n\":4}";
    bless(&STEADY, 1);
    request.ignores = &ignore;
    request.ignore_count = 1;
    run(&other);
    expect_class("changed");
    cr_assert(only_difference()->cause == RF_CAUSE_DATA);
}

Test(compare, a_line_without_a_digest_is_compared_by_its_state)
{
    struct play other = STEADY;
    other.salt = 1;
    write_text(&scene, "order.ndjson", "{\"id\":\"a\",\"state\":{\"n\":3},\"version\":3}\n");
    run(&other);
    expect_class("same");
    write_text(&scene, "order.ndjson", "{\"id\":\"a\",\"state\":{\"n\":4},\"version\":3}\n");
    run(&other);
    expect_class("changed");
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
}

Test(compare, another_message_of_the_same_rejection_is_changed)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "Paid: too late";
    bless(&refused, 1);
    refused.message = "Paid: too early";
    run(&refused);
    expect_class("changed");
    cr_assert(strstr(only_difference()->message, "too late") != NULL);
    cr_assert(strstr(only_difference()->message, "too early") != NULL);
    cr_assert(only_difference()->suspect.basis == RF_BASIS_TRACE);
    cr_assert(only_difference()->suspect.version == 2);
}

Test(compare, a_rejection_with_another_state_before_it_is_changed)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "Paid: too late";
    bless(&refused, 1);
    refused.states[1] = "{\"n\":0}";
    run(&refused);
    expect_class("changed");
    cr_assert(only_difference()->changes.count == 1);
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
}

Test(compare, a_rejected_event_whose_content_is_another_is_data)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "Paid: too late";
    bless(&refused, 1);
    refused.salt = 3;
    run(&refused);
    expect_class("changed");
    cr_assert(only_difference()->cause == RF_CAUSE_DATA);
}

Test(compare, a_rejection_that_is_gone_is_changed)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "Paid: too late";
    bless(&refused, 1);
    run(&STEADY);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message, "no longer refused: Paid: too late");
    cr_assert(only_difference()->cause == RF_CAUSE_CODE, "the events are the same");
    cr_assert(only_difference()->version == 2);
    cr_assert(only_difference()->changes.count == 1);
    cr_assert_str_eq(only_difference()->changes.items[0].value, "2");
    cr_assert(findings.beyond == 1);
}

Test(compare, a_rejection_of_version_0_that_is_gone_is_no_other_data)
{
    struct play refused = {.id = "a",
                           .count = 1,
                           .states = {"{}", "{\"n\":1}"},
                           .versions = {0, VERSION_0},
                           .ending = RF_ENDED_REJECTED,
                           .fails_at = 1,
                           .message = "no"};
    bless(&refused, 1);
    refused.ending = RF_ENDED_FOLDED;
    refused.fails_at = 0;
    refused.message = NULL;
    run(&refused);
    expect_class("changed");
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
}

Test(compare, another_nonfinite_state_is_changed)
{
    struct play broken = STEADY;
    broken.nonfinite = "/average";
    broken.nonfinite_from = 3;
    bless(&broken, 1);
    broken.likeness = 0xac;
    run(&broken);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message, "the state holds NaN or infinity at /average, and "
                                                 "is another one than the golden's");
}

Test(compare, a_nonfinite_state_of_which_the_golden_tells_nothing_is_changed)
{
    struct play broken = STEADY;
    broken.nonfinite = "/average";
    broken.nonfinite_from = 3;
    bless(&broken, 1);
    char *text = read_text_file(&scene, "order.ndjson");
    char *likeness = strstr(text, "\"likeness\":\"00000000000000ab\",");
    cr_assert(likeness != NULL);
    memmove(likeness, likeness + 30, strlen(likeness + 30) + 1); /* as they once were */
    write_text(&scene, "order.ndjson", text);
    free(text);
    run(&broken);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message,
                     "the state holds NaN or infinity at /average, and the golden does not tell "
                     "what else it held: bless again");
}

Test(compare, a_nonfinite_state_that_is_gone_is_changed)
{
    struct play broken = STEADY;
    broken.nonfinite = "/n";
    broken.nonfinite_from = 3;
    bless(&broken, 1);
    run(&STEADY);
    expect_class("changed");
    cr_assert(only_difference()->changes.count == 1);
    cr_assert(only_difference()->changes.items[0].op == RF_CHANGE_ADD);
}

Test(compare, a_state_that_never_came_is_never_same)
{
    struct play refused = STEADY;
    struct play broken = STEADY;
    broken.nonfinite = "/n";
    broken.nonfinite_from = 3;
    bless(&broken, 1);
    begin();
    struct rf_packed_event event = make_event(&scene, &refused, 3);
    struct rf_step step = {.event = &event, .ref = 1, .version = 3};
    struct rf_instance instance = {.aggregate_name = "order",
                                   .id = "a",
                                   .id_bytes = 1,
                                   .steps = &step,
                                   .step_count = 1,
                                   .last_version = 3};
    struct rf_outcome outcome = {.instance = &instance,
                                 .applied = 1,
                                 .state_steps = 1,
                                 .state_version = 3,
                                 .state_digest = digest_of(&scene, &broken, 3)};
    const struct rf_fold_sink *sink = rf_comparison_sink(comparison);
    (void)sink->outcome(sink->context, 0, &outcome);
    finish();
    expect_class("changed");
}

Test(compare, a_refusal_whose_state_before_it_never_came_is_never_same)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 3;
    refused.message = "no";
    refused.nonfinite = "/n";
    refused.nonfinite_from = 1;
    bless(&refused, 1);
    run(&refused);
    expect_class("same");
    begin();
    struct rf_packed_event event = make_event(&scene, &refused, 3);
    struct rf_instance instance = {
        .aggregate_name = "order", .id = "a", .id_bytes = 1, .last_version = 3};
    struct rf_outcome outcome = {.instance = &instance,
                                 .ending = RF_ENDED_REJECTED,
                                 .at = &event,
                                 .at_version = 3,
                                 .at_digest = digest_of(&scene, &refused, 3),
                                 .message = "no"};
    const struct rf_fold_sink *sink = rf_comparison_sink(comparison);
    (void)sink->outcome(sink->context, 0, &outcome);
    finish();
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message, "there is no state to compare");
}

Test(compare, a_refusal_of_another_type_is_said)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "no";
    bless(&refused, 1);
    refused.types[2] = "Refunded";
    run(&refused);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message,
                     "refused as Refunded: no; in the golden as Paid: no");
    cr_assert(only_difference()->cause == RF_CAUSE_DATA);
}

/** The steady order, refused at an event whose type holds a NUL. */
static struct play
refused_at(const char *type, size_t type_bytes, const char *message)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.types[2] = type;
    refused.type_bytes[2] = type_bytes;
    refused.message = message;
    return refused;
}

Test(compare, a_refused_type_is_compared_behind_its_nul)
{
    struct play refused = refused_at("Paid\0late", 9, "no");
    bless(&refused, 1);
    char *text = read_text_file(&scene, "order.ndjson");
    cr_assert(strstr(text, "\"type\":\"Paid\\u0000late\"") != NULL, "%s", text);
    free(text);
    run(&refused);
    expect_class("same");
    static const struct {
        const char *type;
        size_t type_bytes;
        const char *message;
    } others[] = {
        {"Paid\0lata", 9,
         "refused as Paid" RF_NUL_SYMBOL "lata: no; in the golden as "
         "Paid" RF_NUL_SYMBOL "late: no"},
        {"Paid", 4, "refused as Paid: no; in the golden as Paid" RF_NUL_SYMBOL "late: no"},
        {"Paid" RF_NUL_SYMBOL "late", 11, NULL},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        refused = refused_at(others[i].type, others[i].type_bytes, "no");
        run(&refused);
        expect_class("changed");
        if (others[i].message != NULL) {
            cr_assert_str_eq(only_difference()->message, others[i].message);
        }
        cr_assert(only_difference()->suspect.type_bytes == others[i].type_bytes);
    }
}

/** What bless wrote is read again as it was: lines of JSON in which a NUL is \u0000. */
Test(compare, a_message_in_the_golden_is_not_cut_at_a_nul)
{
    write_text(&scene, "order.ndjson",
               "{\"id\":\"a\",\"rejected\":{\"message\":\"x\\u0000y\",\"type\":\"Paid\","
               "\"version\":2},\"state\":{\"n\":1},\"version\":1}\n");
    struct play refused = refused_at("Paid", 0, "x");
    run(&refused);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message,
                     "refused as Paid: x; in the golden as Paid: x" RF_NUL_SYMBOL "y");
    struct play steady = STEADY;
    run(&steady);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message, "no longer refused: x" RF_NUL_SYMBOL "y");
}

/* ---- rejected, crashed, hung ----------------------------------------------------------------- */

Test(compare, a_new_rejection_is_rejected_wherever_it_is)
{
    for (size_t at = 1; at <= 5; at++) {
        struct play refused = STEADY;
        refused.count = 5;
        refused.states[4] = "{\"n\":4}";
        refused.states[5] = "{\"n\":5}";
        refused.ending = RF_ENDED_REJECTED;
        refused.fails_at = at;
        refused.message = "no";
        bless(&STEADY, 1);
        run(&refused);
        expect_class("rejected");
        cr_assert(only_difference()->kind == RF_DIFFERENCE_REJECTED);
        cr_assert(only_difference()->cause == RF_CAUSE_CODE);
        cr_assert_str_eq(only_difference()->aggregate, "order");
        cr_assert_str_eq(only_difference()->id, "a");
        cr_assert(findings.clusters[0].data_count == 0);
        cr_assert(only_difference()->version == (int64_t)at);
        cr_assert_str_eq(only_difference()->message, "no");
        cr_assert(only_difference()->suspect.basis == RF_BASIS_TRACE);
        cr_assert(findings.beyond == 2);
    }
}

Test(compare, a_rejection_at_another_version_than_the_goldens_is_rejected)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "no";
    bless(&refused, 1);
    refused.fails_at = 3;
    run(&refused);
    expect_class("rejected");
    refused.fails_at = 1;
    run(&refused);
    expect_class("rejected");
}

Test(compare, a_rejection_without_a_golden_line_is_rejected)
{
    struct play refused = STEADY;
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "unhandled type Paid";
    run(&refused);
    expect_class("rejected");
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
    request.goldens = NULL;
}

Test(compare, a_new_nonfinite_state_is_rejected)
{
    struct play broken = STEADY;
    broken.nonfinite = "/n";
    broken.nonfinite_from = 1;
    bless(&STEADY, 1);
    run(&broken);
    expect_class("rejected");
    cr_assert_str_eq(only_difference()->message, "the state holds NaN or infinity at /n");
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
    cr_assert(only_difference()->version == 3);
    cr_assert_str_eq(only_difference()->suspect.type, "Shipped");
}

Test(compare, crashes_and_hangs_come_before_everything)
{
    struct play dies = STEADY;
    dies.fails_at = 2;
    dies.message = "SIGSEGV (segmentation fault)";
    dies.shortened = true;
    bless(&STEADY, 1);
    dies.ending = RF_ENDED_CRASHED;
    run(&dies);
    expect_class("crashed");
    cr_assert(only_difference()->kind == RF_DIFFERENCE_CRASHED);
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
    cr_assert_str_eq(only_difference()->aggregate, "order");
    cr_assert_str_eq(only_difference()->id, "a");
    cr_assert(only_difference()->version == 2);
    cr_assert_str_eq(only_difference()->suspect.type, "Paid");
    cr_assert_str_eq(only_difference()->message, "SIGSEGV (segmentation fault)");
    dies.ending = RF_ENDED_HUNG;
    run(&dies);
    expect_class("hung");
    cr_assert(only_difference()->kind == RF_DIFFERENCE_HUNG);
    cr_assert(only_difference()->cause == RF_CAUSE_CODE);
    dies.id = "not in the golden";
    run(&dies);
    cr_assert(tally("order").hung == 1);
    cr_assert(tally("order").missing == 1);
    cr_assert(findings.differences_total == 2);
}

Test(compare, a_crash_before_the_first_event_has_no_suspect)
{
    struct play dies = STEADY;
    dies.ending = RF_ENDED_CRASHED;
    dies.message = "SIGABRT";
    run(&dies);
    expect_class("crashed");
    cr_assert(only_difference()->suspect.basis == RF_BASIS_NONE);
}

/* ---- cut short, uncompared, missing, unblessed ------------------------------------------------
 */

Test(compare, an_instance_that_ends_early_is_damage)
{
    struct play early = STEADY;
    early.count = 2;
    bless(&STEADY, 1);
    for (int head = 0; head <= 1; head++) {
        request.at_head = head == 1;
        run(&early);
        expect_class("cut short");
        cr_assert(findings.differences_total == 0);
        cr_assert(damages.totals[RF_DAMAGE_CUT_SHORT] == 1);
        cr_assert_str_eq(damages.items[0].message, "ends with version 2, the golden has version 3");
        cr_assert_str_eq(damages.items[0].id, "a");
        cr_assert(findings.compared.count == 0);
    }
}

Test(compare, an_end_that_was_accepted_is_known)
{
    struct play early = STEADY;
    early.count = 2;
    bless(&STEADY, 1);
    run(&early);
    cr_assert(damages.known[RF_DAMAGE_CUT_SHORT] == 0);
    cr_assert(damages.items[0].identity == NULL, "no one asked");
    char other[] = "other";
    char reason[] = "lost";
    struct rf_known_entry entry = {
        .identity = other, .reason = reason, .kind = RF_DAMAGE_CUT_SHORT, .count = 1};
    struct rf_known_damage known = {.items = &entry, .count = 1};
    cr_assert(rf_known_seal(&known) == NULL);
    request.known = &known;
    run(&early);
    cr_assert(damages.known[RF_DAMAGE_CUT_SHORT] == 0);
    cr_assert(damages.items[0].identity != NULL);
    entry.identity = rf_strdup(damages.items[0].identity);
    run(&early);
    cr_assert(damages.known[RF_DAMAGE_CUT_SHORT] == 1, "%s", entry.identity);
    early.count = 1;
    run(&early);
    cr_assert(damages.known[RF_DAMAGE_CUT_SHORT] == 0, "another end is another damage");
    request.known = NULL;
    free(entry.identity);
    free(known.by_identity);
    free(known.by_object);
}

Test(compare, skipped_events_at_the_end_do_not_make_it_short)
{
    struct play skipped = STEADY;
    skipped.count = 2;
    skipped.last_version = 3;
    write_text(&scene, "order.ndjson", "{\"id\":\"a\",\"state\":{\"n\":2},\"version\":3}\n");
    run(&skipped);
    expect_class("same");
}

Test(compare, an_instance_that_the_selection_ends_early_is_uncompared)
{
    struct play early = STEADY;
    early.count = 2;
    bless(&STEADY, 1);
    request.selected_by_time = true;
    run(&early);
    expect_class("uncompared");
    cr_assert(damages.count == 0);
    request.selected_by_time = false;
    early.shortened = true;
    run(&early);
    expect_class("uncompared");
}

Test(compare, a_nonfinite_state_on_the_way_to_the_goldens_version_is_not_judged)
{
    struct play early = STEADY;
    early.count = 2;
    early.nonfinite = "/n";
    early.nonfinite_from = 1;
    bless(&STEADY, 1);
    run(&early);
    expect_class("cut short");
    request.selected_by_time = true;
    run(&early);
    expect_class("uncompared");
}

Test(compare, a_refusal_in_front_of_the_goldens_version_is_rejected_however_short)
{
    struct play early = STEADY;
    early.count = 2;
    early.ending = RF_ENDED_REJECTED;
    early.fails_at = 2;
    early.message = "no";
    bless(&STEADY, 1);
    run(&early);
    expect_class("rejected");
}

Test(compare, at_head_a_state_without_json_is_no_new_rejection_where_the_golden_has_one)
{
    struct play broken = STEADY;
    broken.nonfinite = "/average";
    broken.nonfinite_from = 3;
    bless(&broken, 1);
    broken.count = 4;
    broken.states[4] = "{}";
    request.at_head = true;
    run(&broken);
    expect_class("changed");
}

Test(compare, a_gapped_instance_is_compared_as_usual)
{
    struct play gapped = STEADY;
    gapped.versions[1] = 1;
    gapped.versions[2] = 4;
    gapped.versions[3] = 5;
    write_text(&scene, "order.ndjson", "{\"id\":\"a\",\"state\":{\"n\":1},\"version\":3}\n");
    run(&gapped);
    expect_class("same");
    cr_assert(findings.beyond == 2);
}

Test(compare, a_refused_version_that_is_not_in_the_history_is_said)
{
    struct play gapped = STEADY;
    gapped.versions[1] = 1;
    gapped.versions[2] = 4;
    gapped.versions[3] = 5;
    write_text(&scene, "order.ndjson",
               "{\"id\":\"a\",\"rejected\":{\"message\":\"no\",\"type\":\"Paid\",\"version\":2},"
               "\"state\":{\"n\":1},\"version\":1}\n");
    run(&gapped);
    expect_class("changed");
    cr_assert_str_eq(only_difference()->message,
                     "version 2, refused in the golden, is not in the history: no");
}

static bool
selects_b(const void *context, const char *id, size_t id_bytes)
{
    (void)context;
    return id_bytes == 1 && id[0] == 'b';
}

Test(compare, a_line_without_an_instance_is_missing)
{
    bless(&STEADY, 1);
    run(NULL);
    expect_class("missing");
    cr_assert(only_difference()->kind == RF_DIFFERENCE_MISSING);
    cr_assert(only_difference()->version == 3);
    cr_assert(tally("order").instances == 0);
}

Test(compare, a_line_that_the_selection_left_out_is_uncompared)
{
    bless(&STEADY, 1);
    request.selected_by_time = true;
    run(NULL);
    expect_class("uncompared");
    request.selected_by_time = false;
    request.selects = selects_b;
    run(NULL);
    expect_class("uncompared");
    cr_assert(findings.differences_total == 0);
}

Test(compare, a_selected_line_without_an_instance_is_missing)
{
    struct play b = STEADY;
    b.id = "b";
    bless(&b, 1);
    request.selects = selects_b;
    run(NULL);
    expect_class("missing");
}

Test(compare, an_instance_without_a_line_is_unblessed)
{
    run(&STEADY);
    expect_class("unblessed");
    cr_assert(findings.differences_total == 0);
    request.require_golden = true;
    run(&STEADY);
    expect_class("unblessed");
    cr_assert(only_difference()->kind == RF_DIFFERENCE_UNBLESSED);
    cr_assert(only_difference()->version == 3);
}

Test(compare, without_a_golden_nothing_is_called_unblessed)
{
    scene_load(&scene);
    request = (struct rf_compare_request){
        .history = scene.history, .builds = scene.builds, .build_count = 1, .jobs = 1};
    comparison = rf_comparison_new(&request);
    perform(&scene, rf_comparison_sink(comparison), &STEADY);
    finish();
    expect_class("none");
    cr_assert(tally("order").instances == 1);
}

Test(compare, a_golden_that_no_build_claims_is_named_and_uncompared)
{
    write_text(
        &scene, "file.ndjson",
        "{\"id\":\"x\",\"state\":{},\"version\":1}\n{\"id\":\"y\",\"state\":{},\"version\":1}\n");
    run(&STEADY);
    cr_assert(findings.unloaded_count == 1);
    cr_assert_str_eq(findings.unloaded[0], "file (2 lines)");
    cr_assert(tally("file").uncompared == 2);
    cr_assert(findings.differences_total == 0);
    scene.build.takes_all = true;
    run(&STEADY);
    cr_assert(findings.unloaded_count == 0);
    cr_assert(tally("file").missing == 2);
}

Test(compare, a_build_without_instances_has_a_row_of_zeros)
{
    run(NULL);
    cr_assert(findings.tally_count == 1);
    cr_assert_str_eq(findings.tallies[0].name, "order");
    cr_assert(findings.tallies[0].instances == 0);
}

/* ---- suspects -------------------------------------------------------------------------------- */

Test(compare, a_trace_that_broke_off_gives_no_suspect)
{
    struct play other = STEADY;
    bless(&STEADY, 1);
    other.states[3] = "{\"n\":4}";
    other.lost_trace = true;
    run(&other);
    cr_assert(only_difference()->suspect.basis == RF_BASIS_NONE);
}

Test(compare, a_value_that_was_never_written_has_no_last_writer)
{
    struct play other = STEADY;
    bless(&STEADY, 1);
    for (size_t i = 0; i < 4; i++) {
        other.states[i] = "{}";
    }
    run(&other);
    expect_class("changed");
    cr_assert(only_difference()->suspect.basis == RF_BASIS_NONE);
}

Test(compare, traces_of_a_batch_may_come_after_all_of_its_outcomes)
{
    struct play golden[2] = {STEADY, STEADY};
    golden[1].id = "b";
    bless(golden, 2);
    begin();
    const struct rf_fold_sink *sink = rf_comparison_sink(comparison);
    struct rf_packed_event events[2] = {make_event(&scene, &STEADY, 1),
                                        make_event(&scene, &STEADY, 2)};
    struct rf_step steps[2] = {{.event = &events[0], .version = 1},
                               {.event = &events[1], .version = 3}};
    struct rf_instance instances[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        instances[i] = (struct rf_instance){.aggregate_name = "order",
                                            .id = golden[i].id,
                                            .id_bytes = 1,
                                            .steps = steps,
                                            .step_count = 2,
                                            .last_version = 3};
        struct rf_outcome outcome = {.instance = &instances[i],
                                     .applied = 2,
                                     .state = "{\"n\":9}",
                                     .state_bytes = 7,
                                     .state_steps = 2,
                                     .state_version = 3};
        cr_assert(sink->outcome(sink->context, 0, &outcome));
    }
    for (size_t i = 0; i < 2; i++) {
        sink->trace(sink->context, 0, &instances[i], 0, "{}", 2, 0);
        sink->trace(sink->context, 0, &instances[i], i + 1, "{\"n\":9}", 7, 0);
        sink->traced(sink->context, 0, &instances[i], true);
    }
    finish();
    cr_assert(findings.difference_count == 2);
    cr_assert_str_eq(findings.differences[0].id, "a");
    cr_assert(findings.differences[0].suspect.version == 1);
    cr_assert_str_eq(findings.differences[1].id, "b");
    cr_assert(findings.differences[1].suspect.version == 3);
    cr_assert(findings.cluster_count == 2, "other events, other clusters");
}

Test(compare, a_fold_that_stopped_loses_no_difference)
{
    bless(&STEADY, 1);
    begin();
    const struct rf_fold_sink *sink = rf_comparison_sink(comparison);
    struct rf_instance instance = {
        .aggregate_name = "order", .id = "a", .id_bytes = 1, .last_version = 3};
    struct rf_outcome outcome = {.instance = &instance, .state = "{}", .state_bytes = 2};
    cr_assert(sink->outcome(sink->context, 0, &outcome));
    finish();
    expect_class("changed");
    cr_assert(findings.differences_total == 1);
}

Test(compare, an_abandoned_comparison_frees_what_it_holds)
{
    bless(&STEADY, 1);
    begin();
    struct play other = STEADY;
    other.states[3] = "{}";
    perform(&scene, rf_comparison_sink(comparison), &other);
    rf_comparison_free(comparison);
}

/* ---- many ------------------------------------------------------------------------------------ */

Test(compare, results_do_not_depend_on_threads)
{
    char ids[40][4];
    struct play golden[40];
    for (size_t i = 0; i < 40; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "i%02zu", i);
        golden[i] = STEADY;
        golden[i].id = ids[i];
    }
    bless(golden, 40);
    struct rf_findings results[2];
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        request.jobs = jobs * jobs;
        begin();
        for (size_t k = 0; k < 40; k++) {
            size_t i = jobs == 1 ? k : 39 - k;
            struct play play = golden[i];
            play.thread = i % request.jobs;
            play.states[3] = i % 3 == 0   ? "{\"n\":9}"
                             : i % 3 == 1 ? "{\"n\":3}"
                                          : "{\"n\":3,\"o\":1}";
            perform(&scene, rf_comparison_sink(comparison), &play);
        }
        memset(&findings, 0, sizeof(findings));
        finish();
        results[jobs - 1] = findings;
        memset(&findings, 0, sizeof(findings));
    }
    const struct rf_findings *a = &results[0];
    const struct rf_findings *b = &results[1];
    cr_assert(a->differences_total == 27 && b->differences_total == 27);
    cr_assert(a->cluster_count == 2 && b->cluster_count == 2);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_str_eq(a->clusters[i].key, b->clusters[i].key);
        cr_assert(a->clusters[i].count == b->clusters[i].count);
        for (size_t k = 0; k < RF_CLUSTER_SAMPLES; k++) {
            cr_assert_str_eq(a->clusters[i].samples[k], b->clusters[i].samples[k]);
        }
    }
    for (size_t i = 0; i < 27; i++) {
        cr_assert_str_eq(a->differences[i].id, b->differences[i].id);
        cr_assert(i == 0 || strcmp(a->differences[i - 1].id, a->differences[i].id) < 0);
    }
    cr_assert(memcmp(&a->compared, &b->compared, sizeof(a->compared)) == 0);
    cr_assert(memcmp(&a->history, &b->history, sizeof(a->history)) == 0);
    rf_findings_done(&results[0]);
    rf_findings_done(&results[1]);
}

Test(compare, the_historys_multiset_does_not_depend_on_the_golden)
{
    struct play grown = STEADY;
    grown.count = 5;
    grown.states[4] = "{\"n\":4}";
    grown.states[5] = "{\"n\":5}";
    run(&grown);
    struct rf_multiset before = findings.history;
    bless(&STEADY, 1);
    run(&grown);
    cr_assert(memcmp(&before, &findings.history, sizeof(before)) == 0);
    grown.salt = 1;
    run(&grown);
    cr_assert(memcmp(&before, &findings.history, sizeof(before)) != 0);
}

Test(compare, keeps_the_smallest_differences_and_counts_all)
{
    enum { ALL = 45000 };
    request.require_golden = true;
    begin();
    for (size_t i = 0; i < ALL; i++) {
        char id[16];
        struct play play = STEADY;
        (void)snprintf(id, sizeof(id), "%08zu", (i * 7919) % ALL);
        play.id = id;
        perform(&scene, rf_comparison_sink(comparison), &play);
    }
    finish();
    cr_assert(findings.differences_total == ALL);
    cr_assert(findings.difference_count == RF_LIMIT_LISTED);
    cr_assert_str_eq(findings.differences[0].id, "00000000");
    cr_assert_str_eq(findings.differences[RF_LIMIT_LISTED - 1].id, "00009999");
    cr_assert(findings.cluster_count == 1);
    cr_assert(findings.clusters[0].count == ALL);
    cr_assert_str_eq(findings.clusters[0].samples[4], "00000004");
}

Test(compare, a_cluster_tells_from_and_to_only_where_all_members_share_them)
{
    struct play golden[3] = {STEADY, STEADY, STEADY};
    golden[1].id = "b";
    golden[2].id = "c";
    golden[2].states[3] = "{\"n\":2}";
    bless(golden, 3);
    begin();
    for (size_t i = 0; i < 3; i++) {
        struct play play = golden[i];
        play.states[3] = "{\"n\":9}";
        perform(&scene, rf_comparison_sink(comparison), &play);
    }
    finish();
    cr_assert(findings.cluster_count == 1);
    cr_assert(findings.clusters[0].count == 3);
    cr_assert(findings.clusters[0].from == NULL);
    cr_assert_str_eq(findings.clusters[0].to, "9");
    request.jobs = 2;
    begin();
    for (size_t i = 1; i < 3; i++) {
        struct play play = golden[i];
        play.states[3] = "{\"n\":9}";
        play.thread = i - 1;
        perform(&scene, rf_comparison_sink(comparison), &play);
    }
    finish();
    cr_assert(findings.cluster_count == 2, "one of changes, one of a missing line");
    for (size_t i = 0; i < 2; i++) {
        const struct rf_cluster *cluster = &findings.clusters[i];
        bool changed = cluster->kind == RF_DIFFERENCE_CHANGED;
        cr_assert(cluster->count == (changed ? 2 : 1));
        cr_assert(cluster->from == NULL && (cluster->to != NULL) == changed);
    }
}

Test(compare, a_cluster_is_of_one_type_also_behind_a_nul)
{
    static const char *const types[] = {"Paid\0a", "Paid\0b", "Paid\0a", "Paid"};
    static const size_t type_bytes[] = {6, 6, 6, 4};
    static const char *const ids[] = {"a", "b", "c", "d"};
    struct play plays[4];
    for (size_t i = 0; i < 4; i++) {
        plays[i] = STEADY;
        plays[i].id = ids[i];
        plays[i].types[3] = types[i];
        plays[i].type_bytes[3] = type_bytes[i];
    }
    bless(plays, 4);
    begin();
    for (size_t i = 0; i < 4; i++) {
        plays[i].states[3] = "{\"n\":9}";
        perform(&scene, rf_comparison_sink(comparison), &plays[i]);
    }
    finish();
    cr_assert(findings.cluster_count == 3, "%zu", findings.cluster_count);
    for (size_t i = 0; i < 4; i++) {
        const struct rf_difference *difference = &findings.differences[i];
        cr_assert(difference->suspect.type_bytes == type_bytes[i]);
        cr_assert(memcmp(difference->suspect.type, types[i], type_bytes[i]) == 0);
        size_t found = 0;
        while (strcmp(findings.clusters[found].key, difference->cluster) != 0) {
            found++;
            cr_assert(found < findings.cluster_count);
        }
        const struct rf_cluster *cluster = &findings.clusters[found];
        cr_assert(cluster->event_bytes == type_bytes[i]);
        cr_assert(memcmp(cluster->event, types[i], type_bytes[i]) == 0);
        cr_assert(cluster->count == (i % 2 == 0 ? 2 : 1));
    }
}
