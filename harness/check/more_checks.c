/* SPDX-License-Identifier: MIT */
/* What only some aggregates do: snapshots, commands, identifying. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "check/scene.h"

/* ---- snapshots ------------------------------------------------------------------------------- */

#define SNAPSHOT_EVENTS 9

/** From the state behind `from` events to the one behind all. */
static bool
go_on(struct rf_scene *scene, uint32_t aggregate, size_t from, const struct rf_buf *whole)
{
    struct rf_ask *ask = &scene->ask;
    struct rf_buf start = {0};
    bool good = rf_scene_state(scene, aggregate, 1, from, &start);
    if (!good || start.used == 0) {
        rf_buf_done(&start);
        return good; /* refused, or not to be written: there is no snapshot */
    }
    uint64_t restored = rf_scene_open(scene, aggregate, 1, &start);
    uint64_t first = rf_ask_state(ask);
    (void)rf_scene_events(scene, aggregate, from, SNAPSHOT_EVENTS - from);
    uint64_t last = rf_ask_state(ask);
    (void)rf_ask_end_instance(ask);
    const struct rf_answer *answer = rf_ask_await(ask, restored);
    good = answer != NULL;
    if (good && answer->status != RF_SPOKEN_OK) {
        good = rf_kit_wrong(ask->kit, RF_CHECK_SNAPSHOT, NULL, 0,
                            "RESTORED with the status 0: it gave this state itself",
                            "the status %" PRIu32 ": %.*s", answer->status,
                            (int)(answer->text.used < 200 ? answer->text.used : 200),
                            answer->text.bytes == NULL ? "" : answer->text.bytes);
    }
    answer = good ? rf_ask_await(ask, first) : NULL;
    good = answer != NULL && rf_scene_same(scene, RF_CHECK_SNAPSHOT, &start, &answer->text,
                                           "the state that was restored");
    answer = good ? rf_ask_await(ask, last) : NULL;
    good = answer != NULL && rf_scene_same(scene, RF_CHECK_SNAPSHOT, whole, &answer->text,
                                           "the state as of all events, without a snapshot");
    rf_buf_done(&start);
    return good && rf_ask_await_all(ask);
}

bool
rf_check_snapshot(struct rf_kit *kit)
{
    struct rf_scene scene;
    struct rf_buf whole = {0};
    size_t tried = 0;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        if (!rf_scene_member(&scene, i)->restores) {
            continue;
        }
        tried++;
        good = rf_scene_state(&scene, i, 0, SNAPSHOT_EVENTS, &whole);
        for (size_t from = 0; from <= SNAPSHOT_EVENTS && good && whole.used > 0; from += 3) {
            good = go_on(&scene, i, from, &whole);
        }
    }
    rf_buf_done(&whole);
    good = rf_scene_done(&scene, good);
    return good && (tried > 0 || rf_kit_skip(kit, "no aggregate of it restores"));
}

static bool
refuse_snapshot(struct rf_scene *scene, uint32_t aggregate, const char *text, const char *why)
{
    struct rf_buf snapshot = {0};
    rf_buf_string(&snapshot, text);
    uint64_t restored = rf_scene_open(scene, aggregate, 2, &snapshot);
    rf_buf_done(&snapshot);
    const struct rf_answer *answer = rf_ask_await(&scene->ask, restored);
    if (answer != NULL && answer->status != RF_SPOKEN_BROKEN) {
        return rf_kit_wrong(scene->ask.kit, RF_CHECK_OTHER_SNAPSHOT, text, strlen(text), why,
                            "the status %" PRIu32, answer->status);
    }
    if (answer == NULL) {
        return false;
    }
    (void)rf_scene_events(scene, aggregate, 0, 1);
    (void)rf_ask_state(&scene->ask);
    (void)rf_ask_end_instance(&scene->ask);
    return rf_ask_await_all(&scene->ask);
}

