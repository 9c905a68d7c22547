/* SPDX-License-Identifier: MIT */
/* Which goldens a folder holds, and in which files. */
#ifndef RF_GOLDEN_LISTING_H
#define RF_GOLDEN_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

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
 * List a folder; one that is not there holds none. Temporaries, which begin with a dot, and what is
 * no golden's are passed over.
 * @ret     for rf_golden_files_done, whatever is returned
 * @return  RF_OK; RF_ERR_SOURCE: the folder cannot be listed; RF_ERR_USAGE: a golden is there in
 * two forms, or in one that this refold cannot read
 */
RF_MUST_USE rf_code rf_golden_files_list(const char *folder, struct rf_golden_files *ret,
                                         struct rf_err *reterr);

#endif
