/* SPDX-License-Identifier: MIT */
/* Paths as texts. */
#include "base/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

char *
rf_path_join(const char *folder, const char *key)
{
    size_t bytes = strlen(folder);
    while (bytes > 0 && folder[bytes - 1] == '/') {
        bytes--;
    }
    size_t key_bytes = strlen(key);
    char *path = rf_alloc(bytes + 1 + key_bytes + 1);
    memcpy(path, folder, bytes);
    path[bytes] = '/';
    memcpy(path + bytes + 1, key, key_bytes + 1);
    return path;
}

char *
rf_path_below(const char *prefix, const char *key)
{
    size_t bytes = strlen(prefix);
    return rf_format("%s%s%s", prefix, bytes > 0 && prefix[bytes - 1] == '/' ? "" : "/", key);
}

/** Whether this is one step, TEXT. */
static bool
is_step(const char *step, size_t bytes, const char *text)
{
    return bytes == strlen(text) && memcmp(step, text, bytes) == 0;
}

/** One step on from a path without links; takes that over. */
static char *
walk_step(char *path, const char *step, size_t bytes)
{
    if (bytes == 0 || is_step(step, bytes, ".")) {
        return path;
    }
    if (is_step(step, bytes, "..")) {
        char *slash = strrchr(path, '/');
        if (slash != NULL) {
            slash[slash == path] = '\0';
        }
        return path;
    }
    char *name = rf_strndup(step, bytes);
    char *longer = rf_path_join(path, name);
    free(name);
    free(path);
    return longer;
}

char *
rf_path_real(const char *path)
{
    char *real = realpath(path, NULL);
    if (real == NULL && errno == ENOMEM) {
        rf_out_of_memory();
    }
    return real;
}

char *
rf_path_resolve(const char *path)
{
    char *front = rf_strdup(path);
    char *resolved = rf_path_real(front);
    while (resolved == NULL && front[0] != '\0') {
        char *slash = strrchr(front, '/');
        *(slash == NULL ? front : slash) = '\0';
        resolved = rf_path_real(front[0] != '\0' ? front : path[0] == '/' ? "/" : ".");
    }
    const char *rest = path + strlen(front);
    free(front);
    resolved = resolved == NULL ? rf_strdup(".") : resolved; /* the working folder is gone */
    while (*rest != '\0') {
        size_t bytes = strcspn(rest, "/");
        resolved = walk_step(resolved, rest, bytes);
        rest += bytes + (rest[bytes] == '/');
    }
    return resolved;
}

bool
rf_path_are_one(const char *a, const char *b)
{
    struct stat left;
    struct stat right;
    return strcmp(a, b) == 0 || (stat(a, &left) == 0 && stat(b, &right) == 0 &&
                                 left.st_dev == right.st_dev && left.st_ino == right.st_ino);
}

/** How many bytes in front of both are the same folder's, without a slash behind. */
static size_t
count_shared(const char *a, const char *b)
{
    size_t shared = 0;
    for (size_t i = 0;; i++) {
        bool is_step_end = (a[i] == '\0' || a[i] == '/') && (b[i] == '\0' || b[i] == '/');
        shared = is_step_end ? i : shared;
        if (a[i] == '\0' || a[i] != b[i]) {
            return shared;
        }
    }
}

/** @here, @there  as rf_path_real gives them */
static char *
make_way(const char *here, const char *there)
{
    size_t shared = count_shared(here, there);
    char *way = NULL;
    for (const char *at = here + shared; (at = strchr(at, '/')) != NULL && at[1] != '\0'; at++) {
        char *up = way == NULL ? rf_strdup("..") : rf_path_join("..", way);
        free(way);
        way = up;
    }
    way = way == NULL ? rf_strdup(".") : way;
    const char *rest = there + shared + (there[shared] == '/');
    char *whole = *rest == '\0' ? rf_strdup(way) : rf_path_join(way, rest);
    free(way);
    return whole;
}

char *
rf_path_way(const char *folder)
{
    char *here = rf_path_real(".");
    char *there = rf_path_real(folder);
    char *way = here == NULL || there == NULL ? NULL : make_way(here, there);
    free(here);
    free(there);
    return way;
}
