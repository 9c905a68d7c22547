/* SPDX-License-Identifier: MIT */
/* A conversation about instances made of samples. */
#include "check/scene.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

bool
rf_scene_begin(struct rf_kit *kit, struct rf_scene *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->ask.broken = true;
    ret->ask.kit = kit;
    ret->ask.wire = (struct rf_wire){.to = -1, .from = -1, .ready = -1, .ward = RF_WARD_NONE};
    if (!rf_samples_learn(kit) || !rf_ask_begin(kit, &ret->ask)) {
        return false;
    }
    ret->first = rf_calloc(kit->described.member_count, sizeof(*ret->first));
    for (uint32_t i = 0; i < rf_scene_aggregates(ret); i++) {
        ret->first[i] = rf_samples_tell(&ret->ask, &kit->samples[i]);
    }
    return true;
}

bool
rf_scene_done(struct rf_scene *scene, bool good)
{
    free(scene->first);
    return rf_ask_done(&scene->ask, good);
}

bool
rf_names_all(char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "*") == 0) {
            return true;
        }
    }
    return false;
}

/* ---- instances ------------------------------------------------------------------------------- */

uint64_t
rf_scene_open(struct rf_scene *scene, uint32_t aggregate, size_t number,
              const struct rf_buf *snapshot)
{
    char id[40];
    const char *name = rf_scene_member(scene, aggregate)->name;
    int bytes = snprintf(id, sizeof(id), "instance-%zu", number);
    return rf_ask_begin_instance(&scene->ask, aggregate, name, strlen(name), id, (size_t)bytes,
                                 snapshot);
}

uint64_t
rf_scene_events(struct rf_scene *scene, uint32_t aggregate, size_t place, size_t count)
{
    return rf_samples_send(&scene->ask, &scene->ask.kit->samples[aggregate],
                           scene->first[aggregate], place, count);
}

uint64_t
rf_scene_fold(struct rf_scene *scene, uint32_t aggregate, size_t number, size_t count)
{
    (void)rf_scene_open(scene, aggregate, number, NULL);
    if (count > 0) {
        (void)rf_scene_events(scene, aggregate, 0, count);
    }
    uint64_t state = rf_ask_state(&scene->ask);
    (void)rf_ask_end_instance(&scene->ask);
    return state;
}

bool
rf_scene_state(struct rf_scene *scene, uint32_t aggregate, size_t number, size_t count,
               struct rf_buf *ret_state)
{
    uint64_t state = rf_scene_fold(scene, aggregate, number, count);
    const struct rf_answer *answer = rf_ask_await(&scene->ask, state);
    rf_buf_clear(ret_state);
    if (answer != NULL && !answer->passed_over && answer->status == RF_SPOKEN_OK) {
        rf_buf_add(ret_state, answer->text.bytes, answer->text.used);
    }
    return answer != NULL && rf_ask_await_all(&scene->ask);
}

/* ---- an early end ---------------------------------------------------------------------------- */

static struct rf_talk_record
unknown_record(struct rf_scene *scene)
{
    if (!scene->unknown_told) {
        scene->unknown = rf_ask_type(&scene->ask, RF_KIT_UNKNOWN, strlen(RF_KIT_UNKNOWN));
        scene->unknown_told = true;
    }
    return (struct rf_talk_record){
        .type = scene->unknown, .timed = true, .version = 1, .seconds = 1780000000};
}

uint64_t
rf_scene_unknown_event(struct rf_scene *scene)
{
    const struct rf_talk_record record = unknown_record(scene);
    rf_ask_open_events(&scene->ask);
    rf_ask_event(&scene->ask, &record, "{}", 2);
    return rf_ask_close_events(&scene->ask);
}

uint64_t
rf_scene_unknown_command(struct rf_scene *scene)
{
    const struct rf_talk_record record = unknown_record(scene);
    return rf_ask_command(&scene->ask, &record, "{}", 2);
}

bool
rf_scene_break(struct rf_scene *scene, uint32_t aggregate, bool *ret_over)
{
    const struct rf_descriptor_member *member = rf_scene_member(scene, aggregate);
    const struct rf_answer *answer = NULL;
    bool event = !rf_names_all(member->types, member->type_count);
    bool command = !rf_names_all(member->commands, member->command_count);
    *ret_over = event || command;
    if (!*ret_over) {
        return true;
    }
    answer = rf_ask_await(&scene->ask,
                          event ? rf_scene_unknown_event(scene) : rf_scene_unknown_command(scene));
    if (answer == NULL || answer->passed_over) { /* something before it was refused */
        return answer != NULL;
    }
    if (answer->passed_over) {
        return true; /* it had refused an event of the kit's before */
    }
    if (event && answer->status == RF_SPOKEN_OK) {
        return rf_kit_wrong(scene->ask.kit, RF_CHECK_UNKNOWN, NULL, 0,
                            "status 1: the descriptor does not name the type " RF_KIT_UNKNOWN,
                            "APPLIED with the status 0");
    }
    if (!event && answer->status != RF_SPOKEN_BROKEN) {
        return rf_kit_wrong(scene->ask.kit, RF_CHECK_UNKNOWN_COMMAND, NULL, 0,
                            "status 3: the descriptor does not name the command " RF_KIT_UNKNOWN,
                            "HANDLED with the status %" PRIu32, answer->status);
    }
    return true;
}

/* ---- states ---------------------------------------------------------------------------------- */

#define QUOTED_BYTES 300

static const char none[] = "no state";

static int
shown(const struct rf_buf *state)
{
    return state->used == 0 || state->used > QUOTED_BYTES ? QUOTED_BYTES : (int)state->used;
}

bool
rf_scene_same(struct rf_scene *scene, enum rf_check_id culprit, const struct rf_buf *expected,
              const struct rf_buf *seen, const char *what)
{
    char text[QUOTED_BYTES + 100];
    if (rf_bytes_same(expected->bytes, expected->used, seen->bytes, seen->used)) {
        return true;
    }
    /* Where states are no use as a measure nothing else is to blame. */
    if (culprit != RF_CHECK_STATE &&
        scene->ask.kit->report->checks[RF_CHECK_PURE].result == RF_CHECK_WRONG) {
        culprit = RF_CHECK_PURE;
    }
    (void)snprintf(text, sizeof(text), "%s: %.*s", what, shown(expected),
                   expected->used == 0 ? none : expected->bytes);
    return rf_kit_wrong(scene->ask.kit, culprit, NULL, 0, text, "%.*s", shown(seen),
                        seen->used == 0 ? none : seen->bytes);
}
