/* SPDX-License-Identifier: MIT */
/* The fold, end to end: real workers, and an aggregate that falls on demand (plugins/faller.c). */
#include "fold/fold.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <criterion/criterion.h>

#include "base/limits.h"
#include "base/sanitizer.h"
#include "fold/outcome.h"
#include "host/ward.h"
#include "tests/fold/support.h"

#define FALLER "tests/plugins/faller.so"

/** Adds `count` events that add `by` each, from version `first` on. */
static void
add_some(struct stage *stage, size_t number, int64_t first, int count, int by)
{
    char data[40];
    (void)snprintf(data, sizeof(data), "{\"By\":%d}", by);
    for (int i = 0; i < count; i++) {
        stage_add(stage, number, first + i, "Add", data);
    }
}

static void
expect_folded(const struct result *result, size_t number, int count, int sum)
{
    char state[80];
    (void)snprintf(state, sizeof(state), "{\"count\":%d,\"real\":0,\"sum\":%d}", count, sum);
    cr_expect(result->outcomes == 1, "%zu: %u outcomes", number, result->outcomes);
    cr_expect(result->ending == RF_ENDED_FOLDED, "%zu: ending %d: %s", number, (int)result->ending,
              result->message);
    cr_expect(result->state != NULL && strcmp(result->state, state) == 0, "%zu: %s, not %s", number,
              result->state, state);
    cr_expect(result->applied == (uint64_t)count);
}

static void
expect_fallen(const struct result *result, size_t number, enum rf_ending ending, uint64_t applied,
              const char *message)
{
    cr_expect(result->outcomes == 1, "%zu: %u outcomes", number, result->outcomes);
    cr_expect(result->ending == ending, "%zu: ending %d", number, (int)result->ending);
    cr_expect(result->applied == applied, "%zu: applied %d", number, (int)result->applied);
    cr_expect(result->state == NULL, "%zu: %s", number, result->state);
    cr_expect(result->message != NULL && strcmp(result->message, message) == 0, "%zu: %s", number,
              result->message);
}

static uint64_t
term(const struct stage *stage, enum rf_term which)
{
    return stage->result.sums.terms[which];
}

static void
expect_no_child(void)
{
    cr_expect(waitpid(-1, NULL, WNOHANG) == -1);
}

/* ---- what goes well ---------------------------------------------------------------------------
 */

Test(fold, gives_each_instance_once_with_any_number_of_jobs)
{
    static const size_t jobs[] = {1, 2, 8};
    struct stage stage;
    stage_open(&stage, FALLER, 3000);
    for (size_t i = 0; i < 3000; i++) {
        add_some(&stage, i, 1, 1 + (int)(i % 7), (int)i);
    }
    for (size_t k = 0; k < 3; k++) {
        stage_fold(&stage, jobs[k]);
        cr_assert(stage.code == RF_OK, "%s", stage.err.text);
        for (size_t i = 0; i < 3000; i++) {
            int count = 1 + (int)(i % 7);
            expect_folded(&stage.results[i], i, count, count * (int)i);
            cr_expect(stage.results[i].state_version == count);
        }
        cr_expect(stage.result.deaths == 0);
        stage_forget(&stage);
    }
    expect_no_child();
    stage_close(&stage);
}

/* ---- groups -----------------------------------------------------------------------------------
 */

#define GROUPS 64

static atomic_uint group_begun[GROUPS];
static atomic_uint group_ended[GROUPS];
static bool group_again[GROUPS];

static void
begin_group(void *context, size_t thread, size_t group)
{
    (void)context;
    (void)thread;
    (void)atomic_fetch_add(&group_begun[group], 1);
}

static bool
end_group(void *context, size_t thread, size_t group)
{
    (void)context;
    (void)thread;
    return atomic_fetch_add(&group_ended[group], 1) == 0 && group_again[group];
}

/** The group that an instance of the stage is of. */
static size_t
group_of(size_t number)
{
    char id[24];
    (void)snprintf(id, sizeof(id), "%07zu", number);
    return (size_t)(rf_hash(id, 7, 0) % GROUPS);
}

static void
expect_groups(const struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++) {
        unsigned want = group_again[group_of(i)] && !stage->passes ? 2 : 1;
        cr_expect(stage->results[i].outcomes == want, "%zu: %u", i, stage->results[i].outcomes);
    }
    for (size_t i = 0; i < GROUPS; i++) {
        cr_expect(atomic_exchange(&group_begun[i], 0) == 1);
        cr_expect(atomic_exchange(&group_ended[i], 0) == (group_again[i] ? 2U : 1U));
    }
}

Test(fold, brings_whole_groups_and_some_of_them_twice_but_counts_them_once)
{
    static const size_t jobs[] = {1, 8};
    struct stage stage;
    stage_open(&stage, FALLER, 600);
    for (size_t i = 0; i < 600; i++) {
        add_some(&stage, i, 1, 3, (int)i);
        stage_add(&stage, i, 3, "Add", "{\"By\":-9}"); /* a conflict in each */
    }
    stage.groups = GROUPS;
    stage.begin = begin_group;
    stage.end = end_group;
    for (size_t i = 0; i < GROUPS; i += 5) {
        group_again[i] = true;
    }
    for (size_t k = 0; k < 4; k++) {
        stage.passes = k >= 2; /* then nothing is folded again, and its events come all the same */
        stage_fold(&stage, jobs[k % 2]); /* which checks the sums */
        cr_assert(stage.code == RF_OK, "%s", stage.err.text);
        cr_expect(term(&stage, RF_TERM_FOLDED) == 1800 && term(&stage, RF_TERM_CONFLICTS) == 600);
        cr_expect(stage.result.damages.totals[RF_DAMAGE_CONFLICT] == 600);
        cr_expect(stage.result.counts.instances == 600);
        expect_groups(&stage);
        stage_forget(&stage);
    }
    expect_no_child();
    stage_close(&stage);
}

static atomic_bool group_stop;

