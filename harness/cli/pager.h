/* SPDX-License-Identifier: MIT */
/* A pager in front of a terminal, as git has it. */
#ifndef RF_CLI_PAGER_H
#define RF_CLI_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/** Where text for people goes. */
struct rf_pager {
    int fd;    /**< to write to */
    pid_t pid; /**< 0: there is no pager, `fd` is standard output */
};

/** Whether people read standard output page by page: it is a terminal that can do more than print,
 * and this is no CI. */
bool rf_pager_fits(void);

/**
 * Start $PAGER, else `less` (with LESS=FRX and LV=-c where these are not set), and give it what is
 * written to `fd`. Without `wanted`, with an empty $PAGER or "cat", or where there is no `less`,
 * standard output itself is taken. While a pager runs, ^C is its own: refold does not hear it.
 */
void rf_pager_open(struct rf_pager *pager, bool wanted);

/** Say that there is no more, and wait until the reader has done with it.
 * @return  RF_OK, also where the reader left early; RF_ERR_OUTPUT: $PAGER could not be run */
RF_MUST_USE rf_code rf_pager_close(struct rf_pager *pager, struct rf_err *reterr);

#endif
