/* SPDX-License-Identifier: MIT */
/* What `refold worker-check` found, for people and for programs. */
#ifndef RF_REPORTS_WORKER_CHECK_H
#define RF_REPORTS_WORKER_CHECK_H

#include <stdbool.h>

#include "base/buf.h"
#include "check/kit.h"

struct rf_worker_check_report {
    const char *file;
    const struct rf_kit_report *found;
    int exit;
    int verbosity; /**< -1: what is wrong, and the verdict */
    bool color;
};

void rf_worker_check_text(const struct rf_worker_check_report *report, struct rf_buf *out);
/** schema/worker-check.schema.json */
void rf_worker_check_json(const struct rf_worker_check_report *report, struct rf_buf *out);

/** "ok", "not ok", "skipped", "stopped". */
const char *rf_check_result_name(enum rf_check_result result);

#endif
