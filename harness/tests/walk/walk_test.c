/* SPDX-License-Identifier: MIT */
/* Sources to objects: names, order, selection, and that none is lost. */
#include "walk/walk.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/path.h"
#include "tests/walk/tree.h"
#include "walk/source.h"

#define UUID "0f8fad5b-d9cb-469f-a165-70867728950e"

/** Walks up to two sources. */
static rf_code
walk(const char *first, const char *second, const char *since, const char *until,
     const char *layout, struct rf_objects *ret, struct rf_err *reterr)
{
    const char *sources[] = {first, second};
    struct rf_walk_request request = {.sources = sources,
                                      .source_count = second == NULL ? 1 : 2,
                                      .since = since,
                                      .until = until,
                                      .layout = layout};
    memset(ret, 0, sizeof(*ret));
    memset(reterr, 0, sizeof(*reterr));
    return rf_walk(&request, ret, reterr);
}

/** Walks ROOT and compares all names, each with a blank behind it; also checks the numbers. */
static void
expect_names(const char *root, const char *since, const char *until, const char *layout,
             const char *names, uint64_t outside)
{
    struct rf_objects objects;
    struct rf_err err;
    struct rf_buf found = {0};
    cr_assert_eq(walk(root, NULL, since, until, layout, &objects, &err), RF_OK, "%s: %s", err.where,
                 err.text);
    for (size_t i = 0; i < objects.count; i++) {
        rf_buf_string(&found, objects.items[i].name);
        rf_buf_byte(&found, ' ');
        cr_expect_eq(objects.items[i].number, i);
    }
    cr_expect_str_eq(rf_buf_text(&found), names);
    cr_expect_eq(objects.outside, outside, "%lu outside", (unsigned long)objects.outside);
    rf_buf_done(&found);
    rf_objects_done(&objects);
}

static void
expect_usage(const char *root, const char *since, const char *until, const char *layout,
             const char *where, const char *says)
{
    struct rf_objects objects;
    struct rf_err err;
    cr_expect_eq(walk(root, NULL, since, until, layout, &objects, &err), RF_ERR_USAGE);
    cr_expect_str_eq(err.where, where);
    cr_expect_not_null(strstr(err.text, says), "%s", err.text);
    cr_expect_null(objects.items);
}

Test(walk, orders_keys_as_unsigned_bytes)
{
    char *root = tree_new();
    static const char *const keys[] = {"b", "a/b", "a.b", "a-b", "B", "\xc3\xa4", "aa", "a/b-"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        tree_file(root, keys[i], "");
    }
    expect_names(root, NULL, NULL, NULL, "B a-b a.b a/b a/b- aa b \xc3\xa4 ", 0);
    tree_free(root);
}

Test(walk, describes_an_object)
{
    char *root = tree_new();
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "2026/07/13/14/orders-1-2026-07-13-14-02-11-" UUID ".gz", "123");
    tree_file(root, "processing-failed/2026/07/13/14/x.gz", "");
    tree_file(root, "readme", "");
    cr_assert_eq(walk(root, NULL, NULL, NULL, NULL, &objects, &err), RF_OK);
    cr_assert_eq(objects.count, 3);
    const struct rf_object *firehose = &objects.items[0];
    const struct rf_object *failed = &objects.items[1];
    const struct rf_object *odd = &objects.items[2];
    cr_expect_str_eq(firehose->stream, "orders");
    cr_expect_eq(firehose->bytes, 3);
    cr_expect(firehose->packer_name && !firehose->odd_name && !firehose->errors);
    cr_expect(failed->packer_name && failed->odd_name && failed->errors);
    cr_expect(!odd->packer_name && odd->odd_name && !odd->errors);
    cr_expect_null(odd->stream);
    cr_expect_eq(objects.source_count, 1);
    cr_expect_str_eq(objects.sources[0].path, root);
    rf_objects_done(&objects);
    tree_free(root);
}

Test(walk, selects_the_hours_from_since_up_to_before_until)
{
    char *root = tree_new();
    tree_file(root, "2015/04/27/12/a.gz", "");
    tree_file(root, "2015/04/27/13/b.gz", "");
    tree_file(root, "2015/04/27/13/c.gz", "");
    tree_file(root, "2015/04/28/00/d.gz", "");
    tree_file(root, "2016/01/01/00/e.gz", "");
    expect_names(root, "2015-04-27T13", "2015-04-28", NULL,
                 "2015/04/27/13/b.gz 2015/04/27/13/c.gz ", 3);
    expect_names(root, "2015/04/28", NULL, NULL, "2015/04/28/00/d.gz 2016/01/01/00/e.gz ", 3);
    expect_names(root, NULL, "2015-04-27T13", NULL, "2015/04/27/12/a.gz ", 4);
    expect_names(root, "2016", NULL, NULL, "2016/01/01/00/e.gz ", 4);
    expect_names(root, "2017", "2018", NULL, "", 5);
    expect_names(root, "2015-04-27T15:00:00+02:00", "2015-04-27T14", NULL,
                 "2015/04/27/13/b.gz 2015/04/27/13/c.gz ", 3);
    tree_free(root);
}

