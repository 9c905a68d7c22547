/* SPDX-License-Identifier: MIT */
/* What ingest found in one object, besides its events: as it is counted, and as packs keep it. */
#ifndef RF_HISTORY_FACTS_H
#define RF_HISTORY_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/time.h"
#include "base/wire.h"
#include "decode/decode.h"
#include "history/damage.h"
#include "history/history.h"

struct rf_facts {
    enum rf_object_fate fate;
    struct rf_decode_counts counts;
    uint64_t events;           /**< that were handed on */
    struct rf_damages damages; /**< malformed records, and why it is unreadable */
    bool has_first;            /**< time of the earliest and the latest event */
    struct rf_time first, last;
    bool odd_md5;            /**< its stored bytes have another MD5 than a manifest tells */
    struct rf_multiset seen; /**< of its events (rf_sums_item), where all are selected */
    char *sha256;            /**< of its stored bytes, in hex; NULL: not wanted, or not read */
};

void rf_facts_done(struct rf_facts *facts);
/** A copy of all; damages stand under this name. */
void rf_facts_copy(const struct rf_facts *facts, const char *name, struct rf_facts *ret);

/** As packs keep them, but for the digest, which stands with the object. */
void rf_facts_put(const struct rf_facts *facts, struct rf_buf *out);
void rf_facts_take(struct rf_wire *wire, struct rf_facts *ret);

#endif
