/* SPDX-License-Identifier: MIT */
/* Frames and their order: the same kind of traffic, sent in all ways. What breaks is told by the
 * judge (judge.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/judge.h"
#include "check/scene.h"

/** How an instance is sent. */
enum {
    LOCKSTEP = 1, /**< each frame once the one before was answered */
    QUIET = 2,    /**< and nothing may come in between */
    NAMES = 4,    /**< with TYPE in between, so that numbers are skipped */
    ALL = 8,      /**< with every kind of frame that its aggregate answers */
};

#define QUIET_MS 20

static bool
settle(struct rf_scene *scene, unsigned how, uint64_t number)
{
    if ((how & NAMES) != 0) {
        char name[40];
        int bytes = snprintf(name, sizeof(name), "name-%u", (unsigned)scene->ask.type_count);
        (void)rf_ask_type(&scene->ask, name, (size_t)bytes);
    }
    return (how & LOCKSTEP) == 0 || (rf_ask_await(&scene->ask, number) != NULL &&
                                     ((how & QUIET) == 0 || rf_ask_quiet(&scene->ask, QUIET_MS)));
}

static bool
send_command(struct rf_scene *scene, uint32_t aggregate, unsigned how)
{
    const struct rf_descriptor_member *member = rf_scene_member(scene, aggregate);
    if ((how & ALL) == 0 || member->command_count == 0) {
        return true;
    }
    const char *name = member->commands[0];
    const struct rf_talk_record record = {.type = rf_ask_type(&scene->ask, name, strlen(name))};
    return settle(scene, how, rf_ask_command(&scene->ask, &record, "{}", 2));
}

static bool
send_identify(struct rf_scene *scene, uint32_t aggregate, unsigned how)
{
    struct rf_buf payload = {0};
    if ((how & ALL) == 0 || !rf_scene_member(scene, aggregate)->identifies) {
        return true;
    }
    rf_buf_string(&payload, "no one's payload");
    uint64_t number = rf_ask_identify(&scene->ask, aggregate, &payload, 1);
    rf_buf_done(&payload);
    return settle(scene, how, number);
}

static bool
send_instance(struct rf_scene *scene, uint32_t aggregate, size_t number, unsigned how)
{
    struct rf_ask *ask = &scene->ask;
    (void)rf_scene_open(scene, aggregate, number, NULL);
    return settle(scene, how & ~(unsigned)(LOCKSTEP | QUIET), 0) &&
           settle(scene, how, rf_ask_state(ask)) &&
           settle(scene, how, rf_scene_events(scene, aggregate, 0, 1 + number % 3)) &&
           settle(scene, how, rf_ask_state(ask)) &&
           settle(scene, how, rf_scene_events(scene, aggregate, 1 + number % 3, 2)) &&
           send_command(scene, aggregate, how) && settle(scene, how, rf_ask_state(ask)) &&
           settle(scene, how, rf_ask_end_instance(ask)) && send_identify(scene, aggregate, how);
}

static bool
play(struct rf_kit *kit, unsigned how, size_t instances)
{
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    for (size_t i = 0; i < instances && good; i++) {
        good = send_instance(&scene, (uint32_t)(i % rf_scene_aggregates(&scene)), i, how);
    }
    good = good && rf_ask_await_all(&scene.ask) && rf_ask_quiet(&scene.ask, QUIET_MS);
    return rf_scene_done(&scene, good);
}

bool
rf_check_frames(struct rf_kit *kit)
{
    return play(kit, LOCKSTEP | QUIET, 2);
}

bool
rf_check_alive(struct rf_kit *kit)
{
    return play(kit, LOCKSTEP, 100);
}

bool
rf_check_flush(struct rf_kit *kit)
{
    return play(kit, LOCKSTEP | ALL, 10);
}

bool
rf_check_answers(struct rf_kit *kit)
{
    return play(kit, ALL, 20);
}

bool
rf_check_kinds(struct rf_kit *kit)
{
    return play(kit, LOCKSTEP | NAMES | ALL, 20);
}

bool
rf_check_numbers(struct rf_kit *kit)
{
    return play(kit, NAMES, 20);
}

bool
rf_check_order(struct rf_kit *kit)
{
    return play(kit, 0, 200);
}

bool
rf_check_once(struct rf_kit *kit)
{
    return play(kit, LOCKSTEP | QUIET | ALL, 3);
}

