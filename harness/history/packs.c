/* SPDX-License-Identifier: MIT */
/* The packs from which objects of an ingest come: opened and checked. */
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/stencil.h"
#include "history/pack_rules.h"
#include "history/packs_internal.h"

/** No data is longer that has a stencil, whose ends are 16 bits. */
#define STENCIL_BYTES_MOST UINT16_MAX

/* ---- opening --------------------------------------------------------------------------------- */

static rf_code
check_rules(const struct rf_packs *packs, const struct rf_pack *pack, struct rf_err *reterr)
{
    struct rf_buf then = {0};
    struct rf_buf now = {0};
    if (pack->layout != rf_pack_layout()) {
        return rf_fail(reterr, RF_ERR_USAGE, pack->path,
                       "this pack was made by another version of refold: pack the objects again");
    }
    rf_code code = rf_pack_section(pack, RF_PACK_RULES, &then, reterr);
    rf_pack_rules(packs->request, &now);
    if (code == RF_OK && !rf_bytes_same(then.bytes, then.used, now.bytes, now.used)) {
        code = rf_fail(
            reterr, RF_ERR_USAGE, pack->path,
            "was packed with other rules (%.160s) than hold now (%.160s): pack the "
            "objects again, or give -e, \"streams\", and aggregates that identify (-a) as they "
            "were",
            rf_buf_text(&then), rf_buf_text(&now));
    }
    rf_buf_done(&then);
    rf_buf_done(&now);
    return code;
}

static rf_code
read_facts(struct rf_packs_source *source, struct rf_err *reterr)
{
    const struct rf_pack *pack = source->pack;
    struct rf_buf bytes = {0};
    rf_code code = rf_pack_section(pack, RF_PACK_FACTS, &bytes, reterr);
    struct rf_wire wire = rf_wire_begin(bytes.bytes, bytes.used);
    source->facts = rf_calloc(pack->object_count, sizeof(*source->facts));
    for (size_t i = 0; i < pack->object_count && !wire.broken; i++) {
        const char *sha256 = pack->objects[i].sha256;
        rf_facts_take(&wire, &source->facts[i]);
        source->facts[i].sha256 = sha256 == NULL ? NULL : rf_strdup(sha256);
    }
    if (code == RF_OK && !rf_wire_ended(&wire)) {
        code = rf_pack_fail(pack, reterr, "what it says of its objects is not about them");
    }
    rf_buf_done(&bytes);
    return code;
}

/** Holes of the stencil that a name is; 0: it is none. */
static uint8_t
count_holes(const char *text, size_t bytes)
{
    struct rf_stencil stencil = {0};
    uint8_t holes = 0;
    if (memchr(text, RF_STENCIL_HOLE, bytes) != NULL && rf_stencil_read(text, bytes, &stencil)) {
        holes = (uint8_t)stencil.count;
        rf_stencil_done(&stencil);
    }
    return holes;
}

static rf_code
read_names(struct rf_packs *packs, struct rf_packs_source *source, struct rf_err *reterr)
{
    struct rf_names *names = rf_history_names(packs->history);
    struct rf_buf bytes = {0};
    rf_code code = rf_pack_section(source->pack, RF_PACK_NAMES, &bytes, reterr);
    struct rf_wire wire = rf_wire_begin(bytes.bytes, bytes.used);
    size_t count = rf_wire_count(&wire, 8);
    bool full = false;
    source->names = rf_calloc(count, sizeof(*source->names));
    for (size_t i = 0; i < count && !wire.broken; i++) {
        size_t text_bytes;
        char *text = rf_wire_text(&wire, &text_bytes);
        wire.broken = wire.broken || text == NULL || text_bytes > STENCIL_BYTES_MOST;
        if (!wire.broken) {
            struct rf_packs_name *name = &source->names[source->name_count++];
            name->number = rf_names_number(names, text, text_bytes);
            name->is_short = text_bytes <= RF_LIMIT_NAME_BYTES;
            name->holes = count_holes(text, text_bytes);
            wire.broken = !name->is_short && name->holes == 0;
            full = full || name->number == UINT32_MAX;
        }
        free(text);
    }
    rf_buf_done(&bytes);
    RF_TRY(code);
    if (full) {
        return rf_fail(reterr, RF_ERR_LIMIT, source->pack->path,
                       "more than %d different event types and aggregate names", RF_LIMIT_NAMES);
    }
    return rf_wire_ended(&wire) ? RF_OK : rf_pack_fail(source->pack, reterr, "its names are none");
}

