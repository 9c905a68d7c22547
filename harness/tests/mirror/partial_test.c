/* SPDX-License-Identifier: MIT */
/* What is gone on with is what its note says. */
#include "mirror/partial.h"

#include <dirent.h>
#include <unistd.h>

#include "tests/base/folder.h"

static struct rf_place *place;
static struct rf_ledger *ledger;

static void
open_ledger(void)
{
    struct rf_err err;
    make_folder();
    cr_assert_eq(rf_place_open(folder, false, &place, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_ledger_open(place, "s3://a/", "", false, &ledger, &err), RF_OK, "%s", err.text);
}

static void
close_ledger(void)
{
    rf_ledger_free(ledger);
    rf_place_close(place);
    remove_folder();
}

TestSuite(partial, .init = open_ledger, .fini = close_ledger);

static void
write_some(const char *note, const char *text, struct rf_partial **ret)
{
    struct rf_err err;
    cr_assert_eq(rf_partial_begin(ledger, "key", NULL, note, 9, ret, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_partial_write(*ret, text, 4, &err), RF_OK, "%s", err.text);
}

Test(partial, a_note_tells_of_no_other_version)
{
    struct rf_partial *partial;
    struct rf_leftover left;
    write_some("\"one\"", "aaaa", &partial);
    rf_partial_close(partial, true);
    rf_leftover_find(ledger, "key", &left);
    cr_assert_eq(left.bytes, 4, "that of the first version is here");
    rf_leftover_done(&left);
    write_some(NULL, "bbbb", &partial);
    rf_leftover_find(ledger, "key", &left); /* as after a kill */
    cr_expect_eq(left.bytes, 0, "these bytes are of a version that nobody noted");
    rf_leftover_done(&left);
    rf_partial_close(partial, true);
}

/* Cut off again and again, it comes nearer to its end each time. */
Test(partial, what_was_gone_on_with_stays_for_the_next_fetch)
{
    struct rf_partial *partial;
    struct rf_leftover left;
    struct rf_err err;
    write_some("\"one\"", "aaaa", &partial);
    rf_partial_close(partial, true);
    rf_leftover_find(ledger, "key", &left);
    cr_assert_eq(left.bytes, 4);
    cr_assert_eq(rf_partial_begin(ledger, "key", &left, "\"one\"", 9, &partial, &err), RF_OK);
    rf_leftover_done(&left);
    cr_assert_eq(rf_partial_write(partial, "bb", 2, &err), RF_OK);
    rf_partial_close(partial, true);
    rf_leftover_find(ledger, "key", &left);
    cr_assert_eq(left.bytes, 6);
    cr_assert_eq(left.total, 9);
    cr_assert_str_eq(left.etag, "\"one\"");
    rf_leftover_done(&left);
}

static size_t
open_files(void)
{
    size_t count = 0;
    DIR *open_folder = opendir("/proc/self/fd");
    cr_assert(open_folder != NULL);
    while (readdir(open_folder) != NULL) {
        count++;
    }
    closedir(open_folder);
    return count;
}

/* A history has more objects than a process has files. */
Test(partial, leaves_no_file_open)
{
    struct rf_partial *partial;
    size_t before = open_files();
    write_some("\"one\"", "aaaa", &partial);
    cr_expect_eq(open_files(), before + 1, "what is written, and not its note");
    rf_partial_close(partial, true);
    cr_expect_eq(open_files(), before);
}

Test(partial, what_is_not_to_be_gone_on_with_is_gone)
{
    struct rf_partial *partial;
    write_some(NULL, "aaaa", &partial);
    rf_partial_close(partial, true);
    write_some("\"one\"", "aaaa", &partial);
    rf_partial_close(partial, false);
    cr_expect_eq(rmdir(in_folder(RF_PARTIALS_NAME)), 0, "it is empty");
}
