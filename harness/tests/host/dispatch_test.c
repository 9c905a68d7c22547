/* SPDX-License-Identifier: MIT */
/* The host's end of a scenario, against a worker that says what it is told to (fake_worker.c). */
#include "host/dispatch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/buf.h"
#include "tests/worker/support.h"
#include "worker/protocol.h"

/* A given event, a command, the state. */
#define STEPS 3

struct scene {
    char path[64];
    struct rf_dispatch_step steps[STEPS];
    struct rf_dispatch_result result;
};

static void
play_within(struct scene *scene, const char *lines, const struct rf_dispatch_limits *limits)
{
    struct rf_err err = {0};
    *scene = (struct scene){.path = "/tmp/refold-test-XXXXXX"};
    scene->steps[0].kind = RF_DISPATCH_EVENT;
    scene->steps[1].kind = RF_DISPATCH_COMMAND;
    scene->steps[2].kind = RF_DISPATCH_STATE;
    int fd = mkstemp(scene->path);
    cr_assert(fd >= 0 && write(fd, lines, strlen(lines)) == (ssize_t)strlen(lines));
    (void)close(fd);
    cr_assert(setenv("REFOLD_WORKER", built("tests/fake_worker"), 1) == 0);
    const struct rf_build build = {.file = scene->path};
    cr_assert_eq(rf_dispatch(&build, "{}", 2, scene->steps, STEPS, limits, &scene->result, &err),
                 RF_OK, "%s", err.text);
    (void)unlink(scene->path);
    /* Every worker is reaped. */
    cr_assert(waitpid(-1, NULL, WNOHANG) == -1);
}

static void
play(struct scene *scene, const char *lines, int timeout_ms)
{
    play_within(scene, lines, &(struct rf_dispatch_limits){timeout_ms, timeout_ms, timeout_ms});
}

static void
close_scene(struct scene *scene)
{
    rf_dispatch_steps_done(scene->steps, STEPS);
}

/** It ends so, there, with a message that holds this. */
static void
expect(const char *lines, enum rf_dispatch_ending ending, enum rf_dispatch_place place, size_t step,
       size_t event, const char *message)
{
    struct scene scene;
    play(&scene, lines, 300);
    cr_expect_eq(scene.result.ending, ending, "%d for:\n%s", (int)scene.result.ending, lines);
    cr_expect_eq(scene.result.place, place, "at %d for:\n%s", (int)scene.result.place, lines);
    cr_expect(scene.result.step == step && scene.result.event == event, "%zu.%zu for:\n%s",
              scene.result.step, scene.result.event, lines);
    cr_expect_not_null(strstr(scene.result.message, message), "'%s' for:\n%s", scene.result.message,
                       lines);
    close_scene(&scene);
}

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)
#define HELLO       "{\"hello\":" TEXT_OF(RF_HOST_PROTOCOL) "}\n"
#define EVENT       "{\"step\":0,\"event\":0}\n"
#define HANDLE      "{\"step\":1,\"handle\":true}\n"
#define MADE                                                                                       \
    "{\"step\":1,\"made\":[{\"type\":\"A\",\"data\":{\"b\":1.50, \"a\":[]}},{\"type\":\"B\","      \
    "\"data\":null}]}\n"
#define APPLY0 "{\"step\":1,\"event\":0}\n"
#define APPLY1 "{\"step\":1,\"event\":1}\n"
#define WRITE  "{\"step\":2,\"snapshot\":true}\n"
#define STATE  "{\"step\":2,\"state\":{ \"x\":1}}\n"
#define END    "{\"end\":3}\n"
/* All but its end. */
#define WHOLE HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE

Test(dispatch, takes_a_whole_scenario)
{
    struct scene scene;
    play(&scene, HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE END, 5000);
    cr_assert_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    cr_assert(scene.steps[1].answered && !scene.steps[1].refused);
    cr_assert_eq(scene.steps[1].made_count, 2);
    cr_expect_str_eq(scene.steps[1].made[0].type, "A");
    cr_expect_str_eq(scene.steps[1].made[0].data, "{\"b\":1.50, \"a\":[]}");
    cr_expect_str_eq(scene.steps[1].made[1].data, "null");
    cr_assert(scene.steps[2].answered);
    cr_expect_str_eq(scene.steps[2].text, "{\"x\":1}");
    close_scene(&scene);
}

/** Larger than what a pipe holds: it comes in pieces, the first of them behind other lines. */
Test(dispatch, takes_a_line_that_comes_in_pieces)
{
    struct scene scene;
    struct rf_buf lines = {0};
    char text[200001];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    rf_buf_format(&lines,
                  HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE "{\"step\":2,\"state\":\"%s\"}\n" END,
                  text);
    play(&scene, rf_buf_text(&lines), 5000);
    cr_assert_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    cr_expect_eq(scene.steps[2].text_bytes, sizeof(text) - 1 + 2);
    close_scene(&scene);
    rf_buf_done(&lines);
}

