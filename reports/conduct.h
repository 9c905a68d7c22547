/* SPDX-License-Identifier: MIT */
/* What aggregates did besides folding, for reports. Of reports/ and cli/. */
#ifndef RF_REPORTS_CONDUCT_H
#define RF_REPORTS_CONDUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "host/build.h"

/** How workers were held: of all builds the least. `rivals` may be NULL, and so may each of them.
 * @ret_lacks  RF_LACKS_… of any */
enum rf_sandboxed rf_conduct_held(struct rf_build *const *builds, struct rf_build *const *rivals,
                                  size_t count, uint32_t *ret_lacks);

/** "whole", "partial", "off", "unknown": as the JSON report has it. */
const char *rf_sandboxed_name(enum rf_sandboxed held);

/** "not sandboxed: the kernel has no Landlock …", "sandbox: whole"; a line without its end. */
void rf_conduct_put_held(enum rf_sandboxed held, uint32_t lacks, struct rf_buf *out);

/** "order tried to open a file: …, and 2 other things; the sandbox did not let it"; raw, for
 * whoever escapes it. @return false where it tried nothing: nothing is appended
 */
bool rf_conduct_put_warning(const char *whose, const struct rf_build *build, struct rf_buf *out);

/** "open a file: /etc/shadow"; shown text. */
void rf_conduct_put_tried(const struct rf_tried *tried, size_t limit, struct rf_buf *out);

#endif
