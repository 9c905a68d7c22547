/* SPDX-License-Identifier: MIT */
/* Transfers that are begun before their objects are opened: a window that moves over the wanted
 * ones, so that a million of them cost a pointer each. */
#include "walk/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Where many threads open objects, each is near the front of those that wait. */
#define NEAR 4096

struct begun {
    const struct rf_object *object;
    struct rf_transfer *transfer;
};

struct rf_ahead {
    rf_ahead_begin *begin;
    void *context;
    pthread_mutex_t lock;            /* of what follows */
    const struct rf_object **wanted; /* NULL: was taken */
    size_t count, room, next;        /* those before `next` were begun, or taken */
    struct begun *window;
    size_t begun, most;
};

struct rf_ahead *
rf_ahead_new(const struct rf_net *net, rf_ahead_begin *begin, void *context)
{
    struct rf_ahead *ahead = rf_calloc(1, sizeof(*ahead));
    ahead->begin = begin;
    ahead->context = context;
    ahead->most = rf_net_window(net);
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

/** Begins as many as the window holds. Under the lock. */
static void
fill(struct rf_ahead *ahead)
{
    while (ahead->next < ahead->count && ahead->begun < ahead->most) {
        const struct rf_object *object = ahead->wanted[ahead->next++];
        struct begun *begun = &ahead->window[ahead->begun];
        struct rf_err ignored; /* who takes it is told */
        if (object != NULL &&
            ahead->begin(ahead->context, object, &begun->transfer, &ignored) == RF_OK) {
            begun->object = object;
            ahead->begun++;
        }
    }
}

void
rf_ahead_want(struct rf_ahead *ahead, const struct rf_object *object)
{
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
        if (strcmp(ahead->window[i].object->key, object->key) == 0) {
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
rf_ahead_take(struct rf_ahead *ahead, const struct rf_object *object, struct rf_transfer **ret,
              struct rf_err *reterr)
{
    RF_VERIFY(pthread_mutex_lock(&ahead->lock) == 0);
    struct rf_transfer *transfer = take_out(ahead, object);
    fill(ahead);
    (void)pthread_mutex_unlock(&ahead->lock);
    if (transfer == NULL) {
        return ahead->begin(ahead->context, object, ret, reterr);
    }
    *ret = transfer;
    return RF_OK;
}
