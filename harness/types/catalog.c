/* SPDX-License-Identifier: MIT */
/* The catalogue: every event type, how often, from when to when, what stands around it. */
#include "types/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#define SLOTS_LEAST 64
#define NO_TYPE     UINT32_MAX

struct rf_catalog {
    const struct rf_catalog_wish *wish;
    size_t room; /**< bytes that paths and values may still take */
    struct rf_event_type **types;
    size_t type_count, type_room;
    size_t kept[2];       /**< of these, by whether it is wanted */
    uint32_t *type_slots; /**< index + 1, or 0; open addressing, at most half full */
    size_t type_slot_count;
    struct rf_transition *transitions; /**< the same */
    size_t transition_count, transition_slot_count;
    uint64_t instance; /**< number of the instance at hand, from 1 */
    uint64_t others, other_transitions;
};

struct rf_catalog *
rf_catalog_new(const struct rf_catalog_wish *wish)
{
    struct rf_catalog *catalog = rf_calloc(1, sizeof(*catalog));
    catalog->wish = wish;
    catalog->room = RF_LIMIT_CATALOG_BYTES;
    catalog->type_slot_count = SLOTS_LEAST;
    catalog->type_slots = rf_calloc(SLOTS_LEAST, sizeof(*catalog->type_slots));
    catalog->transition_slot_count = SLOTS_LEAST;
    catalog->transitions = rf_calloc(SLOTS_LEAST, sizeof(*catalog->transitions));
    return catalog;
}

void
rf_catalog_free(struct rf_catalog *catalog)
{
    if (catalog == NULL) {
        return;
    }
    for (size_t i = 0; i < catalog->type_count; i++) {
        rf_shape_done(&catalog->types[i]->shape);
        free(catalog->types[i]);
    }
    free(catalog->types);
    free(catalog->type_slots);
    free(catalog->transitions);
    free(catalog);
}

/** Numbers of names, and indexes, are no one's to choose: any mixing will do. */
static size_t
place_pair(uint32_t a, uint32_t b, size_t slot_count)
{
    uint64_t mixed = ((uint64_t)a << 32 | b) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32) & (slot_count - 1);
}

/* ---- types ----------------------------------------------------------------------------------- */

/** The slot of a type, or the free one where it belongs. */
static uint32_t *
find_type(const struct rf_catalog *catalog, uint32_t aggregate, uint32_t type)
{
    size_t at = place_pair(aggregate, type, catalog->type_slot_count);
    for (;;) {
        uint32_t *slot = &catalog->type_slots[at];
        if (*slot == 0 || (catalog->types[*slot - 1]->type == type &&
                           catalog->types[*slot - 1]->aggregate == aggregate)) {
            return slot;
        }
        at = (at + 1) & (catalog->type_slot_count - 1);
    }
}

static void
grow_types(struct rf_catalog *catalog)
{
    free(catalog->type_slots);
    catalog->type_slot_count *= 2;
    catalog->type_slots = rf_calloc(catalog->type_slot_count, sizeof(*catalog->type_slots));
    for (size_t i = 0; i < catalog->type_count; i++) {
        *find_type(catalog, catalog->types[i]->aggregate, catalog->types[i]->type) =
            (uint32_t)i + 1;
    }
}

/** The type's index, entered where it is new; NO_TYPE beyond the limit. Those that are asked for
 * have one of their own: others that came before them do not keep them out. */
static uint32_t
take_type(struct rf_catalog *catalog, uint32_t aggregate, uint32_t type, size_t claim)
{
    uint32_t *slot = find_type(catalog, aggregate, type);
    if (*slot != 0) {
        return *slot - 1;
    }
    bool is_wanted =
        catalog->wish->wants == NULL || catalog->wish->wants(catalog->wish->context, type);
    if (catalog->kept[is_wanted] == RF_LIMIT_TYPES) {
        return NO_TYPE;
    }
    catalog->kept[is_wanted]++;
    struct rf_event_type *entry = rf_calloc(1, sizeof(*entry));
    entry->aggregate = aggregate;
    entry->type = type;
    entry->index = (uint32_t)catalog->type_count;
    entry->claim = claim;
    entry->is_wanted = is_wanted;
    entry->shape.room = &catalog->room;
    RF_GROW(catalog->types, catalog->type_room, catalog->type_count + 1);
    catalog->types[catalog->type_count++] = entry;
    *slot = (uint32_t)catalog->type_count;
    if (catalog->type_count * 2 > catalog->type_slot_count) {
        grow_types(catalog);
    }
    return (uint32_t)catalog->type_count - 1;
}

/* ---- transitions ----------------------------------------------------------------------------- */

static struct rf_transition *
find_transition(const struct rf_catalog *catalog, uint32_t from, uint32_t to)
{
    size_t at = place_pair(from, to, catalog->transition_slot_count);
    for (;;) {
        struct rf_transition *slot = &catalog->transitions[at];
        if (slot->count == 0 || (slot->from == from && slot->to == to)) {
            return slot;
        }
        at = (at + 1) & (catalog->transition_slot_count - 1);
    }
}

