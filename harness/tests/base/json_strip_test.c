/* SPDX-License-Identifier: MIT */
/* What is left of a text without what lies at some pointers: by hand, and against another library's
 * values with the same parts taken out. */
#include "base/json_strip.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define POINTERS(...)                                                                              \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/** Owned by the caller; NULL where the text is no JSON. */
static char *
strip_masked(const char *text, const char *const *pointers, size_t count,
             const struct rf_mask *mask)
{
    struct rf_json doc = {0};
    struct rf_buf out = {0};
    rf_buf_string(&out, "before:");
    bool good = rf_json_strip(&doc, text, strlen(text), pointers, count, mask, &out);
    cr_expect(strncmp(rf_buf_text(&out), "before:", 7) == 0);
    cr_expect(good || out.used == 7, "no JSON, and yet: %s", out.bytes);
    char *left = good ? strdup(out.bytes + 7) : NULL;
    rf_json_done(&doc);
    rf_buf_done(&out);
    return left;
}

static char *
strip(const char *text, const char *const *pointers, size_t count)
{
    return strip_masked(text, pointers, count, NULL);
}

static void
expect_left(const char *text, const char *pointer, const char *expected)
{
    char *left = strip(text, &pointer, 1);
    cr_expect(left != NULL && strcmp(left, expected) == 0, "%s without %s: %s, not %s", text,
              pointer, left, expected);
    free(left);
}

Test(json_strip, leaves_all_where_nothing_is_to_go)
{
    static const char *const texts[] = {"{}",    "[]",    "{\"a\":[1,{\"b\":\"\\n\"}],\"c\":null}",
                                        "1e+30", "\"x\"", "[[],{},[{}]]",
                                        "true"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *left = strip(texts[i], NULL, 0);
        cr_expect_str_eq(left, texts[i]);
        free(left);
        expect_left(texts[i], "/not/there", texts[i]);
    }
}

Test(json_strip, takes_members_out)
{
    expect_left("{\"a\":1,\"b\":2,\"c\":3}", "/a", "{\"b\":2,\"c\":3}");
    expect_left("{\"a\":1,\"b\":2,\"c\":3}", "/b", "{\"a\":1,\"c\":3}");
    expect_left("{\"a\":1,\"b\":2,\"c\":3}", "/c", "{\"a\":1,\"b\":2}");
    expect_left("{\"a\":1}", "/a", "{}");
    expect_left("{\"a\":{\"b\":[1]},\"c\":3}", "/a", "{\"c\":3}");
    expect_left("{\"a\":{\"b\":[1]},\"c\":3}", "/a/b", "{\"a\":{},\"c\":3}");
    expect_left("{\"a\":{\"a\":1},\"b\":{\"a\":2}}", "/b/a", "{\"a\":{\"a\":1},\"b\":{}}");
}

Test(json_strip, takes_elements_out_by_their_first_index)
{
    expect_left("[1,2,3]", "/0", "[2,3]");
    expect_left("[1,2,3]", "/1", "[1,3]");
    expect_left("[1,2,3]", "/3", "[1,2,3]");
    expect_left("[1,2,3]", "/-", "[1,2,3]");
    expect_left("[1,2,3]", "/01", "[1,2,3]");
    expect_left("[[1,2],[3,4]]", "/1/0", "[[1,2],[4]]");
    char *left = strip("[1,2,3,4]", POINTERS("/0", "/2"), 2);
    cr_expect_str_eq(left, "[2,4]");
    free(left);
}

Test(json_strip, takes_a_star_for_any_one_step)
{
    expect_left("{\"a\":1,\"b\":[2]}", "/*", "{}");
    expect_left("[1,[2]]", "/*", "[]");
    expect_left("[{\"x\":1,\"y\":2},{\"x\":3},4]", "/*/x", "[{\"y\":2},{},4]");
    expect_left("{\"a\":{\"x\":1},\"b\":[{\"x\":1}]}", "/*/x", "{\"a\":{},\"b\":[{\"x\":1}]}");
    expect_left("{\"a\":{\"x\":1},\"b\":[{\"x\":1}]}", "/*/*/x", "{\"a\":{\"x\":1},\"b\":[{}]}");
}

