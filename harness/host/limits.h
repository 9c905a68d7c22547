/* SPDX-License-Identifier: MIT */
/* What workers may take of the machine, seen from the host. */
#ifndef RF_HOST_LIMITS_H
#define RF_HOST_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/** Longest time for loading an aggregate, or for a program's hello. That is no call of the
 * aggregate's, so that --timeout does not shorten it. */
#define RF_LOAD_MS 10000

/** What each worker may take in bytes, from here on; RF_LIMIT_AGGREGATE_BYTES where it was never
 * set. Not while workers run. */
void rf_worker_set_memory(uint64_t bytes);
uint64_t rf_worker_memory(void);

/** As rf_spawn_describe, of a worker: one that took too much memory "exceeded its memory (64 MiB)".
 */
void rf_worker_describe(int wait_status, char *text, size_t text_room);

/** The same sentence for one that the host ends for that. */
void rf_worker_describe_excess(char *text, size_t text_room);

#endif
