/* SPDX-License-Identifier: MIT */
/* Whether a golden's private values were hashed as those of this run are: only then can its lines
 * be compared, or stay beside new ones. */
#ifndef RF_GOLDEN_PRIVATE_SEAL_H
#define RF_GOLDEN_PRIVATE_SEAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "fold/privacy.h"
#include "golden/meta.h"

/** Set what a golden's meta data tell of what is private; `private` may be NULL: nothing is. */
void rf_private_seal(const struct rf_privacy *privacy, const char *aggregate, struct rf_meta *meta);

/** The same of lines that stay as they are; `before` may be NULL. */
void rf_private_keep(const struct rf_meta *before, struct rf_meta *meta);

/**
 * @meta  of the golden; NULL: it has none, or it cannot be read, and its states are taken for plain
 * @ret_why  NULL, or appended to where it does not fit: why, as the end of a sentence that begins
 *           with the golden
 */
bool rf_private_fits(const struct rf_privacy *privacy, const char *aggregate,
                     const struct rf_meta *meta, struct rf_buf *ret_why);

#endif
