/* SPDX-License-Identifier: MIT */
/* Which event wrote a differing value last: told by the states behind each event. */
#include "golden/suspect.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

/** A value: where it lies, and a hash of what it was in the last state (0: it was not there). */
struct place {
    char *path;
    size_t bytes;
    uint64_t value;
};

struct rf_watch {
    struct place *places;
    size_t count;
    bool begun; /* a first state was seen: what follows can differ from it */
    uint64_t last;
};

static bool
is_in_array(const struct rf_json *doc, const char *path, size_t bytes)
{
    uint32_t node = rf_pointer_find(doc, path, bytes);
    return node != RF_JSON_NONE && doc->nodes[node].kind == RF_JSON_ARRAY;
}

static bool
read_state(struct rf_json *doc, const char *state, size_t bytes)
{
    return state != NULL && rf_json_read_whole(doc, state, bytes, NULL) == RF_OK;
}

static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    return strcmp(a->path, b->path);
}

/** Many changes within one array share one place. */
static void
drop_repeated(struct rf_watch *watch)
{
    size_t kept = 0;
    if (watch->count > 0) {
        qsort(watch->places, watch->count, sizeof(*watch->places), compare_places);
    }
    for (size_t i = 0; i < watch->count; i++) {
        if (kept > 0 && strcmp(watch->places[kept - 1].path, watch->places[i].path) == 0) {
            free(watch->places[i].path);
        } else {
            watch->places[kept++] = watch->places[i];
        }
    }
    watch->count = kept;
}

struct rf_watch *
rf_watch_new(const struct rf_changes *changes, const char *old, size_t old_bytes, const char *fresh,
             size_t fresh_bytes)
{
    struct rf_watch *watch = rf_calloc(1, sizeof(*watch));
    struct rf_json before = {0};
    struct rf_json after = {0};
    bool has_before = read_state(&before, old, old_bytes);
    bool has_after = read_state(&after, fresh, fresh_bytes);
    watch->places = rf_calloc(changes->count + 1, sizeof(*watch->places));
    for (size_t i = 0; i < changes->count; i++) {
        const struct rf_change *change = &changes->items[i];
        const char *slash = strrchr(change->path, '/');
        size_t bytes = strlen(change->path);
        if (change->op != RF_CHANGE_REPLACE && slash != NULL) {
            size_t above = (size_t)(slash - change->path);
            bool in_array = (has_before && is_in_array(&before, change->path, above)) ||
                            (has_after && is_in_array(&after, change->path, above));
            bytes = in_array ? above : bytes;
        }
        watch->places[watch->count++] =
            (struct place){.path = rf_strndup(change->path, bytes), .bytes = bytes};
    }
    drop_repeated(watch);
    rf_json_done(&before);
    rf_json_done(&after);
    return watch;
}

void
rf_watch_free(struct rf_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    for (size_t i = 0; i < watch->count; i++) {
        free(watch->places[i].path);
    }
    free(watch->places);
    free(watch);
}

static uint64_t
hash_value(const struct rf_json *doc, const struct place *place)
{
    uint32_t node = rf_pointer_find(doc, place->path, place->bytes);
    if (node == RF_JSON_NONE) {
        return 0;
    }
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    return rf_hash(token, bytes, 0) | 1;
}

void
rf_watch_state(struct rf_watch *watch, struct rf_json *doc, uint64_t applied, const char *state,
               size_t state_bytes)
{
    if (!read_state(doc, state, state_bytes)) {
        return;
    }
    for (size_t i = 0; i < watch->count; i++) {
        uint64_t value = hash_value(doc, &watch->places[i]);
        if (watch->begun && value != watch->places[i].value) {
            watch->last = applied;
        }
        watch->places[i].value = value;
    }
    watch->begun = true;
}

uint64_t
rf_watch_last(const struct rf_watch *watch)
{
    return watch->last;
}
