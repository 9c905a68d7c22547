/* SPDX-License-Identifier: MIT */
/* Where two builds part: every class of rf_parting_sink's comment, through folds whose states are
 * given. */
#include "golden/parting.h"

#include "tests/golden/scene.h"

#include "base/hash.h"
#include "base/limits.h"
#include "worker/trail.h"

static struct scene scene;
static struct rf_parting_request request;
static struct rf_parting *parting;
static struct rf_findings findings;

static void
set_up(void)
{
    memset(&request, 0, sizeof(request));
    scene_open(&scene);
    request.history = scene.history;
    request.builds = scene.builds;
    request.build_count = 1;
    request.jobs = 1;
}

static void
tear_down(void)
{
    rf_findings_done(&findings);
    rf_parting_free(parting);
    scene_done(&scene);
}

TestSuite(parting, .init = set_up, .fini = tear_down);

/* ---- a fold of two builds whose states are given ----------------------------------------------
 */

/** An instance of the scene, on the heap: a pair's states come later. */
struct staged {
    struct rf_packed_event events[MOST_STEPS + 1];
    struct rf_step steps[MOST_STEPS + 1];
    struct rf_instance instance;
    const struct play *base, *head;
    uint64_t after;
    bool wanted;
};

static bool
is_fallen(const struct play *play)
{
    return play->ending == RF_ENDED_CRASHED || play->ending == RF_ENDED_HUNG;
}

/** Fills the outcome of one of two plays; `trail` has room for it. A hash is that of the state's
 * text, as a worker's would be where nothing is left out; "?…" cannot be told. */
static struct rf_outcome
make_outcome(const struct staged *staged, const struct play *play, bool is_base, uint64_t *trail)
{
    size_t applied = play->fails_at == 0 ? play->count : play->fails_at - 1;
    bool nan = play->nonfinite != NULL && applied >= play->nonfinite_from;
    bool no_state = is_base || is_fallen(play) || nan;
    for (size_t i = 0; i <= applied; i++) {
        uint64_t hash = rf_hash(play->states[i], strlen(play->states[i]), 0);
        trail[i] = (hash & ~RF_TRAIL_UNTOLD) | (play->states[i][0] == '?' ? RF_TRAIL_UNTOLD : 0);
    }
    return (struct rf_outcome){
        .instance = &staged->instance,
        .ending = play->ending,
        .applied = applied,
        .at = play->fails_at == 0 ? NULL : &staged->events[play->fails_at - 1],
        .at_version = play->fails_at == 0 ? 0 : staged->steps[play->fails_at - 1].version,
        .state = no_state ? NULL : play->states[applied],
        .state_bytes = no_state ? 0 : strlen(play->states[applied]),
        .state_steps = is_fallen(play) ? 0 : applied,
        .state_digest = digest_of(&scene, play, applied),
        .nonfinite = nan && !is_base ? play->nonfinite : NULL,
        .message = play->message,
        .trail = trail,
        .trail_count = is_fallen(play) ? 0 : applied + 1,
        .state_hash = is_fallen(play) || nan
                          ? 0
                          : rf_hash(play->states[applied], strlen(play->states[applied]), 0),
    };
}

/** Owned by the caller. Both plays are of the same events, those of HEAD's. */
static struct staged *
offer(const struct play *base, const struct play *head)
{
    uint64_t base_trail[MOST_STEPS + 1];
    uint64_t head_trail[MOST_STEPS + 1];
    struct staged *staged = rf_calloc(1, sizeof(*staged));
    const char *name = head->aggregate == NULL ? "order" : head->aggregate;
    const struct rf_pair_sink *sink = rf_parting_sink(parting);
    for (size_t i = 1; i <= head->count; i++) {
        staged->events[i - 1] = make_event(&scene, head, i);
        staged->steps[i - 1] = (struct rf_step){
            .event = &staged->events[i - 1], .ref = i, .version = version_of(head, i)};
    }
    staged->instance = (struct rf_instance){
        .aggregate = rf_names_number(rf_history_names(scene.history), name, strlen(name)),
        .aggregate_name = name,
        .id = head->id,
        .id_bytes = strlen(head->id),
        .steps = staged->steps,
        .step_count = head->count,
    };
    staged->base = base;
    staged->head = head;
    struct rf_outcome ours = make_outcome(staged, base, true, base_trail);
    struct rf_outcome theirs = make_outcome(staged, head, false, head_trail);
    staged->wanted = sink->pair(sink->context, head->thread, &ours, &theirs, &staged->after);
    cr_assert(!staged->wanted ||
              (staged->after < ours.trail_count && staged->after < theirs.trail_count));
    return staged;
}

