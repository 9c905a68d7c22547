/* SPDX-License-Identifier: MIT */
/* What the config says of prices. */
#ifndef RF_CLI_CONFIG_PRICES_H
#define RF_CLI_CONFIG_PRICES_H

#include <jansson.h>

#include "base/error.h"
#include "look/price.h"

/**
 * Read `prices`: numbers that are not negative, and what currency they are.
 * @file   for messages; @value  NULL: there are none
 * @ret    for rf_prices_done, also where it fails
 * @return RF_OK or RF_ERR_USAGE
 */
RF_MUST_USE rf_code rf_config_prices(const char *file, json_t *value, struct rf_prices *ret,
                                     struct rf_err *reterr);

#endif
