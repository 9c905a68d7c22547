/* SPDX-License-Identifier: MIT */
/* JSON patches, applied by another library: what comes out must be the other state. */
#include "golden/diff.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "refold/aggregate.h"

/* ---- an independent applier -------------------------------------------------------------------
 */

/** The last step of a pointer, decoded (owned); *ret_parent is the value that holds it. */
static char *
walk(json_t *root, const char *path, json_t **ret_parent)
{
    json_t *at = root;
    for (;;) {
        const char *next = strchr(path + 1, '/');
        size_t bytes = next == NULL ? strlen(path + 1) : (size_t)(next - path - 1);
        char *step = rf_strndup(path + 1, bytes);
        char *to = step;
        for (const char *from = step; *from != '\0'; from++) {
            bool escape = from[0] == '~' && (from[1] == '0' || from[1] == '1');
            *to++ = escape ? (from[1] == '0' ? '~' : '/') : *from;
            from += escape ? 1 : 0;
        }
        *to = '\0';
        if (next == NULL) {
            *ret_parent = at;
            return step;
        }
        at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(step, NULL, 10))
                               : json_object_get(at, step);
        cr_assert(at != NULL, "no such path: %s", path);
        free(step);
        path = next;
    }
}

static json_t *
load(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
    cr_assert(value != NULL, "%s: %s", text, error.text);
    return value;
}

/** Applies one operation and checks that `old` is what was there. */
static json_t *
apply(json_t *root, const struct rf_change *change)
{
    json_t *value = change->value == NULL ? NULL : load(change->value);
    if (change->path[0] == '\0') {
        cr_assert(change->op == RF_CHANGE_REPLACE);
        json_decref(root);
        return value;
    }
    json_t *parent;
    char *step = walk(root, change->path, &parent);
    size_t index = (size_t)strtoul(step, NULL, 10);
    json_t *before =
        json_is_array(parent) ? json_array_get(parent, index) : json_object_get(parent, step);
    if (change->op != RF_CHANGE_ADD) {
        json_t *old = load(change->old);
        cr_assert(json_equal(before, old), "at %s", change->path);
        json_decref(old);
    }
    int failed = 0;
    if (json_is_array(parent)) {
        failed = change->op == RF_CHANGE_ADD      ? json_array_insert_new(parent, index, value)
                 : change->op == RF_CHANGE_REMOVE ? json_array_remove(parent, index)
                                                  : json_array_set_new(parent, index, value);
    } else {
        cr_assert((before == NULL) == (change->op == RF_CHANGE_ADD), "at %s", change->path);
        failed = change->op == RF_CHANGE_REMOVE ? json_object_del(parent, step)
                                                : json_object_set_new(parent, step, value);
    }
    cr_assert(failed == 0, "at %s", change->path);
    free(step);
    return root;
}

/* ---- random values -----------------------------------------------------------------------------
 */

static uint64_t seed = 42;

static unsigned
pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

static void
make_value(struct rf_buf *out, unsigned depth)
{
    static const char *const keys[] = {"a", "b", "c~d", "e/f", "", "\xc3\xa9", "\\n", "0", "~1"};
    static const char *const plain[] = {"1",     "2",    "-7",    "1.5",       "true",
                                        "false", "null", "\"x\"", "\"y\\\"\"", "\"\""};
    unsigned kind = pick(depth == 0 ? 1 : 3);
    unsigned count = pick(6);
    if (kind == 0) {
        rf_buf_string(out, plain[pick(10)]);
        return;
    }
    rf_buf_byte(out, kind == 1 ? '[' : '{');
    for (unsigned i = 0; i < count; i++) {
        rf_buf_string(out, i == 0 ? "" : ",");
        if (kind == 2) {
            rf_buf_format(out, "\"%s\":", keys[pick(9)]);
        }
        make_value(out, depth - 1);
    }
    rf_buf_byte(out, kind == 1 ? ']' : '}');
}

static char *
make_state(void)
{
    struct rf_buf raw = {0};
    struct rf_buf canonical = {0};
    struct rf_json doc = {0};
    make_value(&raw, 4);
    cr_assert(rf_json_read_whole(&doc, raw.bytes, raw.used, NULL) == RF_OK);
    cr_assert(rf_json_canonical(&doc, 0, false, &canonical, NULL) == RF_OK);
    char *text = rf_strdup(rf_buf_text(&canonical));
    rf_json_done(&doc);
    rf_buf_done(&raw);
    rf_buf_done(&canonical);
    return text;
}

