/* SPDX-License-Identifier: MIT */
/* Where a pack's blocks are. */
#include "history/pack_index.h"

#include <string.h>

#include "base/alloc.h"
#include "history/history.h"

#define BLOCK_BYTES ((size_t)8 * 8)

void
rf_pack_index_add(struct rf_pack_index *index, const struct rf_block *block)
{
    RF_GROW(index->blocks, index->block_room, index->block_count + 1);
    index->blocks[index->block_count++] = *block;
}

void
rf_pack_index_done(struct rf_pack_index *index)
{
    free(index->parts);
    free(index->blocks);
    memset(index, 0, sizeof(*index));
}

static void
put_block(const struct rf_block *block, struct rf_buf *out)
{
    rf_wire_put_number(out, block->facts.events);
    rf_wire_put_number(out, block->facts.raw_bytes);
    rf_wire_put_number(out, block->facts.inner_bytes);
    rf_wire_put_number(out, block->facts.frame_bytes);
    rf_wire_put_number(out, block->facts.stored_bytes);
    rf_wire_put_number(out, block->checksum);
    rf_wire_put_number(out, block->first_hash);
    rf_wire_put_number(out, block->last_hash);
}

void
rf_pack_index_put(const struct rf_pack_index *index, struct rf_buf *out)
{
    rf_wire_put_number(out, index->part_count);
    for (size_t i = 0; i < index->part_count; i++) {
        rf_wire_put_number(out, index->parts[i].block_count);
    }
    rf_wire_put_number(out, index->block_count);
    for (size_t i = 0; i < index->block_count; i++) {
        put_block(&index->blocks[i], out);
    }
}

static void
take_block(struct rf_wire *wire, uint64_t *offset, uint64_t end, struct rf_block *ret)
{
    ret->facts.events = rf_wire_number(wire);
    ret->facts.raw_bytes = rf_wire_number_below(wire, RF_BLOCK_RAW_MOST + 1);
    ret->facts.inner_bytes = rf_wire_number(wire);
    ret->facts.frame_bytes = rf_wire_number(wire);
    ret->facts.stored_bytes = rf_wire_number(wire);
    ret->checksum = rf_wire_number(wire);
    ret->first_hash = rf_wire_number(wire);
    ret->last_hash = rf_wire_number(wire);
    ret->offset = *offset;
    if (ret->facts.stored_bytes == 0 || ret->facts.stored_bytes > end - *offset ||
        ret->facts.events > ret->facts.raw_bytes || ret->first_hash > ret->last_hash) {
        wire->broken = true;
        return;
    }
    *offset += ret->facts.stored_bytes;
}

bool
rf_pack_index_take(struct rf_wire *wire, uint64_t begin, uint64_t end, struct rf_pack_index *ret)
{
    size_t first = 0;
    memset(ret, 0, sizeof(*ret));
    ret->part_count = (size_t)rf_wire_number_below(wire, RF_BUCKET_COUNT + 1);
    if (ret->part_count == 0 || (ret->part_count & (ret->part_count - 1)) != 0) {
        return false;
    }
    ret->parts = rf_calloc(ret->part_count, sizeof(*ret->parts));
    for (size_t i = 0; i < ret->part_count; i++) {
        ret->parts[i].first_block = first;
        ret->parts[i].block_count = (size_t)rf_wire_number_below(wire, UINT32_MAX);
        first += ret->parts[i].block_count;
    }
    ret->block_count = rf_wire_count(wire, BLOCK_BYTES);
    if (wire->broken || first != ret->block_count) {
        ret->block_count = 0;
        return false;
    }
    ret->blocks = rf_calloc(ret->block_count, sizeof(*ret->blocks));
    for (size_t i = 0; i < ret->block_count && !wire->broken; i++) {
        take_block(wire, &begin, end, &ret->blocks[i]);
    }
    return rf_wire_ended(wire) && begin == end;
}
