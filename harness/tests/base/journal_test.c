/* SPDX-License-Identifier: MIT */
/* What a journal names is what a folder holds, and nothing else is believed. */
#include "base/journal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/lock.h"
#include "tests/base/folder.h"

TestSuite(journal, .init = make_folder, .fini = remove_folder);

static void
put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "wb");
    cr_assert(file != NULL && fputs(text, file) >= 0);
    cr_assert(fclose(file) == 0);
}

static void
expect_text(const char *path, const char *want)
{
    struct rf_buf text = {0};
    struct rf_err err;
    cr_assert(rf_file_read(path, &text, &err) == RF_OK, "%s", err.text);
    cr_assert_str_eq(rf_buf_text(&text), want);
    rf_buf_done(&text);
}

static struct rf_journal_row
row_of(const char *name, const char *temporary, const char *before, const char *after)
{
    return (struct rf_journal_row){
        .name = rf_strdup(name),
        .temporary = rf_strdup(temporary),
        .existed = before != NULL,
        .before = before == NULL ? 0 : rf_hash(before, strlen(before), 0),
        .after = rf_hash(after, strlen(after), 0),
    };
}

/** A journal of two files: a is replaced, b is new. */
static void
put_journal(void)
{
    struct rf_journal_row rows[] = {row_of("a", ".a.1-0.tmp", "old a", "new a"),
                                    row_of("b", ".b.1-1.tmp", NULL, "new b")};
    struct rf_journal journal = {.rows = rows, .count = 2};
    struct rf_buf text = {0};
    rf_journal_write(&journal, &text);
    put(RF_JOURNAL_NAME, rf_buf_text(&text));
    rf_buf_done(&text);
    for (size_t i = 0; i < 2; i++) {
        free(rows[i].name);
        free(rows[i].temporary);
    }
    put("a", "old a");
    put(".a.1-0.tmp", "new a");
    put(".b.1-1.tmp", "new b");
}

static void
expect_seen(const char *name, const char *want)
{
    struct rf_journal journal;
    struct rf_err err;
    cr_assert(rf_journal_read(folder, &journal, &err) == RF_OK, "%s", err.text);
    char *place = rf_journal_place(&journal, folder, name);
    expect_text(place, want);
    free(place);
    rf_journal_done(&journal);
}

static void
expect_corrupt(const char *words)
{
    struct rf_journal journal;
    struct rf_err err;
    cr_assert(rf_journal_read(folder, &journal, &err) == RF_ERR_CORRUPT);
    cr_assert(strstr(err.text, words) != NULL, "%s", err.text);
    cr_assert(journal.there && journal.count == 0);
    cr_assert(rf_journal_finish(folder, NULL, &err) == RF_ERR_CORRUPT);
    rf_journal_done(&journal);
}

Test(journal, is_not_there_where_there_is_none)
{
    struct rf_journal journal;
    struct rf_err err;
    cr_assert(rf_journal_read(folder, &journal, &err) == RF_OK);
    cr_assert(!journal.there && journal.count == 0);
    cr_assert(rf_journal_read(in_folder("none"), &journal, &err) == RF_OK && !journal.there);
    cr_assert(rf_journal_finish(in_folder("none"), NULL, &err) == RF_OK);
    char *place = rf_journal_place(&journal, "x", "a");
    cr_assert_str_eq(place, "x/a");
    free(place);
}

Test(journal, makes_readers_see_the_new_files_at_each_rename)
{
    struct rf_err err;
    size_t moved = 0;
    put_journal();
    expect_seen("a", "new a");
    expect_seen("b", "new b");
    cr_assert(rename(in_folder(".a.1-0.tmp"), in_folder("a")) == 0);
    expect_seen("a", "new a");
    expect_seen("b", "new b");
    cr_assert(rf_journal_finish(folder, &moved, &err) == RF_OK, "%s", err.text);
    cr_assert(moved == 1);
    expect_text(in_folder("a"), "new a");
    expect_text(in_folder("b"), "new b");
    cr_assert(access(in_folder(RF_JOURNAL_NAME), F_OK) != 0);
}

