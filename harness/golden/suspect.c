/* SPDX-License-Identifier: MIT */
/* Which event wrote a differing value last: told by the states behind each event. */
#include "golden/suspect.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"

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
read_state(struct rf_json *doc, const char *state, size_t bytes)
{
    return state != NULL && rf_json_read_whole(doc, state, bytes, NULL) == RF_OK;
}

static void
add_place(struct rf_watch *watch, const char *path)
{
    size_t bytes = strlen(path);
    watch->places[watch->count++] = (struct place){.path = rf_strndup(path, bytes), .bytes = bytes};
}

struct rf_watch *
rf_watch_new(const struct rf_diff_paths *paths)
{
    struct rf_watch *watch = rf_calloc(1, sizeof(*watch));
    const struct rf_paths *places = &paths->places;
    bool each = rf_paths_whole(places) && places->count <= RF_LIMIT_CLUSTER_PATHS;
    watch->places = rf_calloc(RF_LIMIT_CLUSTER_PATHS, sizeof(*watch->places));
    for (size_t i = 0; each && i < places->count; i++) {
        add_place(watch, places->texts[i]);
    }
    if (!each) {
        add_place(watch, paths->around);
    }
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
