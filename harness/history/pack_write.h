/* SPDX-License-Identifier: MIT */
/* A history that was ingested whole, written as a pack (walk/pack_format.h). */
#ifndef RF_HISTORY_PACK_WRITE_H
#define RF_HISTORY_PACK_WRITE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"
#include "history/facts.h"
#include "history/history.h"
#include "history/ingest.h"

struct rf_pack_request {
    struct rf_history *history;             /**< sealed, read without `selects` and aggregates */
    const struct rf_facts *facts;           /**< of its objects, by number */
    const struct rf_ingest_request *ingest; /**< what it was read by */
    int64_t began; /**< the wall clock's second when its objects were listed, or before */
    size_t jobs;
    struct rf_progress_counts *progress; /**< events count as folded once packed; or NULL */
    const atomic_bool *stop;             /**< or NULL */
};

/**
 * Write the pack to a temporary beside `path`, and put it into place once it is whole.
 * @return  RF_OK; RF_ERR_OUTPUT; RF_ERR_INTERRUPTED: `path` is then as it was
 */
RF_MUST_USE rf_code rf_pack_write(const struct rf_pack_request *request, const char *path,
                                  struct rf_err *reterr);

#endif
