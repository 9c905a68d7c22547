/* SPDX-License-Identifier: MIT */
/* Sources as a git repository had them: REV:path/aggregate.c. */
#ifndef RF_WORKER_REVISION_H
#define RF_WORKER_REVISION_H

#include <stdbool.h>

#include "base/error.h"

/** Whether a build is named by a revision: "main:orders/order.c", "HEAD~3:./order.c". A file that
 * lies there under this very name is none. */
bool rf_revision_is(const char *spec);

/**
 * Check out the revision's tree into a new folder under $TMPDIR or /tmp, so that a source finds the
 * headers beside it. By git, in the repository of the working folder, which is left as it is: no
 * worktree, no index, no branch of it is touched. As git has it, a path is the repository's own,
 * unless it begins with ./ or ../.
 *
 * @ret_folder  owned by the caller, for rf_revision_drop
 * @ret_path    the file in it; owned by the caller
 * @return      RF_OK, or RF_ERR_USAGE with git's own sentence
 */
RF_MUST_USE rf_code rf_revision_open(const char *spec, char **ret_folder, char **ret_path,
                                     struct rf_err *reterr);

/** Removes the folder and all that is in it. */
void rf_revision_drop(const char *folder);

#endif
