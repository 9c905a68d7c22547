/* SPDX-License-Identifier: MIT */
/* Waiting for a worker, and telling one that hangs from one that is merely slow. */
#ifndef RF_WORKER_WATCH_H
#define RF_WORKER_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "worker/ward.h"

/** How long it is since a process last showed progress. All zero is a valid beginning. */
struct rf_watch {
    struct rf_ward *ward; /**< whose worker it is: served while it is waited for; or NULL */
    int waited_ms;        /**< since the last progress */
    bool has_cpu_start;   /**< since soon after the last progress */
    int64_t cpu_start_ms;
};

/** The process has shown progress. */
void rf_watch_reset(struct rf_watch *watch);

enum rf_watched {
    RF_WATCHED_READY, /**< the descriptor can be read, or is at its end */
    RF_WATCHED_ENDED, /**< the process has ended; what it wrote right before may still be there */
    RF_WATCHED_HUNG,  /**< it has had its time */
};

/**
 * Wait until the process gives a sign, or has had its time.
 *
 * One that computes is hung after `timeout_ms` of CPU time; one that waits for something after
 * twice that much time. One that wants to run and is not let run is given longer: the machine is
 * busy. Time in which we were stopped ourselves does not count.
 */
enum rf_watched rf_watch_wait(struct rf_watch *watch, pid_t pid, int fd, int timeout_ms);

/** Wait a little for the process to end by itself, so that its own end is told, not our kill. False
 * where it does not. */
bool rf_watch_end(pid_t pid, long limit_us);

#endif
