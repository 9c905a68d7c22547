/* SPDX-License-Identifier: MIT */
/* Landlock, Linux's sandbox of files: the part of a worker's sandbox that the kernel itself judges.
 */
#ifndef RF_WORKER_LANDLOCK_H
#define RF_WORKER_LANDLOCK_H

#include <stdbool.h>

/** Whether the kernel knows of it, be it switched off: Linux 5.13 or newer. */
bool rf_landlock_is_known(void);

/**
 * Give up, for good, all of the file system but what places.h lists, and that only to be read; TCP,
 * abstract sockets and signals to others too, where the kernel knows these (Linux 6.7, 6.12). What
 * is open stays open.
 *
 * @file    the aggregate's, absolute
 * @return  false where the kernel has no Landlock (it came with Linux 5.13), or it is switched off;
 *          nothing is given up then
 */
bool rf_landlock_enter(const char *file);

#endif
