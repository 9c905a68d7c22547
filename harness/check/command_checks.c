/* SPDX-License-Identifier: MIT */
/* Commands: what an aggregate decides, and that deciding leaves its state alone. */
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "check/scene.h"

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
