/* SPDX-License-Identifier: MIT */
/* Builds: compiled aggregates, as the parent knows them from a probe. The parent never loads them.
 */
#ifndef RF_WORKER_BUILD_H
#define RF_WORKER_BUILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/sha256.h"
#include "worker/conduct.h"
#include "worker/revision.h"

/** The shape of a state, for telling a map's keys from a struct's members. */
struct rf_shape {
    char *name;    /**< key of a struct's member, or NULL for elements */
    uint32_t kind; /**< REFOLD_F_… */
    struct rf_shape *fields;
    size_t field_count;
};

struct rf_build {
    char *path;      /**< as the user gave it: a file, or REV:path of a git repository */
    char *file;      /**< the shared object or program: `path`, or what was compiled from it */
    bool program;    /**< `file` is a program, not a shared object … */
    uint32_t member; /**< … and the aggregate this one of those in it */
    struct rf_checkout checkout; /**< of REV:path.c; goes with rf_build_free */
    bool compiled; /**< `file` is ours, in a folder of its own: both go with rf_build_free */
    char sha256[RF_SHA256_HEX_BYTES];      /**< of `path`: of the source, where that was given */
    char file_sha256[RF_SHA256_HEX_BYTES]; /**< of `file`, which each worker loads anew */
    char *name;
    uint32_t state_version;
    char **types; /**< sorted, without "*" */
    size_t type_count;
    bool takes_all;  /**< declares "*" */
    char **commands; /**< sorted, without "*"; NULL where it handles none */
    size_t command_count;
    bool handles_all; /**< declares the command "*" */
    bool restores;    /**< states can be made of snapshots */
    bool identifies;  /**< it reads payloads that are no JSON (key.h) */
    bool upcasts;     /**< it brings events into today's shape before it applies them */
    bool checks;      /**< it looks at an invariant behind each event */
    struct rf_conduct
        *conduct;          /**< what its code does besides folding, from the probe on; or NULL */
    struct rf_shape shape; /**< of the whole state: kind REFOLD_F_STRUCT, or 0 where the aggregate
                                writes its snapshot itself */
    /** Kept by the fold: instances that hang, found the first time and when folded once more; and
     * those that were not folded for it (RF_LIMIT_HANGS). */
    atomic_size_t hangs[2];
    atomic_size_t untried;
};

/**
 * Check `path` out where it is REV:path (revision.h), compile it where it ends in .c (with $CC or
 * cc; refold's own include folder is found beside the executable), then ask a worker what it holds.
 * @return  RF_OK or RF_ERR_USAGE: no such file, it does not compile (the compiler's first error is
 * in the text), or it does not load (both ABI versions, or the missing symbol, are named, and what
 * it was not let do); with RF_SANDBOX_REQUIRE: the system lacks a part of the sandbox
 */
RF_MUST_USE rf_code rf_build_open(const char *path, struct rf_build **ret, struct rf_err *reterr);
/** After the fold: `file` must still be what was probed, or workers may have loaded two builds.
 * RF_ERR_SOURCE otherwise. */
RF_MUST_USE rf_code rf_build_check(const struct rf_build *build, struct rf_err *reterr);
/** Accepts NULL. */
void rf_build_free(struct rf_build *build);

/** Whether the build declares this type, "*" included. */
bool rf_build_declares(const struct rf_build *build, const char *type, size_t type_bytes);

/** Whether it has a `handle`, and so takes commands at all. */
bool rf_build_handles(const struct rf_build *build);
/** Whether it takes this command. */
bool rf_build_takes_command(const struct rf_build *build, const char *command,
                            size_t command_bytes);

/** The worker program: $REFOLD_WORKER, refold-worker beside this executable (links resolved), or
 * where make install put it from there (../libexec/refold/refold-worker). Owned by the caller.
 * RF_ERR_USAGE: none of them. */
RF_MUST_USE rf_code rf_worker_program(char **ret, struct rf_err *reterr);

#endif
