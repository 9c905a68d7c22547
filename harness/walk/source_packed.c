/* SPDX-License-Identifier: MIT */
/* A packed history as a source: its objects are listed, and their events taken from it unread. */
#include <string.h>

#include "base/alloc.h"
#include "walk/export.h"
#include "walk/pack.h"
#include "walk/source.h"

static void
add_object(struct rf_source *source, const struct rf_pack *pack, uint32_t number,
           struct rf_object_list *list)
{
    const struct rf_pack_object *packed = &pack->objects[number];
    struct rf_object *object = rf_object_list_add(list, rf_strdup(packed->key), source->number);
    object->bytes = packed->bytes;
    if (packed->has_time) {
        object->stamp = (struct rf_stamp){
            .inode = 1, .mtime_seconds = packed->mtime_seconds, .mtime_nanos = packed->mtime_nanos};
    }
    object->etag = packed->etag == NULL ? NULL : rf_strdup(packed->etag);
    object->is_source = packed->is_source;
    object->named = packed->named;
    object->special = packed->special;
    object->unchecked = packed->unchecked;
    object->of_table = packed->of_table;
    if (packed->promised) {
        object->promise = rf_calloc(1, sizeof(*object->promise));
        object->promise->items = packed->items;
    }
    object->place = number; /* what has the same key keeps its order */
    object->flaw = packed->flaw == NULL ? NULL : rf_strdup(packed->flaw);
    object->flaw_code = packed->flaw_code;
    object->pack = pack;
    object->packed = number;
    object->origin = packed->origin;
}

static rf_code
list(struct rf_source *source, struct rf_object_list *list, struct rf_err *reterr)
{
    struct rf_pack *pack;
    RF_TRY(rf_pack_open(source->path, &pack, reterr));
    source->state = pack;
    pack->source = source->number;
    for (size_t i = 0; i < pack->object_count; i++) {
        add_object(source, pack, (uint32_t)i, list);
    }
    return RF_OK;
}

/** Of several sources that were packed as one; walk/packed.h sees that no object is there twice. */
static rf_code
twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    (void)source;
    (void)second;
    (void)reterr;
    return RF_OK;
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    (void)source;
    (void)ret_stream;
    return rf_fail(reterr, RF_ERR_INTERNAL, object->name, "a packed object has no bytes to read");
}

static void
done(struct rf_source *source)
{
    rf_pack_close(source->state);
}

struct rf_pack *
rf_source_pack(const struct rf_source *source)
{
    return source->kind == &rf_source_packed ? source->state : NULL;
}

const struct rf_source_kind rf_source_packed = {
    .list = list,
    .twice = twice,
    .open = stream_open,
    .done = done,
};
