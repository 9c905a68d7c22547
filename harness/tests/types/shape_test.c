/* SPDX-License-Identifier: MIT */
/* The shape of data: paths, what folds to a map, and bounds. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "types/shape.h"

TestSuite(shape, .timeout = 60);

static struct rf_packed_event *
pack(const char *json)
{
    size_t bytes = strlen(json);
    struct rf_packed_event *event = rf_calloc(1, sizeof(*event) + bytes);
    struct rf_json doc = {0};
    uint64_t repeated;
    cr_assert_eq(rf_json_read_whole(&doc, json, bytes, NULL), RF_OK, "%s", json);
    (void)rf_json_hash(&doc, 0, &repeated);
    rf_json_done(&doc);
    event->data_bytes = (uint32_t)bytes;
    event->flags = RF_EVENT_ID_IN_DATA | (repeated > 0 ? (uint32_t)RF_EVENT_REPEATS : 0);
    memcpy(event + 1, json, bytes);
    return event;
}

static void
add(struct rf_shape_tree *tree, struct rf_shaper *shaper, const char *json)
{
    struct rf_packed_event *event = pack(json);
    rf_shape_add(tree, shaper, event);
    free(event);
}

static void
describe_path(struct rf_buf *out, const struct rf_data_path *path, const char *above,
              const char *name)
{
    static const char letters[] = "0ftirSAOp";
    char *here = rf_format("%s%s", above, name);
    rf_buf_format(out, "%s", here[0] == '\0' ? "." : here);
    for (size_t i = 0; i < RF_KIND_COUNT_; i++) {
        if (path->kinds[i] > 0) {
            rf_buf_format(out, " %c%" PRIu64, letters[i], path->kinds[i]);
        }
    }
    rf_buf_byte(out, '\n');
    if (path->element != NULL) {
        describe_path(out, path->element, here, "[]");
    }
    if (path->any != NULL) {
        describe_path(out, path->any, here, "{}");
    }
    for (size_t i = 0; i < path->member_count; i++) {
        char *key = rf_format("/%s", path->members[i]->key);
        describe_path(out, path->members[i], here, key);
        free(key);
    }
    free(here);
}

static char *
describe(struct rf_shape_tree *tree)
{
    struct rf_buf out = {0};
    rf_shape_sort(tree);
    describe_path(&out, tree->root, "", "");
    char *text = rf_strdup(rf_buf_text(&out));
    rf_buf_done(&out);
    return text;
}

static void
expect(struct rf_shape_tree *tree, const char *want)
{
    char *got = describe(tree);
    cr_expect_str_eq(got, want);
    free(got);
}

Test(shape, has_a_path_for_each_place)
{
    size_t room = 1 << 20;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    add(&tree, shaper, "{\"b\":{\"c\":1.5,\"d\":null},\"a\":[1,\"x\",[true]]}");
    add(&tree, shaper, " { \"a\" : [ ] , \"b\" : 2 } ");
    add(&tree, shaper, "7");
    expect(&tree, ". i1 O2\n"
                  "/a A2\n"
                  "/a[] i1 S1 A1\n"
                  "/a[][] t1\n"
                  "/b i1 O1\n"
                  "/b/c r1\n"
                  "/b/d 01\n");
    rf_shape_done(&tree);
    rf_shaper_free(shaper);
    cr_assert_eq(room, 1 << 20, "all memory is given back");
    cr_assert_eq(tree.path_count, 0);
}

Test(shape, counts_the_last_of_a_repeated_key)
{
    size_t room = 1 << 20;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    add(&tree, shaper, "{\"a\":{\"gone\":1},\"b\":[{\"c\":1,\"\\u0063\":\"x\"}],\"a\":2}");
    expect(&tree, ". O1\n/a i1\n/b A1\n/b[] O1\n/b[]/c S1\n");
    rf_shape_done(&tree);
    rf_shaper_free(shaper);
}

Test(shape, folds_keys_that_are_too_many)
{
    size_t room = 16 << 20;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    for (int i = 0; i < 150; i++) {
        char json[100];
        (void)snprintf(json, sizeof(json), "{\"m\":{\"k%d\":{\"x%d\":1,\"s\":[\"a\"]}}}", i,
                       i % 100);
        if (i == RF_LIMIT_KEYS) {
            cr_assert_eq(tree.root->members[0]->member_count, RF_LIMIT_KEYS);
        }
        add(&tree, shaper, json);
    }
    const struct rf_data_path *map = tree.root->members[0];
    cr_assert_eq(map->member_count, 0);
    /* 101 keys below any key of the map: that is a map again. */
    cr_assert_eq(map->any->member_count, 0);
    expect(&tree, ". O150\n/m O150\n/m{} O150\n/m{}{} i150 A150\n/m{}{}[] S150\n");
    rf_shape_done(&tree);
    rf_shaper_free(shaper);
    cr_assert_eq(room, 16 << 20);
}

