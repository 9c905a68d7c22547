/* SPDX-License-Identifier: MIT */
/* Options and variables to how fast, how often and how long servers are asked. */
#ifndef RF_CLI_SETTINGS_NET_H
#define RF_CLI_SETTINGS_NET_H

#include "base/error.h"
#include "cli/options.h"
#include "net/settings.h"

/** What options and variables say about servers; strings are borrowed from there.
 * @memory_bytes  of the whole run (--memory): what is fetched ahead has its part in it
 * @return  RF_OK, or RF_ERR_USAGE with the place of what cannot be */
RF_MUST_USE rf_code rf_settings_net(const struct rf_arguments *arguments, uint64_t memory_bytes,
                                    struct rf_net_settings *ret, struct rf_err *reterr);

#endif
