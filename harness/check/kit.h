/* SPDX-License-Identifier: MIT */
/*
 * The conformance kit: a speaker of the worker protocol (harness/docs/worker-protocol.md), tried
 * with good and with hostile traffic. Each check starts the speaker anew.
 */
#ifndef RF_CHECK_KIT_H
#define RF_CHECK_KIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "check/checks.h"

struct rf_kit_request {
    const char *file; /**< a program, or a shared object; an absolute path */
    bool is_program;  /**< else refold-worker speaks for it */
    int timeout_ms;   /**< longest wait for any one thing; a whole check has thirty times it */
    const atomic_bool *stop; /**< end at once; or NULL */
};

enum rf_check_result {
    RF_CHECK_UNTRIED,
    RF_CHECK_OK,
    RF_CHECK_WRONG,
    RF_CHECK_SKIPPED, /**< the program has nothing of the kind: `seen` says it */
    RF_CHECK_STOPPED, /**< `culprit` is wrong, and in the way */
};

struct rf_checked {
    enum rf_check_result result;
    char *during;   /**< WRONG: what was being done; owned, as all that follows */
    char *expected; /**< hostile, as `seen` */
    char *seen;
    struct rf_buf bytes; /**< the frame or the bytes that were wrong, or nothing */
    enum rf_check_id culprit;
};

struct rf_kit_report {
    struct rf_checked checks[RF_CHECK_COUNT_];
    size_t counts[RF_CHECK_STOPPED + 1]; /**< by result */
    char *speaker;                       /**< as it calls itself, or NULL; hostile */
    size_t aggregates;
};

/**
 * Try it.
 * @ret     for rf_kit_report_done, also where it fails
 * @return  RF_OK, whatever was found; RF_ERR_USAGE: it cannot be started; RF_ERR_INTERRUPTED
 * Not with a second thread that minds SIGPIPE.
 */
RF_MUST_USE rf_code rf_kit_run(const struct rf_kit_request *request, struct rf_kit_report *ret,
                               struct rf_err *reterr);
void rf_kit_report_done(struct rf_kit_report *report);

#endif
