/* SPDX-License-Identifier: MIT */
/*
 * An http(s) base as a source: each key of a list is an object.
 *
 * HTTP has no listing, so the keys are told by something else (--keys).
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "net/net.h"
#include "net/url.h"
#include "walk/ahead.h"
#include "walk/keys.h"
#include "walk/source.h"

static rf_code
begin(void *context, const struct rf_object *object, struct rf_transfer **ret,
      struct rf_err *reterr)
{
    const struct rf_source *source = context;
    struct rf_http_request request = {.method = "GET"};
    RF_TRY(rf_url_join(source->path, object->key, &request.url, reterr));
    const struct rf_transfer_wanted wanted = {
        .bytes = object->bytes == RF_BYTES_UNKNOWN ? RF_NET_BYTES_UNKNOWN : object->bytes,
        .etag = object->etag,
        .name = object->name,
    };
    *ret = rf_transfer_new(source->net, &request, &wanted, NULL);
    return RF_OK;
}

static rf_code
check(const struct rf_source *source, struct rf_err *reterr)
{
    char *url = NULL;
    if (source->request->keys == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "HTTP cannot list objects: give their keys, one a line, with --keys FILE");
    }
    RF_TRY(rf_net_check(source->name, reterr));
    RF_TRY(rf_url_join(source->path, "", &url, reterr));
    free(url);
    return RF_OK;
}

static rf_code
list(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    RF_TRY(check(source, reterr));
    source->state = rf_ahead_new(source->net, begin, source);
    char *prefix = rf_url_prefix(source->path);
    rf_code code = rf_keys_list(source, NULL, prefix, objects, reterr);
    free(prefix);
    return code;
}

static rf_code
twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    return rf_keys_twice(source, second, reterr);
}

static char *
name(const struct rf_source *source, const char *key)
{
    return rf_path_join(source->name, key);
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static void
want(struct rf_source *source, const struct rf_object *object)
{
    rf_ahead_want(source->state, object);
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    struct rf_transfer *transfer;
    RF_TRY(rf_ahead_take(source->state, object, &transfer, reterr));
    *ret_stream = transfer;
    return RF_OK;
}

static rf_code
stream_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_transfer_read(context, bytes, room, ret_got, reterr);
}

static void
stream_close(void *context)
{
    rf_transfer_close(context);
}

static void
done(struct rf_source *source)
{
    rf_ahead_free(source->state);
}

const struct rf_source_kind rf_source_http = {
    .list = list,
    .twice = twice,
    .name = name,
    .want = want,
    .open = stream_open,
    .read = stream_read,
    .close = stream_close,
    .done = done,
};
