/* SPDX-License-Identifier: MIT */
/* Folders of ours for what is built. */
#include "host/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/** Open folders while one is removed. */
#define REMOVE_FOLDERS 16
/** What was killed may still be in a call that makes a file: so often it is tried, 10 ms apart. */
#define REMOVE_TRIES 20

rf_code
rf_scratch_folder(char **ret, struct rf_err *reterr)
{
    const char *parent = getenv("TMPDIR");
    char *folder = rf_format("%s/refold-XXXXXX", parent == NULL || !*parent ? "/tmp" : parent);
    if (mkdtemp(folder) == NULL) {
        rf_code code = rf_fail_errno(reterr, RF_ERR_USAGE, folder, "cannot make a folder");
        free(folder);
        return code;
    }
    /* Absolute: other programs, in other working folders, are told of it. */
    *ret = realpath(folder, NULL);
    if (*ret == NULL) {
        rf_code code = rf_fail_errno(reterr, RF_ERR_USAGE, folder, "cannot be found again");
        (void)rmdir(folder);
        free(folder);
        return code;
    }
    free(folder);
    return RF_OK;
}

static int
remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    (void)facts;
    (void)kind;
    (void)walk;
    (void)remove(path);
    return 0;
}

void
rf_scratch_drop(const char *folder)
{
    for (int i = 0; folder != NULL && i < REMOVE_TRIES; i++) {
        (void)nftw(folder, remove_one, REMOVE_FOLDERS, FTW_DEPTH | FTW_PHYS);
        if (access(folder, F_OK) != 0) {
            return;
        }
        rf_clock_sleep_us(10000);
    }
}
