/* SPDX-License-Identifier: MIT */
/* Accepting a part: which instances are alike, and that only the lines of those that were accepted
 * change. */
#include "tests/golden/scene.h"

#include <zlib.h>

#include "base/limits.h"
#include "fold/tee.h"
#include "golden/notes.h"
#include "golden/review.h"
#include "golden/review_file.h"

#define MOST_PLAYS 16

static struct scene scene;
static struct rf_bless_request asked;
static struct rf_bless_summary summary;
static struct rf_compare_request compared;
static struct rf_blessing *blessing;
static struct rf_findings findings;
static struct rf_damages damages;
static struct rf_review *review;

static void
set_up(void)
{
    scene_open(&scene);
    asked = (struct rf_bless_request){.folder = scene.folder,
                                      .goldens = &scene.goldens,
                                      .history = scene.history,
                                      .builds = scene.builds,
                                      .build_count = 1,
                                      .jobs = 2};
    compared = (struct rf_compare_request){.goldens = &scene.goldens,
                                           .history = scene.history,
                                           .builds = scene.builds,
                                           .build_count = 1,
                                           .require_golden = true,
                                           .keeps_members = true,
                                           .jobs = 2};
}

static void
forget(void)
{
    rf_review_free(review);
    rf_blessing_free(blessing);
    rf_findings_done(&findings);
    rf_damages_done(&damages);
    review = NULL;
    blessing = NULL;
}

static void
tear_down(void)
{
    forget();
    scene_done(&scene);
}

TestSuite(review, .init = set_up, .fini = tear_down);

static struct play
play_of(const char *id)
{
    return (struct play){
        .id = id,
        .count = 3,
        .states = {"{}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3,\"s\":\"new\"}"},
        .types = {NULL, "Created", "Paid", "Shipped"},
    };
}

/** Accepts all of these plays, as a bless without a choice does. */
static void
bless(const struct play *plays, size_t count)
{
    struct rf_bless_request all = asked;
    all.accepts = NULL;
    scene_load(&scene);
    struct rf_blessing *whole = rf_blessing_new(&all);
    for (size_t i = 0; i < count; i++) {
        perform(&scene, rf_blessing_sink(whole), &plays[i]);
    }
    cr_assert(rf_blessing_write(whole, &summary, NULL) == RF_OK);
    rf_blessing_free(whole);
}

/** One fold into comparison and blessing, up to the review. */
static void
compare(const struct play *plays, size_t count)
{
    forget();
    scene_load(&scene);
    blessing = rf_blessing_new(&asked);
    struct rf_comparison *comparison = rf_comparison_new(&compared);
    struct rf_tee tee = {rf_comparison_sink(comparison), rf_blessing_sink(blessing)};
    struct rf_fold_sink sink = rf_tee_sink(&tee);
    for (size_t i = 0; i < count; i++) {
        perform(&scene, &sink, &plays[i]);
    }
    rf_comparison_finish(comparison, &findings, &damages);
    rf_comparison_free(comparison);
    review = rf_review_new(&findings, blessing);
}

static void
write_accepted(void)
{
    struct rf_err err;
    asked.accepts = rf_review_accepts;
    asked.review = rf_review_lines;
    asked.accept_context = review;
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_OK, "%s", err.text);
}

/** The group whose first sample is this id. */
static struct rf_review_group *
group_of(const char *id)
{
    for (size_t i = 0; i < review->group_count; i++) {
        if (strcmp(review->groups[i].cluster.samples[0], id) == 0) {
            return &review->groups[i];
        }
    }
    cr_assert(false, "no group begins with %s", id);
    return NULL;
}

/** The golden's line of this id, without LF, owned; NULL: none. */
static char *
line_of(const char *id)
{
    char front[64];
    char *text = read_text_file(&scene, "order.ndjson");
    char *found = NULL;
    (void)snprintf(front, sizeof(front), "\"id\":\"%s\"", id);
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        cr_assert(end != NULL);
        *end = '\0';
        if (strstr(line, front) != NULL) {
            found = rf_strdup(line);
        }
        line = end + 1;
    }
    free(text);
    return found;
}

