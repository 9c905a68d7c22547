/* SPDX-License-Identifier: MIT */
/* Archives as sources: members in any order, by several readers, and never one that is not whole.
 */
#include "walk/source.h"

#include <ctype.h>

#include "tests/walk/archives.h"
#include "walk/walk.h"

static rf_code
walk_archive(const char *path, const char *until, struct rf_objects *ret, struct rf_err *reterr)
{
    struct rf_walk_request request = {.sources = &path, .source_count = 1, .until = until};
    return rf_walk(&request, ret, reterr);
}

static struct rf_objects
walk(const char *path)
{
    struct rf_objects objects;
    struct rf_err err = {0};
    cr_assert_eq(walk_archive(path, NULL, &objects, &err), RF_OK, "%s", err.text);
    return objects;
}

/** Reads an object to its end, a few bytes at a time. */
static rf_code
read_all(const struct rf_objects *objects, const struct rf_object *object, struct rf_buf *ret,
         struct rf_err *reterr)
{
    struct rf_reader *reader = NULL;
    char bytes[7];
    size_t got = 1;
    rf_buf_clear(ret);
    RF_TRY(rf_reader_open(objects, object, &reader, reterr));
    rf_code code = RF_OK;
    while (code == RF_OK && got > 0) {
        code = rf_reader_read(reader, bytes, sizeof(bytes), &got, reterr);
        rf_buf_add(ret, bytes, got);
    }
    rf_reader_close(reader);
    return code;
}

static void
expect_content(const struct rf_objects *objects, const char *key, const char *content)
{
    struct rf_buf found = {0};
    struct rf_err err = {0};
    for (size_t i = 0; i < objects->count; i++) {
        if (strcmp(objects->items[i].key, key) == 0) {
            cr_expect_eq(read_all(objects, &objects->items[i], &found, &err), RF_OK, "%s",
                         err.text);
        }
    }
    cr_expect_str_eq(rf_buf_text(&found), content, "%s", key);
    rf_buf_done(&found);
}

/** Three members, not in the order of their keys. */
static char *
put_tar(const char *root)
{
    struct rf_buf tar = {0};
    tar_member(&tar, "./c/", '5', "");
    tar_member(&tar, "./c/three", '0', "the third");
    tar_member(&tar, "a", '0', "the first");
    tar_member(&tar, "b//two", '0', "");
    tar_end(&tar);
    return archive_put(root, "t.tar", &tar);
}

static char *
put_zip(const char *root)
{
    struct zip_builder zip = {0};
    zip_member(&zip, "c/three", "c/three", "the third");
    zip_member(&zip, "a", "a", "the first");
    zip_member(&zip, "b/two", "b/two", "");
    zip_end(&zip, 3);
    return archive_put(root, "t.zip", &zip.bytes);
}

static void
expect_three(const char *path)
{
    struct rf_objects objects = walk(path);
    char *name = rf_format("%s:c/three", path);
    cr_assert_eq(objects.count, 3);
    cr_expect_str_eq(objects.items[0].key, "a");
    cr_expect_str_eq(objects.items[1].key, "b/two");
    cr_expect_str_eq(objects.items[2].name, name);
    cr_expect_eq(objects.items[2].bytes, 9);
    /* in no order, and again */
    for (int i = 0; i < 2; i++) {
        expect_content(&objects, "a", "the first");
        expect_content(&objects, "c/three", "the third");
        expect_content(&objects, "b/two", "");
    }
    rf_objects_done(&objects);
    free(name);
}

Test(source_archive, gives_each_member_in_any_order)
{
    char *root = tree_new();
    char *tar = put_tar(root);
    char *zip = put_zip(root);
    expect_three(tar);
    expect_three(zip);
    free(tar);
    free(zip);
    tree_free(root);
}

Test(source_archive, readers_do_not_disturb_each_other)
{
    char *root = tree_new();
    char *path = put_tar(root);
    struct rf_objects objects = walk(path);
    struct rf_reader *readers[4] = {NULL};
    struct rf_err err;
    char bytes[4][4];
    size_t got;
    for (size_t i = 0; i < 4; i++) { /* the third and the first member, twice each */
        cr_assert_eq(
            rf_reader_open(&objects, &objects.items[i % 2 == 0 ? 2 : 0], &readers[i], &err), RF_OK);
    }
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(rf_reader_read(readers[i], bytes[i], 4, &got, &err), RF_OK);
        cr_expect_eq(got, 4);
    }
    for (size_t i = 0; i < 4; i++) { /* given up in the midst, and used again behind that */
        rf_reader_close(readers[i]);
    }
    expect_content(&objects, "a", "the first");
    expect_content(&objects, "c/three", "the third");
    rf_objects_done(&objects);
    free(path);
    tree_free(root);
}

