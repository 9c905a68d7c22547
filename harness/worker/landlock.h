/* SPDX-License-Identifier: MIT */
/* Landlock, Linux's sandbox of files: the part of a worker's sandbox that the kernel itself judges.
 */
#ifndef RF_WORKER_LANDLOCK_H
#define RF_WORKER_LANDLOCK_H

#include <stdbool.h>

struct rf_executable; /* executable.h */

/** Whether the kernel knows of it, be it switched off: Linux 5.13 or newer. */
bool rf_landlock_is_known(void);

/**
 * Give up, for good, all of the file system but what places.h lists, and that only to be read; TCP,
 * abstract sockets and signals to others too, where the kernel knows these (Linux 6.7, 6.12). What
 * is open stays open.
 *
 * @file     the aggregate's, absolute
 * @program  of a program, which may be executed, and so may its loader; one without a loader reads
 *           no file but its own. NULL of a shared object: nothing may be executed
 * @return   false where the kernel has no Landlock (it came with Linux 5.13), or it is switched
 *           off; nothing is given up then
 */
bool rf_landlock_enter(const char *file, const struct rf_executable *program);

#endif
