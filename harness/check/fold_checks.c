/* SPDX-License-Identifier: MIT */
/* Folding: counts, receipts, states, and instances that end early. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "check/scene.h"

/** Runs `work` for each aggregate in one conversation. */
static bool
for_each(struct rf_kit *kit, bool (*work)(struct rf_scene *scene, uint32_t aggregate))
{
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        good = work(&scene, i);
    }
    return rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
}

/* ---- counts and receipts --------------------------------------------------------------------- */

static bool
send_counts(struct rf_scene *scene, uint32_t aggregate)
{
    static const size_t counts[] = {1, 2, 0, 5, 1, 64};
    size_t place = 0;
    (void)rf_scene_open(scene, aggregate, 0, NULL);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (rf_ask_await(&scene->ask, rf_scene_events(scene, aggregate, place, counts[i])) ==
            NULL) {
            return false;
        }
        place += counts[i];
    }
    (void)rf_ask_end_instance(&scene->ask);
    return rf_ask_await_all(&scene->ask);
}

bool
rf_check_applied(struct rf_kit *kit)
{
    return for_each(kit, send_counts);
}

/** Events in front of a refused one, and behind it, in the same frame. */
static bool
send_refused_amid(struct rf_scene *scene, uint32_t aggregate)
{
    const struct rf_descriptor_member *member = rf_scene_member(scene, aggregate);
    const struct rf_sample *sample = &scene->ask.kit->samples[aggregate];
    if (rf_names_all(member->types, member->type_count)) {
        return send_counts(scene, aggregate);
    }
    if (!scene->unknown_told) {
        scene->unknown = rf_ask_type(&scene->ask, RF_KIT_UNKNOWN, strlen(RF_KIT_UNKNOWN));
        scene->unknown_told = true;
    }
    (void)rf_scene_open(scene, aggregate, 0, NULL);
    rf_ask_open_events(&scene->ask);
    for (uint32_t i = 0; i < 5; i++) {
        const char *data = rf_sample_at(sample, 0)->data;
        const struct rf_talk_record record = {
            .type = i == 3 ? scene->unknown : scene->first[aggregate], .version = i + 1};
        rf_ask_event(&scene->ask, &record, data, strlen(data));
    }
    (void)rf_ask_close_events(&scene->ask);
    (void)rf_ask_end_instance(&scene->ask);
    return rf_ask_await_all(&scene->ask);
}

bool
rf_check_receipt(struct rf_kit *kit)
{
    return for_each(kit, send_counts) && for_each(kit, send_refused_amid);
}

/* ---- states ---------------------------------------------------------------------------------- */

/** STATE behind each event, twice. */
static bool
ask_states(struct rf_scene *scene, uint32_t aggregate)
{
    bool good = true;
    (void)rf_scene_open(scene, aggregate, 0, NULL);
    for (size_t i = 0; i < 8 && good; i++) {
        uint64_t one = rf_ask_state(&scene->ask);
        uint64_t two = rf_ask_state(&scene->ask);
        const struct rf_answer *second = rf_ask_await(&scene->ask, two);
        const struct rf_answer *first = second == NULL ? NULL : rf_ask_await(&scene->ask, one);
        good = first != NULL && rf_scene_same(scene, RF_CHECK_STATE, &first->text, &second->text,
                                              "the state as a moment before, without an event "
                                              "since");
        if (good) {
            (void)rf_scene_events(scene, aggregate, i, 1);
        }
    }
    (void)rf_ask_end_instance(&scene->ask);
    return good && rf_ask_await_all(&scene->ask);
}

bool
rf_check_state(struct rf_kit *kit)
{
    return for_each(kit, ask_states);
}

