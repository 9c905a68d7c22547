/* SPDX-License-Identifier: MIT */
/* Where what is missing may lie: objects that are broken, and times that have none. */
#include "look/leads.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static void
add(struct rf_leads *leads, const struct rf_lead *lead)
{
    RF_GROW(leads->items, leads->room, leads->count + 1);
    leads->items[leads->count++] = *lead;
}

/** Whether events of an object may be missing. */
static bool
is_broken(const struct rf_object *object, const struct rf_facts *facts)
{
    bool foreign = facts->fate == RF_FATE_FOREIGN;
    return object->errors || facts->fate == RF_FATE_UNREADABLE ||
           (!foreign && facts->counts.malformed > 0);
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
compare_leads(const void *left, const void *right)
{
    const struct rf_lead *a = left;
    const struct rf_lead *b = right;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    bool both = a->object != NULL && b->object != NULL;
    return both ? compare_numbers(a->object->number, b->object->number)
                : (a->object == NULL) - (b->object == NULL);
}

/** All objects' times are as long as the calendar's: so neither begins nor ends of leads that
 * are sorted ever go back. */
static struct rf_lead
lead_to(const struct rf_object *object, const struct rf_calendar *calendar)
{
    struct rf_hour hour = object->hour;
    if (hour.grain == RF_GRAIN_NONE || calendar->grain == RF_GRAIN_NONE) {
        return (struct rf_lead){.from = INT64_MAX, .to = INT64_MAX, .object = object};
    }
    int64_t from = rf_calendar_floor(calendar->grain, hour.hour);
    return (struct rf_lead){
        .from = from, .to = rf_calendar_next(calendar->grain, from), .object = object};
}

void
rf_leads_make(const struct rf_objects *objects, const struct rf_facts *facts,
              const struct rf_calendar *calendar, struct rf_leads *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < objects->count; i++) {
        if (is_broken(&objects->items[i], &facts[i])) {
            struct rf_lead lead = lead_to(&objects->items[i], calendar);
            ret->timed += lead.from != INT64_MAX;
            add(ret, &lead);
        }
    }
    for (size_t i = 0; i < calendar->gap_count; i++) {
        const struct rf_calendar_gap *gap = &calendar->gaps[i];
        struct rf_lead lead = {.from = gap->from, .to = gap->to, .unlike = gap->unlike > 0};
        ret->timed++;
        add(ret, &lead);
    }
    if (ret->count > 1) {
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_leads);
    }
}

void
rf_leads_done(struct rf_leads *leads)
{
    free(leads->items);
    memset(leads, 0, sizeof(*leads));
}

void
rf_leads_find(const struct rf_leads *leads, int64_t from, int64_t to, size_t *ret_first,
              size_t *ret_count)
{
    size_t low = 0;
    size_t high = leads->timed;
    while (low < high) { /* the first that does not end in front of `from` */
        size_t middle = low + (high - low) / 2;
        if (leads->items[middle].to <= from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t first = low;
    high = leads->timed;
    while (low < high) { /* the first that begins behind `to` */
        size_t middle = low + (high - low) / 2;
        if (leads->items[middle].from <= to) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_first = first;
    *ret_count = low - first;
}
