/* SPDX-License-Identifier: MIT */
/* Two builds over the same instances, end to end: real workers, and two builds whose events say
 * what each of them does (plugins/twin.h). */
#include "fold/pairing.h"

#include <ftw.h>
#include <sys/wait.h>

#include <criterion/criterion.h>

#include "host/ward.h"
#include "tests/fold/support.h"

#define BASE_BUILD "tests/plugins/twin_base.so"
#define HEAD_BUILD "tests/plugins/twin_head.so"

/** One build's outcome of an instance, copied. */
struct side {
    enum rf_ending ending;
    uint64_t applied;
    int64_t at_version;
    bool unhandled;
    bool has_state;
    char *message;
    uint64_t trail[64];
    uint64_t trail_count;
    uint64_t state_hash;
};

/** What the sink was told of an instance. */
struct pair {
    unsigned pairs;
    struct side base, head;
    bool wanted;
    uint64_t after;
    unsigned states;
    char *base_state, *head_state; /**< JSON, or "nonfinite: /x", or "none: why" */
};

/** A stage for two: `stage.build` is BASE's. */
struct duel {
    struct stage stage;
    struct rf_build *head;
    struct pair *pairs;
    char folder[40]; /**< where the builds note where they have been */
    bool asks; /**< the sink wants the states where they part, or behind the last that both have */
    const struct rf_instance *asked[4096]; /**< in order; of one thread */
    size_t asked_count, told_count;
    char *ignores[4];
    size_t ignore_count;
};

static void
duel_open(struct duel *duel, size_t count)
{
    struct rf_err err = {0};
    memset(duel, 0, sizeof(*duel));
    (void)snprintf(duel->folder, sizeof(duel->folder), "/tmp/refold-pairing-XXXXXX");
    cr_assert(mkdtemp(duel->folder) != NULL);
    rf_sandbox_choose(RF_SANDBOX_OFF); /* for these notes */
    stage_open(&duel->stage, BASE_BUILD, count);
    cr_assert(rf_build_open(built(HEAD_BUILD), &duel->head, &err) == RF_OK, "%s", err.text);
    duel->pairs = calloc(count, sizeof(*duel->pairs));
}

/** An event at which each of them does what is said. */
static void
add(struct duel *duel, size_t number, int64_t version, const char *base, const char *head)
{
    char data[200];
    (void)snprintf(data, sizeof(data), "{\"Base\":\"%s\",\"Head\":\"%s\",\"Folder\":\"%s\"}", base,
                   head, duel->folder);
    stage_add(&duel->stage, number, version, "Do", data);
}

static struct pair *
pair_of(struct duel *duel, const struct rf_instance *instance)
{
    struct result *result = stage_result(&duel->stage, instance);
    return &duel->pairs[result - duel->stage.results];
}

static void
copy_side(struct side *side, const struct rf_outcome *outcome)
{
    side->ending = outcome->ending;
    side->applied = outcome->applied;
    side->at_version = outcome->at == NULL ? 0 : outcome->at_version;
    side->unhandled = outcome->unhandled;
    side->has_state = outcome->state != NULL;
    stage_copy(&side->message, outcome->message);
    side->trail_count = outcome->trail_count;
    side->state_hash = outcome->state_hash;
    cr_assert(outcome->trail_count <= 64);
    if (outcome->trail_count > 0) {
        memcpy(side->trail, outcome->trail, outcome->trail_count * sizeof(*side->trail));
    }
}

static bool
take_pair(void *context, size_t thread, const struct rf_outcome *base,
          const struct rf_outcome *head, uint64_t *ret_after)
{
    (void)thread;
    struct duel *duel = context;
    struct pair *pair = pair_of(duel, head->instance);
    cr_expect(base->instance == head->instance);
    cr_expect(base->state == NULL);
    pair->pairs++;
    copy_side(&pair->base, base);
    copy_side(&pair->head, head);
    uint64_t shared = base->trail_count < head->trail_count ? base->trail_count : head->trail_count;
    if (!duel->asks || shared == 0) {
        return false;
    }
    pair->after = 0;
    while (pair->after + 1 < shared && base->trail[pair->after] == head->trail[pair->after]) {
        pair->after++;
    }
    pair->wanted = true;
    *ret_after = pair->after;
    cr_assert(duel->asked_count < 4096);
    duel->asked[duel->asked_count++] = head->instance;
    return true;
}

