/* SPDX-License-Identifier: MIT */
/* "did you mean …?" */
#ifndef RF_BASE_TYPO_H
#define RF_BASE_TYPO_H

#include <stdbool.h>
#include <stddef.h>

/** The candidate that is nearest to `word`, if it is near enough to have been meant; else NULL.
 * `candidates` ends with NULL. */
const char *rf_typo_nearest(const char *word, const char *const *candidates);

/** Edits from one to the other: a byte more, less or changed, or two neighbours swapped. */
size_t rf_typo_distance(const char *a, const char *b);

/** Whether two names are one word as people write it: case, '_' and '-', and an 's' at the end
 * aside.
 */
bool rf_typo_same_word(const char *a, const char *b);

#endif
