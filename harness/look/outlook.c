/* SPDX-License-Identifier: MIT */
/* What lies ahead of a replay: what its objects amount to, and what reading them costs. */
#include "look/outlook.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define GB_BYTES       1073741824.0
#define PRICE_REQUESTS 1000.0

static void
add(struct rf_load *load, const struct rf_object *object)
{
    bool sized = object->bytes != RF_BYTES_UNKNOWN;
    load->first = load->objects == 0 ? object->name : load->first;
    load->objects++;
    load->bytes += sized ? object->bytes : 0;
    load->unsized += !sized;
}

/** The classes of S3 that are not read as any other. */
static enum rf_warmth
warmth_of(const char *storage)
{
    static const struct {
        const char *storage;
        enum rf_warmth warmth;
    } classes[] = {
        {"GLACIER", RF_WARMTH_COLD},   {"DEEP_ARCHIVE", RF_WARMTH_COLD},
        {"GLACIER_IR", RF_WARMTH_FEE}, {"STANDARD_IA", RF_WARMTH_FEE},
        {"ONEZONE_IA", RF_WARMTH_FEE}, {"INTELLIGENT_TIERING", RF_WARMTH_PERHAPS},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(classes[i].storage, storage) == 0) {
            return classes[i].warmth;
        }
    }
    return RF_WARMTH_WARM;
}

static void
add_storage(struct rf_outlook *outlook, const struct rf_object *object)
{
    size_t at = 0;
    while (at < outlook->storage_count && strcmp(outlook->storages[at].storage, object->storage)) {
        at++;
    }
    if (at == outlook->storage_count) {
        RF_GROW(outlook->storages, outlook->storage_room, at + 1);
        outlook->storages[at] = (struct rf_storage_load){.storage = object->storage,
                                                         .warmth = warmth_of(object->storage)};
        outlook->storage_count++;
    }
    add(&outlook->storages[at].load, object);
}

static int
compare_storages(const void *left, const void *right)
{
    const struct rf_storage_load *a = left;
    const struct rf_storage_load *b = right;
    return strcmp(a->storage, b->storage);
}

static void
enter(struct rf_outlook *outlook, const struct rf_object *object)
{
    add(&outlook->all, object);
    if (object->errors) {
        add(&outlook->errors, object);
    } else if (object->special) {
        add(&outlook->special, object);
    } else if (object->flaw != NULL) {
        add(&outlook->flawed, object);
    } else if (!object->packer_name && !object->is_source) {
        add(&outlook->others, object);
    } else if (object->odd_name) {
        add(&outlook->odd, object);
    }
    if (object->bytes == 0 && rf_object_is_promising(object) && !object->errors &&
        !object->special && object->flaw == NULL) {
        add(&outlook->hollow, object);
    }
    if (object->pack != NULL) {
        add(&outlook->packed, object);
    }
    if (object->storage != NULL) {
        add_storage(outlook, object);
    }
}

void
rf_outlook_make(const struct rf_objects *objects, struct rf_outlook *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < objects->count; i++) {
        enter(ret, &objects->items[i]);
    }
    if (ret->storage_count > 1) {
        qsort(ret->storages, ret->storage_count, sizeof(*ret->storages), compare_storages);
    }
    ret->requests = rf_objects_requests(objects);
    rf_calendar_make(objects, &ret->calendar);
}

void
rf_outlook_done(struct rf_outlook *outlook)
{
    rf_calendar_done(&outlook->calendar);
    free(outlook->storages);
    memset(outlook, 0, sizeof(*outlook));
}

double
rf_outlook_cost(const struct rf_outlook *outlook, const struct rf_prices *prices)
{
    const struct rf_requests *requests = &outlook->requests;
    double cost = (double)requests->list / PRICE_REQUESTS * prices->list +
                  (double)requests->get / PRICE_REQUESTS * prices->get +
                  (double)requests->bytes / GB_BYTES * prices->transfer;
    for (size_t i = 0; i < outlook->storage_count; i++) {
        const struct rf_storage_load *storage = &outlook->storages[i];
        for (size_t k = 0; k < prices->retrieval_count; k++) {
            if (strcmp(prices->retrievals[k].storage, storage->storage) == 0) {
                cost += (double)storage->load.bytes / GB_BYTES * prices->retrievals[k].gb;
            }
        }
    }
    return cost;
}

void
rf_prices_done(struct rf_prices *prices)
{
    for (size_t i = 0; i < prices->retrieval_count; i++) {
        free(prices->retrievals[i].storage);
    }
    free(prices->retrievals);
    free(prices->currency);
    memset(prices, 0, sizeof(*prices));
}
