/* SPDX-License-Identifier: MIT */
/* Help, made from the tables of verbs and options. */
#ifndef RF_CLI_HELP_H
#define RF_CLI_HELP_H

#include "base/buf.h"
#include "cli/subcommand.h"
#include "cli/verbs.h"

void rf_help_overview(struct rf_buf *out);
/** @subcommand  of `refold golden`: that one alone; or NULL */
void rf_help_verb(const struct rf_verb *verb, const struct rf_subcommand *subcommand,
                  struct rf_buf *out);
/** Version of refold, and of the libraries it runs with. */
void rf_help_version(struct rf_buf *out);

#endif