static void
expect_line(const char *id, const char *want)
{
    char *line = line_of(id);
    cr_assert((line == NULL) == (want == NULL), "%s: %s", id, line == NULL ? "none" : line);
    cr_assert(want == NULL || strcmp(line, want) == 0, "%s: %s, wanted %s", id, line, want);
    free(line);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/** Of each kind: a, b, c changed by code; d changed by data; e refused; f new; g gone; h crashed;
 * i the same. Returns how many plays there are. */
static size_t
make_all_kinds(struct play *plays)
{
    struct play old[] = {play_of("a"), play_of("b"), play_of("c"), play_of("d"),
                         play_of("e"), play_of("g"), play_of("h"), play_of("i")};
    for (size_t i = 0; i < 4; i++) {
        old[i].states[3] = "{\"n\":3,\"s\":\"old\"}";
    }
    bless(old, sizeof(old) / sizeof(old[0]));
    const char *const ids[] = {"a", "b", "c", "d", "e", "f", "h", "i"};
    size_t count = sizeof(ids) / sizeof(ids[0]);
    for (size_t i = 0; i < count; i++) {
        plays[i] = play_of(ids[i]);
    }
    plays[3].salt = 9;
    plays[4].ending = RF_ENDED_REJECTED;
    plays[4].fails_at = 3;
    plays[4].message = "Shipped: no";
    plays[6].ending = RF_ENDED_CRASHED;
    plays[6].fails_at = 2;
    plays[6].message = "SIGSEGV";
    plays[1].thread = 1;
    plays[4].thread = 1;
    return count;
}

Test(review, parts_clusters_by_cause_and_puts_the_largest_first)
{
    struct play plays[MOST_PLAYS];
    compare(plays, make_all_kinds(plays));
    cr_assert(review->group_count == 5, "%zu", review->group_count);
    cr_assert(review->unfit == 1, "the crashed one");
    const struct rf_review_group *code = &review->groups[0];
    cr_assert(code->count == 3 && code->cluster.count == 3 && !code->data);
    cr_assert(code->cluster.data_count == 0 && code->cluster.sample_count == 3);
    cr_assert_str_eq(code->cluster.samples[1], "b");
    const struct rf_review_group *data = group_of("d");
    cr_assert(data->count == 1 && data->data && data->cluster.data_count == 1);
    cr_assert_str_eq(data->cluster.key, code->cluster.key);
    cr_assert(group_of("e")->cluster.kind == RF_DIFFERENCE_REJECTED);
    cr_assert(group_of("f")->cluster.kind == RF_DIFFERENCE_UNBLESSED);
    cr_assert(group_of("g")->cluster.kind == RF_DIFFERENCE_MISSING);
    cr_assert(rf_review_count(review, RF_UNDECIDED) == 7);
}

Test(review, samples_are_those_of_the_part)
{
    struct play plays[] = {play_of("a"), play_of("bbb"), play_of("cc"), play_of("dddd")};
    for (size_t i = 0; i < 4; i++) {
        plays[i].states[3] = "{\"n\":0}";
    }
    bless(plays, 4);
    for (size_t i = 0; i < 4; i++) {
        plays[i].states[3] = "{\"n\":1}";
        plays[i].salt = i % 2;
    }
    compare(plays, 4);
    cr_assert(review->group_count == 2);
    for (size_t i = 0; i < 2; i++) {
        const struct rf_cluster *cluster = &review->groups[i].cluster;
        cr_assert(cluster->sample_count == 2);
        cr_assert_str_eq(cluster->samples[0], i == 0 ? "a" : "bbb");
        cr_assert_str_eq(cluster->samples[1], i == 0 ? "cc" : "dddd");
        cr_assert(cluster->sample_bytes[0] == (i == 0 ? 1 : 3));
        cr_assert(cluster->sample_bytes[1] == (i == 0 ? 2 : 4));
    }
}

Test(review, decides_of_groups_and_of_single_members)
{
    struct play plays[MOST_PLAYS];
    compare(plays, make_all_kinds(plays));
    struct rf_review_group *group = group_of("a");
    rf_review_decide_one(review, group, 1, RF_REJECTED);
    rf_review_decide(review, group, RF_ACCEPTED);
    cr_assert(rf_review_decision(review, group, 0) == RF_ACCEPTED);
    cr_assert(rf_review_decision(review, group, 1) == RF_REJECTED, "it was decided");
    cr_assert(group->decided[RF_ACCEPTED] == 2 && group->decided[RF_UNDECIDED] == 0);
    cr_assert(rf_review_accepts(review, "order", "a", 1));
    cr_assert(!rf_review_accepts(review, "order", "b", 1));
    cr_assert(!rf_review_accepts(review, "order", "d", 1), "of another group");
    cr_assert(!rf_review_accepts(review, "order", "i", 1), "it does not differ");
    cr_assert(!rf_review_accepts(review, "orders", "a", 1));
    group->reason = rf_strdup("so");
    rf_review_reset(review, group);
    cr_assert(group->decided[RF_UNDECIDED] == 3 && group->reason == NULL);
    cr_assert(!rf_review_accepts(review, "order", "a", 1));
    cr_assert(rf_review_count(review, RF_ACCEPTED) == 0);
}

/* What is listed is cut at a limit; what is accepted is not. */
Test(review, knows_the_members_of_clusters_beyond_what_is_listed)
{
    enum { ALL = 2 * RF_LIMIT_LISTED + 5000 };
    static char ids[ALL][8];
    struct rf_bless_request whole = asked;
    scene_load(&scene);
    blessing = rf_blessing_new(&whole);
    for (size_t i = 0; i < ALL; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%06zu", i);
        struct play play = play_of(ids[i]);
        play.states[3] = "{\"n\":0}";
        play.thread = i % 2;
        perform(&scene, rf_blessing_sink(blessing), &play);
    }
    cr_assert(rf_blessing_write(blessing, &summary, NULL) == RF_OK);
    forget();
    scene_load(&scene);
    blessing = rf_blessing_new(&asked);
    struct rf_comparison *comparison = rf_comparison_new(&compared);
    struct rf_tee tee = {rf_comparison_sink(comparison), rf_blessing_sink(blessing)};
    struct rf_fold_sink sink = rf_tee_sink(&tee);
    for (size_t i = 0; i < ALL; i++) {
        struct play play = play_of(ids[i]);
        play.states[3] = i % 5 == 0 ? "{\"n\":0,\"x\":1}" : "{\"n\":7}";
        play.thread = i % 2;
        perform(&scene, &sink, &play);
    }
    rf_comparison_finish(comparison, &findings, &damages);
    rf_comparison_free(comparison);
    cr_assert(findings.difference_count == RF_LIMIT_LISTED && findings.members->count == ALL);
    review = rf_review_new(&findings, blessing);
    cr_assert(review->group_count == 2 && review->groups[0].count == ALL / 5 * 4);
    rf_review_decide(review, &review->groups[1], RF_ACCEPTED);
    write_accepted();
    cr_assert(summary.changed == ALL / 5 && summary.kept == ALL / 5 * 4);
    scene_load(&scene);
    for (size_t i = 0; i < ALL; i++) {
        const char *want = i % 5 == 0 ? "{\"n\":0,\"x\":1}" : "{\"n\":0}";
        const struct rf_golden_line *line = &scene.goldens.items[0].lines[i];
        cr_assert(strncmp(line->state, want, strlen(want)) == 0, "%zu", i);
    }
}

Test(review, a_member_tells_what_the_listed_difference_tells)
{
    struct play plays[MOST_PLAYS];
    compare(plays, make_all_kinds(plays));
    cr_assert(findings.members->count == findings.difference_count);
    for (size_t i = 0; i < findings.difference_count; i++) {
        const struct rf_difference *listed = &findings.differences[i];
        struct rf_difference made =
            rf_member_difference(&findings.members->items[i], scene.history);
        cr_assert_str_eq(made.aggregate, listed->aggregate);
        cr_assert_str_eq(made.id, listed->id);
        cr_assert_str_eq(made.cluster, listed->cluster);
        cr_assert(made.version == listed->version && made.kind == listed->kind);
        cr_assert(made.cause == listed->cause);
        cr_assert((made.message == NULL) == (listed->message == NULL));
        cr_assert(made.message == NULL || strcmp(made.message, listed->message) == 0);
        cr_assert(made.suspect.basis == listed->suspect.basis);
        cr_assert(made.suspect.version == listed->suspect.version);
        cr_assert(made.suspect.offset == listed->suspect.offset);
        cr_assert(made.suspect.at.seconds == listed->suspect.at.seconds);
        cr_assert(made.suspect.has_at == listed->suspect.has_at);
        if (listed->suspect.basis != RF_BASIS_NONE) {
            cr_assert_str_eq(made.suspect.type, listed->suspect.type);
            cr_assert_str_eq(made.suspect.object, listed->suspect.object);
        }
        rf_difference_done(&made);
    }
}

/* ---- what is written ------------------------------------------------------------------------- */

Test(review, writes_the_lines_that_were_accepted_and_no_others)
{
    struct play plays[MOST_PLAYS];
    size_t count = make_all_kinds(plays);
    const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    const char *const first[] = {"a", "d", "e", "f", "g"};
    char *before = read_text_file(&scene, "order.ndjson");
    for (size_t k = 0; k < sizeof(first) / sizeof(first[0]); k++) {
        char *old[9];
        write_text(&scene, "order.ndjson", before);
        for (size_t i = 0; i < 9; i++) {
            old[i] = line_of(ids[i]);
        }
        compare(plays, count);
        rf_review_decide(review, group_of(first[k]), RF_ACCEPTED);
        write_accepted();
        for (size_t i = 0; i < 9; i++) {
            if (rf_review_accepts(review, "order", ids[i], 1)) {
                char *line = line_of(ids[i]);
                cr_assert(line == NULL || old[i] == NULL || strcmp(line, old[i]) != 0, "%s",
                          ids[i]);
                cr_assert((line == NULL) == (ids[i][0] == 'g'), "%s", ids[i]);
                free(line);
            } else {
                expect_line(ids[i], old[i]);
            }
            free(old[i]);
        }
        size_t accepted = rf_review_count(review, RF_ACCEPTED);
        uint64_t others = findings.differences_total - accepted;
        compare(plays, count);
        cr_assert(findings.differences_total == others, "a run afterwards shows the rest: %s",
                  first[k]);
        cr_assert(scene.goldens.items[0].sealed && !scene.goldens.items[0].edited, "%s", first[k]);
        cr_assert(damages.count == 0);
    }
    free(before);
}

Test(review, all_accepted_leaves_nothing_to_find)
{
    struct play plays[MOST_PLAYS];
    size_t count = make_all_kinds(plays);
    compare(plays, count);
    for (size_t i = 0; i < review->group_count; i++) {
        rf_review_decide(review, &review->groups[i], RF_ACCEPTED);
    }
    write_accepted();
    cr_assert(summary.added == 1 && summary.changed == 5 && summary.removed == 1 &&
              summary.unfit == 1);
    compare(plays, count);
    cr_assert(findings.differences_total == 1, "the crashed one");
}

/* What was shown is what is accepted: later events are no part of it. */
Test(review, an_accepted_line_keeps_its_version)
{
    struct play play = play_of("a");
    play.states[3] = "{\"n\":1}";
    bless(&play, 1);
    play.states[3] = "{\"n\":2}";
    play.count = 5;
    play.states[4] = "{\"n\":4}";
    play.states[5] = "{\"n\":5}";
    compare(&play, 1);
    rf_review_decide(review, &review->groups[0], RF_ACCEPTED);
    write_accepted();
    char *line = line_of("a");
    cr_assert(strstr(line, "\"state\":{\"n\":2},\"version\":3}") != NULL, "%s", line);
    free(line);
}

Test(review, at_head_the_last_state_is_accepted)
{
    struct play play = play_of("a");
    bless(&play, 1);
    play.count = 4;
    play.states[4] = "{\"n\":4}";
    compared.at_head = true;
    compare(&play, 1);
    rf_review_decide(review, &review->groups[0], RF_ACCEPTED);
    write_accepted();
    char *line = line_of("a");
    cr_assert(strstr(line, "\"state\":{\"n\":4},\"version\":4}") != NULL, "%s", line);
    free(line);
}

/* The snapshot is at the golden's version, the refused event comes later: its line is the one that
 * any bless writes. */
Test(review, a_refusal_behind_the_goldens_version_is_written_with_the_state_before_it)
{
    struct play plays[] = {play_of("a"), play_of("b")};
    plays[1].count = 1;
    bless(plays, 2);
    plays[1].count = 5;
    plays[1].states[4] = "{\"n\":4}";
    plays[1].states[5] = "{\"n\":5}";
    plays[1].ending = RF_ENDED_REJECTED;
    plays[1].fails_at = 5;
    plays[1].message = "Event: no";
    char *golden = read_text_file(&scene, "order.ndjson");
    bless(plays, 2);
    char *want = line_of("b");
    cr_assert(strstr(want, "\"state\":{\"n\":4},\"version\":4}") != NULL, "%s", want);
    write_text(&scene, "order.ndjson", golden);
    compare(plays, 2);
    cr_assert(review->group_count == 1 && group_of("b")->cluster.kind == RF_DIFFERENCE_REJECTED);
    rf_review_decide(review, group_of("b"), RF_ACCEPTED);
    write_accepted();
    expect_line("b", want);
    free(golden);
    free(want);
}

/** Those of a batch wait together, and are traced one after the other. */
Test(review, each_refusal_of_a_batch_gets_its_own_state)
{
    enum { COUNT = 4 };
    static const char *const ids[COUNT] = {"a", "b", "c", "d"};
    scene_load(&scene);
    blessing = rf_blessing_new(&asked);
    const struct rf_fold_sink *sink = rf_blessing_sink(blessing);
    struct play play = play_of("a");
    struct rf_packed_event events[2] = {make_event(&scene, &play, 1), make_event(&scene, &play, 2)};
    struct rf_step steps[2] = {{.event = &events[0], .version = 1},
                               {.event = &events[1], .version = 2}};
    struct rf_instance instances[COUNT] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        instances[i] = (struct rf_instance){.aggregate_name = "order",
                                            .id = ids[i],
                                            .id_bytes = 1,
                                            .steps = steps,
                                            .step_count = 2,
                                            .last_version = 2};
        struct rf_outcome outcome = {.instance = &instances[i],
                                     .ending = RF_ENDED_REJECTED,
                                     .applied = 1,
                                     .at = &events[1],
                                     .at_version = 2,
                                     .state = "{}",
                                     .state_bytes = 2,
                                     .message = "no"};
        cr_assert(sink->outcome(sink->context, 0, &outcome));
    }
    for (size_t i = 0; i < COUNT; i++) {
        char *state = rf_format("{\"n\":%zu}", i);
        sink->trace(sink->context, 0, &instances[i], 1, state, strlen(state), 0);
        sink->traced(sink->context, 0, &instances[i], true);
        free(state);
    }
    struct rf_err err;
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_OK, "%s", err.text);
    for (size_t i = 0; i < COUNT; i++) {
        char *line = line_of(ids[i]);
        char *want = rf_format("\"state\":{\"n\":%zu},\"version\":1}", i);
        cr_assert(line != NULL && strstr(line, want) != NULL, "%s: %s", ids[i], line);
        free(want);
        free(line);
    }
}