static char *
copy_state(const struct rf_pair_state *state)
{
    char text[300];
    int set = (state->text != NULL) + (state->nonfinite != NULL) + (state->message != NULL);
    cr_expect(set == 1, "a state, or one reason");
    cr_expect(state->text == NULL || strlen(state->text) == state->bytes);
    (void)snprintf(text, sizeof(text), "%s%s",
                   state->text != NULL        ? ""
                   : state->nonfinite != NULL ? "nonfinite: "
                                              : "none: ",
                   state->text != NULL        ? state->text
                   : state->nonfinite != NULL ? state->nonfinite
                                              : state->message);
    return strdup(text);
}

static void
take_states(void *context, size_t thread, const struct rf_instance *instance,
            const struct rf_pair_state *base, const struct rf_pair_state *head)
{
    (void)thread;
    struct duel *duel = context;
    struct pair *pair = pair_of(duel, instance);
    cr_assert(duel->told_count < duel->asked_count);
    cr_expect(duel->asked[duel->told_count++] == instance, "out of order");
    pair->states++;
    pair->base_state = copy_state(base);
    pair->head_state = copy_state(head);
}

static void
check_sums(struct duel *duel, const struct rf_sums *folded)
{
    struct rf_err err = {0};
    struct rf_sums sums = *folded;
    rf_sums_join(&sums, &duel->stage.seen);
    sums.objects = sums.read = 0; /* of stations that are not here */
    sums.records = sums.events + sums.malformed;
    cr_expect(rf_sums_check(&sums, &err) == RF_OK, "%s", err.text);
}

static bool
declares(const void *context, const char *type, size_t type_bytes)
{
    const struct duel *duel = context;
    return rf_build_declares(duel->stage.build, type, type_bytes) ||
           rf_build_declares(duel->head, type, type_bytes);
}

/** Folds, and checks what always holds: each instance has one pair, each state that was asked for
 * is told once, and the sums of both add up. */
static void
duel_fold(struct duel *duel, size_t jobs)
{
    struct stage *stage = &duel->stage;
    struct rf_err err = {0};
    if (stage->writer != NULL) {
        rf_sums_join(&stage->seen, rf_writer_sums(stage->writer));
        rf_history_settle(stage->history, 0, RF_FATE_READ, false);
        cr_assert(rf_history_seal(stage->history, &err) == RF_OK, "%s", err.text);
        stage->writer = NULL;
    }
    struct rf_claim claim = {.name = "twin",
                             .first_version = 1,
                             .declares = declares,
                             .skips = stage_skips,
                             .context = duel};
    struct rf_gather_rules rules = {.claims = &claim, .claim_count = 1};
    struct rf_pair_sink sink = {.context = duel, .pair = take_pair, .states = take_states};
    struct rf_fold_request request = {.history = stage->history,
                                      .rules = &rules,
                                      .builds = &stage->build,
                                      .rivals = &duel->head,
                                      .pairs = &sink,
                                      .ignores = duel->ignores,
                                      .ignore_count = duel->ignore_count,
                                      .jobs = jobs,
                                      .timeout_ms = stage->timeout_ms,
                                      .stop = stage->stop};
    stage->code = rf_fold(&request, &stage->result, &stage->err);
    cr_expect(waitpid(-1, NULL, WNOHANG) == -1, "a worker is left");
    if (stage->code != RF_OK) {
        return;
    }
    for (size_t i = 0; i < stage->count; i++) {
        cr_expect(duel->pairs[i].pairs == 1, "%zu: %u pairs", i, duel->pairs[i].pairs);
        cr_expect(duel->pairs[i].states == duel->pairs[i].wanted, "%zu: %u states", i,
                  duel->pairs[i].states);
    }
    check_sums(duel, &stage->result.sums);
    check_sums(duel, &stage->result.base_sums);
}

