/* SPDX-License-Identifier: MIT */
/* Many instances, and whether one depends on those before it. */
#include <stdlib.h>
#include <string.h>

#include "check/scene.h"

#define MANY_INSTANCES 3000
/** Instances that are sent before their answers are awaited. */
#define WINDOW  500
#define LENGTHS 8

#define HUGE_EVENTS 50000
#define HUGE_FRAME  500

/** The state that an instance of so many events has: the first one's. */
struct known {
    bool known;
    struct rf_buf state;
};

static bool
hold_against(struct rf_scene *scene, struct known *known, const struct rf_answer *answer)
{
    if (!known->known) {
        known->known = true;
        rf_buf_add(&known->state, answer->text.bytes, answer->text.used);
        return true;
    }
    return rf_scene_same(scene, RF_CHECK_PURE, &known->state, &answer->text,
                         "the state as of the same events in an instance before");
}

static bool
fold_window(struct rf_scene *scene, size_t from, struct known *known)
{
    uint64_t *states = rf_calloc(WINDOW, sizeof(*states));
    uint32_t aggregates = rf_scene_aggregates(scene);
    bool good = true;
    for (size_t i = 0; i < WINDOW; i++) {
        states[i] = rf_scene_fold(scene, (uint32_t)((from + i) % aggregates), from + i,
                                  (from + i) / aggregates * 5 % LENGTHS);
    }
    for (size_t i = 0; i < WINDOW && good; i++) {
        const struct rf_answer *answer = rf_ask_await(&scene->ask, states[i]);
        size_t place = (from + i) % aggregates * LENGTHS + (from + i) / aggregates * 5 % LENGTHS;
        good =
            answer != NULL && (answer->passed_over || hold_against(scene, &known[place], answer));
    }
    free(states);
    return good;
}

bool
rf_check_many(struct rf_kit *kit)
{
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    size_t places = kit->described.member_count * LENGTHS;
    struct known *known = rf_calloc(places, sizeof(*known));
    for (size_t i = 0; i < MANY_INSTANCES && good; i += WINDOW) {
        good = fold_window(&scene, i, known);
    }
    good = rf_scene_done(&scene, good);
    for (size_t i = 0; i < places; i++) {
        rf_buf_done(&known[i].state);
    }
    free(known);
    return good;
}

bool
rf_check_huge(struct rf_kit *kit)
{
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    if (good) {
        (void)rf_scene_open(&scene, 0, 0, NULL);
    }
    for (size_t i = 0; i < HUGE_EVENTS && good; i += HUGE_FRAME) {
        (void)rf_scene_events(&scene, 0, i, HUGE_FRAME);
    }
    if (good) {
        (void)rf_ask_state(&scene.ask);
        (void)rf_ask_end_instance(&scene.ask);
    }
    return rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
}

/* ---- purity ---------------------------------------------------------------------------------- */

/** Lengths of the instances of one aggregate, whose states must not depend on their order. */
static const size_t lengths[] = {3, 0, 7, 1, 12};
#define PURE_COUNT (sizeof(lengths) / sizeof(lengths[0]))

/** Folds all of them from `first` on, or backwards; broken instances stand in between. */
static bool
fold_all(struct rf_scene *scene, uint32_t aggregate, bool backwards, struct rf_buf *states,
         bool known)
{
    struct rf_buf state = {0};
    bool good = true;
    for (size_t i = 0; i < PURE_COUNT && good; i++) {
        size_t at = backwards ? PURE_COUNT - 1 - i : i;
        good = rf_scene_state(scene, aggregate, at, lengths[at], known ? &state : &states[at]);
        if (good && known) {
            good = rf_scene_same(scene, RF_CHECK_PURE, &states[at], &state,
                                 "the state as of the same events, folded behind others");
        }
        if (good) {
            bool over = false;
            (void)rf_scene_open(scene, aggregate, 50 + i, NULL);
            (void)rf_scene_events(scene, aggregate, i, 2);
            good = rf_scene_break(scene, aggregate, &over);
            (void)rf_ask_end_instance(&scene->ask);
        }
    }
    rf_buf_done(&state);
    return good && rf_ask_await_all(&scene->ask);
}

static bool
hold_pure(struct rf_kit *kit, uint32_t aggregate)
{
    struct rf_buf states[PURE_COUNT] = {{0}};
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene) && fold_all(&scene, aggregate, false, states, false) &&
                fold_all(&scene, aggregate, false, states, true) &&
                fold_all(&scene, aggregate, true, states, true);
    good = rf_scene_done(&scene, good);
    if (good) {
        kit->during = "the same instances, by the speaker started anew";
        good = rf_scene_begin(kit, &scene) && fold_all(&scene, aggregate, true, states, true);
        good = rf_scene_done(&scene, good);
    }
    for (size_t i = 0; i < PURE_COUNT; i++) {
        rf_buf_done(&states[i]);
    }
    return good;
}

bool
rf_check_pure(struct rf_kit *kit)
{
    bool good = true;
    for (uint32_t i = 0; good && i < kit->described.member_count; i++) {
        good = hold_pure(kit, i);
    }
    return good;
}
