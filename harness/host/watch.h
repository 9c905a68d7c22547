/* SPDX-License-Identifier: MIT */
/* Waiting for a worker, and telling one that hangs from one that is merely slow. */
#ifndef RF_HOST_WATCH_H
#define RF_HOST_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/ward.h"

/** How long it is since a process last showed progress, and what it may take. All zero is a valid
 * beginning. */
struct rf_watch {
    struct rf_ward *ward;    /**< whose worker it is: served while it is waited for; or NULL */
    uint64_t memory_bytes;   /**< of its own that it may have; 0: no limit */
    uint64_t given_bytes;    /**< of the files that it was given to map */
    int64_t measured_ms;     /**< when its memory was measured last … */
    uint64_t measured_bytes; /**< … and how much it was */
    int waited_ms;           /**< since the last progress */
    bool has_cpu_start;      /**< since soon after the last progress */
    int64_t cpu_start_ms;
    bool stopped; /**< it was, by a signal, when it was looked at last */
};

/** The process has shown progress. */
void rf_watch_reset(struct rf_watch *watch);

enum rf_watched {
    RF_WATCHED_READY, /**< the descriptor can be read, or is at its end */
    RF_WATCHED_ENDED, /**< the process has ended; what it wrote right before may still be there */
    RF_WATCHED_HUNG,  /**< it has had its time */
    RF_WATCHED_FULL,  /**< it has more memory than it may */
};

/**
 * Wait until the process gives a sign, or has had its time.
 *
 * One that computes is hung after `timeout_ms` of CPU time; one that waits for something after
 * twice that much time. One that wants to run and is not let run is given longer: the machine is
 * busy. Time in which we were stopped ourselves does not count.
 *
 * A worker with a program (its ward knows it) is taken for one with it: what either computes is
 * time, and one that has had its time with a thread that still wants to run is busy, not stuck.
 *
 * Memory is measured every 50 ms, also where it gives one sign after the other: what is its alone,
 * and what it shares beyond the files that it was given.
 */
enum rf_watched rf_watch_wait(struct rf_watch *watch, pid_t pid, int fd, int timeout_ms);

/** Memory of a worker, as rf_watch_wait measures it: its own, or its program's where that is more;
 * 0 where it cannot be told. */
uint64_t rf_watch_memory(const struct rf_watch *watch, pid_t pid);

/** Whether a worker that is idle has kept more than half of the memory that it may take: what it is
 * given next could die of what others have left. */
bool rf_watch_is_heavy(const struct rf_watch *watch, pid_t pid);

/** Memory that a process has to itself in bytes, beyond files of so many bytes that it was given; 0
 * where that cannot be told. */
uint64_t rf_watch_own_memory(pid_t pid, uint64_t given_bytes);

/** Threads of a process; 0 where that cannot be told. */
long rf_watch_threads(pid_t pid);

/** Whose child a process is; 0 where that cannot be told. */
pid_t rf_watch_parent(pid_t pid);

/** Wait a little for the process to end by itself, so that its own end is told, not our kill. False
 * where it does not. */
bool rf_watch_end(pid_t pid, long limit_us);

#endif
