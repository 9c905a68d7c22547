/* SPDX-License-Identifier: MIT */
/* The host against a worker that misbehaves on demand (plugins/fake_worker.c). */
#include "host/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memfile.h"
#include "host/limits.h"
#include "tests/worker/support.h"

/** A worker that does `misdeed`, told to fold `instances` of 5 events each. */
struct scene {
    struct rf_worker *worker;
    struct rf_memfile names;
    char misdeed[64];
    struct rf_build build;
    struct rf_worker_files files;
    struct rf_worker_answer answer; /**< the last */
    uint64_t ends;                  /**< instances answered */
};

static void
open_scene(struct scene *scene, const char *misdeed, const int *arenas, size_t arena_count)
{
    memset(scene, 0, sizeof(*scene));
    cr_assert(setenv("REFOLD_WORKER", built("tests/fake_worker"), 1) == 0);
    struct rf_err err;
    cr_assert(rf_memfile_open(&scene->names, "names", &err) == RF_OK);
    (void)snprintf(scene->misdeed, sizeof(scene->misdeed), "%s", misdeed);
    scene->build.file = scene->misdeed;
    scene->files = (struct rf_worker_files){
        .names = scene->names.fd, .arenas = arenas, .arena_count = arena_count};
    cr_assert(rf_worker_start(&scene->build, &scene->files, &scene->worker, &err) == RF_OK, "%s",
              err.text);
}

static void
submit(struct scene *scene, uint64_t instances, uint32_t flags)
{
    size_t each = sizeof(struct rf_request) + 5 * sizeof(struct rf_request_event);
    char *room = rf_worker_request_room(scene->worker, (size_t)instances * each);
    for (uint64_t i = 0; i < instances; i++) {
        struct rf_request request = {each, 5, 3, 0, flags};
        memset(room + i * each, 0, each);
        memcpy(room + i * each, &request, sizeof(request));
    }
    rf_worker_submit(scene->worker, instances);
}

/** Takes answers to the batch's or the worker's end. */
static enum rf_worker_event
drain(struct scene *scene, int timeout_ms)
{
    for (;;) {
        enum rf_worker_event event = rf_worker_next(scene->worker, timeout_ms, &scene->answer);
        if (event != RF_WORKER_ANSWER) {
            return event;
        }
        scene->ends += scene->answer.kind == RF_ANSWER_END;
    }
}

static void
close_scene(struct scene *scene)
{
    rf_worker_stop(scene->worker);
    rf_memfile_done(&scene->names);
    /* Every worker is reaped. */
    cr_assert(waitpid(-1, NULL, WNOHANG) == -1);
}

struct row {
    const char *misdeed;
    enum rf_worker_event event;
    const char *death;
    uint64_t ends; /**< instances that were answered before */
};

static void
check_row(const struct row *row, uint64_t instances, uint32_t flags)
{
    struct scene scene;
    open_scene(&scene, row->misdeed, NULL, 0);
    submit(&scene, instances, flags);
    enum rf_worker_event event = drain(&scene, 400);
    cr_expect(event == row->event, "%s: event %d", row->misdeed, (int)event);
    cr_expect_str_eq(rf_worker_death(scene.worker), row->death, "%s: %s", row->misdeed,
                     rf_worker_death(scene.worker));
    cr_expect(scene.ends == row->ends, "%s: %d instances answered", row->misdeed, (int)scene.ends);
    /* What is over stays over. */
    cr_expect(rf_worker_next(scene.worker, 400, &scene.answer) == row->event);
    close_scene(&scene);
}

Test(host_worker, takes_what_an_honest_worker_answers)
{
    struct scene scene;
    open_scene(&scene, "honest", NULL, 0);
    for (int round = 0; round < 3; round++) {
        scene.ends = 0;
        submit(&scene, 100, 0);
        cr_assert(drain(&scene, 1000) == RF_WORKER_BATCH);
        cr_assert(scene.ends == 100);
        cr_assert(rf_worker_ready(scene.worker));
    }
    close_scene(&scene);
}