static bool
stop_at_end(void *context, size_t thread, size_t group)
{
    atomic_store(&group_stop, true);
    return end_group(context, thread, group);
}

/* What was not folded once more can be held against nothing. */
Test(fold, is_stopped_while_a_group_comes_again)
{
    struct stage stage;
    stage_open(&stage, FALLER, 600);
    for (size_t i = 0; i < 600; i++) {
        add_some(&stage, i, 1, 3, (int)i);
    }
    stage.groups = GROUPS;
    stage.begin = begin_group;
    stage.end = stop_at_end;
    stage.stop = &group_stop;
    for (size_t i = 0; i < GROUPS; i++) {
        group_again[i] = true;
    }
    stage_fold(&stage, 1);
    cr_expect(stage.code == RF_ERR_INTERRUPTED, "%d: %s", (int)stage.code, stage.err.text);
    expect_no_child();
    stage_close(&stage);
}

Test(fold, brings_groups_without_events_too)
{
    struct stage stage;
    stage_open(&stage, FALLER, 0);
    stage.groups = GROUPS;
    stage.begin = begin_group;
    stage.end = end_group;
    group_again[3] = true;
    stage_fold(&stage, 4);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_groups(&stage);
    stage_close(&stage);
}

Test(fold, starts_no_worker_where_there_is_nothing_to_fold)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    (void)setenv("REFOLD_WORKER", "/nowhere", 1);
    stage_fold(&stage, 4);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    stage_close(&stage);
}

Test(fold, takes_states_that_are_longer_than_a_slot)
{
    struct stage stage;
    stage_open(&stage, FALLER, 6);
    for (size_t i = 0; i < 6; i++) {
        add_some(&stage, i, 1, 1, (int)i);
        stage_add(&stage, i, 2, "Large", "{}");
    }
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    for (size_t i = 0; i < 6; i++) {
        cr_assert(stage.results[i].state != NULL);
        cr_expect(strlen(stage.results[i].state) > 3u << 20);
    }
    stage_close(&stage);
}

Test(fold, gives_the_state_at_the_pin_and_folds_on, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 3);
    add_some(&stage, 0, 1, 5, 10);
    add_some(&stage, 1, 1, 2, 10);
    add_some(&stage, 2, 4, 3, 10); /* versions 4 to 6: a gap before */
    stage.pin = (struct rf_pin){.wanted = true, .version = 3};
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect_str_eq(stage.results[0].state, "{\"count\":3,\"real\":0,\"sum\":30}");
    cr_expect(stage.results[0].applied == 5 && stage.results[0].state_steps == 3);
    cr_expect(stage.results[0].state_version == 3);
    cr_expect_str_eq(stage.results[1].state, "{\"count\":2,\"real\":0,\"sum\":20}");
    cr_expect_str_eq(stage.results[2].state, "{\"count\":0,\"real\":0,\"sum\":0}");
    cr_expect(stage.results[2].state_version == 0 && stage.results[2].state_digest == 0);
    cr_expect(term(&stage, RF_TERM_FOLDED) == 10);
    stage_close(&stage);
}

Test(fold, has_the_same_digest_for_the_same_events_only)
{
    struct stage stage;
    stage_open(&stage, FALLER, 4);
    add_some(&stage, 0, 1, 5, 10);
    add_some(&stage, 1, 1, 5, 10);
    add_some(&stage, 2, 1, 5, 11);
    add_some(&stage, 3, 1, 4, 10);
    stage_fold(&stage, 1);
    cr_expect(stage.results[0].state_digest == stage.results[1].state_digest);
    cr_expect(stage.results[0].state_digest != stage.results[2].state_digest);
    cr_expect(stage.results[0].state_digest != stage.results[3].state_digest);
    stage_close(&stage);
}

/* ---- events that are not taken ----------------------------------------------------------------
 */

Test(fold, ends_an_instance_at_a_refused_event, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 2);
    for (size_t i = 0; i < 2; i++) {
        add_some(&stage, i, 1, 2, 5);
        stage_add(&stage, i, 3, "Refuse", "{}");
        add_some(&stage, i, 4, 3, 5);
    }
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    const struct result *result = &stage.results[1];
    cr_expect(result->ending == RF_ENDED_REJECTED && !result->unhandled && result->has_at);
    cr_expect(result->applied == 2 && result->at_version == 3 && result->state_version == 2);
    cr_expect_str_eq(result->message, "Refuse: as asked");
    /* As if the refused event had never been tried. */
    cr_expect_str_eq(result->state, "{\"count\":2,\"real\":0,\"sum\":10}");
    cr_expect(result->at_digest != result->state_digest && result->at_digest != 0);
    cr_expect(term(&stage, RF_TERM_FOLDED) == 4 && term(&stage, RF_TERM_REJECTED) == 2);
    cr_expect(term(&stage, RF_TERM_UNFOLDED) == 6);
    stage_forget(&stage);
    /* Behind the pin the state is not touched by it. */
    stage.pin = (struct rf_pin){.wanted = true, .version = 1};
    stage_fold(&stage, 1);
    cr_expect_str_eq(stage.results[0].state, "{\"count\":1,\"real\":0,\"sum\":5}");
    cr_expect(stage.results[0].ending == RF_ENDED_REJECTED);
    stage_close(&stage);
}

