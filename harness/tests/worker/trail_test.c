/* SPDX-License-Identifier: MIT */
/* Trails: what makes two states have the same hash. */
#include "worker/trail.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"
#include "tests/worker/outer.h"

static int32_t
apply(void *state, const refold_event *event)
{
    (void)state;
    (void)event;
    return REFOLD_OK;
}

static struct rf_plugin *
make_plugin(void)
{
    static const refold_type types[] = {REFOLD_TYPE("A", 1)};
    static const refold_aggregate table = {
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "outer",
        .state_version = 1,
        .state_size = sizeof(struct outer),
        .types = types,
        .type_count = 1,
        .fields = rows,
        .field_count = ROW_COUNT,
        .apply = apply,
    };
    struct rf_plugin *plugin = NULL;
    cr_assert(rf_plugin_new(&table, &plugin, NULL) == RF_OK);
    return plugin;
}

static void
done(struct rf_trail *trail)
{
    free(trail->pointers);
    rf_mask_free(trail->mask);
    rf_buf_done(&trail->hashes);
    rf_buf_done(&trail->text);
    rf_buf_done(&trail->why);
    rf_buf_done(&trail->stripped);
    rf_json_done(&trail->doc);
}

/** The hash of one state, under these rules, for an instance of the aggregate "outer". */
static uint64_t
hash_of(const struct outer *state, const char *const *ignores, size_t count)
{
    static const char name[] = "outer";
    struct rf_trail trail = {.ignores = ignores, .ignore_count = count};
    struct rf_plugin *plugin = make_plugin();
    rf_trail_begin(&trail, (refold_string){name, 5});
    cr_expect_not(rf_trail_note(&trail, plugin, state));
    cr_assert(trail.hashes.used == 8);
    uint64_t hash = rf_get_le64((const unsigned char *)trail.hashes.bytes);
    done(&trail);
    rf_plugin_free(plugin);
    return hash;
}

static bool
is_same(const struct outer *one, const struct outer *other, const char *ignore)
{
    size_t count = ignore == NULL ? 0 : 1;
    return hash_of(one, &ignore, count) == hash_of(other, &ignore, count);
}

Test(trail, is_the_hash_of_the_states_json)
{
    struct outer state = {.small = 7, .text = text_of("x")};
    struct rf_buf out = {0};
    cr_assert(snapshot(&state, &out) == RF_STATUS_OK);
    uint64_t hash = XXH3_64bits_withSeed(out.bytes, out.used, 14);
    cr_expect(hash_of(&state, NULL, 0) == (hash & ~RF_TRAIL_UNTOLD));
    rf_buf_done(&out);
}

Test(trail, tells_states_apart_by_any_field)
{
    struct outer empty = {0};
    const struct outer others[] = {
        {.flag = 1},           {.mood = 1},      {.small = 1},        {.natural = 1},
        {.real = 0.5},         {.count_set = 1}, {.time = {0, 0, 1}}, {.inner = {.number = 1}},
        {.text = text_of("")},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect_not(is_same(&empty, &others[i], NULL), "%zu", i);
        cr_expect(is_same(&others[i], &others[i], NULL), "%zu", i);
    }
}

/* What has no JSON in a golden is a state like others here: it must not hide what else differs. */
Test(trail, tells_states_with_nan_and_infinity_apart)
{
    struct pair pairs[4] = {{text_of("0e999"), 1}, {text_of("a"), NAN}};
    const struct outer states[] = {
        {.real = NAN},
        {.real = INFINITY},
        {.real = -INFINITY},
        {.real = 0},
        {.real = 1e308},
        {.real = NAN, .small = 1},
        {.real = INFINITY, .small = 1},
        {.real = NAN, .map = {pairs, 2, 2, NULL}},
        {.real = 0, .map = {pairs, 2, 2, NULL}},
        {.text = text_of("NaN")},
        {.text = text_of("0e999")},
    };
    size_t count = sizeof(states) / sizeof(states[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            cr_expect(is_same(&states[i], &states[k], NULL) == (i == k), "%zu, %zu", i, k);
        }
    }
    /* Sign and payload say nothing. */
    const struct outer negative = {.real = -(double)NAN};
    const struct outer loaded = {.real = nan("0x123")};
    cr_expect(is_same(&states[0], &negative, NULL) && is_same(&states[0], &loaded, NULL));
    const struct outer minus_zero = {.real = -0.0};
    cr_expect(is_same(&states[3], &minus_zero, NULL));
}

Test(trail, leaves_out_what_is_ignored_in_states_with_nan_too)
{
    const struct outer one = {.real = NAN, .small = 1};
    const struct outer other = {.real = NAN, .small = 2};
    const struct outer finite = {.real = 1, .small = 1};
    cr_expect_not(is_same(&one, &other, NULL));
    cr_expect(is_same(&one, &other, "/B"));
    cr_expect_not(is_same(&one, &finite, "/B"));
    cr_expect(is_same(&one, &finite, "/re~1al~0"));
    cr_expect_not(is_same(&other, &finite, "/re~1al~0"));
}

