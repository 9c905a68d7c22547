/* SPDX-License-Identifier: MIT */
/* Becoming an aggregate's program. */
#ifndef RF_WORKER_LAUNCH_H
#define RF_WORKER_LAUNCH_H

#include <stdint.h>

/**
 * Bind this process (bounds.h), hold it as the host ordered (sandbox.h), and execute `file` with
 * standard input, output and error as they are, no arguments, and the environment as it is (the
 * host gives an empty one, or that of a made world). Where it cannot be executed, standard error
 * says why.
 * @file  absolute
 */
_Noreturn void rf_launch(const char *file, uint64_t memory_bytes);

#endif
