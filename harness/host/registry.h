/* SPDX-License-Identifier: MIT */
/* All running workers, so that a signal handler can end them. */
#ifndef RF_HOST_REGISTRY_H
#define RF_HOST_REGISTRY_H

#include <sys/types.h>

#define RF_REGISTRY_SLOTS 4096

/** Note a running process; where all were killed already, it is killed too. @return  its slot, or
 * -1 where there are too many. Threads: any. */
int rf_registry_add(pid_t pid);

/** Before the process is reaped: afterwards its number may be another's. Threads: any. */
void rf_registry_remove(int slot);

/** Kill all that are noted, and that will be, with their groups. Async-signal-safe; leaves errno as
 * it is. */
void rf_registry_kill_all(void);

#endif
