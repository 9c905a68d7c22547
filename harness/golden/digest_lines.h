/* SPDX-License-Identifier: MIT */
/*
 * The place of a digest golden's lines: a folder, or whatever else a source of history may be.
 *
 * A shard's lines are `AGGREGATE/SHARD-DIGEST.ndjson.gz`: three hex digits, and the first 16 of the
 * digest in the manifest. Old and new lines lie side by side, so that the manifests of several
 * branches find theirs in one place, and copying a folder to a bucket only ever adds.
 */
#ifndef RF_GOLDEN_DIGEST_LINES_H
#define RF_GOLDEN_DIGEST_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "golden/digest_manifest.h"

/** What lies there is listed once, when a first shard is read. */
struct rf_lines_place;
struct rf_lines_place *rf_lines_place_new(const char *path);
/** Accepts NULL. */
void rf_lines_place_free(struct rf_lines_place *place);

/** The file of a shard, below the place; owned. */
char *rf_lines_name(const char *aggregate, size_t shard, const struct rf_shard *about);

/** What reading a shard's lines came to. */
struct rf_lines_found {
    char *path;      /**< of the file that it is about, as reports call it; owned */
    bool removable;  /**< it is a file of its own in a folder here */
    uint64_t stored; /**< bytes that were read for it */
    /** Of RF_ERR_SOURCE: nobody brought them here; else they may be, and cannot be read … */
    bool absent;
    bool closed; /**< … as nothing of the place can */
};

/**
 * Append the text of one shard, and see that it is what the manifest tells. A shard without lines
 * has no file. Of several files of its name (folders may stand in front) one that is right will do.
 * @ret_found  its path is to be freed, whatever is returned
 * @return     RF_OK; RF_ERR_SOURCE: it is not there, or cannot be read; RF_ERR_CORRUPT: what is
 *             there is something else. Threads: any.
 */
RF_MUST_USE rf_code rf_lines_read(struct rf_lines_place *place, const char *aggregate, size_t shard,
                                  const struct rf_shard *about, struct rf_buf *ret,
                                  struct rf_lines_found *ret_found, struct rf_err *reterr);

/** How much of the lines was read for a comparison. */
struct rf_lines_use {
    uint64_t shards, lines; /**< that the manifests tell of */
    uint64_t shards_read, lines_read;
    uint64_t bytes_read;    /**< as stored */
    uint64_t shards_unread; /**< that were needed and are not there */
    char *unread;           /**< the sentence that says so, or NULL; owned */
};

#endif
