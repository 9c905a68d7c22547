/* SPDX-License-Identifier: MIT */
/* The planned hash of a value is rf_json_hash of it, whatever its scalars are. */
#include "base/json_hash_plan.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_hash_parts.h"

static void
read_good(struct rf_json *doc, const char *text)
{
    cr_assert_eq(rf_json_read_whole(doc, text, strlen(text), NULL), RF_OK, "%s", text);
}

static bool
is_key(const struct rf_json *doc, uint32_t node)
{
    const char *at = doc->text + doc->nodes[node].end;
    while (*at == ' ') {
        at++;
    }
    return doc->nodes[node].kind == RF_JSON_STRING && *at == ':';
}

/** The scalars of the value `of` by themselves. */
static struct rf_json
scalars_of(const struct rf_json *doc, uint32_t of)
{
    struct rf_json scalars = {.text = doc->text};
    for (uint32_t node = of; node < doc->nodes[of].next; node++) {
        if (doc->nodes[node].kind < RF_JSON_ARRAY && !is_key(doc, node)) {
            RF_GROW(scalars.nodes, scalars.room, scalars.used + 1);
            scalars.nodes[scalars.used++] = doc->nodes[node];
        }
    }
    return scalars;
}

/** What the plan gives for these scalars, by their hashes. */
static uint64_t
run(const struct rf_hash_plan *plan, const struct rf_json *scalars)
{
    uint64_t *hashes = rf_calloc(scalars->used + 1, sizeof(*hashes));
    for (size_t i = 0; i < scalars->used; i++) {
        hashes[i] = rf_hash_scalar(scalars, &scalars->nodes[i]);
    }
    uint64_t hash = rf_hash_plan_run(plan, hashes);
    free(hashes);
    return hash;
}

/** The plan that was made of `made_of` gives rf_json_hash of `text`, which differs in scalars. */
static void
expect_hash(const char *made_of, const char *text)
{
    struct rf_json first = {0};
    struct rf_json second = {0};
    struct rf_hash_plan plan;
    read_good(&first, made_of);
    read_good(&second, text);
    cr_assert(rf_hash_plan_make(&first, 0, &plan), "%s", made_of);
    rf_json_done(&first); /* a plan borrows nothing */
    struct rf_json scalars = scalars_of(&second, 0);
    cr_expect_eq(run(&plan, &scalars), rf_json_hash(&second, 0, NULL), "%s, by the plan of %s",
                 text, made_of);
    rf_json_done(&scalars);
    rf_json_done(&second);
    rf_hash_plan_done(&plan);
}

