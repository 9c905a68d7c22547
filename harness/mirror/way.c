/* SPDX-License-Identifier: MIT */
/*
 * A key has become a folder of others, or a folder a key: what was fetched before stands where a
 * folder, or a file, is to be.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mirror/errand.h"

/* ---- keys, sorted ---------------------------------------------------------------------------- */

struct keys {
    const char *first; /* the first item's `key` */
    size_t stride;
    size_t count;
};

static struct keys
listed_keys(const struct rf_fetching *fetching)
{
    const struct rf_objects *objects = &fetching->objects;
    return (struct keys){objects->count == 0 ? NULL : (const char *)&objects->items[0].key,
                         sizeof(*objects->items), objects->count};
}

static struct keys
former_keys(const struct rf_fetching *fetching)
{
    const struct rf_fetched *before = rf_ledger_before(fetching->ledger);
    return (struct keys){before->count == 0 ? NULL : (const char *)&before->entries[0].key,
                         sizeof(*before->entries), before->count};
}

static const char *
key_at(const struct keys *keys, size_t place)
{
    return *(const char *const *)(const void *)(keys->first + place * keys->stride);
}

/** Where the keys begin that are not in front of this one. */
static size_t
find_place(const struct keys *keys, const char *key)
{
    size_t low = 0;
    size_t high = keys->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = strcmp(key_at(keys, middle), key) < 0;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

static bool
has_key(const struct keys *keys, const char *key)
{
    size_t place = find_place(keys, key);
    return place < keys->count && strcmp(key_at(keys, place), key) == 0;
}

/** The keys below a folder: *ret_count from the place that is returned. */
static size_t
find_below(const struct keys *keys, const char *folder, size_t *ret_count)
{
    char *front = rf_format("%s/", folder);
    size_t bytes = strlen(front);
    size_t place = find_place(keys, front);
    size_t end = place;
    while (end < keys->count && strncmp(key_at(keys, end), front, bytes) == 0) {
        end++;
    }
    free(front);
    *ret_count = end - place;
    return place;
}

/* ---- clearing -------------------------------------------------------------------------------- */

static bool
take_errand(struct rf_errand *errand, bool clears)
{
    if (errand->kind != RF_ERRAND_FETCH) {
        return false;
    }
    errand->cleared = errand->cleared || clears;
    return true;
}

/** Whether what is to be fetched lies below this key, or is one of its folders. */
static bool
is_in_the_way(struct rf_fetching *fetching, const char *key, bool clears)
{
    struct keys listed = listed_keys(fetching);
    size_t count;
    size_t place = find_below(&listed, key, &count);
    bool is = false;
    for (size_t i = 0; i < count; i++) {
        is = take_errand(&fetching->errands[place + i], clears) || is;
    }
    char *folder = rf_strdup(key);
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        place = find_place(&listed, folder);
        bool has = place < listed.count && strcmp(key_at(&listed, place), folder) == 0;
        is = (has && take_errand(&fetching->errands[place], clears)) || is;
    }
    free(folder);
    return is;
}

/** What cannot be looked at or removed stays; who wants its place says so. */
static rf_code
clear(struct rf_fetching *fetching, struct rf_place_cursor *cursor, char **buffer, size_t place,
      struct rf_err *reterr)
{
    const struct rf_fetched_entry *entry = &rf_ledger_before(fetching->ledger)->entries[place];
    struct stat facts;
    bool there;
    if (rf_place_look(fetching->place, cursor, entry->key, &facts, &there, NULL) != RF_OK ||
        !there || !rf_entry_is_intact(fetching, cursor, buffer, entry, &facts)) {
        return RF_OK;
    }
    if (!fetching->request->dry) {
        RF_TRY(rf_ledger_begin(fetching->ledger, reterr));
        if (rf_place_remove(fetching->place, cursor, entry->key, NULL) != RF_OK) {
            return RF_OK;
        }
        rf_ledger_forget(fetching->ledger, entry);
    }
    fetching->cleared[place] = true;
    (void)is_in_the_way(fetching, entry->key, true);
    return RF_OK;
}

rf_code
rf_way_clear(struct rf_fetching *fetching, struct rf_err *reterr)
{
    const struct rf_fetched *before = rf_ledger_before(fetching->ledger);
    struct keys listed = listed_keys(fetching);
    struct rf_place_cursor cursor = {0};
    char *buffer = NULL;
    bool may = fetching->request->removes;
    rf_code code = RF_OK;
    for (size_t i = 0; i < fetching->objects.count && may; i++) {
        may = fetching->errands[i].kind != RF_ERRAND_REFUSE &&
              fetching->errands[i].kind != RF_ERRAND_FAIL;
    }
    fetching->cleared = rf_calloc(before->count + 1, sizeof(*fetching->cleared));
    for (size_t i = 0; i < before->count && may && code == RF_OK; i++) {
        const struct rf_fetched_entry *entry = &before->entries[i];
        if (entry->here && !has_key(&listed, entry->key) &&
            is_in_the_way(fetching, entry->key, false)) {
            code = clear(fetching, &cursor, &buffer, i, reterr);
        }
    }
    rf_place_cursor_done(&cursor);
    free(buffer);
    return code;
}

/* ---- telling --------------------------------------------------------------------------------- */

char *
rf_way_told(const struct rf_fetching *fetching, const char *key)
{
    const struct rf_fetch_request *request = fetching->request;
    const struct rf_fetched *before = rf_ledger_before(fetching->ledger);
    struct keys listed = listed_keys(fetching);
    struct keys former = former_keys(fetching);
    char *told = NULL;
    if (request->removes || request->walk.since != NULL || request->walk.until != NULL) {
        return NULL; /* it did not go, or nobody knows that it is gone */
    }
    for (const char *slash = key; told == NULL && (slash = strchr(slash, '/')) != NULL; slash++) {
        char *folder = rf_strndup(key, (size_t)(slash - key));
        const struct rf_fetched_entry *entry = rf_fetched_find(before, folder);
        if (entry != NULL && entry->here && !has_key(&listed, folder)) {
            told = rf_format("'%s' on its way is a file, which was fetched before and is no longer "
                             "there: --delete removes it",
                             folder);
        }
        free(folder);
    }
    size_t count;
    size_t place = find_below(&former, key, &count);
    for (size_t i = 0; i < count && told == NULL; i++) {
        if (before->entries[place + i].here) {
            told = rf_strdup("a folder is in its place, with what was fetched before and is no "
                             "longer there: --delete removes that");
        }
    }
    return told;
}
