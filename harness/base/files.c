/* SPDX-License-Identifier: MIT */
/* Files that are written together: all of them are replaced, or none. */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/journal.h"
#include "base/temporary.h"

/** One file of the set. */
struct entry {
    char *shown;  /* the path as the caller gave it */
    char *target; /* links resolved */
    char *fresh;  /* the temporary's path, also once it is in place; NULL: it could not be made */
    char *old;    /* a second name of what was there before, or NULL */
    bool existed;
    bool placed; /* the temporary has been renamed */
};

struct rf_files {
    struct entry *entries;
    size_t count;
    size_t room;
    unsigned long temporaries; /* made so far, for their names */
    char *folder;              /* whose files change together, or NULL */
    bool journaled;            /* its journal is there: temporaries are its files now */
};

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_files *
rf_files_new(void)
{
    return rf_calloc(1, sizeof(struct rf_files));
}

void
rf_files_together(struct rf_files *files, const char *folder)
{
    free(files->folder);
    files->folder = rf_strdup(folder);
}

static void
remove_file(char **path)
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
        if (!entry->placed && !files->journaled) {
            remove_file(&entry->fresh);
        }
        remove_file(&entry->old);
        free(entry->fresh);
        free(entry->shown);
        free(entry->target);
    }
    free(files->folder);
    free(files->entries);
    free(files);
}

/* ---- adding ---------------------------------------------------------------------------------- */