Test(json_strip, leaves_null_where_the_whole_is_named)
{
    expect_left("{\"a\":1}", "", "null");
    expect_left("[1]", "", "null");
    expect_left("7", "", "null");
}

Test(json_strip, knows_hostile_keys)
{
    expect_left("{\"\":1,\"a\":2}", "/", "{\"a\":2}");
    expect_left("{\"a/b\":1,\"a\":{\"b\":2}}", "/a~1b", "{\"a\":{\"b\":2}}");
    expect_left("{\"a/b\":1,\"a\":{\"b\":2}}", "/a/b", "{\"a/b\":1,\"a\":{}}");
    expect_left("{\"~\":1,\"~0\":2}", "/~0", "{\"~0\":2}");
    expect_left("{\"~\":1,\"~0\":2}", "/~00", "{\"~\":1}");
    expect_left("{\"~1\":1,\"/\":2}", "/~1", "{\"~1\":1}");
    expect_left("{\"\\\"\":1,\"\\\\\":2,\"\\n\":3}", "/\"", "{\"\\\\\":2,\"\\n\":3}");
    expect_left("{\"\\\"\":1,\"\\\\\":2,\"\\n\":3}", "/\n", "{\"\\\"\":1,\"\\\\\":2}");
    expect_left("{\"0\":1,\"00\":2}", "/0", "{\"00\":2}");
    expect_left("{\"\\u0000\":1,\"x\":2}", "/" RF_NUL_SYMBOL, "{\"x\":2}");
    expect_left("{\"\xC3\xBC\":1,\"u\":2}", "/\xC3\xBC", "{\"u\":2}");
}

Test(json_strip, keeps_tokens_as_they_are)
{
    expect_left("{\"a\":0e999,\"b\":1e999,\"c\":-1e999,\"d\":0.10}", "/a",
                "{\"b\":1e999,\"c\":-1e999,\"d\":0.10}");
    expect_left("{\"k\\u0041\":\"v\\u0041\",\"x\":1}", "/x", "{\"k\\u0041\":\"v\\u0041\"}");
}

Test(json_strip, says_no_to_what_is_no_json)
{
    static const char *const texts[] = {"",     "{",        "{\"a\":NaN}", "[1,]",
                                        "{} x", "\"\xFF\"", "nul",         "[1 2]"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_expect(strip(texts[i], POINTERS("/a"), 1) == NULL, "%s", texts[i]);
        cr_expect(strip(texts[i], POINTERS(""), 1) == NULL, "%s", texts[i]);
    }
}

Test(json_strip, goes_as_deep_as_the_reader)
{
    struct rf_buf text = {0};
    struct rf_buf pointer = {0};
    for (size_t i = 0; i < RF_LIMIT_JSON_DEPTH; i++) {
        rf_buf_byte(&text, '[');
        rf_buf_string(&pointer, i + 1 < RF_LIMIT_JSON_DEPTH ? "/0" : "/*");
    }
    rf_buf_byte(&text, '7');
    for (size_t i = 0; i < RF_LIMIT_JSON_DEPTH; i++) {
        rf_buf_byte(&text, ']');
    }
    const char *pointers[] = {rf_buf_text(&pointer)};
    char *left = strip(rf_buf_text(&text), pointers, 1);
    cr_assert(left != NULL);
    cr_expect(strlen(left) == text.used - 1 && strchr(left, '7') == NULL);
    free(left);
    rf_buf_done(&text);
    rf_buf_done(&pointer);
}

/* ---- random values --------------------------------------------------------------------------- */

#define MOST_STEPS    6
#define MOST_POINTERS 3
#define STEP_BYTES    24
#define ROUNDS        20000

static uint64_t random_state;

/** xorshift64*: the same on every machine. */
static unsigned
roll(unsigned below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (unsigned)((random_state * UINT64_C(2685821657736338717)) >> 33) % below;
}

static const char *const keys[] = {"", "a", "b", "*", "~", "/", "~1", "a/b", "0", "1", "\"", "\n"};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static json_t *
make_value(unsigned depth)
{
    unsigned kind = roll(depth == 0 ? 3 : 7);
    json_t *value;
    switch (kind) {
    case 0:
        return json_integer(roll(3));
    case 1:
        return json_string(keys[roll(KEY_COUNT)]);
    case 2:
        return roll(2) ? json_null() : json_true();
    case 3:
    case 4:
        value = json_array();
        for (unsigned i = roll(4); i > 0; i--) {
            (void)json_array_append_new(value, make_value(depth - 1));
        }
        return value;
    default:
        value = json_object();
        for (unsigned i = roll(5); i > 0; i--) {
            (void)json_object_set_new(value, keys[roll(KEY_COUNT)], make_value(depth - 1));
        }
        return value;
    }
}

