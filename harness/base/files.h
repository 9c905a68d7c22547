/* SPDX-License-Identifier: MIT */
/* Files that are written together: all of them are replaced, or none. */
#ifndef RF_BASE_FILES_H
#define RF_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/**
 * A set of files in the making. Each is written to a temporary beside its target
 * (`.NAME.PID-N.tmp`) and fsynced; rf_files_commit then renames them all. Until then no target is
 * touched, and a process that is killed leaves at most temporaries, which the next set with the
 * same target removes. Threads: one at a time.
 */
struct rf_files;
struct rf_files *rf_files_new(void);

/**
 * The files of `folder` that are in the set change together, also for whoever reads them meanwhile,
 * and where this process is killed: by a journal there (base/journal.h). Files of other folders are
 * in place before; nobody may be misled by finding them early. The paths of files within are
 * `<folder>/<name>`, and their names fit a journal. Whoever commits has the folder locked, and has
 * finished a journal that was left there.
 */
void rf_files_together(struct rf_files *files, const char *folder);
/** Removes what was written and not committed. Accepts NULL. */
void rf_files_free(struct rf_files *files);

/**
 * Write one file's temporary. A target that exists keeps its permissions; where it is a link, the
 * file behind it is replaced.
 * @return  RF_OK; RF_ERR_OUTPUT with the target's path and errno (the set may still be freed)
 */
RF_MUST_USE rf_code rf_files_add(struct rf_files *files, const char *path, const void *bytes,
                                 size_t count, struct rf_err *reterr);

/** The same for a file that is written piece by piece, to the descriptor that this gives. Whatever
 * comes of it, it is ended. */
RF_MUST_USE rf_code rf_files_begin(struct rf_files *files, const char *path, int *ret,
                                   struct rf_err *reterr);
/** @written  whether all of it was written; if not, errno tells why */
RF_MUST_USE rf_code rf_files_end(int fd, const char *path, bool written, struct rf_err *reterr);

/**
 * Rename all of them into place, and fsync their folders. Where something fails, the files that
 * were already replaced are put back.
 * @return  RF_OK; RF_ERR_OUTPUT: no target changed, or the text says which state they are in
 */
RF_MUST_USE rf_code rf_files_commit(struct rf_files *files, struct rf_err *reterr);

/**
 * Write behind what a file holds, on a line of its own; the file is made where it is not there. It
 * may be a device or a pipe.
 * @return  RF_OK; RF_ERR_OUTPUT: the file holds what it held before
 */
RF_MUST_USE rf_code rf_file_append(const char *path, const void *bytes, size_t count,
                                   struct rf_err *reterr);
/** Cut a regular file back to the `before` bytes that it held before something was appended; only
 * where it still ends there, at `after`. Returns whether it did. */
bool rf_file_take_back(const char *path, uint64_t before, uint64_t after);

/** Append a regular file's bytes. RF_ERR_SOURCE where it is not there, is no regular file (a fifo
 * is never waited for), or cannot be read. */
RF_MUST_USE rf_code rf_file_read(const char *path, struct rf_buf *ret, struct rf_err *reterr);

#endif
