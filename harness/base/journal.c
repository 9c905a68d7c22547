/* SPDX-License-Identifier: MIT */
/* The journal of files that change together. */
#include "base/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/temporary.h"

#define HEAD        "refold journal 1\n"
#define HASH_DIGITS 16
#define NO_HASH     "----------------"
#define NAME_LIMIT  255
#define BLOCK_BYTES ((size_t)64 << 10)

void
rf_journal_done(struct rf_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        free(journal->rows[i].name);
        free(journal->rows[i].temporary);
    }
    free(journal->rows);
    memset(journal, 0, sizeof(*journal));
}

char *
rf_journal_path(const char *folder)
{
    return rf_format("%s/%s", folder, RF_JOURNAL_NAME);
}

bool
rf_journal_takes(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t bytes = strlen(name);
    return bytes > 0 && bytes <= NAME_LIMIT && strspn(name, allowed) == bytes &&
           strspn(name, ".") < bytes;
}

/* ---- hashes of files ------------------------------------------------------------------------- */

static rf_code
hash_open_file(int fd, const char *path, uint64_t *ret, struct rf_err *reterr)
{
    struct stat facts;
    char *block = rf_alloc(BLOCK_BYTES);
    struct rf_hasher *hasher = rf_hasher_new();
    rf_code code = RF_OK;
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        code = rf_fail(reterr, RF_ERR_SOURCE, path, "is no regular file");
    }
    rf_hasher_begin(hasher);
    for (size_t got = 1; code == RF_OK && got > 0;) {
        if (!rf_fd_read(fd, block, BLOCK_BYTES, &got)) {
            code = rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot read the file");
            break;
        }
        rf_hasher_add(hasher, block, got);
    }
    *ret = rf_hasher_end(hasher);
    rf_hasher_free(hasher);
    free(block);
    return code;
}

rf_code
rf_journal_hash(const char *path, bool *ret_there, uint64_t *ret, struct rf_err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *ret = 0;
    *ret_there = fd >= 0;
    if (fd < 0) {
        return errno == ENOENT ? RF_OK
                               : rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot open the file");
    }
    rf_code code = hash_open_file(fd, path, ret, reterr);
    (void)close(fd);
    return code;
}

/* ---- writing --------------------------------------------------------------------------------- */

void
rf_journal_write(const struct rf_journal *journal, struct rf_buf *out)
{
    size_t start = out->used;
    rf_buf_string(out, HEAD);
    for (size_t i = 0; i < journal->count; i++) {
        const struct rf_journal_row *row = &journal->rows[i];
        RF_VERIFY(rf_journal_takes(row->name) && rf_journal_takes(row->temporary));
        rf_buf_format(out, "%016" PRIx64 " ", row->after);
        if (row->existed) {
            rf_buf_format(out, "%016" PRIx64, row->before);
        } else {
            rf_buf_string(out, NO_HASH);
        }
        rf_buf_format(out, " %s %s\n", row->temporary, row->name);
    }
    rf_buf_format(out, "%016" PRIx64 "\n", rf_hash(out->bytes + start, out->used - start, 0));
}

/* ---- reading --------------------------------------------------------------------------------- */

/** 16 hex digits at the front of `text`, and the byte behind them. */
static bool
read_hash(const char *text, char behind, uint64_t *ret)
{
    if (strspn(text, RF_HEX_DIGITS) != HASH_DIGITS || text[HASH_DIGITS] != behind) {
        return false;
    }
    *ret = strtoull(text, NULL, HASH_DIGITS);
    return true;
}

/** `line` has no LF. */
static bool
read_row(struct rf_journal *journal, const char *line)
{
    struct rf_journal_row row = {0};
    static const size_t hash_bytes = HASH_DIGITS + 1;
    if (!read_hash(line, ' ', &row.after)) {
        return false;
    }
    line += hash_bytes;
    row.existed = strncmp(line, NO_HASH " ", hash_bytes) != 0;
    if (row.existed && !read_hash(line, ' ', &row.before)) {
        return false;
    }
    line += hash_bytes;
    const char *blank = strchr(line, ' ');
    if (blank == NULL) {
        return false;
    }
    row.temporary = rf_strndup(line, (size_t)(blank - line));
    row.name = rf_strdup(blank + 1);
    RF_GROW(journal->rows, journal->room, journal->count + 1);
    journal->rows[journal->count++] = row;
    /* Nothing else than a temporary of this very file may ever be moved to its place. */
    return rf_journal_takes(row.name) && rf_journal_takes(row.temporary) &&
           rf_temporary_maker(row.temporary, row.name) > 0;
}

/** Nothing of a journal that is not whole is believed. */
static bool
read_text(struct rf_journal *journal, struct rf_buf *text)
{
    static const size_t head = sizeof(HEAD) - 1;
    static const size_t end = HASH_DIGITS + 1;
    uint64_t hash;
    if (text->used < head + end || memcmp(text->bytes, HEAD, head) != 0 ||
        memchr(text->bytes, 0, text->used) != NULL) {
        return false;
    }
    const char *bytes = rf_buf_text(text);
    if (!read_hash(bytes + text->used - end, '\n', &hash) ||
        hash != rf_hash(bytes, text->used - end, 0)) {
        return false;
    }
    for (const char *at = bytes + head; at < bytes + text->used - end;) {
        const char *feed = strchr(at, '\n');
        char *line = rf_strndup(at, (size_t)(feed - at));
        bool good = read_row(journal, line);
        free(line);
        if (!good) {
            return false;
        }
        at = feed + 1;
    }
    return true;
}

