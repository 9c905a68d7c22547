/* SPDX-License-Identifier: MIT */
/* All files of a set are replaced, or none. */
#include "base/files.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/temporary.h"

static char folder[] = "/tmp/refold-files-XXXXXX";

static const char *
in_folder(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static size_t
count_entries(bool remove_them)
{
    size_t count = 0;
    DIR *open_folder = opendir(folder);
    cr_assert(open_folder != NULL);
    for (struct dirent *entry; (entry = readdir(open_folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (remove_them && unlinkat(dirfd(open_folder), entry->d_name, 0) != 0) {
                (void)unlinkat(dirfd(open_folder), entry->d_name, AT_REMOVEDIR);
            }
        }
    }
    closedir(open_folder);
    return count;
}

static void
set_up(void)
{
    cr_assert(mkdtemp(folder) != NULL);
}

static void
tear_down(void)
{
    (void)chmod(folder, 0700);
    (void)count_entries(true);
    (void)rmdir(folder);
}

TestSuite(files, .init = set_up, .fini = tear_down);

static void
put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "wb");
    cr_assert(file != NULL);
    cr_assert(fputs(text, file) >= 0);
    cr_assert(fclose(file) == 0);
}

static void
expect_text(const char *name, const char *want)
{
    char text[64] = {0};
    FILE *file = fopen(in_folder(name), "rb");
    cr_assert(file != NULL, "%s is not there", name);
    size_t got = fread(text, 1, sizeof(text) - 1, file);
    cr_assert(got == strlen(want));
    cr_assert_str_eq(text, want);
    cr_assert(fclose(file) == 0);
}

Test(files, replaces_all_on_commit_and_none_before)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    put("a", "old a");
    cr_assert(rf_files_add(files, in_folder("a"), "new a", 5, &err) == RF_OK);
    cr_assert(rf_files_add(files, in_folder("b"), "new b", 5, &err) == RF_OK);
    expect_text("a", "old a");
    cr_assert(access(in_folder("b"), F_OK) != 0);
    cr_assert(rf_files_commit(files, &err) == RF_OK);
    rf_files_free(files);
    expect_text("a", "new a");
    expect_text("b", "new b");
    cr_assert(count_entries(false) == 2);
}

Test(files, leaves_nothing_behind_without_a_commit)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    put("a", "old a");
    cr_assert(rf_files_add(files, in_folder("a"), "new a", 5, &err) == RF_OK);
    cr_assert(count_entries(false) == 2);
    rf_files_free(files);
    expect_text("a", "old a");
    cr_assert(count_entries(false) == 1);
}

Test(files, puts_back_what_was_replaced_where_a_rename_fails)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    put("a", "old a");
    cr_assert(mkdir(in_folder("c"), 0700) == 0);
    cr_assert(rf_files_add(files, in_folder("a"), "new a", 5, &err) == RF_OK);
    cr_assert(rf_files_add(files, in_folder("b"), "new b", 5, &err) == RF_OK);
    cr_assert(rf_files_add(files, in_folder("c"), "new c", 5, &err) == RF_OK);
    cr_assert(rf_files_commit(files, &err) == RF_ERR_OUTPUT);
    cr_assert_str_eq(err.where, in_folder("c"));
    cr_assert(strstr(err.text, "directory") != NULL, "%s", err.text);
    rf_files_free(files);
    expect_text("a", "old a");
    cr_assert(access(in_folder("b"), F_OK) != 0);
    cr_assert(count_entries(false) == 2);
}

Test(files, says_why_a_folder_takes_no_file)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    cr_assert(rf_files_add(files, in_folder("none/a"), "x", 1, &err) == RF_ERR_OUTPUT);
    cr_assert_str_eq(err.where, in_folder("none/a"));
    cr_assert(strstr(err.text, "folder is missing") != NULL, "%s", err.text);
    rf_files_free(files);
}

Test(files, keeps_permissions_and_links)
{
    struct rf_err err;
    struct stat about;
    struct rf_files *files = rf_files_new();
    put("real", "old");
    cr_assert(chmod(in_folder("real"), 0640) == 0);
    cr_assert(symlink("real", in_folder("link")) == 0);
    cr_assert(rf_files_add(files, in_folder("link"), "new", 3, &err) == RF_OK);
    cr_assert(rf_files_commit(files, &err) == RF_OK);
    rf_files_free(files);
    expect_text("real", "new");
    cr_assert(lstat(in_folder("link"), &about) == 0 && S_ISLNK(about.st_mode));
    cr_assert(stat(in_folder("real"), &about) == 0 && (about.st_mode & 0777) == 0640);
}

Test(files, removes_temporaries_of_the_dead_only)
{
    char dead[64];
    char alive[64];
    struct rf_err err;
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    cr_assert(waitpid(child, NULL, 0) == child);
    (void)snprintf(dead, sizeof(dead), ".a.%ld-0.tmp", (long)child);
    (void)snprintf(alive, sizeof(alive), ".a.%ld-0.tmp", (long)getppid());
    put(dead, "stale");
    put(alive, "of another run");
    put(".a.notes.tmp", "the user's");
    put(".ab.1-0.tmp", "of another target");
    struct rf_files *files = rf_files_new();
    cr_assert(rf_files_add(files, in_folder("a"), "new", 3, &err) == RF_OK);
    cr_assert(rf_files_commit(files, &err) == RF_OK);
    rf_files_free(files);
    cr_assert(access(in_folder(dead), F_OK) != 0);
    cr_assert(count_entries(false) == 4);
}