static void
forget(struct duel *duel)
{
    for (size_t i = 0; i < duel->stage.count; i++) {
        free(duel->pairs[i].base.message);
        free(duel->pairs[i].head.message);
        free(duel->pairs[i].base_state);
        free(duel->pairs[i].head_state);
    }
    memset(duel->pairs, 0, duel->stage.count * sizeof(*duel->pairs));
    duel->asked_count = 0;
    duel->told_count = 0;
    rf_damages_done(&duel->stage.result.damages);
}

static int
remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    (void)facts;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void
duel_close(struct duel *duel)
{
    forget(duel);
    free(duel->pairs);
    rf_build_free(duel->head);
    (void)nftw(duel->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    stage_close(&duel->stage);
}

static void
expect_side(const struct side *side, const char *who, size_t number, enum rf_ending ending,
            uint64_t applied, const char *message)
{
    cr_expect(side->ending == ending, "%s %zu: ending %d (%s)", who, number, (int)side->ending,
              side->message);
    cr_expect(side->applied == applied, "%s %zu: applied %d", who, number, (int)side->applied);
    cr_expect((side->message == NULL) == (message == NULL), "%s %zu: %s", who, number,
              side->message);
    cr_expect(message == NULL || strcmp(side->message, message) == 0, "%s %zu: %s", who, number,
              side->message);
    bool fallen = ending == RF_ENDED_CRASHED || ending == RF_ENDED_HUNG;
    cr_expect(side->trail_count == (fallen ? 0 : applied + 1), "%s %zu: %d hashes", who, number,
              (int)side->trail_count);
}

static void
expect_text(const char *got, const char *expected, size_t number)
{
    cr_expect(got != NULL && strcmp(got, expected) == 0, "%zu: %s, not %s", number, got, expected);
}

static uint64_t
base_term(const struct duel *duel, enum rf_term which)
{
    return duel->stage.result.base_sums.terms[which];
}

static uint64_t
head_term(const struct duel *duel, enum rf_term which)
{
    return duel->stage.result.sums.terms[which];
}

static const char SEGV[] = "SIGSEGV (segmentation fault)";

/* ---- what goes well -------------------------------------------------------------------------- */

Test(pairing, gives_both_builds_trails_of_each_instance_with_any_number_of_jobs)
{
    enum { COUNT = 2000 };
    static const size_t jobs[] = {1, 2, 8};
    struct duel duel;
    duel_open(&duel, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        for (int64_t version = 1; version <= 1 + (int64_t)(i % 7); version++) {
            add(&duel, i, version, "add", version == 3 ? "take" : "add");
        }
    }
    for (size_t k = 0; k < 3; k++) {
        duel_fold(&duel, jobs[k]);
        cr_assert(duel.stage.code == RF_OK, "%s", duel.stage.err.text);
        for (size_t i = 0; i < COUNT; i++) {
            uint64_t count = 1 + i % 7;
            const struct pair *pair = &duel.pairs[i];
            expect_side(&pair->base, "BASE", i, RF_ENDED_FOLDED, count, NULL);
            expect_side(&pair->head, "HEAD", i, RF_ENDED_FOLDED, count, NULL);
            for (uint64_t v = 0; v <= count; v++) {
                cr_assert((pair->base.trail[v] == pair->head.trail[v]) == (v < 3), "%zu @%d", i,
                          (int)v);
            }
            cr_expect((pair->base.state_hash == pair->head.state_hash) == (count < 3));
            cr_expect(pair->head.has_state && pair->head.state_hash != 0);
        }
        cr_expect(duel.stage.result.deaths == 0);
        cr_expect(duel.stage.result.counts.instances == COUNT);
        forget(&duel);
    }
    duel_close(&duel);
}

Test(pairing, has_equal_trails_of_equal_builds)
{
    struct duel duel;
    duel_open(&duel, 30);
    rf_build_free(duel.head);
    struct rf_err err;
    cr_assert(rf_build_open(built(BASE_BUILD), &duel.head, &err) == RF_OK);
    for (size_t i = 0; i < 30; i++) {
        add(&duel, i, 1, "add", "refuse");
        add(&duel, i, 2, i % 2 ? "refuse" : "nan", "segv");
        add(&duel, i, 3, "add", "add");
    }
    duel_fold(&duel, 2);
    for (size_t i = 0; i < 30; i++) {
        const struct pair *pair = &duel.pairs[i];
        cr_expect(pair->base.trail_count == (i % 2 ? 2 : 4));
        cr_expect(pair->base.trail_count == pair->head.trail_count);
        cr_expect(memcmp(pair->base.trail, pair->head.trail, pair->base.trail_count * 8) == 0);
        cr_expect(pair->base.state_hash == pair->head.state_hash);
    }
    duel_close(&duel);
}

Test(pairing, starts_no_worker_where_there_is_nothing_to_fold)
{
    struct duel duel;
    duel_open(&duel, 0);
    (void)setenv("REFOLD_WORKER", "/nowhere", 1);
    duel_fold(&duel, 4);
    cr_assert(duel.stage.code == RF_OK, "%s", duel.stage.err.text);
    duel_close(&duel);
}

Test(pairing, leaves_out_of_trails_what_is_ignored)
{
    struct duel duel;
    duel_open(&duel, 1);
    add(&duel, 0, 1, "add", "take");
    duel.ignores[0] = (char *)"twin:/sum";
    duel.ignore_count = 1;
    duel_fold(&duel, 1);
    const struct pair *pair = &duel.pairs[0];
    cr_expect(pair->base.trail[1] == pair->head.trail[1]);
    cr_expect(pair->base.trail[0] != pair->base.trail[1]);
    /* Of the whole states: that is how one knows that something was left out. */
    cr_expect(pair->base.state_hash != pair->head.state_hash);
    duel_close(&duel);
}

/* ---- endings --------------------------------------------------------------------------------- */

Test(pairing, gives_each_build_its_own_refusal)
{
    struct duel duel;
    duel_open(&duel, 5);
    for (size_t i = 0; i < 5; i++) {
        add(&duel, i, 1, "add", "add");
    }
    add(&duel, 0, 2, "refuse", "add");
    add(&duel, 1, 2, "add", "refuse");
    add(&duel, 2, 2, "refuse", "refuse");
    add(&duel, 3, 2, "refuse", "deny");
    add(&duel, 4, 2, "add", "refuse");
    add(&duel, 4, 3, "refuse", "add");
    for (size_t i = 0; i < 4; i++) {
        add(&duel, i, 3, "add", "add");
    }
    duel_fold(&duel, 1);
    const struct pair *pairs = duel.pairs;
    expect_side(&pairs[0].base, "BASE", 0, RF_ENDED_REJECTED, 1, "Do: as asked");
    expect_side(&pairs[0].head, "HEAD", 0, RF_ENDED_FOLDED, 3, NULL);
    expect_side(&pairs[1].base, "BASE", 1, RF_ENDED_FOLDED, 3, NULL);
    expect_side(&pairs[1].head, "HEAD", 1, RF_ENDED_REJECTED, 1, "Do: as asked");
    expect_side(&pairs[2].base, "BASE", 2, RF_ENDED_REJECTED, 1, "Do: as asked");
    expect_side(&pairs[2].head, "HEAD", 2, RF_ENDED_REJECTED, 1, "Do: as asked");
    expect_side(&pairs[3].head, "HEAD", 3, RF_ENDED_REJECTED, 1, "Do: in other words");
    expect_side(&pairs[4].base, "BASE", 4, RF_ENDED_REJECTED, 2, "Do: as asked");
    expect_side(&pairs[4].head, "HEAD", 4, RF_ENDED_REJECTED, 1, "Do: as asked");
    cr_expect(pairs[4].base.at_version == 3 && pairs[4].head.at_version == 2);
    cr_expect(base_term(&duel, RF_TERM_REJECTED) == 4 && head_term(&duel, RF_TERM_REJECTED) == 4);
    cr_expect(base_term(&duel, RF_TERM_FOLDED) == 8 && head_term(&duel, RF_TERM_FOLDED) == 7);
    cr_expect(base_term(&duel, RF_TERM_UNFOLDED) == 3 && head_term(&duel, RF_TERM_UNFOLDED) == 4);
    duel_close(&duel);
}

Test(pairing, lets_the_build_refuse_what_only_the_other_declares)
{
    struct duel duel;
    duel_open(&duel, 3);
    add(&duel, 0, 1, "add", "add");
    stage_add(&duel.stage, 0, 2, "OnlyHead", "{}");
    add(&duel, 0, 3, "add", "add");
    stage_add(&duel.stage, 1, 1, "OnlyBase", "{}");
    stage_add(&duel.stage, 2, 1, "Neither", "{}");
    duel_fold(&duel, 1);
    const struct pair *pairs = duel.pairs;
    expect_side(&pairs[0].base, "BASE", 0, RF_ENDED_REJECTED, 1, "unhandled type OnlyHead");
    expect_side(&pairs[0].head, "HEAD", 0, RF_ENDED_FOLDED, 3, NULL);
    expect_side(&pairs[1].base, "BASE", 1, RF_ENDED_FOLDED, 1, NULL);
    expect_side(&pairs[1].head, "HEAD", 1, RF_ENDED_REJECTED, 0, "unhandled type OnlyBase");
    expect_side(&pairs[2].base, "BASE", 2, RF_ENDED_REJECTED, 0, "unhandled type Neither");
    expect_side(&pairs[2].head, "HEAD", 2, RF_ENDED_REJECTED, 0, "unhandled type Neither");
    cr_expect(pairs[0].base.unhandled && pairs[1].head.unhandled && pairs[2].head.unhandled);
    cr_expect(base_term(&duel, RF_TERM_UNHANDLED) == 2 && head_term(&duel, RF_TERM_UNHANDLED) == 2);
    cr_expect(base_term(&duel, RF_TERM_UNFOLDED) == 1 && head_term(&duel, RF_TERM_UNFOLDED) == 0);
    duel_close(&duel);
}

Test(pairing, names_the_crash_of_each_build_and_pairs_all_others)
{
    enum { COUNT = 1500 };
    static const char *const base[] = {"segv", "add", "segv"};
    static const char *const head[] = {"add", "segv", "segv"};
    struct duel duel;
    duel_open(&duel, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        bool odd = i % 50 == 7;
        add(&duel, i, 1, "add", "add");
        add(&duel, i, 2, odd ? base[i / 50 % 3] : "add", odd ? head[i / 50 % 3] : "add");
        add(&duel, i, 3, "add", "take");
    }
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        duel_fold(&duel, jobs);
        cr_assert(duel.stage.code == RF_OK, "%s", duel.stage.err.text);
        for (size_t i = 0; i < COUNT; i++) {
            const struct pair *pair = &duel.pairs[i];
            bool base_falls = i % 50 == 7 && i / 50 % 3 != 1;
            bool head_falls = i % 50 == 7 && i / 50 % 3 != 0;
            expect_side(&pair->base, "BASE", i, base_falls ? RF_ENDED_CRASHED : RF_ENDED_FOLDED,
                        base_falls ? 1 : 3, base_falls ? SEGV : NULL);
            expect_side(&pair->head, "HEAD", i, head_falls ? RF_ENDED_CRASHED : RF_ENDED_FOLDED,
                        head_falls ? 1 : 3, head_falls ? SEGV : NULL);
            cr_expect(!base_falls || pair->base.at_version == 2);
            cr_expect(!head_falls || pair->head.at_version == 2);
        }
        cr_expect(base_term(&duel, RF_TERM_UNFOLDED) == 40);
        cr_expect(head_term(&duel, RF_TERM_UNFOLDED) == 40);
        forget(&duel);
    }
    duel_close(&duel);
}

