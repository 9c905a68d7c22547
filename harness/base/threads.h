/* SPDX-License-Identifier: MIT */
/* A crew of threads that share one job. */
#ifndef RF_BASE_THREADS_H
#define RF_BASE_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/** A thread with a stack that does not depend on the limits that refold was started with. False
 * where the system gives none. */
bool rf_thread_start(pthread_t *ret, void *(*work)(void *context), void *context);

/**
 * Call `work` with each of `count` (at least 1) contexts, each on a thread of its own, and wait for
 * all. The first one is the caller's thread. Where the system gives fewer threads, fewer run: they
 * must take the job's parts from each other, so that fewer are slower, no more.
 *
 * @contexts  an array; each element of `context_bytes` is one thread's
 * @return    how many ran; the contexts behind were not touched
 */
size_t rf_threads_run(void *(*work)(void *context), void *contexts, size_t context_bytes,
                      size_t count);

#endif
