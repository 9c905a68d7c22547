/* SPDX-License-Identifier: MIT */
/* A line on the terminal while long work runs: how far, how fast, how long still. */
#ifndef RF_CLI_PROGRESS_H
#define RF_CLI_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "history/ingest.h"

/** One progress line; a thread of its own draws it. */
struct rf_progress {
    struct rf_progress_counts counts;
    uint64_t bytes_total, objects_total;
    atomic_uint_fast64_t events_total; /**< 0 while objects are read */
    const char *doing;                 /**< what is done with events then; set before that */
    const char *building;              /**< what is compiled, in front of all that; or NULL */
    bool shown; /**< for who starts it later than it is told whether it is to be seen */
    bool moves; /**< bytes are only moved: no events are read from them; set before it starts */
    atomic_bool ended;
    bool running;
    pthread_t thread;
};

/** Begin to draw, if `shown`. */
void rf_progress_start(struct rf_progress *progress, bool shown, uint64_t objects_total,
                       uint64_t bytes_total);
/** From now on events are folded, or what else `doing` says; a constant. */
void rf_progress_events(struct rf_progress *progress, const char *doing, uint64_t events_total);
/** Wipe the line. Safe to call twice. */
void rf_progress_stop(struct rf_progress *progress);

#endif