Test(pairing, names_the_hang_of_each_build)
{
    static const char late[] = "no sign of life for 0.3 s";
    struct duel duel;
    duel_open(&duel, 20);
    duel.stage.timeout_ms = 300;
    for (size_t i = 0; i < 20; i++) {
        add(&duel, i, 1, i == 3 ? "hang" : "add", i == 11 ? "hang" : "add");
        add(&duel, i, 2, "add", "add");
    }
    duel_fold(&duel, 1);
    for (size_t i = 0; i < 20; i++) {
        expect_side(&duel.pairs[i].base, "BASE", i, i == 3 ? RF_ENDED_HUNG : RF_ENDED_FOLDED,
                    i == 3 ? 0 : 2, i == 3 ? late : NULL);
        expect_side(&duel.pairs[i].head, "HEAD", i, i == 11 ? RF_ENDED_HUNG : RF_ENDED_FOLDED,
                    i == 11 ? 0 : 2, i == 11 ? late : NULL);
    }
    duel_close(&duel);
}

Test(pairing, lays_a_crash_while_a_state_is_hashed_to_its_event)
{
    struct duel duel;
    duel_open(&duel, 2);
    add(&duel, 0, 1, "add", "add");
    add(&duel, 0, 2, "add", "snapshot");
    add(&duel, 0, 3, "add", "whole"); /* it would be mended here */
    add(&duel, 1, 1, "add", "snapshot");
    duel_fold(&duel, 1);
    expect_side(&duel.pairs[0].head, "HEAD", 0, RF_ENDED_CRASHED, 1, SEGV);
    cr_expect(duel.pairs[0].head.at_version == 2);
    expect_side(&duel.pairs[1].head, "HEAD", 1, RF_ENDED_CRASHED, 0, SEGV);
    expect_side(&duel.pairs[0].base, "BASE", 0, RF_ENDED_FOLDED, 3, NULL);
    duel_close(&duel);
}

