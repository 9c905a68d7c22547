/* SPDX-License-Identifier: MIT */
/* A file, and standard input, as sources: each is one object. */
#include <string.h>

#include "base/alloc.h"
#include "walk/listed.h"
#include "walk/source.h"

static rf_code
list_file(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    (void)reterr;
    const char *slash = strrchr(source->path, '/');
    char *key = rf_strdup(slash == NULL ? source->path : slash + 1);
    struct rf_object *object = rf_object_list_add_file(objects, key, source->number, &source->stat);
    object->is_source = true;
    object->named = true;
    return RF_OK;
}

static rf_code
list_stdin(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    (void)reterr;
    struct rf_object *object = rf_object_list_add(objects, rf_strdup("-"), source->number);
    object->bytes = RF_BYTES_UNKNOWN;
    object->is_source = true;
    object->named = true;
    return RF_OK;
}

static rf_code
open_file(struct rf_source *source, const struct rf_object *object, void **ret_stream,
          struct rf_err *reterr)
{
    struct rf_listed *file = rf_calloc(1, sizeof(*file));
    *ret_stream = file;
    return rf_listed_open(file, rf_strdup(source->path), object->name, object->bytes, object->stamp,
                          reterr);
}

static rf_code
open_stdin(struct rf_source *source, const struct rf_object *object, void **ret_stream,
           struct rf_err *reterr)
{
    (void)source;
    (void)object;
    struct rf_listed *file = rf_calloc(1, sizeof(*file));
    *ret_stream = file;
    return rf_listed_open_stdin(file, reterr);
}

const struct rf_source_kind rf_source_file = {
    .list = list_file,
    .open = open_file,
    .read = rf_listed_stream_read,
    .close = rf_listed_stream_close,
};

const struct rf_source_kind rf_source_stdin = {
    .list = list_stdin,
    .open = open_stdin,
    .read = rf_listed_stream_read,
    .close = rf_listed_stream_close,
};
