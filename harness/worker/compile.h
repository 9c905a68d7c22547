/* SPDX-License-Identifier: MIT */
/* Compiling an aggregate that was given as a source. */
#ifndef RF_WORKER_COMPILE_H
#define RF_WORKER_COMPILE_H

#include "base/error.h"

/** The folder of this executable, links resolved; owned by the caller; NULL if not known. */
char *rf_own_folder(void);

/**
 * Compile one .c file to a shared object in a new folder under $TMPDIR or /tmp.
 *
 * With $CC (split at blanks) or cc. refold's headers are looked for in $REFOLD_INCLUDE, then in
 * include/ and ../include/ beside this executable.
 * @ret_file  owned by the caller; rf_compile_drop removes the file and its folder
 * @return    RF_OK or RF_ERR_USAGE with the compiler's first error
 */
RF_MUST_USE rf_code rf_compile(const char *source, char **ret_file, struct rf_err *reterr);
void rf_compile_drop(const char *file);

#endif
