/* SPDX-License-Identifier: MIT */
/* Compiling an aggregate that was given as a source: a file of C or C++, a folder of Go or Rust. */
#ifndef RF_HOST_COMPILE_H
#define RF_HOST_COMPILE_H

#include <stdbool.h>

#include "base/error.h"

/** The folder of this executable, links resolved; owned by the caller; NULL if not known. */
char *rf_own_folder(void);
/** A path as seen from a folder: an absolute one stays as it is. Owned by the caller. */
char *rf_path_from(const char *folder, const char *path);

/** What is compiled, and as errors are to call it. */
struct rf_source {
    const char *path; /**< a file, or the folder of a program */
    const char *name;
    const char *root;        /**< a folder of ours that it lies in, or NULL … */
    const char *root_name;   /**< … and what the user calls that: "main:" for "/tmp/…/tree/" */
    char *const *working;    /**< working trees, then NULL, of which nothing may go in; or NULL */
    const char *folder;      /**< that its compiler works in; NULL: refold's own */
    const char *temporaries; /**< a folder of ours for what tools keep while they run */
};

/**
 * Compile one file to the shared object `file`, for aggregate.h: of C with $CC (split at blanks) or
 * cc, of C++ with $CXX or c++. refold's headers are looked for in $REFOLD_INCLUDE, then in include/
 * beside this executable, then where make install put them from there (../include). The source's
 * own folder is left out of __FILE__: the same sources are the same bytes wherever they lie, unless
 * $CC puts more names into them (-g). A revision's names are those of its own files: whatever of
 * the working tree goes in, or may, is an error.
 * @return  RF_OK or RF_ERR_USAGE with the compiler's first error
 */
RF_MUST_USE rf_code rf_compile_file(const struct rf_source *source, bool plus_plus,
                                    const char *file, struct rf_err *reterr);

/**
 * Build the Go program (`package main`) in a folder as `file`: with the user's go, its module, its
 * GOFLAGS and caches, with cgo as go and CGO_ENABLED have it (without, where there is no C
 * compiler), and without paths in it, so that the same sources are the same bytes wherever they
 * lie.
 * @return  RF_OK or RF_ERR_USAGE with go's first errors
 */
RF_MUST_USE rf_code rf_compile_go(const struct rf_source *source, const char *file,
                                  struct rf_err *reterr);

/**
 * Build the one program of a Cargo package as `file`: `cargo build --release` there, with the
 * workspace's own target folder, so that only what changed is compiled; of a revision with one of
 * ours. Of several programs it is the package's `default-run`.
 * @return  RF_OK or RF_ERR_USAGE with cargo's first errors
 */
RF_MUST_USE rf_code rf_compile_cargo(const struct rf_source *source, const char *file,
                                     struct rf_err *reterr);

#endif
