/* SPDX-License-Identifier: MIT */
/* What `refold golden` does, one file each. Each returns the exit status. */
#ifndef RF_CLI_GOLDEN_SUBCOMMANDS_H
#define RF_CLI_GOLDEN_SUBCOMMANDS_H

#include "cli/settings.h"

int rf_golden_verify(struct rf_settings *settings);
int rf_golden_prune(struct rf_settings *settings);
int rf_golden_prove(struct rf_settings *settings);

/** RF_ERR_USAGE where CI is set and the user has not said that goldens may be written there. */
RF_MUST_USE rf_code rf_golden_check_ci(const struct rf_settings *settings, const char *what,
                                       struct rf_err *reterr);

#endif
