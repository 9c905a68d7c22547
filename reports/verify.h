/* SPDX-License-Identifier: MIT */
/* What `refold golden verify` found, for people and for programs. */
#ifndef RF_REPORTS_VERIFY_H
#define RF_REPORTS_VERIFY_H

#include <stdbool.h>

#include "base/buf.h"
#include "golden/verify.h"

struct rf_verify_report {
    const char *folder;
    const struct rf_verification *found;
    const char *error; /**< the sentence that ended it early, or NULL */
    int exit;
    int verbosity; /**< -1: the verdict only */
    bool color;
};

void rf_verify_text(const struct rf_verify_report *report, struct rf_buf *out);
/** schema/verify.schema.json */
void rf_verify_json(const struct rf_verify_report *report, struct rf_buf *out);

#endif