bool
rf_check_other_snapshot(struct rf_kit *kit)
{
    static const char *const others[] = {"[1]", "\"x\"", "17", "true", "{", ""};
    struct rf_scene scene;
    struct rf_buf state = {0};
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        if (!rf_scene_member(&scene, i)->restores) {
            good = refuse_snapshot(&scene, i, "{}",
                                   "status 3: the aggregate does not begin with snapshots");
            continue;
        }
        good = rf_scene_state(&scene, i, 0, 0, &state);
        bool object = state.used > 0 && state.bytes[0] == '{';
        for (size_t k = object ? 0 : 4; good && k < sizeof(others) / sizeof(others[0]); k++) {
            good = refuse_snapshot(&scene, i, others[k],
                                   "status 3: the snapshot is no state of this aggregate's shape");
        }
        good = good && rf_scene_state(&scene, i, 0, 3, &state);
    }
    rf_buf_done(&state);
    return rf_scene_done(&scene, good);
}

/* ---- commands -------------------------------------------------------------------------------- */

#define COMMANDS_MOST 20

static bool
names(const struct rf_descriptor_member *member, const char *type, size_t bytes)
{
    for (size_t i = 0; i < member->type_count; i++) {
        const char *own = member->types[i];
        if (strcmp(own, "*") == 0 || rf_bytes_same(own, strlen(own), type, bytes)) {
            return true;
        }
    }
    return false;
}

/** The events that a command made: of types that the aggregate names, with JSON as data. */
static bool
judge_made(struct rf_ask *ask, const struct rf_descriptor_member *member,
           const struct rf_answer *answer)
{
    const struct rf_buf *text = &answer->text;
    size_t at = 0;
    for (uint32_t i = 0; i < answer->count; i++) {
        struct rf_err err;
        size_t type_bytes = rf_get_u32(text->bytes + at);
        size_t data_bytes = rf_get_u32(text->bytes + at + 4);
        const char *type = text->bytes + at + 8;
        if (!names(member, type, type_bytes)) {
            return rf_kit_wrong(ask->kit, RF_CHECK_COMMAND, text->bytes, text->used,
                                "events of types that the descriptor names", "one of %.*s",
                                (int)(type_bytes < 100 ? type_bytes : 100), type);
        }
        if (rf_json_read_whole(&ask->json, type + type_bytes, data_bytes, &err) != RF_OK) {
            return rf_kit_wrong(ask->kit, RF_CHECK_COMMAND, type, type_bytes + data_bytes,
                                "events with data in JSON", "none: %s", err.text);
        }
        at += 8 + type_bytes + data_bytes;
    }
    return true;
}

static bool
give_command(struct rf_scene *scene, uint32_t aggregate, uint32_t type, size_t events)
{
    struct rf_ask *ask = &scene->ask;
    const struct rf_talk_record record = {
        .type = type, .timed = true, .version = (int64_t)events, .seconds = 1780000000};
    (void)rf_scene_open(scene, aggregate, 3, NULL);
    (void)rf_scene_events(scene, aggregate, 0, events);
    uint64_t before = rf_ask_state(ask);
    uint64_t first = rf_ask_command(ask, &record, "{}", 2);
    uint64_t after = rf_ask_state(ask);
    uint64_t again = rf_ask_command(ask, &record, "{}", 2);
    (void)rf_ask_end_instance(ask);
    const struct rf_answer *second = rf_ask_await(ask, again);
    if (second == NULL || !rf_ask_await_all(ask)) {
        return false;
    }
    const struct rf_answer *handled = rf_ask_await(ask, first);
    if (handled->passed_over || handled->status == RF_SPOKEN_BROKEN) {
        return true; /* an event was refused, or there is no answer */
    }
    if (handled->status != second->status ||
        !rf_bytes_same(handled->text.bytes, handled->text.used, second->text.bytes,
                       second->text.used)) {
        return rf_kit_wrong(ask->kit, RF_CHECK_COMMAND, NULL, 0,
                            "the same answer to the same command twice",
                            "the status %" PRIu32 ", then %" PRIu32 ", or other events",
                            handled->status, second->status);
    }
    return rf_scene_same(scene, RF_CHECK_COMMAND, &rf_ask_await(ask, before)->text,
                         &rf_ask_await(ask, after)->text, "the state as before the command") &&
           (handled->status != RF_SPOKEN_OK ||
            judge_made(ask, rf_scene_member(scene, aggregate), handled));
}

