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

/** Where the keys begin that are not in front of this one. */
static size_t
find_place(const struct rf_fetched *sorted, const char *key)
{
    size_t low = 0;
    size_t high = sorted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = strcmp(sorted->entries[middle].key, key) < 0;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

/** @from  as rf_place_remove has it */
static rf_code
remove_one(struct looker *looker, size_t place, size_t from, struct rf_err *reterr)
{
    struct rf_fetching *fetching = looker->fetching;
    const struct rf_fetched_entry *entry = &rf_ledger_before(fetching->ledger)->entries[place];
    if (!is_left_over(looker, entry->key)) {
        return RF_OK; /* not here at all, or changed by now: then it stays, and is in the way */
    }
    if (!fetching->request->dry) {
        RF_TRY(rf_ledger_begin(fetching->ledger, reterr));
        RF_TRY(rf_place_remove(fetching->place, &looker->cursor, entry->key, from, reterr));
        rf_ledger_forget(fetching->ledger, entry);
    }
    fetching->cleared[place] = true;
    return RF_OK;
}

static rf_code
remove_below(struct looker *looker, const char *folder, struct rf_err *reterr)
{
    const struct rf_fetched *before = rf_ledger_before(looker->fetching->ledger);
    char *front = rf_format("%s/", folder);
    size_t bytes = strlen(front);
    rf_code code = RF_OK;
    for (size_t i = find_place(before, front);
         code == RF_OK && i < before->count && strncmp(before->entries[i].key, front, bytes) == 0;
         i++) {
        code = remove_one(looker, i, bytes - 1, reterr);
    }
    free(front);
    return code;
}

static rf_code
clear(struct looker *looker, const char *key, struct rf_err *reterr)
{
    const struct rf_fetched *before = rf_ledger_before(looker->fetching->ledger);
    char *way = find(looker, key);
    if (way == NULL) {
        return RF_OK;
    }
    rf_code code = strcmp(way, key) == 0
                       ? remove_below(looker, way, reterr)
                       : remove_one(looker, find_place(before, way), strlen(way), reterr);
    free(way);
    return code;
}

rf_code
rf_way_clear(struct rf_fetching *fetching, const char *key, struct rf_err *reterr)
{
    struct looker looker = {.fetching = fetching};
    RF_VERIFY(pthread_mutex_lock(&fetching->way_lock) == 0);
    rf_code code = clear(&looker, key, reterr);
    (void)pthread_mutex_unlock(&fetching->way_lock);
    done(&looker);
    return code;
}
