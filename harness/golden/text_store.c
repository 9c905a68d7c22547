/* SPDX-License-Identifier: MIT */
/* Memory for many texts that stay where they are. */
#include "golden/text_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define BLOCK_BYTES ((size_t)1 << 20)

struct rf_text_block {
    struct rf_text_block *before;
    size_t used;
    size_t room;
    char bytes[];
};

const char *
rf_text_store_add(struct rf_text_store *store, const char *bytes, size_t count)
{
    if (store->block == NULL || store->block->room - store->block->used <= count) {
        size_t room = count < BLOCK_BYTES ? BLOCK_BYTES : count + 1;
        struct rf_text_block *block = rf_alloc(sizeof(*block) + room);
        *block = (struct rf_text_block){.before = store->block, .room = room};
        store->block = block;
    }
    char *place = store->block->bytes + store->block->used;
    if (count > 0) {
        memcpy(place, bytes, count);
    }
    place[count] = '\0';
    store->block->used += count + 1;
    return place;
}

void
rf_text_store_join(struct rf_text_store *store, struct rf_text_store *other)
{
    if (other->block == NULL) {
        return;
    }
    struct rf_text_block *first = other->block;
    while (first->before != NULL) {
        first = first->before;
    }
    first->before = store->block;
    store->block = other->block;
    other->block = NULL;
}

void
rf_text_store_done(struct rf_text_store *store)
{
    while (store->block != NULL) {
        struct rf_text_block *before = store->block->before;
        free(store->block);
        store->block = before;
    }
}
