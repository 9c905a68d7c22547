/* SPDX-License-Identifier: MIT */
/* The ids of --id and --ids. */
#include "cli/ids.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct id {
    char *bytes;
    size_t count;
};

struct rf_ids {
    struct id *items;
    size_t used, room;
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
    return order != 0 ? order : (a->count > b->count) - (a->count < b->count);
}

void
rf_ids_sort(struct rf_ids *ids)
{
    if (ids->used > 0) {
        qsort(ids->items, ids->used, sizeof(*ids->items), compare);
    }
}

bool
rf_ids_has(const void *context, const char *id, size_t bytes)
{
    const struct rf_ids *ids = context;
    struct id wanted = {(char *)(uintptr_t)id, bytes};
    return ids->used > 0 &&
           bsearch(&wanted, ids->items, ids->used, sizeof(*ids->items), compare) != NULL;
}
