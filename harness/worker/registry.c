/* SPDX-License-Identifier: MIT */
/* All running workers, so that a signal handler can end them. */
#include "worker/registry.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>

static atomic_int registry[RF_REGISTRY_SLOTS];

int
rf_registry_add(pid_t pid)
{
    for (int i = 0; i < RF_REGISTRY_SLOTS; i++) {
        int empty = 0;
        if (atomic_compare_exchange_strong(&registry[i], &empty, (int)pid)) {
            return i;
        }
    }
    return -1;
}

void
rf_registry_remove(int slot)
{
    atomic_store(&registry[slot], 0);
}

void
rf_registry_kill_all(void)
{
    int saved = errno;
    for (int i = 0; i < RF_REGISTRY_SLOTS; i++) {
        int pid = atomic_load(&registry[i]);
        if (pid > 0) {
            (void)kill(-pid, SIGKILL);
        }
    }
    errno = saved;
}