static struct rf_pair_state
state_of(const struct play *play, uint64_t after)
{
    struct rf_pair_state state = {0};
    if (play->lost_trace) {
        state.message = "folded again, its worker ends: SIGSEGV (segmentation fault)";
    } else if (play->nonfinite != NULL && after >= play->nonfinite_from) {
        state.nonfinite = play->nonfinite;
    } else if (play->states[after][0] == '?') {
        state.message = play->states[after] + 1;
    } else {
        state.text = play->states[after];
        state.bytes = strlen(state.text);
    }
    return state;
}

/** Gives the states that were asked for, if any, and forgets the instance. */
static void
settle(struct staged *staged)
{
    const struct rf_pair_sink *sink = rf_parting_sink(parting);
    if (staged->wanted) {
        struct rf_pair_state base = state_of(staged->base, staged->after);
        struct rf_pair_state head = state_of(staged->head, staged->after);
        sink->states(sink->context, staged->head->thread, &staged->instance, &base, &head);
    }
    free(staged);
}

static void
begin(void)
{
    rf_parting_free(parting);
    parting = rf_parting_new(&request);
}

static void
finish(void)
{
    rf_findings_done(&findings);
    rf_parting_finish(parting, &findings);
}

static void
compare(const struct play *base, const struct play *head)
{
    begin();
    settle(offer(base, head));
    finish();
}

/* ---- what is found --------------------------------------------------------------------------- */

/** The one instance is in this class of "order", and in no other. */
static void
expect_class(const char *class, bool compared)
{
    cr_assert(findings.tally_count == 1);
    const struct rf_tally *t = &findings.tallies[0];
    const struct {
        const char *name;
        uint64_t count;
    } classes[] = {
        {"same", t->same},           {"changed", t->changed}, {"rejected", t->rejected},
        {"crashed", t->crashed},     {"hung", t->hung},       {"unblessed", t->unblessed},
        {"missing", t->missing},     {"impure", t->impure},   {"uncompared", t->uncompared},
        {"cut short", t->cut_short},
    };
    cr_expect_str_eq(t->name, "order");
    cr_expect(t->instances == 1);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        cr_expect(classes[i].count == (strcmp(classes[i].name, class) == 0), "%s: %d, not %s",
                  classes[i].name, (int)classes[i].count, class);
    }
    cr_expect(t->compared == compared && findings.compared.count == compared);
    cr_expect(t->compared == t->same + t->changed);
    cr_expect(findings.history.count == 1);
    cr_expect(findings.differences_total == (strcmp(class, "same") != 0));
}

static const struct rf_difference *
only_difference(void)
{
    cr_assert(findings.difference_count == 1);
    return &findings.differences[0];
}

static void
expect_difference(enum rf_difference_kind kind, int64_t version, const char *message)
{
    const struct rf_difference *difference = only_difference();
    cr_expect(difference->kind == kind, "%s", rf_difference_name(difference->kind));
    cr_expect(difference->version == version, "@%d", (int)difference->version);
    cr_expect(difference->cause == RF_CAUSE_CODE);
    cr_expect((difference->message == NULL) == (message == NULL), "%s", difference->message);
    cr_expect(message == NULL || strcmp(difference->message, message) == 0, "%s, not %s",
              difference->message, message);
    cr_expect(findings.cluster_count == 1 && findings.clusters[0].count == 1);
    cr_expect_str_eq(findings.clusters[0].key, difference->cluster);
}

