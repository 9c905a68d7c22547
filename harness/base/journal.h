/* SPDX-License-Identifier: MIT */
/*
 * The journal of files that change together (harness/docs/adr/0015).
 *
 * The files of a folder cannot be replaced in one step. So all new ones are written beside the old
 * ones first, and then a journal that names them: from the moment at which it is there, the folder
 * holds the new files, whatever lies under their names. They are renamed into place, and the
 * journal is removed. Whoever reads in between goes by the journal, and needs to write nothing:
 *
 *     refold journal 1
 *     AFTER BEFORE TEMPORARY NAME          a line for each file
 *     HASH                                 of all lines above
 *
 * AFTER and BEFORE are XXH3 of the new and the old file, in 16 hex digits; 16 dashes where there
 * was none. Who goes by a journal holds them against what lies there: files that somebody has
 * changed since are not mixed with those that it names.
 */
#ifndef RF_BASE_JOURNAL_H
#define RF_BASE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define RF_JOURNAL_NAME ".refold-journal"

/** One file. */
struct rf_journal_row {
    char *name;      /**< in the folder; a link there is followed */
    char *temporary; /**< the name of the new file, beside the target */
    bool existed;
    uint64_t before; /**< hash of the old file, if it existed */
    uint64_t after;
    bool waits; /**< after rf_journal_read: the new file is not in its place yet */
};

/** All zero: there is none, and every file lies under its name. */
struct rf_journal {
    struct rf_journal_row *rows;
    size_t count;
    size_t room;
    bool there;     /**< there is a journal, be it one whose files are all in place */
    size_t waiting; /**< rows that wait */
};
void rf_journal_done(struct rf_journal *journal);

/** `<folder>/.refold-journal`; owned. */
char *rf_journal_path(const char *folder);

/** The hash of a regular file. *ret_there is false where there is none.
 *  @return  RF_OK; RF_ERR_SOURCE: it cannot be read */
RF_MUST_USE rf_code rf_journal_hash(const char *path, bool *ret_there, uint64_t *ret,
                                    struct rf_err *reterr);

/** Whether a file of this name can stand in a journal: A-Z a-z 0-9 . _ -, no dots alone. */
bool rf_journal_takes(const char *name);

/** Append the journal's text. */
void rf_journal_write(const struct rf_journal *journal, struct rf_buf *out);

/**
 * Read a folder's journal, and see what of it is in place.
 * @ret     for rf_journal_done, whatever is returned; only `there` is set where it is not believed
 * @return  RF_OK, also where there is none, or no folder; RF_ERR_CORRUPT: it is damaged, or files
 *          were changed since it was written; RF_ERR_SOURCE: it, or a file, cannot be read
 */
RF_MUST_USE rf_code rf_journal_read(const char *folder, struct rf_journal *ret,
                                    struct rf_err *reterr);

/** The path to read for the file of this name: the new file's where that waits; owned. */
char *rf_journal_place(const struct rf_journal *journal, const char *folder, const char *name);

/**
 * Put into place what still waits, and remove the journal. Whoever calls it has the folder locked.
 * @ret_moved  how many files waited; NULL: who cares
 * @return     RF_OK, also where there is none; as rf_journal_read; RF_ERR_OUTPUT
 */
RF_MUST_USE rf_code rf_journal_finish(const char *folder, size_t *ret_moved, struct rf_err *reterr);

/** Make renames in a folder last. Some file systems refuse this for folders (EINVAL): nothing is
 * lost. False: an error, which errno tells. */
bool rf_folder_flush(const char *folder);

#endif