/** Writes the file anew, with the same bytes: another file all the same. */
static void
touch(const char *path)
{
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

Test(source_archive, that_changed_is_refused_whenever_it_did)
{
    char *root = tree_new();
    for (int when = 0; when < 3; when++) {
        char *path = when == 1 ? put_zip(root) : put_tar(root);
        struct rf_objects objects = walk(path);
        struct rf_reader *reader = NULL;
        struct rf_buf rest = {0};
        struct rf_err err = {0};
        if (when == 0) {
            touch(path);
            cr_expect_eq(rf_reader_open(&objects, &objects.items[0], &reader, &err), RF_ERR_SOURCE);
        } else {
            size_t got = 1;
            char byte;
            rf_code code = RF_OK;
            cr_assert_eq(rf_reader_open(&objects, &objects.items[0], &reader, &err), RF_OK);
            touch(path);
            while (code == RF_OK && got > 0) {
                code = rf_reader_read(reader, &byte, 1, &got, &err);
            }
            cr_expect_eq(code, RF_ERR_SOURCE, "when %d", when);
        }
        cr_expect_str_eq(err.where, path);
        rf_reader_close(reader);
        rf_buf_done(&rest);
        rf_objects_done(&objects);
        free(path);
    }
    tree_free(root);
}

Test(source_archive, whose_end_is_missing_has_its_rest_as_an_object)
{
    char *root = tree_new();
    struct rf_buf tar = {0};
    tar_member(&tar, "2026/07/01/00/a.gz", '0', "one");
    tar_member(&tar, "2026/07/01/01/b.gz", '0', "two");
    char *path = archive_put(root, "t.tar", &tar);
    struct rf_objects objects;
    struct rf_err err = {0};
    struct rf_reader *reader;
    /* whatever is selected */
    cr_assert_eq(walk_archive(path, "2026-07-01T01", &objects, &err), RF_OK, "%s", err.text);
    cr_assert_eq(objects.count, 2);
    cr_expect_eq(objects.outside, 1);
    cr_expect_str_eq(objects.items[0].key, "2026/07/01/00/a.gz");
    cr_expect_str_eq(objects.items[1].name, "t.tar");
    cr_expect(objects.items[1].named);
    cr_expect_eq(rf_reader_open(&objects, &objects.items[1], &reader, &err), RF_ERR_TRUNCATED);
    cr_expect_not_null(strstr(err.text, "no end mark"), "%s", err.text);
    rf_objects_done(&objects);
    free(path);
    tree_free(root);
}

/** Walks a zip, and reads what it can: the code of the first failure. */
static rf_code
try_zip(const char *root, struct zip_builder *zip, struct rf_err *reterr)
{
    char *path = archive_put(root, "t.zip", &zip->bytes);
    struct rf_objects objects = walk(path);
    struct rf_buf found = {0};
    rf_code code = RF_OK;
    for (size_t i = 0; i < objects.count && code == RF_OK; i++) {
        code = read_all(&objects, &objects.items[i], &found, reterr);
    }
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(path);
    return code;
}

Test(source_archive, a_zip_whose_directory_does_not_fit_is_damage)
{
    char *root = tree_new();
    struct rf_err err = {0};
    for (unsigned entries = 0; entries < 4; entries++) {
        struct zip_builder zip = {0};
        zip_member(&zip, "a", "a", "one");
        zip_member(&zip, "b", "b", "two");
        zip_end(&zip, entries);
        cr_expect_eq(try_zip(root, &zip, &err), entries == 2 ? RF_OK : RF_ERR_CORRUPT, "%u entries",
                     entries);
    }
    struct zip_builder zip = {0};
    zip_member(&zip, "a", "b", "one");
    zip_end(&zip, 1);
    cr_expect_eq(try_zip(root, &zip, &err), RF_ERR_CORRUPT);
    cr_expect_not_null(strstr(err.text, "another name"), "%s", err.text);
    tree_free(root);
}

Test(source_archive, a_zip_whose_directory_lacks_a_member_is_damage)
{
    static const struct {
        const char *members; /* those in capitals have no entry */
        size_t front;        /* bytes in front of the second: a descriptor, padding */
    } rows[] = {{"abc", 0},  {"Abc", 0},  {"aBc", 0},  {"abC", 0},   {"aBC", 0}, {"ABC", 0},
                {"aBc", 12}, {"aBc", 16}, {"aBc", 20}, {"aBc", 24},  {"Abc", 4}, {"abC", 16},
                {"abc", 12}, {"abc", 24}, {"abc", 4},  {"abc", 4096}};
    char *root = tree_new();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct zip_builder zip = {0};
        bool whole = islower(rows[i].members[0]) && islower(rows[i].members[1]) &&
                     islower(rows[i].members[2]);
        for (size_t k = 0; k < 3; k++) {
            char name[] = {rows[i].members[k], '\0'};
            for (size_t n = rows[i].front; n > 0 && k == (rows[i].front == 4 ? 0 : 1); n--) {
                rf_buf_byte(&zip.bytes, 'x');
            }
            if (islower(name[0])) {
                zip_member(&zip, name, name, "data");
            } else {
                zip_orphan(&zip, name, "data");
            }
        }
        zip_end(&zip, zip.entries);
        struct rf_err err = {0};
        cr_expect_eq(try_zip(root, &zip, &err), whole ? RF_OK : RF_ERR_CORRUPT, "%s, %zu: %s",
                     rows[i].members, rows[i].front, err.text);
        cr_expect(whole || strstr(err.text, "lacks a member") != NULL, "%s", err.text);
    }
    tree_free(root);
}