/** Another value at some place within. */
static json_t *
change(json_t *value)
{
    const char *key;
    json_t *child;
    size_t index;
    if (json_is_object(value) && json_object_size(value) > 0 && roll(5) > 0) {
        unsigned which = roll((unsigned)json_object_size(value));
        json_object_foreach (value, key, child) {
            if (which-- == 0) {
                char *name = strdup(key);
                (void)json_object_set_new(value, name, change(json_incref(child)));
                free(name);
                break;
            }
        }
        return value;
    }
    if (json_is_array(value) && json_array_size(value) > 0 && roll(5) > 0) {
        index = roll((unsigned)json_array_size(value));
        child = json_incref(json_array_get(value, index));
        (void)json_array_set_new(value, index, change(child));
        return value;
    }
    json_decref(value);
    return make_value(1);
}

/** A pointer as its steps, undecoded by the code under test. */
struct steps {
    size_t count;
    char names[MOST_STEPS][STEP_BYTES];
    char text[MOST_STEPS * STEP_BYTES];
};

static void
add_step(struct steps *steps, const char *name)
{
    (void)snprintf(steps->names[steps->count++], STEP_BYTES, "%s", name);
    char *end = steps->text + strlen(steps->text);
    *end++ = '/';
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            *end++ = '~';
            *end++ = *name == '~' ? '0' : '1';
        } else {
            *end++ = *name;
        }
    }
    *end = '\0';
}

/** A walk down a value, some of whose steps are "*", or lead nowhere. */
static void
make_pointer(json_t *value, struct steps *ret)
{
    memset(ret, 0, sizeof(*ret));
    while (ret->count < MOST_STEPS && (ret->count == 0 || roll(3) > 0)) {
        char index[STEP_BYTES];
        const char *name = keys[roll(KEY_COUNT)];
        if (json_is_array(value) && json_array_size(value) > 0) {
            unsigned at = roll((unsigned)json_array_size(value));
            (void)snprintf(index, sizeof(index), "%u", at);
            name = index;
            value = json_array_get(value, at);
        } else {
            value = json_is_object(value) ? json_object_get(value, name) : NULL;
        }
        add_step(ret, roll(4) == 0 ? "*" : name);
    }
}

static bool
is_named(const struct steps *pointers, size_t count, char path[][STEP_BYTES], size_t depth)
{
    for (size_t i = 0; i < count; i++) {
        bool fits = pointers[i].count == depth;
        for (size_t k = 0; fits && k < depth; k++) {
            fits = strcmp(pointers[i].names[k], "*") == 0 ||
                   strcmp(pointers[i].names[k], path[k]) == 0;
        }
        if (fits) {
            return true;
        }
    }
    return false;
}

/** The value without the parts, by the other library. */
static json_t *
cut(json_t *value, const struct steps *pointers, size_t count, char path[][STEP_BYTES],
    size_t depth)
{
    const char *key;
    json_t *child;
    size_t index;
    if (!json_is_object(value) && !json_is_array(value)) {
        return json_incref(value);
    }
    json_t *left = json_is_object(value) ? json_object() : json_array();
    json_object_foreach (value, key, child) {
        (void)snprintf(path[depth], STEP_BYTES, "%s", key);
        if (!is_named(pointers, count, path, depth + 1)) {
            (void)json_object_set_new(left, key, cut(child, pointers, count, path, depth + 1));
        }
    }
    json_array_foreach (value, index, child) {
        (void)snprintf(path[depth], STEP_BYTES, "%zu", index);
        if (!is_named(pointers, count, path, depth + 1)) {
            (void)json_array_append_new(left, cut(child, pointers, count, path, depth + 1));
        }
    }
    return left;
}

