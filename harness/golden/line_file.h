/* SPDX-License-Identifier: MIT */
/* A golden's file, read line by line and never held as a whole. */
#ifndef RF_GOLDEN_LINE_FILE_H
#define RF_GOLDEN_LINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/sha256.h"

/** An open file. What is read is that file's, whatever is put in its place meanwhile. */
struct rf_line_file;

/** RF_ERR_SOURCE where it is not there, is no regular file (a fifo is never waited for), or cannot
 * be read. */
RF_MUST_USE rf_code rf_line_file_open(const char *path, struct rf_line_file **ret,
                                      struct rf_err *reterr);
/** Accepts NULL. */
void rf_line_file_close(struct rf_line_file *file);

/** A line of it, without its LF. */
struct rf_file_line {
    const char *text; /**< borrowed until the next line; NULL: there is none behind the last */
    size_t bytes;
    uint64_t offset;
    bool whole; /**< it has an LF; the last one may lack it */
};

/** The next line. RF_ERR_SOURCE where the file cannot be read. One thread. */
RF_MUST_USE rf_code rf_line_file_next(struct rf_line_file *file, struct rf_file_line *ret,
                                      struct rf_err *reterr);

/** Behind the last line: how long the file was, and the SHA-256 of its bytes. Memory for reading on
 * is given back. */
uint64_t rf_line_file_end(struct rf_line_file *file, char hex[RF_SHA256_HEX_BYTES]);

/** The bytes at `offset` as they are now; what `ret` held is gone. RF_ERR_SOURCE where there are
 * not so many. Threads: any. */
RF_MUST_USE rf_code rf_line_file_again(const struct rf_line_file *file, uint64_t offset,
                                       size_t bytes, struct rf_buf *ret, struct rf_err *reterr);

#endif