Test(host_worker, takes_more_answers_than_there_are_slots)
{
    struct scene scene;
    open_scene(&scene, "honest", NULL, 0);
    submit(&scene, 100000, 0);
    cr_assert(drain(&scene, 1000) == RF_WORKER_BATCH);
    cr_assert(scene.ends == 100000);
    close_scene(&scene);
}

Test(host_worker, joins_texts_that_span_slots)
{
    struct scene scene;
    open_scene(&scene, "large", NULL, 0);
    submit(&scene, 3, 0);
    for (int i = 0; i < 3; i++) {
        cr_assert(rf_worker_next(scene.worker, 1000, &scene.answer) == RF_WORKER_ANSWER);
        cr_assert(scene.answer.kind == RF_ANSWER_STATE);
        cr_assert(scene.answer.text_bytes == (5u << 20) + 3);
        for (size_t k = 0; k < scene.answer.text_bytes; k++) {
            cr_assert(scene.answer.text[k] == 'a' + i);
        }
        cr_assert(rf_worker_next(scene.worker, 1000, &scene.answer) == RF_WORKER_ANSWER);
        cr_assert(scene.answer.kind == RF_ANSWER_END);
    }
    cr_assert(rf_worker_next(scene.worker, 1000, &scene.answer) == RF_WORKER_BATCH);
    close_scene(&scene);
}