Test(json_hash_plan, gives_the_hash_of_values_of_all_shapes)
{
    static const char *const texts[][2] = {
        {"1", "\"x\""},
        {"{}", "{}"},
        {"[]", "[]"},
        {"[1]", "[\"x\"]"},
        {"[1,2]", "[2,1]"},
        {"[[]]", "[[]]"},
        {"[{}]", "[{}]"},
        {"[[],[]]", "[[],[]]"},
        {"[[1],2]", "[[2],1]"},
        {"[1,[2]]", "[null,[true]]"},
        {"{\"a\":1}", "{\"a\":false}"},
        {"{\"a\":{}}", "{\"a\":{}}"},
        {"{\"a\":[]}", "{\"a\":[]}"},
        {"{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}"},
        {"{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"},
        {"{\"a\":{\"b\":{\"c\":1}},\"d\":[{\"e\":2},3]}",
         "{\"a\":{\"b\":{\"c\":\"\"}},\"d\":[{\"e\":-0},1e5]}"},
        {"[{\"a\":1},{\"a\":2},{\"b\":[3]}]", "[{\"a\":\"\\u0061\"},{\"a\":\"a\"},{\"b\":[0]}]"},
        {"{\"\":1,\"\\u0000\":2,\"\\u00e9\":3}", "{\"\":4,\"\\u0000\":5,\"\\u00e9\":6}"},
        {" { \"a\" : [ 1 , 2 ] , \"b\" : { } } ", " { \"a\" : [ 3 , 4 ] , \"b\" : { } } "},
        {"{\"a\":\"\"}", "{\"a\":\"a string of more than sixteen bytes, and of more than some "
                         "hundred and twenty-eight bytes, from which on the library is called: "
                         "that is at this place here. \\n\\u00e9\xc3\xa9\"}"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        expect_hash(texts[i][0], texts[i][1]);
        expect_hash(texts[i][1], texts[i][0]);
        expect_hash(texts[i][0], texts[i][0]);
    }
}

Test(json_hash_plan, knows_an_object_from_an_array_and_a_key_from_another)
{
    static const char *const texts[] = {
        "{}",  "[]",    "[[]]",  "[{}]",        "{\"a\":1}",         "{\"b\":1}",
        "[1]", "[[1]]", "[1,1]", "{\"a\":[1]}", "{\"a\":{\"a\":1}}", "{\"a\":1,\"b\":1}"};
    enum { COUNT = sizeof(texts) / sizeof(texts[0]) };
    uint64_t hashes[COUNT];
    for (int i = 0; i < COUNT; i++) {
        struct rf_json doc = {0};
        struct rf_hash_plan plan;
        read_good(&doc, texts[i]);
        cr_assert(rf_hash_plan_make(&doc, 0, &plan));
        struct rf_json scalars = scalars_of(&doc, 0);
        hashes[i] = run(&plan, &scalars);
        for (int other = 0; other < i; other++) {
            cr_expect_neq(hashes[i], hashes[other], "%s and %s", texts[i], texts[other]);
        }
        rf_json_done(&scalars);
        rf_json_done(&doc);
        rf_hash_plan_done(&plan);
    }
}

Test(json_hash_plan, may_be_made_of_a_value_within_another)
{
    struct rf_json doc = {0};
    struct rf_hash_plan plan;
    read_good(&doc, "[7,{\"a\":[1,{\"b\":2}]},8]");
    uint32_t node = 2;
    cr_assert_eq(doc.nodes[node].kind, RF_JSON_OBJECT);
    cr_assert(rf_hash_plan_make(&doc, node, &plan));
    struct rf_json scalars = scalars_of(&doc, node);
    cr_expect_eq(scalars.used, 2);
    cr_expect_eq(run(&plan, &scalars), rf_json_hash(&doc, node, NULL));
    rf_json_done(&scalars);
    rf_json_done(&doc);
    rf_hash_plan_done(&plan);
}

/* Beyond 32 members rf_json_hash goes another way. */
Test(json_hash_plan, takes_as_many_members_as_there_are)
{
    for (unsigned count = 1; count < 300; count += 1 + count / 4) {
        struct rf_buf text = {0};
        struct rf_buf other = {0};
        rf_buf_byte(&text, '{');
        rf_buf_byte(&other, '{');
        for (unsigned i = 0; i < count; i++) {
            rf_buf_format(&text, "%s\"k%u\":%u", i == 0 ? "" : ",", i, i);
            rf_buf_format(&other, "%s\"k%u\":\"%u\"", i == 0 ? "" : ",", i, i * 7);
        }
        rf_buf_byte(&text, '}');
        rf_buf_byte(&other, '}');
        expect_hash(rf_buf_text(&text), rf_buf_text(&other));
        rf_buf_done(&text);
        rf_buf_done(&other);
    }
}

Test(json_hash_plan, is_16_containers_deep_at_most)
{
    for (unsigned depth = 1; depth <= 40; depth++) {
        struct rf_buf text = {0};
        for (unsigned i = 0; i < depth; i++) {
            rf_buf_string(&text, i % 2 == 0 ? "[" : "{\"a\":");
        }
        rf_buf_string(&text, depth % 3 == 0 ? "1" : "[]"); /* the depth of a scalar is no matter */
        for (unsigned i = depth; i > 0; i--) {
            rf_buf_byte(&text, i % 2 == 1 ? ']' : '}');
        }
        unsigned containers = depth + (depth % 3 != 0);
        struct rf_json doc = {0};
        struct rf_hash_plan plan;
        read_good(&doc, rf_buf_text(&text));
        bool made = rf_hash_plan_make(&doc, 0, &plan);
        cr_expect_eq(made, containers <= RF_HASH_PLAN_DEPTH, "%u", containers);
        cr_expect(made || plan.steps == NULL, "nothing is left to free");
        if (made) {
            expect_hash(text.bytes, text.bytes);
        }
        rf_hash_plan_done(&plan);
        rf_json_done(&doc);
        rf_buf_done(&text);
    }
}