/* ---- states ---------------------------------------------------------------------------------- */

Test(pairing, gives_the_states_that_are_asked_for)
{
    struct duel duel;
    duel_open(&duel, 4);
    duel.asks = true;
    for (size_t i = 0; i < 4; i++) {
        for (int64_t v = 1; v <= 4; v++) {
            add(&duel, i, v, "add", (size_t)v == i + 1 ? "take" : "add");
        }
    }
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        duel_fold(&duel, 1);
        for (size_t i = 0; i < 4; i++) {
            char base[80];
            char head[80];
            int v = (int)i + 1;
            (void)snprintf(base, sizeof(base), "{\"count\":%d,\"real\":0,\"sum\":%d}", v, v);
            (void)snprintf(head, sizeof(head), "{\"count\":%d,\"real\":0,\"sum\":%d}", v, v - 2);
            cr_expect(duel.pairs[i].after == (uint64_t)v);
            expect_text(duel.pairs[i].base_state, base, i);
            expect_text(duel.pairs[i].head_state, head, i);
        }
        cr_expect(duel.stage.result.deaths == 0);
        forget(&duel);
    }
    duel_close(&duel);
}

/* Under recovery outcomes come when their culprits are found, not in the order of the instances. */
Test(pairing, gives_the_states_in_the_order_of_outcomes_under_recovery)
{
    enum { COUNT = 400 };
    struct duel duel;
    duel_open(&duel, COUNT);
    duel.asks = true;
    for (size_t i = 0; i < COUNT; i++) {
        add(&duel, i, 1, "add", "add");
        add(&duel, i, 2, i % 11 == 3 ? "segv" : "add", i % 13 == 5 ? "segv" : "take");
    }
    duel_fold(&duel, 1);
    cr_assert(duel.stage.code == RF_OK, "%s", duel.stage.err.text);
    for (size_t i = 0; i < COUNT; i++) {
        bool fallen = i % 11 == 3 || i % 13 == 5;
        cr_expect(duel.pairs[i].wanted == !fallen, "%zu", i);
        if (!fallen) {
            cr_expect(duel.pairs[i].after == 2);
            expect_text(duel.pairs[i].base_state, "{\"count\":2,\"real\":0,\"sum\":2}", i);
            expect_text(duel.pairs[i].head_state, "{\"count\":2,\"real\":0,\"sum\":0}", i);
        }
    }
    duel_close(&duel);
}

