/* SPDX-License-Identifier: MIT */
/* A system call that a worker's filter did not let through: what it was, and whether it may be. */
#ifndef RF_WORKER_TRIED_H
#define RF_WORKER_TRIED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "worker/conduct.h"

/** The text of a try is cut behind so many bytes. */
#define RF_TRIED_BYTES 512

/** A call as the kernel hands it over. */
struct rf_call {
    pid_t pid; /**< who stands still in it */
    int number;
    uint64_t arguments[6];
};

enum rf_call_verdict {
    RF_CALL_PASSES, /**< the kernel goes on with it, and judges it by itself */
    RF_CALL_LOADED, /**< the worker says that its aggregate is loaded */
    RF_CALL_REFUSED,
};

struct rf_attempt {
    enum rf_call_verdict verdict;
    /* Of what is refused: */
    int error; /**< an errno for the caller */
    enum rf_tried_kind kind;
    char what[RF_TRIED_BYTES];
};

/**
 * Judge a call.
 *
 * A path is read out of the caller's memory, where that can be had (not where another rules on who
 * may trace whom); else it is told without. It is for the report: the kernel reads it once more.
 *
 * @file     the aggregate's
 * @loading  it is not loaded yet: the loader may open what places.h lists
 */
void rf_attempt_judge(const struct rf_call *call, const char *file, bool loading,
                      struct rf_attempt *ret);

#endif