Test(journal, is_valid_while_a_file_is_put_back)
{
    struct rf_err err;
    put_journal();
    cr_assert(unlink(in_folder("a")) == 0); /* the new one is back, the old one not yet */
    expect_seen("a", "new a");
    cr_assert(rf_journal_finish(folder, NULL, &err) == RF_OK);
    expect_text(in_folder("a"), "new a");
}

Test(journal, has_nothing_to_say_once_all_is_in_place)
{
    struct rf_err err;
    struct rf_journal journal;
    put_journal();
    cr_assert(rename(in_folder(".a.1-0.tmp"), in_folder("a")) == 0);
    cr_assert(rename(in_folder(".b.1-1.tmp"), in_folder("b")) == 0);
    put("a", "edited since");
    cr_assert(rf_journal_read(folder, &journal, &err) == RF_OK);
    cr_assert(journal.there && journal.waiting == 0);
    rf_journal_done(&journal);
    cr_assert(rf_journal_finish(folder, NULL, &err) == RF_OK);
    expect_text(in_folder("a"), "edited since");
}

Test(journal, is_not_believed_where_files_were_changed_since)
{
    put_journal();
    put("a", "of a pull");
    expect_corrupt("was changed");
    expect_text(in_folder("a"), "of a pull");
    put("a", "old a");
    put(".b.1-1.tmp", "edited");
    expect_corrupt("was changed");
    put(".b.1-1.tmp", "new b");
    put("b", "there meanwhile");
    expect_corrupt("was changed");
    cr_assert(unlink(in_folder("b")) == 0);
    cr_assert(unlink(in_folder(".a.1-0.tmp")) == 0); /* and a is the old one */
    expect_corrupt("was changed");
}

/** Flips each bit of it: none of these may be believed, nor anything be moved. */
Test(journal, is_not_believed_where_a_bit_is_wrong)
{
    struct rf_buf text = {0};
    struct rf_err err;
    put_journal();
    cr_assert(rf_file_read(in_folder(RF_JOURNAL_NAME), &text, &err) == RF_OK);
    for (size_t i = 0; i < text.used * 8; i++) {
        struct rf_journal journal;
        text.bytes[i / 8] ^= (char)(1 << i % 8);
        int fd = open(in_folder(RF_JOURNAL_NAME), O_WRONLY | O_TRUNC);
        cr_assert(write(fd, text.bytes, text.used) == (ssize_t)text.used);
        cr_assert(close(fd) == 0);
        cr_assert(rf_journal_read(folder, &journal, &err) == RF_ERR_CORRUPT, "bit %zu", i);
        text.bytes[i / 8] ^= (char)(1 << i % 8);
    }
    cr_assert(truncate(in_folder(RF_JOURNAL_NAME), 0) == 0);
    expect_corrupt("damaged");
    rf_buf_done(&text);
}

/** Whoever can put a file into a repository must not be able to have another one moved by it. */
Test(journal, moves_nothing_but_temporaries_of_the_very_file)
{
    static const char *const hostile[][2] = {
        {"a", "b"},
        {"a", ".b.1-0.tmp"},
        {"../a", "..a.1-0.tmp"},
        {"a", "../.a.1-0.tmp"},
        {"..", "....1-0.tmp"},
        {"a b", ".a b.1-0.tmp"},
        {"", "..1-0.tmp"},
        {"a", ".a.1-0.tmp/x"},
    };
    put("b", "someone's");
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct rf_journal journal;
        struct rf_err err;
        char text[512];
        int bytes = snprintf(text, sizeof(text), "refold journal 1\n%016d %s %s %s\n", 0,
                             "----------------", hostile[i][1], hostile[i][0]);
        (void)snprintf(text + bytes, sizeof(text) - (size_t)bytes, "%016llx\n",
                       (unsigned long long)rf_hash(text, (size_t)bytes, 0));
        put(RF_JOURNAL_NAME, text);
        cr_assert(rf_journal_read(folder, &journal, &err) == RF_ERR_CORRUPT, "%zu", i);
        cr_assert(rf_journal_finish(folder, NULL, &err) == RF_ERR_CORRUPT, "%zu", i);
    }
    expect_text(in_folder("b"), "someone's");
}

/** As a broken writer would leave it: its own checksum fits. A row that cannot be read is never
 * passed over, for the files of the others would be moved without its own. */