static void
expect_suspect(enum rf_basis basis, int64_t version, const char *type)
{
    const struct rf_suspect *suspect = &only_difference()->suspect;
    cr_expect(suspect->basis == basis && suspect->version == version);
    cr_expect_str_eq(suspect->type, type);
    cr_expect(suspect->has_at && suspect->at.seconds == 1000 + version);
    cr_expect_str_eq(suspect->object, "2024/01/02/03/stream-1");
    cr_expect(suspect->offset == 100 * (uint64_t)version);
}

static void
expect_change(size_t index, const char *path, const char *old, const char *value)
{
    const struct rf_changes *changes = &only_difference()->changes;
    cr_assert(index < changes->count);
    cr_expect_str_eq(changes->items[index].path, path);
    cr_expect_str_eq(changes->items[index].old, old);
    cr_expect_str_eq(changes->items[index].value, value);
}

/* An order of four events. */
static const struct play STEADY = {
    .id = "a",
    .count = 4,
    .states = {"{}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":4}"},
    .types = {NULL, "Created", "Paid", "Shipped", "Closed"},
};

static struct play
with_state(struct play play, size_t step, const char *state)
{
    play.states[step] = state;
    return play;
}

static struct play
ended(struct play play, enum rf_ending ending, size_t fails_at, const char *message)
{
    play.ending = ending;
    play.fails_at = fails_at;
    play.message = message;
    return play;
}

/* ---- the same -------------------------------------------------------------------------------- */

Test(parting, calls_equal_states_the_same)
{
    compare(&STEADY, &STEADY);
    expect_class("same", true);
    cr_expect(findings.tallies[0].refused == 0);
    cr_expect(findings.cluster_count == 0 && findings.difference_count == 0);
    cr_expect(findings.tallies[0].events == 4 && findings.tallies[0].ignored_only == 0);
}

Test(parting, calls_the_same_refusal_of_the_same_event_the_same)
{
    struct play refused = ended(STEADY, RF_ENDED_REJECTED, 3, "Shipped: no");
    compare(&refused, &refused);
    expect_class("same", true);
    cr_expect(findings.tallies[0].refused == 1);
    cr_expect(findings.tallies[0].events == 2);
    struct play first = ended(STEADY, RF_ENDED_REJECTED, 1, "unhandled type Created");
    compare(&first, &first);
    expect_class("same", true);
}

Test(parting, calls_the_same_nonfinite_state_the_same)
{
    struct play broken = STEADY;
    broken.nonfinite = "/n";
    broken.nonfinite_from = 4;
    compare(&broken, &broken);
    expect_class("same", true);
}

/* The trails are equal, for something was left out of them. */
Test(parting, counts_what_is_the_same_but_for_what_is_ignored)
{
    struct rf_outcome base;
    struct rf_outcome head;
    uint64_t trail[] = {2, 4, 6, 8, 10};
    uint64_t after;
    begin();
    struct staged *staged = offer(&STEADY, &STEADY);
    base = make_outcome(staged, &STEADY, true, (uint64_t[MOST_STEPS + 1]){0});
    base.trail = trail;
    head = base;
    head.state_hash++;
    const struct rf_pair_sink *sink = rf_parting_sink(parting);
    cr_expect_not(sink->pair(sink->context, 0, &base, &head, &after));
    settle(staged);
    finish();
    cr_expect(findings.tallies[0].same == 2 && findings.tallies[0].ignored_only == 1);
}

/* ---- parted ---------------------------------------------------------------------------------- */

