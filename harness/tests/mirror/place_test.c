/* SPDX-License-Identifier: MIT */
/* The folder that keys become files in. */
#include "mirror/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "base/path.h"

static char *
fresh_folder(void)
{
    char *folder = rf_strdup("/tmp/refold-place-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    return folder;
}

static void
remove_folder(char *folder)
{
    char *command = rf_format("rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
    free(command);
    free(folder);
}

static struct rf_place *
open_place(const char *folder)
{
    struct rf_place *place = NULL;
    struct rf_err err;
    cr_assert_eq(rf_place_open(folder, false, &place, &err), RF_OK, "%s", err.text);
    return place;
}

/** A partial with these bytes, put under the key. */
static rf_code
put(struct rf_place *place, struct rf_place_cursor *cursor, const char *key, struct rf_err *reterr)
{
    int fd = rf_place_open_partial(place, "x.partial", O_WRONLY | O_CREAT | O_TRUNC);
    cr_assert(fd >= 0 && write(fd, "new", 3) == 3);
    (void)close(fd);
    return rf_place_put(place, cursor, key, "x.partial", reterr);
}

static bool
is_there(const char *folder, const char *key)
{
    char *path = rf_path_join(folder, key);
    struct stat facts;
    bool there = lstat(path, &facts) == 0;
    free(path);
    return there;
}

Test(place, what_can_be_no_file_is_said)
{
    char long_step[258];
    memset(long_step, 'n', 256);
    long_step[256] = '\0';
    static const char *const bad[] = {"",      "/",    "/a",       "a/",   "a//b",        "..",
                                      "../a",  "a/..", "a/../b",   ".",    "a/./b",       "a\nb",
                                      "a\x7f", "\xff", "a/\xc3/b", "a\tb", "\xed\xa0\x80"};
    static const char *const good[] = {"a", "a/b", "...",    "..a",      "a..",       "a/.b",
                                       "-", "a b", "\\..\\", "\xc3\xa9", "%2e%2e/%2f"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_not_null(rf_place_fault(bad[i]), "%s", bad[i]);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_expect_null(rf_place_fault(good[i]), "%s", good[i]);
    }
    cr_expect_not_null(rf_place_fault(long_step));
    cr_expect_null(rf_place_fault(long_step + 1));
    cr_expect_not_null(rf_place_fault("a/.refold-partial/b"));
    cr_expect_not_null(rf_place_fault(".refold-manifest.ndjson"));
}

/** One cursor, any order of keys: it stands where each key wants it. */
Test(place, a_cursor_goes_anywhere)
{
    static const char *const keys[] = {"a/b/c",      "a/b/d",     "a/bc/d", "a/b2",
                                       "x",          "a/b/c2/e",  "a/b/c3", "b/a/b/c",
                                       "a/bc/e/f/g", "a/bc/e/f2", "y/z"};
    char *folder = fresh_folder();
    struct rf_place *place = open_place(folder);
    struct rf_place_cursor cursor = {0};
    struct rf_err err;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        cr_expect_eq(put(place, &cursor, keys[i], &err), RF_OK, "%s: %s", keys[i], err.text);
    }
    for (size_t i = sizeof(keys) / sizeof(keys[0]); i-- > 0;) {
        struct stat facts;
        bool there = false;
        cr_expect(is_there(folder, keys[i]), "%s", keys[i]);
        cr_expect_eq(rf_place_look(place, &cursor, keys[i], &facts, &there, &err), RF_OK);
        cr_expect(there && facts.st_size == 3, "%s", keys[i]);
    }
    rf_place_cursor_done(&cursor);
    rf_place_close(place);
    remove_folder(folder);
}

Test(place, a_step_that_is_a_link_or_a_file_is_not_entered)
{
    char *folder = fresh_folder();
    char *outside = fresh_folder();
    struct rf_place *place = open_place(folder);
    struct rf_place_cursor cursor = {0};
    struct rf_err err;
    char *link = rf_path_join(folder, "link");
    cr_assert_eq(symlink(outside, link), 0);
    cr_expect_eq(put(place, &cursor, "link/a", &err), RF_ERR_OUTPUT);
    cr_expect_not_null(strstr(err.text, "is a link"), "%s", err.text);
    cr_expect_not(is_there(outside, "a"));
    cr_expect_eq(put(place, &cursor, "file", &err), RF_OK);
    cr_expect_eq(put(place, &cursor, "file/a", &err), RF_ERR_OUTPUT);
    cr_expect_not_null(strstr(err.text, "is a file"), "%s", err.text);
    cr_expect_eq(put(place, &cursor, "b/c", &err), RF_OK);
    cr_expect_eq(put(place, &cursor, "b", &err), RF_ERR_OUTPUT);
    cr_expect_not_null(strstr(err.text, "a folder is in its place"), "%s", err.text);
    cr_expect_eq(rf_place_remove(place, &cursor, "link/a", 0, &err), RF_ERR_OUTPUT);
    free(link);
    rf_place_cursor_done(&cursor);
    rf_place_close(place);
    remove_folder(folder);
    remove_folder(outside);
}

Test(place, removing_takes_empty_folders_along)
{
    char *folder = fresh_folder();
    struct rf_place *place = open_place(folder);
    struct rf_place_cursor cursor = {0};
    struct rf_err err;
    cr_assert_eq(put(place, &cursor, "a/b/c/one", &err), RF_OK);
    cr_assert_eq(put(place, &cursor, "a/two", &err), RF_OK);
    cr_expect_eq(rf_place_remove(place, &cursor, "a/b/c/one", 0, &err), RF_OK, "%s", err.text);
    cr_expect_not(is_there(folder, "a/b"));
    cr_expect(is_there(folder, "a/two"));
    cr_expect_eq(rf_place_remove(place, &cursor, "a/b/c/one", 0, &err), RF_OK, "gone already");
    cr_expect_eq(rf_place_remove(place, &cursor, "a/two", 0, &err), RF_OK, "%s", err.text);
    cr_expect_not(is_there(folder, "a"));
    cr_expect(is_there(folder, ""));
    rf_place_cursor_done(&cursor);
    rf_place_close(place);
    remove_folder(folder);
}

static bool
is_not_last(void *context, const char *key)
{
    return strcmp(key, context) != 0;
}

Test(place, a_folder_holds_only_what_its_files_say)
{
    char *folder = fresh_folder();
    struct rf_place *place = open_place(folder);
    struct rf_place_cursor cursor = {0};
    struct rf_err err;
    char last[] = "a/b/two";
    char other[] = "x";
    char *empty = rf_path_join(folder, "a/c");
    cr_assert_eq(put(place, &cursor, "a/one", &err), RF_OK);
    cr_assert_eq(put(place, &cursor, last, &err), RF_OK);
    cr_expect(rf_place_holds_only(place, &cursor, "a", is_not_last, other));
    cr_expect_not(rf_place_holds_only(place, &cursor, "a", is_not_last, last));
    cr_expect_not(rf_place_holds_only(place, &cursor, "a/one", is_not_last, other), "a file");
    cr_expect_not(rf_place_holds_only(place, &cursor, "none", is_not_last, other));
    cr_assert_eq(mkdir(empty, 0777), 0);
    cr_expect_not(rf_place_holds_only(place, &cursor, "a", is_not_last, other), "an empty one");
    cr_assert_eq(rmdir(empty), 0);
    cr_assert_eq(symlink("one", empty), 0);
    cr_expect_not(rf_place_holds_only(place, &cursor, "a", is_not_last, other), "a link");
    cr_assert_eq(unlink(empty), 0);
    cr_expect_eq(rf_place_remove(place, &cursor, "a/one", 0, &err), RF_OK, "%s", err.text);
    cr_expect_eq(rf_place_remove(place, &cursor, last, strlen("a/b"), &err), RF_OK);
    cr_expect_not(is_there(folder, "a/b"));
    cr_expect(is_there(folder, "a"), "what leads to the folder stays");
    free(empty);
    rf_place_cursor_done(&cursor);
    rf_place_close(place);
    remove_folder(folder);
}

Test(place, a_folder_that_it_made_and_that_stays_empty_goes)
{
    char *folder = fresh_folder();
    char *inner = rf_path_join(folder, "x/y");
    struct rf_place *place = open_place(inner);
    cr_expect(rf_place_was_empty(place));
    rf_place_close(place);
    cr_expect_not(is_there(folder, "x/y"));
    free(inner);
    remove_folder(folder);
}
