/* SPDX-License-Identifier: MIT */
/*
 * The C library's allocator as an aggregate finds it: what cannot be had ends the worker, and the
 * host says that it was too much. Without this the aggregate would be told so by a null pointer,
 * and what it dies of then would be called a fault of another kind.
 *
 * These stand in front of the library's for the whole process, loaded objects included. A sanitizer
 * has its own.
 */
#if defined(__GLIBC__) || defined(__linux__)
#include <features.h>
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "worker/bounds.h"

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes);

static inline void *
have(void *got, size_t bytes)
{
    if (__builtin_expect(got == NULL, 0)) {
        rf_bounds_exceed(bytes);
    }
    return got;
}

void *
malloc(size_t bytes)
{
    return have(__libc_malloc(bytes), bytes);
}

void *
calloc(size_t count, size_t bytes)
{
    size_t whole;
    bool wraps = __builtin_mul_overflow(count, bytes, &whole);
    return have(__libc_calloc(count, bytes), wraps ? SIZE_MAX : whole);
}

void *
realloc(void *old, size_t bytes)
{
    void *got = __libc_realloc(old, bytes);
    return bytes == 0 ? got : have(got, bytes); /* without bytes it frees */
}

/* What is no power of two is refused, and that is no want of memory. */
void *
memalign(size_t alignment, size_t bytes)
{
    void *got = __libc_memalign(alignment, bytes);
    return got == NULL && errno == ENOMEM ? have(got, bytes) : got;
}

void *
aligned_alloc(size_t alignment, size_t bytes)
{
    return memalign(alignment, bytes);
}

int
posix_memalign(void **ret, size_t alignment, size_t bytes)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    *ret = have(__libc_memalign(alignment, bytes), bytes);
    return 0;
}

#else
typedef int heap_is_the_system_s;
#endif