Test(parting, is_at_the_first_event_behind_which_the_states_differ)
{
    struct play head = with_state(STEADY, 2, "{\"n\":20}");
    head.states[3] = "{\"n\":30}";
    head.states[4] = "{\"m\":0,\"n\":40}";
    compare(&STEADY, &head);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, NULL);
    expect_suspect(RF_BASIS_COMPARE, 2, "Paid");
    cr_expect(only_difference()->changes.count == 1 && only_difference()->changes_total == 1);
    expect_change(0, "/n", "2", "20");
    cr_expect_not(only_difference()->meets_again);
    cr_expect(findings.clusters[0].path_count == 1);
    cr_expect_str_eq(findings.clusters[0].paths[0], "/n");
    cr_expect_str_eq(findings.clusters[0].event, "Paid");
}

Test(parting, is_found_behind_any_event)
{
    for (size_t step = 1; step <= 4; step++) {
        struct play head = STEADY;
        for (size_t i = step; i <= 4; i++) {
            head.states[i] = "{\"n\":-1}";
        }
        compare(&STEADY, &head);
        expect_class("changed", true);
        expect_difference(RF_DIFFERENCE_CHANGED, (int64_t)step, NULL);
        cr_expect_not(only_difference()->meets_again);
    }
}

Test(parting, has_the_events_own_version)
{
    struct play head = with_state(STEADY, 3, "{\"n\":30}");
    head.versions[3] = 17;
    head.versions[4] = 19;
    compare(&STEADY, &head);
    cr_expect(only_difference()->version == 17);
    cr_expect(only_difference()->meets_again && only_difference()->meets_version == 19);
}

Test(parting, tells_where_they_meet_again)
{
    struct play head = with_state(STEADY, 2, "{\"n\":20}");
    compare(&STEADY, &head);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, NULL);
    cr_expect(only_difference()->meets_again && only_difference()->meets_version == 3);
}

Test(parting, tells_the_first_parting_and_the_last_meeting)
{
    struct play head = with_state(STEADY, 1, "{\"n\":10}");
    head.states[3] = "{\"n\":30}";
    compare(&STEADY, &head);
    expect_difference(RF_DIFFERENCE_CHANGED, 1, NULL);
    cr_expect(only_difference()->meets_again && only_difference()->meets_version == 4);
    /* Equal on the way, and not at the end. */
    head.states[4] = "{\"n\":40}";
    compare(&STEADY, &head);
    expect_difference(RF_DIFFERENCE_CHANGED, 1, NULL);
    cr_expect_not(only_difference()->meets_again);
}

Test(parting, never_meets_again_where_the_ends_differ)
{
    struct play head = with_state(STEADY, 1, "{\"n\":10}");
    struct play refused = ended(head, RF_ENDED_REJECTED, 4, "Closed: no");
    compare(&STEADY, &refused);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 1, NULL);
    cr_expect_not(only_difference()->meets_again);
    /* They do where both refuse the same. */
    struct play base = ended(STEADY, RF_ENDED_REJECTED, 4, "Closed: no");
    compare(&base, &refused);
    cr_expect(only_difference()->meets_again && only_difference()->meets_version == 2);
}

Test(parting, is_at_no_event_where_the_empty_states_differ)
{
    struct play head = with_state(STEADY, 0, "{\"n\":0}");
    compare(&STEADY, &head);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 0, "the empty states differ");
    cr_expect(only_difference()->suspect.basis == RF_BASIS_NONE);
    cr_expect(only_difference()->changes.count == 1);
    cr_expect(only_difference()->meets_again && only_difference()->meets_version == 1);
    head.states[4] = "{}";
    compare(&STEADY, &head);
    cr_expect_not(only_difference()->meets_again);
}

/* What is behind a parting is its consequence. */
Test(parting, comes_before_what_happens_behind_it)
{
    struct play head = with_state(STEADY, 2, "{\"n\":20}");
    struct play refused = ended(head, RF_ENDED_REJECTED, 3, "Shipped: no");
    compare(&STEADY, &refused);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, NULL);
    compare(&refused, &STEADY);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, NULL);
}

/* ---- endings --------------------------------------------------------------------------------- */

