/* SPDX-License-Identifier: MIT */
/* Where what is missing may lie: objects that are broken, and times that have none. */
#include "look/leads.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"

static void
add(struct rf_leads *leads, const struct rf_lead *lead)
{
    RF_GROW(leads->items, leads->room, leads->count + 1);
    leads->items[leads->count++] = *lead;
}

/** Whether an object was read, and not all of it could be. */
static bool
is_broken(const struct rf_facts *facts)
{
    return facts->fate == RF_FATE_UNREADABLE ||
           (facts->fate == RF_FATE_READ && facts->counts.malformed > 0);
}

/** Whether events of an object may be missing. */
static bool
may_hold_more(const struct rf_object *object, const struct rf_facts *facts)
{
    return is_broken(facts) || (object->errors && facts->fate == RF_FATE_FOREIGN);
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return RF_ORDER(a, b);
}

static int
compare_leads(const void *left, const void *right)
{
    const struct rf_lead *a = left;
    const struct rf_lead *b = right;
    bool a_timed = a->from != INT64_MAX;
    bool b_timed = b->from != INT64_MAX;
    if (a_timed != b_timed) {
        return a_timed ? -1 : 1;
    }
    if ((a->object == NULL) != (b->object == NULL)) {
        return a->object != NULL ? -1 : 1;
    }
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return a->object == NULL ? 0 : compare_numbers(a->object->number, b->object->number);
}

/** All objects' times are as long as the calendar's, and its gaps lie apart: so neither begins nor
 * ends ever go back among objects, or among gaps, that are sorted. An object below an error prefix
 * may lie within a gap. */
static struct rf_lead
lead_to(const struct rf_object *object, const struct rf_facts *facts,
        const struct rf_calendar *calendar)
{
    struct rf_hour hour = object->hour;
    struct rf_lead lead = {
        .from = INT64_MAX, .to = INT64_MAX, .object = object, .broken = is_broken(facts)};
    if (hour.grain != RF_GRAIN_NONE && calendar->grain != RF_GRAIN_NONE) {
        lead.from = rf_calendar_floor(calendar->grain, hour.hour);
        lead.to = rf_calendar_next(calendar->grain, lead.from);
    }
    return lead;
}

void
rf_leads_make(const struct rf_objects *objects, const struct rf_facts *facts,
              const struct rf_calendar *calendar, struct rf_leads *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < objects->count; i++) {
        if (may_hold_more(&objects->items[i], &facts[i])) {
            struct rf_lead lead = lead_to(&objects->items[i], &facts[i], calendar);
            ret->objects += lead.from != INT64_MAX;
            add(ret, &lead);
        }
    }
    for (size_t i = 0; i < calendar->gap_count; i++) {
        const struct rf_calendar_gap *gap = &calendar->gaps[i];
        struct rf_lead lead = {.from = gap->from, .to = gap->to, .unlike = gap->unlike > 0};
        add(ret, &lead);
    }
    ret->timed = ret->objects + calendar->gap_count;
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

/** As rf_leads_find, among items[low .. high). */
static struct rf_lead_range
find_among(const struct rf_leads *leads, size_t low, size_t high, int64_t from, int64_t to)
{
    size_t end = high;
    while (low < high) { /* the first that does not end in front of `from` */
        size_t middle = low + (high - low) / 2;
        if (leads->items[middle].to <= from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t first = low;
    high = end;
    while (low < high) { /* the first that begins behind `to` */
        size_t middle = low + (high - low) / 2;
        if (leads->items[middle].from <= to) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (struct rf_lead_range){first, low - first};
}

void
rf_leads_find(const struct rf_leads *leads, int64_t from, int64_t to,
              struct rf_lead_range ret[RF_LEAD_RANGES])
{
    ret[0] = find_among(leads, 0, leads->objects, from, to);
    ret[1] = find_among(leads, leads->objects, leads->timed, from, to);
}