Test(source_archive, a_zip_member_with_a_wrong_crc_is_damage_and_the_next_one_is_read)
{
    char *root = tree_new();
    struct zip_builder zip = {0};
    zip_member(&zip, "a", "a", "one");
    zip_member(&zip, "b", "b", "two");
    zip_end(&zip, 2);
    *(char *)memmem(zip.bytes.bytes, zip.bytes.used, "one", 3) = 'O';
    char *path = archive_put(root, "t.zip", &zip.bytes);
    struct rf_objects objects = walk(path);
    struct rf_buf found = {0};
    struct rf_err err = {0};
    cr_assert_eq(objects.count, 2);
    cr_expect_eq(read_all(&objects, &objects.items[0], &found, &err), RF_ERR_CORRUPT);
    cr_expect_not_null(strstr(err.text, "CRC"), "%s", err.text);
    expect_content(&objects, "b", "two");
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(path);
    tree_free(root);
}

Test(source_archive, tells_links_fifos_and_strange_paths)
{
    static const struct {
        const char *path;
        char type;
        const char *key;
        const char *flaw; /* or NULL */
    } rows[] = {
        {"a.gz", '2', "a.gz", "a link to target"},
        {"pipe", '6', "pipe", NULL},
        {"../up", '0', "../up", "leads out of the archive"},
        {"/abs", '0', "abs", "leads out of the archive"},
        {"./", '0', "", NULL}, /* a folder, by its slash */
        {"x.tgz", '0', "x.tgz", "an archive in an archive"},
        {"x/..y", '0', "x/..y", NULL},
    };
    char *root = tree_new();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf tar = {0};
        tar_member(&tar, rows[i].path, rows[i].type, "");
        tar_end(&tar);
        char *path = archive_put(root, "t.tar", &tar);
        struct rf_objects objects = walk(path);
        cr_assert_eq(objects.count, rows[i].key[0] != '\0', "%s", rows[i].path);
        if (objects.count > 0) {
            const struct rf_object *object = &objects.items[0];
            cr_expect_str_eq(object->key, rows[i].key);
            cr_expect_eq(object->flaw != NULL, rows[i].flaw != NULL, "%s", rows[i].path);
            cr_expect(rows[i].flaw == NULL || strstr(object->flaw, rows[i].flaw) != NULL);
            cr_expect_eq(object->special, rows[i].type == '6');
        }
        rf_objects_done(&objects);
        free(path);
    }
    tree_free(root);
}