Test(parting, calls_what_only_head_refuses_rejected)
{
    struct play refused = ended(STEADY, RF_ENDED_REJECTED, 3, "Shipped: no");
    compare(&STEADY, &refused);
    expect_class("rejected", false);
    expect_difference(RF_DIFFERENCE_REJECTED, 3, "BASE folds it, HEAD refuses it (Shipped: no)");
    expect_suspect(RF_BASIS_COMPARE, 3, "Shipped");
}

Test(parting, calls_what_only_base_refuses_changed)
{
    struct play refused = ended(STEADY, RF_ENDED_REJECTED, 3, "Shipped: no");
    compare(&refused, &STEADY);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 3, "BASE refuses it (Shipped: no), HEAD folds it");
    expect_suspect(RF_BASIS_COMPARE, 3, "Shipped");
}

Test(parting, calls_two_refusals_of_one_event_changed_where_they_differ)
{
    struct play base = ended(STEADY, RF_ENDED_REJECTED, 3, "Shipped: no");
    struct play head = ended(STEADY, RF_ENDED_REJECTED, 3, "Shipped: never");
    compare(&base, &head);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 3,
                      "BASE refuses it (Shipped: no), HEAD refuses it (Shipped: never)");
}

Test(parting, is_decided_by_the_first_of_two_refusals)
{
    struct play early = ended(STEADY, RF_ENDED_REJECTED, 2, "Paid: no");
    struct play late = ended(STEADY, RF_ENDED_REJECTED, 4, "Closed: no");
    compare(&late, &early);
    expect_class("rejected", false);
    expect_difference(RF_DIFFERENCE_REJECTED, 2, "BASE folds it, HEAD refuses it (Paid: no)");
    compare(&early, &late);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, "BASE refuses it (Paid: no), HEAD folds it");
}

Test(parting, does_not_take_the_same_words_at_another_event_for_the_same)
{
    struct play early = ended(STEADY, RF_ENDED_REJECTED, 2, "no");
    struct play late = ended(STEADY, RF_ENDED_REJECTED, 4, "no");
    compare(&late, &early);
    expect_class("rejected", false);
    compare(&early, &late);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, "BASE refuses it (no), HEAD folds it");
}

Test(parting, calls_a_crash_of_head_crashed_whatever_base_does)
{
    struct play crashed = ended(STEADY, RF_ENDED_CRASHED, 3, "SIGSEGV");
    struct play hung = ended(STEADY, RF_ENDED_HUNG, 2, "no sign of life");
    struct play refused = ended(STEADY, RF_ENDED_REJECTED, 1, "Created: no");
    compare(&STEADY, &crashed);
    expect_class("crashed", false);
    expect_difference(RF_DIFFERENCE_CRASHED, 3, "SIGSEGV");
    expect_suspect(RF_BASIS_TRACE, 3, "Shipped");
    compare(&refused, &crashed);
    expect_class("crashed", false);
    expect_difference(RF_DIFFERENCE_CRASHED, 3, "SIGSEGV");
    compare(&crashed, &crashed);
    expect_class("crashed", false);
    expect_difference(RF_DIFFERENCE_CRASHED, 3, "SIGSEGV; BASE crashes too");
    compare(&hung, &crashed);
    expect_class("crashed", false);
    expect_difference(RF_DIFFERENCE_CRASHED, 3, "SIGSEGV; BASE hangs too");
}

Test(parting, calls_a_hang_of_head_hung_whatever_base_does)
{
    struct play hung = ended(STEADY, RF_ENDED_HUNG, 2, "no sign of life");
    struct play crashed = ended(STEADY, RF_ENDED_CRASHED, 3, NULL);
    compare(&STEADY, &hung);
    expect_class("hung", false);
    expect_difference(RF_DIFFERENCE_HUNG, 2, "no sign of life");
    compare(&crashed, &hung);
    expect_class("hung", false);
    expect_difference(RF_DIFFERENCE_HUNG, 2, "no sign of life; BASE crashes too");
}