/* Parts that folded and parts that did not, in any order. */
Test(shape, is_the_same_joined_of_parts)
{
    char *want = NULL;
    for (size_t parts = 1; parts < 8; parts++) {
        size_t room = 64 << 20;
        struct rf_shape_tree trees[8];
        struct rf_shape_tree whole = {.room = &room};
        struct rf_shaper *shaper = rf_shaper_new(NULL);
        for (size_t i = 0; i < 8; i++) {
            trees[i] = (struct rf_shape_tree){.room = &room};
        }
        for (unsigned i = 0; i < 600; i++) {
            unsigned n = i * 7 % 600;
            char json[160];
            (void)snprintf(json, sizeof(json),
                           "{\"a\":{\"k%u\":[%u,{\"b%u\":null}]},\"c%u\":\"%u\",\"d\":%s}", n / 4,
                           n, n % 120, n % 90, n, n % 5 == 0 ? "{\"e\":1}" : "[[2.5]]");
            add(&trees[n * parts / 600], shaper, json);
        }
        for (size_t i = 0; i < parts; i++) {
            rf_shape_join(&whole, &trees[parts == 3 ? 2 - i : i]);
        }
        char *got = describe(&whole);
        want = want == NULL ? rf_strdup(got) : want;
        cr_expect_str_eq(got, want, "%zu parts", parts);
        free(got);
        rf_shape_done(&whole);
        for (size_t i = 0; i < 8; i++) {
            rf_shape_done(&trees[i]);
        }
        rf_shaper_free(shaper);
        cr_expect_eq(room, 64 << 20);
    }
    cr_assert(strstr(want, "/a{}[]{} 0600\n") != NULL, "%s", want);
    free(want);
}

/* A few keys here and too many there are a map, whichever comes first. */
Test(shape, is_a_map_where_one_part_is)
{
    for (size_t first = 0; first < 2; first++) {
        size_t room = 1 << 20;
        struct rf_shape_tree parts[2] = {{.room = &room}, {.room = &room}};
        struct rf_shape_tree whole = {.room = &room};
        struct rf_shaper *shaper = rf_shaper_new(NULL);
        add(&parts[0], shaper, "{\"a\":\"x\",\"b\":1,\"c\":{\"d\":true}}");
        for (unsigned i = 0; i <= RF_LIMIT_KEYS; i++) {
            char json[40];
            (void)snprintf(json, sizeof(json), "{\"k%u\":%u}", i, i);
            add(&parts[1], shaper, json);
        }
        rf_shape_join(&whole, &parts[first]);
        rf_shape_join(&whole, &parts[1 - first]);
        expect(&whole, ". O102\n{} i102 S1 O1\n{}/d t1\n");
        rf_shape_done(&whole);
        rf_shape_done(&parts[0]);
        rf_shape_done(&parts[1]);
        rf_shaper_free(shaper);
        cr_expect_eq(room, 1 << 20);
    }
}

