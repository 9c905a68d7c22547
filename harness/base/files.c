/* SPDX-License-Identifier: MIT */
/* Files that are written together: all of them are replaced, or none. */
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

/* As long as each other. */
#define SUFFIX_NEW ".tmp"
#define SUFFIX_OLD ".old"

/** One file of the set. */
struct entry {
    char *shown;  /* the path as the caller gave it */
    char *target; /* links resolved */
    char *fresh;  /* the temporary; NULL once it is renamed */
    char *old;    /* a second link to what was there before, or NULL */
    bool existed;
};

struct rf_files {
    struct entry *entries;
    size_t count;
    size_t room;
    unsigned long temporaries; /* made so far, for their names */
};

struct rf_files *
rf_files_new(void)
{
    return rf_calloc(1, sizeof(struct rf_files));
}

static void
remove_temporary(char **path)
{
    if (*path != NULL) {
        (void)unlink(*path);
        free(*path);
        *path = NULL;
    }
}

void
rf_files_free(struct rf_files *files)
{
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->count; i++) {
        struct entry *entry = &files->entries[i];
        remove_temporary(&entry->fresh);
        remove_temporary(&entry->old);
        free(entry->shown);
        free(entry->target);
    }
    free(files->entries);
    free(files);
}

static char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return rf_strdup(".");
    }
    return slash == path ? rf_strdup("/") : rf_strndup(path, (size_t)(slash - path));
}

static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/** A fresh name beside the target. The process's number in it tells the next run whether its maker
 * is still alive. */
static char *
make_name(struct rf_files *files, const char *target, const char *suffix)
{
    size_t folder_bytes = (size_t)(name_of(target) - target);
    return rf_format("%.*s.%s.%ld-%lu%s", (int)folder_bytes, target, name_of(target),
                     (long)getpid(), files->temporaries++, suffix);
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

/** The process that made this temporary, `.NAME.PID-N.tmp` of `name`, or of any where that is NULL;
 * 0 where it is none. */
static long
maker_of(const char *temporary, const char *name)
{
    size_t bytes = strlen(temporary);
    size_t suffix = strlen(SUFFIX_NEW);
    if (temporary[0] != '.' || bytes <= suffix ||
        (strcmp(temporary + bytes - suffix, SUFFIX_NEW) != 0 &&
         strcmp(temporary + bytes - suffix, SUFFIX_OLD) != 0)) {
        return 0;
    }
    const char *end = temporary + bytes - suffix;
    const char *number = digits_before(temporary, end);
    if (number == end || number == temporary || number[-1] != '-') {
        return 0;
    }
    const char *process = digits_before(temporary, number - 1);
    if (process == number - 1 || process < temporary + 2 || process[-1] != '.') {
        return 0;
    }
    size_t name_bytes = (size_t)(process - 1 - (temporary + 1));
    if (name != NULL &&
        (strlen(name) != name_bytes || memcmp(temporary + 1, name, name_bytes) != 0)) {
        return 0;
    }
    errno = 0;
    long maker = strtol(process, NULL, 10);
    return errno == 0 && maker > 0 ? maker : 0;
}

/** Removes temporaries in a folder whose maker was killed: of one target, or of any. */
static void
sweep(const char *folder, const char *name)
{
    DIR *open_folder = opendir(folder);
    if (open_folder != NULL) {
        for (struct dirent *found; (found = readdir(open_folder)) != NULL;) {
            long maker = maker_of(found->d_name, name);
            if (maker > 0 && kill((pid_t)maker, 0) != 0 && errno == ESRCH) {
                (void)unlinkat(dirfd(open_folder), found->d_name, 0);
            }
        }
        (void)closedir(open_folder);
    }
}

static void
remove_stale(const char *target)
{
    char *folder = folder_of(target);
    sweep(folder, name_of(target));
    free(folder);
}

void
rf_files_sweep(const char *folder)
{
    sweep(folder, NULL);
}

/** Follows a link, so that the file behind it is replaced and the link stays. */
static char *
resolve_target(const char *path)
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

static int
open_temporary(struct rf_files *files, struct entry *entry)
{
    for (;;) {
        entry->fresh = make_name(files, entry->target, SUFFIX_NEW);
        int fd = open(entry->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) {
            return fd;
        }
        int error = errno;
        free(entry->fresh); /* not ours to remove */
        entry->fresh = NULL;
        errno = error;
        if (error != EEXIST) {
            return -1;
        }
    }
}

rf_code
rf_files_begin(struct rf_files *files, const char *path, int *ret, struct rf_err *reterr)
{
    RF_GROW(files->entries, files->room, files->count + 1);
    struct entry *entry = &files->entries[files->count++];
    *entry = (struct entry){.shown = rf_strdup(path), .target = resolve_target(path)};
    remove_stale(entry->target);

    int fd = open_temporary(files, entry);
    if (fd < 0 && errno == ENOENT) {
        return rf_fail(reterr, RF_ERR_OUTPUT, path, "cannot be written: its folder is missing");
    }
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot write beside it");
    }
    struct stat before;
    if (stat(entry->target, &before) == 0) {
        (void)fchmod(fd, before.st_mode & 07777);
    }
    *ret = fd;
    return RF_OK;
}

rf_code
rf_files_end(int fd, const char *path, bool written, struct rf_err *reterr)
{
    const char *step = "cannot write";
    bool good = written;
    if (good) {
        step = "cannot flush to disk";
        good = fsync(fd) == 0;
    }
    int error = errno;
    if (close(fd) != 0 && good) {
        step = "cannot close";
        good = false;
        error = errno;
    }
    if (!good) {
        errno = error;
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "%s", step);
    }
    return RF_OK;
}

