/* SPDX-License-Identifier: MIT */
/*
 * A bucket's prefix as a source: each key below it is an object.
 *
 * A key is only a name here: it never becomes a path, whatever it holds. The first objects are
 * fetched while the rest is listed.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "net/net.h"
#include "net/s3.h"
#include "net/s3_bucket.h"
#include "walk/keys.h"
#include "walk/remote.h"
#include "walk/s3_objects.h"
#include "walk/source.h"

/* Transfers that begin while it is listed: as many as connections, as a rule. */
#define EARLY 32

struct early {
    char *key;                    /* owned */
    struct rf_transfer *transfer; /* NULL: was taken */
};

struct state {
    struct rf_s3_address address;
    struct rf_s3_bucket *bucket;
    struct early early[EARLY];
    size_t early_count;
    const char *early_last; /* the greatest of their keys */
    pthread_mutex_t lock;   /* of `early`, once it is listed */
};

static rf_code
ask(struct rf_source *source, const struct rf_object *object, struct rf_http_request *ret,
    struct rf_transfer_wanted *ret_wanted, struct rf_signer *ret_signer, struct rf_err *reterr)
{
    const struct state *state = source->state;
    char *key = rf_format("%s%s", state->address.prefix, object->key);
    (void)reterr;
    rf_s3_bucket_request(state->bucket, key, ret, ret_wanted, ret_signer);
    free(key);
    return RF_OK;
}

/* ---- listing --------------------------------------------------------------------------------- */

/** @object  without a name yet: with one source that is its key */
static void
begin_early(void *context, const struct rf_object *object)
{
    struct rf_source *source = context;
    struct state *state = source->state;
    struct rf_http_request request = {.method = "GET"};
    struct rf_transfer_wanted wanted = {
        .bytes = object->bytes, .etag = object->etag, .name = object->key};
    struct rf_signer signer;
    struct rf_err ignored;
    if (state->early_count < EARLY &&
        ask(source, object, &request, &wanted, &signer, &ignored) == RF_OK) {
        struct early *early = &state->early[state->early_count++];
        early->key = rf_strdup(object->key);
        early->transfer = rf_transfer_new(source->net, &request, &wanted, &signer);
        bool greatest = state->early_last == NULL || strcmp(early->key, state->early_last) > 0;
        state->early_last = greatest ? early->key : state->early_last;
    }
}

/** Whether all that is listed first is read first: with packs, most is not read at all. */
static bool
reads_all(const struct rf_walk_request *request)
{
    return request->reads && request->source_count == 1 && request->without_count == 0 &&
           request->pending_count == 0;
}

static rf_code
list(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    const struct rf_walk_request *request = source->request;
    struct state *state = rf_calloc(1, sizeof(*state));
    RF_VERIFY(pthread_mutex_init(&state->lock, NULL) == 0);
    source->state = state;
    RF_TRY(rf_s3_address_read(source->path, &state->address, reterr));
    RF_TRY(rf_s3_bucket_open(request->net == NULL ? NULL : &request->net->aws,
                             state->address.bucket, source->net, &state->bucket, reterr));
    if (source->keyed) {
        return rf_keys_list(source, state->address.bucket, state->address.prefix, objects, reterr);
    }
    const struct rf_s3_listing_request listing = {
        .bucket = state->bucket,
        .prefix = state->address.prefix,
        .source = source,
        .early = reads_all(request) ? begin_early : NULL,
        .context = source,
    };
    return rf_s3_list_objects(&listing, objects, reterr);
}

static rf_code
twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    if (source->keyed) {
        return rf_keys_twice(source, second, reterr);
    }
    return rf_fail(reterr, RF_ERR_SOURCE, second->name,
                   "the server lists it twice; objects may be missing elsewhere");
}

static char *
name(const struct rf_source *source, const char *key)
{
    return rf_path_below(source->name, key);
}

/* ---- reading --------------------------------------------------------------------------------- */

/** The transfer that began while it was listed, or NULL. */
static struct rf_transfer *
take_early(struct state *state, const struct rf_object *object, bool keep)
{
    struct rf_transfer *transfer = NULL;
    if (state->early_last == NULL || strcmp(object->key, state->early_last) > 0) {
        return NULL;
    }
    RF_VERIFY(pthread_mutex_lock(&state->lock) == 0);
    for (size_t i = 0; i < state->early_count && transfer == NULL; i++) {
        struct early *early = &state->early[i];
        if (strcmp(early->key, object->key) == 0) {
            transfer = early->transfer;
            early->transfer = keep ? transfer : NULL;
        }
    }
    (void)pthread_mutex_unlock(&state->lock);
    return transfer;
}

static void
want(struct rf_source *source, const struct rf_object *object)
{
    if (take_early(source->state, object, true) == NULL) {
        rf_remote_want(source, object);
    }
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    struct rf_transfer *transfer = take_early(source->state, object, false);
    if (transfer == NULL) {
        return rf_remote_open(source, object, ret_stream, reterr);
    }
    *ret_stream = transfer;
    return RF_OK;
}

static void
done(struct rf_source *source)
{
    struct state *state = source->state;
    if (state == NULL) {
        return;
    }
    for (size_t i = 0; i < state->early_count; i++) {
        rf_transfer_close(state->early[i].transfer);
        free(state->early[i].key);
    }
    rf_s3_bucket_free(state->bucket);
    rf_s3_address_done(&state->address);
    (void)pthread_mutex_destroy(&state->lock);
    free(state);
}

const struct rf_source_kind rf_source_s3 = {
    .list = list,
    .twice = twice,
    .name = name,
    .ask = ask,
    .want = want,
    .open = stream_open,
    .read = rf_remote_read,
    .close = rf_remote_close,
    .done = done,
};
