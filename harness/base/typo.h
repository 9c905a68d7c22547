/* SPDX-License-Identifier: MIT */
/* "did you mean …?" */
#ifndef RF_BASE_TYPO_H
#define RF_BASE_TYPO_H

#include <stddef.h>

/** The candidate that is nearest to `word`, if it is near enough to have been meant; else NULL.
 * `candidates` ends with NULL. */
const char *rf_typo_nearest(const char *word, const char *const *candidates);

#endif