rf_code
rf_files_add(struct rf_files *files, const char *path, const void *bytes, size_t count,
             struct rf_err *reterr)
{
    int fd;
    RF_TRY(rf_files_begin(files, path, &fd, reterr));
    return rf_files_end(fd, path, rf_fd_write(fd, bytes, count), reterr);
}

/** Keeps what is there under a second name, so that it can be put back. Without hard links there is
 * none: then a rename that fails halfway is reported as such. */
static void
keep_old(struct rf_files *files, struct entry *entry)
{
    struct stat before;
    entry->existed = lstat(entry->target, &before) == 0;
    if (!entry->existed || files->count == 1) {
        return;
    }
    entry->old = make_name(files, entry->target, SUFFIX_OLD);
    if (link(entry->target, entry->old) != 0) {
        free(entry->old);
        entry->old = NULL;
    }
}

/** Returns whether the target is again what it was. */
static bool
put_back(struct entry *entry)
{
    if (!entry->existed) {
        return unlink(entry->target) == 0;
    }
    if (entry->old == NULL || rename(entry->old, entry->target) != 0) {
        return false;
    }
    free(entry->old);
    entry->old = NULL;
    return true;
}

static rf_code
fail_rename(struct rf_files *files, size_t failed, struct rf_err *reterr)
{
    int error = errno;
    size_t replaced = 0;
    for (size_t i = failed; i-- > 0;) {
        if (!put_back(&files->entries[i])) {
            replaced++;
        }
    }
    const char *path = files->entries[failed].shown;
    if (replaced == 0) {
        errno = error;
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot put the new file into place");
    }
    return rf_fail(reterr, RF_ERR_OUTPUT, path,
                   "cannot put the new file into place: %s; %zu of %zu files are already replaced "
                   "and could not be put back",
                   strerror(error), replaced, files->count);
}

/** Makes the renames last. Some file systems refuse this for folders (EINVAL): nothing is lost. */
static rf_code
flush_folder(const struct entry *entry, struct rf_err *reterr)
{
    char *folder = folder_of(entry->target);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    int error = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    free(folder);
    if (!good) {
        errno = error;
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, entry->shown,
                             "all files are in place, but their folder cannot be flushed to disk");
    }
    return RF_OK;
}

/** Whether an entry before this one lies in the same folder. */
static bool
is_flushed(const struct rf_files *files, size_t index)
{
    const char *target = files->entries[index].target;
    size_t bytes = (size_t)(name_of(target) - target);
    for (size_t i = 0; i < index; i++) {
        const char *other = files->entries[i].target;
        if ((size_t)(name_of(other) - other) == bytes && memcmp(other, target, bytes) == 0) {
            return true;
        }
    }
    return false;
}

rf_code
rf_files_commit(struct rf_files *files, struct rf_err *reterr)
{
    for (size_t i = 0; i < files->count; i++) {
        RF_VERIFY(files->entries[i].fresh != NULL);
        keep_old(files, &files->entries[i]);
    }
    for (size_t i = 0; i < files->count; i++) {
        struct entry *entry = &files->entries[i];
        if (rename(entry->fresh, entry->target) != 0) {
            return fail_rename(files, i, reterr);
        }
        free(entry->fresh);
        entry->fresh = NULL;
    }
    for (size_t i = 0; i < files->count; i++) {
        remove_temporary(&files->entries[i].old);
    }
    for (size_t i = 0; i < files->count; i++) {
        if (!is_flushed(files, i)) {
            RF_TRY(flush_folder(&files->entries[i], reterr));
        }
    }
    return RF_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static rf_code
read_open_file(int fd, const char *path, struct rf_buf *ret, struct rf_err *reterr)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot read the file");
    }
    if (!S_ISREG(about.st_mode)) {
        return rf_fail(reterr, RF_ERR_SOURCE, path, "is no regular file");
    }
    rf_buf_reserve(ret, (size_t)about.st_size + 1);
    for (;;) {
        rf_buf_reserve(ret, 1);
        ssize_t got = read(fd, ret->bytes + ret->used, ret->room - ret->used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot read the file");
        }
        if (got == 0) {
            return RF_OK;
        }
        ret->used += (size_t)got;
    }
}

rf_code
rf_file_read(const char *path, struct rf_buf *ret, struct rf_err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot open the file");
    }
    rf_code code = read_open_file(fd, path, ret, reterr);
    (void)close(fd);
    return code;
}

/** All of it behind `before` bytes, or none. */
static bool
append_to(int fd, uint64_t before, const void *bytes, size_t count)
{
    if ((before == 0 || rf_fd_write(fd, "\n", 1)) && rf_fd_write(fd, bytes, count)) {
        return true;
    }
    int reason = errno;
    int undone = ftruncate(fd, (off_t)before);
    (void)undone; /* a device has no length */
    errno = reason;
    return false;
}

rf_code
rf_file_append(const char *path, const void *bytes, size_t count, struct rf_err *reterr)
{
    struct stat facts;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot open the file to append to it");
    }
    bool regular = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
    bool good = append_to(fd, regular ? (uint64_t)facts.st_size : 0, bytes, count);
    good = close(fd) == 0 && good;
    return good ? RF_OK : rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot append to the file");
}