Test(fold, ends_an_instance_at_a_type_that_is_not_declared)
{
    struct stage stage;
    stage_open(&stage, FALLER, 3);
    add_some(&stage, 0, 1, 2, 5);
    stage_add(&stage, 0, 3, "Unheard", "{}");
    add_some(&stage, 0, 4, 2, 5);
    stage_add(&stage, 1, 1, "Unheard", "{}");
    /* A refusal that comes first is the end. */
    stage_add(&stage, 2, 1, "Refuse", "{}");
    stage_add(&stage, 2, 2, "Unheard", "{}");
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    const struct result *result = &stage.results[0];
    cr_expect(result->ending == RF_ENDED_REJECTED && result->unhandled);
    cr_expect_str_eq(result->message, "unhandled type Unheard");
    cr_expect_str_eq(result->state, "{\"count\":2,\"real\":0,\"sum\":10}");
    cr_expect(result->at_version == 3 && result->applied == 2);
    cr_expect(stage.results[1].unhandled && stage.results[1].at_version == 1);
    cr_expect_str_eq(stage.results[1].state, "{\"count\":0,\"real\":0,\"sum\":0}");
    cr_expect(!stage.results[2].unhandled && stage.results[2].at_version == 1);
    cr_expect(term(&stage, RF_TERM_FOLDED) == 2 && term(&stage, RF_TERM_UNHANDLED) == 2);
    cr_expect(term(&stage, RF_TERM_REJECTED) == 1 && term(&stage, RF_TERM_UNFOLDED) == 3);
    stage_close(&stage);
}

Test(fold, counts_whose_aggregate_no_one_claims)
{
    static const char *const aggregates[] = {"other", "other", "third"};
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 2, 5);
    for (size_t i = 0; i < 3; i++) {
        struct rf_event event = {.id = "unclaimed",
                                 .id_bytes = i == 0 ? 9 : 8,
                                 .type = "Add",
                                 .type_bytes = 3,
                                 .data = "{}",
                                 .data_bytes = 2,
                                 .version = 1,
                                 .has_version = true};
        cr_assert(rf_writer_add(stage.writer, 0, &event, aggregates[i], 5, &stage.err) == RF_OK);
    }
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        stage_fold(&stage, jobs);
        cr_assert(stage.code == RF_OK, "%s", stage.err.text);
        cr_expect(term(&stage, RF_TERM_UNCLAIMED) == 3);
        cr_expect(stage.result.counts.unclaimed_names == 3);
        cr_expect(stage.result.counts.instances == 1);
        stage_forget(&stage);
    }
    stage_close(&stage);
}

Test(fold, hands_over_what_no_build_folds_in_order_and_unclaimed)
{
    struct stage stage;
    stage_open(&stage, FALLER, 2);
    add_some(&stage, 0, 2, 2, 5);
    add_some(&stage, 0, 1, 1, 5);
    stage_add(&stage, 1, 1, "Segv", "{}");
    stage.buildless = true;
    stage.wants_traces = true;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    for (size_t i = 0; i < 2; i++) {
        cr_expect(stage.results[i].outcomes == 1 && stage.results[i].traces == 0);
        cr_expect(stage.results[i].ending == RF_ENDED_UNCLAIMED);
        cr_expect(stage.results[i].state == NULL && !stage.results[i].has_at);
    }
    cr_expect(term(&stage, RF_TERM_UNCLAIMED) == 4);
    cr_expect(stage.result.deaths == 0);
    expect_no_child();
    stage_close(&stage);
}

/* A declared type with more behind a NUL is another type. */
Test(fold, does_not_cut_a_type_at_a_nul)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 2, 5);
    stage_add_type(&stage, 0, 3, "Add\0x", 5, "{\"amount\":5}");
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect(stage.results[0].unhandled && stage.results[0].at_version == 3);
    cr_expect_str_eq(stage.results[0].message, "unhandled type Add" RF_NUL_SYMBOL "x");
    stage_close(&stage);
}

Test(fold, tells_where_a_state_is_no_number)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 2, 5);
    stage_add(&stage, 0, 3, "NotANumber", "{}");
    stage_fold(&stage, 1);
    cr_expect(stage.results[0].ending == RF_ENDED_FOLDED);
    cr_expect(stage.results[0].state == NULL);
    cr_expect_str_eq(stage.results[0].nonfinite, "/real");
    stage_close(&stage);
}

/* What the worker's texts hold is kept as it came; only what is read as a C string later is not: it
 * must not be cut at a NUL. */
Test(fold, keeps_states_as_they_came_and_shows_a_nul_in_reasons)
{
    static const struct {
        uint32_t kind, status;
        const char *want;
        size_t want_bytes;
    } rows[] = {
        {RF_ANSWER_STATE, RF_STATUS_OK, "a\0b", 3},
        {RF_ANSWER_STATE, RF_STATUS_NONFINITE, "a" RF_NUL_SYMBOL "b", 5},
        {RF_ANSWER_STATE, RF_STATUS_BROKEN, "a" RF_NUL_SYMBOL "b", 5},
        {RF_ANSWER_END, RF_STATUS_REJECTED, "a" RF_NUL_SYMBOL "b", 5},
    };
    struct rf_partial partial = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_worker_answer answer = {.kind = rows[i].kind,
                                          .status = rows[i].status,
                                          .applied = 3 + i,
                                          .digest = 7 + i,
                                          .text = "a\0b",
                                          .text_bytes = 3};
        rf_partial_take(&partial, &answer);
        bool is_state = rows[i].kind == RF_ANSWER_STATE;
        const struct rf_buf *text = is_state ? &partial.state : &partial.message;
        cr_expect(text->used == rows[i].want_bytes &&
                      memcmp(text->bytes, rows[i].want, text->used) == 0,
                  "row %zu: %.*s", i, (int)text->used, text->bytes);
        cr_expect((is_state ? partial.state_status : partial.end_status) == rows[i].status);
        cr_expect((is_state ? partial.state_applied : partial.end_applied) == 3 + i);
        cr_expect((is_state ? partial.state_digest : partial.end_digest) == 7 + i);
    }
    rf_buf_done(&partial.state);
    rf_buf_done(&partial.message);
}

/* ---- deaths -----------------------------------------------------------------------------------
 */

/* In its batch, and alone in a fresh worker: that is proof enough. */
Test(fold, tries_no_instance_again_that_fell_alone, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 2, 1);
    stage_add(&stage, 0, 3, "Segv", "{}");
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_fallen(&stage.results[0], 0, RF_ENDED_CRASHED, 2, "SIGSEGV (segmentation fault)");
    cr_expect(stage.result.deaths == 2, "%d deaths", (int)stage.result.deaths);
    stage_close(&stage);
}

