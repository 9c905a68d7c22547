/* SPDX-License-Identifier: MIT */
/*
 * Where a pack's blocks are. Events are spread over parts, by a hash of their ids as over a
 * history's buckets, and sorted by that hash within each: an id lies in one block as a rule.
 */
#ifndef RF_HISTORY_PACK_INDEX_H
#define RF_HISTORY_PACK_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "history/pack_block.h"

struct rf_block {
    struct rf_block_facts facts;
    uint64_t offset;
    uint64_t checksum;
    uint64_t first_hash, last_hash; /**< of the ids of its events */
};

struct rf_pack_part {
    size_t first_block;
    size_t block_count;
};

/** All zero is empty. */
struct rf_pack_index {
    struct rf_pack_part *parts;
    size_t part_count; /**< a power of two, at most RF_BUCKET_COUNT: events of bucket b lie in part
                            b modulo this */
    struct rf_block *blocks;
    size_t block_count;
    size_t block_room;
};

/** Add a block to the part that was begun last. */
void rf_pack_index_add(struct rf_pack_index *index, const struct rf_block *block);
void rf_pack_index_done(struct rf_pack_index *index);

void rf_pack_index_put(const struct rf_pack_index *index, struct rf_buf *out);
/** @begin, @end  where blocks lie in the file: they must fill it without a gap
 *  @return  false where it is no such index; done with by rf_pack_index_done all the same */
bool rf_pack_index_take(struct rf_wire *wire, uint64_t begin, uint64_t end,
                        struct rf_pack_index *ret);

#endif
