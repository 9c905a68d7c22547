/* SPDX-License-Identifier: MIT */
/* What came of a fetch, for people and for programs. */
#ifndef RF_REPORTS_FETCH_H
#define RF_REPORTS_FETCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "mirror/fetch.h"

struct rf_fetch_report {
    const char *source; /**< without credentials */
    const char *folder;
    const struct rf_fetch_result *result;
    const char *error; /**< the sentence that ended it early, or NULL */
    bool dry;
    bool removes;
    int exit;
    int verbosity; /**< -1: the verdict only */
    double seconds;
};

void rf_fetch_text(const struct rf_fetch_report *report, struct rf_buf *out);
/** schema/fetch.schema.json */
void rf_fetch_json(const struct rf_fetch_report *report, struct rf_buf *out);

#endif
