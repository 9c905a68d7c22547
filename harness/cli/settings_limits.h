/* SPDX-License-Identifier: MIT */
/* Options, variables and config to the limits of a run: threads, memory, time, the sandbox. */
#ifndef RF_CLI_SETTINGS_LIMITS_H
#define RF_CLI_SETTINGS_LIMITS_H

#include "base/error.h"
#include "cli/options.h"
#include "cli/settings.h"

/**
 * Fill in jobs, memory, an aggregate's memory and the time-out, by the options, the environment and
 * the config that is read already; choose the sandbox for all workers; and say which instances are
 * examined for purity.
 * @return  RF_OK, or RF_ERR_USAGE with the place of what cannot be
 */
RF_MUST_USE rf_code rf_settings_limits(struct rf_settings *settings,
                                       const struct rf_arguments *arguments, struct rf_err *reterr);

#endif
