/* SPDX-License-Identifier: MIT */
/* Which goldens a folder holds, and in which files. */
#ifndef RF_GOLDEN_LISTING_H
#define RF_GOLDEN_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/journal.h"

/** What is known to be damaged, and does not count. */
#define RF_KNOWN_DAMAGE_NAME "known-damage.json"
#define RF_CERTIFICATE_NAME  "certificate.json"

/* What follows an aggregate's name; RF_PENDING_ENDING (golden/pending.h) is another. */
#define RF_LINES_ENDING   ".ndjson"
#define RF_GZIP_ENDING    ".ndjson.gz"
#define RF_ZSTD_ENDING    ".ndjson.zst"
#define RF_META_ENDING    ".meta.json"
#define RF_DIGEST_ENDING  ".digest.json"
#define RF_REVIEWS_ENDING ".reviews.jsonl"

/** The files of one aggregate in a golden folder. */
struct rf_golden_file {
    char *aggregate;
    bool plain;  /**< AGGREGATE.ndjson */
    bool gzip;   /**< AGGREGATE.ndjson.gz */
    bool zstd;   /**< AGGREGATE.ndjson.zst */
    bool meta;   /**< AGGREGATE.meta.json */
    bool digest; /**< AGGREGATE.digest.json: its lines lie elsewhere */
};

/** All zero is empty. */
struct rf_golden_files {
    struct rf_golden_file *items; /**< sorted by aggregate */
    size_t count;
    size_t room;
};
void rf_golden_files_done(struct rf_golden_files *list);

/**
 * Call `each` for every name in a folder, which `at` is open on, in any order; a folder that is not
 * there, be it for a file where it should be, has none.
 * @return   RF_OK; RF_ERR_SOURCE: the folder cannot be listed
 */
RF_MUST_USE rf_code rf_golden_files_each(const char *folder,
                                         void (*each)(void *context, int at, const char *name),
                                         void *context, struct rf_err *reterr);

/**
 * List a folder; one that is not there holds none. Temporaries, which begin with a dot, and what is
 * no golden's are passed over.
 * @journal  of the folder: files that it names and that wait are there
 * @ret      for rf_golden_files_done, whatever is returned
 * @return   RF_OK; RF_ERR_SOURCE: the folder cannot be listed
 */
RF_MUST_USE rf_code rf_golden_files_list(const char *folder, const struct rf_journal *journal,
                                         struct rf_golden_files *ret, struct rf_err *reterr);

/** RF_ERR_USAGE: a golden is there in two forms, or in one that this refold cannot read. */
RF_MUST_USE rf_code rf_golden_file_check(const char *folder, const struct rf_golden_file *found,
                                         struct rf_err *reterr);

/** What follows the aggregate in the name of a file that is kept for one: RF_..._ENDING, the
 * longest that fits; NULL: it is not. */
const char *rf_golden_ending(const char *name);

/** Whether a file of this name belongs to a golden: its lines, and all that is kept beside them. */
bool rf_golden_file_is(const char *name);

/** Whether a file of this name is a temporary of one that belongs to a golden, or of a journal. */
bool rf_golden_temporary_is(const char *name);

/**
 * Append what tells whether a golden folder's files are still the ones that they were: name, size
 * and time of each, and where it lies; nothing where there is no folder. Two that are alike, before
 * and after reading, tell that nothing was replaced in between.
 * @return  RF_OK; RF_ERR_SOURCE
 */
RF_MUST_USE rf_code rf_golden_glance(const char *folder, struct rf_buf *ret, struct rf_err *reterr);

#endif