/* What is no value of its kind hides no more than NaN does. */
Test(trail, tells_states_with_odd_values_apart)
{
    const struct outer states[] = {
        {.mood = 77},
        {.mood = 78},
        {.mood = -77},
        {.mood = 77, .small = 3},
        {.small = 77},
        {.text = {"\xFF", 1, 0}},
        {.text = {"\xFE", 1, 0}},
        {.text = text_of("\\xff")},
        {.text = {"\xFF", 1, 0}, .small = 3},
        {.time = {INT64_MAX, 0, 1}},
        {.time = {INT64_MAX - 1, 0, 1}},
        {.time = {INT64_MAX, 1, 1}},
        {.time = {INT64_MAX, 0, 1}, .mood = 77},
    };
    size_t count = sizeof(states) / sizeof(states[0]);
    for (size_t i = 0; i < count; i++) {
        cr_expect((hash_of(&states[i], NULL, 0) & RF_TRAIL_UNTOLD) == 0, "%zu", i);
        for (size_t k = 0; k < count; k++) {
            cr_expect(is_same(&states[i], &states[k], NULL) == (i == k), "%zu, %zu", i, k);
        }
    }
}

Test(trail, leaves_out_what_is_ignored_beside_odd_values)
{
    const struct outer one = {.mood = 77, .time = {INT64_MAX, 0, 1}, .small = 1};
    const struct outer other = {.mood = 77, .time = {INT64_MAX, 0, 1}, .small = 2};
    cr_expect_not(is_same(&one, &other, NULL));
    cr_expect(is_same(&one, &other, "/B"));
}

/* It is JSON all the same, whatever it is: what is ignored in it and beside it can be left out. */
Test(trail, leaves_out_what_is_ignored_where_a_text_is_not_utf8)
{
    struct pair bad[] = {{{"\xFF", 1, 0}, 1}, {text_of("a"), 2}};
    struct pair worse[] = {{{"\xFE", 1, 0}, 1}, {text_of("a"), 2}};
    struct pair other[] = {{{"\xFF", 1, 0}, 1}, {text_of("a"), 3}};
    const struct outer states[] = {
        {.text = {"\xFF", 1, 0}, .small = 1, .map = {bad, 2, 2, NULL}},
        {.text = {"\xFE", 1, 0}, .small = 1, .map = {bad, 2, 2, NULL}},
        {.text = {"\xFF", 1, 0}, .small = 2, .map = {bad, 2, 2, NULL}},
        {.text = {"\xFF", 1, 0}, .small = 1, .map = {worse, 2, 2, NULL}},
        {.text = {"\xFF", 1, 0}, .small = 1, .map = {other, 2, 2, NULL}},
    };
    static const char *const rules[] = {NULL, "/z\"text", "/B", "/map", "/map/a"};
    for (size_t i = 1; i < sizeof(states) / sizeof(states[0]); i++) {
        for (size_t k = 1; k < sizeof(rules) / sizeof(rules[0]); k++) {
            bool same = i == k || (i == 4 && k == 3);
            cr_expect(is_same(&states[0], &states[i], rules[k]) == same, "%zu, %zu", i, k);
        }
        cr_expect((hash_of(&states[i], &rules[2], 1) & RF_TRAIL_UNTOLD) == 0, "%zu", i);
    }
    cr_expect(is_same(&states[0], &states[3], "/map/*"));
    cr_expect_not(is_same(&states[0], &states[3], "/map/~1ff"));
}

/* A key that is not UTF-8 is no other one, however it is written. */
Test(trail, tells_odd_keys_from_all_others)
{
    static const refold_text keys[] = {
        {"\xFF", 1, 0}, {"\xFE", 1, 0}, {"ff", 2, 0}, {"/\0ff", 4, 0}, {"\\/\\u0000ff", 11, 0}};
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < 5; k++) {
            struct pair one[] = {{keys[i], 1}};
            struct pair other[] = {{keys[k], 1}};
            const struct outer states[] = {{.map = {one, 1, 1, NULL}},
                                           {.map = {other, 1, 1, NULL}}};
            cr_expect(is_same(&states[0], &states[1], NULL) == (i == k), "%zu, %zu", i, k);
            cr_expect(is_same(&states[0], &states[1], "/B") == (i == k), "%zu, %zu", i, k);
        }
    }
}

/* What cannot be read cannot be told without what is ignored: never the same as another. */
Test(trail, marks_what_cannot_be_read)
{
    static const char name[] = "outer";
    static const char text[] = "{\"a\":\"\xFF\"}";
    static const char *const rules[] = {"/b"};
    struct rf_trail trail = {.ignores = rules, .ignore_count = 1};
    rf_trail_begin(&trail, (refold_string){name, 5});
    cr_expect((rf_trail_hash(&trail, text, strlen(text)) & RF_TRAIL_UNTOLD) != 0);
    cr_expect((rf_trail_hash(&trail, "{}", 2) & RF_TRAIL_UNTOLD) == 0);
    done(&trail);
}

