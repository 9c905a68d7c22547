/* SPDX-License-Identifier: MIT */
/* JSON pointers: made, looked up, held against patterns. Expected values are RFC 6901's, or by
 * hand.
 */
#include "base/json_pointer.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- made ------------------------------------------------------------------------------------ */

static void
expect_pushed(const char *key, size_t bytes, const char *expected)
{
    struct rf_buf path = {0};
    rf_buf_string(&path, "/a");
    rf_pointer_push(&path, key, bytes);
    cr_expect_str_eq(rf_buf_text(&path), expected);
    rf_buf_done(&path);
}

Test(json_pointer, escapes_what_a_step_cannot_hold)
{
    expect_pushed("b", 1, "/a/b");
    expect_pushed("", 0, "/a/");
    expect_pushed("~", 1, "/a/~0");
    expect_pushed("/", 1, "/a/~1");
    expect_pushed("~1", 2, "/a/~01");
    expect_pushed("x/y~z", 5, "/a/x~1y~0z");
    expect_pushed("*", 1, "/a/*");
    expect_pushed("\"\n ", 3, "/a/\"\n ");
    expect_pushed("a\0b", 3, "/a/a" RF_NUL_SYMBOL "b");
}

Test(json_pointer, gives_a_step_back_as_the_key_it_was_made_of)
{
    static const char *const keys[] = {"", "b", "~", "/", "~1", "~0", "~01", "x/y~z", "//", "~~"};
    struct rf_buf path = {0};
    struct rf_buf key = {0};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        rf_buf_clear(&path);
        rf_pointer_push(&path, keys[i], strlen(keys[i]));
        rf_pointer_push(&path, "next", 4);
        const char *end = path.bytes + path.used;
        const char *next = rf_pointer_step_end(path.bytes, end);
        cr_expect(end - next == 5 && memcmp(next, "/next", 5) == 0);
        rf_pointer_unescape(&key, path.bytes + 1, next);
        cr_expect(key.used == strlen(keys[i]) && strcmp(rf_buf_text(&key), keys[i]) == 0, "%s",
                  keys[i]);
        cr_expect(rf_pointer_step_end(next, end) == end);
    }
    rf_buf_done(&path);
    rf_buf_done(&key);
}

/* ---- looked up ------------------------------------------------------------------------------- */

/** The token at the pointer; "none" where there is none. */
static void
expect_found(const char *text, const char *pointer, const char *expected)
{
    struct rf_json doc = {0};
    cr_assert(rf_json_read_whole(&doc, text, strlen(text), NULL) == RF_OK);
    uint32_t node = rf_pointer_find(&doc, pointer, strlen(pointer));
    size_t count = 4;
    const char *token = node == RF_JSON_NONE ? "none" : rf_json_token(&doc, node, &count);
    cr_expect(count == strlen(expected) && memcmp(token, expected, count) == 0, "%s: %.*s, not %s",
              pointer, (int)count, token, expected);
    rf_json_done(&doc);
}

Test(json_pointer, finds_what_rfc_6901_says)
{
    static const char text[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
                               "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
    expect_found(text, "", text);
    expect_found(text, "/foo", "[\"bar\",\"baz\"]");
    expect_found(text, "/foo/0", "\"bar\"");
    expect_found(text, "/", "0");
    expect_found(text, "/a~1b", "1");
    expect_found(text, "/c%d", "2");
    expect_found(text, "/e^f", "3");
    expect_found(text, "/g|h", "4");
    expect_found(text, "/i\\j", "5");
    expect_found(text, "/k\"l", "6");
    expect_found(text, "/ ", "7");
    expect_found(text, "/m~0n", "8");
}

Test(json_pointer, finds_nothing_where_nothing_is)
{
    static const char text[] = "{\"list\":[1,[2,3]],\"word\":\"w\",\"0\":4}";
    expect_found(text, "/list/1/1", "3");
    expect_found(text, "/0", "4");
    static const char *const nowhere[] = {
        "/none",     "/list/2",           "/list/-",          "/list/01",   "/list/",
        "/list/+1",  "/list/1/1/1",       "/list/4294967297", "/word/w",    "/word/",
        "/list/0/0", "/list/99999999999", "/list/1x",         "/list/1/-1", "/list/00"};
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        expect_found(text, nowhere[i], "none");
    }
}

Test(json_pointer, finds_nothing_in_what_was_never_read)
{
    struct rf_json doc = {0};
    cr_expect(rf_pointer_find(&doc, "", 0) == RF_JSON_NONE);
    cr_expect(rf_pointer_find(&doc, "/a", 2) == RF_JSON_NONE);
}

/* ---- held against patterns ------------------------------------------------------------------- */

struct row {
    const char *pointer;
    const char *path;
    bool below;
};

Test(json_pointer, lies_below_itself_and_what_is_above_it)
{
    static const struct row rows[] = {
        {"/a", "/a", true},       {"/a", "/a/b", true},     {"/a", "/a/", true},
        {"/a/b", "/a", false},    {"/a", "/ab", false},     {"/ab", "/a", false},
        {"/a", "", false},        {"", "", true},           {"", "/a", true},
        {"/", "/", true},         {"/", "/a", false},       {"/", "//b", true},
        {"/a/", "/a", false},     {"/a/", "/a/b", false},   {"/a~1b", "/a~1b", true},
        {"/a~1b", "/a/b", false}, {"/a/b", "/a~1b", false}, {"/1", "/10", false},
        {"/A", "/a", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(rf_pointer_below(rows[i].path, strlen(rows[i].path), rows[i].pointer) ==
                      rows[i].below,
                  "%s below %s", rows[i].path, rows[i].pointer);
    }
}

Test(json_pointer, takes_a_star_for_any_one_step)
{
    static const struct row rows[] = {
        {"/*", "/a", true},        {"/*", "/", true},        {"/*", "", false},
        {"/*", "/a/b", true},      {"/*/b", "/a/b", true},   {"/*/b", "/a/c/b", false},
        {"/*/b", "/a/b/c", true},  {"/a/*", "/a", false},    {"/a/*/c", "/a/0/c", true},
        {"/a/*/c", "/a/c", false}, {"/*/*", "/a/b", true},   {"/*/*", "/a", false},
        {"/**", "/a", false},      {"/a*", "/ab", false},    {"/*a", "/ba", false},
        {"/*", "/*", true},        {"/a/*", "/a/*/b", true}, {"/*/", "/a/", true},
        {"/*/", "/a", false},      {"/*~1", "/x~1", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(rf_pointer_below(rows[i].path, strlen(rows[i].path), rows[i].pointer) ==
                      rows[i].below,
                  "%s below %s", rows[i].path, rows[i].pointer);
    }
}

/* A path is so many bytes, whatever stands behind them. */
Test(json_pointer, does_not_read_behind_the_path)
{
    cr_expect(rf_pointer_below("/a/b", 2, "/a"));
    cr_expect_not(rf_pointer_below("/a/b", 2, "/a/b"));
    cr_expect_not(rf_pointer_below("/ab", 2, "/ab"));
    cr_expect(rf_pointer_below("/ab", 2, "/a"));
    cr_expect(rf_pointer_below(NULL, 0, ""));
    cr_expect_not(rf_pointer_below(NULL, 0, "/a"));
}
