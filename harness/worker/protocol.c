/* SPDX-License-Identifier: MIT */
/* The two hashes that both ends of the protocol compute. */
#include "worker/protocol.h"

#include "base/bytes.h"
#include "base/hash.h"

/* Both ends make a digest of each event: with a length that is known, the hash has no branches. */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
rf_digest_event(uint64_t digest, const struct rf_packed_event *event, int64_t version,
                uint64_t type_hash)
{
    unsigned char block[40];
    rf_put_le64(block, (uint64_t)version);
    rf_put_le64(block + 8, (uint64_t)event->at_seconds);
    rf_put_le64(block + 16, (uint64_t)(int64_t)event->at_nanos);
    rf_put_le64(block + 24, type_hash);
    rf_put_le64(block + 32, event->content_hash);
    return XXH3_64bits_withSeed(block, sizeof(block), digest); /* as rf_hash */
}

uint64_t
rf_answer_checksum(const struct rf_answer *answer, const char *text)
{
    struct rf_answer plain = *answer;
    plain.checksum = 0;
    uint64_t head = rf_hash(&plain, sizeof(plain), 8);
    return rf_hash(text, answer->text_bytes, head);
}