static bool
ask_empty(struct rf_scene *scene, uint32_t aggregate)
{
    struct rf_buf first = {0};
    (void)rf_scene_open(scene, aggregate, 1, NULL);
    (void)rf_ask_end_instance(&scene->ask);
    bool good = rf_scene_state(scene, aggregate, 2, 0, &first);
    if (good) {
        (void)rf_scene_open(scene, aggregate, 3, NULL);
        (void)rf_scene_events(scene, aggregate, 0, 0);
        const struct rf_answer *answer = rf_ask_await(&scene->ask, rf_ask_state(&scene->ask));
        good = answer != NULL && rf_scene_same(scene, RF_CHECK_EMPTY, &first, &answer->text,
                                               "behind no event the state of no events");
        (void)rf_ask_end_instance(&scene->ask);
    }
    rf_buf_done(&first);
    return good && rf_ask_await_all(&scene->ask);
}

bool
rf_check_empty(struct rf_kit *kit)
{
    return for_each(kit, ask_empty);
}

/** The same twelve events in frames of one, of three, of 1 to 5. */
static bool
ask_batches(struct rf_scene *scene, uint32_t aggregate)
{
    static const size_t batches[][5] = {{1, 1, 1, 1, 1}, {3, 3, 3, 3, 3}, {1, 2, 3, 4, 5}};
    const size_t events = 12;
    struct rf_buf whole = {0};
    bool good = rf_scene_state(scene, aggregate, 0, events, &whole);
    for (size_t i = 0; i < 3 && good; i++) {
        (void)rf_scene_open(scene, aggregate, i, NULL);
        for (size_t place = 0, k = 0; place < events; k++) {
            size_t count = batches[i][k % 5];
            count = count < events - place ? count : events - place;
            (void)rf_scene_events(scene, aggregate, place, count);
            place += count;
        }
        const struct rf_answer *answer = rf_ask_await(&scene->ask, rf_ask_state(&scene->ask));
        good = answer != NULL && rf_scene_same(scene, RF_CHECK_BATCHES, &whole, &answer->text,
                                               "the state as of the same events in one frame");
        (void)rf_ask_end_instance(&scene->ask);
    }
    rf_buf_done(&whole);
    return good && rf_ask_await_all(&scene->ask);
}

bool
rf_check_batches(struct rf_kit *kit)
{
    return for_each(kit, ask_batches);
}

/* ---- an early end ---------------------------------------------------------------------------- */

static bool
end_early(struct rf_scene *scene, uint32_t aggregate)
{
    bool over = false;
    for (size_t i = 0; i < 3; i++) {
        (void)rf_scene_open(scene, aggregate, i, NULL);
        (void)rf_scene_events(scene, aggregate, 0, i);
        if (!rf_scene_break(scene, aggregate, &over) ||
            rf_ask_await(&scene->ask, rf_ask_end_instance(&scene->ask)) == NULL) {
            return false;
        }
    }
    return over || rf_kit_skip(scene->ask.kit, "%s takes every type and every command",
                               rf_scene_member(scene, aggregate)->name);
}

bool
rf_check_ended(struct rf_kit *kit)
{
    kit->during = "an instance whose last event, or command, was refused";
    return for_each(kit, end_early);
}

/** What comes behind it, and the instance behind that, which uses a type told meanwhile. */
static bool
pass_over(struct rf_scene *scene, uint32_t aggregate)
{
    bool over = false;
    struct rf_buf before = {0};
    struct rf_buf after = {0};
    struct rf_ask *ask = &scene->ask;
    bool good = rf_scene_state(scene, aggregate, 0, 3, &before);
    if (good) {
        (void)rf_scene_open(scene, aggregate, 1, NULL);
        good = rf_scene_break(scene, aggregate, &over);
    }
    if (good && !over) {
        rf_buf_done(&before);
        return rf_kit_skip(ask->kit, "%s takes every type and every command",
                           rf_scene_member(scene, aggregate)->name);
    }
    if (good) {
        (void)rf_scene_events(scene, aggregate, 0, 2);
        (void)rf_ask_state(ask);
        scene->first[aggregate] = rf_samples_tell(ask, &ask->kit->samples[aggregate]);
        (void)rf_scene_unknown_command(scene);
        (void)rf_ask_state(ask);
        good = rf_ask_quiet(ask, 50);
        (void)rf_ask_end_instance(ask);
        good = good && rf_scene_state(scene, aggregate, 0, 3, &after) &&
               rf_scene_same(scene, RF_CHECK_PASSED, &before, &after,
                             "the state as of the instance before the refused one");
    }
    rf_buf_done(&before);
    rf_buf_done(&after);
    return good;
}