Test(journal, is_not_believed_where_a_row_is_none)
{
    static const char *const rows[] = {
        "000000000000000 ---------------- .a.1-0.tmp a\n",
        "0000000000000000 --------------- .a.1-0.tmp a\n",
        "0000000000000000 000000000000000g .a.1-0.tmp a\n",
        "0000000000000000 00000000000000000 .a.1-0.tmp a\n",
        "000000000000000g 0000000000000000 .a.1-0.tmp a\n",
        "0000000000000000 ---------------- .a.1-0.tmp\n",
        "0000000000000000 ----------------\n",
        "\n",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_journal journal;
        struct rf_err err;
        char text[512];
        int bytes = snprintf(text, sizeof(text), "refold journal 1\n%s", rows[i]);
        (void)snprintf(text + bytes, sizeof(text) - (size_t)bytes, "%016llx\n",
                       (unsigned long long)rf_hash(text, (size_t)bytes, 0));
        put(RF_JOURNAL_NAME, text);
        cr_assert(rf_journal_read(folder, &journal, &err) == RF_ERR_CORRUPT, "%zu", i);
        cr_assert(rf_journal_finish(folder, NULL, &err) == RF_ERR_CORRUPT, "%zu", i);
    }
}

Test(journal, is_written_where_several_files_of_a_folder_change_and_is_gone_afterwards)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    char *paths[3] = {rf_format("%s/a", folder), rf_format("%s/b", folder),
                      rf_format("%s/c", folder)};
    put("a", "old a");
    cr_assert(mkdir(in_folder("c"), 0700) == 0);
    rf_files_together(files, folder);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(rf_files_add(files, paths[i], "new", 3, &err) == RF_OK);
    }
    cr_assert(rf_files_commit(files, &err) == RF_ERR_OUTPUT); /* c is a folder */
    rf_files_free(files);
    expect_text(in_folder("a"), "old a");
    cr_assert(access(in_folder("b"), F_OK) != 0);
    cr_assert(access(in_folder(RF_JOURNAL_NAME), F_OK) != 0);
    cr_assert(rmdir(in_folder("c")) == 0);
    files = rf_files_new();
    rf_files_together(files, folder);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(rf_files_add(files, paths[i], "new", 3, &err) == RF_OK);
        free(paths[i]);
    }
    cr_assert(rf_files_commit(files, &err) == RF_OK, "%s", err.text);
    rf_files_free(files);
    expect_text(in_folder("a"), "new");
    expect_text(in_folder("c"), "new");
    cr_assert(access(in_folder(RF_JOURNAL_NAME), F_OK) != 0);
}

Test(journal, refuses_names_that_it_cannot_hold)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    char *paths[2] = {rf_format("%s/a b", folder), rf_format("%s/b", folder)};
    rf_files_together(files, folder);
    for (size_t i = 0; i < 2; i++) {
        cr_assert(rf_files_add(files, paths[i], "new", 3, &err) == RF_OK);
    }
    cr_assert(rf_files_commit(files, &err) == RF_ERR_OUTPUT);
    cr_assert_str_eq(err.where, paths[0]);
    rf_files_free(files);
    cr_assert(access(paths[0], F_OK) != 0 && access(paths[1], F_OK) != 0);
    free(paths[0]);
    free(paths[1]);
}

Test(journal, lock_is_one_processes_at_a_time)
{
    struct rf_err err;
    int first;
    int second;
    cr_assert(rf_lock_folder(folder, &first, &err) == RF_OK && first >= 0);
    cr_assert(rf_lock_folder(folder, &second, &err) == RF_ERR_SOURCE);
    cr_assert(rf_folder_is_locked(folder));
    cr_assert(strstr(err.text, "once more") != NULL);
    rf_unlock_folder(second);
    rf_unlock_folder(first);
    cr_assert(!rf_folder_is_locked(folder) && !rf_folder_is_locked(in_folder("none")));
    cr_assert(rf_lock_folder(folder, &second, &err) == RF_OK && second >= 0);
    rf_unlock_folder(second);
    cr_assert(rf_lock_folder(in_folder("none"), &first, &err) == RF_OK && first == -1);
}