static int
open_temporary(struct rf_files *files, struct entry *entry)
{
    for (;;) {
        entry->fresh = rf_temporary_path(entry->target, files->temporaries++, RF_TEMPORARY_NEW);
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

static void
remove_stale(const char *target)
{
    char *folder = rf_folder_of(target);
    rf_temporaries_sweep(folder, rf_name_of(target));
    free(folder);
}

rf_code
rf_files_begin(struct rf_files *files, const char *path, int *ret, struct rf_err *reterr)
{
    RF_GROW(files->entries, files->room, files->count + 1);
    struct entry *entry = &files->entries[files->count++];
    *entry = (struct entry){.shown = rf_strdup(path), .target = rf_resolve_target(path)};
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

/* ---- committing: before ---------------------------------------------------------------------- */

/** Whether a file is one of those that change together by a journal. */
static bool
is_within(const struct rf_files *files, const struct entry *entry)
{
    size_t bytes = files->folder == NULL ? 0 : strlen(files->folder);
    return bytes > 0 && strncmp(entry->shown, files->folder, bytes) == 0 &&
           entry->shown[bytes] == '/' && strchr(entry->shown + bytes + 1, '/') == NULL;
}

static size_t
count_within(const struct rf_files *files)
{
    size_t count = 0;
    for (size_t i = 0; i < files->count; i++) {
        count += is_within(files, &files->entries[i]) ? 1 : 0;
    }
    return count;
}

/** Keeps what is there under a second name, so that it can be put back. Without hard links there is
 * none: then a rename that fails halfway is reported as such; nor of what is not there. A single
 * file is never put back. */
static void
keep_old(struct rf_files *files, struct entry *entry)
{
    struct stat before;
    entry->existed = lstat(entry->target, &before) == 0;
    if (files->count == 1 && files->folder == NULL) {
        return;
    }
    entry->old = rf_temporary_path(entry->target, files->temporaries++, RF_TEMPORARY_OLD);
    if (link(entry->target, entry->old) != 0) {
        free(entry->old);
        entry->old = NULL;
    }
}

static bool
flush_folder_of(const char *path)
{
    char *folder = rf_folder_of(path);
    bool good = rf_folder_flush(folder);
    int error = errno;
    free(folder);
    errno = error;
    return good;
}

/** Whether an entry before this one lies in the same folder. */
static bool
is_flushed(const struct rf_files *files, size_t index)
{
    const char *target = files->entries[index].target;
    size_t bytes = (size_t)(rf_name_of(target) - target);
    for (size_t i = 0; i < index; i++) {
        const char *other = files->entries[i].target;
        if ((size_t)(rf_name_of(other) - other) == bytes && memcmp(other, target, bytes) == 0) {
            return true;
        }
    }
    return false;
}

/** Makes what was done in all folders last. */
static rf_code
flush_folders(const struct rf_files *files, struct rf_err *reterr)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct entry *entry = &files->entries[i];
        if (!is_flushed(files, i) && !flush_folder_of(entry->target)) {
            return rf_fail_errno(reterr, RF_ERR_OUTPUT, entry->shown,
                                 "its folder cannot be flushed to disk");
        }
    }
    return RF_OK;
}

/* ---- committing: the journal ----------------------------------------------------------------- */

static rf_code
describe(const struct entry *entry, struct rf_journal_row *row, struct rf_err *reterr)
{
    bool there;
    struct rf_err err;
    *row = (struct rf_journal_row){
        .name = rf_strdup(rf_name_of(entry->shown)),
        .temporary = rf_strdup(rf_name_of(entry->fresh)),
        .existed = entry->existed,
    };
    if (!rf_journal_takes(row->name) || !rf_journal_takes(row->temporary)) {
        return rf_fail(reterr, RF_ERR_OUTPUT, entry->shown,
                       "a file of this name cannot change together with others: rename it, to A-Z "
                       "a-z 0-9 . _ -");
    }
    if (rf_journal_hash(entry->fresh, &there, &row->after, &err) != RF_OK ||
        rf_journal_hash(entry->target, &there, &row->before, &err) != RF_OK) {
        return rf_fail(reterr, RF_ERR_OUTPUT, entry->shown, "cannot be replaced: %s", err.text);
    }
    return RF_OK;
}

/** Puts the journal into its place: with that the folder's files are the new ones. */
static rf_code
place_journal(struct rf_files *files, const struct rf_buf *text, struct rf_err *reterr)
{
    struct entry entry = {.shown = rf_journal_path(files->folder)};
    entry.target = rf_strdup(entry.shown);
    int fd = open_temporary(files, &entry);
    rf_code code =
        fd < 0 ? rf_fail_errno(reterr, RF_ERR_OUTPUT, entry.shown, "cannot be written")
               : rf_files_end(fd, entry.shown, rf_fd_write(fd, text->bytes, text->used), reterr);
    if (code == RF_OK) {
        code = flush_folders(files, reterr);
    }
    if (code == RF_OK && rename(entry.fresh, entry.target) != 0) {
        code = rf_fail_errno(reterr, RF_ERR_OUTPUT, entry.shown, "cannot be put into place");
    }
    if (code == RF_OK) {
        files->journaled = true;
    } else {
        remove_file(&entry.fresh);
    }
    free(entry.fresh);
    free(entry.shown);
    free(entry.target);
    return code == RF_OK && !rf_folder_flush(files->folder)
               ? rf_fail_errno(reterr, RF_ERR_OUTPUT, files->folder,
                               "the folder cannot be flushed to disk")
               : code;
}

static rf_code
write_journal(struct rf_files *files, struct rf_err *reterr)
{
    struct rf_journal journal = {0};
    struct rf_buf text = {0};
    rf_code code = RF_OK;
    for (size_t i = 0; i < files->count && code == RF_OK; i++) {
        if (is_within(files, &files->entries[i])) {
            RF_GROW(journal.rows, journal.room, journal.count + 1);
            code = describe(&files->entries[i], &journal.rows[journal.count++], reterr);
        }
    }
    if (code == RF_OK) {
        rf_journal_write(&journal, &text);
        code = place_journal(files, &text, reterr);
    }
    rf_buf_done(&text);
    rf_journal_done(&journal);
    return code;
}

/** Returns whether it is gone: the folder's files are again what their names say. */
static bool
remove_journal(struct rf_files *files)
{
    char *path = rf_journal_path(files->folder);
    files->journaled = unlink(path) != 0;
    free(path);
    return !files->journaled;
}

/* ---- committing: the renames ----------------------------------------------------------------- */

/** Renames the files within the folder, or the others. */
static rf_code
place(struct rf_files *files, bool within, struct rf_err *reterr)
{
    for (size_t i = 0; i < files->count; i++) {
        struct entry *entry = &files->entries[i];
        if (is_within(files, entry) != within) {
            continue;
        }
        if (rename(entry->fresh, entry->target) != 0) {
            return rf_fail_errno(reterr, RF_ERR_OUTPUT, entry->shown,
                                 "cannot put the new file into place");
        }
        entry->placed = true;
    }
    return RF_OK;
}

/** With a journal the new file goes back to its temporary first: as long as that is there the new
 * one is what counts, wherever it lies. Without one nothing but the old file may be seen. */
static bool
put_back(const struct rf_files *files, struct entry *entry)
{
    bool lost = entry->existed && entry->old == NULL;
    if (lost ||
        ((files->journaled || !entry->existed) && rename(entry->target, entry->fresh) != 0)) {
        return false;
    }
    entry->placed = false;
    if (entry->existed && rename(entry->old, entry->target) != 0) {
        entry->placed = !files->journaled;
        return false;
    }
    if (entry->existed) {
        free(entry->old);
        entry->old = NULL;
    }
    return true;
}

/** Returns how many files could not be put back. */
static size_t
put_all_back(struct rf_files *files, bool within)
{
    size_t replaced = 0;
    for (size_t i = files->count; i-- > 0;) {
        struct entry *entry = &files->entries[i];
        if (entry->placed && is_within(files, entry) == within) {
            replaced += put_back(files, entry) ? 0 : 1;
        }
    }
    return replaced;
}

/** Makes everything as it was. @reterr  what failed; what could not be undone is added to it */
static rf_code
undo(struct rf_files *files, struct rf_err *reterr)
{
    struct rf_err why = *reterr;
    bool journaled = files->journaled;
    size_t replaced = put_all_back(files, true);
    if (journaled && (replaced > 0 || !remove_journal(files))) {
        return rf_fail(reterr, RF_ERR_OUTPUT, why.where,
                       "%s; nor can the files that are replaced already be put back: the new ones "
                       "count, and the next bless puts the rest into place",
                       why.text);
    }
    replaced += put_all_back(files, false);
    if (replaced > 0) {
        return rf_fail(reterr, RF_ERR_OUTPUT, why.where,
                       "%s; %zu of %zu files are already replaced and could not be put back",
                       why.text, replaced, files->count);
    }
    return RF_OK;
}

static rf_code
commit(struct rf_files *files, struct rf_err *reterr)
{
    RF_TRY(place(files, false, reterr));
    if (count_within(files) > 1) {
        RF_TRY(write_journal(files, reterr));
    }
    RF_TRY(place(files, true, reterr));
    return flush_folders(files, reterr);
}

rf_code
rf_files_commit(struct rf_files *files, struct rf_err *reterr)
{
    for (size_t i = 0; i < files->count; i++) {
        RF_VERIFY(files->entries[i].fresh != NULL);
        keep_old(files, &files->entries[i]);
    }
    rf_code code = commit(files, reterr);
    if (code != RF_OK) {
        rf_code undone = undo(files, reterr);
        (void)undone; /* what it has to say stands in reterr */
        return code;
    }
    for (size_t i = 0; i < files->count; i++) {
        remove_file(&files->entries[i].old);
    }
    if (files->journaled && !remove_journal(files)) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, files->folder,
                             "all files are in place, but %s cannot be removed: the next bless "
                             "does it",
                             RF_JOURNAL_NAME);
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

bool
rf_file_take_back(const char *path, uint64_t before, uint64_t after)
{
    struct stat facts;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    bool good = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) &&
                (uint64_t)facts.st_size == after && ftruncate(fd, (off_t)before) == 0;
    (void)close(fd);
    return good;
}
