/* SPDX-License-Identifier: MIT */
/* Walking a folder: every file below it, in no order yet. */
#ifndef RF_WALK_FOLDER_H
#define RF_WALK_FOLDER_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "walk/source.h"

/** Folders within folders. Firehose layouts have at most ten. */
#define RF_FOLDER_DEPTH 64

/**
 * Add all that lies in the folder `path` and below, but for folders themselves.
 *
 * Links are followed. A folder that is one of its own ancestors (a loop of links) is not entered
 * again: what it holds is in the list already. Never opens anything but folders.
 *
 * @golden      the golden folder, or NULL: where it lies below, its own files are no history
 * @ret_golden  how many of these were left out: added to
 * @return   RF_OK, or RF_ERR_SOURCE: a folder that cannot be read, an entry that vanished, a
 *           dangling link, more than RF_FOLDER_DEPTH folders deep; the list keeps what was found
 * Threads: safe.
 */
RF_MUST_USE rf_code rf_folder_walk(const char *path, uint32_t source, const struct stat *golden,
                                   uint64_t *ret_golden, struct rf_object_list *list,
                                   struct rf_err *reterr);

#endif