Test(host_worker, names_every_lie)
{
    static const struct row rows[] = {
        {"checksum", RF_WORKER_LIED, "answer 2 has a wrong checksum", 1},
        {"text", RF_WORKER_LIED, "answer 2 has a wrong checksum", 1},
        {"magic", RF_WORKER_LIED, "answer 2 is garbled", 1},
        {"kind", RF_WORKER_LIED, "answer 2 is of an unknown kind", 1},
        {"status", RF_WORKER_LIED, "answer 3 is an end of no known status", 1},
        {"long", RF_WORKER_LIED, "answer 2 is too long", 1},
        {"sequence", RF_WORKER_LIED, "answer 2 is out of sequence", 1},
        {"instance", RF_WORKER_LIED, "answer 2 is for another instance", 1},
        {"applied", RF_WORKER_LIED, "answer 2 is a state out of turn", 1},
        {"stateless", RF_WORKER_LIED, "answer 2 is an end without a state", 1},
        {"two-states", RF_WORKER_LIED, "answer 3 is a state out of turn", 1},
        {"short", RF_WORKER_LIED, "answer 3 is an end with too few events", 1},
        {"twice", RF_WORKER_LIED, "answer 4 is for another instance", 2},
        {"skips", RF_WORKER_LIED, "answer 2 is for another instance", 1},
        {"trace", RF_WORKER_LIED, "answer 2 is a trace out of turn", 1},
        {"slot-cut", RF_WORKER_LIED, "the answer file is cut short", 0},
        {"slot-number", RF_WORKER_LIED, "a slot is out of turn", 0},
        {"slot-bytes", RF_WORKER_LIED, "a slot is out of turn", 0},
        {"batch", RF_WORKER_LIED, "the batch ends with 3 of 3 instances answered", 3},
        {"notice", RF_WORKER_LIED, "a notice is of an unknown kind", 0},
        {"steps", RF_WORKER_LIED, "a step is out of turn", 0},
        {"hello-again", RF_WORKER_LIED, "speaks another protocol", 0},
        {"version", RF_WORKER_LIED, "speaks another protocol", 0},
        {"stranger", RF_WORKER_LIED, "named a process that is not its program", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_row(&rows[i], 3, 0);
    }
}

/* What it answers may be this or that: none of it is taken. */
Test(host_worker, takes_a_race_that_is_told_of_for_a_crash)
{
    check_row(&(struct row){"race", RF_WORKER_DIED,
                            "data race: read at a.go:1, previous write at b.go:2", 0},
              3, 0);
}

Test(host_worker, keeps_a_race_that_is_told_of_behind_the_last_answer)
{
    struct scene scene;
    open_scene(&scene, "race-late", NULL, 0);
    rf_worker_stop(scene.worker);
    struct rf_err err;
    scene.build.conduct = rf_conduct_new();
    cr_assert(rf_worker_start(&scene.build, &scene.files, &scene.worker, &err) == RF_OK);
    submit(&scene, 3, 0);
    cr_assert(drain(&scene, 1000) == RF_WORKER_BATCH);
    cr_assert(scene.ends == 3);
    for (int i = 0; i < 5000 && !rf_worker_is_heavy(scene.worker); i++) {
        rf_clock_sleep_us(1000);
    }
    cr_expect(rf_worker_is_heavy(scene.worker), "it is replaced");
    cr_expect_null(rf_conduct_look(scene.build.conduct).late);
    close_scene(&scene);
    cr_assert_not_null(rf_conduct_look(scene.build.conduct).late);
    cr_expect_str_eq(rf_conduct_look(scene.build.conduct).late,
                     "data race: read at a.go:1, previous write at b.go:2");
    rf_conduct_free(scene.build.conduct);
}

Test(host_worker, takes_the_trails_of_an_honest_worker)
{
    struct scene scene;
    open_scene(&scene, "honest", NULL, 0);
    for (int round = 0; round < 3; round++) {
        scene.ends = 0;
        submit(&scene, 100, RF_REQUEST_TRAIL);
        cr_assert(drain(&scene, 1000) == RF_WORKER_BATCH, "%s", rf_worker_death(scene.worker));
        cr_assert(scene.ends == 100);
    }
    close_scene(&scene);
}

/* A hash too few or too many would shift all that are behind it: the wrong event would be named. */
Test(host_worker, names_every_lie_about_a_trail)
{
    static const char turn[] = "answer 6 is a part of a trail out of turn";
    static const struct row rows[] = {
        {"trail-none", RF_WORKER_LIED, "answer 5 is an end with a part of its trail missing", 1},
        {"trail-begun", RF_WORKER_LIED, "answer 6 is an end with a part of its trail missing", 1},
        {"trail-end-only", RF_WORKER_LIED, "answer 5 is a part of a trail out of turn", 1},
        {"trail-omits", RF_WORKER_LIED, turn, 1},
        {"trail-doubles", RF_WORKER_LIED, turn, 1},
        {"trail-cut", RF_WORKER_LIED, turn, 1},
        {"trail-empty", RF_WORKER_LIED, turn, 1},
        {"trail-twice", RF_WORKER_LIED, "answer 7 is a part of a trail out of turn", 1},
        {"trail-late", RF_WORKER_LIED, "answer 5 is an end with a part of its trail missing", 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_row(&rows[i], 3, RF_REQUEST_TRAIL);
    }
    check_row(&(struct row){"trail-unasked", RF_WORKER_LIED,
                            "answer 3 is a part of a trail out of turn", 1},
              3, 0);
}

Test(host_worker, does_not_end_a_batch_that_lacks_its_last_instance)
{
    check_row(
        &(struct row){"skips", RF_WORKER_LIED, "the batch ends with 1 of 2 instances answered", 1},
        2, 0);
}

Test(host_worker, names_every_death)
{
    static const struct row rows[] = {
        {"segv", RF_WORKER_DIED, "SIGSEGV (segmentation fault)", 0},
        {"abort", RF_WORKER_DIED, "SIGABRT (aborted)", 0},
        {"exit", RF_WORKER_DIED, "exit status 0", 0},
        {"child", RF_WORKER_DIED, "exit status 3", 0},
        {"unready", RF_WORKER_DIED, "exit status 4", 0},
        {"close", RF_WORKER_DIED, "closed its end and did not exit", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_row(&rows[i], 3, 0);
    }
}

Test(host_worker, tells_a_worker_that_was_never_ready)
{
    struct scene scene;
    open_scene(&scene, "unready", NULL, 0);
    submit(&scene, 1, 0);
    cr_assert(drain(&scene, 1000) == RF_WORKER_DIED);
    cr_assert_not(rf_worker_ready(scene.worker));
    close_scene(&scene);
}

/* The timeout is for calls of the aggregate, and there is none yet. */
Test(host_worker, gives_one_that_loads_longer_than_a_call_may_take)
{
    struct scene scene;
    open_scene(&scene, "late", NULL, 0);
    submit(&scene, 3, 0);
    cr_expect(drain(&scene, 200) == RF_WORKER_BATCH, "%s", rf_worker_death(scene.worker));
    cr_expect(scene.ends == 3);
    cr_expect(rf_worker_took_ms(scene.worker) < 1000, "what it took to load is not of the batch");
    close_scene(&scene);
}

Test(host_worker, kills_one_that_hangs)
{
    static const struct row rows[] = {
        {"busy", RF_WORKER_HUNG, "no sign of life for 0.4 s", 0},
        {"asleep", RF_WORKER_HUNG, "no sign of life for 0.4 s", 0},
    };
    check_row(&rows[0], 3, 0);
    check_row(&rows[1], 3, 0);
}

Test(host_worker, says_of_one_that_hangs_that_it_was_stopped)
{
    check_row(&(struct row){"stopped", RF_WORKER_HUNG,
                            "no sign of life for 0.4 s: it was stopped (SIGSTOP)", 0},
              3, 0);
}

Test(host_worker, ends_one_that_takes_more_memory_than_it_may)
{
    static const char *const misdeeds[] = {"full", "grows", "shares"};
    rf_worker_set_memory(96 * RF_MIB);
    for (size_t i = 0; i < sizeof(misdeeds) / sizeof(misdeeds[0]); i++) {
        struct scene scene;
        open_scene(&scene, misdeeds[i], NULL, 0);
        submit(&scene, 3, 0);
        cr_expect(drain(&scene, 10000) == RF_WORKER_FULL, "%s", misdeeds[i]);
        cr_expect_str_eq(rf_worker_death(scene.worker), "exceeded its memory (96 MiB)");
        close_scene(&scene);
    }
}

/* What it had answered lies in its file, though it was never announced. */
Test(host_worker, hands_over_what_a_dead_worker_had_answered)
{
    static const struct {
        const char *misdeed;
        enum rf_worker_event event;
        int ends;
    } rows[] = {
        {"segv", RF_WORKER_DIED, 1},
        {"busy", RF_WORKER_HUNG, 1},
        {"full", RF_WORKER_FULL, 1},
        {"notice", RF_WORKER_LIED, 0}, /* of a liar nothing more is taken */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        open_scene(&scene, rows[i].misdeed, NULL, 0);
        submit(&scene, 3, 0);
        cr_assert_not(rf_worker_rest(scene.worker, &scene.answer));
        cr_assert(drain(&scene, 400) == rows[i].event && scene.ends == 0);
        for (int round = 0; round < 2; round++) {
            int ends = 0;
            int answers = 0;
            while (rf_worker_rest(scene.worker, &scene.answer)) {
                answers++;
                ends += scene.answer.kind == RF_ANSWER_END;
                cr_expect(scene.answer.instance == 0);
            }
            cr_expect(ends == rows[i].ends && answers == 2 * ends, "%s: %d", rows[i].misdeed, ends);
            rf_worker_rest_again(scene.worker);
        }
        close_scene(&scene);
    }
}

/* In its sixth batch it comes to a slot for the second time: longer answers of old stand there. */
Test(host_worker, takes_no_former_answers_for_new_ones)
{
    struct scene scene;
    int ends = 0;
    open_scene(&scene, "later", NULL, 0);
    for (int round = 0; round < 5; round++) {
        submit(&scene, 100, 0);
        cr_assert(drain(&scene, 1000) == RF_WORKER_BATCH);
    }
    submit(&scene, 100, 0);
    cr_assert(drain(&scene, 1000) == RF_WORKER_DIED && scene.ends == 500);
    while (rf_worker_rest(scene.worker, &scene.answer)) {
        cr_expect(scene.answer.instance == 0);
        ends += scene.answer.kind == RF_ANSWER_END;
    }
    cr_expect(ends == 1, "%d", ends);
    close_scene(&scene);
}

Test(host_worker, does_not_take_a_stopped_worker_for_one_that_hangs_at_once)
{
    struct scene scene;
    open_scene(&scene, "asleep", NULL, 0);
    submit(&scene, 2, 0);
    struct timespec before;
    struct timespec after;
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    cr_assert(drain(&scene, 300) == RF_WORKER_HUNG);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    double seconds =
        (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    /* It uses no CPU time: twice the timeout. */
    cr_assert(seconds >= 0.59 && seconds < 5, "%g", seconds);
    close_scene(&scene);
}

Test(host_worker, refuses_steps_that_go_in_a_circle)
{
    check_row(&(struct row){"circle", RF_WORKER_LIED, "a step is out of turn", 0}, 3,
              RF_REQUEST_STEP);
}

Test(host_worker, knows_the_step_at_which_a_worker_died)
{
    struct scene scene;
    open_scene(&scene, "dies-in-step", NULL, 0);
    uint64_t instance = 7;
    uint64_t event = 7;
    submit(&scene, 1, RF_REQUEST_STEP);
    cr_assert_not(rf_worker_step(scene.worker, &instance, &event));
    cr_assert(drain(&scene, 1000) == RF_WORKER_DIED);
    cr_assert_str_eq(rf_worker_death(scene.worker), "SIGFPE (arithmetic fault)");
    cr_assert(rf_worker_step(scene.worker, &instance, &event));
    cr_assert(instance == 0 && event == 2);
    close_scene(&scene);
}

Test(host_worker, hands_over_only_the_protocols_files_whatever_numbers_ours_have)
{
    /* The other way round than the targets. Each file is as long as its place tells. */
    int low[12];
    struct rf_memfile files[12];
    for (size_t i = 0; i < 12; i++) {
        cr_assert(rf_memfile_open(&files[i], "arena", NULL) == RF_OK);
        cr_assert(ftruncate(files[i].fd, 12 - (off_t)i) == 0);
        low[11 - i] = files[i].fd;
    }
    struct scene scene;
    open_scene(&scene, "files", low, 12);
    submit(&scene, 1, 0);
    cr_assert(drain(&scene, 1000) == RF_WORKER_BATCH, "%s", rf_worker_death(scene.worker));
    close_scene(&scene);
    for (size_t i = 0; i < 12; i++) {
        rf_memfile_done(&files[i]);
    }
}

Test(host_worker, leaves_no_descriptor_open)
{
    int before = open("/dev/null", O_RDONLY);
    (void)close(before);
    for (int i = 0; i < 3; i++) {
        check_row(&(struct row){"segv", RF_WORKER_DIED, "SIGSEGV (segmentation fault)", 0}, 2, 0);
    }
    int after = open("/dev/null", O_RDONLY);
    (void)close(after);
    cr_assert(before == after);
}

Test(host_worker, kills_all_from_a_signal_handler)
{
    struct scene one;
    struct scene two;
    open_scene(&one, "asleep", NULL, 0);
    open_scene(&two, "busy", NULL, 0);
    submit(&one, 2, 0);
    submit(&two, 2, 0);
    rf_worker_kill_all();
    cr_assert(drain(&one, 10000) == RF_WORKER_DIED);
    cr_assert(drain(&two, 10000) == RF_WORKER_DIED);
    cr_assert_str_eq(rf_worker_death(&*one.worker), "SIGKILL (killed)");
    rf_worker_stop(one.worker);
    close_scene(&two);
    rf_memfile_done(&one.names);
}

Test(host_worker, is_not_killed_by_writing_to_a_dead_worker)
{
    (void)signal(SIGPIPE, SIG_DFL);
    struct scene scene;
    open_scene(&scene, "unready", NULL, 0);
    (void)usleep(200000);
    submit(&scene, 1, 0);
    cr_assert(drain(&scene, 1000) == RF_WORKER_DIED);
    close_scene(&scene);
}

Test(host_worker, accepts_no_worker_to_stop)
{
    rf_worker_stop(NULL);
    rf_worker_kill_all();
}
