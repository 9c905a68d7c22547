/* SPDX-License-Identifier: MIT */
/* Which lines lie: what the comparison found, and what goes on from them otherwise. */
#include "golden/proof.h"

#include "tests/golden/scene.h"

static struct scene scene;
static struct rf_build other_build;
static struct rf_build *builds[2];
static struct rf_bless_request request;
static struct rf_findings findings;
static struct rf_findings ends[2];
static struct rf_damages damages;

static const struct play STEADY = {
    .id = "a",
    .count = 2,
    .states = {"{}", "{\"n\":1}", "{\"n\":2}"},
};

static void
set_up(void)
{
    static char name[] = "parcel";
    scene_open(&scene);
    other_build.name = name;
    builds[0] = &scene.build;
    builds[1] = &other_build;
    request = (struct rf_bless_request){
        .folder = scene.folder,
        .goldens = &scene.goldens,
        .history = scene.history,
        .builds = builds,
        .build_count = 2,
        .jobs = 1,
    };
}

static void
tear_down(void)
{
    rf_findings_done(&findings);
    rf_findings_done(&ends[0]);
    rf_findings_done(&ends[1]);
    rf_damages_done(&damages);
    scene_done(&scene);
}

TestSuite(proof, .init = set_up, .fini = tear_down);

/** Folds these to their end; for rf_blessing_free. */
static struct rf_blessing *
fold(const struct play *plays, size_t count, struct rf_findings *ret)
{
    struct rf_blessing *blessing = rf_blessing_new(&request);
    for (size_t i = 0; i < count; i++) {
        perform(&scene, rf_blessing_sink(blessing), &plays[i]);
    }
    rf_blessing_finish(blessing, ret);
    return blessing;
}

static void
bless(const struct play *plays, size_t count)
{
    struct rf_err err;
    struct rf_findings blessed;
    struct rf_bless_summary summary;
    scene_load(&scene);
    struct rf_blessing *blessing = fold(plays, count, &blessed);
    rf_findings_done(&blessed);
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_OK, "%s: %s", err.where, err.text);
    rf_blessing_free(blessing);
    scene_load(&scene);
}

/** Proves the golden: `whole` is what the history folds to, `rest` what goes on from the lines. */
static struct rf_proof
prove(const struct play *whole, const struct play *rest, size_t count)
{
    const struct rf_compare_request compare = {
        .goldens = &scene.goldens,
        .history = scene.history,
        .builds = builds,
        .build_count = 2,
        .jobs = 1,
        .keeps_members = true,
        .only_lines = true,
    };
    struct rf_comparison *comparison = rf_comparison_new(&compare);
    for (size_t i = 0; i < count; i++) {
        perform(&scene, rf_comparison_sink(comparison), &whole[i]);
    }
    rf_comparison_finish(comparison, &findings, &damages);
    rf_comparison_free(comparison);
    struct rf_evidence evidence = {
        .goldens = &scene.goldens,
        .findings = &findings,
        .whole = fold(whole, count, &ends[0]),
        .rest = fold(rest, count, &ends[1]),
        .rest_findings = &ends[1],
    };
    struct rf_proof proof;
    rf_prove(&evidence, &proof);
    rf_blessing_free(evidence.whole);
    rf_blessing_free(evidence.rest);
    return proof;
}

/** a and b of each of two aggregates. */
static void
make_plays(struct play plays[4])
{
    static const char *const ids[] = {"a", "b"};
    static const char *const aggregates[] = {"order", "parcel"};
    for (size_t i = 0; i < 4; i++) {
        plays[i] = STEADY;
        plays[i].id = ids[i % 2];
        plays[i].aggregate = aggregates[i / 2];
    }
}

static const struct rf_tally *
tally_of(const char *aggregate)
{
    for (size_t i = 0; i < findings.tally_count; i++) {
        if (strcmp(findings.tallies[i].name, aggregate) == 0) {
            return &findings.tallies[i];
        }
    }
    cr_assert_fail("no tally of %s", aggregate);
    return NULL;
}

Test(proof, finds_no_lie_where_all_is_as_blessed)
{
    struct play plays[4];
    make_plays(plays);
    bless(plays, 4);
    struct rf_proof proof = prove(plays, plays, 4);
    cr_expect(proof.lines == 4 && proof.lies == 0 && proof.first == NULL);
    cr_expect(findings.differences_total == 0 && tally_of("order")->same == 2);
}

Test(proof, calls_changed_what_goes_on_to_another_end_and_nothing_else)
{
    struct play plays[4];
    struct play rest[4];
    make_plays(plays);
    bless(plays, 4);
    for (size_t i = 0; i < 4; i++) {
        plays[i].count = 3;
        plays[i].states[3] = "{\"n\":3}";
    }
    memcpy(rest, plays, sizeof(rest));
    rest[3].states[3] = "{\"n\":7}";
    struct rf_proof proof = prove(plays, rest, 4);
    cr_expect(proof.lines == 4 && proof.lies == 1);
    cr_assert(proof.first != NULL && proof.first_line == 1);
    cr_expect_str_eq(proof.first->aggregate, "parcel");
    cr_expect(strstr(proof.why, "does not end as it does") != NULL, "%s", proof.why);
    cr_expect(tally_of("order")->same == 2 && tally_of("order")->changed == 0);
    cr_expect(tally_of("parcel")->same == 1 && tally_of("parcel")->changed == 1);
    cr_assert(findings.differences_total == 1 && findings.difference_count == 1);
    cr_expect_str_eq(findings.differences[0].id, "b");
    cr_expect_eq(findings.differences[0].version, 2);
    cr_expect(findings.cluster_count == 1 && findings.clusters[0].count == 1);
}