/** Refusals are the texts that a speaker writes most: of data that it may quote. */
bool
rf_check_text(struct rf_kit *kit)
{
    static const char *const datas[] = {"{}", "null", "[\"\\u00e9\\u0000\\ud83d\\ude00\"]",
                                        "{\"\xc3\xa9\xe2\x80\xae\":\"\xf0\x9f\x98\x80\"}"};
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        for (size_t k = 0; k < sizeof(datas) / sizeof(datas[0]); k++) {
            const struct rf_talk_record record = {.type = scene.first[i], .version = 1};
            (void)rf_scene_open(&scene, i, k, NULL);
            rf_ask_open_events(&scene.ask);
            rf_ask_event(&scene.ask, &record, datas[k], strlen(datas[k]));
            (void)rf_ask_close_events(&scene.ask);
            (void)rf_ask_end_instance(&scene.ask);
        }
    }
    return rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
}

/* ---- how much, and in which pieces ----------------------------------------------------------- */

/** Instances of four frames each that are sent before any answer is waited for. */
#define AHEAD_INSTANCES 1250

bool
rf_check_reads(struct rf_kit *kit)
{
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    for (size_t i = 0; i < AHEAD_INSTANCES && good; i++) {
        (void)rf_scene_fold(&scene, (uint32_t)(i % rf_scene_aggregates(&scene)), i, 3);
    }
    kit->during = "5,000 frames sent ahead";
    return rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
}

bool
rf_check_split(struct rf_kit *kit)
{
    static const size_t pieces[] = {1, 7, 16, 61, 4095};
    struct rf_scene whole;
    struct rf_buf expected = {0};
    struct rf_buf seen = {0};
    bool good = rf_scene_begin(kit, &whole) && rf_scene_state(&whole, 0, 1, 4, &expected);
    good = rf_scene_done(&whole, good);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]) && good; i++) {
        struct rf_ask ask;
        kit->during = i == 0 ? "frames sent byte by byte" : "frames sent in small pieces";
        good = rf_ask_start(kit, &ask);
        ask.wire.piece = pieces[i];
        struct rf_scene scene = {.ask = ask, .first = rf_calloc(1, sizeof(*scene.first))};
        if (good) {
            (void)rf_ask_hello(&scene.ask, RF_KIT_HELLO_OF("in pieces"));
            scene.first[0] = rf_samples_tell(&scene.ask, &kit->samples[0]);
            good = rf_scene_state(&scene, 0, 1, 4, &seen) &&
                   rf_scene_same(&scene, RF_CHECK_SPLIT, &expected, &seen,
                                 "the state as of whole frames");
        }
        good = rf_scene_done(&scene, good);
    }
    rf_buf_done(&expected);
    rf_buf_done(&seen);
    return good;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/** An event whose data is blown up by blanks, which are no part of its value. */
static void
send_padded(struct rf_scene *scene, uint32_t aggregate, size_t bytes)
{
    const struct rf_sample_event *sample = rf_sample_at(&scene->ask.kit->samples[aggregate], 0);
    const struct rf_talk_record record = {
        .type = scene->first[aggregate], .timed = true, .version = 1};
    struct rf_buf data = {0};
    size_t own = strlen(sample->data);
    rf_buf_byte(&data, '{');
    while (data.used + own - 1 < bytes) {
        rf_buf_byte(&data, " \n\t\r"[data.used % 4]);
    }
    rf_buf_string(&data, sample->data + 1);
    rf_ask_open_events(&scene->ask);
    rf_ask_event(&scene->ask, &record, data.bytes, data.used);
    (void)rf_ask_close_events(&scene->ask);
    rf_buf_done(&data);
}

bool
rf_check_sizes(struct rf_kit *kit)
{
    static const size_t sizes[] = {2,     31,    100,    4063,    4064,    4065,    65503,
                                   65504, 65505, 131072, 1 << 20, 5000011, 16 << 20};
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && good; i++) {
        uint32_t aggregate = (uint32_t)(i % rf_scene_aggregates(&scene));
        (void)rf_scene_open(&scene, aggregate, i, NULL);
        send_padded(&scene, aggregate, sizes[i]);
        (void)rf_ask_state(&scene.ask);
        (void)rf_ask_end_instance(&scene.ask);
    }
    kit->during = "a frame of many records";
    if (good && rf_ask_await_all(&scene.ask)) {
        (void)rf_scene_open(&scene, 0, 99, NULL);
        (void)rf_scene_events(&scene, 0, 0, 8000);
        (void)rf_ask_end_instance(&scene.ask);
    }
    return rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
}
