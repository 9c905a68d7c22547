/* SPDX-License-Identifier: MIT */
/* The commands to go on with. */
#ifndef RF_CLI_AGAIN_H
#define RF_CLI_AGAIN_H

#include "cli/settings.h"

/** Fill in again, again_run, again_bless, again_review, again_show, again_sources and again_types;
 * last of all settings. */
void rf_again_make(struct rf_settings *settings);

#endif
