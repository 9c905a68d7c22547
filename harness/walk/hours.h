/* SPDX-License-Identifier: MIT */
/*
 * Which folders --since and --until need listed, where listing costs requests.
 *
 * A bucket is stepped through, folder by folder, until a folder's hours are known: then it is left
 * out, or listed as a whole. It need not be known where in a key the time stands, nor what stands
 * in front of it; what a folder can hold is asked of the same readers that place objects
 * (rf_key_hour, rf_layout_hour), by keys made up below it.
 */
#ifndef RF_WALK_HOURS_H
#define RF_WALK_HOURS_H

#include <stdbool.h>
#include <stddef.h>

#include "walk/layout.h"
#include "walk/select.h"

struct rf_hours {
    struct rf_selection selection;
    const struct rf_layout *layout; /**< borrowed; NULL: the usual layouts */
    const char
        *source; /**< in front of keys, where these alone tell no hour: "s3://b/2026"; borrowed */
};

enum rf_below {
    RF_BELOW_BEFORE, /**< all below is in front of `since` */
    RF_BELOW_BEHIND, /**< all below is at or behind `until` */
    RF_BELOW_LIST,   /**< list all below at once */
    RF_BELOW_STEP,   /**< list what lies right in it, and ask of each folder there */
};

/**
 * What is to be done about a folder below the source.
 *
 * A year that is out (2025/) is stepped into before it is believed, for accounts and ports have
 * four digits too; a year and a month (2025/06/), or finer, is believed: hours that lie in folders
 * of other hours (2025/06/01/00/2026/07/13/14/) are not looked for. A date in one step is believed
 * where the layout has it so, its column says that it is one (dt=2025-06-01/), or the hour follows;
 * else it may be what a copy is called (backup-2025-06-01/2026/07/13/14/), and is stepped into; so
 * is what may be customers (shop=2025/06/).
 *
 * @folder  its key below the source: "" or ends in '/'
 */
enum rf_below rf_hours_below(const struct rf_hours *hours, const char *folder);

/** How much of a folder's key stands in front of its time: "restored/" of "restored/2026/08/". All
 * of it where no time is known. */
size_t rf_hours_front(const struct rf_hours *hours, const char *folder);

/** Whether the layout has partition keys in front of the time: then many folders are worth a step
 * each, for each holds all hours. */
bool rf_hours_behind_keys(const struct rf_hours *hours);

#endif