Test(pairing, gives_the_states_in_front_of_a_refusal)
{
    struct duel duel;
    duel_open(&duel, 2);
    duel.asks = true;
    add(&duel, 0, 1, "add", "take");
    add(&duel, 0, 2, "refuse", "refuse");
    add(&duel, 1, 1, "refuse", "add");
    duel_fold(&duel, 1);
    expect_text(duel.pairs[0].base_state, "{\"count\":1,\"real\":0,\"sum\":1}", 0);
    expect_text(duel.pairs[0].head_state, "{\"count\":1,\"real\":0,\"sum\":-1}", 0);
    cr_expect(duel.pairs[1].after == 0);
    expect_text(duel.pairs[1].base_state, "{\"count\":0,\"real\":0,\"sum\":0}", 1);
    expect_text(duel.pairs[1].head_state, "{\"count\":0,\"real\":0,\"sum\":0}", 1);
    duel_close(&duel);
}

Test(pairing, says_why_a_state_has_no_json)
{
    struct duel duel;
    duel_open(&duel, 3);
    duel.asks = true;
    add(&duel, 0, 1, "nan", "add");
    add(&duel, 0, 2, "zero", "zero");
    add(&duel, 1, 1, "add", "nan");
    add(&duel, 2, 1, "broken", "add"); /* on the way only: at the end it were a crash */
    add(&duel, 2, 2, "whole", "whole");
    duel_fold(&duel, 1);
    expect_text(duel.pairs[0].base_state, "nonfinite: /real", 0);
    expect_text(duel.pairs[0].head_state, "{\"count\":1,\"real\":0,\"sum\":1}", 0);
    expect_text(duel.pairs[1].base_state, "{\"count\":1,\"real\":0,\"sum\":1}", 1);
    expect_text(duel.pairs[1].head_state, "nonfinite: /real", 1);
    expect_text(duel.pairs[2].base_state, "none: /text: the text is not UTF-8", 2);
    expect_text(duel.pairs[2].head_state, "{\"count\":1,\"real\":0,\"sum\":1}", 2);
    expect_side(&duel.pairs[2].base, "BASE", 2, RF_ENDED_FOLDED, 2, NULL);
    duel_close(&duel);
}

