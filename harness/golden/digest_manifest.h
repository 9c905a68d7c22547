/* SPDX-License-Identifier: MIT */
/*
 * The manifest of a digest golden, `<aggregate>.digest.json`: what git keeps of a golden whose
 * lines are too many for it. contract.md, "Digest goldens"; harness/docs/adr/0011.
 *
 * The lines are cut into shards by a hash of the id. Of each the manifest has the number of lines
 * and the SHA-256 of their text: who folds a shard's instances can tell that nothing differs
 * without reading a line.
 */
#ifndef RF_GOLDEN_DIGEST_MANIFEST_H
#define RF_GOLDEN_DIGEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/sha256.h"
#include "golden/meta.h"

/** So many that one shard is less than 1/256 of the lines also where it is larger than others, and
 * so few that the manifest stays below 64 KiB. A part of the format. */
#define RF_SHARD_COUNT 512

/** What is known of one shard's lines. */
struct rf_shard {
    uint64_t lines;
    char digest[RF_SHA256_HEX_BYTES]; /**< of their text: sorted by id, each with its LF */
};

struct rf_manifest {
    struct rf_meta
        meta; /**< `states` is the SHA-256 of all that stands in front of it in the file */
    struct rf_shard shards[RF_SHARD_COUNT];
};

/** The shard of an instance: those of a bucket of the history all have the same. */
size_t rf_shard_of(const char *id, size_t id_bytes);
/** Sets the digest to that of this text. */
void rf_shard_seal(struct rf_shard *shard, const struct rf_buf *text);
bool rf_shard_same(const struct rf_shard *a, const struct rf_shard *b);

/** Appends the file's text, and sets meta.states. A line for each shard, so that git shows which of
 * them changed, and merges what does not touch. */
void rf_manifest_write(struct rf_manifest *manifest, struct rf_buf *out);

/**
 * @return  RF_OK; RF_ERR_MALFORMED: no manifest, one of a newer format, or not as it was written
 * (*ret is then empty), with a sentence that says what to do
 */
RF_MUST_USE rf_code rf_manifest_read(const char *text, size_t bytes, struct rf_manifest *ret,
                                     struct rf_err *reterr);
void rf_manifest_done(struct rf_manifest *manifest);

#endif
