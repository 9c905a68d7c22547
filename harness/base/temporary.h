/* SPDX-License-Identifier: MIT */
/*
 * Temporaries: files that are written beside their target, `.NAME.PID-N.tmp`, and second names of
 * what lies there, `.NAME.PID-N.old`. The process's number tells whether their maker is alive.
 */
#ifndef RF_BASE_TEMPORARY_H
#define RF_BASE_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>

/* As long as each other. */
#define RF_TEMPORARY_NEW ".tmp"
#define RF_TEMPORARY_OLD ".old"

/** The folder of a path; owned. */
char *rf_folder_of(const char *path);
/** What stands behind the last slash; borrowed from the path. */
const char *rf_name_of(const char *path);
/** The path with its last step replaced; owned. */
char *rf_path_beside(const char *path, const char *name);

/** Follows a link, so that the file behind it is replaced and the link stays; owned. */
char *rf_resolve_target(const char *path);

/** A path beside the target, with this process's number and `number` in it; owned. */
char *rf_temporary_path(const char *target, unsigned long number, const char *suffix);

/** The process that made a temporary of this name; 0 where it is the name of none.
 *  @target  the name of the file it must be of; NULL: of any */
long rf_temporary_maker(const char *name, const char *target);

/** The name of the file that a temporary of this name is for; NULL: it is none. Owned. */
char *rf_temporary_target(const char *name);

/** Whether the process that made a temporary is still there; its number may be another's by now. */
bool rf_temporary_is_alive(long maker);

/** Remove temporaries in a folder whose maker was killed: of one target, or (NULL) of any. */
void rf_temporaries_sweep(const char *folder, const char *target);

/**
 * Remove temporaries in a folder whoever made them, for nobody else writes there now. In containers
 * the number of a process that was killed is soon that of another one.
 * @fits    or NULL: of any file
 * @return  how many were removed
 */
size_t rf_temporaries_clear(const char *folder, bool (*fits)(const char *name));

#endif
