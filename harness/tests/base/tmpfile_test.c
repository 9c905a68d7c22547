/* SPDX-License-Identifier: MIT */
/* Files without a name: nothing of them is seen in the folder, and no one else may open them. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tmpfile.h"

static unsigned
count_names(const char *folder)
{
    unsigned count = 0;
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count - 2;
}

Test(tmpfile, has_no_name_and_one_owner)
{
    char folder[] = "/tmp/refold-tmpfile-XXXXXX";
    struct stat stat;
    char byte = 'x';
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(setenv("TMPDIR", folder, 1), 0);
    (void)umask(0);
    int file = rf_tmpfile_open();
    cr_assert_geq(file, 0);
    cr_assert_eq(count_names(folder), 0);
    cr_assert_eq(fstat(file, &stat), 0);
    cr_assert_eq(stat.st_mode & 07777, 0600);
    cr_assert_eq(stat.st_nlink, 0);
    cr_assert_eq(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    cr_assert_eq(write(file, &byte, 1), 1);
    cr_assert_eq(pread(file, &byte, 1, 0), 1);
    (void)close(file);
    cr_assert_eq(rmdir(folder), 0);
    cr_assert_eq(rf_tmpfile_open(), -1);
    cr_assert_eq(errno, ENOENT);
    cr_assert_str_eq(rf_tmpfile_folder(), folder);
    cr_assert_eq(setenv("TMPDIR", "", 1), 0);
    cr_assert_str_eq(rf_tmpfile_folder(), "/tmp");
}
