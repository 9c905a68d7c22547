/* SPDX-License-Identifier: MIT */
/* A system call that a worker's filter did not let through: what it was, and whether it may be. */
#ifndef RF_HOST_TRIED_H
#define RF_HOST_TRIED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/conduct.h"

/** The text of a try is cut behind so many bytes. */
#define RF_TRIED_BYTES 512

/** A call as the kernel hands it over. */
struct rf_call {
    pid_t pid; /**< who stands still in it */
    int number;
    uint64_t arguments[6];
};

/** Who makes it. */
struct rf_caller {
    const char *file; /**< the aggregate's */
    bool loading;     /**< it is not loaded yet: the loader may open what places.h lists */
    pid_t program;    /**< of a program its process, all of whose threads call; else 0 */
    bool landlocked;  /**< the kernel lets it read no file but those of places.h (landlock.h) */
    bool executed;    /**< it was: it may not be once more */
};

enum rf_call_verdict {
    RF_CALL_PASSES,   /**< the kernel goes on with it, and judges it by itself */
    RF_CALL_EXECUTES, /**< the same of a process that becomes the program */
    RF_CALL_LOADED,   /**< the worker says that its aggregate is loaded */
    RF_CALL_REFUSED,
    RF_CALL_UNTOLD, /**< refused, but nothing to tell: so do runtimes and libc by themselves */
};

struct rf_attempt {
    enum rf_call_verdict verdict;
    /* Of what is refused: */
    int error; /**< an errno for the caller; 0: as if it had been done */
    enum rf_tried_kind kind;
    char what[RF_TRIED_BYTES];
};

/**
 * Judge a call.
 *
 * A path is read out of the caller's memory, where that can be had (not where another rules on who
 * may trace whom); else it is told without. It is for the report: the kernel reads it once more.
 */
void rf_attempt_judge(const struct rf_call *call, const struct rf_caller *caller,
                      struct rf_attempt *ret);

#endif
