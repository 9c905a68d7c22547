/* SPDX-License-Identifier: MIT */
/* Sentences for standard error. */
#ifndef RF_CLI_SAY_H
#define RF_CLI_SAY_H

#include "base/error.h"

/** "refold: where: text", with everything hostile escaped. */
void rf_say_error(const struct rf_err *err);
/** "refold: text"; the text is escaped. */
void rf_say(const char *text);

#endif
