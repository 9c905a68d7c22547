/* SPDX-License-Identifier: MIT */
/* Folder trees for tests, made below the system's folder for temporary files. */
#ifndef RF_TESTS_WALK_TREE_H
#define RF_TESTS_WALK_TREE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"

/** A fresh folder; owned, for tree_free. */
static inline char *
tree_new(void)
{
    const char *folder = getenv("TMPDIR");
    char *root = rf_format("%s/refold-test-XXXXXX", folder == NULL ? P_tmpdir : folder);
    cr_assert_not_null(mkdtemp(root));
    return root;
}

/** Makes all folders that lead to ROOT/KEY, and returns that path (owned). */
static inline char *
tree_path(const char *root, const char *key)
{
    char *path = rf_format("%s/%s", root, key);
    for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    return path;
}

static inline void
tree_file(const char *root, const char *key, const char *text)
{
    char *path = tree_path(root, key);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    cr_assert_eq(fclose(file), 0);
    free(path);
}

static inline void
tree_link(const char *root, const char *key, const char *target)
{
    char *path = tree_path(root, key);
    cr_assert_eq(symlink(target, path), 0, "%s", path);
    free(path);
}

static inline int
tree_remove_one(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void
tree_free(char *root)
{
    cr_expect_eq(nftw(root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0, "%s", root);
    free(root);
}

#endif