bool
rf_check_passed(struct rf_kit *kit)
{
    kit->during = "frames behind a refusal, up to END";
    return for_each(kit, pass_over);
}

bool
rf_check_unknown(struct rf_kit *kit)
{
    struct rf_scene scene;
    size_t tried = 0;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        const struct rf_descriptor_member *member = rf_scene_member(&scene, i);
        bool over = false;
        if (!rf_names_all(member->types, member->type_count)) {
            (void)rf_scene_open(&scene, i, 0, NULL);
            good = rf_scene_break(&scene, i, &over);
            (void)rf_ask_end_instance(&scene.ask);
            tried++;
        }
    }
    good = rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
    return good && (tried > 0 || rf_kit_skip(kit, "it takes every type"));
}

/* ---- what records may hold ------------------------------------------------------------------- */

/** An instance of one event. */
static void
send_record(struct rf_scene *scene, uint32_t aggregate, struct rf_talk_record record,
            const char *data, size_t bytes)
{
    record.type = scene->first[aggregate];
    (void)rf_scene_open(scene, aggregate, 7, NULL);
    rf_ask_open_events(&scene->ask);
    rf_ask_event(&scene->ask, &record, data, bytes);
    (void)rf_ask_close_events(&scene->ask);
    (void)rf_ask_state(&scene->ask);
    (void)rf_ask_end_instance(&scene->ask);
}

static bool
send_records(struct rf_scene *scene, uint32_t aggregate)
{
    static const struct rf_talk_record records[] = {
        {.version = 1},
        {.version = 0},
        {.version = INT64_MAX, .timed = true},
        {.version = 2, .timed = true, .seconds = -1, .nanos = 999999999},
        {.version = 3, .timed = true, .seconds = -62135596800},
        {.version = 4, .timed = true, .seconds = 253402300799, .nanos = 999999999},
        {.version = 5, .timed = true, .seconds = 951782400, .nanos = 1},
    };
    const char *data = rf_sample_at(&scene->ask.kit->samples[aggregate], 0)->data;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        send_record(scene, aggregate, records[i], data, strlen(data));
    }
    return rf_ask_await_all(&scene->ask);
}

bool
rf_check_records(struct rf_kit *kit)
{
    return for_each(kit, send_records);
}

/** A value nested so deep: as deep as refold takes any (limit `depth`). */
static void
make_deep(struct rf_buf *ret, size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        rf_buf_string(ret, i % 2 == 0 ? "[" : "{\"a\":");
    }
    rf_buf_string(ret, "1");
    for (size_t i = depth; i > 0; i--) {
        rf_buf_byte(ret, i % 2 == 1 ? ']' : '}');
    }
}

