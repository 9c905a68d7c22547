/* SPDX-License-Identifier: MIT */
/* Which goldens a folder holds, and in which files. */
#include "golden/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "golden/pending.h"

void
rf_golden_files_done(struct rf_golden_files *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].aggregate);
    }
    free(list->items);
}

/** Whether `name` is ENDING behind something; *ret_front is how long that is. */
static bool
ends_with(const char *name, const char *ending, size_t *ret_front)
{
    size_t bytes = strlen(name);
    size_t count = strlen(ending);
    if (bytes <= count || strcmp(name + bytes - count, ending) != 0) {
        return false;
    }
    *ret_front = bytes - count;
    return true;
}

static void
add_found(struct rf_golden_files *list, const char *name)
{
    size_t front = 0;
    size_t kept;
    struct rf_golden_file found = {0};
    found.plain = ends_with(name, ".ndjson", &front);
    found.gzip = !found.plain && ends_with(name, ".ndjson.gz", &front);
    found.zstd = !found.plain && !found.gzip && ends_with(name, ".ndjson.zst", &front);
    found.meta =
        !found.plain && !found.gzip && !found.zstd && ends_with(name, ".meta.json", &front);
    if (ends_with(name, RF_PENDING_ENDING, &kept)) {
        return; /* events kept beside a golden: golden/pending.h */
    }
    bool lines = found.plain || found.gzip || found.zstd;
    found.digest = !lines && !found.meta && ends_with(name, ".digest.json", &front);
    if (name[0] == '.' || !(lines || found.meta || found.digest)) {
        return; /* not a golden's: temporaries begin with a dot */
    }
    found.aggregate = rf_strndup(name, front);
    RF_GROW(list->items, list->room, list->count + 1);
    list->items[list->count++] = found;
}

static int
compare_found(const void *left, const void *right)
{
    const struct rf_golden_file *a = left;
    const struct rf_golden_file *b = right;
    return strcmp(a->aggregate, b->aggregate);
}

/** One entry for each aggregate, sorted. */
static void
merge_found(struct rf_golden_files *list)
{
    size_t kept = 0;
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), compare_found);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct rf_golden_file *item = &list->items[i];
        struct rf_golden_file *last = kept == 0 ? NULL : &list->items[kept - 1];
        if (last == NULL || strcmp(last->aggregate, item->aggregate) != 0) {
            list->items[kept++] = *item;
            continue;
        }
        last->plain |= item->plain;
        last->gzip |= item->gzip;
        last->zstd |= item->zstd;
        last->meta |= item->meta;
        last->digest |= item->digest;
        free(item->aggregate);
    }
    list->count = kept;
}

static rf_code
list_folder(const char *folder, struct rf_golden_files *ret, struct rf_err *reterr)
{
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return RF_OK; /* not there, be it for a file where a folder should be */
        }
        return rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    rf_code code = RF_OK;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(open_folder);
        if (entry == NULL) {
            break;
        }
        add_found(ret, entry->d_name);
    }
    if (errno != 0) {
        code = rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    (void)closedir(open_folder);
    merge_found(ret);
    return code;
}

static rf_code
check_forms(const char *folder, const struct rf_golden_file *found, struct rf_err *reterr)
{
    if (found->plain + found->gzip + found->zstd > 1) {
        return rf_fail(
            reterr, RF_ERR_USAGE, folder,
            "the golden of '%s' is there twice (.ndjson, .ndjson.gz, .ndjson.zst): remove "
            "one of them",
            found->aggregate);
    }
    if (found->digest && (found->plain || found->gzip || found->zstd || found->meta)) {
        return rf_fail(reterr, RF_ERR_USAGE, folder,
                       "the golden of '%s' is there as a digest golden (.digest.json) and with its "
                       "lines (.ndjson, .meta.json): remove the files of one of them",
                       found->aggregate);
    }
    if (found->zstd) {
        return rf_fail(reterr, RF_ERR_USAGE, folder,
                       "'%s.ndjson.zst': this refold does not read goldens in zstd: unpack it",
                       found->aggregate);
    }
    return RF_OK;
}

rf_code
rf_golden_files_list(const char *folder, struct rf_golden_files *ret, struct rf_err *reterr)
{
    RF_TRY(list_folder(folder, ret, reterr));
    for (size_t i = 0; i < ret->count; i++) {
        RF_TRY(check_forms(folder, &ret->items[i], reterr));
    }
    return RF_OK;
}
