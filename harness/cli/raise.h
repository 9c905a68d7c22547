/* SPDX-License-Identifier: MIT */
/* --limit and "limits" of the config: other limits than those that are built in. */
#ifndef RF_CLI_RAISE_H
#define RF_CLI_RAISE_H

#include "base/error.h"
#include "cli/config.h"
#include "cli/options.h"

/**
 * Set rf_limits, the config's first, so that the command line wins. Before there is a second
 * thread. @return RF_OK or RF_ERR_USAGE: no such limit (with a suggestion), or a value that is none
 */
RF_MUST_USE rf_code rf_raise_limits(const struct rf_config *config,
                                    const struct rf_arguments *arguments, struct rf_err *reterr);

#endif