/* A worker that dies while states are asked for costs its own instance, and no other gets what was
 * another's; whatever bucket comes next. */
Test(pairing, tells_of_each_state_once_where_workers_die)
{
    enum { COUNT = 60 };
    static const char gone[] = "none: folded again, its worker ends: SIGSEGV (segmentation fault)";
    struct duel duel;
    duel_open(&duel, COUNT);
    duel.asks = true;
    for (size_t i = 0; i < COUNT; i++) {
        add(&duel, i, 1, i % 5 == 1 ? "die-again" : "add", i % 5 == 2 ? "die-again" : "take");
    }
    duel_fold(&duel, 1);
    cr_assert(duel.stage.code == RF_OK, "%s", duel.stage.err.text);
    for (size_t i = 0; i < COUNT; i++) {
        const char *base = i % 5 == 1 ? gone : "{\"count\":1,\"real\":0,\"sum\":1}";
        const char *head = i % 5 == 2 ? gone : "{\"count\":1,\"real\":0,\"sum\":-1}";
        expect_side(&duel.pairs[i].base, "BASE", i, RF_ENDED_FOLDED, 1, NULL);
        expect_side(&duel.pairs[i].head, "HEAD", i, RF_ENDED_FOLDED, 1, NULL);
        expect_text(duel.pairs[i].base_state, base, i);
        expect_text(duel.pairs[i].head_state, head, i);
    }
    cr_expect(duel.stage.result.deaths >= 2 * COUNT / 5);
    duel_close(&duel);
}

