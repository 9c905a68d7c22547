/* SPDX-License-Identifier: MIT */
/* Blocks of packs, read for the history: now, or when their buckets are. */
#include "base/alloc.h"
#include "history/packs_internal.h"

struct rf_unpacker *
rf_packs_borrow(struct rf_packs *packs)
{
    RF_VERIFY(pthread_mutex_lock(&packs->lock) == 0);
    struct rf_unpacker *unpacker = packs->idle;
    if (unpacker != NULL) {
        packs->idle = unpacker->next;
    }
    (void)pthread_mutex_unlock(&packs->lock);
    if (unpacker == NULL) {
        unpacker = rf_calloc(1, sizeof(*unpacker));
        unpacker->reader = rf_block_reader_new();
    }
    return unpacker;
}

void
rf_packs_give_back(struct rf_packs *packs, struct rf_unpacker *unpacker)
{
    RF_VERIFY(pthread_mutex_lock(&packs->lock) == 0);
    unpacker->next = packs->idle;
    packs->idle = unpacker;
    (void)pthread_mutex_unlock(&packs->lock);
}

void
rf_packs_free_unpackers(struct rf_packs *packs)
{
    while (packs->idle != NULL) {
        struct rf_unpacker *unpacker = packs->idle;
        packs->idle = unpacker->next;
        rf_block_reader_free(unpacker->reader);
        rf_buf_done(&unpacker->stored);
        free(unpacker);
    }
}

/** Whether a name may be an event type's or an aggregate's. */
static bool
is_type(const struct rf_packs_source *source, uint32_t name)
{
    return name < source->name_count && source->names[name].is_short;
}

/** Whether a name is the stencil of an event with so many holes: who fills it trusts in that. */
static bool
is_stencil(const struct rf_packs_source *source, uint32_t name, uint8_t holes)
{
    return holes == 0 ? name == RF_NAME_NONE
                      : name < source->name_count && source->names[name].holes == holes;
}

/** The history's numbers instead of the pack's; false where they are none. */
static bool
renumber(const struct rf_packs *packs, const struct rf_packs_source *source,
         struct rf_packed_event *event)
{
    const struct rf_packs_name *names = source->names;
    if (event->object >= source->pack->object_count || !is_type(source, event->type) ||
        (event->aggregate != RF_NAME_NONE && !is_type(source, event->aggregate)) ||
        !is_stencil(source, event->stencil, event->holes)) {
        return false;
    }
    event->object = source->objects[event->object];
    event->type = names[event->type].number;
    event->aggregate =
        event->aggregate == RF_NAME_NONE ? packs->only_aggregate : names[event->aggregate].number;
    event->stencil = event->holes == 0 ? RF_NAME_NONE : names[event->stencil].number;
    return true;
}

rf_code
rf_packs_read_block(const struct rf_packs *packs, const struct rf_packs_source *source, size_t part,
                    const struct rf_block *block, struct rf_unpacker *unpacker, void *room,
                    struct rf_err *reterr)
{
    const struct rf_block_facts *facts = &block->facts;
    struct rf_err wrong;
    rf_buf_clear(&unpacker->stored);
    rf_buf_reserve(&unpacker->stored, (size_t)facts->stored_bytes);
    const unsigned char *stored = (const unsigned char *)unpacker->stored.bytes;
    RF_TRY(rf_pack_read(source->pack, block->offset, unpacker->stored.bytes,
                        (size_t)facts->stored_bytes, block->checksum, reterr));
    if (rf_block_read(unpacker->reader, stored, facts, room, &wrong) != RF_OK) {
        return rf_pack_fail(source->pack, reterr, "the block at byte %llu is none: %s",
                            (unsigned long long)block->offset, wrong.text);
    }
    for (uint64_t at = 0; at < facts->raw_bytes;) {
        struct rf_packed_event *event = (void *)((char *)room + at);
        if (!renumber(packs, source, event) || event->id_hash < block->first_hash ||
            event->id_hash > block->last_hash ||
            event->id_hash % source->index.part_count != part) {
            return rf_pack_fail(source->pack, reterr,
                                "the block at byte %llu holds a foreign event",
                                (unsigned long long)block->offset);
        }
        at += event->bytes;
    }
    return RF_OK;
}

static rf_code
read_frame(const struct rf_frame *frame, void *room, struct rf_err *reterr)
{
    const struct rf_packs_frame *own = frame->context;
    struct rf_unpacker *unpacker = rf_packs_borrow(own->packs);
    rf_code code =
        rf_packs_read_block(own->packs, own->source, own->part, own->block, unpacker, room, reterr);
    rf_packs_give_back(own->packs, unpacker);
    return code;
}

void
rf_packs_add_frames(struct rf_packs *packs, struct rf_packs_source *source)
{
    const struct rf_pack_index *index = &source->index;
    if (packs->request->selects != NULL || index->part_count != RF_BUCKET_COUNT ||
        source->wanted != source->pack->object_count) {
        return;
    }
    source->frames = rf_calloc(index->block_count, sizeof(*source->frames));
    for (size_t part = 0; part < index->part_count; part++) {
        for (size_t i = 0; i < index->parts[part].block_count; i++) {
            size_t number = index->parts[part].first_block + i;
            const struct rf_block *block = &index->blocks[number];
            source->frames[number] = (struct rf_packs_frame){packs, source, part, block};
            struct rf_frame frame = {
                .where = source->pack->path,
                .bytes = (uint32_t)block->facts.raw_bytes,
                .packed_bytes = block->facts.raw_bytes,
                .read = read_frame,
                .context = &source->frames[number],
            };
            rf_history_add_frame(packs->history, part, &frame, (size_t)block->facts.events);
        }
    }
}
