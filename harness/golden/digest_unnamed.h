/* SPDX-License-Identifier: MIT */
/* Files of lines that no manifest names any more. */
#ifndef RF_GOLDEN_DIGEST_UNNAMED_H
#define RF_GOLDEN_DIGEST_UNNAMED_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** All zero is empty. */
struct rf_unnamed {
    char **paths; /**< sorted */
    size_t count;
    size_t room;
    uint64_t bytes; /**< that they take */
};
void rf_unnamed_done(struct rf_unnamed *unnamed);

/**
 * Find the files below `lines` that are shards of the folder's digest goldens, by their names, and
 * that none of its manifests names. Of a manifest that is damaged, and where `lines` is no folder,
 * there are none.
 * @return  RF_OK; RF_ERR_SOURCE: a manifest cannot be read, or a folder not listed
 */
RF_MUST_USE rf_code rf_unnamed_find(const char *folder, const char *lines, struct rf_unnamed *ret,
                                    struct rf_err *reterr);

#endif