Test(parting, says_which_build_comes_to_other_states_each_time)
{
    struct play impure = ended(STEADY, RF_ENDED_IMPURE, 2, "another state each time");
    compare(&STEADY, &impure);
    expect_class("impure", false);
    expect_difference(RF_DIFFERENCE_IMPURE, 2, "HEAD: another state each time");
    compare(&impure, &STEADY);
    expect_class("impure", false);
    expect_difference(RF_DIFFERENCE_IMPURE, 2, "BASE: another state each time");
    impure.message = NULL;
    compare(&STEADY, &impure);
    expect_difference(RF_DIFFERENCE_IMPURE, 2, "HEAD: ");
}

Test(parting, calls_a_fall_of_base_alone_changed)
{
    struct play crashed = ended(STEADY, RF_ENDED_CRASHED, 3, "SIGSEGV");
    struct play hung = ended(STEADY, RF_ENDED_HUNG, 2, "no sign of life");
    compare(&crashed, &STEADY);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 3, "BASE crashes there (SIGSEGV), HEAD folds it");
    expect_suspect(RF_BASIS_COMPARE, 3, "Shipped");
    compare(&hung, &STEADY);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2,
                      "BASE hangs there (no sign of life), HEAD folds it");
}

Test(parting, weighs_a_fall_of_base_against_a_refusal_of_head_by_their_events)
{
    struct play crashed = ended(STEADY, RF_ENDED_CRASHED, 3, "SIGSEGV");
    struct play early = ended(STEADY, RF_ENDED_REJECTED, 2, "Paid: no");
    struct play there = ended(STEADY, RF_ENDED_REJECTED, 3, "Shipped: no");
    struct play late = ended(STEADY, RF_ENDED_REJECTED, 4, "Closed: no");
    compare(&crashed, &early);
    expect_class("rejected", false);
    expect_difference(RF_DIFFERENCE_REJECTED, 2, "BASE folds it, HEAD refuses it (Paid: no)");
    compare(&crashed, &there);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 3,
                      "BASE crashes there (SIGSEGV), HEAD refuses it (Shipped: no)");
    compare(&crashed, &late);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 3, "BASE crashes there (SIGSEGV), HEAD folds it");
}

Test(parting, shows_no_half_character_of_a_long_message)
{
    char text[401];
    for (size_t i = 0; i < 400; i += 2) {
        memcpy(text + i, "\xC3\xBC", 2);
    }
    text[0] = 'u';
    text[1] = 'u';
    text[400] = '\0';
    memmove(text + 1, text, 399);
    struct play refused = ended(STEADY, RF_ENDED_REJECTED, 3, text);
    text[399] = '\0';
    compare(&STEADY, &refused);
    const char *message = only_difference()->message;
    cr_expect(rf_utf8_valid(message, strlen(message)) == strlen(message));
    cr_expect(strlen(message) < 400 && strlen(message) > 300);
    cr_expect(strcmp(message + strlen(message) - 3, "\xC3\xBC)") == 0, "%s", message);
}

/* ---- states ---------------------------------------------------------------------------------- */

Test(parting, says_whose_state_is_no_number)
{
    struct play base = with_state(STEADY, 2, "(nan)");
    struct play head = with_state(STEADY, 2, "(infinity)");
    base.nonfinite = "/n";
    base.nonfinite_from = 2;
    compare(&base, &STEADY);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, "BASE: the state holds NaN or infinity at /n");
    cr_expect(only_difference()->changes.count == 0);
    head.nonfinite = "";
    head.nonfinite_from = 2;
    compare(&STEADY, &head);
    expect_difference(RF_DIFFERENCE_CHANGED, 2,
                      "HEAD: the state holds NaN or infinity at its root");
    compare(&base, &head);
    expect_difference(RF_DIFFERENCE_CHANGED, 2,
                      "BASE: the state holds NaN or infinity at /n; "
                      "HEAD: the state holds NaN or infinity at its root");
}

