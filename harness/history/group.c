/* SPDX-License-Identifier: MIT */
/* A bucket's events by id: one look-up for each event, then a counting sort. */
#include "history/group.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"

#define SLOTS_LEAST ((size_t)1024)

void
rf_grouper_init(struct rf_grouper *grouper, uint64_t seed)
{
    memset(grouper, 0, sizeof(*grouper));
    grouper->seed = seed;
}

void
rf_grouper_done(struct rf_grouper *grouper)
{
    free(grouper->arrived);
    free(grouper->entries);
    free(grouper->groups);
    free(grouper->slots);
    memset(grouper, 0, sizeof(*grouper));
}

static void
clear_slots(struct rf_grouper *grouper, size_t count)
{
    if (count > grouper->slot_room) {
        free(grouper->slots);
        grouper->slots = rf_alloc(count * sizeof(*grouper->slots));
        grouper->slot_room = count;
    }
    grouper->slot_count = count;
    memset(grouper->slots, 0, count * sizeof(*grouper->slots));
}

void
rf_grouper_begin(struct rf_grouper *grouper, size_t events)
{
    RF_VERIFY(events < UINT32_MAX);
    if (events > grouper->room) {
        free(grouper->arrived);
        free(grouper->entries);
        grouper->arrived = rf_realloc(NULL, events, sizeof(*grouper->arrived));
        grouper->entries = rf_realloc(NULL, events, sizeof(*grouper->entries));
        grouper->room = events;
    }
    grouper->count = 0;
    grouper->group_count = 0;
    grouper->is_hashed_anew = false;
    clear_slots(grouper, SLOTS_LEAST);
}

/** Enters all groups into an empty table. */
static void
fill_slots(struct rf_grouper *grouper)
{
    size_t mask = grouper->slot_count - 1;
    for (size_t i = 0; i < grouper->group_count; i++) {
        size_t slot = (size_t)grouper->groups[i].placed & mask;
        while (grouper->slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        grouper->slots[slot] = (uint32_t)i + 1;
    }
}

/** Two ids have one hash, which is no accident: from now on all ids of the bucket are hashed with
 * the seed. */
static void
hash_anew(struct rf_grouper *grouper)
{
    grouper->is_hashed_anew = true;
    for (size_t i = 0; i < grouper->group_count; i++) {
        struct rf_group *group = &grouper->groups[i];
        group->placed = rf_hash(group->id, group->id_bytes, grouper->seed);
    }
    clear_slots(grouper, grouper->slot_count);
    fill_slots(grouper);
}

static uint32_t
add_group(struct rf_grouper *grouper, uint64_t placed, const char *id, size_t id_bytes)
{
    RF_GROW(grouper->groups, grouper->group_room, grouper->group_count + 1);
    grouper->groups[grouper->group_count] = (struct rf_group){
        .placed = placed,
        .id = id,
        .id_bytes = id_bytes,
    };
    return (uint32_t)grouper->group_count++;
}

/** Where an id belongs in the table: its hash is known to whoever chose the id, so it is mixed with
 * the seed. Different hashes stay different. */
static inline uint64_t
place_id(const struct rf_grouper *grouper, const struct rf_packed_event *event)
{
    return grouper->is_hashed_anew ? rf_hash(rf_packed_id(event), event->id_bytes, grouper->seed)
                                   : rf_mix(event->id_hash ^ grouper->seed);
}

static inline bool
is_of(const struct rf_group *group, const struct rf_packed_event *event)
{
    return group->id_bytes == event->id_bytes &&
           memcmp(group->id, rf_packed_id(event), event->id_bytes) == 0;
}

static uint32_t
find_group(struct rf_grouper *grouper, const struct rf_packed_event *event)
{
    uint64_t placed = place_id(grouper, event);
    size_t mask = grouper->slot_count - 1;
    size_t slot = (size_t)placed & mask;
    for (; grouper->slots[slot] != 0; slot = (slot + 1) & mask) {
        const struct rf_group *group = &grouper->groups[grouper->slots[slot] - 1];
        if (group->placed != placed) {
            continue;
        }
        if (is_of(group, event)) {
            return grouper->slots[slot] - 1;
        }
        if (!grouper->is_hashed_anew) {
            hash_anew(grouper);
            return find_group(grouper, event);
        }
    }
    uint32_t number = add_group(grouper, placed, rf_packed_id(event), event->id_bytes);
    grouper->slots[slot] = number + 1;
    if (grouper->group_count * 2 > grouper->slot_count) {
        clear_slots(grouper, grouper->slot_count * 2);
        fill_slots(grouper);
    }
    return number;
}

void
rf_grouper_add(struct rf_grouper *grouper, const struct rf_packed_event *event, uint64_t ref)
{
    RF_VERIFY(grouper->count < grouper->room);
    uint32_t group = find_group(grouper, event);
    grouper->groups[group].count++;
    grouper->arrived[grouper->count++] = (struct rf_entry){
        .event = event,
        .ref = ref,
        .version = event->version,
        .type = event->type,
        .aggregate = event->aggregate,
        .flags = event->flags,
        .group = group,
    };
}

void
rf_grouper_finish(struct rf_grouper *grouper)
{
    size_t first = 0;
    for (size_t i = 0; i < grouper->group_count; i++) {
        grouper->groups[i].first = first;
        first += grouper->groups[i].count;
        grouper->groups[i].count = 0;
    }
    for (size_t i = 0; i < grouper->count; i++) {
        struct rf_group *group = &grouper->groups[grouper->arrived[i].group];
        grouper->entries[group->first + group->count++] = grouper->arrived[i];
    }
}