Test(walk, reads_the_hour_from_the_source_where_the_key_has_none)
{
    char *root = tree_new();
    char *month = rf_format("%s/2015/04", root);
    char *day = rf_format("%s/2015/04/27/", root);
    char *file = rf_format("%s/2015/04/27/13/b.gz", root);
    tree_file(root, "2015/04/27/12/a.gz", "");
    tree_file(root, "2015/04/27/13/b.gz", "");
    expect_names(month, "2015-04-27T13", NULL, NULL, "27/13/b.gz ", 1);
    expect_names(day, "2015-04-27T13", NULL, NULL, "13/b.gz ", 1);
    expect_names(file, "2015-04-27T13", NULL, NULL, "b.gz ", 0);
    expect_names(file, NULL, "2015-04-27T13", NULL, "", 1);
    expect_names(month, "2015-04-27T13", NULL, "!{timestamp:yyyy/MM/dd/HH}/", "27/13/b.gz ", 1);
    free(month);
    free(day);
    free(file);
    tree_free(root);
}

Test(walk, selects_by_the_layout_where_one_is_given)
{
    char *root = tree_new();
    tree_file(root, "c=eu/13.04.2026 14h/a.gz", "");
    tree_file(root, "c=us/13.04.2026 15h/b.gz", "");
    expect_names(root, "2026-04-13T15", NULL,
                 "c=!{partitionKeyFromQuery:c}/!{timestamp:dd.MM.yyyy HH'h'}/",
                 "c=us/13.04.2026 15h/b.gz ", 1);
    expect_usage(root, "2026-04-13T15", NULL, NULL, "c=eu/13.04.2026 14h/a.gz", "layout");
    expect_usage(root, NULL, NULL, "!{timestamp:xx}", "layout", "at byte 12");
    tree_free(root);
}

Test(walk, finds_the_hour_of_errors_outside_the_layout)
{
    char *root = tree_new();
    tree_file(root, "ev/2026/07/13/14/a.gz", "");
    tree_file(root, "processing-failed/2026/07/13/14/a.gz", "");
    tree_file(root, "processing-failed/2026/07/13/15/a.gz", "");
    expect_names(root, "2026-07-13T15", NULL, "ev/!{timestamp:yyyy/MM/dd/HH}/",
                 "processing-failed/2026/07/13/15/a.gz ", 2);
    tree_free(root);
}

Test(walk, refuses_a_packers_object_without_an_hour)
{
    char *root = tree_new();
    tree_file(root, "2015/04/27/12/a.gz", "");
    tree_file(root, "late/orders-1-2015-04-27-13-02-11-" UUID, "");
    expect_usage(root, "2015-04-27T13", NULL, NULL, "late/orders-1-2015-04-27-13-02-11-" UUID,
                 "\"layout\"");
    expect_names(root, NULL, NULL, NULL,
                 "2015/04/27/12/a.gz late/orders-1-2015-04-27-13-02-11-" UUID " ", 0);
    tree_free(root);
}

Test(walk, tells_of_a_layout_that_fits_none_or_not_all)
{
    char *root = tree_new();
    tree_file(root, "2015/04/27/12/a.gz", "");
    expect_usage(root, "2015-04-27T13", NULL, "YYYY/MM/DD/HH/", "layout", "2015/04/27/12/, so");
    expect_usage(root, "2015-04-27T13", NULL, "YYYY/MM/DD/HH/", "layout", "no !{timestamp:");
    expect_usage(root, "2015-04-27T13", NULL, "x!{timestamp:yyyy/MM/dd/HH}/", "layout",
                 "fits none of the folders");
    tree_file(root, "x2015/04/27/14/a.gz", "");
    expect_usage(root, "2015-04-27T13", NULL, "x!{timestamp:yyyy/MM/dd/HH}/", "2015/04/27/12/a.gz",
                 "does not fit its folders, as it fits others");
    tree_free(root);
}