static struct rf_changes
diff(const char *old, const char *fresh)
{
    struct rf_changes changes;
    size_t ignored;
    rf_diff(old, old == NULL ? 0 : strlen(old), fresh, fresh == NULL ? 0 : strlen(fresh), NULL, 0,
            "order", &changes, &ignored);
    cr_assert(ignored == 0);
    return changes;
}

Test(diff, changes_turn_one_state_into_the_other)
{
    for (int i = 0; i < 20000; i++) {
        char *old = make_state();
        char *fresh = make_state();
        struct rf_changes changes = diff(old, fresh);
        json_t *value = load(old);
        json_t *want = load(fresh);
        for (size_t k = 0; k < changes.count; k++) {
            value = apply(value, &changes.items[k]);
        }
        cr_assert(json_equal(value, want), "%s to %s", old, fresh);
        cr_assert((changes.count == 0) == (strcmp(old, fresh) == 0), "%s to %s", old, fresh);
        json_decref(value);
        json_decref(want);
        rf_changes_done(&changes);
        free(old);
        free(fresh);
    }
}

/* ---- single cases ------------------------------------------------------------------------------
 */

/** "op path old value; …" */
static void
expect(const char *old, const char *fresh, const char *want)
{
    struct rf_changes changes = diff(old, fresh);
    struct rf_buf text = {0};
    for (size_t i = 0; i < changes.count; i++) {
        const struct rf_change *change = &changes.items[i];
        rf_buf_format(&text, "%s%s %s %s>%s", i == 0 ? "" : "; ", rf_change_name(change->op),
                      change->path, change->old == NULL ? "" : change->old,
                      change->value == NULL ? "" : change->value);
    }
    cr_assert_str_eq(rf_buf_text(&text), want);
    rf_buf_done(&text);
    rf_changes_done(&changes);
}

Test(diff, names_operations_paths_and_values)
{
    expect("{\"a\":1,\"b\":2}", "{\"b\":3,\"c\":4}", "remove /a 1>; replace /b 2>3; add /c >4");
    expect("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2}}", "replace /a/b 1>2");
    expect("{\"a~b\":{\"c/d\":1}}", "{\"a~b\":{\"c/d\":2}}", "replace /a~0b/c~1d 1>2");
    expect("{\"a\":{}}", "{\"a\":[]}", "replace /a {}>[]");
    expect("1", "2", "replace  1>2");
    expect("{}", "{}", "");
}

Test(diff, trims_equal_ends_of_arrays)
{
    expect("[1,2,3]", "[1,9,3]", "replace /1 2>9");
    expect("[1,2,3]", "[1,3]", "remove /1 2>");
    expect("[1,2]", "[1,7,8,2]", "add /1 >7; add /2 >8");
    expect("[1,2,3,4]", "[1,4]", "remove /2 3>; remove /1 2>");
    expect("[1,1]", "[1,1,1]", "add /2 >1");
    expect("[[1],[2]]", "[[1],[3]]", "replace /1/0 2>3");
}

Test(diff, adds_or_removes_a_whole_state)
{
    expect(NULL, "{\"a\":1}", "add  >{\"a\":1}");
    expect("{\"a\":1}", NULL, "remove  {\"a\":1}>");
    expect(NULL, NULL, "");
}

Test(diff, shows_a_nul_in_a_key)
{
    expect("{\"a\\u0000b\":1}", "{\"a\\u0000b\":2}",
           "replace /a\xe2\x90\x80"
           "b 1>2");
}

Test(diff, compares_values_not_their_spelling)
{
    expect("{\"a\":1.0, \"b\":2}", "{\"b\":2,\"a\":1}", "");
}

Test(diff, takes_a_state_that_is_no_json)
{
    struct rf_changes changes = diff("{\"a\":1}", "{\"a\":\xff");
    cr_assert(changes.count == 1);
    cr_assert(changes.items[0].op == RF_CHANGE_REPLACE);
    rf_changes_done(&changes);
    changes = diff("\x01", "\x02");
    cr_assert(changes.count == 1);
    rf_changes_done(&changes);
}