Test(pairing, does_not_wait_for_a_state_without_end)
{
    struct duel duel;
    duel_open(&duel, 2);
    duel.asks = true;
    duel.stage.timeout_ms = 300;
    add(&duel, 0, 1, "add", "hang-again");
    add(&duel, 1, 1, "add", "take");
    duel_fold(&duel, 1);
    expect_text(duel.pairs[0].head_state,
                "none: folded again, its worker ends: no sign of life for 0.3 s", 0);
    expect_text(duel.pairs[1].head_state, "{\"count\":1,\"real\":0,\"sum\":-1}", 1);
    duel_close(&duel);
}

/* Neither the state behind other events, nor one that is another the second time, passes for what
 * was compared. */
Test(pairing, believes_no_state_that_is_another_than_before)
{
    static const char other[] = "none: folded again, it comes to another state: it is not pure";
    struct duel duel;
    duel_open(&duel, 3);
    duel.asks = true;
    add(&duel, 0, 1, "add", "add");
    add(&duel, 0, 2, "refuse-again", "take");
    add(&duel, 1, 1, "add", "add-once");
    add(&duel, 1, 2, "add", "take");
    add(&duel, 2, 1, "add", "add-once");
    add(&duel, 2, 2, "nan", "nan");
    add(&duel, 2, 3, "add", "take");
    duel_fold(&duel, 1);
    cr_expect(duel.pairs[0].after == 2);
    expect_text(duel.pairs[0].base_state, other, 0);
    expect_text(duel.pairs[0].head_state, "{\"count\":2,\"real\":0,\"sum\":0}", 0);
    expect_text(duel.pairs[1].base_state, "{\"count\":2,\"real\":0,\"sum\":2}", 1);
    expect_text(duel.pairs[1].head_state, other, 1);
    expect_text(duel.pairs[2].base_state, "nonfinite: /real", 2);
    expect_text(duel.pairs[2].head_state, other, 2);
    duel_close(&duel);
}

/* ---- the run's own end ----------------------------------------------------------------------- */

Test(pairing, ends_where_the_workers_of_one_build_never_get_ready)
{
    for (int which = 0; which < 2; which++) {
        struct duel duel;
        duel_open(&duel, 1);
        add(&duel, 0, 1, "add", "add");
        struct rf_build *build = which == 0 ? duel.stage.build : duel.head;
        char *file = build->file;
        build->file = (char *)"/nowhere/at-all.so";
        duel_fold(&duel, 1);
        cr_expect(duel.stage.code == RF_ERR_USAGE);
        cr_expect(strstr(duel.stage.err.where, which == 0 ? "twin_base" : "twin_head") != NULL,
                  "%s", duel.stage.err.where);
        cr_expect(duel.pairs[0].pairs == 0);
        build->file = file;
        duel_close(&duel);
    }
}

Test(pairing, stops_when_told_to)
{
    struct duel duel;
    atomic_bool stop = true;
    duel_open(&duel, 1);
    add(&duel, 0, 1, "add", "add");
    duel.stage.stop = &stop;
    duel_fold(&duel, 2);
    cr_expect(duel.stage.code == RF_ERR_INTERRUPTED);
    cr_expect(duel.pairs[0].pairs == 0);
    duel_close(&duel);
}
