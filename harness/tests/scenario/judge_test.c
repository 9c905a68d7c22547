/* SPDX-License-Identifier: MIT */
/* From a worker's answers to verdicts, without a worker: each line is held against its own answer.
 */
#include "scenario/judge.h"

#include "base/buf.h"
#include "scenario/play.h"
#include "tests/scenario/support.h"

static char *names[] = {(char *)"A"};
static const struct rf_build build = {.name = (char *)"any",
                                      .types = names,
                                      .type_count = 1,
                                      .takes_all = true,
                                      .commands = names,
                                      .command_count = 1,
                                      .handles_all = true};
static const struct rf_cast cast = {&build, 1};
static const struct rf_own_members members = {(char *)"ID", (char *)"Version", (char *)"At"};

/** A scenario on its way, and the answers to its steps. */
struct scene {
    struct rf_scenarios all;
    struct rf_dispatch_step *steps;
    size_t count;
    struct rf_dispatch_result result;
    struct rf_scenario_outcome outcome;
};

static void
open_scene(struct scene *scene, const char *text)
{
    struct rf_buf request = {0};
    struct rf_err err = {0};
    const struct rf_cast *found;
    memset(scene, 0, sizeof(*scene));
    parse(text, &scene->all);
    cr_assert_eq(rf_scenario_settle(&scene->all.items[0], &cast, 1, &members, &found, &err), RF_OK,
                 "%s", err.text);
    rf_scenario_plan(&scene->all.items[0], &cast, &members, &request, &scene->steps, &scene->count);
    rf_buf_done(&request);
    scene->outcome =
        (struct rf_scenario_outcome){.scenario = &scene->all.items[0], .build = &build};
}

static void
made(struct scene *scene, size_t step, const char *type, const char *data)
{
    struct rf_dispatch_step *at = &scene->steps[step];
    at->answered = true;
    at->made = rf_realloc(at->made, at->made_count + 1, sizeof(*at->made));
    at->made[at->made_count++] =
        (struct rf_dispatch_event){rf_strdup(type), strlen(type), rf_strdup(data), strlen(data)};
}

static void
made_nothing(struct scene *scene, size_t step)
{
    scene->steps[step].answered = true;
}

static void
said(struct scene *scene, size_t step, const char *text)
{
    scene->steps[step].answered = true;
    scene->steps[step].text = rf_strdup(text);
    scene->steps[step].text_bytes = strlen(text);
}

static void
refused(struct scene *scene, size_t step, const char *text)
{
    said(scene, step, text);
    scene->steps[step].refused = true;
}

static void
ends(struct scene *scene, enum rf_dispatch_ending ending, enum rf_dispatch_place place, size_t step,
     size_t event)
{
    scene->result =
        (struct rf_dispatch_result){.ending = ending, .place = place, .step = step, .event = event};
    (void)snprintf(scene->result.message, sizeof(scene->result.message), "it");
}

/** Judges, and closes. `expected`: "verdict checked", then for each failure "|line message", and
 * for each of its differences " path wanted>got". */
static void
expect(struct scene *scene, const char *expected)
{
    struct rf_buf shown = {0};
    rf_scenario_judge(scene->steps, &scene->result, &cast, &members, &scene->outcome);
    rf_buf_format(&shown, "%s %zu", rf_scenario_verdict_name(scene->outcome.verdict),
                  scene->outcome.checked);
    for (size_t i = 0; i < scene->outcome.failure_count; i++) {
        const struct rf_failure *failure = &scene->outcome.failures[i];
        rf_buf_format(&shown, "|%zu %s", failure->line->number, failure->message);
        for (size_t j = 0; j < failure->contrasts.count; j++) {
            const struct rf_contrast *item = &failure->contrasts.items[j];
            rf_buf_format(&shown, " %s %s>%s", item->path,
                          item->wanted == NULL ? "-" : item->wanted,
                          item->got == NULL ? "-" : item->got);
        }
    }
    cr_expect_str_eq(rf_buf_text(&shown), expected, "%s", rf_buf_text(&shown));
    rf_buf_done(&shown);
    rf_scenario_outcome_done(&scene->outcome);
    rf_dispatch_steps_done(scene->steps, scene->count);
    free(scene->steps);
    rf_scenarios_done(&scene->all);
}

#define S "scenario: s\n"

