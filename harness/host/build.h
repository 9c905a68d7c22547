/* SPDX-License-Identifier: MIT */
/* Builds: compiled aggregates, as the parent knows them from a probe. The parent never loads them.
 */
#ifndef RF_HOST_BUILD_H
#define RF_HOST_BUILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/sha256.h"
#include "host/artifact.h"
#include "host/conduct.h"

/** The shape of a state, for telling a map's keys from a struct's members. */
struct rf_shape {
    char *name;    /**< key of a struct's member, or NULL for elements */
    uint32_t kind; /**< REFOLD_F_… */
    struct rf_shape *fields;
    size_t field_count;
};

/** One aggregate of what a user named. */
struct rf_build {
    char *path;      /**< as the user gave it: a file, a folder, or REV:path of a git repository */
    char *file;      /**< what workers load or run: `path`, or what was built from it */
    bool program;    /**< `file` is a program that speaks the worker protocol: its workers start it,
                          and none is forked of another */
    uint32_t member; /**< which of the program's aggregates this is; 0 of a shared object … */
    uint64_t said;   /**< … and what it said of it at the probe (program/descriptor.h: hash): each
                          time that it is started it must say the same, or nothing is folded */
    struct rf_artifact *artifact;          /**< `file`, held together with the other members */
    char sha256[RF_SHA256_HEX_BYTES];      /**< of `path`, where that is a file; else of `file` */
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
    struct rf_shape shape; /**< of the whole state: of a shared object kind REFOLD_F_STRUCT, of a
                                program any; 0 where it tells none, or writes its snapshot itself */
    /** Kept by the fold: instances that hang, found the first time, when folded once more, and in
     * worlds made for purity's sake, which say nothing of the run's own; and those that were not
     * folded, or not once more, for it (RF_LIMIT_HANGS). */
    atomic_size_t hangs[3];
    atomic_size_t untried;
};

/** The aggregates of one file or folder, in its order. All zero is none. */
struct rf_builds {
    struct rf_build **items;
    size_t count;
};

/**
 * Check `path` out where it is REV:path, build it where it is a source (artifact.h), then ask a
 * worker what it holds: of a shared object one aggregate, of a program one or more, of different
 * names.
 * @ret     for rf_builds_done
 * @return  RF_OK or RF_ERR_USAGE: no such file, it does not compile (the compiler's first errors
 * are in the text), or it does not load (both ABI versions, or the missing symbol, or what is wrong
 * with a program's first answer, are named, and what it was not let do); with RF_SANDBOX_REQUIRE:
 * the system lacks a part of the sandbox
 */
RF_MUST_USE rf_code rf_builds_open(const char *path, struct rf_builds *ret, struct rf_err *reterr);
/** Frees the list and what is in it; an item that was taken out is NULL. */
void rf_builds_done(struct rf_builds *builds);

/** The same for what holds exactly one aggregate; RF_ERR_USAGE where it holds more. */
RF_MUST_USE rf_code rf_build_open(const char *path, struct rf_build **ret, struct rf_err *reterr);
/** After the fold: `file` must still be what was probed, or workers may have loaded two builds.
 * RF_ERR_SOURCE otherwise. */
RF_MUST_USE rf_code rf_build_check(const struct rf_build *build, struct rf_err *reterr);
/** Accepts NULL. */
void rf_build_free(struct rf_build *build);

/** What a worker of a program is told behind `--member`: which one, and what it said of it. */
#define RF_BUILD_MEMBER_BYTES 32
void rf_build_print_member(const struct rf_build *build, char text[RF_BUILD_MEMBER_BYTES]);

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
