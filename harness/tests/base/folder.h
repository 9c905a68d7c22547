/* SPDX-License-Identifier: MIT */
/* A folder of a test's own: TestSuite(name, .init = make_folder, .fini = remove_folder). */
#ifndef RF_TESTS_BASE_FOLDER_H
#define RF_TESTS_BASE_FOLDER_H

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

static char folder[] = "/tmp/refold-test-XXXXXX";

static inline void
make_folder(void)
{
    cr_assert(mkdtemp(folder) != NULL);
}

static inline void
remove_folder(void)
{
    char command[64];
    (void)snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_assert(system(command) == 0);
}

/** The path of a name in it; good until four more are asked for. */
static inline const char *
in_folder(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

#endif
