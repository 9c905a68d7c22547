/* SPDX-License-Identifier: MIT */
/* A folder as a source: each file in it is an object. */
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "walk/folder.h"
#include "walk/listed.h"
#include "walk/source.h"

/** Leaves out what was read as the config: by its inode, and only that one. */
static uint64_t
leave_config(const char *config, struct rf_object_list *objects, size_t first)
{
    struct stat facts;
    size_t kept = first;
    if (config == NULL || stat(config, &facts) != 0) {
        return 0;
    }
    for (size_t i = first; i < objects->count; i++) {
        struct rf_object *object = &objects->items[i];
        if (object->stamp.device == facts.st_dev && object->stamp.inode == facts.st_ino) {
            rf_object_done(object);
        } else {
            objects->items[kept++] = *object;
        }
    }
    uint64_t left = objects->count - kept;
    objects->count = kept;
    return left;
}

static rf_code
list(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    const struct rf_walk_request *request = source->request;
    struct rf_folder_golden golden = {.path = request->golden, .owns = request->golden_owns};
    size_t first = objects->count;
    bool is_there = golden.path != NULL && stat(golden.path, &golden.stat) == 0;
    rf_code code = rf_folder_walk(source->path, source->number, is_there ? &golden : NULL,
                                  &source->links, objects, reterr);
    source->golden_files += golden.left_out;
    source->config_files += leave_config(request->config, objects, first);
    return code;
}

/** A file system may list an entry twice where its folder changes meanwhile; then others may be
 * missing too. */
static rf_code
twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    (void)source;
    return rf_fail(reterr, RF_ERR_SOURCE, second->name,
                   "listed twice: its folder changed while it was listed");
}

static char *
name(const struct rf_source *source, const char *key)
{
    return rf_path_join(source->name, key);
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    struct rf_listed *file = rf_calloc(1, sizeof(*file));
    *ret_stream = file;
    return rf_listed_open(file, rf_path_join(source->path, object->key), object->name,
                          object->bytes, object->stamp, reterr);
}

const struct rf_source_kind rf_source_folder = {
    .list = list,
    .twice = twice,
    .name = name,
    .open = stream_open,
    .read = rf_listed_stream_read,
    .close = rf_listed_stream_close,
};