bool
rf_check_command(struct rf_kit *kit)
{
    struct rf_scene scene;
    size_t tried = 0;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        const struct rf_descriptor_member *member = rf_scene_member(&scene, i);
        for (size_t k = 0; good && k < member->command_count && k < COMMANDS_MOST; k++) {
            const char *name = member->commands[k];
            uint32_t type = rf_ask_type(&scene.ask, name, strlen(name));
            good = give_command(&scene, i, type, 0) && give_command(&scene, i, type, 1) &&
                   give_command(&scene, i, type, 5);
            tried++;
        }
    }
    good = rf_scene_done(&scene, good);
    return good && (tried > 0 || rf_kit_skip(kit, "no aggregate of it handles commands"));
}

bool
rf_check_unknown_command(struct rf_kit *kit)
{
    struct rf_scene scene;
    size_t tried = 0;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        const struct rf_descriptor_member *member = rf_scene_member(&scene, i);
        if (rf_names_all(member->commands, member->command_count)) {
            continue;
        }
        (void)rf_scene_open(&scene, i, 0, NULL);
        const struct rf_answer *answer = rf_ask_await(&scene.ask, rf_scene_unknown_command(&scene));
        good = answer != NULL;
        if (good && answer->status != RF_SPOKEN_BROKEN) {
            good =
                rf_kit_wrong(kit, RF_CHECK_UNKNOWN_COMMAND, NULL, 0,
                             "status 3: the descriptor does not name the command " RF_KIT_UNKNOWN,
                             "HANDLED with the status %" PRIu32, answer->status);
        }
        (void)rf_ask_state(&scene.ask);
        (void)rf_ask_end_instance(&scene.ask);
        tried++;
    }
    good = rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
    return good && (tried > 0 || rf_kit_skip(kit, "it takes every command"));
}

/* ---- identifying ----------------------------------------------------------------------------- */

static bool
fail_identified(struct rf_ask *ask, const char *text, size_t bytes, const char *expected)
{
    return rf_kit_wrong(ask->kit, RF_CHECK_IDENTIFY, text, bytes, expected, "%.*s",
                        (int)(bytes < 300 ? bytes : 300), text);
}

static bool
judge_member(struct rf_json *doc, uint32_t key, const char **ret_wrong)
{
    struct rf_buf scratch = {0};
    struct rf_time time;
    int64_t number;
    const char *name;
    const char *text;
    size_t name_bytes;
    size_t bytes;
    uint32_t value = key + 1;
    rf_json_string(doc, key, &scratch, &name, &name_bytes);
    char own[16] = "";
    memcpy(own, name, name_bytes < sizeof(own) - 1 ? name_bytes : 0);
    bool string = doc->nodes[value].kind == RF_JSON_STRING;
    if (strcmp(own, "id") == 0 || strcmp(own, "type") == 0 || strcmp(own, "error") == 0) {
        *ret_wrong = string ? NULL : "`id`, `type` and `error` as strings";
    } else if (strcmp(own, "version") == 0) {
        *ret_wrong = rf_json_int64(doc, value, &number) ? NULL : "`version` as an integer";
    } else if (strcmp(own, "at") == 0) {
        *ret_wrong = "`at` as an RFC 3339 time";
        if (string) {
            rf_json_string(doc, value, &scratch, &text, &bytes);
            *ret_wrong = rf_time_parse(text, bytes, &time) ? NULL : *ret_wrong;
        }
    } else if (strcmp(own, "data") != 0) {
        *ret_wrong = "no other members than `id`, `type`, `version`, `at` and `data`, or `error`";
    }
    rf_buf_done(&scratch);
    return *ret_wrong == NULL;
}