static const char *const FALLS[] = {"Segv", "Abort", "Exit", "Stack"};
static const char *const DEATHS[] = {"SIGSEGV (segmentation fault)", "SIGABRT (aborted)",
                                     "exit status 0", "SIGSEGV (segmentation fault)"};

Test(fold, names_each_crash_and_folds_all_others)
{
    enum { COUNT = 10000 };
    struct stage stage;
    stage_open(&stage, FALLER, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        add_some(&stage, i, 1, 3, (int)i);
        if (i % 100 == 37) {
            stage_add(&stage, i, 4, FALLS[i / 100 % 4], "{}");
            add_some(&stage, i, 5, 2, (int)i);
        }
    }
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        stage_fold(&stage, jobs);
        cr_assert(stage.code == RF_OK, "%s", stage.err.text);
        for (size_t i = 0; i < COUNT; i++) {
            if (i % 100 == 37) {
                expect_fallen(&stage.results[i], i, RF_ENDED_CRASHED, 3, DEATHS[i / 100 % 4]);
                cr_expect(stage.results[i].has_at && stage.results[i].at_version == 4);
            } else {
                expect_folded(&stage.results[i], i, 3, 3 * (int)i);
            }
        }
        cr_expect(term(&stage, RF_TERM_FOLDED) == COUNT * 3);
        cr_expect(term(&stage, RF_TERM_UNFOLDED) == 300);
        cr_expect(stage.result.deaths >= 100);
        stage_forget(&stage);
    }
    expect_no_child();
    stage_close(&stage);
}

/** Processes whose parent we are. */
static size_t
count_children(void)
{
    size_t count = 0;
    DIR *processes = opendir("/proc");
    cr_assert_not_null(processes);
    for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
        char path[300];
        char text[512];
        int parent = 0;
        (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        if (file != NULL) { /* it may have ended meanwhile */
            bool read = fgets(text, sizeof(text), file) != NULL;
            (void)fclose(file);
            if (read && sscanf(strrchr(text, ')') + 1, " %*c %d", &parent) == 1) {
                count += parent == getpid() ? 1 : 0;
            }
        }
    }
    (void)closedir(processes);
    return count;
}

static size_t children_most;

static void
note_children(void *context, size_t thread, size_t group)
{
    (void)context;
    (void)thread;
    (void)group;
    size_t count = count_children();
    children_most = count > children_most ? count : children_most;
}

/* Beside the worker there is the server that forks the next one. */
Test(fold, forks_workers_once_one_has_died)
{
    enum { COUNT = 200 };
    for (int falls = 0; falls < 2; falls++) {
        struct stage stage;
        stage_open(&stage, FALLER, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            add_some(&stage, i, 1, 2, 1);
            if (falls == 1 && i % 10 == 0) {
                stage_add(&stage, i, 3, "Segv", "{}");
            }
        }
        stage.groups = GROUPS;
        stage.begin = note_children;
        stage.end = end_group;
        children_most = 0;
        stage_fold(&stage, 1);
        cr_assert(stage.code == RF_OK, "%s", stage.err.text);
        cr_expect_eq(children_most, falls == 1 ? 2 : 1, "%zu", children_most);
        stage_close(&stage);
    }
}

/* ---- what goes on from a snapshot ----------------------------------------------------------- */

/** Where instance `number` goes on: behind version 3, with a sum of 10. */
static void
add_start(struct stage *stage, size_t number, const char *state)
{
    static char ids[20000][8];
    const char *name = stage->build->name;
    if (stage->starts == NULL) {
        stage->starts = rf_starts_new();
    }
    (void)snprintf(ids[number], sizeof(ids[0]), "%07zu", number);
    struct rf_start start = {
        .aggregate = rf_names_number(rf_history_names(stage->history), name, strlen(name)),
        .id = ids[number],
        .id_bytes = 7,
        .state = state,
        .state_bytes = state == NULL ? 0 : strlen(state),
        .version = 3,
        .covered = 3,
        .digest = 99,
        .refused_message = "nothing",
        .refused_message_bytes = 7,
        .refused = state == NULL,
    };
    rf_starts_add(stage->starts, &start);
}

#define STARTED "{\"count\":3,\"real\":0,\"sum\":10}"

Test(fold, goes_on_from_starts_and_names_who_falls)
{
    enum { COUNT = 4000 };
    struct stage stage;
    stage_open(&stage, FALLER, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        add_start(&stage, i, i % 500 == 7 ? "{\"count\":3}" : STARTED);
        if (i % 3 == 0) {
            continue; /* no event: the state stays */
        }
        add_some(&stage, i, 4, 2, (int)i);
        if (i % 100 == 37) {
            stage_add(&stage, i, 6, FALLS[i / 100 % 4], "{}");
        } else if (i % 100 == 38) {
            stage_add(&stage, i, 6, "Refuse", "{}");
        }
    }
    rf_starts_sort(stage.starts);
    for (size_t jobs = 1; jobs <= 2; jobs++) {
        stage_fold(&stage, jobs);
        cr_assert(stage.code == RF_OK, "%s", stage.err.text);
        for (size_t i = 0; i < COUNT; i++) {
            const struct result *result = &stage.results[i];
            bool idle = i % 3 == 0;
            if (i % 500 == 7) {
                expect_fallen(result, i, RF_ENDED_CRASHED, 0,
                              "its snapshot cannot be restored: /real: is missing");
            } else if (i % 100 == 37 && !idle) {
                expect_fallen(result, i, RF_ENDED_CRASHED, 2, DEATHS[i / 100 % 4]);
                cr_expect(result->has_at && result->at_version == 6);
            } else {
                char state[80];
                (void)snprintf(state, sizeof(state), "{\"count\":%d,\"real\":0,\"sum\":%d}",
                               idle ? 3 : 5, idle ? 10 : 10 + 2 * (int)i);
                bool refused = i % 100 == 38 && !idle;
                cr_expect(result->outcomes == 1);
                cr_expect(result->ending == (refused ? RF_ENDED_REJECTED : RF_ENDED_FOLDED));
                cr_expect(result->state != NULL && strcmp(result->state, state) == 0,
                          "%zu: %s, not %s", i, result->state, state);
                cr_expect(result->state_version == (idle ? 3 : 5));
                cr_expect((result->state_digest == 99) == idle);
            }
        }
        stage_forget(&stage);
    }
    expect_no_child();
    stage_close(&stage);
}

