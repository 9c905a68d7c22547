/* SPDX-License-Identifier: MIT */
/* Paths as texts. */
#include "base/path.h"

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
