/* SPDX-License-Identifier: MIT */
/* When events came: their times against those of the folders that they lie in. */
#ifndef RF_LOOK_ARRIVALS_H
#define RF_LOOK_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "look/calendar.h"
#include "walk/walk.h"
#include "worker/protocol.h"

/** Hours of events against those of their folders, clamped to so many. */
#define RF_CHECKUP_HOURS 27

/** When events came, where they have a time and their object's folder has one. An event is in time
 * up to an hour in front of its folder and behind it. */
struct rf_arrivals {
    uint64_t timed;
    uint64_t late;      /**< more than an hour in front of the folder's begin, up to a day */
    uint64_t very_late; /**< more than a day: longer than Firehose tries */
    uint64_t early;     /**< more than an hour behind the folder's end: no event is there before it
                             happened */
    int64_t latest;     /**< seconds in front of its folder, of the latest one; if any is late */
    uint32_t latest_object, early_object;       /**< the smallest numbers */
    uint64_t offsets[2 * RF_CHECKUP_HOURS + 1]; /**< events by hours in front of their folder's */
};

/** Between which hours the events of an object's folder may have happened: [begin, end). */
struct rf_folder_time {
    bool told; /**< by its folders, as fine as a day */
    int64_t begin, end;
};

/** Of an object: from the begin of its folder to that of the next one that has objects. Who buffers
 * for a day writes a day into the folder of its first hour. */
struct rf_folder_time rf_folder_time(const struct rf_calendar *calendar,
                                     const struct rf_object *object);

/** An event of an object with this number. Events without a time are passed over. */
void rf_arrivals_add(struct rf_arrivals *arrivals, const struct rf_folder_time *folder,
                     uint32_t object, const struct rf_packed_event *event);
void rf_arrivals_join(struct rf_arrivals *arrivals, const struct rf_arrivals *other);

/** By how many hours more than half of all events lie in front of their folders (below 0: behind);
 * 0 where there is no such shift: as a rule folders are named in another time zone then. */
int rf_arrivals_zone(const struct rf_arrivals *arrivals);

#endif
