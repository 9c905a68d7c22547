/* SPDX-License-Identifier: MIT */
/* A file that is written must not be one that is read, nor become an object of what is read. */
#ifndef RF_CLI_OUTSIDE_H
#define RF_CLI_OUTSIDE_H

#include "cli/settings.h"

/* All of them look at what is there before anything else is read or written. What a file to be
 * written is a link to counts as that file. What is empty, a device or a pipe is no loss.
 * RF_ERR_SOURCE where a source cannot be listed, and what is to be written lies there: it may be an
 * object. */

/** RF_ERR_USAGE where a file would lie within one of the sources, or replace what is read, or what
 * is written to standard output, or have the name of a golden's file. */
RF_MUST_USE rf_code rf_check_outside(const struct rf_settings *settings, const char *file,
                                     struct rf_err *reterr);

/** RF_ERR_USAGE where a report would replace what is read: an object of a source, a file of the
 * golden, the config, an aggregate or what is no report in the folder of one, … or another report.
 * A report of before is replaced, and a new file may lie anywhere but under the name of a golden's
 * file. */
RF_MUST_USE rf_code rf_check_reports(const struct rf_settings *settings, struct rf_err *reterr);

/** Of a command that failed before all that it reads is known: leave out the reports that
 * rf_check_reports would refuse as far as it is, and those in whose place lies what is no report.
 * Says of the latter. */
void rf_keep_harmless_reports(struct rf_settings *settings);

/** RF_ERR_USAGE where a bless might replace what is no golden, or is an object of a source. */
RF_MUST_USE rf_code rf_check_golden(const struct rf_settings *settings, struct rf_err *reterr);

#endif
