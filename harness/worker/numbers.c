/* SPDX-License-Identifier: MIT */
/* Numbers for names, in the order in which they first come. */
#include "worker/numbers.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"

#define FIRST_ROOM 64

static struct rf_numbered *
find(const struct rf_numbers *numbers, const char *name, size_t bytes, uint64_t hash)
{
    size_t at = (size_t)hash & (numbers->room - 1);
    for (;;) {
        struct rf_numbered *item = &numbers->items[at];
        if (item->name == NULL ||
            (item->hash == hash && rf_bytes_same(item->name, item->bytes, name, bytes))) {
            return item;
        }
        at = (at + 1) & (numbers->room - 1);
    }
}

static void
grow(struct rf_numbers *numbers)
{
    struct rf_numbers larger = {.room = numbers->room == 0 ? FIRST_ROOM : 2 * numbers->room};
    larger.items = rf_calloc(larger.room, sizeof(*larger.items));
    larger.count = numbers->count;
    for (size_t i = 0; i < numbers->room; i++) {
        const struct rf_numbered *item = &numbers->items[i];
        if (item->name != NULL) {
            *find(&larger, item->name, item->bytes, item->hash) = *item;
        }
    }
    free(numbers->items);
    *numbers = larger;
}

bool
rf_numbers_take(struct rf_numbers *numbers, const char *name, size_t bytes, uint32_t *ret)
{
    uint64_t hash = rf_hash(name, bytes, 0);
    if (2 * (size_t)numbers->count >= numbers->room) {
        grow(numbers);
    }
    struct rf_numbered *item = find(numbers, name, bytes, hash);
    bool fresh = item->name == NULL;
    if (fresh) {
        *item = (struct rf_numbered){rf_strndup(name, bytes), bytes, hash, numbers->count++};
    }
    *ret = item->number;
    return fresh;
}

void
rf_numbers_done(struct rf_numbers *numbers)
{
    for (size_t i = 0; i < numbers->room; i++) {
        free(numbers->items[i].name);
    }
    free(numbers->items);
    *numbers = (struct rf_numbers){0};
}