/* By its reason, which no state's text can be taken for, and marked as no state's hash is. */
Test(trail, marks_states_that_cannot_be_told)
{
    struct pair pairs[] = {{text_of("a"), 1}, {text_of("a"), 2}};
    struct pair others[] = {{text_of("b"), 1}, {text_of("b"), 2}};
    const struct outer twice = {.map = {pairs, 2, 2, NULL}};
    const struct outer other = {.map = {others, 2, 2, NULL}, .small = 3};
    struct rf_buf why = {0};
    cr_assert(snapshot(&twice, &why) == RF_STATUS_BROKEN);
    uint64_t hash = XXH3_64bits_withSeed(why.bytes, why.used, 16 + RF_STATUS_BROKEN);
    cr_expect(hash_of(&twice, NULL, 0) == (hash | RF_TRAIL_UNTOLD));
    cr_expect(is_same(&twice, &other, NULL));
    rf_buf_done(&why);
}

Test(trail, heeds_rules_for_its_aggregate_and_for_all)
{
    const struct outer one = {.small = 1};
    const struct outer other = {.small = 2};
    static const char *const yes[] = {"/B", "outer:/B", "/*", "outer:/*"};
    static const char *const no[] = {"/b",        "/B/x",     "other:/B", "oute:/B",
                                     "outer2:/B", "outer:/b", ":/B",      "/flag"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        cr_expect(is_same(&one, &other, yes[i]), "%s", yes[i]);
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        cr_expect_not(is_same(&one, &other, no[i]), "%s", no[i]);
    }
}

Test(trail, heeds_all_of_several_rules)
{
    const struct outer one = {.small = 1, .natural = 1, .flag = 1};
    const struct outer other = {.small = 2, .natural = 2, .flag = 1};
    const struct outer third = {.small = 2, .natural = 2};
    static const char *const rules[] = {"other:/flag", "/B", "outer:/natural"};
    cr_expect(hash_of(&one, rules, 3) == hash_of(&other, rules, 3));
    cr_expect(hash_of(&one, rules, 3) != hash_of(&third, rules, 3));
    cr_expect(hash_of(&one, rules, 2) != hash_of(&other, rules, 2));
}

/* One worker folds instances of several aggregates, where one takes all. */
Test(trail, changes_its_rules_with_the_aggregate)
{
    static const char *const rules[] = {"one:/B"};
    static const char *const names[] = {"one", "two", "one"};
    struct rf_trail trail = {.ignores = rules, .ignore_count = 1};
    struct rf_plugin *plugin = make_plugin();
    for (size_t i = 0; i < 3; i++) {
        const struct outer states[] = {{.small = 1}, {.small = 2}};
        rf_trail_begin(&trail, (refold_string){names[i], 3});
        cr_assert(trail.hashes.used == 0);
        (void)rf_trail_note(&trail, plugin, &states[0]);
        (void)rf_trail_note(&trail, plugin, &states[1]);
        bool same = memcmp(trail.hashes.bytes, trail.hashes.bytes + 8, 8) == 0;
        cr_expect(same == (strcmp(names[i], "one") == 0), "%zu", i);
    }
    done(&trail);
    rf_plugin_free(plugin);
}

/* Of each aggregate its own; one that is not named has those of whom takes all. */
Test(trail, does_not_leave_out_what_lies_within_private_values)
{
    static const char *const rules[] = {"/B",  "", "one", "+/*", "", "two", "",          "nothing",
                                        "+/*", "", "six", "=/*", "", "",    "=/natural", "+/*"};
    static const struct {
        const char *name;
        bool same;
    } cases[] = {{"one", false}, {"two", true}, {"six", true}, {"ten", false}, {"two", true}};
    struct rf_trail trail = {.ignores = rules, .ignore_count = sizeof(rules) / sizeof(rules[0])};
    struct rf_plugin *plugin = make_plugin();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct outer states[] = {{.small = 1}, {.small = 2}};
        rf_trail_begin(&trail, (refold_string){cases[i].name, 3});
        (void)rf_trail_note(&trail, plugin, &states[0]);
        (void)rf_trail_note(&trail, plugin, &states[1]);
        bool same = memcmp(trail.hashes.bytes, trail.hashes.bytes + 8, 8) == 0;
        cr_expect(same == cases[i].same, "%zu", i);
    }
    done(&trail);
    rf_plugin_free(plugin);
}

Test(trail, asks_to_be_sent_when_it_is_long_enough)
{
    static const char name[] = "outer";
    struct rf_trail trail = {0};
    struct rf_plugin *plugin = make_plugin();
    struct outer state = {0};
    rf_trail_begin(&trail, (refold_string){name, 5});
    for (int round = 0; round < 2; round++) {
        for (size_t i = 1; i <= RF_TRAIL_HASHES; i++) {
            state.small++;
            cr_assert(rf_trail_note(&trail, plugin, &state) == (i == RF_TRAIL_HASHES), "%zu", i);
        }
        rf_buf_clear(&trail.hashes);
    }
    done(&trail);
    rf_plugin_free(plugin);
}
