/* SPDX-License-Identifier: MIT */
/* Reading objects that lie on servers. Their transfers begin before they are opened: a window that
 * moves over those that are wanted, so that a million of them cost a pointer each. */
#include "walk/remote.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/net.h"

/* Where many threads open objects, each is near the front of those that wait. */
#define NEAR 4096

struct begun {
    const struct rf_object *object;
    struct rf_transfer *transfer;
};

struct rf_ahead {
    struct rf_source *source;
    pthread_mutex_t lock;            /* of what follows */
    const struct rf_object **wanted; /* NULL: was taken */
    size_t count, room, next;        /* those before `next` were begun, or taken */
    struct begun *window;
    size_t begun, most;
};

static struct rf_ahead *
ahead_new(struct rf_source *source)
{
    struct rf_ahead *ahead = rf_calloc(1, sizeof(*ahead));
    ahead->source = source;
    ahead->most = rf_net_window(source->net);
    ahead->window = rf_calloc(ahead->most, sizeof(*ahead->window));
    RF_VERIFY(pthread_mutex_init(&ahead->lock, NULL) == 0);
    return ahead;
}

void
rf_ahead_free(struct rf_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    for (size_t i = 0; i < ahead->begun; i++) {
        rf_transfer_close(ahead->window[i].transfer);
    }
    free(ahead->window);
    free(ahead->wanted);
    (void)pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}

static rf_code
begin(struct rf_source *source, const struct rf_object *object, struct rf_transfer **ret,
      struct rf_err *reterr)
{
    struct rf_http_request request;
    struct rf_transfer_wanted wanted;
    struct rf_signer signer;
    RF_TRY(rf_source_request(source, object, &request, &wanted, &signer, reterr));
    *ret = rf_transfer_new(source->net, &request, &wanted, &signer);
    return RF_OK;
}

/** Begins as many as the window holds. Under the lock. */
static void
fill(struct rf_ahead *ahead)
{
    while (ahead->next < ahead->count && ahead->begun < ahead->most) {
        const struct rf_object *object = ahead->wanted[ahead->next++];
        struct begun *begun = &ahead->window[ahead->begun];
        struct rf_err ignored; /* who opens it is told */
        if (object != NULL && begin(ahead->source, object, &begun->transfer, &ignored) == RF_OK) {
            begun->object = object;
            ahead->begun++;
        }
    }
}

void
rf_remote_want(struct rf_source *source, const struct rf_object *object)
{
    if (source->ahead == NULL) {
        source->ahead = ahead_new(source);
    }
    struct rf_ahead *ahead = source->ahead;
    RF_VERIFY(pthread_mutex_lock(&ahead->lock) == 0);
    RF_GROW(ahead->wanted, ahead->room, ahead->count + 1);
    ahead->wanted[ahead->count++] = object;
    fill(ahead);
    (void)pthread_mutex_unlock(&ahead->lock);
}

/** Out of the window, or out of those that wait; NULL: no transfer was begun. Under the lock. */
static struct rf_transfer *
take_out(struct rf_ahead *ahead, const struct rf_object *object)
{
    for (size_t i = 0; i < ahead->begun; i++) {
        if (ahead->window[i].object == object) {
            struct rf_transfer *transfer = ahead->window[i].transfer;
            ahead->window[i] = ahead->window[--ahead->begun];
            return transfer;
        }
    }
    for (size_t i = ahead->next; i < ahead->count && i - ahead->next < NEAR; i++) {
        if (ahead->wanted[i] == object) {
            ahead->wanted[i] = NULL;
            break;
        }
    }
    return NULL;
}

rf_code
rf_remote_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
               struct rf_err *reterr)
{
    struct rf_ahead *ahead = source->ahead;
    struct rf_transfer *transfer = NULL;
    if (ahead != NULL) {
        RF_VERIFY(pthread_mutex_lock(&ahead->lock) == 0);
        transfer = take_out(ahead, object);
        fill(ahead);
        (void)pthread_mutex_unlock(&ahead->lock);
    }
    if (transfer == NULL) {
        RF_TRY(begin(source, object, &transfer, reterr));
    }
    *ret_stream = transfer;
    return RF_OK;
}

rf_code
rf_remote_read(void *stream, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_transfer_read(stream, bytes, room, ret_got, reterr);
}

void
rf_remote_close(void *stream)
{
    rf_transfer_close(stream);
}
