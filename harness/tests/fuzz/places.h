/* SPDX-License-Identifier: MIT */
/* Bytes of an input as a file, for what reads from paths: in memory. */
#ifndef RF_TESTS_FUZZ_PLACES_H
#define RF_TESTS_FUZZ_PLACES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

/** The path of a file that holds these bytes, until the next call. It has no name but that. */
static inline const char *
fuzz_file(const void *bytes, size_t count)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, bytes, count, 0) != (ssize_t)count) {
        perror("a file in memory");
        abort();
    }
    return path;
}

static char fuzz_folder_path[512];

static inline void
fuzz_folder_remove(void)
{
    char *command = rf_format("rm -rf -- '%s'", fuzz_folder_path);
    (void)!system(command);
    free(command);
}

/** A folder, which is gone afterwards; not behind libFuzzer, which ends without a farewell. */
static inline const char *
fuzz_folder(void)
{
    if (fuzz_folder_path[0] == '\0') {
        const char *given = getenv("TMPDIR");
        (void)snprintf(fuzz_folder_path, sizeof(fuzz_folder_path), "%s/refold-fuzz-XXXXXX",
                       given != NULL ? given : "/tmp");
        if (mkdtemp(fuzz_folder_path) == NULL) {
            perror(fuzz_folder_path);
            abort();
        }
        (void)atexit(fuzz_folder_remove);
    }
    return fuzz_folder_path;
}

/** Puts a file into it. */
static inline void
fuzz_put(const char *name, const void *bytes, size_t count)
{
    char *path = rf_format("%s/%s", fuzz_folder(), name);
    FILE *file = fopen(path, "we");
    if (file == NULL || fwrite(bytes, 1, count, file) != count || fclose(file) != 0) {
        perror(path);
        abort();
    }
    free(path);
}

#endif