Test(scenario_judge, asks_for_the_steps_in_order)
{
    struct scene scene;
    open_scene(
        &scene,
        S "given A\ngiven B\nstate exactly {}\nwhen C\nwhen D\nstate exactly {}\nwhen E\nthen F");
    static const enum rf_dispatch_kind kinds[] = {
        RF_DISPATCH_EVENT,   RF_DISPATCH_EVENT, RF_DISPATCH_STATE,   RF_DISPATCH_COMMAND,
        RF_DISPATCH_COMMAND, RF_DISPATCH_STATE, RF_DISPATCH_COMMAND, RF_DISPATCH_STATE};
    cr_assert_eq(scene.count, 8);
    for (size_t i = 0; i < 8; i++) {
        cr_expect_eq(scene.steps[i].kind, kinds[i], "step %zu", i);
    }
    said(&scene, 2, "{}");
    made_nothing(&scene, 3);
    made(&scene, 4, "X", "{}");
    said(&scene, 5, "{}");
    made(&scene, 6, "F", "{}");
    said(&scene, 7, "{}");
    expect(&scene, "holds 3");
}

Test(scenario_judge, holds_events_against_events)
{
    struct scene scene;
    open_scene(&scene, S "when C\nthen A {\"a\": 1}\nthen exactly B\nthen exactly A {\"b\": 2}");
    made(&scene, 0, "A", "{\"ID\":\"1\",\"a\":1,\"b\":2}");
    made(&scene, 0, "B", "{\"At\":\"2000-01-01T00:00:00Z\",\"ID\":\"1\",\"Version\":2}");
    made(&scene, 0, "A", "{\"b\":2}");
    said(&scene, 1, "{}");
    expect(&scene, "holds 3");
    open_scene(&scene, S "when C\nthen A {\"a\": 1}\nthen exactly B\nthen A");
    made(&scene, 0, "A", "{\"a\":0}");
    made(&scene, 0, "B", "{\"x\":null}");
    made(&scene, 0, "A", "{\"b\":2}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 3|3 event 1 of 3 that C made has other data /a 1>0"
                   "|4 event 2 of 3 that C made has other data /x ->null");
}

Test(scenario_judge, tells_other_events_from_too_few_and_too_many)
{
    struct scene scene;
    open_scene(&scene, S "when C\nthen A\nthen Bee");
    made(&scene, 0, "A", "{}");
    made(&scene, 0, "Cee", "{}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 2|4 C made other events  [\"A\",\"Bee\"]>[\"A\",\"Cee\"]");
    open_scene(&scene, S "when C\nthen A\nthen B");
    made(&scene, 0, "A", "{}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 2|4 C made other events  [\"A\",\"B\"]>[\"A\"]");
    open_scene(&scene, S "when C\nthen A");
    made(&scene, 0, "A", "{}");
    made(&scene, 0, "A", "{}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C made other events  [\"A\"]>[\"A\",\"A\"]");
    open_scene(&scene, S "when C\nthen A");
    made_nothing(&scene, 0);
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C made nothing  [\"A\"]>[]");
}

Test(scenario_judge, tells_nothing_from_events_and_refusals)
{
    struct scene scene;
    open_scene(&scene, S "when C\nthen nothing");
    made_nothing(&scene, 0);
    said(&scene, 1, "{}");
    expect(&scene, "holds 1");
    open_scene(&scene, S "when C\nthen nothing");
    made(&scene, 0, "A", "{}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C made something  []>[\"A\"]");
    open_scene(&scene, S "when C\nthen nothing");
    refused(&scene, 0, "no");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C was refused: no");
    open_scene(&scene, S "when C\nthen A");
    refused(&scene, 0, "");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C was refused");
    open_scene(&scene, S "when C\nstate exactly {}");
    refused(&scene, 0, "no");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|2 C was refused: no");
}

Test(scenario_judge, holds_the_whole_text_of_a_refusal)
{
    static const char *const said_texts[] = {"no", "n", "no ", "", "No"};
    for (size_t i = 0; i < 5; i++) {
        struct scene scene;
        char expected[100];
        open_scene(&scene, S "when C\nthen refused \"no\"");
        refused(&scene, 0, said_texts[i]);
        said(&scene, 1, "{}");
        (void)snprintf(expected, sizeof(expected),
                       "fails 1|3 C was refused with another text  \"no\">\"%s\"", said_texts[i]);
        expect(&scene, i == 0 ? "holds 1" : expected);
        open_scene(&scene, S "when C\nthen refused");
        refused(&scene, 0, said_texts[i]);
        said(&scene, 1, "{}");
        expect(&scene, "holds 1");
    }
    struct scene scene;
    open_scene(&scene, S "when C\nthen refused");
    made_nothing(&scene, 0);
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C was not refused: it made nothing");
    open_scene(&scene, S "when C\nthen refused \"no\"");
    made(&scene, 0, "A", "{}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 C was not refused: it made [\"A\"]");
}

