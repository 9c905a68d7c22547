/* SPDX-License-Identifier: MIT */
/* What servers are asked for when objects are listed and read. */
#include "walk/walk.h"

struct rf_requests
rf_objects_requests(const struct rf_objects *objects)
{
    struct rf_requests requests = {.list = objects->listed.requests};
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        bool compared = object->pack != NULL && object->etag != NULL &&
                        !object->hearsay; /* without its contents */
        if (!rf_source_is_remote(objects, object->source) || compared) {
            continue;
        }
        bool sized = object->bytes != RF_BYTES_UNKNOWN;
        requests.get++;
        requests.bytes += sized ? object->bytes : 0;
        requests.unsized += !sized;
    }
    return requests;
}
