/* SPDX-License-Identifier: MIT */
/* Where the tests of worker and fold find what was built for them. */
#ifndef RF_TESTS_WORKER_SUPPORT_H
#define RF_TESTS_WORKER_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

/** A file of $REFOLD_BUILD (default build/release); fails the test where it is not there. In a
 * static buffer, eight in turn. */
static inline char *
built(const char *name)
{
    static char paths[8][4096];
    static unsigned turn;
    const char *folder = getenv("REFOLD_BUILD");
    char *path = paths[turn++ % 8];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder == NULL ? "build/release" : folder,
                   name);
    cr_assert(access(path, R_OK) == 0, "%s is not built", path);
    return path;
}

#endif
