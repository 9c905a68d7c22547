/* SPDX-License-Identifier: MIT */
/* A crew of threads that share one job. */
#include "base/threads.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/error.h"

size_t
rf_threads_run(void *(*work)(void *context), void *contexts, size_t context_bytes, size_t count)
{
    pthread_t *threads = rf_calloc(count, sizeof(*threads));
    size_t started = 1;
    while (started < count && pthread_create(&threads[started], NULL, work,
                                             (char *)contexts + started * context_bytes) == 0) {
        started++;
    }
    (void)work(contexts);
    for (size_t i = 1; i < started; i++) {
        RF_VERIFY(pthread_join(threads[i], NULL) == 0);
    }
    free(threads);
    return started;
}
