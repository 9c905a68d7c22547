/* SPDX-License-Identifier: MIT */
/*
 * The form of a packed history, for those who write and read it.
 *
 *     head      what it is, and for which refold
 *     blocks    packed events by instance, one behind the other (history/pack_block.h)
 *     sections  objects, facts, names, rules and index, each a frame of zstd, and behind one that
 *               is very much smaller than what it holds another one, which zstd skips
 *     foot      where the sections are
 *
 * Nothing lies between or behind these. Each part has a checksum (XXH3, 64 bits, its place in the
 * file as the seed): the foot's and the head's stand in themselves, a section's in the foot, a
 * block's in the index. So what is read of a pack is known to be what was written, and nothing else
 * has to be read for that.
 */
#ifndef RF_WALK_PACK_FORMAT_H
#define RF_WALK_PACK_FORMAT_H

#include <stdint.h>

/** Raised with every change of the form. */
#define RF_PACK_FORMAT 6

#define RF_PACK_MAGIC       "\x89RFPACK\n"
#define RF_PACK_MAGIC_BYTES 8
/** Sections inflate to so many bytes at once, and beyond these to so many times their own: what is
 * more is a bomb. Whoever writes a section makes it long enough. */
#define RF_PACK_FREE_BYTES (UINT64_C(1) << 20)
#define RF_PACK_RATIO      500

/** Bytes that a section takes in the file at least, which holds so many. */
static inline uint64_t
rf_pack_stored_least(uint64_t bytes)
{
    uint64_t beyond = bytes > RF_PACK_FREE_BYTES ? bytes - RF_PACK_FREE_BYTES : 0;
    return beyond / RF_PACK_RATIO + (beyond % RF_PACK_RATIO > 0);
}

/** As this machine writes its numbers: what stands in blocks is the machine's. */
#define RF_PACK_ORDER UINT64_C(0x0123456789abcdef)

enum rf_pack_section {
    RF_PACK_OBJECTS, /**< walk: what was packed */
    RF_PACK_FACTS,   /**< history: what ingest found in each object */
    RF_PACK_NAMES,   /**< history: event types and aggregate names */
    RF_PACK_RULES,   /**< history: what the objects were read by */
    RF_PACK_INDEX,   /**< history: the blocks */
    RF_PACK_SECTION_COUNT_,
};

struct rf_pack_head {
    char magic[RF_PACK_MAGIC_BYTES];
    uint64_t order;
    uint32_t format;
    uint32_t layout; /**< how objects were read, and events packed: history's business */
    uint64_t checksum;
};

struct rf_pack_place {
    uint64_t offset;
    uint64_t stored_bytes;
    uint64_t bytes;
    uint64_t checksum;
};

struct rf_pack_foot {
    struct rf_pack_place sections[RF_PACK_SECTION_COUNT_];
    uint64_t file_bytes;
    uint64_t checksum;
    char magic[RF_PACK_MAGIC_BYTES];
};

#endif
