/* SPDX-License-Identifier: MIT */
/* Where the CPU time goes: taken at the borders of stations, by each thread for itself. */
#ifndef RF_BASE_STOPWATCH_H
#define RF_BASE_STOPWATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** What a thread may be at. */
enum rf_station {
    RF_STATION_REST, /**< at nothing of the below */
    RF_STATION_WALK,
    RF_STATION_GOLDEN,
    RF_STATION_READ,
    RF_STATION_INFLATE,
    RF_STATION_DECODE,
    RF_STATION_GATHER,
    RF_STATION_SORT,
    RF_STATION_SUBMIT,
    RF_STATION_COMPARE,
    RF_STATION_WORKERS, /**< no thread: other processes, added by rf_stopwatch_add */
    RF_STATION_REPORT,
    RF_STATION_COUNT_,
};

/** "walk", …, and what is done there. */
const char *rf_station_name(enum rf_station station);
const char *rf_station_summary(enum rf_station station);

extern atomic_bool rf_stopwatch_runs;

/** From here on time is taken. Before any thread is started. */
void rf_stopwatch_start(void);

enum rf_station rf_stopwatch_switch(enum rf_station station);

/**
 * This thread is at `station` from here on; returns where it was, to go back there:
 *
 *     enum rf_station before = rf_station_enter(RF_STATION_GATHER);
 *     …
 *     rf_station_enter(before);
 *
 * Nothing but a look at a flag while no time is taken; else a look at the thread's CPU clock, so
 * that it belongs around a bucket, a batch or a chunk, never around an event.
 */
static inline enum rf_station
rf_station_enter(enum rf_station station)
{
    return atomic_load_explicit(&rf_stopwatch_runs, memory_order_relaxed)
               ? rf_stopwatch_switch(station)
               : RF_STATION_REST;
}

/** CPU nanoseconds that were spent elsewhere for a station. */
void rf_stopwatch_add(enum rf_station station, uint64_t nanos);

/** CPU nanoseconds by station so far. REST is what this process has used beside: all of its own
 * time is in one of them. Returns false, and only zeros, where no time is taken. */
bool rf_stopwatch_read(uint64_t ret[RF_STATION_COUNT_]);

/** CPU nanoseconds of all children that have ended and were waited for. */
uint64_t rf_stopwatch_children(void);

#endif
