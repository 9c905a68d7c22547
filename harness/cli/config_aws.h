/* SPDX-License-Identifier: MIT */
/* What the config says of AWS: where a history is, never a secret. Of config.c only. */
#ifndef RF_CLI_CONFIG_AWS_H
#define RF_CLI_CONFIG_AWS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/** All zero: nothing is said. Strings are owned. */
struct rf_config_aws {
    char *region;
    char *endpoint_url;
    bool no_sign_request;
    bool request_payer;
};

/** Read the config's "aws"; `value` may be NULL. @return RF_OK or RF_ERR_USAGE, with the pointer */
RF_MUST_USE rf_code rf_config_aws(const char *file, json_t *value, struct rf_config_aws *ret,
                                  struct rf_err *reterr);
void rf_config_aws_done(struct rf_config_aws *aws);

#endif