Test(review, a_refusal_whose_trace_was_lost_cannot_be_accepted)
{
    struct play play = play_of("a");
    play.count = 1;
    bless(&play, 1);
    char *before = line_of("a");
    play.count = 3;
    play.ending = RF_ENDED_REJECTED;
    play.fails_at = 3;
    play.message = "no";
    play.lost_trace = true;
    compare(&play, 1);
    cr_assert(review->group_count == 0 && review->unfit == 1);
    write_accepted();
    cr_assert(summary.unfit == 1);
    expect_line("a", before);
    free(before);
}

Test(review, nothing_accepted_touches_no_file)
{
    static const char unsealed[] = "{\"id\":\"a\",\"state\":{\"n\":1},\"version\":3}\n";
    write_text(&scene, "order.ndjson", unsealed);
    struct play plays[] = {play_of("a"), play_of("b")};
    compare(plays, 2);
    rf_review_decide(review, group_of("a"), RF_REJECTED);
    rf_review_decide(review, group_of("b"), RF_SKIPPED);
    write_accepted();
    cr_assert(count_files(scene.folder, "") == 1, "no meta file, no reviews");
    char *text = read_text_file(&scene, "order.ndjson");
    cr_assert_str_eq(text, unsealed);
    free(text);
    cr_assert(summary.files == 0 && summary.kept == 1);
}