Test(dispatch, takes_a_refusal_and_no_events)
{
    struct scene scene;
    play(&scene, HELLO EVENT HANDLE "{\"step\":1,\"refused\":\"no\\u0000\"}\n" WRITE STATE END,
         5000);
    cr_assert_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    cr_assert(scene.steps[1].answered && scene.steps[1].refused);
    cr_expect_eq(scene.steps[1].text_bytes, 3);
    close_scene(&scene);
    play(&scene, HELLO EVENT HANDLE "{\"step\":1,\"made\":[]}\n" WRITE STATE END, 5000);
    cr_assert_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    cr_assert(scene.steps[1].answered && !scene.steps[1].refused);
    close_scene(&scene);
}

Test(dispatch, takes_what_ends_a_scenario)
{
    expect(HELLO EVENT "{\"step\":0,\"event\":0,\"refused\":\"A: no\\u0000\"}\n",
           RF_DISPATCH_REFUSED, RF_DISPATCH_AT_APPLY, 0, 0, "A: no" RF_NUL_SYMBOL);
    expect(HELLO EVENT HANDLE MADE APPLY0 APPLY1 "{\"step\":1,\"event\":1,\"refused\":\"no\"}\n",
           RF_DISPATCH_REFUSED, RF_DISPATCH_AT_APPLY, 1, 1, "no");
    expect(HELLO EVENT HANDLE "{\"step\":1,\"broken\":\"bad\"}\n", RF_DISPATCH_BROKEN,
           RF_DISPATCH_AT_HANDLE, 1, 0, "bad");
    expect(HELLO EVENT HANDLE "{\"step\":1,\"made\":[{\"type\":\"A\",\"data\":1e999}]}\n",
           RF_DISPATCH_BROKEN, RF_DISPATCH_AT_HANDLE, 1, 0, "not finite as a double");
    expect(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE "{\"step\":2,\"broken\":\"NaN\"}\n",
           RF_DISPATCH_BROKEN, RF_DISPATCH_AT_STATE, 2, 1, "NaN");
}

Test(dispatch, keeps_what_a_command_made_where_it_is_not_finite)
{
    struct scene scene;
    play(&scene, HELLO EVENT HANDLE "{\"step\":1,\"made\":[{\"type\":\"A\",\"data\":[1e999]}]}\n",
         5000);
    cr_assert_eq(scene.result.ending, RF_DISPATCH_BROKEN, "%s", scene.result.message);
    cr_assert_eq(scene.steps[1].made_count, 1);
    cr_expect_str_eq(scene.steps[1].made[0].data, "[1e999]");
    cr_expect_eq(scene.steps[1].made[0].data_bytes, 7);
    close_scene(&scene);
}

Test(dispatch, names_the_place_of_a_death)
{
    expect("!segv\n", RF_DISPATCH_DIED, RF_DISPATCH_AT_START, 0, 0, "SIGSEGV");
    expect(HELLO "!abort\n", RF_DISPATCH_DIED, RF_DISPATCH_AT_START, 0, 0, "SIGABRT");
    expect(HELLO EVENT "!segv\n", RF_DISPATCH_DIED, RF_DISPATCH_AT_APPLY, 0, 0, "SIGSEGV");
    expect(HELLO EVENT HANDLE "!exit\n", RF_DISPATCH_DIED, RF_DISPATCH_AT_HANDLE, 1, 0,
           "exit status 0");
    expect(HELLO EVENT HANDLE MADE APPLY0 APPLY1 "!segv\n", RF_DISPATCH_DIED, RF_DISPATCH_AT_APPLY,
           1, 1, "SIGSEGV");
    expect(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE "!segv\n", RF_DISPATCH_DIED,
           RF_DISPATCH_AT_STATE, 2, 1, "SIGSEGV");
    expect(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE, RF_DISPATCH_DIED,
           RF_DISPATCH_AT_STATE, 2, 1, "exit status 0");
    /* A line without its end does not count. */
    expect(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE "{\"end\":3}", RF_DISPATCH_DIED,
           RF_DISPATCH_AT_STATE, 2, 1, "exit status 0");
    expect(HELLO EVENT "!child\n", RF_DISPATCH_DIED, RF_DISPATCH_AT_APPLY, 0, 0, "exit status 3");
}

Test(dispatch, names_the_place_of_a_hang)
{
    expect("!asleep\n", RF_DISPATCH_HUNG, RF_DISPATCH_AT_START, 0, 0, "no sign of life for 0.3 s");
    expect(HELLO EVENT "!busy\n", RF_DISPATCH_HUNG, RF_DISPATCH_AT_APPLY, 0, 0, "no sign of life");
    expect(HELLO EVENT HANDLE "!asleep\n", RF_DISPATCH_HUNG, RF_DISPATCH_AT_HANDLE, 1, 0,
           "no sign of life");
    expect(WHOLE "!busy\n", RF_DISPATCH_HUNG, RF_DISPATCH_AT_STATE, 2, 1, "no sign of life");
}