Test(fold, folds_nothing_where_the_start_has_no_state)
{
    struct stage stage;
    stage_open(&stage, FALLER, 2);
    add_start(&stage, 0, NULL);
    add_start(&stage, 1, NULL);
    rf_starts_sort(stage.starts);
    add_some(&stage, 1, 4, 2, 1);
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    const struct result *stays = &stage.results[0];
    cr_expect(stays->outcomes == 1 && stays->ending == RF_ENDED_REJECTED && stays->state == NULL);
    cr_expect(stays->nonfinite != NULL && strcmp(stays->message, "nothing") == 0);
    cr_expect(stays->at_version == 3 && stays->at_digest == 99 && stays->state_version == 3);
    expect_fallen(&stage.results[1], 1, RF_ENDED_CRASHED, 0,
                  "its snapshot has no state to go on from; fold it from the beginning");
    cr_expect(term(&stage, RF_TERM_UNFOLDED) == 2);
    stage_close(&stage);
}

Test(fold, traces_from_the_start_on)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_start(&stage, 0, STARTED);
    rf_starts_sort(stage.starts);
    add_some(&stage, 0, 4, 2, 1);
    stage.wants_traces = true;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect_str_eq(stage.results[0].trace, "0=" STARTED ";1={\"count\":4,\"real\":0,\"sum\":11};"
                                             "2={\"count\":5,\"real\":0,\"sum\":12};");
    cr_expect(stage.results[0].traces == 1 && stage.results[0].whole);
    stage_close(&stage);
}

Test(fold, lays_a_crash_while_the_state_is_made_to_the_last_event)
{
    struct stage stage;
    stage_open(&stage, FALLER, 3);
    add_some(&stage, 0, 1, 2, 1);
    stage_add(&stage, 0, 3, "Snapshot", "{}");
    add_some(&stage, 1, 1, 3, 1);
    stage_add(&stage, 2, 1, "Snapshot", "{}");
    add_some(&stage, 2, 2, 3, 1);
    stage.pin = (struct rf_pin){.wanted = true, .version = 3};
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_fallen(&stage.results[0], 0, RF_ENDED_CRASHED, 2, "SIGSEGV (segmentation fault)");
    cr_expect(stage.results[0].at_version == 3);
    expect_folded(&stage.results[1], 1, 3, 3);
    /* Made behind version 3: that is the last that was folded. */
    expect_fallen(&stage.results[2], 2, RF_ENDED_CRASHED, 2, "SIGSEGV (segmentation fault)");
    cr_expect(term(&stage, RF_TERM_FOLDED) == 7 && term(&stage, RF_TERM_UNFOLDED) == 3);
    stage_close(&stage);
}

Test(fold, keeps_others_results_from_a_plugin_that_scribbles)
{
    enum { COUNT = 400 };
    struct stage stage;
    rf_sandbox_choose(RF_SANDBOX_OFF); /* it looks its memory up in /proc/self/maps */
    stage_open(&stage, FALLER, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        add_some(&stage, i, 1, 3, (int)i);
        if (i % 50 == 7) {
            stage_add(&stage, i, 4, "Scribble", "{}");
        }
    }
    stage_fold(&stage, 2);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 50 == 7) {
            cr_expect(stage.results[i].ending == RF_ENDED_CRASHED, "%zu", i);
            cr_expect(stage.results[i].state == NULL && stage.results[i].outcomes == 1);
        } else {
            expect_folded(&stage.results[i], i, 3, 3 * (int)i);
        }
    }
    stage_close(&stage);
}

Test(fold, names_the_instance_that_left_the_worker_broken)
{
    struct stage stage;
    stage_open(&stage, FALLER, 3000);
    for (size_t i = 0; i < 3000; i++) {
        add_some(&stage, i, 1, 2, (int)i);
    }
    stage_add(&stage, 150, 3, "Poison", "{}");
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    size_t fallen = 0;
    for (size_t i = 0; i < 3000; i++) {
        if (stage.results[i].ending == RF_ENDED_CRASHED) {
            fallen++;
            cr_expect(i == 150, "%zu", i);
            cr_expect(strstr(stage.results[i].message, "SIGSEGV") != NULL);
        } else {
            expect_folded(&stage.results[i], i, 2, 2 * (int)i);
        }
    }
    cr_expect(fallen == 1);
    stage_close(&stage);
}

Test(fold, names_who_dies_where_many_events_come_at_once, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    stage_add(&stage, 0, 1, "Batch", "{}");
    stage_add(&stage, 0, 2, "Batch", "{}");
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_fallen(&stage.results[0], 0, RF_ENDED_CRASHED, 0,
                  "SIGSEGV (segmentation fault) where it is given many events at once; event by "
                  "event it is through");
    stage_close(&stage);
}

/** An instance of another bucket than 0's, which is folded before that, and leaves the worker
 * broken. */
static size_t
add_poison(struct stage *stage)
{
    size_t number = 1;
    char id[8] = "0000001";
    while (rf_history_bucket(id, 7) == rf_history_bucket("0000000", 7)) {
        number++;
        (void)snprintf(id, sizeof(id), "%07zu", number);
    }
    stage_add(stage, number, 1, "Poison", "{}");
    add_some(stage, number, 2, 30, 1); /* the largest bucket goes first */
    return number;
}

Test(fold, gives_a_death_a_name_where_no_instance_dies_alone, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 100);
    size_t poison = add_poison(&stage);
    add_some(&stage, 0, 1, 2, 1);
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_fallen(&stage.results[0], 0, RF_ENDED_CRASHED, 1,
                  "SIGSEGV (segmentation fault) in a batch that begins here; no instance of it "
                  "dies alone");
    expect_folded(&stage.results[poison], poison, 31, 30);
    stage_close(&stage);
}

