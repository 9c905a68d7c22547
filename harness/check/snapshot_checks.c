/* SPDX-License-Identifier: MIT */
/* Snapshots: what an aggregate goes on from, and what it restores nothing of. */
#include <inttypes.h>
#include <string.h>

#include "check/scene.h"

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
