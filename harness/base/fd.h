/* SPDX-License-Identifier: MIT */
/* Whole reads and writes: the system may take or give less than it was asked for. */
#ifndef RF_BASE_FD_H
#define RF_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All of them go on after a signal. The descriptor is one that blocks, or a regular file. False is
 * an error, which errno tells. Threads: any. */

/** Write all `count` bytes. */
bool rf_fd_write(int fd, const void *bytes, size_t count);
/** The same at an offset in a file, wherever the descriptor stands. */
bool rf_fd_write_at(int fd, const void *bytes, size_t count, uint64_t offset);

/** Read `count` bytes; `*ret_got` is less only at the end of the file, pipe or socket. */
bool rf_fd_read(int fd, void *bytes, size_t count, size_t *ret_got);
/** The same at an offset in a file, wherever the descriptor stands. */
bool rf_fd_read_at(int fd, void *bytes, size_t count, uint64_t offset, size_t *ret_got);

/** From here on a call that would wait ends with EAGAIN. That this fails is a bug (RF_VERIFY): who
 * went on would wait for the other end for ever. */
void rf_fd_unblock(int fd);

/** Write all `count` bytes to a socket whose other end may be gone: that is seen where it is read,
 * and raises no SIGPIPE. That it fails otherwise is a bug: who went on would wait for an answer to
 * what was never said. */
void rf_fd_tell(int fd, const void *bytes, size_t count);

#endif
