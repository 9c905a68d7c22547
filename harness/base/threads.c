/* SPDX-License-Identifier: MIT */
/* A crew of threads that share one job. */
#include "base/threads.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

/** As large as a main thread's as a rule, whatever limit refold was started with: only what is used
 * of it is memory. */
#define STACK_BYTES (8 * RF_MIB)

bool
rf_thread_start(pthread_t *ret, void *(*work)(void *context), void *context)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    bool started = pthread_create(ret, &attributes, work, context) == 0;
    (void)pthread_attr_destroy(&attributes);
    return started;
}

size_t
rf_threads_run(void *(*work)(void *context), void *contexts, size_t context_bytes, size_t count)
{
    pthread_t *threads = rf_calloc(count, sizeof(*threads));
    size_t started = 1;
    while (started < count &&
           rf_thread_start(&threads[started], work, (char *)contexts + started * context_bytes)) {
        started++;
    }
    (void)work(contexts);
    for (size_t i = 1; i < started; i++) {
        RF_VERIFY(pthread_join(threads[i], NULL) == 0);
    }
    free(threads);
    return started;
}
