/* SPDX-License-Identifier: MIT */
/* What a worker may take of the machine, seen from within. */
#ifndef RF_WORKER_BOUNDS_H
#define RF_WORKER_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Bind this process before the aggregate is loaded: at most `memory_bytes` of memory that is its
 * own to write (and what a language's runtime maps before it does anything), a stack of 8 MiB
 * whatever the shell says, no core file, and the first to go where the machine runs out of memory
 * all the same. 0: no bound on memory.
 */
void rf_bounds_set(uint64_t memory_bytes);

/** The aggregate is loaded: from here on `memory_bytes` more than there is now, to the byte. */
void rf_bounds_loaded(void);

/**
 * The same for a process that is about to become a program, behind rf_bounds_set: room for what its
 * runtime and the stacks of its threads reserve, and few descriptors. What it really takes the host
 * measures (watch.h); this is for one that takes much in between.
 * @reserves  its runtime reserves more than there is (executable.h): no bound on that
 */
void rf_bounds_become(bool reserves);

/** Of what the host's allocator gives out for a state (memory.h). UINT64_MAX: no bound. */
uint64_t rf_bounds_memory(void);

/** It would be more, with a piece of so many bytes: ends the process so that the host knows why
 * (RF_EXIT_MEMORY, RF_EXIT_PIECE). */
_Noreturn void rf_bounds_exceed(uint64_t piece_bytes);

#endif