/** Strips a value both ways, which must agree. Returns the text, owned by the caller. */
static char *
strip_both_ways(json_t *value, const struct steps *pointers, size_t count, json_t **ret_left)
{
    char path[MOST_STEPS + 2][STEP_BYTES];
    const char *texts[MOST_POINTERS];
    json_error_t error;
    for (size_t i = 0; i < count; i++) {
        texts[i] = pointers[i].text;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    char *left = strip(text, texts, count);
    cr_assert(left != NULL, "%s", text);
    *ret_left = cut(value, pointers, count, path, 0);
    json_t *ours = json_loads(left, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    cr_assert(ours != NULL, "%s: %s", left, error.text);
    cr_assert(json_equal(ours, *ret_left), "seed of this round: %s without %s%s%s: %s", text,
              texts[0], count > 1 ? " " : "", count > 1 ? texts[1] : "", left);
    json_decref(ours);
    free(text);
    return left;
}

/* Two values that differ at these places only come out equal; others never do. */
Test(json_strip, tells_values_apart_by_what_is_not_named)
{
    size_t equal = 0;
    size_t different = 0;
    random_state = 20260701;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct steps pointers[MOST_POINTERS];
        json_t *one = make_value(4);
        json_t *other = change(json_deep_copy(one));
        size_t count = 1 + roll(MOST_POINTERS);
        for (size_t i = 0; i < count; i++) {
            make_pointer(one, &pointers[i]);
        }
        json_t *one_left;
        json_t *other_left;
        char *one_text = strip_both_ways(one, pointers, count, &one_left);
        char *other_text = strip_both_ways(other, pointers, count, &other_left);
        bool same = json_equal(one_left, other_left) != 0;
        cr_assert((strcmp(one_text, other_text) == 0) == same, "round %zu: %s, %s", round, one_text,
                  other_text);
        equal += same && !json_equal(one, other);
        different += !same;
        free(one_text);
        free(other_text);
        json_decref(one);
        json_decref(other);
        json_decref(one_left);
        json_decref(other_left);
    }
    /* Both happen often enough to have been tried. */
    cr_expect(equal > ROUNDS / 20 && different > ROUNDS / 20, "%zu, %zu", equal, different);
}

/* ---- what is masked -------------------------------------------------------------------------- */

static void
expect_left_masked(const char *private, bool shows_keys, const char *text, const char *pointer,
                   const char *expected)
{
    const struct rf_mask_rule rule = {(char *)(uintptr_t) private, shows_keys};
    struct rf_mask *mask = rf_mask_new(&rule, 1);
    char *left = strip_masked(text, &pointer, 1, mask);
    cr_expect(left != NULL && strcmp(left, expected) == 0, "%s without %s, %s masked: %s, not %s",
              text, pointer, private, left, expected);
    free(left);
    rf_mask_free(mask);
}

/* In the masked text there is nothing below such a value. */
Test(json_strip, does_not_reach_below_what_is_masked)
{
    static const char text[] = "{\"c\":{\"note\":1},\"d\":{\"note\":2}}";
    expect_left_masked("/c", false, text, "/c/note", text);
    expect_left_masked("/c", false, text, "/*/note", "{\"c\":{\"note\":1},\"d\":{}}");
    expect_left_masked("/c", false, text, "/c", "{\"d\":{\"note\":2}}");
    expect_left_masked("/c/note", false, text, "/c/note", "{\"c\":{},\"d\":{\"note\":2}}");
    expect_left_masked("/0", false, "[[1,2],[3,4]]", "/*/0", "[[1,2],[4]]");
}

/* Only "*" stands for a hashed key. Indexes are none. */
Test(json_strip, does_not_know_a_key_that_is_masked)
{
    static const char text[] = "{\"m\":{\"anna\":1,\"bob\":2}}";
    expect_left_masked("/m/*", false, text, "/m/anna", text);
    expect_left_masked("/m/*", false, text, "/m/*", "{\"m\":{}}");
    expect_left_masked("/m/*", true, text, "/m/anna", "{\"m\":{\"bob\":2}}");
    expect_left_masked("/m/*/x", false, text, "/m/anna", text);
    expect_left_masked("/m/*/x", false, "{\"m\":{\"a\":{\"y\":1}}}", "/m/*/y",
                       "{\"m\":{\"a\":{}}}");
    expect_left_masked("/*/x", false, "[{\"y\":1},2]", "/0/y", "[{},2]");
}
