/* SPDX-License-Identifier: MIT */
/* Options and the environment to what is reported where, and how a terminal sees it. */
#ifndef RF_CLI_SETTINGS_REPORT_H
#define RF_CLI_SETTINGS_REPORT_H

#include "base/error.h"
#include "cli/options.h"
#include "cli/settings.h"

/** Whether what is asked for gives reports. */
bool rf_settings_reports(const struct rf_settings *settings);
/**
 * Fill in the reports and their files, where there are any. One that names no file goes to standard
 * output; none: text does.
 * @return  RF_OK, or RF_ERR_USAGE: there is no such format, or no such place; it has none then
 */
RF_MUST_USE rf_code rf_settings_outputs(struct rf_settings *settings,
                                        const struct rf_arguments *arguments,
                                        struct rf_err *reterr);
/** In which turn an output is written: files, which can be written once more; devices and pipes;
 * standard output. So each of them tells if one before it failed. */
#define RF_OUTPUT_TURNS 3
int rf_output_turn(const struct rf_output *output);
/**
 * Fill in colors, progress and verbosity.
 * @return  RF_OK, or RF_ERR_USAGE
 */
RF_MUST_USE rf_code rf_settings_looks(struct rf_settings *settings,
                                      const struct rf_arguments *arguments, struct rf_err *reterr);

#endif
