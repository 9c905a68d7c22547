/* SPDX-License-Identifier: MIT */
/* Threads go through a history and enter every event into a catalogue. */
#ifndef RF_TYPES_SURVEY_H
#define RF_TYPES_SURVEY_H

#include <stdatomic.h>

#include "base/error.h"
#include "history/gather.h"
#include "history/history.h"
#include "history/ingest.h"
#include "types/catalog.h"

/** Is told of an instance, by the thread of this number. */
typedef void rf_survey_each(void *context, size_t thread, const struct rf_instance *instance);

struct rf_survey_request {
    struct rf_history *history;          /**< sealed */
    const struct rf_gather_rules *rules; /**< with `everything` */
    struct rf_catalog_wish wish;
    rf_survey_each *each; /**< or NULL */
    void *context;        /**< for it */
    size_t jobs;
    struct rf_progress_counts *progress; /**< or NULL */
    const atomic_bool *stop;             /**< or NULL */
};

struct rf_survey_result {
    struct rf_catalog *catalog;
    struct rf_sums sums; /**< of gather; events that are listed count as RF_TERM_FOLDED */
    struct rf_damages damages;
    struct rf_gather_counts counts;
};

/**
 * The result is the same for any number of jobs, whatever limits are hit: the buckets are divided
 * into parts, each of which gets a catalogue of its own, and these are joined in the order of the
 * parts.
 *
 * @ret     catalogue and damages are the caller's on RF_OK; all zero otherwise
 * @return  RF_OK; what rf_gather may return; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_survey(const struct rf_survey_request *request, struct rf_survey_result *ret,
                              struct rf_err *reterr);

#endif
