/* SPDX-License-Identifier: MIT */
/* What the config says is private of an aggregate. Of config.c only. */
#ifndef RF_CLI_CONFIG_PRIVATE_H
#define RF_CLI_CONFIG_PRIVATE_H

#include <jansson.h>

#include "cli/config.h"

/** Read `private`, `private_data` and `report_values` of an aggregate's settings, which stand at
 * `pointer` in the config `file`. @return RF_OK or RF_ERR_USAGE */
RF_MUST_USE rf_code rf_config_private(const char *file, const char *pointer, size_t pointer_bytes,
                                      struct rf_aggregate_config *aggregate, json_t *settings,
                                      struct rf_err *reterr);
void rf_config_private_done(struct rf_aggregate_config *aggregate);

#endif
