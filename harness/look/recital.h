/* SPDX-License-Identifier: MIT */
/* Threads go through a history and recite every event, instance by instance, in one order. */
#ifndef RF_LOOK_RECITAL_H
#define RF_LOOK_RECITAL_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"
#include "fold/privacy.h"
#include "history/gather.h"
#include "history/history.h"
#include "history/ingest.h"

struct rf_recital_request {
    struct rf_history *history;          /**< sealed */
    const struct rf_gather_rules *rules; /**< with `everything` */
    const struct rf_privacy *privacy;    /**< or NULL */
    /** Whether events of this type, by the name's number, are recited; NULL: all. Threads: any. */
    bool (*wants)(const void *context, uint32_t type);
    const void *wants_context;
    /** Takes the next lines. Called by one thread at a time. */
    rf_code (*write)(void *context, const struct rf_buf *lines, struct rf_err *reterr);
    void *context;
    size_t jobs;
    struct rf_progress_counts *progress; /**< or NULL */
    const atomic_bool *stop;             /**< or NULL */
};

struct rf_recital_result {
    uint64_t lines;
    struct rf_sums sums; /**< of gather; events that are recited and no copies count as
                              RF_TERM_FOLDED */
    struct rf_damages damages;
    struct rf_gather_counts counts;
};

/**
 * Recite all selected events: of an instance by version, a version's copies behind the one that is
 * folded, in the order of the history. Instances come in an order that depends on their ids alone,
 * not on threads or memory. What is held is bounded.
 *
 * @ret     damages are the caller's on RF_OK; all zero otherwise
 * @return  RF_OK; what rf_gather and `write` may return; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_recite(const struct rf_recital_request *request,
                              struct rf_recital_result *ret, struct rf_err *reterr);

#endif