/* Whatever their hashes are: the same reason says nothing of what else the states hold. */
Test(parting, a_state_that_cannot_be_told_is_the_same_as_none)
{
    struct play both = with_state(STEADY, 2, "?no JSON");
    compare(&both, &both);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 2,
                      "BASE: no JSON; HEAD: no JSON; whether these states are the same cannot be "
                      "told");
    cr_expect(only_difference()->meets_again && only_difference()->meets_version == 3);
    compare(&both, &STEADY);
    expect_difference(RF_DIFFERENCE_CHANGED, 2, "BASE: no JSON");
    struct play last = with_state(STEADY, STEADY.count, "?no JSON");
    compare(&last, &last);
    expect_class("changed", true);
    cr_expect_not(only_difference()->meets_again);
}

Test(parting, says_which_worker_did_not_live_to_show_a_state)
{
    struct play head = with_state(STEADY, 0, "{\"n\":0}");
    head.lost_trace = true;
    compare(&STEADY, &head);
    expect_class("changed", true);
    expect_difference(RF_DIFFERENCE_CHANGED, 0,
                      "the empty states differ; HEAD: folded again, its worker ends: "
                      "SIGSEGV (segmentation fault)");
}

/* What is put in front of equal ends is not the element that a rule leaves out. */
Test(parting, lists_what_moved_behind_an_ignored_element)
{
    static char pointer[] = "/l/1";
    struct rf_ignore ignore = {.pointer = pointer};
    request.ignores = &ignore;
    request.ignore_count = 1;
    struct play base = with_state(STEADY, 2, "{\"l\":[1,2]}");
    struct play head = with_state(STEADY, 2, "{\"l\":[1,7,2]}");
    compare(&base, &head);
    expect_class("changed", true);
    cr_expect(only_difference()->changes.count == 1);
    cr_expect_str_eq(only_difference()->changes.items[0].path, "/l/2");
}

Test(parting, lists_no_change_of_what_is_ignored)
{
    static char order[] = "order";
    static char n[] = "/n";
    struct rf_ignore ignore = {.aggregate = order, .pointer = n};
    request.ignores = &ignore;
    request.ignore_count = 1;
    struct play head = with_state(STEADY, 2, "{\"m\":1,\"n\":20}");
    compare(&STEADY, &head);
    cr_expect(only_difference()->changes.count == 1);
    cr_expect_str_eq(only_difference()->changes.items[0].path, "/m");
}

Test(parting, lists_some_of_very_many_changes_and_counts_all)
{
    struct rf_buf base = {0};
    struct rf_buf head = {0};
    for (size_t i = 0; i < 2 * RF_LIMIT_CHANGES; i++) {
        rf_buf_format(&base, "%c%zu", i == 0 ? '[' : ',', i);
        rf_buf_format(&head, "%c%zu", i == 0 ? '[' : ',', i + 1000);
    }
    rf_buf_byte(&base, ']');
    rf_buf_byte(&head, ']');
    struct play ours = with_state(STEADY, 2, rf_buf_text(&base));
    struct play theirs = with_state(STEADY, 2, rf_buf_text(&head));
    compare(&ours, &theirs);
    cr_expect(only_difference()->changes.count == RF_LIMIT_CHANGES);
    cr_expect(only_difference()->changes_total == (size_t)2 * RF_LIMIT_CHANGES);
    cr_expect(findings.clusters[0].path_count == 1);
    cr_expect_str_eq(findings.clusters[0].paths[0], "/*");
    rf_buf_done(&base);
    rf_buf_done(&head);
}

/* ---- many ------------------------------------------------------------------------------------ */

