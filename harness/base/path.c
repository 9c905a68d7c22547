/* SPDX-License-Identifier: MIT */
/* Paths as texts. */
#include "base/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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