Test(scenario_judge, holds_every_state_line)
{
    struct scene scene;
    open_scene(&scene, S "given A\nstate {\"a\": 0}\nstate exactly {\"a\": 1}\nwhen C\n"
                         "state {\"b\": null}");
    said(&scene, 1, "{\"a\":1,\"b\":2}");
    made_nothing(&scene, 2);
    said(&scene, 3, "{\"a\":1}");
    expect(&scene, "fails 3|3 the state is another one /a 0>1|4 the state is another one /b ->2"
                   "|6 the state is another one /b null>-");
}

Test(scenario_judge, numbers_are_equal_by_value)
{
    struct scene scene;
    open_scene(&scene, S "when C\nthen A {\"a\": 1.0, \"b\": 25e-1}\nstate {\"c\": 10e1}");
    made(&scene, 0, "A", "{\"a\":1,\"b\":2.5}");
    said(&scene, 1, "{\"c\":100}");
    expect(&scene, "holds 2");
}

Test(scenario_judge, an_events_numbers_are_not_rounded)
{
    struct scene scene;
    open_scene(&scene, S "when C\nthen exactly A {\"a\": 9007199254740992, \"b\": 1e2}");
    made(&scene, 0, "A", "{\"b\":100.0, \"a\":9007199254740993.0}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 1|3 event 1 of 1 that C made has other data /a "
                   "9007199254740992>9007199254740993.0");
}

Test(scenario_judge, an_event_has_the_id_version_and_time_that_it_says)
{
    struct scene scene;
    open_scene(&scene, S "id a\ngiven A {\"Version\": 4}\nwhen C\nwhen C\nthen A");
    made(&scene, 1, "A", "{\"ID\":\"a\",\"Version\":5}");
    made(&scene, 1, "A", "{\"At\":\"2000-01-01T02:00:00+02:00\",\"Version\":\"6\"}");
    made(&scene, 2, "A", "{\"At\":946684800,\"Version\":7}");
    said(&scene, 3, "{}");
    expect(&scene, "holds 1");
    open_scene(&scene, S "id a\ngiven A {\"Version\": 4}\nwhen C\nwhen C\nthen A");
    made(&scene, 1, "A", "{\"ID\":\"b\",\"Version\":5}");
    made(&scene, 1, "A", "{\"At\":\"2000-01-01T00:00:01Z\",\"Version\":5}");
    made(&scene, 2, "A", "{\"At\":null,\"Version\":8}");
    said(&scene, 3, "{}");
    expect(&scene, "fails 1|4 the data of the event A says another ID than the event has /ID "
                   "\"a\">\"b\""
                   "|4 the data of the event A says another Version than the event has /Version 6>5"
                   "|4 the data of the event A says another At than the event has /At "
                   "\"2000-01-01T00:00:00Z\">\"2000-01-01T00:00:01Z\""
                   "|5 the data of the event A says another Version than the event has /Version 7>8"
                   "|5 the data of the event A says another At than the event has /At "
                   "\"2000-01-01T00:00:00Z\">null");
}

/** Each of these is malformed where history is read. */
Test(scenario_judge, an_event_says_its_version_once_and_as_an_integer)
{
    struct scene scene;
    open_scene(&scene, S "when C\nthen A\nthen A");
    made(&scene, 0, "A", "{\"Version\":7,\"ID\":\"1\",\"Version\":1}");
    made(&scene, 0, "A", "{\"Version\":2.0}");
    said(&scene, 1, "{}");
    expect(&scene, "fails 2|2 the data of the event A has Version twice: such a record is "
                   "malformed where it is read back"
                   "|2 the data of the event A says another Version than the event has /Version "
                   "2>2.0");
}

Test(scenario_judge, an_event_without_room_for_its_id_does_not_hold)
{
    static const char *const forms[] = {"[1]", "\"x\"", "7", "null", "[]"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        for (int exactly = 0; exactly < 2; exactly++) {
            struct scene scene;
            char text[100];
            (void)snprintf(text, sizeof(text), S "when C\nthen %sA %s",
                           exactly == 1 ? "exactly " : "", forms[i]);
            open_scene(&scene, text);
            made(&scene, 0, "A", forms[i]);
            said(&scene, 1, "{}");
            expect(&scene, "fails 1|2 the data of the event A is no object, and the envelope has "
                           "ID in it: such a record is malformed where it is read back");
        }
    }
}

