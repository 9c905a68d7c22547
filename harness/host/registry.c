/* SPDX-License-Identifier: MIT */
/* All running workers, so that a signal handler can end them. */
#include "host/registry.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

static atomic_int registry[RF_REGISTRY_SLOTS];
static atomic_bool killed;

int
rf_registry_add(pid_t pid)
{
    for (int i = 0; i < RF_REGISTRY_SLOTS; i++) {
        int empty = 0;
        if (atomic_compare_exchange_strong(&registry[i], &empty, (int)pid)) {
            if (atomic_load(&killed)) { /* it was being started, and not noted yet */
                (void)kill(-pid, SIGKILL);
            }
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
    atomic_store(&killed, true);
    for (int i = 0; i < RF_REGISTRY_SLOTS; i++) {
        int pid = atomic_load(&registry[i]);
        if (pid > 0) {
            (void)kill(-pid, SIGKILL);
        }
    }
    errno = saved;
}
