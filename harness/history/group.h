/* SPDX-License-Identifier: MIT */
/* A bucket's events by id: one look-up for each event, then a counting sort. */
#ifndef RF_HISTORY_GROUP_H
#define RF_HISTORY_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/protocol.h"

/** What grouping and ordering need of an event at hand, so that they seldom touch the event itself,
 * which lies anywhere in the arenas. */
struct rf_entry {
    const struct rf_packed_event *event;
    uint64_t ref;
    int64_t version; /**< the event's; in versionless instances its place, once that is known */
    uint32_t type;
    uint32_t aggregate; /**< a name's number, or RF_NAME_NONE */
    uint32_t flags;
    uint32_t group;
};

/** An entry's event is asked for so many entries before it is needed. */
#define RF_ENTRIES_AHEAD 16

/** Ask for the memory of an entry's event. Inlined always: gcc 12 leaves out the calls of a
 * function that does nothing but this. */
static inline __attribute__((always_inline)) void
rf_entry_ask(const struct rf_entry *entry)
{
    __builtin_prefetch(entry->event);
    __builtin_prefetch((const char *)entry->event + sizeof(*entry->event) - 1);
}

/** All entries with one id: entries[first..first + count) of the grouper, once finished. */
struct rf_group {
    uint64_t placed; /**< of the id: where it belongs in the table */
    const char *id;  /**< of its first event */
    size_t id_bytes;
    size_t first;
    size_t count;
};

/** Reused from bucket to bucket. Groups point to events, which stay as long as their portion. */
struct rf_grouper {
    uint64_t seed; /**< random: ids are hostile, they must not meet in the table on purpose */
    /** Ids of this bucket have been made to have the same hash: the table goes by another one. */
    bool is_hashed_anew;
    struct rf_entry *arrived;
    struct rf_entry *entries;
    size_t count;
    size_t room;
    struct rf_group *groups;
    size_t group_count;
    size_t group_room;
    uint32_t *slots; /**< group's number + 1, or 0; open addressing, at most half full */
    size_t slot_count;
    size_t slot_room;
};

void rf_grouper_init(struct rf_grouper *grouper, uint64_t seed);
void rf_grouper_done(struct rf_grouper *grouper);

/** Forget everything; `events` is the most that will be added. */
void rf_grouper_begin(struct rf_grouper *grouper, size_t events);
void rf_grouper_add(struct rf_grouper *grouper, const struct rf_packed_event *event, uint64_t ref);
/** Groups and entries are in no particular order, but each group's entries lie together. */
void rf_grouper_finish(struct rf_grouper *grouper);

#endif