Test(shape, takes_the_widest_objects_for_maps_where_paths_are_too_many)
{
    size_t room = 64 << 20;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    uint64_t leaves = 0;
    for (int i = 0; i < 90; i++) {
        struct rf_buf json = {0};
        rf_buf_format(&json, "{\"k%d\":{", i);
        for (int k = 0; k < 80; k++, leaves++) {
            rf_buf_format(&json, "%s\"m%d\":{\"n\":%d}", k > 0 ? "," : "", k, k);
        }
        rf_buf_string(&json, "}}");
        add(&tree, shaper, rf_buf_text(&json));
        rf_buf_done(&json);
        cr_expect_leq(tree.path_count, RF_LIMIT_PATHS);
    }
    cr_assert(tree.crowded);
    cr_assert_not(tree.cut);
    struct rf_buf out = {0};
    describe_path(&out, tree.root, "", "");
    uint64_t found = 0;
    for (char *line = strtok((char *)(uintptr_t)rf_buf_text(&out), "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        const char *leaf = strstr(line, "/n i");
        found += leaf != NULL ? strtoull(leaf + 4, NULL, 10) : 0;
    }
    cr_expect_eq(found, leaves, "nothing is lost");
    rf_buf_done(&out);
    rf_shape_done(&tree);
    rf_shaper_free(shaper);
}

Test(shape, leaves_narrow_objects_as_they_are_where_paths_are_too_many)
{
    size_t room = 64 << 20;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    for (int i = 0; i < 90; i++) {
        struct rf_buf json = {0};
        rf_buf_format(&json, "{\"a\":1,\"c\":\"x\",\"b\":{\"k%d\":{", i);
        for (int k = 0; k < 80; k++) {
            rf_buf_format(&json, "%s\"m%d\":{\"n\":%d}", k > 0 ? "," : "", k, k);
        }
        rf_buf_string(&json, "}}}");
        add(&tree, shaper, rf_buf_text(&json));
        rf_buf_done(&json);
    }
    cr_assert(tree.crowded);
    cr_expect_eq(tree.root->member_count, 3, "the root is no map");
    cr_expect_eq(tree.root->any, NULL);
    rf_shape_done(&tree);
    rf_shaper_free(shaper);
}

Test(shape, ends_where_paths_are_too_long)
{
    size_t room = 1 << 20;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    struct rf_buf json = {0};
    for (int i = 0; i < RF_LIMIT_PATH_STEPS; i++) {
        rf_buf_byte(&json, '[');
    }
    rf_buf_string(&json, "[]");
    for (int i = 0; i < RF_LIMIT_PATH_STEPS; i++) {
        rf_buf_byte(&json, ']');
    }
    add(&tree, shaper, rf_buf_text(&json));
    cr_assert_not(tree.deep);
    cr_assert_eq(tree.path_count, RF_LIMIT_PATH_STEPS + 1);
    json.bytes[RF_LIMIT_PATH_STEPS] = '{';
    json.bytes[RF_LIMIT_PATH_STEPS + 1] = '}';
    add(&tree, shaper, json.bytes);
    cr_assert_not(tree.deep);
    char deeper[2 * RF_LIMIT_PATH_STEPS + 8];
    (void)snprintf(deeper, sizeof(deeper), "[%s]", rf_buf_text(&json));
    add(&tree, shaper, deeper);
    cr_assert(tree.deep);
    cr_assert_eq(tree.path_count, RF_LIMIT_PATH_STEPS + 1);
    rf_buf_done(&json);
    rf_shape_done(&tree);
    rf_shaper_free(shaper);
    cr_assert_eq(room, 1 << 20);
}

/* However little memory there is: no crash, no more than that, all given back, and it is said. */
Test(shape, stays_within_its_memory)
{
    for (size_t least = 0; least < 60000; least += 977) {
        size_t room = least;
        struct rf_shape_tree tree = {.room = &room};
        struct rf_shape_tree other = {.room = &room};
        struct rf_shaper *shaper = rf_shaper_new(NULL);
        for (int i = 0; i < 120; i++) {
            char json[100];
            (void)snprintf(json, sizeof(json), "{\"a\":[{\"k%d\":\"%d\"}],\"b%d\":{\"c\":1.5}}", i,
                           i, i % 7);
            add(i % 3 == 0 ? &other : &tree, shaper, json);
            cr_assert_leq(room, least);
        }
        rf_shape_join(&tree, &other);
        cr_assert_leq(room, least);
        cr_expect(tree.cut || least > 30000, "%zu bytes", least);
        rf_shape_done(&tree);
        rf_shape_done(&other);
        rf_shaper_free(shaper);
        cr_assert_eq(room, least);
    }
}

/* ---- private values ---------------------------------------------------------------------------
 */

static void
expect_hidden(const char *first, const char *second, const char *pointer, bool shows_keys,
              const char *want)
{
    size_t room = RF_LIMIT_CATALOG_BYTES;
    struct rf_shape_tree tree = {.room = &room};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    struct rf_mask_rule rule = {(char *)(uintptr_t)pointer, shows_keys};
    struct rf_mask *mask = pointer == NULL ? NULL : rf_mask_new(&rule, 1);
    add(&tree, shaper, first);
    add(&tree, shaper, second);
    rf_shape_hide(&tree, mask);
    expect(&tree, want);
    rf_shape_done(&tree);
    cr_expect_eq(room, RF_LIMIT_CATALOG_BYTES, "all memory is given back");
    rf_mask_free(mask);
    rf_shaper_free(shaper);
}

Test(shape, hides_what_stands_at_masked_pointers)
{
    static const char one[] = "{\"a\":1,\"b\":{\"c\":\"x\"},\"m\":{\"k\":{\"p\":1,\"q\":2}}}";
    static const char two[] = "{\"a\":\"1\",\"b\":[{\"c\":null}],\"m\":{\"l\":{\"p\":true}}}";
    expect_hidden(one, two, NULL, false, ". p2\n");
    expect_hidden(one, two, "/a", false,
                  ". O2\n/a p2\n/b A1 O1\n/b[] O1\n/b[]/c 01\n/b/c S1\n/m O2\n/m/k O1\n/m/k/p i1\n"
                  "/m/k/q i1\n/m/l O1\n/m/l/p t1\n");
    expect_hidden(one, two, "/b", false,
                  ". O2\n/a i1 S1\n/b p2\n/m O2\n/m/k O1\n/m/k/p i1\n/m/k/q i1\n/m/l O1\n"
                  "/m/l/p t1\n");
    expect_hidden(one, two, "/m/*/p", false,
                  ". O2\n/a i1 S1\n/b A1 O1\n/b[] O1\n/b[]/c 01\n/b/c S1\n/m O2\n/m{} O2\n"
                  "/m{}/p p2\n/m{}/q i1\n");
    expect_hidden(one, two, "/m/*/p", true,
                  ". O2\n/a i1 S1\n/b A1 O1\n/b[] O1\n/b[]/c 01\n/b/c S1\n/m O2\n/m/k O1\n"
                  "/m/k/p p1\n/m/k/q i1\n/m/l O1\n/m/l/p p1\n");
    /* Which element it was is not known any more. */
    expect_hidden(one, two, "/b/7/c", false,
                  ". O2\n/a i1 S1\n/b A1 O1\n/b[] O1\n/b[]/c p1\n/b/c S1\n/m O2\n/m/k O1\n"
                  "/m/k/p i1\n/m/k/q i1\n/m/l O1\n/m/l/p t1\n");
}
