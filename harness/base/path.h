/* SPDX-License-Identifier: MIT */
/* Paths as texts. */
#ifndef RF_BASE_PATH_H
#define RF_BASE_PATH_H

#include <stdbool.h>

/** FOLDER/KEY without a doubled slash; owned. */
char *rf_path_join(const char *folder, const char *key);
/** The same on a server, where a//b is another object than a/b: a slash comes between them only
 * where PREFIX ends in none. */
char *rf_path_below(const char *prefix, const char *key);

/** realpath(3) into memory of its own, which ends the process where it is refused (alloc.h): a path
 * that cannot be looked at for want of memory must not pass for one that is not there. */
char *rf_path_real(const char *path);

/** Where a path leads, from the root on: links resolved and "." and ".." gone, also in steps that
 * are not there yet; owned. */
char *rf_path_resolve(const char *path);

/** Whether two paths, links followed, lead to one file; equal ones do though it may be gone. */
bool rf_path_are_one(const char *a, const char *b);

/** The way from the working folder to another one, links resolved: ".", "./a", "../.."; owned. NULL
 * where one of them is not there. */
char *rf_path_way(const char *folder);

#endif
