/* SPDX-License-Identifier: MIT */
/* Starts a thread as it is loaded, and needs it for every event: in a fork it is not there. */
#include <refold/aggregate.h>

#include <pthread.h>

struct threaded {
    int64_t events;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int64_t wanted;
static int64_t done;

static void *
work(void *unused)
{
    (void)pthread_mutex_lock(&mutex);
    for (;;) {
        while (done == wanted) {
            (void)pthread_cond_wait(&changed, &mutex);
        }
        done = wanted;
        (void)pthread_cond_broadcast(&changed);
    }
    return unused;
}

static void __attribute__((constructor)) start_thread(void)
{
    pthread_t thread;
    (void)pthread_create(&thread, NULL, work, NULL);
}

static int32_t
threaded_apply(void *state, const refold_event *event)
{
    int64_t by = 0;
    (void)refold_event_int(event, "By", &by);
    (void)pthread_mutex_lock(&mutex);
    wanted++;
    (void)pthread_cond_broadcast(&changed);
    while (done != wanted) {
        (void)pthread_cond_wait(&changed, &mutex);
    }
    (void)pthread_mutex_unlock(&mutex);
    if (by == 666) {
        __builtin_trap();
    }
    ((struct threaded *)state)->events++;
    return REFOLD_OK;
}

static const refold_type types[] = {REFOLD_TYPE("Added", 1)};
static const refold_field fields[] = {REFOLD_INT(struct threaded, events, "events")};

REFOLD_AGGREGATE("threaded", struct threaded, types, fields, threaded_apply)
