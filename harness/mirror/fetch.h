/* SPDX-License-Identifier: MIT */
/* What lies on a server is mirrored into a folder, with the same keys. */
#ifndef RF_MIRROR_FETCH_H
#define RF_MIRROR_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "walk/walk.h"

struct rf_fetch_request {
    struct rf_walk_request walk; /**< of one source; borrowed */
    const char *folder;
    size_t jobs;
    bool verify;  /**< files that are here are read, and not only looked at */
    bool removes; /**< what is no longer there goes, of what was fetched before */
    bool dry;     /**< nothing is fetched, written or removed */
    /** What is to be fetched, told once before it begins; bytes may be RF_BYTES_UNKNOWN. */
    void (*begin)(void *context, uint64_t objects, uint64_t bytes);
    void *context;
    atomic_uint_fast64_t *objects_done; /**< counted up meanwhile */
    atomic_uint_fast64_t *bytes_done;
};

/** An object that is not here now, and why. */
struct rf_fetch_failure {
    char *key;
    char *text;
    rf_code code;
};

/** Objects and their bytes. */
struct rf_fetch_sum {
    uint64_t objects;
    uint64_t bytes;
};

/**
 * What came of it. In a dry run `fetched` is what would be, and `removed` too.
 *
 *     listed = fetched + kept + refused + failed
 */
struct rf_fetch_result {
    struct rf_fetch_sum listed;  /**< bytes as far as the listing tells */
    struct rf_fetch_sum fetched; /**< now */
    struct rf_fetch_sum kept;    /**< were here, and are the same */
    bool bytes_unknown;          /**< some sizes are not known before they come */
    uint64_t refused;            /**< whose key can be no file here */
    uint64_t failed;             /**< could not be had, or put here; not tried ones too */
    uint64_t untried;            /**< of these */
    uint64_t markers;            /**< empty objects whose key ends with a slash; not in `listed` */
    uint64_t ours;               /**< what another fetch wrote, of its own; not in `listed` */
    char *ours_sample;           /**< or NULL */
    uint64_t changed;            /**< of `fetched`: another version than the one that was here */
    uint64_t altered;            /**< of `fetched`: their file was not as it had been fetched */
    struct rf_fetch_sum resumed; /**< of `fetched`: bytes that were here already */
    uint64_t gone;               /**< fetched before, and no longer there */
    struct rf_fetch_sum removed; /**< of these */
    char **gone_keys;            /**< in order; rf_limits.listed at most */
    size_t gone_listed;
    /** Refused and failed ones by their code, listed or not; untried ones have none. */
    uint64_t failed_by[RF_ERR_INTERRUPTED + 1];
    struct rf_fetch_failure *failures; /**< in order of their keys; rf_limits.listed at most */
    size_t failure_count;
    char *altered_sample; /**< the first of them, or NULL */
    char *changed_sample;
    uint64_t outside;      /**< left out by --since and --until */
    uint64_t hourless;     /**< of these: in no hour folder */
    char *hourless_sample; /**< or NULL */
    uint64_t requests, retries, received;
    char seal[RF_SHA256_HEX_BYTES]; /**< of the manifest; "": none was written */
};
void rf_fetch_result_done(struct rf_fetch_result *result);

/**
 * List, see what is here, fetch the rest, and write the manifest (walk/fetched.h).
 *
 * An object is here when its file is whole under its name: it is written elsewhere before. What a
 * listing and an ETag call the same is the same; a file is the one that was fetched by size and
 * time, or by its contents where these do not tell. Nothing that was not fetched is ever replaced
 * or removed. What cannot be fetched is a failure, and the rest goes on.
 *
 * @ret      for rf_fetch_result_done, whatever is returned
 * @return   RF_OK, with failures too; RF_ERR_USAGE: as rf_walk, a source that lies on no server, a
 *           folder that is somebody else's, no object; RF_ERR_SOURCE: as rf_walk, a folder that
 *           another refold is changing, too many failures in a row; RF_ERR_CORRUPT: the manifest is
 *           not as it was written; RF_ERR_OUTPUT: the folder takes no more, or the manifest cannot
 *           be written; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_mirror(const struct rf_fetch_request *request, struct rf_fetch_result *ret,
                              struct rf_err *reterr);

#endif