Test(files, sweeps_up_what_the_dead_left_whatever_it_was_for)
{
    char dead[3][64];
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    cr_assert(waitpid(child, NULL, 0) == child);
    (void)snprintf(dead[0], sizeof(dead[0]), ".a.%ld-0.tmp", (long)child);
    (void)snprintf(dead[1], sizeof(dead[1]), ".a.b-1.gz.%ld-17.old", (long)child);
    (void)snprintf(dead[2], sizeof(dead[2]), ".x.%ld-0.tmp", (long)getpid());
    for (size_t i = 0; i < 3; i++) {
        put(dead[i], "x");
    }
    put(".notes.tmp", "the user's");
    put(".1-2.tmp", "no name in front");
    put(".a.1x-2.tmp", "no number");
    put("a.99999999-1.tmp", "no dot in front");
    rf_temporaries_sweep(folder, NULL);
    rf_temporaries_sweep(in_folder("none"), NULL);
    cr_assert(access(in_folder(dead[0]), F_OK) != 0 && access(in_folder(dead[1]), F_OK) != 0);
    cr_assert(access(in_folder(dead[2]), F_OK) == 0);
    cr_assert(count_entries(false) == 5);
}

Test(files, writes_an_empty_file)
{
    struct rf_err err;
    struct rf_files *files = rf_files_new();
    cr_assert(rf_files_add(files, in_folder("a"), "", 0, &err) == RF_OK);
    cr_assert(rf_files_commit(files, &err) == RF_OK);
    rf_files_free(files);
    expect_text("a", "");
}

Test(files, appends_on_a_line_of_its_own)
{
    struct rf_err err;
    cr_assert(rf_file_append(in_folder("a"), "one", 3, &err) == RF_OK);
    expect_text("a", "one");
    cr_assert(rf_file_append(in_folder("a"), "two\n", 4, &err) == RF_OK);
    expect_text("a", "one\ntwo\n");
    cr_assert(rf_file_append(in_folder("no/a"), "x", 1, &err) == RF_ERR_OUTPUT);
    cr_assert_str_eq(err.where, in_folder("no/a"));
    cr_assert(rf_file_append(folder, "x", 1, &err) == RF_ERR_OUTPUT);
    cr_assert(rf_file_append("/dev/full", "x", 1, &err) == RF_ERR_OUTPUT);
}

/* Half of a report would be worse than none. */
Test(files, takes_back_what_was_appended_and_nothing_of_others)
{
    struct rf_err err;
    cr_assert(rf_file_append(in_folder("a"), "one\n", 4, &err) == RF_OK);
    cr_assert(rf_file_append(in_folder("a"), "two\n", 4, &err) == RF_OK);
    cr_expect(!rf_file_take_back(in_folder("a"), 4, 8), "someone wrote behind it");
    expect_text("a", "one\n\ntwo\n");
    cr_expect(rf_file_take_back(in_folder("a"), 4, 9));
    expect_text("a", "one\n");
    cr_expect(!rf_file_take_back("/dev/full", 0, 0));
}

Test(files, appends_all_or_nothing)
{
    struct rf_err err;
    const struct rlimit limit = {.rlim_cur = 8, .rlim_max = RLIM_INFINITY};
    put("a", "old a");
    cr_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    rf_code code = rf_file_append(in_folder("a"), "far too much", 12, &err);
    const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    cr_assert(setrlimit(RLIMIT_FSIZE, &none) == 0);
    cr_assert(code == RF_ERR_OUTPUT);
    cr_assert(strstr(err.text, "too large") != NULL, "%s", err.text);
    expect_text("a", "old a");
}

Test(files, reads_regular_files_only)
{
    struct rf_err err;
    struct rf_buf text = {0};
    put("a", "hello");
    cr_assert(rf_file_read(in_folder("a"), &text, &err) == RF_OK);
    cr_assert(text.used == 5 && memcmp(text.bytes, "hello", 5) == 0);
    cr_assert(rf_file_read(in_folder("b"), &text, &err) == RF_ERR_SOURCE);
    cr_assert(rf_file_read(folder, &text, &err) == RF_ERR_SOURCE);
    cr_assert(mkfifo(in_folder("fifo"), 0600) == 0);
    cr_assert(rf_file_read(in_folder("fifo"), &text, &err) == RF_ERR_SOURCE, "and does not wait");
    rf_buf_done(&text);
}

Test(files, a_read_that_fails_is_told, .timeout = 10)
{
    struct rf_buf text = {0};
    struct rf_err err;
    /* A regular file, by its mode, in which nothing is mapped at its beginning. */
    cr_assert_eq(rf_file_read("/proc/self/mem", &text, &err), RF_ERR_SOURCE);
    cr_expect(strstr(err.text, "cannot read the file") != NULL, "%s", err.text);
    rf_buf_done(&text);
}
