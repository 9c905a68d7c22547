/* SPDX-License-Identifier: MIT */
/* Reading files of scenarios: the text form, which people write, and the JSON form, for programs.
 */
#ifndef RF_SCENARIO_READ_H
#define RF_SCENARIO_READ_H

#include "base/error.h"
#include "scenario/scenario.h"

/**
 * Append a file's scenarios. Told by its first character: `{` begins the JSON form
 * (reports/schema/scenario.schema.json), anything else the text form (contract.md, "Scenarios").
 *
 * @return  RF_OK; RF_ERR_USAGE with file:line for what is wrong, or where the file cannot be read.
 *          What was appended before stays.
 */
RF_MUST_USE rf_code rf_scenarios_read(const char *path, struct rf_scenarios *scenarios,
                                      struct rf_err *reterr);

/** The same for a text that was read already; `name` stands for it in messages. Borrowed for the
 * call. */
RF_MUST_USE rf_code rf_scenarios_parse(const char *name, const char *text, size_t bytes,
                                       struct rf_scenarios *scenarios, struct rf_err *reterr);

#endif
