/* SPDX-License-Identifier: MIT */
/* --since and --until: which hours are in. */
#ifndef RF_WALK_SELECT_H
#define RF_WALK_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "walk/key.h"

/** The half-open interval [since, until) of folder hours (rf_hour). */
struct rf_selection {
    int64_t since;          /**< INT64_MIN where not given */
    int64_t until;          /**< INT64_MAX where not given */
    const char *since_text; /**< as written, borrowed; NULL where not given */
    const char *until_text;
};

/**
 * Read one T as an hour: 2015[-04[-27[T13]]], the same with slashes throughout (and one at the
 * end), or RFC 3339, which becomes UTC and must fall on a whole hour. A shorter T is its first
 * hour. Years 0001 to 9999.
 *
 * @option   "--since" or "--until", for the message
 */
RF_MUST_USE rf_code rf_select_hour(const char *option, const char *text, int64_t *ret,
                                   struct rf_err *reterr);

/** Read both (either may be NULL). RF_ERR_USAGE also where since is not before until. */
RF_MUST_USE rf_code rf_selection_parse(const char *since, const char *until,
                                       struct rf_selection *ret, struct rf_err *reterr);

/** Whether since or until is given. */
bool rf_selection_given(const struct rf_selection *selection);

/** RF_ERR_USAGE where since or until does not fall on the begin of a folder of this grain. `where`
 * names what has the grain. */
RF_MUST_USE rf_code rf_selection_check_grain(const struct rf_selection *selection,
                                             enum rf_grain grain, const char *where,
                                             struct rf_err *reterr);

/** The begin of the folder of this grain in which an hour lies. */
int64_t rf_hour_floor(int64_t hour, enum rf_grain grain);

/** Whether since or until lies within this folder, behind its begin. */
bool rf_selection_cuts(const struct rf_selection *selection, struct rf_hour hour);

/** Whether a folder that is not cut is in. */
bool rf_selection_has(const struct rf_selection *selection, struct rf_hour hour);

#endif
