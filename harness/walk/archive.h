/* SPDX-License-Identifier: MIT */
/* One pass over a tar or zip archive, from its first member to its last. */
#ifndef RF_WALK_ARCHIVE_H
#define RF_WALK_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "walk/walk.h"

enum rf_archive_form {
    RF_ARCHIVE_NONE,
    RF_ARCHIVE_TAR,
    RF_ARCHIVE_TAR_GZIP,
    RF_ARCHIVE_TAR_ZSTD,
    RF_ARCHIVE_ZIP
};

/** What a file is by its first bytes, and, where these do not tell, by its name. What is
 * gzip or zstd is an archive only if its name says so: an object is one too. */
enum rf_archive_form rf_archive_form(const char *path);
/** What a name promises. */
enum rf_archive_form rf_archive_form_of_name(const char *name);

/** An archive as it was when it was listed. Strings are borrowed. */
struct rf_archive_file {
    const char *path;
    const char *name; /**< what messages call it */
    enum rf_archive_form form;
    uint64_t bytes;
    struct rf_stamp stamp;
    const struct rf_gunzip *gunzip; /**< for what is packed as a whole */
};

enum rf_member_kind { RF_MEMBER_FILE, RF_MEMBER_FOLDER, RF_MEMBER_LINK, RF_MEMBER_SPECIAL };

/** What is said of a member in front of its data. Strings are borrowed until the next one. */
struct rf_member {
    const char *path; /**< as written; NULL where it cannot be read */
    enum rf_member_kind kind;
    const char *target; /**< of a link */
    uint64_t bytes;     /**< as said; 0 where nothing is */
    bool sparse;
    bool encrypted;
    const char *wrong; /**< what libarchive finds amiss, or NULL */
};

/**
 * A pass, at a member or in front of the first. What a member holds need not be read.
 *
 * Errors of all functions: RF_ERR_CORRUPT, RF_ERR_TRUNCATED, RF_ERR_LIMIT: the archive or the
 * member is damaged, and it is the file that was listed; RF_ERR_SOURCE: it cannot be read, or
 * changed meanwhile. Threads: one at a time.
 */
struct rf_archive;
RF_MUST_USE rf_code rf_archive_open(const struct rf_archive_file *file, struct rf_archive **ret,
                                    struct rf_err *reterr);
/** Accepts NULL. */
void rf_archive_close(struct rf_archive *archive);

/** On to the next member, or *ret_end: then the archive was whole to its end. */
RF_MUST_USE rf_code rf_archive_next(struct rf_archive *archive, struct rf_member *ret,
                                    bool *ret_end, struct rf_err *reterr);

/** As rf_reader_read: at the end, all that the archive says of the member's bytes was checked. */
RF_MUST_USE rf_code rf_archive_read(struct rf_archive *archive, void *bytes, size_t room,
                                    size_t *ret_got, struct rf_err *reterr);

/** Whether the next member can be gone on to, be the one at hand damaged or not. */
bool rf_archive_usable(const struct rf_archive *archive);

#endif
