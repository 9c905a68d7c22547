/* SPDX-License-Identifier: MIT */
/* The two forms of a file of scenarios. Of read.c only: the text is UTF-8 without NUL, and its name
 * is the last of the list's files. */
#ifndef RF_SCENARIO_FORMS_H
#define RF_SCENARIO_FORMS_H

#include "base/json.h"
#include "scenario/scenario.h"

RF_MUST_USE rf_code rf_scenarios_parse_text(const char *text, size_t bytes,
                                            struct rf_scenarios *scenarios, struct rf_err *reterr);
RF_MUST_USE rf_code rf_scenarios_parse_json(const char *text, size_t bytes,
                                            struct rf_scenarios *scenarios, struct rf_err *reterr);

/** The number of the line on which byte `offset` of a text stands. */
size_t rf_scenario_line_of(const char *text, size_t offset);

/** A copy of a name as it stands in JSON or in text; RF_ERR_USAGE where it is empty, or longer than
 * RF_LIMIT_NAME_BYTES. @what  "an event's type", for the message */
RF_MUST_USE rf_code rf_scenario_take_name(const char *file, struct rf_scenario_line *line,
                                          const char *what, const char *name, size_t bytes,
                                          struct rf_err *reterr);

/** Take over a value's text as the line's data. RF_ERR_USAGE where a key in it stands twice, or a
 * number is not finite. */
RF_MUST_USE rf_code rf_scenario_take_data(const char *file, struct rf_scenario_line *line,
                                          struct rf_json *doc, uint32_t node,
                                          struct rf_err *reterr);

/** The line's time. RF_ERR_USAGE where it is none. */
RF_MUST_USE rf_code rf_scenario_take_time(const char *file, struct rf_scenario_line *line,
                                          const char *text, size_t bytes, struct rf_err *reterr);

/** Copy an id or an aggregate's name into *ret, which was NULL before. RF_ERR_USAGE otherwise, and
 * where it is empty, longer than `most`, or holds a NUL. */
RF_MUST_USE rf_code rf_scenario_take_word(const char *file, size_t number, const char *what,
                                          const char *bytes, size_t count, size_t most, char **ret,
                                          struct rf_err *reterr);

#endif