/** The next instance behind `number` that is folded with it. */
static size_t
find_neighbour(size_t number)
{
    char id[8];
    (void)snprintf(id, sizeof(id), "%07zu", number);
    size_t bucket = rf_history_bucket(id, 7);
    do {
        number++;
        (void)snprintf(id, sizeof(id), "%07zu", number);
    } while (rf_history_bucket(id, 7) != bucket);
    return number;
}

/* What the batch answered before it fell lies there, and is believed: only its culprit falls again.
 */
Test(fold, tries_none_again_whose_answers_lie_there, .timeout = 10)
{
    enum { COUNT = 20000 };
    struct stage stage;
    stage_open(&stage, FALLER, COUNT);
    size_t answered = find_neighbour(0);
    size_t culprit = find_neighbour(answered);
    cr_assert(culprit < COUNT);
    add_some(&stage, 0, 1, 2, 1);
    add_some(&stage, answered, 1, 2, 1);
    stage_add(&stage, culprit, 1, "Segv", "{}");
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_folded(&stage.results[0], 0, 2, 2);
    expect_folded(&stage.results[answered], answered, 2, 2);
    expect_fallen(&stage.results[culprit], culprit, RF_ENDED_CRASHED, 0,
                  "SIGSEGV (segmentation fault)");
    cr_expect(stage.result.deaths == 2, "%d deaths", (int)stage.result.deaths);
    stage_close(&stage);
}

/* The suspect lives alone, and so does whoever comes next: there is one behind them who does not.
 */
Test(fold, names_who_dies_alone_behind_a_suspect_that_lives, .timeout = 10)
{
    enum { COUNT = 20000 };
    struct stage stage;
    stage_open(&stage, FALLER, COUNT);
    size_t suspect = 0;
    size_t between = find_neighbour(suspect);
    size_t culprit = find_neighbour(between);
    size_t behind = find_neighbour(culprit);
    cr_assert(behind < COUNT);
    (void)add_poison(&stage);
    add_some(&stage, suspect, 1, 2, 1);
    add_some(&stage, between, 1, 2, 1);
    add_some(&stage, culprit, 1, 2, 1);
    stage_add(&stage, culprit, 3, "Segv", "{}");
    add_some(&stage, behind, 1, 2, 1);
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_folded(&stage.results[suspect], suspect, 2, 2);
    expect_folded(&stage.results[between], between, 2, 2);
    expect_fallen(&stage.results[culprit], culprit, RF_ENDED_CRASHED, 2,
                  "SIGSEGV (segmentation fault)");
    expect_folded(&stage.results[behind], behind, 2, 2);
    cr_expect(term(&stage, RF_TERM_FOLDED) == 31 + 8 && term(&stage, RF_TERM_UNFOLDED) == 1);
    stage_close(&stage);
}

Test(fold, names_the_event_at_which_an_instance_hangs)
{
    struct stage stage;
    stage_open(&stage, FALLER, 50);
    for (size_t i = 0; i < 50; i++) {
        add_some(&stage, i, 1, 2, (int)i);
    }
    stage_add(&stage, 20, 3, "Hang", "{}");
    stage_add(&stage, 30, 3, "Sleep", "{}");
    add_some(&stage, 30, 4, 1, 1);
    stage.timeout_ms = 300;
    stage_fold(&stage, 2);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    for (size_t i = 0; i < 50; i++) {
        if (i == 20 || i == 30) {
            expect_fallen(&stage.results[i], i, RF_ENDED_HUNG, 2, "no sign of life for 0.3 s");
            cr_expect(stage.results[i].at_version == 3);
        } else {
            expect_folded(&stage.results[i], i, 2, 2 * (int)i);
        }
    }
    expect_no_child();
    stage_close(&stage);
}

Test(fold, does_not_call_a_slow_batch_hung)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    for (int i = 0; i < 30; i++) {
        stage_add(&stage, 0, 1 + i, "Slow", "{}");
    }
    stage.timeout_ms = 300;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_folded(&stage.results[0], 0, 30, 0);
    stage_close(&stage);
}

/* Alone it is given one event at a time: that is another fold. */
Test(fold, names_who_hangs_where_many_events_come_at_once)
{
    struct stage stage;
    stage_open(&stage, FALLER, 3);
    add_some(&stage, 0, 1, 2, 1);
    stage_add(&stage, 1, 1, "BatchHang", "{}");
    add_some(&stage, 1, 2, 2, 1);
    add_some(&stage, 2, 1, 2, 1);
    stage.timeout_ms = 1000;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_folded(&stage.results[0], 0, 2, 2);
    expect_fallen(&stage.results[1], 1, RF_ENDED_HUNG, 0,
                  "no sign of life for 1 s where it is given many events at once; event by event "
                  "it is through");
    expect_folded(&stage.results[2], 2, 2, 2);
    cr_expect(atomic_load(&stage.build->hangs[0]) == 1);
    stage_close(&stage);
}

#if !RF_SANITIZED /* it has an allocator of its own */

Test(fold, names_who_asks_for_too_much_where_many_events_come_at_once, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    stage_add(&stage, 0, 1, "BatchHuge", "{}");
    add_some(&stage, 0, 2, 2, 1);
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect(stage.results[0].ending == RF_ENDED_CRASHED);
    cr_expect(strstr(stage.results[0].message, "exceeded its memory") != NULL, "%s",
              stage.results[0].message);
    stage_close(&stage);
}