/** The paths of a row's target and of its temporary; both owned. */
static void
place_row(const char *folder, const struct rf_journal_row *row, char **ret_target,
          char **ret_temporary)
{
    char *path = rf_format("%s/%s", folder, row->name);
    *ret_target = rf_resolve_target(path);
    *ret_temporary = rf_path_beside(*ret_target, row->temporary);
    free(path);
}

/** Whether a file is the old one, or is gone: it may be on its way back to its temporary. */
static rf_code
check_old(const struct rf_journal_row *row, const char *target, bool *ret, struct rf_err *reterr)
{
    bool there;
    uint64_t hash;
    RF_TRY(rf_journal_hash(target, &there, &hash, reterr));
    *ret = !there || (row->existed && hash == row->before);
    return RF_OK;
}

static rf_code
check_new(const struct rf_journal_row *row, const char *path, bool *ret, struct rf_err *reterr)
{
    bool there;
    uint64_t hash;
    RF_TRY(rf_journal_hash(path, &there, &hash, reterr));
    *ret = there && hash == row->after;
    return RF_OK;
}

/** Whether what lies there is what the journal says. */
static rf_code
check_row(const char *folder, const struct rf_journal_row *row, struct rf_err *reterr)
{
    char *target;
    char *temporary;
    bool as_written = false;
    place_row(folder, row, &target, &temporary);
    rf_code code = check_new(row, row->waits ? temporary : target, &as_written, reterr);
    if (code == RF_OK && as_written && row->waits) {
        code = check_old(row, target, &as_written, reterr);
    }
    if (code == RF_OK && !as_written) {
        code = rf_fail(reterr, RF_ERR_CORRUPT, target,
                       "was changed after a bless of it was cut off: to go by what lies there "
                       "now, remove %s/%s",
                       folder, RF_JOURNAL_NAME);
    }
    free(target);
    free(temporary);
    return code;
}

/** Which rows wait. Where none does, the journal has nothing more to say. */
static rf_code
check_rows(const char *folder, struct rf_journal *journal, struct rf_err *reterr)
{
    struct stat facts;
    for (size_t i = 0; i < journal->count; i++) {
        char *target;
        char *temporary;
        place_row(folder, &journal->rows[i], &target, &temporary);
        journal->rows[i].waits = lstat(temporary, &facts) == 0;
        journal->waiting += journal->rows[i].waits ? 1 : 0;
        free(target);
        free(temporary);
    }
    for (size_t i = 0; i < journal->count && journal->waiting > 0; i++) {
        RF_TRY(check_row(folder, &journal->rows[i], reterr));
    }
    return RF_OK;
}

rf_code
rf_journal_read(const char *folder, struct rf_journal *ret, struct rf_err *reterr)
{
    char *path = rf_journal_path(folder);
    struct rf_buf text = {0};
    struct rf_err err = {0};
    memset(ret, 0, sizeof(*ret));
    rf_code code = rf_file_read(path, &text, &err);
    ret->there = code == RF_OK;
    if (code != RF_OK && (err.sys_errno == ENOENT || err.sys_errno == ENOTDIR)) {
        code = RF_OK;
    } else if (code != RF_OK) {
        *reterr = err;
    } else if (!read_text(ret, &text)) {
        code = rf_fail(reterr, RF_ERR_CORRUPT, path,
                       "is damaged; it told which files of a bless belong together: restore the "
                       "folder from git, and remove it");
    } else {
        code = check_rows(folder, ret, reterr);
    }
    if (code != RF_OK) {
        bool there = ret->there;
        rf_journal_done(ret);
        ret->there = there;
    }
    rf_buf_done(&text);
    free(path);
    return code;
}

char *
rf_journal_place(const struct rf_journal *journal, const char *folder, const char *name)
{
    for (size_t i = 0; i < journal->count; i++) {
        const struct rf_journal_row *row = &journal->rows[i];
        if (row->waits && strcmp(row->name, name) == 0) {
            char *target;
            char *temporary;
            place_row(folder, row, &target, &temporary);
            free(target);
            return temporary;
        }
    }
    return rf_format("%s/%s", folder, name);
}

/* ---- finishing ------------------------------------------------------------------------------- */

bool
rf_folder_flush(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    int error = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = error;
    return good;
}

/** A link's target may lie elsewhere: its folder is flushed too. */
static rf_code
finish_row(const char *folder, const struct rf_journal_row *row, struct rf_err *reterr)
{
    char *target;
    char *temporary;
    place_row(folder, row, &target, &temporary);
    char *place = rf_folder_of(target);
    rf_code code = RF_OK;
    if (row->waits && rename(temporary, target) != 0) {
        code = rf_fail_errno(reterr, RF_ERR_OUTPUT, target, "cannot put the new file into place");
    } else if (!rf_folder_flush(place)) {
        code = rf_fail_errno(reterr, RF_ERR_OUTPUT, target, "its folder cannot be flushed to disk");
    }
    free(place);
    free(target);
    free(temporary);
    return code;
}

rf_code
rf_journal_finish(const char *folder, size_t *ret_moved, struct rf_err *reterr)
{
    struct rf_journal journal;
    rf_code code = rf_journal_read(folder, &journal, reterr);
    for (size_t i = 0; i < journal.count && journal.waiting > 0 && code == RF_OK; i++) {
        code = finish_row(folder, &journal.rows[i], reterr);
    }
    if (code == RF_OK && journal.there) {
        char *path = rf_journal_path(folder);
        if (unlink(path) != 0) {
            code = rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot remove the journal");
        }
        free(path);
    }
    if (ret_moved != NULL) {
        *ret_moved = journal.waiting;
    }
    rf_journal_done(&journal);
    return code;
}
