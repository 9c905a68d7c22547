/* SPDX-License-Identifier: MIT */
/* The list of keys of an http source; what servers do is harness/tests/oracle/sources_test.py's. */
#include "tests/walk/tree.h"
#include "walk/walk.h"

static rf_code
walk(const char *keys, const char *until, struct rf_objects *ret, struct rf_err *reterr)
{
    const char *sources[] = {"http://127.0.0.1:1/p/"};
    struct rf_walk_request request = {
        .sources = sources, .source_count = 1, .keys = keys, .until = until};
    memset(reterr, 0, sizeof(*reterr));
    return rf_walk(&request, ret, reterr);
}

Test(source_http, each_line_is_a_key)
{
    char *root = tree_new();
    char *keys = rf_format("%s/keys", root);
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "keys",
              "2026/07/01/01/b.gz\r\n\n2026/07/01/00/a b.gz\n2026/07/01/02/no-end.gz");
    cr_assert_eq(walk(keys, "2026-07-01T02", &objects, &err), RF_OK, "%s", err.text);
    cr_assert_eq(objects.count, 2);
    cr_expect_eq(objects.outside, 1);
    cr_expect_str_eq(objects.items[0].key, "2026/07/01/00/a b.gz");
    cr_expect_str_eq(objects.items[0].name, objects.items[0].key);
    cr_expect_eq(objects.items[0].bytes, RF_BYTES_UNKNOWN);
    cr_expect(objects.items[0].named, "so that an error page is never passed over as foreign");
    rf_objects_done(&objects);
    free(keys);
    tree_free(root);
}

Test(source_http, a_line_that_is_no_key_is_named)
{
    static const struct {
        const char *lines;
        const char *says;
    } rows[] = {
        {"a\n\n../b\n", "line 3 has a step"},
        {"a/./b\n", "line 1 has a step"},
        {"/a\n", "line 1 is no key below the base"},
        {"https://h/a\n", "line 1 is no key below the base"},
        {"a/\n", "line 1 is a folder"},
        {"a\tb\n", "line 1 holds a control character"},
        {"a\xff\n", "line 1 is no UTF-8"},
        {"a\nb\na\n", "listed twice: a"},
        {"\n\r\n", "holds no key"},
    };
    char *root = tree_new();
    char *keys = rf_format("%s/keys", root);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_objects objects;
        struct rf_err err;
        tree_file(root, "keys", rows[i].lines);
        cr_expect_eq(walk(keys, NULL, &objects, &err), RF_ERR_USAGE, "%s", rows[i].lines);
        cr_expect_str_eq(err.where, keys);
        cr_expect_not_null(strstr(err.text, rows[i].says), "%s", err.text);
    }
    free(keys);
    tree_free(root);
}

Test(source_http, keys_and_base_belong_together)
{
    const char *sources[] = {"http://127.0.0.1:1/", "http://127.0.0.1:2/", "-"};
    struct rf_objects objects;
    struct rf_err err;
    cr_expect_eq(walk(NULL, NULL, &objects, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "--keys FILE"), "%s", err.text);
    struct rf_walk_request request = {.sources = sources, .source_count = 2, .keys = "keys"};
    cr_expect_eq(rf_walk(&request, &objects, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "several are given"), "%s", err.text);
    request.sources = sources + 1;
    request.keys = "-";
    cr_expect_eq(rf_walk(&request, &objects, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "only once"), "%s", err.text);
    request.sources = sources + 2;
    request.source_count = 1;
    request.keys = "keys";
    cr_expect_eq(rf_walk(&request, &objects, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "none is given"), "%s", err.text);
}
