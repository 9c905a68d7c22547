/* SPDX-License-Identifier: MIT */
/* Long work that somebody may end: a flag, which is looked at between its parts. */
#ifndef RF_BASE_STOP_H
#define RF_BASE_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** Accepts NULL: nobody ends it. */
static inline bool
rf_stopped(const atomic_bool *stop)
{
    return stop != NULL && atomic_load_explicit(stop, memory_order_relaxed);
}

#endif
