/* SPDX-License-Identifier: MIT */
/* What servers are asked for when objects are listed and read. */
#include "walk/source.h"
#include "walk/walk.h"

struct rf_requests
rf_objects_requests(const struct rf_objects *objects)
{
    struct rf_requests requests = {0};
    for (size_t i = 0; i < objects->source_count; i++) {
        requests.list += objects->sources[i].list_requests;
    }
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        if (!objects->sources[object->source].kind->remote) {
            continue;
        }
        bool sized = object->bytes != RF_BYTES_UNKNOWN;
        requests.get++;
        requests.bytes += sized ? object->bytes : 0;
        requests.unsized += !sized;
    }
    return requests;
}
