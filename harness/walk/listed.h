/* SPDX-License-Identifier: MIT */
/* A file that was listed: its bytes, and making sure that it stays that file from its first byte to
 * its last. */
#ifndef RF_WALK_LISTED_H
#define RF_WALK_LISTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "walk/walk.h"

/** A file that is being read; all zero but fd = -1: none. */
struct rf_listed {
    const char *name; /**< what messages call it, borrowed */
    char *path;       /**< owned; NULL for stdin */
    int fd;
    bool sized;      /**< a regular file: its length is known, and must not change */
    struct stat was; /**< when it was opened */
    uint64_t expected_bytes;
    uint64_t read_bytes;
};

/** What `stat` tells of a file's state. */
struct rf_stamp rf_stamp_from_stat(const struct stat *stat);

/* Errors of all of them are RF_ERR_SOURCE. */

/** @path  taken over, also where it fails
 *  @name  borrowed
 *  @bytes, @stamp  what it was when it was listed: anything else is refused */
RF_MUST_USE rf_code rf_listed_open(struct rf_listed *file, char *path, const char *name,
                                   uint64_t bytes, struct rf_stamp stamp, struct rf_err *reterr);
/** Standard input, which may be a file too, read from where it stands. */
RF_MUST_USE rf_code rf_listed_open_stdin(struct rf_listed *file, struct rf_err *reterr);

/** As rf_reader_read: at the end the file is checked. */
RF_MUST_USE rf_code rf_listed_read(struct rf_listed *file, void *bytes, size_t room,
                                   size_t *ret_got, struct rf_err *reterr);

/** That it is still what was opened, and that this is what the *path* names: a file that was put in
 * its place is a change too. Of a pipe no one can tell. */
RF_MUST_USE rf_code rf_listed_check(const struct rf_listed *file, struct rf_err *reterr);

/** Also of a file that could not be opened. */
void rf_listed_close(struct rf_listed *file);

/* A stream of a source's kind (walk/source.h) that is just an rf_listed, on the heap. */
rf_code rf_listed_stream_read(void *stream, void *bytes, size_t room, size_t *ret_got,
                              struct rf_err *reterr);
void rf_listed_stream_close(void *stream);

#endif
