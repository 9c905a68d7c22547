/* SPDX-License-Identifier: MIT */
/* What a user named as an aggregate, made into a file that workers can load or run. */
#ifndef RF_HOST_ARTIFACT_H
#define RF_HOST_ARTIFACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/sha256.h"
#include "host/revision.h"

/** What a file or folder is, told by its name, and a folder's by what lies in it. */
enum rf_named {
    RF_NAMED_NOTHING, /**< it is not there */
    RF_NAMED_FILE,    /**< as it is: a shared object or a program; what is no regular file */
    RF_NAMED_C,       /**< .c */
    RF_NAMED_CPP,     /**< .cpp, .cc, .cxx */
    RF_NAMED_GO,      /**< a folder with .go files or a go.mod */
    RF_NAMED_CARGO,   /**< a folder with a Cargo.toml */
    RF_NAMED_BOTH,    /**< a folder with both: nobody can tell */
    RF_NAMED_FOLDER,  /**< another folder */
};
enum rf_named rf_named_as(const char *path);

/** Borrowed of whoever holds it; several builds may. */
struct rf_artifact {
    char *file;                            /**< absolute */
    bool program;                          /**< it speaks the worker protocol; else it is loaded */
    char file_sha256[RF_SHA256_HEX_BYTES]; /**< of `file` */
    char sha256[RF_SHA256_HEX_BYTES]; /**< of a source file, where that was named; else the same */
    char *folder;                     /**< of ours, that `file` was built in; or NULL */
    struct rf_checkout checkout;      /**< of REV:…; its name in errors */
    size_t holders;
};

/**
 * Check it out where it is REV:path (revision.h), and build it where it is a source (compile.h).
 * @return  RF_OK, then rf_artifact_drop; or RF_ERR_USAGE: nothing is there, it is no aggregate of
 *          any kind, or it does not compile (the compiler's first errors are in the text)
 */
RF_MUST_USE rf_code rf_artifact_open(const char *path, struct rf_artifact **ret,
                                     struct rf_err *reterr);
/** One more holds it. */
struct rf_artifact *rf_artifact_hold(struct rf_artifact *artifact);
/** With the last holder goes all that is ours of it. Accepts NULL. */
void rf_artifact_drop(struct rf_artifact *artifact);

#endif