Test(proof, counts_a_line_that_the_comparison_found_once)
{
    struct play plays[4];
    make_plays(plays);
    bless(plays, 4);
    plays[0].states[2] = "{\"n\":9}";
    struct rf_proof proof = prove(plays, plays, 4);
    cr_expect(proof.lines == 4 && proof.lies == 1 && proof.first_line == 0);
    cr_expect(strstr(proof.why, "not the one that the history folds to") != NULL, "%s", proof.why);
    cr_expect(findings.differences_total == 1);
    cr_expect(tally_of("order")->same == 1 && tally_of("order")->changed == 1);
}

Test(proof, says_where_the_history_has_no_such_instance)
{
    struct play plays[4];
    make_plays(plays);
    bless(plays, 4);
    struct rf_proof proof = prove(&plays[1], &plays[1], 3);
    cr_expect(proof.lines == 4 && proof.lies == 1 && proof.first_line == 0);
    cr_expect_str_eq(proof.why, "the history has no such instance");
    cr_expect(findings.differences_total == 1 && tally_of("order")->missing == 1);
}

Test(proof, says_why_what_goes_on_falls)
{
    struct play plays[4];
    struct play rest[4];
    make_plays(plays);
    bless(plays, 4);
    for (size_t i = 0; i < 4; i++) {
        plays[i].count = 3;
        plays[i].states[3] = "{\"n\":3}";
    }
    memcpy(rest, plays, sizeof(rest));
    rest[0].ending = RF_ENDED_CRASHED;
    rest[0].fails_at = 3;
    rest[0].message = "SIGSEGV";
    struct rf_proof proof = prove(plays, rest, 4);
    cr_expect(proof.lies == 1 && tally_of("order")->changed == 1);
    cr_assert(findings.differences_total == 1);
    cr_expect_str_eq(findings.differences[0].message, "SIGSEGV");
}

Test(proof, does_not_take_what_is_cut_short_for_the_same)
{
    struct play plays[4];
    struct play rest[4];
    make_plays(plays);
    bless(plays, 4);
    memcpy(rest, plays, sizeof(rest));
    plays[0].count = 1; /* what goes on from the line ends there */
    struct rf_proof proof = prove(plays, rest, 4);
    const struct rf_tally *tally = tally_of("order");
    cr_expect(proof.lies == 1 && damages.totals[RF_DAMAGE_CUT_SHORT] == 1);
    cr_expect(tally->cut_short == 1 && tally->same == 1 && tally->changed == 0);
    cr_expect(strstr(proof.why, "ends in front of its version") != NULL, "%s", proof.why);
    cr_assert(findings.differences_total == 1);
    cr_expect_str_eq(findings.differences[0].message, proof.why);
}

static void
end_behind_its_version(struct play *play, enum rf_ending ending)
{
    play->count = 3;
    play->states[3] = "{\"n\":3}";
    play->ending = ending;
    play->fails_at = 3;
    play->message = "no";
}

Test(proof, a_line_is_compared_where_an_event_behind_it_is_refused)
{
    struct play plays[4];
    make_plays(plays);
    bless(plays, 4);
    end_behind_its_version(&plays[0], RF_ENDED_REJECTED);
    struct rf_proof proof = prove(plays, plays, 4);
    const struct rf_tally *tally = tally_of("order");
    cr_expect(proof.lines == 4 && proof.lies == 0 && findings.differences_total == 0);
    cr_expect(tally->same == 2 && tally->refused == 1 && tally->rejected == 0);
}

Test(proof, a_line_that_is_wrong_is_no_better_for_a_refused_event_behind_it)
{
    struct play plays[4];
    make_plays(plays);
    bless(plays, 4);
    end_behind_its_version(&plays[0], RF_ENDED_REJECTED);
    plays[0].states[2] = "{\"n\":9}";
    struct rf_proof proof = prove(plays, plays, 4);
    cr_expect(proof.lies == 1 && proof.first_line == 0);
    cr_expect(strstr(proof.why, "not the one that the history folds to") != NULL, "%s", proof.why);
    cr_expect(tally_of("order")->changed == 1 && tally_of("order")->rejected == 0);
    cr_assert(findings.difference_count == 1);
    cr_expect(findings.differences[0].version == 2);
}

static void
expect_falls_behind(enum rf_ending ending)
{
    struct play plays[4];
    make_plays(plays);
    bless(plays, 4);
    end_behind_its_version(&plays[0], ending);
    struct rf_proof proof = prove(plays, plays, 4);
    const struct rf_tally *tally = tally_of("order");
    cr_expect(proof.lies == 1 && tally->crashed + tally->hung == 1);
    cr_expect(strstr(proof.why, "behind its version the code falls") != NULL, "%s", proof.why);
}

Test(proof, does_not_say_that_a_line_is_wrong_because_of_a_crash_behind_it)
{
    expect_falls_behind(RF_ENDED_CRASHED);
}

Test(proof, does_not_say_that_a_line_is_wrong_because_of_a_hang_behind_it)
{
    expect_falls_behind(RF_ENDED_HUNG);
}
