/* SPDX-License-Identifier: MIT */
/* Which instances a history has. */
#include "golden/presence.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/order.h"

/** In place of a name, that of ids of which events name no aggregate, told by their types or not.
 * No aggregate can be called so. */
#define UNNAMED "?"

/** The ids of one aggregate; of none its name is "". */
struct ids {
    char *aggregate;
    uint64_t *hashes;
    size_t count;
    size_t room;
};

/** What one thread has met, or all of them. */
struct met {
    struct ids *items;
    size_t count;
    size_t room;
};

struct rf_presence {
    struct met *threads;
    size_t thread_count;
    struct met all;
};

struct rf_presence *
rf_presence_new(size_t threads)
{
    struct rf_presence *presence = rf_calloc(1, sizeof(*presence));
    presence->thread_count = threads == 0 ? 1 : threads;
    presence->threads = rf_calloc(presence->thread_count, sizeof(*presence->threads));
    return presence;
}

static void
met_done(struct met *met)
{
    for (size_t i = 0; i < met->count; i++) {
        free(met->items[i].aggregate);
        free(met->items[i].hashes);
    }
    free(met->items);
    memset(met, 0, sizeof(*met));
}

void
rf_presence_free(struct rf_presence *presence)
{
    if (presence == NULL) {
        return;
    }
    for (size_t i = 0; i < presence->thread_count; i++) {
        met_done(&presence->threads[i]);
    }
    met_done(&presence->all);
    free(presence->threads);
    free(presence);
}

static struct ids *
find(const struct met *met, const char *aggregate)
{
    for (size_t i = met->count; i-- > 0;) { /* instances come sorted: mostly the last one */
        if (strcmp(met->items[i].aggregate, aggregate) == 0) {
            return &met->items[i];
        }
    }
    return NULL;
}

static struct ids *
find_or_add(struct met *met, const char *aggregate)
{
    struct ids *ids = find(met, aggregate);
    if (ids == NULL) {
        RF_GROW(met->items, met->room, met->count + 1);
        ids = &met->items[met->count++];
        *ids = (struct ids){.aggregate = rf_strdup(aggregate)};
    }
    return ids;
}

static bool
has_unnamed(const struct rf_instance *instance)
{
    for (size_t i = 0; i < instance->step_count; i++) {
        if (instance->steps[i].event->aggregate == RF_NAME_NONE) {
            return true;
        }
    }
    return false;
}

static void
add(struct met *met, const char *aggregate, const struct rf_instance *instance)
{
    struct ids *ids = find_or_add(met, aggregate);
    RF_GROW(ids->hashes, ids->room, ids->count + 1);
    ids->hashes[ids->count++] = rf_hash(instance->id, instance->id_bytes, 0);
}

void
rf_presence_add(void *context, size_t thread, const struct rf_instance *instance)
{
    struct rf_presence *presence = context;
    RF_VERIFY(thread < presence->thread_count);
    struct met *met = &presence->threads[thread];
    add(met, instance->aggregate_name, instance);
    if (instance->lent && instance->aggregate_name_bytes > 0) {
        add(met, "", instance); /* events of it may be another's */
    }
    if (has_unnamed(instance)) {
        add(met, UNNAMED, instance);
    }
}

static int
compare_hashes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return RF_ORDER(a, b);
}

void
rf_presence_seal(struct rf_presence *presence)
{
    for (size_t i = 0; i < presence->thread_count; i++) {
        for (size_t k = 0; k < presence->threads[i].count; k++) {
            const struct ids *from = &presence->threads[i].items[k];
            struct ids *into = find_or_add(&presence->all, from->aggregate);
            RF_GROW(into->hashes, into->room, into->count + from->count);
            memcpy(into->hashes + into->count, from->hashes, from->count * sizeof(uint64_t));
            into->count += from->count;
        }
        met_done(&presence->threads[i]);
    }
    for (size_t i = 0; i < presence->all.count; i++) {
        struct ids *ids = &presence->all.items[i];
        qsort(ids->hashes, ids->count, sizeof(*ids->hashes), compare_hashes);
    }
}

bool
rf_presence_knows(const struct rf_presence *presence, const char *aggregate)
{
    return find(&presence->all, aggregate) != NULL;
}

static bool
holds(const struct ids *ids, uint64_t hash)
{
    return ids != NULL &&
           bsearch(&hash, ids->hashes, ids->count, sizeof(*ids->hashes), compare_hashes) != NULL;
}

bool
rf_presence_has(const struct rf_presence *presence, const char *aggregate, const char *id,
                size_t id_bytes)
{
    uint64_t hash = rf_hash(id, id_bytes, 0);
    return holds(find(&presence->all, aggregate), hash) || holds(find(&presence->all, ""), hash);
}

bool
rf_presence_has_unnamed(const struct rf_presence *presence, const char *id, size_t id_bytes)
{
    return holds(find(&presence->all, UNNAMED), rf_hash(id, id_bytes, 0));
}

uint64_t
rf_presence_nameless(const struct rf_presence *presence)
{
    const struct ids *ids = find(&presence->all, "");
    return ids == NULL ? 0 : ids->count;
}
