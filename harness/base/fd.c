/* SPDX-License-Identifier: MIT */
/* Whole reads and writes: the system may take or give less than it was asked for. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"

/** Some systems refuse a call with more than INT_MAX bytes. */
#define PART_BYTES ((size_t)1 << 30)

static size_t
part_of(size_t left)
{
    return left < PART_BYTES ? left : PART_BYTES;
}

/** Whether a call that wrote `done` bytes leaves hope for the rest. */
static bool
is_written(ssize_t done)
{
    if (done == 0) {
        errno = ENOSPC; /* POSIX leaves open what a device means by it: it must not become a loop */
    }
    return done > 0 || (done < 0 && errno == EINTR);
}

bool
rf_fd_write(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        ssize_t done = write(fd, at, part_of(count));
        if (!is_written(done)) {
            return false;
        }
        at += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

bool
rf_fd_write_at(int fd, const void *bytes, size_t count, uint64_t offset)
{
    const char *at = bytes;
    while (count > 0) {
        ssize_t done = pwrite(fd, at, part_of(count), (off_t)offset);
        if (!is_written(done)) {
            return false;
        }
        at += done > 0 ? done : 0;
        offset += done > 0 ? (uint64_t)done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

bool
rf_fd_read(int fd, void *bytes, size_t count, size_t *ret_got)
{
    *ret_got = 0;
    while (*ret_got < count) {
        ssize_t got = read(fd, (char *)bytes + *ret_got, part_of(count - *ret_got));
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        *ret_got += got > 0 ? (size_t)got : 0;
    }
    return true;
}

bool
rf_fd_read_at(int fd, void *bytes, size_t count, uint64_t offset, size_t *ret_got)
{
    *ret_got = 0;
    while (*ret_got < count) {
        ssize_t got = pread(fd, (char *)bytes + *ret_got, part_of(count - *ret_got),
                            (off_t)(offset + *ret_got));
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        *ret_got += got > 0 ? (size_t)got : 0;
    }
    return true;
}

void
rf_fd_unblock(int fd)
{
    RF_VERIFY(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
}

void
rf_fd_tell(int fd, const void *bytes, size_t count)
{
    const char *next = bytes;
    while (count > 0) {
        ssize_t sent = send(fd, next, count, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return;
        }
        if (sent < 0 && errno != EINTR) {
            rf_bug(__FILE__, __LINE__, "a worker cannot be told: %s", strerror(errno));
        }
        if (sent > 0) {
            next += sent;
            count -= (size_t)sent;
        }
    }
}