Test(scenario_judge, an_id_is_a_string_or_an_integer)
{
    static const char *const ids[] = {"true", "null", "1.5", "1e2", "[1]"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct scene scene;
        char text[100];
        (void)snprintf(text, sizeof(text), S "id %s\nwhen C\nthen A", ids[i]);
        open_scene(&scene, text);
        (void)snprintf(text, sizeof(text), "{\"ID\":%s}", ids[i]);
        made(&scene, 0, "A", text);
        said(&scene, 1, "{}");
        (void)snprintf(text, sizeof(text),
                       "fails 1|3 the data of the event A says another ID than the event has /ID "
                       "\"%s\">%s",
                       ids[i], ids[i]);
        expect(&scene, text);
    }
    struct scene scene;
    open_scene(&scene, S "id 15\nwhen C\nthen A");
    made(&scene, 0, "A", "{\"ID\":15}");
    said(&scene, 1, "{}");
    expect(&scene, "holds 1");
}

Test(scenario_judge, names_the_line_at_which_it_ended)
{
    struct scene scene;
    open_scene(&scene, S "given A\ngiven B\nstate exactly {}");
    ends(&scene, RF_DISPATCH_REFUSED, RF_DISPATCH_AT_APPLY, 1, 0);
    expect(&scene, "fails 0|3 apply refused it: it");
    open_scene(&scene, S "given A\nwhen C\nthen A\nthen B\nstate exactly {}");
    made(&scene, 1, "A", "{}");
    made(&scene, 1, "B", "{}");
    ends(&scene, RF_DISPATCH_REFUSED, RF_DISPATCH_AT_APPLY, 1, 1);
    expect(&scene, "fails 2|3 apply refused event 2 of 2 that C made: it");
    open_scene(&scene, S "when C\nstate exactly {}\nwhen D\nthen nothing");
    made_nothing(&scene, 0);
    said(&scene, 1, "{}");
    ends(&scene, RF_DISPATCH_BROKEN, RF_DISPATCH_AT_HANDLE, 2, 0);
    expect(&scene, "fails 1|4 it");
    open_scene(&scene, S "when C\nthen A");
    made(&scene, 0, "A", "{}");
    ends(&scene, RF_DISPATCH_BROKEN, RF_DISPATCH_AT_STATE, 1, 0);
    expect(&scene, "fails 1|2 it");
    open_scene(&scene, S "when C\nthen A\nstate exactly {}");
    made(&scene, 0, "B", "{}");
    ends(&scene, RF_DISPATCH_DIED, RF_DISPATCH_AT_STATE, 1, 0);
    expect(&scene, "crashed 1|3 C made other events  [\"A\"]>[\"B\"]|4 it, while the state was "
                   "written");
}

Test(scenario_judge, no_death_is_ever_a_scenario_that_holds)
{
    static const struct {
        enum rf_dispatch_ending ending;
        const char *verdict;
    } endings[] = {
        {RF_DISPATCH_DIED, "crashed"}, {RF_DISPATCH_LIED, "crashed"}, {RF_DISPATCH_HUNG, "hung"}};
    static const struct {
        enum rf_dispatch_place place;
        size_t step;
        const char *shown;
    } places[] = {{RF_DISPATCH_AT_START, 0, "|2 it, before the first step"},
                  {RF_DISPATCH_AT_APPLY, 0, "|2 it, in apply"},
                  {RF_DISPATCH_AT_HANDLE, 1, "|3 it, in handle"},
                  {RF_DISPATCH_AT_APPLY, 1, "|3 it, in apply, at event 1 of 1 that C made"},
                  {RF_DISPATCH_AT_STATE, 2, "|5 it, while the state was written"}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 5; j++) {
            struct scene scene;
            char expected[200];
            open_scene(&scene, S "given A\nwhen C\nthen A\nstate exactly {}");
            if (j >= 3) {
                made(&scene, 1, "A", "{}");
            }
            ends(&scene, endings[i].ending, places[j].place, places[j].step, 0);
            (void)snprintf(expected, sizeof(expected), "%s %d%s", endings[i].verdict, j >= 3,
                           places[j].shown);
            expect(&scene, expected);
        }
    }
}