Test(walk, leaves_out_odd_names_without_an_hour_and_counts_them)
{
    char *root = tree_new();
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "2015/04/27/13/a.gz", "");
    tree_file(root, "2015/04/27/12/a.gz", "");
    tree_file(root, "2015/04/27/_SUCCESS", "");
    tree_file(root, "2015/04/28/_SUCCESS", "");
    tree_file(root, "README", "");
    cr_assert_eq(walk(root, NULL, "2015-04-27T13", NULL, NULL, &objects, &err), RF_OK);
    cr_assert_eq(objects.count, 2);
    cr_expect_str_eq(objects.items[0].key, "2015/04/27/13/a.gz");
    cr_expect_str_eq(objects.items[1].key, "2015/04/28/_SUCCESS");
    cr_expect_eq(objects.outside, 3);
    cr_expect_eq(objects.hourless, 2);
    cr_expect_str_eq(objects.hourless_sample, "2015/04/27/_SUCCESS");
    rf_objects_done(&objects);
    tree_free(root);
}

Test(walk, refuses_a_t_off_the_grain_of_day_folders)
{
    char *root = tree_new();
    tree_file(root, "dt=2015-04-26/a.gz", "");
    tree_file(root, "dt=2015-04-27/b.gz", "");
    expect_usage(root, "2015-04-27T13", NULL, NULL, "dt=2015-04-26/a.gz", "whole day");
    expect_usage(root, NULL, "2015-04-27T13:00:00Z", NULL, "dt=2015-04-26/a.gz", "whole day");
    expect_usage(root, "2015-04-27T13", NULL, "dt=!{timestamp:yyyy-MM-dd}/", "layout", "whole day");
    expect_names(root, "2015-04-27", NULL, NULL, "dt=2015-04-27/b.gz ", 1);
    expect_names(root, NULL, "2015-04-27T00", NULL, "dt=2015-04-26/a.gz ", 1);
    tree_free(root);
}

Test(walk, refuses_bad_times_before_it_looks_for_sources)
{
    expect_usage("no-such-source", "soon", NULL, NULL, "--since", "no time");
    expect_usage("no-such-source", "2016", "2015", NULL, "--since", "not before");
    expect_usage("no-such-source", "2015", NULL, NULL, "", "no such source 'no-such-source'");
    expect_usage("", NULL, NULL, NULL, "", "no such source ''");
}

Test(walk, takes_a_single_file)
{
    char *root = tree_new();
    char *file = rf_format("%s/a/b.gz", root);
    char *beyond = rf_format("%s/a/b.gz/c", root);
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "a/b.gz", "123");
    cr_assert_eq(walk(file, NULL, NULL, NULL, NULL, &objects, &err), RF_OK);
    cr_assert_eq(objects.count, 1);
    cr_expect_str_eq(objects.items[0].key, "b.gz");
    cr_expect_str_eq(objects.items[0].name, "b.gz");
    cr_expect_eq(objects.items[0].bytes, 3);
    rf_objects_done(&objects);
    cr_expect_eq(walk(beyond, NULL, NULL, NULL, NULL, &objects, &err), RF_ERR_USAGE);
    free(beyond);
    free(file);
    tree_free(root);
}

/** Walks ROOT/FIRST and ROOT/SECOND, which overlap: refused, with both names. */
static void
expect_overlap(const char *root, const char *first, const char *second, const char *says)
{
    char *paths[] = {rf_format("%s/%s", root, first), rf_format("%s/%s", root, second)};
    struct rf_objects objects;
    struct rf_err err;
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(walk(paths[i], paths[1 - i], NULL, NULL, NULL, &objects, &err), RF_ERR_USAGE,
                     "%s, %s", paths[i], paths[1 - i]);
        bool named = strstr(err.where, paths[0]) != NULL || strstr(err.text, paths[0]) != NULL;
        cr_expect(named, "%s: %s", err.where, err.text);
        named = strstr(err.where, paths[1]) != NULL || strstr(err.text, paths[1]) != NULL;
        cr_expect(named, "%s: %s", err.where, err.text);
        cr_expect_not_null(strstr(err.text, says), "%s", err.text);
    }
    free(paths[0]);
    free(paths[1]);
}