Test(review, a_dry_run_tells_the_same_and_touches_no_file)
{
    struct play plays[] = {play_of("a"), play_of("b")};
    plays[0].states[3] = "{}";
    bless(plays, 1);
    char *before = read_text_file(&scene, "order.ndjson");
    plays[0] = play_of("a");
    for (int dry = 1; dry >= 0; dry--) {
        asked.dry_run = dry == 1;
        compare(plays, 2);
        rf_review_decide(review, group_of("a"), RF_ACCEPTED);
        rf_review_decide(review, group_of("b"), RF_ACCEPTED);
        write_accepted();
        size_t parts;
        const struct rf_bless_part *part = rf_blessing_parts(blessing, &parts);
        cr_assert(summary.added == 1 && summary.changed == 1 && summary.files == 1, "%d", dry);
        cr_assert(parts == 1 && strcmp(part->aggregate, "order") == 0);
        cr_assert(part->counts.added == 1 && part->counts.changed == 1);
        char *after = read_text_file(&scene, "order.ndjson");
        cr_assert((strcmp(before, after) == 0) == (dry == 1));
        cr_assert(count_files(scene.folder, "reviews") == (dry == 1 ? 0 : 1));
        free(after);
    }
    free(before);
}

Test(review, a_compressed_golden_stays_compressed)
{
    char path[256];
    struct play plays[] = {play_of("a"), play_of("b")};
    (void)snprintf(path, sizeof(path), "%s/order.ndjson.gz", scene.folder);
    cr_assert(gzclose(gzopen(path, "wb")) == Z_OK);
    plays[0].states[3] = plays[1].states[3] = "{}";
    plays[1].states[2] = "{\"m\":1}";
    bless(plays, 2);
    plays[0] = play_of("a");
    plays[1] = play_of("b");
    plays[1].states[3] = "{\"m\":1}";
    compare(plays, 2);
    rf_review_decide(review, group_of("b"), RF_ACCEPTED);
    write_accepted();
    scene_load(&scene);
    const struct rf_golden *golden = &scene.goldens.items[0];
    cr_assert(golden->count == 2 && golden->sealed && !golden->edited);
    cr_assert(strncmp(golden->lines[0].state, "{}", 2) == 0);
    cr_assert(strncmp(golden->lines[1].state, "{\"m\":1}", 7) == 0);
    cr_assert(count_files(scene.folder, "order.ndjson") == 1);
    cr_assert(count_files(scene.folder, "order.reviews.jsonl") == 1);
}

