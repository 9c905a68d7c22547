/* SPDX-License-Identifier: MIT */
/* Sources as a git repository had them: REV:path/aggregate.c. */
#ifndef RF_HOST_REVISION_H
#define RF_HOST_REVISION_H

#include <stdbool.h>

#include "base/error.h"

/** Whether a build is named by a revision: "main:orders/order.c", "HEAD~3:./order.c". A file that
 * lies there under this very name is none. */
bool rf_revision_is(const char *spec);

/** Whether a folder lies in the same repository as the working folder, which git looks into: below
 * a clone within it a revision is another one. */
bool rf_revision_is_shared(const char *folder);

/** The same build, where SPEC was written in another folder than the working folder: a path that
 * is relative (rf_revision_open) is so to that one. Owned. */
char *rf_revision_from(const char *spec, const char *folder);

/** A revision's files, in a folder of ours. All zero is none. */
struct rf_checkout {
    char *folder;    /**< goes with all that is in it */
    char *root;      /**< where the files are, with a slash at its end */
    char *root_name; /**< the same in the user's words: "main:" */
    char *path;      /**< the source that was named */
    char *beside;    /**< the working folder's counterpart: there, even if the revision lacks it */
    char **working;  /**< all working trees of the repository, then NULL; NULL where it has none */
};

/**
 * Check out the revision's tree into a new folder under $TMPDIR or /tmp, so that a source finds the
 * headers beside it. By git, in the repository of the working folder, which is left as it is: no
 * worktree, no index, no branch of it is touched. As git has it, a path is the repository's own,
 * unless it begins with ./ or ../, or is . or ..
 *
 * @spec    one that rf_revision_is
 * @return  RF_OK, or RF_ERR_USAGE with git's own sentence: then nothing is left over
 */
RF_MUST_USE rf_code rf_revision_open(const char *spec, struct rf_checkout *ret,
                                     struct rf_err *reterr);

/** Removes the folder and all that is in it. Accepts one that is all zero. */
void rf_revision_drop(struct rf_checkout *checkout);

#endif