/* States come in the order in which they were asked for, whatever was judged between. */
Test(parting, gives_each_difference_its_own_states)
{
    enum { COUNT = 50 };
    static char ids[COUNT][8];
    static char texts[COUNT][16];
    struct play heads[COUNT];
    struct staged *staged[COUNT];
    begin();
    for (size_t round = 0; round < 2; round++) { /* two buckets */
        for (size_t i = round; i < COUNT; i += 2) {
            (void)snprintf(ids[i], sizeof(ids[i]), "%02zu", i);
            (void)snprintf(texts[i], sizeof(texts[i]), "{\"n\":%zu}", 100 + i);
            heads[i] = i % 3 == 0 ? STEADY : with_state(STEADY, 2, texts[i]);
            heads[i].id = ids[i];
            staged[i] = offer(&STEADY, &heads[i]);
            cr_assert(staged[i]->wanted == (i % 3 != 0));
        }
        for (size_t i = round; i < COUNT; i += 2) {
            settle(staged[i]);
        }
    }
    finish();
    size_t at = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 3 == 0) {
            continue;
        }
        char value[8];
        const struct rf_difference *difference = &findings.differences[at++];
        (void)snprintf(value, sizeof(value), "%zu", 100 + i);
        cr_expect_str_eq(difference->id, ids[i]);
        cr_assert(difference->changes.count == 1);
        cr_expect_str_eq(difference->changes.items[0].value, value);
    }
    cr_expect(findings.difference_count == at && findings.differences_total == at);
    cr_expect(findings.cluster_count == 1 && findings.clusters[0].count == at);
    cr_expect(findings.tallies[0].instances == COUNT && findings.tallies[0].compared == COUNT);
}

Test(parting, does_not_depend_on_which_thread_found_what)
{
    struct rf_multiset compared[2];
    struct rf_multiset history[2];
    char keys[2][3][17];
    request.jobs = 3;
    for (size_t turn = 0; turn < 2; turn++) {
        begin();
        for (size_t i = 0; i < 9; i++) {
            static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
            struct play head = i % 3 == 0   ? STEADY
                               : i % 3 == 1 ? with_state(STEADY, 1 + i / 3, "{\"n\":9}")
                                            : ended(STEADY, RF_ENDED_REJECTED, 2, "Paid: no");
            head.id = ids[i];
            head.thread = turn == 0 ? i % 3 : (i / 3 + 1) % 3;
            settle(offer(&STEADY, &head));
        }
        finish();
        compared[turn] = findings.compared;
        history[turn] = findings.history;
        cr_assert(findings.difference_count == 6 && findings.cluster_count == 4);
        for (size_t i = 0; i < 3; i++) {
            memcpy(keys[turn][i], findings.clusters[i].key, 17);
        }
        cr_expect(findings.clusters[0].count == 3 &&
                  findings.clusters[0].kind == RF_DIFFERENCE_REJECTED);
        cr_expect(findings.tallies[0].same == 3 && findings.tallies[0].changed == 3);
        cr_expect(findings.compared.count == 6 && findings.history.count == 9);
    }
    cr_expect(memcmp(&compared[0], &compared[1], sizeof(compared[0])) == 0);
    cr_expect(memcmp(&history[0], &history[1], sizeof(history[0])) == 0);
    cr_expect(memcmp(keys[0], keys[1], sizeof(keys[0])) == 0);
}

Test(parting, has_a_tally_for_a_build_without_instances)
{
    begin();
    finish();
    cr_assert(findings.tally_count == 1 && findings.tallies[0].instances == 0);
    cr_expect_str_eq(findings.tallies[0].name, "order");
}

Test(parting, has_a_tally_for_each_build_without_instances)
{
    char name[] = "other";
    struct rf_build other = {.name = name};
    struct rf_build *builds[] = {scene.builds[0], &other};
    request.builds = builds;
    request.build_count = 2;
    begin();
    finish();
    cr_assert_eq(findings.tally_count, 2);
    cr_expect_str_eq(findings.tallies[0].name, "order");
    cr_expect_str_eq(findings.tallies[1].name, "other");
}

/* For the leak checker: a fold that ends early leaves states unasked for. */
Test(parting, is_freed_whole_before_its_end)
{
    struct play head = with_state(STEADY, 2, "{\"n\":20}");
    struct play other = head;
    other.id = "b";
    begin();
    struct staged *one = offer(&STEADY, &head);
    struct staged *two = offer(&STEADY, &other);
    settle(one);
    two->wanted = false;
    settle(two);
}
