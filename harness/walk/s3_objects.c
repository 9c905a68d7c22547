/* SPDX-License-Identifier: MIT */
/* What a listing of a bucket tells, as objects. */
#include "walk/s3_objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/s3_list.h"
#include "walk/bucket.h"
#include "walk/hours.h"
#include "walk/key.h"
#include "walk/layout.h"

struct taking {
    const struct rf_s3_listing_request *request;
    struct rf_object_list *objects;
    const struct rf_hours *hours;
};

static rf_code
take(void *context, struct rf_s3_page *page, bool first, struct rf_err *reterr)
{
    const struct taking *taking = context;
    const struct rf_s3_listing_request *request = taking->request;
    size_t prefix_bytes = strlen(request->prefix);
    (void)reterr;
    for (size_t i = 0; i < page->count; i++) {
        struct rf_s3_entry *entry = &page->entries[i];
        char *key = rf_strdup(entry->key + prefix_bytes);
        struct rf_object *object =
            rf_object_list_add(taking->objects, key, request->source->number);
        object->bytes = entry->bytes;
        object->etag = entry->etag;
        object->storage = entry->storage;
        object->stamp.mtime_seconds = entry->modified;
        object->in_sequence = true;
        entry->etag = NULL;
        bool errors = request->source->errors || rf_key_errors(key, strlen(key));
        if (first && request->early != NULL && !errors) {
            request->early(request->context, object);
        }
    }
    return RF_OK;
}

static void
pass(void *context, const char *folder)
{
    const struct taking *taking = context;
    const char *key = folder + strlen(taking->request->prefix);
    size_t front = rf_hours_front(taking->hours, key);
    if (front > 0) { /* where nothing at all is selected, that is told anyway */
        rf_folders_add(&taking->request->source->fronts, rf_strndup(key, front));
    }
}

static int
compare_keys(const void *left, const void *right)
{
    return strcmp(((const struct rf_object *)left)->key, ((const struct rf_object *)right)->key);
}

/** Pages come in no order. */
static void
put_in_order(struct rf_object_list *objects, size_t from)
{
    if (objects->count > from) {
        qsort(objects->items + from, objects->count - from, sizeof(*objects->items), compare_keys);
    }
    for (size_t i = from; i < objects->count; i++) {
        objects->items[i].place = i - from;
    }
}

static rf_code
list_with(const struct rf_s3_listing_request *request, struct rf_hours *hours,
          struct rf_object_list *objects, struct rf_err *reterr)
{
    struct rf_source *source = request->source;
    struct taking taking = {request, objects, hours};
    struct rf_bucket_counts counts;
    const struct rf_bucket bucket = {
        .ask = rf_s3_bucket_ask,
        .ask_context = request->bucket,
        .where = source->name,
        .prefix = request->prefix,
        .unordered = rf_s3_bucket_unordered(request->bucket),
        .hours = hours,
        .stop = source->stop,
        .take = take,
        .take_context = &taking,
        .pass = pass,
    };
    size_t from = objects->count;
    RF_TRY(rf_bucket_list(&bucket, &counts, reterr));
    put_in_order(objects, from);
    source->listed.requests += counts.requests;
    source->listed.before += counts.before;
    source->listed.behind += counts.behind;
    source->listed.unpruned += counts.unpruned;
    source->listed.markers += counts.markers;
    if (objects->count == from && counts.before + counts.behind == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "no object lies below s3://%s/%s (what only begins so, without a '/' "
                       "behind it, does not)",
                       rf_s3_bucket_name(request->bucket), request->prefix);
    }
    return RF_OK;
}

rf_code
rf_s3_list_objects(const struct rf_s3_listing_request *request, struct rf_object_list *objects,
                   struct rf_err *reterr)
{
    const struct rf_walk_request *walk = request->source->request;
    struct rf_hours hours = {.source = request->source->name};
    struct rf_layout *layout = NULL;
    bool whole = request->source->whole;
    RF_TRY(rf_selection_parse(whole ? NULL : walk->since, whole ? NULL : walk->until,
                              &hours.selection, reterr));
    if (walk->layout != NULL) {
        RF_TRY(rf_layout_new(walk->layout, &layout, reterr));
    }
    hours.layout = layout;
    rf_code code = list_with(request, &hours, objects, reterr);
    rf_layout_free(layout);
    return code;
}
