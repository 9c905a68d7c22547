/* SPDX-License-Identifier: MIT */
/* What workers may take of the machine, seen from the host. */
#include "host/limits.h"

#include <stdio.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "host/spawn.h"
#include "worker/protocol.h"

static uint64_t memory = RF_LIMIT_AGGREGATE_BYTES;

void
rf_worker_set_memory(uint64_t bytes)
{
    memory = bytes;
}

uint64_t
rf_worker_memory(void)
{
    return memory;
}

void
rf_worker_describe_excess(char *text, size_t text_room)
{
    (void)snprintf(text, text_room, "exceeded its memory (%llu MiB)",
                   (unsigned long long)(memory / RF_MIB));
}

void
rf_worker_describe(int wait_status, char *text, size_t text_room)
{
    if (WIFEXITED(wait_status) &&
        (WEXITSTATUS(wait_status) == RF_EXIT_MEMORY || WEXITSTATUS(wait_status) == RF_EXIT_PIECE)) {
        rf_worker_describe_excess(text, text_room);
    } else if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == RF_EXIT_TOLD) {
        (void)snprintf(text, text_room, "broke the worker protocol"); /* its last words say how */
    } else if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == RF_EXIT_SAID) {
        (void)snprintf(text, text_room, "said that it crashed"); /* the same */
    } else {
        rf_spawn_describe(wait_status, text, text_room);
    }
}
