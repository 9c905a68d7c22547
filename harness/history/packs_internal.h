/* SPDX-License-Identifier: MIT */
/* What the packs of an ingest are made of: of history/packs*.c only. */
#ifndef RF_HISTORY_PACKS_INTERNAL_H
#define RF_HISTORY_PACKS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "history/pack_block.h"
#include "history/pack_index.h"
#include "history/packs.h"
#include "walk/pack.h"

struct rf_packs_source;

/** A block that is read when its bucket is. */
struct rf_packs_frame {
    struct rf_packs *packs;
    const struct rf_packs_source *source;
    size_t part;
    const struct rf_block *block;
};

/** A name of a pack. */
struct rf_packs_name {
    uint32_t number; /**< in the history */
    bool is_short;   /**< it may be an event type's or an aggregate's */
    uint8_t holes;   /**< of the stencil that it is; or 0 */
};

/** One pack, ready to be read. */
struct rf_packs_source {
    const struct rf_pack *pack; /**< NULL: nothing of it is wanted */
    struct rf_facts *facts;     /**< of each object */
    uint32_t *objects;          /**< of each object its number in the history, or UINT32_MAX */
    size_t wanted;              /**< of its objects */
    struct rf_packs_name *names;
    size_t name_count;
    struct rf_pack_index index;
    struct rf_packs_frame *frames; /**< of all blocks, or NULL */
};

/** What a thread needs to read blocks. */
struct rf_unpacker {
    struct rf_block_reader *reader;
    struct rf_buf stored;
    struct rf_unpacker *next; /**< of those that are idle */
};

struct rf_packs {
    const struct rf_ingest_request *request; /**< only until the ingest is over */
    struct rf_history *history;
    struct rf_packs_source *sources; /**< by the number of the source that is the pack */
    size_t source_count;
    atomic_uint_fast64_t *kept; /**< by object */
    uint32_t only_aggregate;    /**< a name's number, or RF_NAME_NONE */
    uint64_t only_hash;         /**< of the request's only_id */
    pthread_mutex_t lock;       /**< of what follows */
    struct rf_unpacker *idle;
};

/* ---- packs_read.c ---- */

/** An unpacker of one's own for a while. */
struct rf_unpacker *rf_packs_borrow(struct rf_packs *packs);
void rf_packs_give_back(struct rf_packs *packs, struct rf_unpacker *unpacker);
void rf_packs_free_unpackers(struct rf_packs *packs);

/**
 * Read a block's events, with the history's numbers in them (UINT32_MAX for an object that is not
 * wanted).
 * @room   block->facts.raw_bytes, aligned to 8
 * @return RF_OK; RF_ERR_CORRUPT; RF_ERR_SOURCE
 */
RF_MUST_USE rf_code rf_packs_read_block(const struct rf_packs *packs,
                                        const struct rf_packs_source *source, size_t part,
                                        const struct rf_block *block, struct rf_unpacker *unpacker,
                                        void *room, struct rf_err *reterr);

/** Where all of a source is wanted, and its parts are buckets, its blocks become the history's
 * frames: they are read when their buckets are. */
void rf_packs_add_frames(struct rf_packs *packs, struct rf_packs_source *source);

#endif
