/* SPDX-License-Identifier: MIT */
/* Options, variables and config to what AWS is asked with. */
#ifndef RF_CLI_SETTINGS_AWS_H
#define RF_CLI_SETTINGS_AWS_H

#include "cli/config.h"
#include "cli/options.h"
#include "net/settings.h"

/** How AWS is reached: options over variables over the config, whose strings are borrowed. What
 * AWS's own variables and files say comes behind (net/aws.h). */
void rf_settings_aws(const struct rf_arguments *arguments, const struct rf_config *config,
                     struct rf_aws_settings *ret);

#endif