/* One piece that is more than there may be is no sum of what many left. */
Test(fold, names_who_made_the_next_one_ask_for_too_much, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 20000);
    size_t next = find_neighbour(0);
    cr_assert(next < 20000);
    stage_add(&stage, 0, 1, "Garbage", "{}");
    add_some(&stage, next, 1, 2, 1);
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect(stage.results[0].ending == RF_ENDED_CRASHED);
    cr_expect(stage.results[0].message != NULL &&
                  strstr(stage.results[0].message, "exceeded its memory") != NULL &&
                  strstr(stage.results[0].message, "which does not die alone") != NULL,
              "%s", stage.results[0].message);
    expect_folded(&stage.results[next], next, 2, 2);
    stage_close(&stage);
}

#endif

Test(fold, names_who_made_the_next_one_hang)
{
    struct stage stage;
    stage_open(&stage, FALLER, 20000);
    size_t next = find_neighbour(0);
    size_t last = find_neighbour(next);
    cr_assert(last < 20000);
    stage_add(&stage, 0, 1, "Lock", "{}");
    add_some(&stage, next, 1, 2, 1);
    add_some(&stage, last, 1, 2, 1);
    stage.timeout_ms = 1000;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_fallen(&stage.results[0], 0, RF_ENDED_HUNG, 0,
                  "no sign of life for 1 s at the next instance, which does not hang alone");
    expect_folded(&stage.results[next], next, 2, 2);
    expect_folded(&stage.results[last], last, 2, 2);
    cr_expect(atomic_load(&stage.build->hangs[0]) == 1);
    stage_close(&stage);
}

/* A batch that hangs though none of it does alone, and in which another one hangs behind others as
 * they are tried one by one: that these take their time is not what it was. */
Test(fold, names_the_first_of_a_slow_batch_that_is_stuck_all_the_same, .timeout = 60)
{
    struct stage stage;
    stage_open(&stage, FALLER, 20000);
    size_t second = find_neighbour(0);
    size_t third = find_neighbour(second);
    size_t last = find_neighbour(third);
    cr_assert(last < 20000);
    for (int version = 1; version <= 6; version++) {
        stage_add(&stage, 0, version, "Slow", "{}");
        stage_add(&stage, second, version, "Slow", "{}");
    }
    stage_add(&stage, third, 1, "StepHangBehind", "{}");
    add_some(&stage, third, 2, 2, 1);
    stage_add(&stage, last, 1, "BatchHangBehind", "{}");
    add_some(&stage, last, 2, 2, 1);
    stage.timeout_ms = 1000;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_fallen(&stage.results[0], 0, RF_ENDED_HUNG, 5,
                  "no sign of life for 1 s in a batch that begins here; no instance of it hangs "
                  "alone");
    expect_folded(&stage.results[second], second, 6, 0);
    expect_folded(&stage.results[third], third, 3, 2);
    expect_folded(&stage.results[last], last, 3, 2);
    stage_close(&stage);
}

/* A run may fold more than once: a look at suspects, a second base. */
Test(fold, forgets_what_an_earlier_fold_found_out)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 2, 1);
    for (int again = 0; again < 3; again++) {
        atomic_store(&stage.build->hangs[again], RF_LIMIT_HANGS);
    }
    atomic_store(&stage.build->untried, 1);
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    expect_folded(&stage.results[0], 0, 2, 2);
    for (int again = 0; again < 3; again++) {
        cr_expect(atomic_load(&stage.build->hangs[again]) == 0);
    }
    cr_expect(atomic_load(&stage.build->untried) == 0);
    stage_close(&stage);
}

/* Twenty times a whole timeout is enough of that, too. */
Test(fold, folds_no_more_where_batches_hang_again_and_again)
{
    enum { COUNT = 200 };
    struct stage stage;
    stage_open(&stage, FALLER, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        stage_add(&stage, i, 1, "BatchHang", "{}");
        add_some(&stage, i, 2, 2, 1);
    }
    stage.timeout_ms = 20;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    size_t hung = 0;
    size_t untried = 0;
    for (size_t i = 0; i < COUNT; i++) {
        hung += stage.results[i].ending == RF_ENDED_HUNG;
        untried += stage.results[i].ending == RF_ENDED_UNTRIED;
    }
    cr_expect(hung == 20 && untried == COUNT - 20, "%zu hung, %zu untried", hung, untried);
    stage_close(&stage);
}

/* The state before the refused event is made anew, which takes as long as the events did. */
Test(fold, does_not_call_a_slow_refused_instance_hung)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    for (int i = 0; i < 30; i++) {
        stage_add(&stage, 0, 1 + i, "Slow", "{}");
    }
    stage_add(&stage, 0, 31, "Refuse", "{}");
    stage.timeout_ms = 300;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect(stage.results[0].ending == RF_ENDED_REJECTED && stage.results[0].applied == 30);
    cr_expect_str_eq(stage.results[0].message, "Refuse: as asked");
    cr_expect_str_eq(stage.results[0].state, "{\"count\":30,\"real\":0,\"sum\":0}");
    stage_close(&stage);
}

/* ---- workers that are no workers --------------------------------------------------------------
 */

Test(fold, ends_where_workers_never_get_ready)
{
    struct stage stage;
    stage_open(&stage, FALLER, 2);
    add_some(&stage, 0, 1, 1, 1);
    (void)setenv("REFOLD_WORKER", built("tests/fake_worker"), 1);
    char *file = stage.build->file;
    stage.build->file = (char *)"unready";
    stage_fold(&stage, 2);
    cr_expect(stage.code == RF_ERR_USAGE);
    cr_expect_str_eq(stage.err.text, "does not load any more: it was tried 3 times, the last: "
                                     "exit status 4");
    cr_expect(stage.results[0].outcomes == 0);
    stage.build->file = file;
    stage_close(&stage);
}

Test(fold, believes_no_answer_about_other_events, .timeout = 10)
{
    struct stage stage;
    stage_open(&stage, FALLER, 20);
    for (size_t i = 0; i < 20; i++) {
        add_some(&stage, i, 1, 1, 1);
    }
    /* It answers everything with {} and the digest of no events. */
    (void)setenv("REFOLD_WORKER", built("tests/fake_worker"), 1);
    char *file = stage.build->file;
    stage.build->file = (char *)"honest";
    stage_fold(&stage, 2);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    for (size_t i = 0; i < 20; i++) {
        expect_fallen(&stage.results[i], i, RF_ENDED_CRASHED, 0,
                      "answered for other events than it was given");
    }
    stage.build->file = file;
    stage_close(&stage);
}

