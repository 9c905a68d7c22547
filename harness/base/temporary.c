/* SPDX-License-Identifier: MIT */
/* Temporaries: files that are written beside their target. */
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

/* ---- paths ----------------------------------------------------------------------------------- */

char *
rf_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return rf_strdup(".");
    }
    return slash == path ? rf_strdup("/") : rf_strndup(path, (size_t)(slash - path));
}

const char *
rf_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

char *
rf_path_beside(const char *path, const char *name)
{
    return rf_format("%.*s%s", (int)(rf_name_of(path) - path), path, name);
}

char *
rf_resolve_target(const char *path)
{
    struct stat link;
    if (lstat(path, &link) == 0 && S_ISLNK(link.st_mode)) {
        char *resolved = realpath(path, NULL);
        if (resolved != NULL) {
            return resolved;
        }
    }
    return rf_strdup(path);
}

/* ---- names ----------------------------------------------------------------------------------- */

char *
rf_temporary_path(const char *target, unsigned long number, const char *suffix)
{
    char *name = rf_format(".%s.%ld-%lu%s", rf_name_of(target), (long)getpid(), number, suffix);
    char *path = rf_path_beside(target, name);
    free(name);
    return path;
}

/** Where the digits in front of `at` begin; not in front of `start`. */
static const char *
digits_before(const char *start, const char *at)
{
    while (at > start && at[-1] >= '0' && at[-1] <= '9') {
        at--;
    }
    return at;
}

/** Where the process's number begins in a temporary's name; NULL: it is none. */
static const char *
find_maker(const char *name)
{
    size_t bytes = strlen(name);
    size_t suffix = strlen(RF_TEMPORARY_NEW);
    if (name[0] != '.' || bytes <= suffix ||
        (strcmp(name + bytes - suffix, RF_TEMPORARY_NEW) != 0 &&
         strcmp(name + bytes - suffix, RF_TEMPORARY_OLD) != 0)) {
        return NULL;
    }
    const char *end = name + bytes - suffix;
    const char *number = digits_before(name, end);
    if (number == end || number == name || number[-1] != '-') {
        return NULL;
    }
    const char *process = digits_before(name, number - 1);
    bool good = process < number - 1 && process >= name + 2 && process[-1] == '.';
    return good ? process : NULL;
}

char *
rf_temporary_target(const char *name)
{
    const char *process = find_maker(name);
    return process == NULL ? NULL : rf_strndup(name + 1, (size_t)(process - name) - 2);
}

long
rf_temporary_maker(const char *name, const char *target)
{
    const char *process = find_maker(name);
    size_t bytes = process == NULL ? 0 : (size_t)(process - name) - 2;
    if (process == NULL ||
        (target != NULL && (strlen(target) != bytes || memcmp(name + 1, target, bytes) != 0))) {
        return 0;
    }
    errno = 0;
    long maker = strtol(process, NULL, 10);
    return errno == 0 && maker > 0 ? maker : 0;
}

/* ---- what the dead left ---------------------------------------------------------------------- */

bool
rf_temporary_is_alive(long maker)
{
    return kill((pid_t)maker, 0) == 0 || errno != ESRCH;
}

void
rf_temporaries_sweep(const char *folder, const char *target)
{
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        return;
    }
    for (struct dirent *found; (found = readdir(open_folder)) != NULL;) {
        long maker = rf_temporary_maker(found->d_name, target);
        if (maker > 0 && !rf_temporary_is_alive(maker)) {
            (void)unlinkat(dirfd(open_folder), found->d_name, 0);
        }
    }
    (void)closedir(open_folder);
}

size_t
rf_temporaries_clear(const char *folder, bool (*fits)(const char *name))
{
    size_t removed = 0;
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        return 0;
    }
    for (struct dirent *found; (found = readdir(open_folder)) != NULL;) {
        if (find_maker(found->d_name) != NULL && (fits == NULL || fits(found->d_name)) &&
            unlinkat(dirfd(open_folder), found->d_name, 0) == 0) {
            removed++;
        }
    }
    (void)closedir(open_folder);
    return removed;
}