Test(walk, refuses_sources_that_overlap)
{
    char *root = tree_new();
    char *inner = rf_format("%s/h/2024", root);
    char *beside = rf_format("%s/h-2", root);
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "h/2024/a.json", "1");
    tree_file(root, "h-2/a.json", "1");
    tree_file(root, "g/b.json", "1");
    tree_link(root, "linked", "h");
    tree_link(root, "g/within", "../h/2024");
    tree_link(root, "file", "h/2024/a.json");
    expect_overlap(root, "h", "h", "named twice");
    expect_overlap(root, "h", "h/", "is the same as");
    expect_overlap(root, "h", "g/../h/./", "is the same as");
    expect_overlap(root, "h", "linked", "is the same as");
    expect_overlap(root, "h", "h/2024", "lies within");
    expect_overlap(root, "h", "linked/2024", "lies within");
    expect_overlap(root, "h", "h/2024/a.json", "lies within");
    expect_overlap(root, "h/2024/a.json", "file", "is the same as");
    expect_overlap(root, "h", "g", "is the same file as");
    cr_assert_eq(walk(inner, beside, NULL, NULL, NULL, &objects, &err), RF_OK, "%s", err.text);
    cr_expect_eq(objects.count, 2);
    rf_objects_done(&objects);
    free(inner);
    free(beside);
    tree_free(root);
}

static rf_code
walk_root(const char *root, struct rf_err *reterr)
{
    struct rf_objects objects;
    rf_code code = walk(root, NULL, NULL, NULL, NULL, &objects, reterr);
    if (code == RF_OK) {
        rf_objects_done(&objects);
    }
    return code;
}

/* A file that is reached twice in one source: both keys are named. */
static void
expect_one_file(const char *root, const char *first, const char *second)
{
    struct rf_err err;
    cr_assert_eq(walk_root(root, &err), RF_ERR_USAGE, "%s and %s", first, second);
    cr_expect_str_eq(err.where, second);
    cr_expect_not_null(strstr(err.text, first), "%s", err.text);
    cr_expect_not_null(strstr(err.text, "would be read twice"), "%s", err.text);
}

Test(walk, refuses_a_file_that_a_source_leads_to_twice)
{
    char *root = tree_new();
    char *file = rf_format("%s/2024/b.json", root);
    char *hard = rf_format("%s/2025/hard.json", root);
    char *linked = rf_format("%s/latest", root);
    struct rf_err err;
    tree_file(root, "2024/a.json", "1");
    tree_file(root, "2024/b.json", "1");
    tree_file(root, "2025/c.json", "1");
    cr_assert_eq(walk_root(root, &err), RF_OK, "%s", err.text);
    tree_link(root, "latest", "2024");
    expect_one_file(root, "2024/a.json", "latest/a.json");
    cr_assert_eq(unlink(linked), 0);
    tree_link(root, "latest", "2024/b.json");
    expect_one_file(root, "2024/b.json", "latest");
    cr_assert_eq(unlink(linked), 0);
    cr_assert_eq(link(file, hard), 0);
    expect_one_file(root, "2024/b.json", "2025/hard.json");
    cr_assert_eq(unlink(hard), 0);
    tree_file(root, "2024/b.json", "");
    cr_assert_eq(link(file, hard), 0);
    cr_expect_eq(walk_root(root, &err), RF_OK, "nothing is read of it: %s", err.text);
    free(file);
    free(hard);
    free(linked);
    tree_free(root);
}

/* Kept events came first, whatever their file is called, and are not counted as left out. */
Test(walk, takes_pending_files_in_front_of_all_and_of_any_hour)
{
    char *root = tree_new();
    char *golden = tree_new();
    tree_file(root, "2015/04/27/12/a.json", "");
    tree_file(root, "2015/04/27/13/a.json", "");
    tree_file(root, "2015/04/27/14/a.json", "");
    tree_file(golden, "z.pending.ndjson", "{}\n");
    char *pending = rf_path_join(golden, "z.pending.ndjson");
    const char *sources[] = {root};
    const char *pendings[] = {pending};
    struct rf_walk_request request = {.sources = sources,
                                      .source_count = 1,
                                      .pendings = pendings,
                                      .pending_count = 1,
                                      .since = "2015-04-27T13",
                                      .until = "2015-04-27T14"};
    struct rf_objects objects;
    struct rf_err err;
    cr_assert_eq(rf_walk(&request, &objects, &err), RF_OK, "%s", err.text);
    cr_assert_eq(objects.count, 2);
    cr_expect_str_eq(objects.items[0].name, pending);
    cr_expect(objects.items[0].pending && !objects.items[0].odd_name && objects.items[0].named);
    cr_expect_str_eq(objects.items[1].name, "2015/04/27/13/a.json");
    cr_expect(!objects.items[1].pending && objects.items[1].number == 1);
    cr_expect(objects.outside == 2 && objects.before == 1);
    rf_objects_done(&objects);
    free(pending);
    tree_free(golden);
    tree_free(root);
}

