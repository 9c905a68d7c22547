/* SPDX-License-Identifier: MIT */
/* A file that was listed: its bytes, and making sure that it stays that file. */
#include "walk/listed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct rf_stamp
rf_stamp_from_stat(const struct stat *stat)
{
    return (struct rf_stamp){
        .device = (uint64_t)stat->st_dev,
        .inode = (uint64_t)stat->st_ino,
        .mtime_seconds = (int64_t)stat->st_mtim.tv_sec,
        .mtime_nanos = (int64_t)stat->st_mtim.tv_nsec,
    };
}

static bool
stamp_same(struct rf_stamp a, struct rf_stamp b)
{
    return a.device == b.device && a.inode == b.inode && a.mtime_seconds == b.mtime_seconds &&
           a.mtime_nanos == b.mtime_nanos;
}

rf_code
rf_listed_open_stdin(struct rf_listed *file, struct rf_err *reterr)
{
    *file = (struct rf_listed){.name = "-", .fd = STDIN_FILENO};
    if (fstat(file->fd, &file->was) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, "-", "standard input cannot be read");
    }
    off_t start = S_ISREG(file->was.st_mode) ? lseek(file->fd, 0, SEEK_CUR) : -1;
    if (start >= 0 && start <= file->was.st_size) {
        file->sized = true;
        file->expected_bytes = (uint64_t)(file->was.st_size - start);
    }
    return RF_OK;
}

rf_code
rf_listed_open(struct rf_listed *file, char *path, const char *name, uint64_t bytes,
               struct rf_stamp stamp, struct rf_err *reterr)
{
    /* What was a file when it was listed may be a fifo now: O_NONBLOCK keeps open from waiting. */
    *file = (struct rf_listed){
        .name = name,
        .path = path,
        .fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
    };
    if (file->fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, name, "cannot be opened");
    }
    if (fstat(file->fd, &file->was) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, name, "cannot be looked at");
    }
    if (!S_ISREG(file->was.st_mode) || (uint64_t)file->was.st_size != bytes ||
        !stamp_same(rf_stamp_from_stat(&file->was), stamp)) {
        return rf_fail(reterr, RF_ERR_SOURCE, name, "changed after it was listed");
    }
    file->sized = true;
    file->expected_bytes = bytes;
    return RF_OK;
}

rf_code
rf_listed_check(const struct rf_listed *file, struct rf_err *reterr)
{
    struct stat now;
    if (!file->sized) {
        return RF_OK;
    }
    int failed = file->path == NULL ? fstat(file->fd, &now) : stat(file->path, &now);
    if (failed != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, file->name, "changed while it was read");
    }
    if (now.st_size != file->was.st_size ||
        !stamp_same(rf_stamp_from_stat(&now), rf_stamp_from_stat(&file->was))) {
        return rf_fail(reterr, RF_ERR_SOURCE, file->name, "changed while it was read");
    }
    return RF_OK;
}

/** At the end. */
static rf_code
check_whole(const struct rf_listed *file, struct rf_err *reterr)
{
    RF_TRY(rf_listed_check(file, reterr));
    if (file->sized && file->read_bytes != file->expected_bytes) {
        return rf_fail(reterr, RF_ERR_SOURCE, file->name, "changed while it was read");
    }
    return RF_OK;
}

rf_code
rf_listed_read(struct rf_listed *file, void *bytes, size_t room, size_t *ret_got,
               struct rf_err *reterr)
{
    *ret_got = 0;
    ssize_t got;
    do {
        got = read(file->fd, bytes, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, file->name, "cannot be read");
    }
    file->read_bytes += (uint64_t)got;
    if (file->sized && file->read_bytes > file->expected_bytes) {
        return rf_fail(reterr, RF_ERR_SOURCE, file->name, "grew while it was read");
    }
    *ret_got = (size_t)got;
    return got > 0 ? RF_OK : check_whole(file, reterr);
}

void
rf_listed_close(struct rf_listed *file)
{
    if (file->path != NULL && file->fd >= 0) {
        (void)close(file->fd);
    }
    free(file->path);
    *file = (struct rf_listed){.fd = -1};
}

rf_code
rf_listed_stream_read(void *stream, void *bytes, size_t room, size_t *ret_got,
                      struct rf_err *reterr)
{
    return rf_listed_read(stream, bytes, room, ret_got, reterr);
}

void
rf_listed_stream_close(void *stream)
{
    rf_listed_close(stream);
    free(stream);
}
