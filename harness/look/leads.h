/* SPDX-License-Identifier: MIT */
/* Where what is missing may lie: objects that are broken, and times that have none. */
#ifndef RF_LOOK_LEADS_H
#define RF_LOOK_LEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/facts.h"
#include "look/calendar.h"
#include "walk/walk.h"

/** One of them. Its time is [from, to), in hours. */
struct rf_lead {
    int64_t from, to;
    const struct rf_object *object; /**< or NULL: there is none in this time */
    bool broken;   /**< that was read; else it lies below an error prefix, unread */
    bool unlike;   /**< of a time without an object: there should be one */
    uint64_t fits; /**< so many gaps in versions fit this time */
};

/** All of them: objects by time, then times without objects, by time too; those that tell no time
 * are of all times, and come last. */
struct rf_leads {
    struct rf_lead *items;
    size_t count, room;
    size_t objects; /**< that have a time */
    size_t timed;   /**< of all: have a time */
};

/** Leads that stand together: items[first .. first + count). */
struct rf_lead_range {
    size_t first, count;
};

/** Objects and times without objects. */
enum { RF_LEAD_RANGES = 2 };

/** Objects of which not all could be read (`facts` by number), those below error prefixes that were
 * not read, and the calendar's gaps. All is borrowed. */
void rf_leads_make(const struct rf_objects *objects, const struct rf_facts *facts,
                   const struct rf_calendar *calendar, struct rf_leads *ret);
void rf_leads_done(struct rf_leads *leads);

/** Those whose time is not wholly in front of `from` or behind `to`, hours both; those without a
 * time fit too and are not among them. */
void rf_leads_find(const struct rf_leads *leads, int64_t from, int64_t to,
                   struct rf_lead_range ret[RF_LEAD_RANGES]);

#endif
