/* SPDX-License-Identifier: MIT */
/* The ids of --id and --ids. */
#include "cli/ids.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"

struct id {
    char *bytes;
    size_t count;
};

struct rf_ids {
    struct id *items;
    size_t used, room;
    atomic_bool *met; /* one for each item, once they are sorted */
};

struct rf_ids *
rf_ids_new(void)
{
    return rf_calloc(1, sizeof(struct rf_ids));
}

void
rf_ids_free(struct rf_ids *ids)
{
    if (ids == NULL) {
        return;
    }
    for (size_t i = 0; i < ids->used; i++) {
        free(ids->items[i].bytes);
    }
    free(ids->items);
    free(ids->met);
    free(ids);
}

void
rf_ids_add(struct rf_ids *ids, const char *id, size_t bytes)
{
    RF_GROW(ids->items, ids->room, ids->used + 1);
    ids->items[ids->used++] = (struct id){rf_strndup(id, bytes), bytes};
}

rf_code
rf_ids_read(struct rf_ids *ids, const char *path, struct rf_err *reterr)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (file == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the ids");
    }
    char *line = NULL;
    size_t room = 0;
    size_t before = ids->used;
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
            length--;
        }
        if (length > 0) {
            rf_ids_add(ids, line, (size_t)length);
        }
    }
    rf_code code = RF_OK;
    if (ferror(file)) {
        code = rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the ids");
    } else if (ids->used == before) {
        code = rf_fail(reterr, RF_ERR_USAGE, path, "holds no id; write one a line");
    }
    free(line);
    if (file != stdin) {
        (void)fclose(file);
    }
    return code;
}

static int
compare(const void *left, const void *right)
{
    const struct id *a = left;
    const struct id *b = right;
    int order = memcmp(a->bytes, b->bytes, a->count < b->count ? a->count : b->count);
    return order != 0 ? order : RF_ORDER(a->count, b->count);
}

void
rf_ids_sort(struct rf_ids *ids)
{
    size_t kept = 0;
    if (ids->used > 0) {
        qsort(ids->items, ids->used, sizeof(*ids->items), compare);
    }
    for (size_t i = 0; i < ids->used; i++) {
        if (kept > 0 && compare(&ids->items[kept - 1], &ids->items[i]) == 0) {
            free(ids->items[i].bytes);
        } else {
            ids->items[kept++] = ids->items[i];
        }
    }
    ids->used = kept;
    ids->met = rf_calloc(kept, sizeof(*ids->met));
}

static const struct id *
find(const struct rf_ids *ids, const char *id, size_t bytes)
{
    struct id wanted = {(char *)(uintptr_t)id, bytes};
    return ids->used == 0 ? NULL
                          : bsearch(&wanted, ids->items, ids->used, sizeof(*ids->items), compare);
}

bool
rf_ids_has(const void *context, const char *id, size_t bytes)
{
    return find(context, id, bytes) != NULL;
}

bool
rf_ids_meet(const void *context, const char *id, size_t bytes)
{
    const struct rf_ids *ids = context;
    const struct id *found = find(ids, id, bytes);
    if (found != NULL) {
        atomic_store_explicit(&ids->met[found - ids->items], true, memory_order_relaxed);
    }
    return found != NULL;
}

struct rf_absent_ids
rf_ids_unmet(const struct rf_ids *ids, struct rf_run_shard shard)
{
    struct rf_absent_ids absent = {0};
    for (size_t i = 0; i < ids->used; i++) {
        const struct id *id = &ids->items[i];
        if (atomic_load_explicit(&ids->met[i], memory_order_relaxed) ||
            !rf_run_shard_has(shard, id->bytes, id->count)) {
            continue;
        }
        if (absent.count < RF_ABSENT_SHOWN) {
            absent.ids[absent.count] = id->bytes;
            absent.bytes[absent.count] = id->count;
        }
        absent.count++;
    }
    return absent;
}

uint64_t
rf_ids_digest(const struct rf_ids *ids)
{
    uint64_t digest = ids->used;
    for (size_t i = 0; i < ids->used; i++) {
        digest = rf_hash(ids->items[i].bytes, ids->items[i].count, digest + ids->items[i].count);
    }
    return digest == 0 ? 1 : digest;
}

void
rf_ids_each(const struct rf_ids *ids, void (*take)(void *context, const char *id, size_t bytes),
            void *context)
{
    for (size_t i = 0; i < ids->used; i++) {
        take(context, ids->items[i].bytes, ids->items[i].count);
    }
}
