/* SPDX-License-Identifier: MIT */
/* Sentences for standard error, and what was asked for on standard output. */
#ifndef RF_CLI_SAY_H
#define RF_CLI_SAY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/** "refold: where: text", with everything hostile escaped. */
void rf_say_error(const struct rf_err *err);
/** "refold: text"; the text is escaped. */
void rf_say(const char *text);
/** Lines that are escaped already, as they are. */
void rf_say_lines(const struct rf_buf *lines);

/**
 * Write all of `text`. Where whoever reads it has gone, this process ends by SIGPIPE, quietly, as
 * others do.
 * @name  of the descriptor, and `what` is written to it: for the message
 * @return  RF_OK or RF_ERR_OUTPUT
 */
RF_MUST_USE rf_code rf_say_whole(int fd, const char *name, const char *what,
                                 const struct rf_buf *text, struct rf_err *reterr);

/** Whether it is there and is neither a file nor a folder. */
bool rf_is_device(const char *path);

/** Write a report's text to a file, which is replaced whole or not at all; a device or pipe
 * (/dev/stderr) is written to. @return  RF_OK or RF_ERR_OUTPUT */
RF_MUST_USE rf_code rf_say_file(const char *path, const struct rf_buf *text, struct rf_err *reterr);

#endif