/* ---- the reviews beside the golden ----------------------------------------------------------- */

Test(review, keeps_a_line_for_each_accepted_group)
{
    struct play plays[MOST_PLAYS];
    char want[1024];
    compare(plays, make_all_kinds(plays));
    struct rf_review_group *code = group_of("a");
    rf_review_decide_one(review, code, 0, RF_ACCEPTED);
    rf_review_decide_one(review, code, 2, RF_ACCEPTED);
    rf_review_decide(review, code, RF_REJECTED);
    code->reason = rf_strdup("as \"planned\"\xe2\x80\xae");
    rf_review_decide(review, group_of("d"), RF_ACCEPTED);
    rf_review_decide(review, group_of("e"), RF_ACCEPTED);
    rf_review_decide(review, group_of("f"), RF_SKIPPED);
    write_accepted();
    char *text = read_text_file(&scene, "order.reviews.jsonl");
    (void)snprintf(want, sizeof(want),
                   "{\"cluster\":\"%s\",\"count\":2,\"event\":\"Shipped\",\"from\":\"old\","
                   "\"kind\":\"changed\",\"of\":3,\"paths\":[\"/s\"],"
                   "\"reason\":\"as \\\"planned\\\"\xe2\x80\xae\",\"to\":\"new\"}\n"
                   "{\"cause\":\"data\",\"cluster\":\"%s\",\"count\":1,\"event\":\"Shipped\","
                   "\"from\":\"old\",\"kind\":\"changed\",\"paths\":[\"/s\"],\"to\":\"new\"}\n"
                   "{\"cluster\":\"%s\",\"count\":1,\"event\":\"Shipped\",\"kind\":\"rejected\","
                   "\"paths\":[]}\n",
                   code->cluster.key, code->cluster.key, group_of("e")->cluster.key);
    cr_assert_str_eq(text, want);
    free(text);
}

