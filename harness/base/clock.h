/* SPDX-License-Identifier: MIT */
/* A clock that no one sets, for waiting and for how long something took: never for a time that a
 * report says. */
#ifndef RF_BASE_CLOCK_H
#define RF_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
rf_clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline double
rf_clock_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/** Less where a signal comes. */
static inline void
rf_clock_sleep_us(long us)
{
    struct timespec pause = {us / 1000000, (us % 1000000) * 1000};
    (void)nanosleep(&pause, NULL);
}

#endif
