/* SPDX-License-Identifier: MIT */
/* A file that is written must not become an object of what is read. */
#ifndef RF_CLI_OUTSIDE_H
#define RF_CLI_OUTSIDE_H

#include "cli/settings.h"

/** RF_ERR_USAGE where a file would lie within one of the sources. */
RF_MUST_USE rf_code rf_check_outside(const struct rf_settings *settings, const char *file,
                                     struct rf_err *reterr);

#endif