static void
grow_transitions(struct rf_catalog *catalog)
{
    struct rf_transition *old = catalog->transitions;
    size_t old_count = catalog->transition_slot_count;
    catalog->transition_slot_count *= 2;
    catalog->transitions = rf_calloc(catalog->transition_slot_count, sizeof(*catalog->transitions));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].count > 0) {
            *find_transition(catalog, old[i].from, old[i].to) = old[i];
        }
    }
    free(old);
}

static void
count_transition(struct rf_catalog *catalog, uint32_t from, uint32_t to, uint64_t count)
{
    if (from == NO_TYPE || to == NO_TYPE) {
        catalog->other_transitions += count;
        return;
    }
    struct rf_transition *slot = find_transition(catalog, from, to);
    if (slot->count == 0 && catalog->transition_count == RF_LIMIT_TRANSITIONS) {
        catalog->other_transitions += count;
        return;
    }
    if (slot->count == 0) {
        *slot = (struct rf_transition){.from = from, .to = to};
        catalog->transition_count++;
    }
    slot->count += count;
    if (catalog->transition_count * 2 > catalog->transition_slot_count) {
        grow_transitions(catalog);
    }
}

/* ---- instances ------------------------------------------------------------------------------- */

static void
widen_times(struct rf_event_type *entry, struct rf_time first, struct rf_time last)
{
    if (!entry->has_time || rf_time_compare(first, entry->first) < 0) {
        entry->first = first;
    }
    if (!entry->has_time || rf_time_compare(last, entry->last) > 0) {
        entry->last = last;
    }
    entry->has_time = true;
}

static void
count_step(struct rf_catalog *catalog, struct rf_shaper *shaper, struct rf_event_type *entry,
           const struct rf_step *step)
{
    entry->events++;
    entry->duplicates += step->duplicates;
    entry->conflicts += step->conflicts;
    if (entry->last_instance != catalog->instance) {
        entry->last_instance = catalog->instance;
        entry->instances++;
    }
    if ((step->event->flags & RF_EVENT_AT) != 0) {
        struct rf_time at = {step->event->at_seconds, step->event->at_nanos};
        widen_times(entry, at, at);
    }
    if (entry->is_wanted) {
        rf_shape_add(&entry->shape, shaper, step->event);
    }
}

void
rf_catalog_add(struct rf_catalog *catalog, struct rf_shaper *shaper,
               const struct rf_instance *instance)
{
    uint32_t previous = NO_TYPE;
    catalog->instance++;
    for (size_t i = 0; i < instance->step_count; i++) {
        const struct rf_step *step = &instance->steps[i];
        uint32_t index =
            take_type(catalog, instance->aggregate, step->event->type, instance->claim);
        if (i > 0) {
            count_transition(catalog, previous, index, 1);
        }
        previous = index;
        if (index == NO_TYPE) {
            catalog->others++;
            continue;
        }
        struct rf_event_type *entry = catalog->types[index];
        count_step(catalog, shaper, entry, step);
        entry->starts += i == 0;
        entry->ends += i + 1 == instance->step_count;
    }
}

/* ---- joining --------------------------------------------------------------------------------- */

static void
join_type(struct rf_event_type *entry, const struct rf_event_type *other)
{
    entry->events += other->events;
    entry->instances += other->instances;
    entry->duplicates += other->duplicates;
    entry->conflicts += other->conflicts;
    entry->starts += other->starts;
    entry->ends += other->ends;
    if (other->has_time) {
        widen_times(entry, other->first, other->last);
    }
    rf_shape_join(&entry->shape, &other->shape);
}

static void
join_transitions(struct rf_catalog *catalog, const struct rf_catalog *other,
                 const uint32_t *indexes)
{
    for (size_t i = 0; i < other->transition_slot_count; i++) {
        const struct rf_transition *from = &other->transitions[i];
        if (from->count > 0) {
            count_transition(catalog, indexes[from->from], indexes[from->to], from->count);
        }
    }
}

void
rf_catalog_join(struct rf_catalog *catalog, const struct rf_catalog *other)
{
    uint32_t *indexes = rf_calloc(other->type_count, sizeof(*indexes));
    for (size_t i = 0; i < other->type_count; i++) {
        const struct rf_event_type *from = other->types[i];
        indexes[i] = take_type(catalog, from->aggregate, from->type, from->claim);
        if (indexes[i] == NO_TYPE) {
            catalog->others += from->events;
        } else {
            join_type(catalog->types[indexes[i]], from);
        }
    }
    join_transitions(catalog, other, indexes);
    catalog->others += other->others;
    catalog->other_transitions += other->other_transitions;
    free(indexes);
}

/* ---- what it holds --------------------------------------------------------------------------- */

size_t
rf_catalog_count(const struct rf_catalog *catalog)
{
    return catalog->type_count;
}

struct rf_event_type *
rf_catalog_at(struct rf_catalog *catalog, size_t index)
{
    RF_VERIFY(index < catalog->type_count);
    return catalog->types[index];
}

const struct rf_transition *
rf_catalog_transitions(const struct rf_catalog *catalog, size_t *ret_count)
{
    *ret_count = catalog->transition_slot_count;
    return catalog->transitions;
}

uint64_t
rf_catalog_others(const struct rf_catalog *catalog)
{
    return catalog->others;
}

uint64_t
rf_catalog_other_transitions(const struct rf_catalog *catalog)
{
    return catalog->other_transitions;
}
