/* SPDX-License-Identifier: MIT */
/*
 * A key has become a folder of others, or a folder a key: what was fetched before stands where a
 * folder, or a file, is to be.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mirror/errand.h"

/** One that looks at files. */
struct looker {
    struct rf_fetching *fetching;
    struct rf_place_cursor cursor;
    char *buffer;
};

static void
done(struct looker *looker)
{
    rf_place_cursor_done(&looker->cursor);
    free(looker->buffer);
}

/* ---- looking --------------------------------------------------------------------------------- */

static int
compare_key(const void *key, const void *object)
{
    return strcmp(key, ((const struct rf_object *)object)->key);
}

/** Whether a file was fetched, is as it was then, and is no longer listed. */
static bool
is_left_over(void *context, const char *key)
{
    struct looker *looker = context;
    struct rf_fetching *fetching = looker->fetching;
    const struct rf_objects *objects = &fetching->objects;
    const struct rf_fetched_entry *entry = rf_fetched_find(rf_ledger_before(fetching->ledger), key);
    struct stat facts;
    bool there;
    return entry != NULL && entry->here &&
           bsearch(key, objects->items, objects->count, sizeof(*objects->items), compare_key) ==
               NULL &&
           rf_place_look(fetching->place, &looker->cursor, key, &facts, &there, NULL) == RF_OK &&
           there && rf_entry_is_intact(fetching, &looker->cursor, &looker->buffer, entry, &facts);
}

/** @ret_folder  whether it is one
 * @return       whether something lies there */
static bool
look(struct looker *looker, const char *key, bool *ret_folder)
{
    struct stat facts;
    bool there;
    bool seen = rf_place_look(looker->fetching->place, &looker->cursor, key, &facts, &there,
                              NULL) == RF_OK &&
                there;
    *ret_folder = seen && S_ISDIR(facts.st_mode);
    return seen;
}

static char *
find(struct looker *looker, const char *key)
{
    bool is_folder;
    for (const char *slash = key; (slash = strchr(slash, '/')) != NULL; slash++) {
        char *above = rf_strndup(key, (size_t)(slash - key));
        bool there = look(looker, above, &is_folder);
        if (there && !is_folder && is_left_over(looker, above)) {
            return above;
        }
        free(above);
        if (!is_folder) {
            return NULL;
        }
    }
    struct rf_place_cursor cursor = {0};
    bool is = look(looker, key, &is_folder) && is_folder &&
              rf_place_holds_only(looker->fetching->place, &cursor, key, is_left_over, looker);
    rf_place_cursor_done(&cursor);
    return is ? rf_strdup(key) : NULL;
}

char *
rf_way_find(struct rf_fetching *fetching, const char *key)
{
    struct looker looker = {.fetching = fetching};
    char *way = find(&looker, key);
    done(&looker);
    return way;
}

/* ---- clearing -------------------------------------------------------------------------------- */

/** Whether a key is this one, or lies below it. */
static bool
is_within(const char *key, const char *way)
{
    size_t bytes = strlen(way);
    return strncmp(key, way, bytes) == 0 && (key[bytes] == '\0' || key[bytes] == '/');
}

static rf_code
clear(struct looker *looker, const char *way, struct rf_err *reterr)
{
    struct rf_fetching *fetching = looker->fetching;
    const struct rf_fetched *before = rf_ledger_before(fetching->ledger);
    for (size_t i = 0; i < before->count; i++) {
        const struct rf_fetched_entry *entry = &before->entries[i];
        if (!is_within(entry->key, way) || !is_left_over(looker, entry->key)) {
            continue;
        }
        if (!fetching->request->dry) {
            RF_TRY(rf_ledger_begin(fetching->ledger, reterr));
            RF_TRY(
                rf_place_remove(fetching->place, &looker->cursor, entry->key, strlen(way), reterr));
            rf_ledger_forget(fetching->ledger, entry);
        }
        fetching->cleared[i] = true;
    }
    return RF_OK;
}

rf_code
rf_way_clear(struct rf_fetching *fetching, const char *key, struct rf_err *reterr)
{
    struct looker looker = {.fetching = fetching};
    RF_VERIFY(pthread_mutex_lock(&fetching->way_lock) == 0);
    char *way = find(&looker, key);
    rf_code code = way == NULL ? RF_OK : clear(&looker, way, reterr);
    (void)pthread_mutex_unlock(&fetching->way_lock);
    free(way);
    done(&looker);
    return code;
}