static bool
send_odd_data(struct rf_scene *scene, uint32_t aggregate)
{
    static const char *const datas[] = {
        "null",
        "true",
        "0",
        "\"\"",
        "[]",
        " { } ",
        "{\"\":\"\"}",
        "{\"a\":\"\\u0000\\u001f\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
        "{\"\\u0000\":1}",
        "{\"a\":\"\\ud83d\\ude00\xf0\x9f\x98\x80\xe2\x80\xae\xef\xbf\xbf\"}",
        "{\"a\":1,\"a\":2,\"a\":[{}]}",
        "{\"a\":1e400,\"b\":-1E-400,\"c\":-0,\"d\":0.1e+1}",
        "{\"a\":18446744073709551616,\"b\":-9223372036854775809,\"c\":9007199254740993}",
        "{\"Qty\":9223372036854775807,\"PriceCents\":9223372036854775807}",
        "{\"__proto__\":{\"a\":1},\"constructor\":null}",
    };
    const struct rf_talk_record record = {.version = 1, .timed = true};
    for (size_t i = 0; i < sizeof(datas) / sizeof(datas[0]); i++) {
        send_record(scene, aggregate, record, datas[i], strlen(datas[i]));
    }
    static const size_t depths[] = {100, 127, 512};
    struct rf_buf text = {0};
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        rf_buf_clear(&text);
        make_deep(&text, depths[i]);
        send_record(scene, aggregate, record, text.bytes, text.used);
    }
    rf_buf_clear(&text);
    for (size_t i = 0; i < 5000; i++) {
        rf_buf_byte(&text, '7');
    }
    send_record(scene, aggregate, record, text.bytes, text.used);
    rf_buf_done(&text);
    return rf_ask_await_all(&scene->ask);
}

bool
rf_check_odd_data(struct rf_kit *kit)
{
    kit->during = "an event with unusual data";
    return for_each(kit, send_odd_data);
}

static bool
send_ids(struct rf_scene *scene, uint32_t aggregate)
{
    static const size_t lengths[] = {1, 127, 255, 256, 4096, 32768};
    const struct rf_descriptor_member *member = rf_scene_member(scene, aggregate);
    bool any_name = rf_names_all(member->types, member->type_count);
    struct rf_buf id = {0};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        static const char letters[] = "aZ9 /\n\"\\\0\x7f\xc3\xa9";
        rf_buf_clear(&id);
        while (id.used < lengths[i]) {
            size_t left = lengths[i] - id.used;
            size_t count = sizeof(letters) - 1;
            /* Not within the last character, which has two bytes. */
            rf_buf_add(&id, letters, left >= count ? count : left == count - 1 ? left - 1 : left);
            if (left == count - 1) {
                rf_buf_byte(&id, 'x');
            }
        }
        size_t name_bytes = id.used < 1024 ? id.used : 1023; /* ends before a character */
        name_bytes = rf_utf8_valid(id.bytes, name_bytes);
        (void)rf_ask_begin_instance(&scene->ask, aggregate, any_name ? id.bytes : member->name,
                                    any_name ? name_bytes : strlen(member->name), id.bytes, id.used,
                                    NULL);
        (void)rf_scene_events(scene, aggregate, 0, 2);
        (void)rf_ask_state(&scene->ask);
        (void)rf_ask_end_instance(&scene->ask);
    }
    rf_buf_done(&id);
    return rf_ask_await_all(&scene->ask);
}

bool
rf_check_ids(struct rf_kit *kit)
{
    return for_each(kit, send_ids);
}

/** Types that are told in an instance, right before they are used, behind many that are not. */
bool
rf_check_types(struct rf_kit *kit)
{
    struct rf_scene scene;
    bool good = rf_scene_begin(kit, &scene);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        (void)rf_scene_open(&scene, i, 0, NULL);
        for (size_t k = 0; k < 500; k++) {
            char name[40];
            int bytes = snprintf(name, sizeof(name), "Type%zu\xc3\xa9.%u", k, (unsigned)i);
            (void)rf_ask_type(&scene.ask, name, (size_t)bytes);
            if (k == 250) {
                (void)rf_scene_events(&scene, i, 0, 1);
                (void)rf_ask_state(&scene.ask);
            }
        }
        scene.first[i] = rf_samples_tell(&scene.ask, &kit->samples[i]);
        (void)rf_scene_events(&scene, i, 1, 3);
        (void)rf_ask_end_instance(&scene.ask);
    }
    return rf_scene_done(&scene, good && rf_ask_await_all(&scene.ask));
}
