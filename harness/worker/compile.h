/* SPDX-License-Identifier: MIT */
/* Compiling an aggregate that was given as a source. */
#ifndef RF_WORKER_COMPILE_H
#define RF_WORKER_COMPILE_H

#include "base/error.h"

/** The folder of this executable, links resolved; owned by the caller; NULL if not known. */
char *rf_own_folder(void);
/** A path as seen from a folder: an absolute one stays as it is. Owned by the caller. */
char *rf_path_from(const char *folder, const char *path);

/** A new folder under $TMPDIR or /tmp; owned by the caller. RF_ERR_USAGE where there can be none.
 */
RF_MUST_USE rf_code rf_scratch_folder(char **ret, struct rf_err *reterr);

/** A source as its file, and as errors are to call it. */
struct rf_source {
    const char *path;
    const char *name;
    const char *root;      /**< a folder of ours that it lies in, or NULL … */
    const char *root_name; /**< … and what the user calls that: "main:" for "/tmp/…/tree/" */
};

/**
 * Compile one .c file to a shared object in a new folder under $TMPDIR or /tmp.
 *
 * With $CC (split at blanks) or cc. refold's headers are looked for in $REFOLD_INCLUDE, then in
 * include/ beside this executable, then where make install put them from there (../include).
 * @ret_file  owned by the caller; rf_compile_drop removes the file and its folder
 * @return    RF_OK or RF_ERR_USAGE with the compiler's first error
 */
RF_MUST_USE rf_code rf_compile(const struct rf_source *source, char **ret_file,
                               struct rf_err *reterr);
void rf_compile_drop(const char *file);

#endif
