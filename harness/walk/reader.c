/* SPDX-License-Identifier: MIT */
/* Reading an object's stored bytes, and making sure that they are those that were listed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "walk/folder.h"
#include "walk/walk.h"

struct rf_reader {
    const struct rf_object *object; /* borrowed */
    char *path;                     /* owned; NULL for stdin */
    int fd;
    bool sized;      /* a regular file: its length is known, and must not change */
    bool ended;      /* the end was reached, and all checks held */
    struct stat was; /* when it was opened */
    uint64_t expected_bytes;
    uint64_t read_bytes;
};

static bool
stamp_same(struct rf_stamp a, struct rf_stamp b)
{
    return a.device == b.device && a.inode == b.inode && a.mtime_seconds == b.mtime_seconds &&
           a.mtime_nanos == b.mtime_nanos;
}

/** Standard input may be a file too, read from where it stands. */
static rf_code
open_stdin(struct rf_reader *reader, struct rf_err *reterr)
{
    reader->fd = STDIN_FILENO;
    if (fstat(reader->fd, &reader->was) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, "-", "standard input cannot be read");
    }
    off_t start = S_ISREG(reader->was.st_mode) ? lseek(reader->fd, 0, SEEK_CUR) : -1;
    if (start >= 0 && start <= reader->was.st_size) {
        reader->sized = true;
        reader->expected_bytes = (uint64_t)(reader->was.st_size - start);
    }
    return RF_OK;
}

static rf_code
open_file(struct rf_reader *reader, const char *source, struct rf_err *reterr)
{
    const struct rf_object *object = reader->object;
    reader->path = object->is_source ? rf_strdup(source) : rf_path_join(source, object->key);
    /* What was a file when it was listed may be a fifo now: O_NONBLOCK keeps open from waiting. */
    reader->fd = open(reader->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (reader->fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, object->name, "cannot be opened");
    }
    if (fstat(reader->fd, &reader->was) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, object->name, "cannot be looked at");
    }
    if (!S_ISREG(reader->was.st_mode) || (uint64_t)reader->was.st_size != object->bytes ||
        !stamp_same(rf_stamp_from_stat(&reader->was), object->stamp)) {
        return rf_fail(reterr, RF_ERR_SOURCE, object->name, "changed after it was listed");
    }
    reader->sized = true;
    reader->expected_bytes = object->bytes;
    return RF_OK;
}

rf_code
rf_reader_open(const struct rf_objects *objects, const struct rf_object *object,
               struct rf_reader **ret, struct rf_err *reterr)
{
    const char *source = objects->sources[object->source];
    if (object->special) {
        return rf_fail(reterr, RF_ERR_SOURCE, object->name,
                       "a fifo, socket or device: it is not read");
    }
    struct rf_reader *reader = rf_calloc(1, sizeof(*reader));
    reader->object = object;
    reader->fd = -1;
    bool from_stdin = object->is_source && strcmp(source, "-") == 0;
    rf_code code = from_stdin ? open_stdin(reader, reterr) : open_file(reader, source, reterr);
    if (code != RF_OK) {
        rf_reader_close(reader);
        return code;
    }
    *ret = reader;
    return RF_OK;
}

/** Compares with what the *path* now names: a file that was put in its place is a change too. */
static rf_code
check_end(struct rf_reader *reader, struct rf_err *reterr)
{
    const char *name = reader->object->name;
    struct stat now;
    int failed = reader->path == NULL ? fstat(reader->fd, &now) : stat(reader->path, &now);
    if (failed != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, name, "changed while it was read");
    }
    bool same = now.st_size == reader->was.st_size &&
                stamp_same(rf_stamp_from_stat(&now), rf_stamp_from_stat(&reader->was));
    if (!same || reader->read_bytes != reader->expected_bytes) {
        return rf_fail(reterr, RF_ERR_SOURCE, name, "changed while it was read");
    }
    return RF_OK;
}

rf_code
rf_reader_read(struct rf_reader *reader, void *bytes, size_t room, size_t *ret_got,
               struct rf_err *reterr)
{
    RF_VERIFY(room > 0);
    *ret_got = 0;
    if (reader->ended) {
        return RF_OK;
    }
    ssize_t got;
    do {
        got = read(reader->fd, bytes, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, reader->object->name, "cannot be read");
    }
    reader->read_bytes += (uint64_t)got;
    if (reader->sized && reader->read_bytes > reader->expected_bytes) {
        return rf_fail(reterr, RF_ERR_SOURCE, reader->object->name, "grew while it was read");
    }
    if (got == 0) {
        if (reader->sized) {
            RF_TRY(check_end(reader, reterr));
        }
        reader->ended = true;
    }
    *ret_got = (size_t)got;
    return RF_OK;
}

void
rf_reader_close(struct rf_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->path != NULL && reader->fd >= 0) {
        (void)close(reader->fd);
    }
    free(reader->path);
    free(reader);
}
