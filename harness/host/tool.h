/* SPDX-License-Identifier: MIT */
/* Running what builds aggregates: git, compilers, go, cargo. */
#ifndef RF_HOST_TOOL_H
#define RF_HOST_TOOL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/** One call of a tool. It has refold's environment and nothing to read; of what it writes only
 * `target` is taken, the rest goes nowhere. */
struct rf_tool {
    const char *const *words; /**< its name, looked up in $PATH, and its arguments; then NULL */
    const char *folder;       /**< that it works in; NULL: refold's own */
    const char *variable;     /**< "NAME=value", in place of one that is set; or NULL */
    const char *temporaries;  /**< its TMPDIR; NULL: refold's own. One that is killed leaves there
                                 what it would have removed */
    int target;               /**< STDOUT_FILENO or STDERR_FILENO */
};

/**
 * Run it to its end; a signal that ends refold ends it at once.
 * @ret_status  its wait status
 * @return      RF_OK, whatever its status; RF_ERR_USAGE, with errno in it, where it cannot be
 *              started: the caller's own sentence goes over it
 */
RF_MUST_USE rf_code rf_tool_run(const struct rf_tool *tool, struct rf_buf *ret, int *ret_status,
                                struct rf_err *reterr);

/** Whether it ended with exit status 0. */
bool rf_tool_succeeded(int status);

#endif
