/* SPDX-License-Identifier: MIT */
/* What a worker may read of the file system. */
#include "worker/places.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const rf_place_folders[] = {
    "/lib",       "/lib64",     "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64",
    "/nix/store", "/gnu/store", NULL,
};

const char *const rf_place_files[] = {"/etc/ld.so.cache", NULL};

bool
rf_place_is_library(const char *name)
{
    const char *suffix = strstr(name, ".so");
    if (suffix == NULL || suffix == name) {
        return false;
    }
    suffix += strlen(".so");
    return *suffix == '\0' || (*suffix == '.' && strspn(suffix, ".0123456789") == strlen(suffix));
}

/** Whether `path` lies right in the folder of `file`. */
static bool
is_beside(const char *file, const char *path)
{
    size_t folder = (size_t)(strrchr(file, '/') - file) + 1;
    return strncmp(file, path, folder) == 0 && strchr(path + folder, '/') == NULL;
}

static bool
is_listed(const char *file, const char *path)
{
    for (size_t i = 0; rf_place_folders[i] != NULL; i++) {
        size_t bytes = strlen(rf_place_folders[i]);
        if (strncmp(path, rf_place_folders[i], bytes) == 0 &&
            (path[bytes] == '/' || path[bytes] == '\0')) {
            return true;
        }
    }
    for (size_t i = 0; rf_place_files[i] != NULL; i++) {
        if (strcmp(path, rf_place_files[i]) == 0) {
            return true;
        }
    }
    return strcmp(path, file) == 0 ||
           (is_beside(file, path) && rf_place_is_library(strrchr(path, '/') + 1));
}

bool
rf_place_is_readable(const char *file, const char *path)
{
    char resolved[PATH_MAX];
    if (path[0] != '/' || file[0] != '/') {
        return false;
    }
    if (realpath(path, resolved) != NULL) {
        return is_listed(file, resolved);
    }
    return strstr(path, "/../") == NULL && is_listed(file, path);
}

bool
rf_place_is_glibcs(const char *path)
{
    /* Zones: those without a rule only, whose times are the same without a file. */
    static const char *const files[] = {
        "/etc/localtime",                   /* tzset, which gmtime_r, timegm and strftime call */
        "/usr/share/zoneinfo/UTC",          /* the same, with TZ=UTC … */
        "/usr/share/zoneinfo/UTC0",         /* … TZ=UTC0 … */
        "/usr/share/zoneinfo/Universal",    /* … and an empty one */
        "/proc/stat",                       /* sysconf: how many processors there are */
        "/sys/devices/system/cpu/online",   /* the same */
        "/sys/devices/system/cpu/possible", /* the same */
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(path, files[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool
rf_place_is_a_runtimes(const char *path)
{
    static const char *const files[] = {
        "/proc/self/maps",      /* glibc: where the first thread's stack lies; Rust, cgo */
        "/proc/self/exe",       /* static glibc: where it is; sanitizers */
        "/proc/self/cmdline",   /* sanitizers */
        "/proc/self/environ",   /* the same */
        "/proc/self/cgroup",    /* Rust: how many processors it may use; Go 1.25 */
        "/proc/self/mountinfo", /* the same */
        "/proc/stat",           /* glibc: how many processors there are */
        "/proc/sys/vm/overcommit_memory", /* malloc: how to give memory back */
        "/etc/ld.so.preload",             /* the loader */
        "/usr/lib/debug",                 /* Rust, for the stack of a panic */
    };
    static const char *const fronts[] = {
        "/sys/devices/system/cpu/",             /* C++: how many processors there are */
        "/sys/fs/cgroup/",                      /* Rust, Go 1.25: the same */
        "/sys/kernel/mm/transparent_hugepage/", /* Go: how large pages are */
        "/etc/ld-musl-",                        /* musl's loader: where to look */
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(path, files[i]) == 0) {
            return true;
        }
    }
    if (strstr(path, "/..") != NULL) {
        return false; /* it leads elsewhere */
    }
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        if (strncmp(path, fronts[i], strlen(fronts[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool
rf_place_is_searched(const char *path, bool folder)
{
    const char *slash = strrchr(path, '/');
    return path[0] == '/' && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) &&
           (folder || rf_place_is_library(slash + 1));
}