static bool
judge_identified(struct rf_ask *ask, const char *text, size_t bytes)
{
    struct rf_err err;
    struct rf_json *doc = &ask->json;
    const char *wrong = NULL;
    if (bytes == 0) {
        return true;
    }
    if (rf_json_read_whole(doc, text, bytes, &err) != RF_OK ||
        doc->nodes[0].kind != RF_JSON_OBJECT) {
        return fail_identified(ask, text, bytes, "nothing, or a JSON object");
    }
    uint32_t key = 1;
    for (uint32_t i = 0; i < doc->nodes[0].count && wrong == NULL; i++) {
        (void)judge_member(doc, key, &wrong);
        key = doc->nodes[key + 1].next;
    }
    bool error = rf_json_member(doc, 0, "error", 5, NULL) != RF_JSON_NONE;
    bool whole = rf_json_member(doc, 0, "id", 2, NULL) != RF_JSON_NONE &&
                 rf_json_member(doc, 0, "type", 4, NULL) != RF_JSON_NONE;
    if (wrong == NULL && !error && !whole) {
        wrong = "`id` and `type`, or `error`";
    }
    return wrong == NULL || fail_identified(ask, text, bytes, wrong);
}

static bool
judge_all(struct rf_ask *ask, const struct rf_answer *answer)
{
    size_t at = 0;
    for (uint32_t i = 0; i < answer->count; i++) {
        uint32_t bytes = rf_get_u32(answer->text.bytes + at);
        if (!judge_identified(ask, answer->text.bytes + at + 4, bytes)) {
            return false;
        }
        at += 4 + (size_t)bytes;
    }
    return true;
}

#define PAYLOADS 9

static void
make_payloads(struct rf_buf *payloads)
{
    static const char *const texts[] = {
        "", "x", "{}", "{\"id\":\"a\",\"type\":\"B\",\"version\":1}", "no one's payload"};
    for (size_t i = 0; i < 5; i++) {
        rf_buf_string(&payloads[i], texts[i]);
    }
    for (int i = 0; i < 256; i++) {
        rf_buf_byte(&payloads[5], (char)i);
        rf_buf_byte(&payloads[6], (char)(i % 2 == 0 ? 0 : 0xff));
    }
    for (uint32_t i = 0; i < 300000; i++) {
        rf_buf_byte(&payloads[7], (char)(i * 2654435761u >> 24));
    }
    rf_buf_add(&payloads[8], "\x0a\x03\x61\x62\x63\x10\x01\x1a\x02\x08\x05", 11); /* protobuf's */
}

static bool
identify_twice(struct rf_scene *scene, uint32_t aggregate, const struct rf_buf *payloads)
{
    struct rf_ask *ask = &scene->ask;
    uint64_t none = rf_ask_identify(ask, aggregate, payloads, 0);
    uint64_t one = rf_ask_identify(ask, aggregate, payloads, PAYLOADS);
    (void)rf_scene_fold(scene, aggregate, 0, 2);
    uint64_t two = rf_ask_identify(ask, aggregate, payloads, PAYLOADS);
    const struct rf_answer *second = rf_ask_await(ask, two);
    if (second == NULL || rf_ask_await(ask, none) == NULL) {
        return false;
    }
    const struct rf_answer *first = rf_ask_await(ask, one);
    if (!rf_bytes_same(first->text.bytes, first->text.used, second->text.bytes,
                       second->text.used)) {
        return rf_kit_wrong(ask->kit, RF_CHECK_IDENTIFY, NULL, 0,
                            "the same answers for the same payloads", "others the second time");
    }
    return judge_all(ask, first);
}

bool
rf_check_identify(struct rf_kit *kit)
{
    struct rf_scene scene;
    struct rf_buf payloads[PAYLOADS] = {{0}};
    size_t tried = 0;
    bool good = rf_scene_begin(kit, &scene);
    make_payloads(payloads);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        if (rf_scene_member(&scene, i)->identifies) {
            good = identify_twice(&scene, i, payloads);
            tried++;
        }
    }
    for (size_t i = 0; i < PAYLOADS; i++) {
        rf_buf_done(&payloads[i]);
    }
    good = rf_scene_done(&scene, good);
    return good && (tried > 0 || rf_kit_skip(kit, "no aggregate of it identifies"));
}
