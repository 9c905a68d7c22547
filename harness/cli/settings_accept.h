/* SPDX-License-Identifier: MIT */
/* Options and config to what is accepted: damage, differences that are ignored, clusters of a
 * bless. */
#ifndef RF_CLI_SETTINGS_ACCEPT_H
#define RF_CLI_SETTINGS_ACCEPT_H

#include "base/error.h"
#include "cli/options.h"
#include "cli/settings.h"

/**
 * Fill in what damage and which differences are accepted, up to which days, and what of the changes
 * a bless takes over; of a config that is read, and with the selection known.
 * @return  RF_OK, or RF_ERR_USAGE with the option that cannot be
 */
RF_MUST_USE rf_code rf_settings_accept(struct rf_settings *settings,
                                       const struct rf_arguments *arguments, struct rf_err *reterr);

#endif