Test(fold, stops_when_told_to)
{
    struct stage stage;
    atomic_bool stop = true;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 1, 1);
    stage.stop = &stop;
    stage_fold(&stage, 2);
    cr_expect(stage.code == RF_ERR_INTERRUPTED);
    cr_expect(stage.results[0].outcomes == 0);
    stage_close(&stage);
}

struct stopper {
    atomic_bool *stop;
};

static void *
stop_soon(void *context)
{
    struct timespec pause = {0, 300000000};
    (void)nanosleep(&pause, NULL);
    atomic_store(((struct stopper *)context)->stop, true);
    rf_worker_kill_all();
    return NULL;
}

Test(fold, lays_no_crash_to_an_instance_when_it_is_stopped)
{
    struct stage stage;
    atomic_bool stop = false;
    struct stopper stopper = {&stop};
    pthread_t thread;
    stage_open(&stage, FALLER, 1);
    stage_add(&stage, 0, 1, "Sleep", "{}");
    stage.stop = &stop;
    stage.timeout_ms = 20000;
    cr_assert(pthread_create(&thread, NULL, stop_soon, &stopper) == 0);
    stage_fold(&stage, 2);
    (void)pthread_join(thread, NULL);
    cr_expect(stage.code == RF_ERR_INTERRUPTED);
    cr_expect(stage.results[0].outcomes == 0);
    expect_no_child();
    stage_close(&stage);
}

/* ---- traces -----------------------------------------------------------------------------------
 */

Test(fold, traces_the_states_that_changed_up_to_the_snapshot)
{
    struct stage stage;
    stage_open(&stage, FALLER, 3);
    add_some(&stage, 0, 1, 1, 5);
    stage_add(&stage, 0, 2, "Same", "{}");
    add_some(&stage, 0, 3, 2, 5);
    add_some(&stage, 1, 1, 1, 7);
    stage_add(&stage, 1, 2, "Segv", "{}");
    stage_add(&stage, 2, 1, "Refuse", "{}");
    stage.pin = (struct rf_pin){.wanted = true, .version = 3};
    stage.wants_traces = true;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect_str_eq(stage.results[0].trace, "0={\"count\":0,\"real\":0,\"sum\":0};"
                                             "1={\"count\":1,\"real\":0,\"sum\":5};"
                                             "3={\"count\":2,\"real\":0,\"sum\":10};");
    /* Up to what fell. */
    cr_expect_str_eq(stage.results[1].trace, "0={\"count\":0,\"real\":0,\"sum\":0};"
                                             "1={\"count\":1,\"real\":0,\"sum\":7};");
    cr_expect_str_eq(stage.results[2].trace, "0={\"count\":0,\"real\":0,\"sum\":0};");
    for (size_t i = 0; i < 3; i++) {
        cr_expect(stage.results[i].traces == 1 && stage.results[i].whole, "%zu", i);
    }
    stage_close(&stage);
}

Test(fold, traces_a_refused_instance_beyond_the_snapshot)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 3, 5);
    stage_add(&stage, 0, 4, "Refuse", "{}");
    stage.pin = (struct rf_pin){.wanted = true, .version = 1};
    stage.wants_traces = true;
    stage_fold(&stage, 1);
    cr_assert(stage.code == RF_OK, "%s", stage.err.text);
    cr_expect_str_eq(stage.results[0].trace, "0={\"count\":0,\"real\":0,\"sum\":0};"
                                             "1={\"count\":1,\"real\":0,\"sum\":5};"
                                             "2={\"count\":2,\"real\":0,\"sum\":10};"
                                             "3={\"count\":3,\"real\":0,\"sum\":15};");
    stage_close(&stage);
}

/** The trace of instance 0 by itself, up to `steps`. */
static void
trace_alone(struct stage *stage, uint64_t steps)
{
    stage->trace_of = 1;
    stage->trace_steps = steps;
    stage_fold(stage, 1);
    cr_assert(stage->code == RF_OK, "%s", stage->err.text);
    cr_expect(stage->results[0].outcomes == 1 && stage->results[0].traces == 1);
    expect_no_child();
}

Test(fold, traces_one_instance_by_itself_as_far_as_it_is_told)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 3, 5);
    stage_add(&stage, 0, 4, "Segv", "{}");
    trace_alone(&stage, 2);
    cr_expect(stage.results[0].whole && stage.results[0].ending == RF_ENDED_CRASHED);
    cr_expect(!stage.death.died);
    cr_expect_str_eq(stage.results[0].trace, "0={\"count\":0,\"real\":0,\"sum\":0};"
                                             "1={\"count\":1,\"real\":0,\"sum\":5};"
                                             "2={\"count\":2,\"real\":0,\"sum\":10};");
    stage_forget(&stage);
    trace_alone(&stage, 0);
    cr_expect(stage.results[0].whole);
    cr_expect_str_eq(stage.results[0].trace, "0={\"count\":0,\"real\":0,\"sum\":0};");
    stage_close(&stage);
}

Test(fold, traces_what_comes_before_a_death)
{
    struct stage stage;
    stage_open(&stage, FALLER, 1);
    add_some(&stage, 0, 1, 1, 5);
    stage_add(&stage, 0, 2, "Segv", "{}");
    add_some(&stage, 0, 3, 1, 5);
    trace_alone(&stage, 3);
    cr_expect_str_eq(stage.results[0].trace, "0={\"count\":0,\"real\":0,\"sum\":0};"
                                             "1={\"count\":1,\"real\":0,\"sum\":5};");
    cr_expect(stage.death.died && stage.death.at == 1);
    cr_expect_str_eq(stage.death.text, "SIGSEGV (segmentation fault)");
    stage_close(&stage);
}
