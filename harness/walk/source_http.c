/* SPDX-License-Identifier: MIT */
/*
 * An http(s) base as a source: each key of a list is an object.
 *
 * HTTP has no listing, so the keys are told by something else (--keys). A source's state is the
 * Cookie header that its requests have, or NULL.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/secret.h"
#include "net/cookie.h"
#include "net/net.h"
#include "net/url.h"
#include "walk/keys.h"
#include "walk/remote.h"
#include "walk/source.h"

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
    const struct rf_net_settings *settings = source->request->net;
    if (settings != NULL && settings->cookie_file != NULL) {
        char *cookie = NULL;
        RF_TRY(rf_cookie_read(settings->cookie_file, &cookie, reterr));
        source->state = cookie;
    }
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
    return rf_path_below(source->name, key);
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static rf_code
ask(struct rf_source *source, const struct rf_object *object, struct rf_http_request *ret,
    struct rf_transfer_wanted *ret_wanted, struct rf_signer *ret_signer, struct rf_err *reterr)
{
    const char *cookie = source->state;
    (void)ret_wanted;
    (void)ret_signer;
    RF_TRY(rf_url_join(source->path, object->key, &ret->url, reterr));
    if (cookie != NULL) {
        rf_http_header_set(ret, "Cookie", cookie);
    }
    return RF_OK;
}

static void
done(struct rf_source *source)
{
    rf_secret_free(source->state);
}

const struct rf_source_kind rf_source_http = {
    .list = list,
    .twice = twice,
    .name = name,
    .ask = ask,
    .want = rf_remote_want,
    .open = rf_remote_open,
    .read = rf_remote_read,
    .close = rf_remote_close,
    .done = done,
};
