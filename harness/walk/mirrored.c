/* SPDX-License-Identifier: MIT */
/* Was it tampered with since it was fetched? */
#include "walk/mirrored.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "walk/fetched.h"

/** Moves what is history to the front, in order. What the user named is read, whatever it is. */
static void
leave_out_ours(struct rf_objects *objects, struct rf_object_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct rf_object *object = &list->items[i];
        if (!object->named && !object->is_source && rf_fetched_has_ours(object->key)) {
            objects->ours_sample =
                objects->ours++ == 0 ? rf_strdup(object->key) : objects->ours_sample;
            rf_object_done(object);
        } else {
            list->items[kept++] = *object;
        }
    }
    list->count = kept;
}

/** Whether a fetch into a folder goes on, or was cut off. */
static bool
is_cut_off(const struct rf_source *source)
{
    char *journal = rf_path_join(source->path, RF_PARTIALS_NAME "/" RF_FETCH_JOURNAL_NAME);
    bool is = access(journal, F_OK) == 0;
    free(journal);
    return is;
}

/** @return  a descriptor, or -1 and errno */
static int
open_manifest(const struct rf_source *source, char **ret_path)
{
    *ret_path = rf_path_join(source->path, RF_MANIFEST_NAME);
    return open(*ret_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/** Whoever does not verify is told at least that there is more than lies here. */
static bool
is_unfinished(const struct rf_source *source)
{
    char *path;
    int fd = open_manifest(source, &path);
    free(path);
    bool lacks = fd >= 0 && rf_fetched_missing(fd) > 0;
    return lacks || is_cut_off(source);
}

/** @ret_there  false: nothing was fetched into this folder */
static rf_code
read_manifest(const struct rf_source *source, struct rf_fetched *ret, bool *ret_there,
              struct rf_err *reterr)
{
    if (is_cut_off(source)) {
        return rf_fail(reterr, RF_ERR_SOURCE, source->name,
                       "a fetch into it goes on, or was cut off: fetch again, to its end");
    }
    char *path;
    int fd = open_manifest(source, &path);
    rf_code code = RF_OK;
    *ret_there = fd >= 0;
    if (fd >= 0) {
        code = rf_fetched_read(fd, path, ret, reterr);
    } else if (errno != ENOENT) {
        code = rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot be opened");
    }
    free(path);
    return code;
}

static void
hold_object(struct rf_object *object, const struct rf_fetched_entry *entry)
{
    bool special = object->special;
    object->special = false; /* it is not passed over as what never was history, and not opened */
    if (entry == NULL) {
        rf_object_flaw(object, RF_ERR_CORRUPT,
                       "was not fetched: it is not in the manifest, and was put here since");
    } else if (special) {
        rf_object_flaw(object, RF_ERR_CORRUPT, "was a file when it was fetched");
    } else if (object->bytes != entry->bytes) {
        rf_object_flaw(object, RF_ERR_CORRUPT,
                       "has %" PRIu64 " bytes, and had %" PRIu64
                       " when it was fetched: it was changed since",
                       object->bytes, entry->bytes);
    } else {
        object->sha256 = rf_strdup(entry->sha256);
    }
}

/** All objects of one source. */
static void
hold_source(const struct rf_source *source, const struct rf_fetched *manifest,
            struct rf_object_list *list)
{
    bool *met = rf_calloc(manifest->count + 1, sizeof(*met));
    for (size_t i = 0; i < list->count; i++) {
        struct rf_object *object = &list->items[i];
        if (object->source == source->number) {
            const struct rf_fetched_entry *entry = rf_fetched_find(manifest, object->key);
            hold_object(object, entry);
            if (entry != NULL) {
                met[entry - manifest->entries] = true;
            }
        }
    }
    for (size_t i = 0; i < manifest->count; i++) {
        if (!met[i]) {
            struct rf_object *object =
                rf_object_list_add(list, rf_strdup(manifest->entries[i].key), source->number);
            object->bytes = manifest->entries[i].bytes;
            rf_object_flaw(object, RF_ERR_CORRUPT, "was fetched, and is gone");
        }
    }
    free(met);
}

static rf_code
verify(const struct rf_source *source, struct rf_object_list *list, bool packed,
       struct rf_err *reterr)
{
    struct rf_fetched manifest = {0};
    bool there = false;
    if (source->kind == &rf_source_folder) {
        RF_TRY(read_manifest(source, &manifest, &there, reterr));
    }
    if (!there) {
        return packed ? RF_OK
                      : rf_fail(reterr, RF_ERR_USAGE, source->name,
                                "there is nothing to --verify it with: it has no manifest of "
                                "'refold fetch', and no pack is named");
    }
    rf_code code = RF_OK;
    if (manifest.missing > 0) {
        code = rf_fail(reterr, RF_ERR_SOURCE, source->name,
                       "the last fetch into it left out %" PRIu64 " object%s: fetch again",
                       manifest.missing, manifest.missing == 1 ? "" : "s");
    } else {
        hold_source(source, &manifest, list);
    }
    rf_fetched_done(&manifest);
    return code;
}

rf_code
rf_mirrored_settle(const struct rf_walk_request *request, struct rf_objects *objects,
                   struct rf_object_list *list, bool packed, struct rf_err *reterr)
{
    leave_out_ours(objects, list);
    for (size_t i = 0; i < request->source_count; i++) {
        const struct rf_source *source = &objects->sources[i];
        if (request->verify_asked && source->kind != &rf_source_packed) {
            RF_TRY(verify(source, list, packed, reterr));
        } else if (source->kind == &rf_source_folder && is_unfinished(source)) {
            objects->unfinished = source->name;
        }
    }
    return RF_OK;
}
