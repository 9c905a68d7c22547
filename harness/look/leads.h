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
    bool unlike;                    /**< then: although there should be one */
    uint64_t fits;                  /**< so many gaps in versions fit this time */
};

/** All of them, by time; those that tell no time are of all times, and come last. */
struct rf_leads {
    struct rf_lead *items;
    size_t count, room;
    size_t timed; /**< of these: have a time */
};

/** Objects of which not all could be read (`facts` by number), those below error prefixes, and the
 * calendar's gaps. All is borrowed. */
void rf_leads_make(const struct rf_objects *objects, const struct rf_facts *facts,
                   const struct rf_calendar *calendar, struct rf_leads *ret);
void rf_leads_done(struct rf_leads *leads);

/** Those whose time is not wholly in front of `from` or behind `to`, hours both: items[*ret_first]
 * and the `*ret_count` from there; those without a time fit too and are not among them. */
void rf_leads_find(const struct rf_leads *leads, int64_t from, int64_t to, size_t *ret_first,
                   size_t *ret_count);

#endif