/** A nap is far longer than a call may take. */
Test(dispatch, what_loads_slowly_is_in_no_call)
{
    struct scene scene;
    const struct rf_dispatch_limits limits = {.load_ms = 5000, .call_ms = 100, .end_ms = 100};
    play_within(&scene, "!nap\n" WHOLE END, &limits);
    cr_expect_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    close_scene(&scene);
    play_within(&scene, HELLO "!nap\n" EVENT, &limits);
    cr_expect_eq(scene.result.ending, RF_DISPATCH_HUNG);
    cr_expect_str_eq(scene.result.message, "no sign of life for 0.1 s");
    close_scene(&scene);
}

Test(dispatch, what_ends_slowly_is_in_no_call)
{
    struct scene scene;
    const struct rf_dispatch_limits limits = {.load_ms = 5000, .call_ms = 100, .end_ms = 5000};
    play_within(&scene, WHOLE "!nap\n" END, &limits);
    cr_expect_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    close_scene(&scene);
    play_within(&scene, HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE "!nap\n" STATE END, &limits);
    cr_expect_eq(scene.result.ending, RF_DISPATCH_HUNG);
    close_scene(&scene);
}

Test(dispatch, a_timeout_shortens_calls_only)
{
    struct rf_dispatch_limits limits = rf_dispatch_limits(300);
    cr_expect(limits.load_ms == 10000 && limits.call_ms == 300 && limits.end_ms == 2300);
    limits = rf_dispatch_limits(60000);
    cr_expect(limits.load_ms == 60000 && limits.call_ms == 60000 && limits.end_ms == 62000);
}

static void
expect_lie(const char *lines)
{
    struct scene scene;
    play(&scene, lines, 5000);
    cr_expect_eq(scene.result.ending, RF_DISPATCH_LIED, "%d (%s) for:\n%s",
                 (int)scene.result.ending, scene.result.message, lines);
    close_scene(&scene);
}

Test(dispatch, believes_no_line_that_cannot_come)
{
    expect_lie("\n");
    expect_lie("hello\n");
    expect_lie("[1]\n");
    expect_lie("{\"hello\":1}\n"); /* another build's */
    expect_lie(EVENT);
    expect_lie(HELLO HELLO);
    expect_lie(HELLO END);
    expect_lie(HELLO "{}\n");
    expect_lie(HELLO "{\"step\":0}\n");
    expect_lie(HELLO "{\"step\":0,\"event\":1}\n");
    expect_lie(HELLO "{\"step\":0,\"event\":-1}\n");
    expect_lie(HELLO "{\"step\":0,\"event\":0,\"refused\":\"no\"}\n");
    expect_lie(HELLO "{\"step\":0,\"handle\":true}\n");
    expect_lie(HELLO "{\"step\":0,\"snapshot\":true}\n");
    expect_lie(HELLO "{\"step\":0,\"state\":{}}\n");
    expect_lie(HELLO HANDLE);
    expect_lie(HELLO EVENT EVENT);
    expect_lie(HELLO EVENT WRITE);
    expect_lie(HELLO EVENT "{\"step\":0,\"event\":0,\"refused\":7}\n");
    expect_lie(HELLO EVENT "{\"step\":1,\"event\":0}\n");
    expect_lie(HELLO EVENT "{\"step\":1,\"made\":[]}\n");
    expect_lie(HELLO EVENT "{\"step\":1,\"refused\":\"\"}\n");
    expect_lie(HELLO EVENT HANDLE HANDLE);
    expect_lie(HELLO EVENT HANDLE WRITE);
    expect_lie(HELLO EVENT HANDLE "{\"step\":1,\"refused\":7}\n");
    expect_lie(HELLO EVENT HANDLE "{\"step\":1,\"broken\":7}\n");
    expect_lie(HELLO EVENT HANDLE "{\"step\":1,\"made\":{}}\n");
    expect_lie(HELLO EVENT HANDLE "{\"step\":1,\"made\":[7]}\n");
    expect_lie(HELLO EVENT HANDLE "{\"step\":1,\"made\":[{\"type\":\"A\"}]}\n");
    expect_lie(HELLO EVENT HANDLE "{\"step\":1,\"made\":[{\"data\":1}]}\n");
    expect_lie(HELLO EVENT HANDLE MADE APPLY1);
    expect_lie(HELLO EVENT HANDLE MADE MADE);
    expect_lie(HELLO EVENT HANDLE MADE WRITE);
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 WRITE);
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY0);
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 "{\"step\":1,\"event\":2}\n");
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 "{\"step\":1,\"broken\":\"x\"}\n");
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 STATE);
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE END);
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE "{\"step\":2,\"state\":1e999}\n");
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE STATE);
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE "{\"end\":2}\n");
    expect_lie(HELLO EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE "{\"step\":3,\"event\":0}\n");
}

Test(dispatch, gives_up_a_line_without_end)
{
    expect_lie(HELLO "!endless\n");
}

Test(dispatch, lets_no_worker_write_the_request)
{
    struct scene scene;
    play(&scene, HELLO "!cut\n" EVENT HANDLE MADE APPLY0 APPLY1 WRITE STATE END, 5000);
    cr_expect_eq(scene.result.ending, RF_DISPATCH_WHOLE, "%s", scene.result.message);
    close_scene(&scene);
}