/** Whether all events that its objects had are in its blocks. */
static rf_code
read_index(struct rf_packs_source *source, struct rf_err *reterr)
{
    const struct rf_pack *pack = source->pack;
    struct rf_buf bytes = {0};
    uint64_t facts = 0;
    uint64_t blocks = 0;
    rf_code code = rf_pack_section(pack, RF_PACK_INDEX, &bytes, reterr);
    struct rf_wire wire = rf_wire_begin(bytes.bytes, bytes.used);
    bool good = rf_pack_index_take(&wire, sizeof(struct rf_pack_head),
                                   pack->foot.sections[0].offset, &source->index);
    rf_buf_done(&bytes);
    RF_TRY(code);
    for (size_t i = 0; i < pack->object_count; i++) {
        facts += source->facts[i].events;
    }
    for (size_t i = 0; i < source->index.block_count; i++) {
        blocks += source->index.blocks[i].facts.events;
    }
    if (!good || facts != blocks) {
        return rf_pack_fail(pack, reterr,
                            good ? "events of its objects are not in it" : "its index is none");
    }
    return RF_OK;
}

static rf_code
open_source(struct rf_packs *packs, const struct rf_pack *pack, struct rf_err *reterr)
{
    struct rf_packs_source *source = &packs->sources[pack->source];
    source->pack = pack;
    source->objects = rf_calloc(pack->object_count, sizeof(*source->objects));
    memset(source->objects, 0xff, pack->object_count * sizeof(*source->objects));
    RF_TRY(check_rules(packs, pack, reterr));
    RF_TRY(read_facts(source, reterr));
    RF_TRY(read_names(packs, source, reterr));
    return read_index(source, reterr);
}

static rf_code
open_sources(struct rf_packs *packs, struct rf_err *reterr)
{
    const struct rf_objects *objects = packs->request->objects;
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        if (object->pack == NULL) {
            continue;
        }
        struct rf_packs_source *source = &packs->sources[object->pack->source];
        if (source->pack == NULL) {
            RF_TRY(open_source(packs, object->pack, reterr));
        }
        source->objects[object->packed] = object->number;
        source->wanted++;
    }
    const char *only = packs->request->only_aggregate;
    packs->only_aggregate = RF_NAME_NONE;
    if (only != NULL) {
        packs->only_aggregate =
            rf_names_number(rf_history_names(packs->history), only, strlen(only));
    }
    return RF_OK;
}

static void
free_packs(void *kept)
{
    struct rf_packs *packs = kept;
    for (size_t i = 0; i < packs->source_count; i++) {
        struct rf_packs_source *source = &packs->sources[i];
        for (size_t j = 0; source->facts != NULL && j < source->pack->object_count; j++) {
            rf_facts_done(&source->facts[j]);
        }
        rf_pack_index_done(&source->index);
        free(source->facts);
        free(source->objects);
        free(source->names);
        free(source->frames);
    }
    rf_packs_free_unpackers(packs);
    (void)pthread_mutex_destroy(&packs->lock);
    free(packs->sources);
    free(packs->kept);
    free(packs);
}

rf_code
rf_packs_open(const struct rf_ingest_request *request, struct rf_history *history,
              struct rf_packs **ret, struct rf_err *reterr)
{
    struct rf_packs *packs = rf_calloc(1, sizeof(*packs));
    packs->request = request;
    packs->history = history;
    RF_VERIFY(pthread_mutex_init(&packs->lock, NULL) == 0);
    packs->source_count = request->objects->source_count;
    packs->sources = rf_calloc(packs->source_count, sizeof(*packs->sources));
    packs->kept = rf_calloc(request->objects->count, sizeof(*packs->kept));
    if (request->only_id != NULL) {
        packs->only_hash = rf_hash(request->only_id, strlen(request->only_id), 0);
    }
    *ret = packs;
    rf_history_keep(history, packs, free_packs);
    return open_sources(packs, reterr);
}

const struct rf_facts *
rf_packs_facts(const struct rf_packs *packs, const struct rf_object *object)
{
    return &packs->sources[object->pack->source].facts[object->packed];
}

uint64_t
rf_packs_kept(const struct rf_packs *packs, uint32_t object)
{
    return atomic_load(&packs->kept[object]);
}