Test(review, adds_to_the_reviews_and_takes_them_for_no_golden)
{
    struct play plays[] = {play_of("a"), play_of("b")};
    write_text(&scene, "order.reviews.jsonl", "by hand, without an end");
    compare(plays, 1);
    rf_review_decide(review, group_of("a"), RF_ACCEPTED);
    write_accepted();
    compare(plays, 2);
    cr_assert(scene.goldens.count == 1 && damages.count == 0);
    rf_review_decide(review, group_of("b"), RF_ACCEPTED);
    write_accepted();
    char *text = read_text_file(&scene, "order.reviews.jsonl");
    char want[512];
    (void)snprintf(want, sizeof(want),
                   "by hand, without an end\n"
                   "{\"cluster\":\"%s\",\"count\":1,\"kind\":\"unblessed\",\"paths\":[]}\n"
                   "{\"cluster\":\"%s\",\"count\":1,\"kind\":\"unblessed\",\"paths\":[]}\n",
                   group_of("b")->cluster.key, group_of("b")->cluster.key);
    cr_assert_str_eq(text, want);
    free(text);
}

Test(review, reviews_that_cannot_be_read_change_nothing)
{
    char path[256];
    struct rf_err err;
    struct play play = play_of("a");
    (void)snprintf(path, sizeof(path), "%s/order.reviews.jsonl", scene.folder);
    cr_assert(mkdir(path, 0700) == 0);
    compare(&play, 1);
    rf_review_decide(review, group_of("a"), RF_ACCEPTED);
    asked.accepts = rf_review_accepts;
    asked.review = rf_review_lines;
    asked.accept_context = review;
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_ERR_OUTPUT);
    cr_assert(strstr(err.where, "order.reviews.jsonl") != NULL, "%s", err.where);
    cr_assert(count_files(scene.folder, "order.ndjson") == 0);
}
