/* SPDX-License-Identifier: MIT */
/* Walking a folder: every file below it, in no order yet. */
#ifndef RF_WALK_FOLDER_H
#define RF_WALK_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "walk/source.h"

/** Folders within folders. Firehose layouts have at most ten. */
#define RF_FOLDER_DEPTH 64

/** The golden folder, wherever it lies. */
struct rf_folder_golden {
    const char *path;
    struct stat stat;
    /** Whether a file right in it is one that a golden has there, and no history: to be asked of
     * the station that knows goldens (rf_walk_request). */
    bool (*owns)(const char *folder, const char *name);
    uint64_t left_out; /**< of its files: counted */
};

/**
 * Add all that lies in the folder `path` and below, but for folders themselves.
 *
 * Links are followed. A folder that is one of its own ancestors (a loop of links) is not entered
 * again: what it holds is in the list already. Opens nothing but folders, and what `owns` looks at.
 *
 * @golden   or NULL: where it lies below, its own files are no history
 * @links    or NULL: where links that were followed lead is added
 * @return   RF_OK, or RF_ERR_SOURCE: a folder that cannot be read, an entry that vanished, a
 *           dangling link, more than RF_FOLDER_DEPTH folders deep; the list keeps what was found
 * Threads: safe.
 */
RF_MUST_USE rf_code rf_folder_walk(const char *path, uint32_t source,
                                   struct rf_folder_golden *golden, struct rf_folders *links,
                                   struct rf_object_list *list, struct rf_err *reterr);

#endif
