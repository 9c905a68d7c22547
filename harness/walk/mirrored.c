/* SPDX-License-Identifier: MIT */
/* Was it tampered with since it was fetched? */
#include "walk/mirrored.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "walk/fetched.h"
#include "walk/unfinished.h"

/** @return  a descriptor, or -1 and errno */
static int
open_manifest(const struct rf_source *source, char **ret_path)
{
    *ret_path = rf_path_join(source->path, RF_MANIFEST_NAME);
    return open(*ret_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/** @ret_there  false: nothing was fetched into this folder */
static rf_code
read_manifest(const struct rf_source *source, struct rf_fetched *ret, bool *ret_there,
              struct rf_err *reterr)
{
    bool is_cut_off;
    RF_TRY(rf_unfinished_is_cut_off(source->path, &is_cut_off, reterr));
    if (is_cut_off) {
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

/** @entry  of its key, or NULL */
static void
hold_object(struct rf_object *object, const struct rf_fetched_entry *entry)
{
    bool special = object->special;
    object->special = false; /* it is not passed over as what never was history, and not opened */
    object->altered = true;
    if (entry != NULL && entry->missing) {
        rf_object_flaw(object, RF_ERR_SOURCE,
                       "could not be fetched, or not in its last version: fetch again");
    } else if (entry == NULL) {
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
        object->altered = false; /* as far as its size tells */
    }
}

/** One that the manifest has, and the folder has not. */
static void
add_absent(struct rf_object_list *list, const struct rf_source *source,
           const struct rf_fetched_entry *entry)
{
    struct rf_object *object = rf_object_list_add(list, rf_strdup(entry->key), source->number);
    object->bytes = entry->bytes;
    object->altered = true;
    if (entry->missing) {
        hold_object(object, entry);
    } else {
        rf_object_flaw(object, RF_ERR_CORRUPT, "was fetched, and is gone");
    }
}

/** Whether it is there, and no object: the config, or a golden's own file. */
static bool
is_left_out(const struct rf_source *source, const struct rf_fetched_entry *entry)
{
    struct stat facts;
    if (source->config_files + source->golden_files == 0) {
        return false;
    }
    char *path = rf_path_join(source->path, entry->key);
    bool is = stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
    free(path);
    return is;
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
        if (!met[i] && !is_left_out(source, &manifest->entries[i])) {
            add_absent(list, source, &manifest->entries[i]);
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
    hold_source(source, &manifest, list);
    rf_fetched_done(&manifest);
    return RF_OK;
}

rf_code
rf_mirrored_settle(const struct rf_walk_request *request, struct rf_objects *objects,
                   struct rf_object_list *list, bool packed, struct rf_err *reterr)
{
    RF_TRY(rf_unfinished_find(request, objects, list, reterr));
    for (size_t i = 0; i < request->source_count; i++) {
        const struct rf_source *source = &objects->sources[i];
        if (request->verify_asked && source->kind != &rf_source_packed) {
            RF_TRY(verify(source, list, packed, reterr));
        }
    }
    return RF_OK;
}