Test(walk, keeps_two_objects_of_one_key_apart)
{
    char *root = tree_new();
    char *one = rf_format("%s/one/", root);
    char *two = rf_format("%s/two", root);
    char *names[] = {rf_format("%s/one/k", root), rf_format("%s/two/k", root)};
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "one/k", "1");
    tree_file(root, "two/k", "22");
    for (int swapped = 0; swapped <= 1; swapped++) {
        cr_assert_eq(
            walk(swapped ? two : one, swapped ? one : two, NULL, NULL, NULL, &objects, &err),
            RF_OK);
        cr_assert_eq(objects.count, 2);
        for (uint32_t i = 0; i < 2; i++) {
            cr_expect_str_eq(objects.items[i].key, "k");
            cr_expect_eq(objects.items[i].source, i);
            cr_expect_str_eq(objects.items[i].name, names[swapped ? 1 - i : i]);
            cr_expect_eq(objects.items[i].bytes, swapped ? 2 - i : i + 1);
        }
        rf_objects_done(&objects);
    }
    free(names[0]);
    free(names[1]);
    free(one);
    free(two);
    tree_free(root);
}

Test(walk, names_a_file_among_several_sources_as_it_was_given)
{
    char *root = tree_new();
    char *file = rf_format("%s/a/../b/b.gz", root);
    char *folder = rf_format("%s/a", root);
    char *below = rf_format("%s/b.gz", folder);
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "a/b.gz", "");
    tree_file(root, "b/b.gz", "");
    cr_assert_eq(walk(file, folder, NULL, NULL, NULL, &objects, &err), RF_OK);
    cr_assert_eq(objects.count, 2);
    cr_expect_str_eq(objects.items[0].key, "b.gz");
    cr_expect_str_eq(objects.items[1].key, "b.gz");
    cr_expect_str_eq(objects.items[0].name, file);
    cr_expect_str_eq(objects.items[1].name, below);
    rf_objects_done(&objects);
    free(below);
    free(folder);
    free(file);
    tree_free(root);
}

Test(walk, takes_standard_input_once)
{
    struct rf_objects objects;
    struct rf_err err;
    cr_assert_eq(walk("-", NULL, NULL, NULL, NULL, &objects, &err), RF_OK);
    cr_assert_eq(objects.count, 1);
    cr_expect_str_eq(objects.items[0].key, "-");
    cr_expect_str_eq(objects.items[0].name, "-");
    cr_expect_eq(objects.items[0].bytes, RF_BYTES_UNKNOWN);
    cr_expect_not(objects.items[0].special);
    rf_objects_done(&objects);
    cr_expect_eq(walk("-", "-", NULL, NULL, NULL, &objects, &err), RF_ERR_USAGE);
    expect_usage("-", "2015", NULL, NULL, "-", "no hour folder");
}

Test(walk, refuses_a_source_that_is_a_fifo, .timeout = 10)
{
    char *root = tree_new();
    char *fifo = tree_path(root, "fifo");
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    expect_usage(fifo, NULL, NULL, NULL, fifo, "neither a file nor a folder");
    free(fifo);
    tree_free(root);
}

Test(walk, hands_on_what_a_folder_refuses)
{
    char *root = tree_new();
    struct rf_objects objects;
    struct rf_err err;
    tree_file(root, "a", "");
    tree_link(root, "b", "nowhere");
    cr_expect_eq(walk(root, NULL, NULL, NULL, NULL, &objects, &err), RF_ERR_SOURCE);
    cr_expect_null(objects.items);
    tree_free(root);
}

Test(walk, takes_an_empty_folder)
{
    char *root = tree_new();
    expect_names(root, NULL, NULL, NULL, "", 0);
    expect_names(root, "2015", NULL, NULL, "", 0);
    tree_free(root);
}

Test(walk, takes_ten_thousand_files_in_one_folder, .timeout = 60)
{
    char *root = tree_new();
    struct rf_objects objects;
    struct rf_err err;
    for (unsigned i = 0; i < 10000; i++) {
        char key[64];
        /* 7919 is prime: the files come in another order than their names */
        snprintf(key, sizeof(key), "2015/04/27/13/%05u.gz", i * 7919u % 10000u);
        tree_file(root, key, "");
    }
    cr_assert_eq(walk(root, NULL, "2015", NULL, NULL, &objects, &err), RF_OK);
    cr_expect_eq(objects.count, 10000);
    for (size_t i = 1; i < objects.count; i++) {
        cr_assert_lt(strcmp(objects.items[i - 1].key, objects.items[i].key), 0);
    }
    rf_objects_done(&objects);
    tree_free(root);
}
