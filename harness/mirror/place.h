/* SPDX-License-Identifier: MIT */
/* The folder that is mirrored into: keys become files in it, and nothing outside is ever touched.
 */
#ifndef RF_MIRROR_PLACE_H
#define RF_MIRROR_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"

/**
 * Why a key can be no file below a folder, or NULL: a step that is empty, `.`, `..`, longer than
 * 255 bytes or a name of fetch's own; a slash in front or at the end; control characters; no UTF-8.
 */
const char *rf_place_fault(const char *key);

/** The folder, open and locked. Threads: safe, each with a cursor of its own. */
struct rf_place;

/**
 * Open the folder, and make it where it is not there, but for a dry run.
 *
 * A folder with something in it, and without what tells that fetch wrote it, is refused: what it
 * holds is somebody else's.
 *
 * @dry      nothing is made or changed; it need not be there
 * @return   RF_OK; RF_ERR_USAGE: it is refused, or no folder; RF_ERR_SOURCE: another refold is
 *           changing it; RF_ERR_OUTPUT: it cannot be made
 */
RF_MUST_USE rf_code rf_place_open(const char *folder, bool dry, struct rf_place **ret,
                                  struct rf_err *reterr);
/** Removes the folder of partials, and the folder that it made, where nothing is in them. Accepts
 * NULL. */
void rf_place_close(struct rf_place *place);

/** Whether nothing was in it when it was opened. */
bool rf_place_was_empty(const struct rf_place *place);

/** A folder on the way to a key. */
struct rf_place_step {
    size_t bytes; /**< of the key, up to its end */
    int fd;
};

/** Where a thread stands: the folders that lead to the last key, open, for the next key lies beside
 * it. All zero: nowhere yet. */
struct rf_place_cursor {
    char *key; /**< as long as the last step's bytes */
    struct rf_place_step *steps;
    size_t count;
    size_t room;
};
void rf_place_cursor_done(struct rf_place_cursor *cursor);

/* Every step of a key is opened for itself, and no link is followed: not one that was there before,
 * and none that is put there meanwhile. `key` is one without a fault. Errors are RF_ERR_OUTPUT. */

/** What lies there. *ret_there is false where nothing does. Where a file is in the place of a
 * folder on its way, the error's `sys_errno` is ENOTDIR. */
RF_MUST_USE rf_code rf_place_look(struct rf_place *place, struct rf_place_cursor *cursor,
                                  const char *key, struct stat *ret, bool *ret_there,
                                  struct rf_err *reterr);
/** Open the file for reading; RF_ERR_SOURCE where it cannot be. */
RF_MUST_USE rf_code rf_place_read(struct rf_place *place, struct rf_place_cursor *cursor,
                                  const char *key, int *ret, struct rf_err *reterr);
/** Put a partial in place of what the key names, and make the folders that lead there. */
RF_MUST_USE rf_code rf_place_put(struct rf_place *place, struct rf_place_cursor *cursor,
                                 const char *key, const char *partial, struct rf_err *reterr);
/** Remove the file, and the folders that it leaves empty. What is no file stays.
 *
 * @from  folders of fewer bytes of the key stay too: somebody may be about to put something there
 */
RF_MUST_USE rf_code rf_place_remove(struct rf_place *place, struct rf_place_cursor *cursor,
                                    const char *key, size_t from, struct rf_err *reterr);
/** Whether what lies in a folder, and in those in it, are files for which `is` holds, and nothing
 * else: no link, and no folder without a file. */
bool rf_place_holds_only(struct rf_place *place, struct rf_place_cursor *cursor, const char *folder,
                         bool (*is)(void *context, const char *key), void *context);

/* ---- what is fetch's own --------------------------------------------------------------------- */

/** FOLDER/NAME, for messages; owned. */
char *rf_place_path(const struct rf_place *place, const char *name);
/** A file in the place (RF_MANIFEST_NAME), for reading; -1 and errno where there is none. */
int rf_place_open_own(const struct rf_place *place, const char *name);
/** Put a partial in place of it. */
RF_MUST_USE rf_code rf_place_put_own(const struct rf_place *place, const char *name,
                                     const char *partial, struct rf_err *reterr);

/** Whether there was a folder of partials: a fetch was cut off. */
bool rf_place_was_cut_off(const struct rf_place *place);
/** Open a file there; -1 and errno where it cannot be. */
int rf_place_open_partial(const struct rf_place *place, const char *name, int flags);
/** Remove one; it need not be there. */
void rf_place_drop_partial(const struct rf_place *place, const char *name);

/** Make all that was put there last, before something is written that tells so. False: errno. */
bool rf_place_flush(const struct rf_place *place);

#endif
