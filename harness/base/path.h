/* SPDX-License-Identifier: MIT */
/* Paths as texts. */
#ifndef RF_BASE_PATH_H
#define RF_BASE_PATH_H

/** FOLDER/KEY without a doubled slash; owned. */
char *rf_path_join(const char *folder, const char *key);

/** Where a path leads, from the root on: links resolved and "." and ".." gone, also in steps that
 * are not there yet; owned. */
char *rf_path_resolve(const char *path);

#endif
