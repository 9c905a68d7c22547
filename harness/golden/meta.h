/* SPDX-License-Identifier: MIT */
/* The meta file beside a golden: what it was when it was blessed. contract.md, "Golden". */
#ifndef RF_GOLDEN_META_H
#define RF_GOLDEN_META_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/sha256.h"

#define RF_META_FORMAT 1

/** A `state_version`: lines of several blesses, not all of the same one. */
#define RF_META_MIXED UINT32_MAX

/** A key's check (fold/privacy.h): 16 hex digits and NUL. */
#define RF_META_CHECK_BYTES 17

/** 16 hex digits and NUL. */
#define RF_META_RULES_BYTES 17

/** 32 hex digits and NUL. */
#define RF_META_HISTORY_BYTES 33

/** Whether what a meta file says of itself (`closed`, `rules`, `selection`, `stateVersion`: in no
 * other digest) is what a bless wrote. */
enum rf_meta_seal {
    RF_META_UNSEALED, /**< nothing tells: an older refold wrote it; so is one that is being made */
    RF_META_SEALED,
    RF_META_EDITED, /**< by hand, or two of them were merged */
};

/** Strings are owned; no time, host or path: blessing the same twice gives the same bytes. */
struct rf_meta {
    char *aggregate;
    uint64_t lines;
    uint64_t rejected;                /**< lines with a rejection */
    char states[RF_SHA256_HEX_BYTES]; /**< SHA-256 of the golden's uncompressed bytes */
    char
        history[RF_META_HISTORY_BYTES]; /**< multiset of (aggregate, id, `events`) over the lines */
    char *as_of;                        /**< the bless's selection, or NULL */
    char *until;
    uint32_t state_version; /**< the aggregate's, when it was blessed; 0 is not written */
    /** The hour (RFC 3339) up to which every line holds all that came, so that a replay can go on
     * from there; or NULL. */
    char *closed;
    /** With `closed`: by which rules of the config its events were taken (rf_meta_rules). */
    char rules[RF_META_RULES_BYTES];
    uint64_t pending_lines; /**< events that were kept beside it; 0: none, and no `pending` */
    char pending[RF_SHA256_HEX_BYTES]; /**< SHA-256 of that file */
    /** What of its states stands there as keyed hashes: the rules as canonical JSON, and what tells
     * the key; NULL and "": nothing does. */
    char *private_paths;
    char private_check[RF_META_CHECK_BYTES];
    enum rf_meta_seal seal; /**< of one that was read; a manifest has another (digest_manifest.h) */
};

/** Appends all members but the last one, `states`, and no end: a manifest has more of them. No
 * `seal`. */
void rf_meta_write_front(const struct rf_meta *meta, struct rf_buf *out);
/** Appends canonical JSON and LF, sealed anew. */
void rf_meta_write(const struct rf_meta *meta, struct rf_buf *out);

/** Which events of an aggregate are folded, as far as the config says: the first version, and the
 * types that are skipped, in any order. Written is a hash of both; "" where it says nothing. */
void rf_meta_rules(int64_t first, const char *const *skips, size_t count,
                   char ret[RF_META_RULES_BYTES]);

/** What is to be done where two branches blessed: git merges their lines, but not this file. */
#define RF_META_UNMERGED                                                                           \
    "two branches blessed, and git could not merge their meta files: keep either side, see with "  \
    "'refold run' that all lines are right, and bless"
/** By git's marker at its front. */
bool rf_meta_is_unmerged(const char *text, size_t bytes);

/** @return  RF_OK; RF_ERR_MALFORMED: no meta file, or one of a newer format (*ret is then empty).
 * Members that are not known are passed over. */
RF_MUST_USE rf_code rf_meta_read(const char *text, size_t bytes, struct rf_meta *ret,
                                 struct rf_err *reterr);
void rf_meta_done(struct rf_meta *meta);

#endif
