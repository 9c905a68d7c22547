/* SPDX-License-Identifier: MIT */
/* Events that no loaded aggregate claims, by the aggregate's name that they carry. */
#ifndef RF_HISTORY_UNCLAIMED_H
#define RF_HISTORY_UNCLAIMED_H

#include <stddef.h>
#include <stdint.h>

#include "base/names.h"

struct rf_unclaimed_row {
    char *name; /**< owned */
    uint64_t events;
    uint64_t fits; /**< bits: each of their types is one that claim 0 declares, claim 1, … */
};

/** Rows that are kept at most. Reports list rf_limits.listed of them; what is said of the others,
 * and what a merge adds up, rests on all. A history has some names of aggregates; one that has a
 * million of them must not make a report of a million rows. */
#define RF_UNCLAIMED_MOST 100000

/** All zero is valid: none. */
struct rf_unclaimed {
    struct rf_unclaimed_row *rows; /**< most events first, then by name */
    size_t count;
};

/** Counts by a name's number, of one thread or of all. All zero is valid. */
struct rf_unclaimed_counts {
    uint64_t *events;
    uint64_t *fits; /**< as a row's */
    size_t room;
};

/** The claims that all events of a name fit so far; before there is one, all. */
uint64_t rf_unclaimed_fits(const struct rf_unclaimed_counts *counts, uint32_t number);

/** `number` is below the names' count; UINT32_MAX (no name) is not counted. */
void rf_unclaimed_add(struct rf_unclaimed_counts *counts, const struct rf_names *names,
                      uint32_t number, uint64_t events, uint64_t fits);
void rf_unclaimed_join(struct rf_unclaimed_counts *counts, const struct rf_names *names,
                       const struct rf_unclaimed_counts *more);
void rf_unclaimed_counts_done(struct rf_unclaimed_counts *counts);

/** The rows of what was counted.
 * @ret  for rf_unclaimed_done */
void rf_unclaimed_list(const struct rf_unclaimed_counts *counts, const struct rf_names *names,
                       struct rf_unclaimed *ret);
/** What was listed in several places, put together: rows of one name become one. Takes the rows of
 * `more`. */
void rf_unclaimed_merge(struct rf_unclaimed *unclaimed, struct rf_unclaimed *more);
void rf_unclaimed_done(struct rf_unclaimed *unclaimed);

#endif
