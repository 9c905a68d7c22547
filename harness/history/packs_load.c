/* SPDX-License-Identifier: MIT */
/* What is wanted of packs, read into the history by threads. */
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crew.h"
#include "history/packs_internal.h"

/** A part of a pack: one thread's at a time. */
struct job_part {
    const struct rf_packs_source *source;
    size_t part;
};

struct loader {
    struct rf_packs *packs;
    const struct job_part *parts;
    struct rf_writer *writer; /* NULL: ids are only asked for */
    struct rf_unpacker *unpacker;
    struct rf_buf events;
    struct rf_buf id; /* the last one that was asked for */
    bool has_id;
    bool selected;
};

/** Whether `selects` lets an event in: one question for all events of an id that follow each
 * other. */
static bool
is_selected(struct loader *loader, const struct rf_packed_event *event)
{
    const struct rf_ingest_request *request = loader->packs->request;
    if (request->selects == NULL) {
        return true;
    }
    const char *id = rf_packed_id(event);
    if (!loader->has_id || !rf_bytes_same(id, event->id_bytes, loader->id.bytes, loader->id.used)) {
        rf_buf_clear(&loader->id);
        rf_buf_add(&loader->id, id, event->id_bytes);
        loader->has_id = true;
        loader->selected = request->selects(request->select_context, id, event->id_bytes);
    }
    return loader->selected;
}

static rf_code
take_event(struct loader *loader, const struct rf_packed_event *event, struct rf_err *reterr)
{
    struct rf_packs *packs = loader->packs;
    if (event->object == UINT32_MAX || !is_selected(loader, event) || loader->writer == NULL) {
        return RF_OK;
    }
    if (packs->request->selects != NULL) {
        (void)atomic_fetch_add(&packs->kept[event->object], 1);
        rf_sums_see(rf_writer_sums(loader->writer), event);
    }
    return rf_writer_put(loader->writer, event, reterr);
}

static rf_code
take_block(struct loader *loader, const struct job_part *part, const struct rf_block *block,
           struct rf_err *reterr)
{
    rf_buf_clear(&loader->events);
    rf_buf_reserve(&loader->events, (size_t)block->facts.raw_bytes);
    RF_TRY(rf_packs_read_block(loader->packs, part->source, part->part, block, loader->unpacker,
                               loader->events.bytes, reterr));
    for (uint64_t at = 0; at < block->facts.raw_bytes;) {
        const struct rf_packed_event *event = (const void *)(loader->events.bytes + at);
        RF_TRY(take_event(loader, event, reterr));
        at += event->bytes;
    }
    return RF_OK;
}

/* ---- threads --------------------------------------------------------------------------------- */

/** Whether events of the one id that is looked up may lie in a block. */
static bool
is_wanted(const struct loader *loader, const struct rf_block *block)
{
    const struct rf_packs *packs = loader->packs;
    return packs->request->only_id == NULL || loader->writer == NULL ||
           (block->first_hash <= packs->only_hash && packs->only_hash <= block->last_hash);
}

static rf_code
take_part(void *context, size_t number, struct rf_err *reterr)
{
    struct loader *loader = context;
    const struct job_part *job = &loader->parts[number];
    const struct rf_pack_index *index = &job->source->index;
    const struct rf_pack_part *part = &index->parts[job->part];
    loader->has_id = false;
    for (size_t i = 0; i < part->block_count; i++) {
        const struct rf_block *block = &index->blocks[part->first_block + i];
        if (is_wanted(loader, block)) {
            RF_TRY(take_block(loader, job, block, reterr));
        }
    }
    return RF_OK;
}

/** All parts that may hold what is wanted. */
static struct job_part *
list_parts(const struct rf_packs *packs, bool looks_up, size_t *ret_count)
{
    struct job_part *parts = NULL;
    size_t room = 0;
    *ret_count = 0;
    for (size_t i = 0; i < packs->source_count; i++) {
        const struct rf_packs_source *source = &packs->sources[i];
        bool is_left = source->pack != NULL && source->frames == NULL;
        for (size_t j = 0; is_left && j < source->index.part_count; j++) {
            if (looks_up && packs->only_hash % source->index.part_count != j) {
                continue;
            }
            RF_GROW(parts, room, *ret_count + 1);
            parts[(*ret_count)++] = (struct job_part){source, j};
        }
    }
    return parts;
}

static rf_code
run(struct rf_packs *packs, size_t threads, bool keeps, struct rf_err *reterr)
{
    bool looks_up = keeps && packs->request->only_id != NULL;
    struct rf_crew_job job = {.work = take_part, .stop = packs->request->stop};
    struct job_part *parts = list_parts(packs, looks_up, &job.part_count);
    struct loader *loaders = rf_calloc(threads, sizeof(*loaders));
    for (size_t i = 0; i < threads; i++) {
        loaders[i].packs = packs;
        loaders[i].parts = parts;
        loaders[i].writer = keeps ? rf_history_writer(packs->history, i) : NULL;
        loaders[i].unpacker = rf_packs_borrow(packs);
    }
    rf_code code =
        job.part_count == 0 ? RF_OK : rf_crew_run(&job, loaders, sizeof(*loaders), threads, reterr);
    for (size_t i = 0; i < threads; i++) {
        rf_packs_give_back(packs, loaders[i].unpacker);
        rf_buf_done(&loaders[i].events);
        rf_buf_done(&loaders[i].id);
    }
    free(loaders);
    free(parts);
    return code;
}

rf_code
rf_packs_load(struct rf_packs *packs, size_t writers, struct rf_err *reterr)
{
    for (size_t i = 0; i < packs->source_count; i++) {
        if (packs->sources[i].pack != NULL) {
            rf_packs_add_frames(packs, &packs->sources[i]);
        }
    }
    return run(packs, writers, true, reterr);
}

rf_code
rf_packs_ask(struct rf_packs *packs, size_t threads, struct rf_err *reterr)
{
    return run(packs, threads, false, reterr);
}