Test(diff, leaves_out_what_is_ignored_and_counts_it)
{
    static char updated[] = "/updatedAt";
    static char any[] = "/items/*/at";
    static char other[] = "file";
    static char root[] = "";
    static char first[] = "/items/0";
    const struct {
        struct rf_ignore ignore;
        const char *old, *fresh;
        size_t changes, ignored;
    } rows[] = {
        {{.pointer = updated}, "{\"updatedAt\":1}", "{\"updatedAt\":2}", 0, 1},
        {{.pointer = updated}, "{\"updatedAt\":{\"a\":1,\"b\":1}}", "{\"updatedAt\":{}}", 0, 2},
        {{.pointer = updated}, "{\"updatedAtNot\":1}", "{\"updatedAtNot\":2}", 1, 0},
        {{.aggregate = other, .pointer = updated}, "{\"updatedAt\":1}", "{\"updatedAt\":2}", 1, 0},
        {{.pointer = any},
         "{\"items\":[{\"at\":1},{\"at\":1}]}",
         "{\"items\":[{\"at\":2},{\"at\":2}]}",
         0,
         2},
        {{.pointer = any}, "{\"items\":[{\"n\":1}]}", "{\"items\":[{\"n\":2}]}", 1, 0},
        {{.pointer = any}, "{\"items\":[]}", "{\"items\":[{\"at\":2}]}", 1, 0},
        {{.pointer = root}, "{\"a\":1}", "{\"a\":2,\"b\":1}", 0, 2},
        /* What is put in or out in front of equal ends is not the element that a rule names. */
        {{.pointer = first}, "{\"items\":[1,2,3]}", "{\"items\":[9,2,3]}", 0, 1},
        {{.pointer = first}, "{\"items\":[1,2]}", "{\"items\":[9,1,2]}", 2, 1},
        {{.pointer = first}, "{\"items\":[1,2,3]}", "{\"items\":[2,3]}", 2, 1},
        {{.pointer = any}, "{\"items\":[1,2,3]}", "{\"items\":[2,3]}", 1, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_changes changes;
        size_t ignored;
        rf_diff(rows[i].old, strlen(rows[i].old), rows[i].fresh, strlen(rows[i].fresh),
                &rows[i].ignore, 1, "order", &changes, &ignored);
        cr_assert(changes.count == rows[i].changes, "row %zu", i);
        cr_assert(ignored == rows[i].ignored, "row %zu", i);
        rf_changes_done(&changes);
    }
}

Test(diff, tells_what_each_rule_swallowed_and_what_it_alone_did)
{
    static char a[] = "/a";
    static char any[] = "/*";
    static char deep[] = "/b/x";
    static char none[] = "/z";
    static char file[] = "file";
    const struct rf_ignore rules[] = {{.pointer = a},    {.pointer = any, .expired = true},
                                      {.pointer = deep}, {.pointer = none},
                                      {.pointer = a},    {.aggregate = file, .pointer = any}};
    const size_t wanted[][2] = {{1, 0}, {0, 0}, {2, 2}, {0, 0}, {1, 0}, {0, 0}};
    struct rf_ignore_use uses[6] = {0};
    struct rf_changes changes;
    size_t total;
    size_t ignored;
    static const char old[] = "{\"a\":1,\"b\":{\"x\":{\"m\":1,\"n\":1},\"y\":1}}";
    static const char fresh[] = "{\"a\":2,\"b\":{\"x\":{\"m\":2},\"y\":2}}";
    rf_diff_some(old, sizeof(old) - 1, fresh, sizeof(fresh) - 1, rules, 6, "order", 10, &changes,
                 &total, &ignored, uses, NULL);
    cr_assert(total == 1 && ignored == 3, "%zu %zu", total, ignored);
    for (size_t i = 0; i < 6; i++) {
        cr_assert(uses[i].changes == wanted[i][0] && uses[i].alone == wanted[i][1], "rule %zu", i);
    }
    rf_changes_done(&changes);
}

Test(diff, keeps_as_many_changes_as_asked_and_counts_all)
{
    struct rf_changes changes;
    size_t total;
    size_t ignored;
    rf_diff_some("[1,2,3,4]", 9, "[5,6,7,8]", 9, NULL, 0, NULL, 3, &changes, &total, &ignored, NULL,
                 NULL);
    cr_assert(changes.count == 3);
    cr_assert(total == 4);
    rf_changes_done(&changes);
}

/* ---- pointers -----------------------------------------------------------------------------------
 */

/** The number at a pointer's first `bytes` bytes; -1: there is nothing. */
static int
find_number(const char *state, const char *path, size_t bytes)
{
    struct rf_json doc = {0};
    int found = -1;
    cr_assert(rf_json_read_whole(&doc, state, strlen(state), NULL) == RF_OK);
    uint32_t node = rf_pointer_find(&doc, path, bytes);
    if (node != RF_JSON_NONE) {
        size_t token_bytes;
        const char *token = rf_json_token(&doc, node, &token_bytes);
        found = (int)strtol(token, NULL, 10);
    }
    rf_json_done(&doc);
    return found;
}

Test(diff, pointers_find_keys_with_tildes_and_slashes)
{
    static const char state[] = "{\"a\":{\"~\":1,\"/\":2,\"b~c/d\":3,\"~1\":4,\"\":5},\"x~\":6,"
                                "\"x/\":7,\"x~y\":{\"z/\":[8,{\"~~\":9}]},\"~2\":10,\"~0\":11}";
    static const struct {
        const char *path;
        int number;
    } rows[] = {
        {"/a/~0", 1},        {"/a/~1", 2},
        {"/a/b~0c~1d", 3},   {"/a/~01", 4},
        {"/a/", 5},          {"/x~0", 6},
        {"/x~1", 7},         {"/x~0y/z~1/0", 8},
        {"/~00", 11},        {"/x~0y/z~1/1/~0~0", 9},
        {"/a/b~c/d", -1},    {"/x~1y/z~1/0", -1},
        {"/x~0y/z~0/0", -1}, {"/a/~0/b", -1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int number = find_number(state, rows[i].path, strlen(rows[i].path));
        cr_assert(number == rows[i].number, "%s: %d", rows[i].path, number);
    }
}

/* A tilde that escapes nothing stands for itself: also the last byte, whatever lies behind it. */
Test(diff, pointers_end_where_they_are_said_to_end)
{
    static const char state[] = "{\"x~\":6,\"x/\":7,\"x\":{\"~\":8,\"/\":9},\"~2\":10}";
    cr_assert(find_number(state, "/x~1", 3) == 6);
    cr_assert(find_number(state, "/x~1", 4) == 7);
    cr_assert(find_number(state, "/x/~1", 4) == 8);
    cr_assert(find_number(state, "/x/~1", 5) == 9);
    cr_assert(find_number(state, "/~2", 3) == 10);
    cr_assert(find_number(state, "/x~1/y", 4) == 7);
}

/* ---- patterns ----------------------------------------------------------------------------------
 */

/** Where two states differ, one after another: patterns, places, and the value around them. */
static void
expect_paths(const char *old, const char *fresh, const struct rf_shape *shape, const char *patterns,
             const char *places, const char *around)
{
    struct rf_diff_paths paths = {.shape = shape};
    struct rf_changes changes;
    size_t total;
    size_t ignored;
    rf_diff_some(old, strlen(old), fresh, strlen(fresh), NULL, 0, NULL, 1, &changes, &total,
                 &ignored, NULL, &paths);
    const struct rf_paths *const sets[] = {&paths.patterns, &paths.places};
    const char *const wanted[] = {patterns, places};
    rf_paths_end(&paths.patterns);
    rf_paths_end(&paths.places);
    for (size_t k = 0; k < 2; k++) {
        struct rf_buf text = {0};
        for (size_t i = 0; i < sets[k]->count; i++) {
            rf_buf_format(&text, "%s%s", i == 0 ? "" : " ", sets[k]->texts[i]);
        }
        cr_expect_str_eq(rf_buf_text(&text), wanted[k], "%s to %s: '%s', not '%s'", old, fresh,
                         text.bytes, wanted[k]);
        rf_buf_done(&text);
    }
    cr_expect_str_eq(paths.around, around, "%s to %s: '%s'", old, fresh, paths.around);
    rf_diff_paths_done(&paths);
    rf_changes_done(&changes);
}

Test(diff, patterns_hide_indexes_and_keys_of_maps)
{
    static char items[] = "items", sums[] = "sums", n[] = "n";
    struct rf_shape number = {.name = n, .kind = REFOLD_F_INT64};
    struct rf_shape element = {.kind = REFOLD_F_STRUCT, .fields = &number, .field_count = 1};
    struct rf_shape value = {.kind = REFOLD_F_INT64};
    struct rf_shape fields[] = {
        {.name = items, .kind = REFOLD_F_LIST, .fields = &element, .field_count = 1},
        {.name = sums, .kind = REFOLD_F_MAP, .fields = &value, .field_count = 1},
    };
    struct rf_shape shape = {.kind = REFOLD_F_STRUCT, .fields = fields, .field_count = 2};
    static const char items_1[] = "{\"items\":[{\"n\":1}]}", items_2[] = "{\"items\":[{\"n\":2}]}";
    static const char sums_1[] = "{\"sums\":{\"x\":1}}", sums_2[] = "{\"sums\":{\"x\":2}}";
    expect_paths(items_1, items_2, &shape, "/items/*/n", "/items/0/n", "/items/0/n");
    expect_paths(sums_1, sums_2, &shape, "/sums/*", "/sums/x", "/sums/x");
    expect_paths("{\"more\":[[1]]}", "{\"more\":[[2]]}", &shape, "/more/*/*", "/more/0/0",
                 "/more/0/0");
    expect_paths(items_1, items_2, NULL, "/items/*/n", "/items/0/n", "/items/0/n");
    expect_paths(sums_1, sums_2, NULL, "/sums/x", "/sums/x", "/sums/x");
    expect_paths("1", "{}", &shape, "", "", "");
    expect_paths("{\"i~t/s\":[{\"~\":[1]}]}", "{\"i~t/s\":[{\"~\":[2]}]}", NULL, "/i~0t~1s/*/~0/*",
                 "/i~0t~1s/0/~0/0", "/i~0t~1s/0/~0/0");
    struct rf_shape none = {0};
    expect_paths("[1]", "[2]", &none, "/*", "/0", "/0");
    expect_paths("{\"0\":1}", "{\"0\":2}", &none, "/0", "/0", "/0");
}

Test(diff, patterns_of_a_state_that_is_no_struct)
{
    static char n[] = "n", m[] = "m";
    struct rf_shape number = {.name = n, .kind = REFOLD_F_INT64};
    struct rf_shape field = {.name = m, .kind = REFOLD_F_MAP, .fields = &number, .field_count = 1};
    struct rf_shape element = {.kind = REFOLD_F_STRUCT, .fields = &number, .field_count = 1};
    struct rf_shape map = {.kind = REFOLD_F_MAP, .fields = &element, .field_count = 1};
    struct rf_shape list = {.kind = REFOLD_F_LIST, .fields = &element, .field_count = 1};
    struct rf_shape plain = {.kind = REFOLD_F_INT64};
    expect_paths("{\"x\":{\"n\":1}}", "{\"x\":{\"n\":2}}", &map, "/*/n", "/x/n", "/x/n");
    expect_paths("[{\"n\":1}]", "[{\"n\":2}]", &list, "/*/n", "/0/n", "/0/n");
    expect_paths("null", "{}", &map, "", "", "");
    expect_paths("5", "6", &plain, "", "", "");
    expect_paths("[5]", "[6]", &plain, "/0", "/0", "/0");
    struct rf_shape whole = {.kind = REFOLD_F_STRUCT, .fields = &field, .field_count = 1};
    expect_paths("[{\"m\":{\"x\":1}}]", "[{\"m\":{\"x\":2}}]", &whole, "/0/m/x", "/0/m/x",
                 "/0/m/x");
}

Test(diff, paths_of_a_difference_are_each_told_once)
{
    static char sums[] = "sums", x[] = "x", y[] = "y";
    struct rf_shape numbers[] = {{.name = x, .kind = REFOLD_F_INT64},
                                 {.name = y, .kind = REFOLD_F_INT64}};
    struct rf_shape value = {.kind = REFOLD_F_STRUCT, .fields = numbers, .field_count = 2};
    struct rf_shape field = {
        .name = sums, .kind = REFOLD_F_MAP, .fields = &value, .field_count = 1};
    struct rf_shape shape = {.kind = REFOLD_F_STRUCT, .fields = &field, .field_count = 1};
    expect_paths("{\"sums\":{\"a\":{\"x\":1,\"y\":1},\"b\":{\"x\":1,\"y\":1}}}",
                 "{\"sums\":{\"a\":{\"x\":2,\"y\":2},\"b\":{\"x\":2,\"y\":2}}}", &shape,
                 "/sums/*/x /sums/*/y", "/sums/a/x /sums/a/y /sums/b/x /sums/b/y", "/sums");
}

Test(diff, an_element_that_is_new_or_gone_is_watched_by_its_array)
{
    expect_paths("{\"l\":[1,2]}", "{\"l\":[1]}", NULL, "/l/*", "/l", "/l");
    expect_paths("{\"l\":[1],\"m\":1}", "{\"l\":[1,2,3],\"m\":2}", NULL, "/l/* /m", "/l /m", "");
    expect_paths("{\"a\":{\"b\":1,\"bc\":1}}", "{\"a\":{\"b\":2,\"bc\":2}}", NULL, "/a/b /a/bc",
                 "/a/b /a/bc", "/a");
    expect_paths("{\"a\":{\"b\":[1,[1]]}}", "{\"a\":{\"b\":[2,[1,2]]}}", NULL, "/a/b/* /a/b/*/*",
                 "/a/b/0 /a/b/1", "/a/b");
}
