/* SPDX-License-Identifier: MIT */
/* Compiling an aggregate that was given as a source. */
#ifndef RF_WORKER_COMPILE_H
#define RF_WORKER_COMPILE_H

#include "base/error.h"

/** The folder of this executable, links resolved; owned by the caller; NULL if not known. */
char *rf_own_folder(void);

/** A new folder under $TMPDIR or /tmp; owned by the caller. RF_ERR_USAGE where there can be none.
 */
RF_MUST_USE rf_code rf_scratch_folder(char **ret, struct rf_err *reterr);

/**
 * Compile one .c file to a shared object in a new folder under $TMPDIR or /tmp.
 *
 * With $CC (split at blanks) or cc. refold's headers are looked for in $REFOLD_INCLUDE, then in
 * include/ and ../include/ beside this executable.
 * @name      what errors call the source
 * @ret_file  owned by the caller; rf_compile_drop removes the file and its folder
 * @return    RF_OK or RF_ERR_USAGE with the compiler's first error
 */
RF_MUST_USE rf_code rf_compile(const char *source, const char *name, char **ret_file,
                               struct rf_err *reterr);
void rf_compile_drop(const char *file);

#endif
