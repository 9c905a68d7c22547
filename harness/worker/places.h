/* SPDX-License-Identifier: MIT */
/*
 * What a worker may read of the file system: what the loader needs, and nothing else.
 *
 *   the folders of the system's shared libraries   libstdc++, libm …: what an aggregate is linked
 *                                                  with; programs and data lie elsewhere
 *   /etc/ld.so.cache                               where the loader looks these up
 *   the aggregate's own file
 *   shared objects right beside it                 libraries of its own ($ORIGIN); by their names,
 *                                                  and never through a link that leads elsewhere:
 *                                                  the folder is as a rule a repository, with .env
 *                                                  and .git in it
 *
 * A program's loader reads the same, and a program besides, while it is loaded, where its own
 * memory lies (/proc/self/maps), which sanitizers must know. The program and its loader may be
 * executed, the program once. Nothing else is: nothing is ever written, listed or removed. Both
 * ends keep to this list: the worker tells it to the kernel (landlock.h), the host knows by it what
 * to report (tried.h).
 */
#ifndef RF_WORKER_PLACES_H
#define RF_WORKER_PLACES_H

#include <stdbool.h>

/** With all that is below them; not all are on every system. Ends with NULL. */
extern const char *const rf_place_folders[];
/** Single files. Ends with NULL. */
extern const char *const rf_place_files[];
/** Of a program with a loader. */
#define RF_PLACE_OWN_MAPS "/proc/self/maps"

/** Whether a file's name is a shared object's: "liba.so", "liba.so.1.2". */
bool rf_place_is_library(const char *name);

/** Whether the loader may read `path`, with `file` the aggregate's own, absolute and without links.
 * Links on the way are followed; what does not exist counts as where it would lie. */
bool rf_place_is_readable(const char *file, const char *path);

/** Whether a runtime asks for such a path by itself, to see how many processors there are, how
 * large pages are, or what itself is called: it goes on without, and its try tells nothing of the
 * aggregate. */
bool rf_place_is_a_runtimes(const char *path);

/** Whether glibc opens such a file by itself, to be read, in functions that have a result without
 * it: those of time, sysconf. Of compiled code that is loaded; a program that asks for its zone is
 * told of. */
bool rf_place_is_glibcs(const char *path);

/** Whether the loader, on its search through folders, asks for such a path although nothing is
 * there: a shared object, or with `folder` any path. */
bool rf_place_is_searched(const char *path, bool folder);

#endif
