/* SPDX-License-Identifier: MIT */
/* What a compiler said, as one sentence. */
#ifndef RF_HOST_COMPLAINTS_H
#define RF_HOST_COMPLAINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct rf_source; /* compile.h */

/** How a compiler complains. */
struct rf_complaint_manner {
    bool (*tells)(const char *line); /**< whether the line says what is wrong */
    bool goes_on; /**< lines that begin with a blank go on with what is said above */
    size_t most;  /**< so many are told, and how many more there are */
};

/** The first complaints, else the first line; files are called as the user calls them. Owned by the
 * caller. */
char *rf_complaints(struct rf_buf *output, const struct rf_source *source,
                    const struct rf_complaint_manner *manner);

#endif
