/* SPDX-License-Identifier: MIT */
/* Whether a file is a report that refold wrote, whatever its format. */
#ifndef RF_REPORTS_RECOGNIZE_H
#define RF_REPORTS_RECOGNIZE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Whether a text is a report of a replay or of scenarios, in any format. `bytes` of it are at hand:
 * all, or its front (RF_RECOGNIZE_BYTES) or its end (as many). A text that does not look like one
 * is never taken for one; a report of which the wrong part is at hand may not be known.
 */
bool rf_report_recognize(const char *text, size_t bytes);

#define RF_RECOGNIZE_BYTES ((size_t)1 << 20) /* behind a verdict stand commands, however long */

/** The same of a file, by its front and by its end; false where it cannot be read. */
bool rf_report_lies_in(const char *path);

#endif
