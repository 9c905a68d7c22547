/* SPDX-License-Identifier: MIT */
/* What makes one finding of damage this one and no other: as known-damage.json has it. */
#ifndef RF_HISTORY_IDENTITY_H
#define RF_HISTORY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "history/damage.h"
#include "history/order.h"

/** A number that may be left out. */
struct rf_identity_number {
    bool is;
    int64_t value;
};

/**
 * Everything by which damage is told; what does not apply is NULL or not there (known_file.c has
 * the members of each kind). Two findings are the same where all of it is: whatever may decide what
 * is folded, or what was dropped, stands here by its digest. All is borrowed.
 */
struct rf_identity {
    enum rf_damage_kind kind;
    const char *object; /**< its key, wherever its source lies */
    const char *digest; /**< SHA-256 of its stored bytes */
    bool has_offset;
    uint64_t offset;
    const char *part; /**< of a malformed record: its place in it (rf_malformed), NULL: all of it */
    uint64_t bytes;   /**< … so many are lost; 0: nothing tells */
    /** How an earlier refold counted parts, so that its entries can be written as they were: no
     * finding has it. 0: it is not there. */
    uint64_t counted_part;
    const char *aggregate;
    const char *id;
    size_t id_bytes;
    struct rf_identity_number version;
    struct rf_identity_number to;     /**< of a gap: the last version that is missing */
    struct rf_identity_number golden; /**< of what is cut short: the version of its golden line */
    const char *event;                /**< SHA-256 (rf_event_sha256) of the malformed event, */
    const char *folded, *dropped;     /**< or of both sides of a conflict */
    const char *events;               /**< the hash of the events that are there, */
    const char *snapshot, *found;     /**< or of those of --from, and of those that were found */
};

#define RF_HASH_HEX_BYTES 17

/** A hash as 16 hex digits. Returns `hex`. */
const char *rf_hash_hex(uint64_t hash, char hex[RF_HASH_HEX_BYTES]);

/** Whether a text is a place as `part` has it: "66", "41/0". */
bool rf_identity_is_part(const char *text);

/** Its canonical JSON (owned); NULL where a name in it is no UTF-8, and no file could hold it. */
char *rf_identity_text(const struct rf_identity *identity);

/** SHA-256 of ["TYPE","AT" or null,DATA], canonical, numbers as they were written: equal events
 * have the same. false: its data has no canonical text. */
bool rf_event_sha256(struct rf_comparer *comparer, const struct rf_packed_event *event,
                     char hex[RF_SHA256_HEX_BYTES]);

#endif
