/* SPDX-License-Identifier: MIT */
/* Objects by the time of their folders, and the times between them that have none. */
#ifndef RF_LOOK_CALENDAR_H
#define RF_LOOK_CALENDAR_H

#include <stddef.h>
#include <stdint.h>

#include "walk/walk.h"

/** The time of one folder, in which objects lie. */
struct rf_calendar_slot {
    int64_t hour; /**< its first one (struct rf_hour) */
    uint64_t objects;
    uint64_t bytes; /**< as stored, where that is known */
};

/** Folders' times without objects, one behind the other: [from, to). */
struct rf_calendar_gap {
    int64_t from, to;
    uint64_t slots;
    uint64_t unlike; /**< of these: the same times of other days or weeks have objects */
};

/** All zero is empty. */
struct rf_calendar {
    /** How finely folders tell the time: as the coarsest of them. RF_GRAIN_NONE: none does. */
    enum rf_grain grain;
    struct rf_calendar_slot *slots; /**< by time */
    size_t slot_count, slot_room;
    struct rf_calendar_gap *gaps; /**< by time */
    size_t gap_count, gap_room;
    uint64_t empty;   /**< slots without objects, between the first and the last */
    uint64_t unlike;  /**< of these */
    uint64_t untimed; /**< objects whose folders tell no time */
    bool unsized;     /**< the bytes of some object are not known */
};

/**
 * Enter all objects that are read (not those below an error prefix, nor what is no file), walked
 * with `hours`.
 *
 * An empty hour is unlike the rest where the same hour of at least three other weeks is known, and
 * at least nine in ten of these have objects; where there are fewer weeks, the same hour of other
 * days. Of folders by day it is the day of the week. What is empty in the same stretch is no
 * witness: nights and weekends without objects are the pattern, a night like no other is not.
 */
void rf_calendar_make(const struct rf_objects *objects, struct rf_calendar *ret);
void rf_calendar_done(struct rf_calendar *calendar);
/** The slot that begins with this hour; NULL: no object lies there. Borrowed. */
const struct rf_calendar_slot *rf_calendar_find(const struct rf_calendar *calendar, int64_t hour);

/** The begin of the slot in which an hour lies. */
int64_t rf_calendar_floor(enum rf_grain grain, int64_t hour);
/** The slot behind one. */
int64_t rf_calendar_next(enum rf_grain grain, int64_t hour);
/** How many slots [from, to) are. */
uint64_t rf_calendar_count(enum rf_grain grain, int64_t from, int64_t to);

#define RF_CALENDAR_TEXT_BYTES 32
/** "2026-07-01T13", "2026-07-01", "2026-07" or "2026", as --since and --until take it. Returns
 * `text`. */
const char *rf_calendar_text(enum rf_grain grain, int64_t hour, char text[RF_CALENDAR_TEXT_BYTES]);

#endif
