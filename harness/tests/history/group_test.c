/* SPDX-License-Identifier: MIT */
/* Grouping by id, alone: no event may come to another id's group, nor an id to two groups. */
#include "history/group.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

/** How many ids share a hash: no two; some late ones, as one finds by looking for them; all. */
enum sharing { NONE, SOME, ALL };

/** An event with nothing but an id; owned by the caller. Its offset says whose it is. */
static struct rf_packed_event *
make_event(const char *id, size_t id_bytes, size_t whose, enum sharing sharing)
{
    struct rf_packed_event *event = rf_calloc(1, sizeof(*event) + id_bytes + 1);
    event->id_bytes = (uint32_t)id_bytes;
    event->offset = whose;
    event->id_hash = sharing == ALL ? 0 : rf_hash(id, id_bytes, 0);
    event->id_hash = sharing == SOME && whose > 100 && whose % 64 < 2 ? 7 : event->id_hash;
    memcpy(event + 1, id, id_bytes);
    return event;
}

/** Adds each id `rounds` times, all ids before any comes again; then each group must be one id's
 * events, all of them, in the order of coming. */
static void
check_groups_sharing(char *const *ids, const size_t *id_bytes, size_t count, size_t rounds,
                     enum sharing sharing)
{
    struct rf_grouper grouper;
    struct rf_packed_event **events = rf_calloc(count, sizeof(*events));
    unsigned char *met = rf_calloc(count, 1);
    rf_grouper_init(&grouper, 42);
    rf_grouper_begin(&grouper, count * rounds);
    for (size_t i = 0; i < count; i++) {
        events[i] = make_event(ids[i], id_bytes[i], i, sharing);
    }
    for (size_t i = 0; i < count * rounds; i++) {
        rf_grouper_add(&grouper, events[i % count], i);
    }
    rf_grouper_finish(&grouper);
    cr_assert(grouper.is_hashed_anew == (sharing != NONE));
    cr_assert(grouper.count == count * rounds);
    cr_assert(grouper.group_count == count, "%zu groups of %zu ids", grouper.group_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct rf_group *group = &grouper.groups[i];
        const struct rf_entry *entries = grouper.entries + group->first;
        size_t whose = (size_t)entries[0].event->offset;
        cr_assert(group->count == rounds, "id %zu: %zu events", whose, group->count);
        cr_assert(!met[whose]);
        met[whose] = 1;
        cr_assert(group->id_bytes == id_bytes[whose]);
        cr_assert(memcmp(group->id, ids[whose], id_bytes[whose]) == 0);
        for (size_t k = 0; k < rounds; k++) {
            cr_assert(entries[k].event == events[whose]);
            cr_assert(entries[k].ref == whose + k * count);
        }
    }
    rf_grouper_done(&grouper);
    for (size_t i = 0; i < count; i++) {
        free(events[i]);
    }
    free(events);
    free(met);
}

static void
check_groups(char *const *ids, const size_t *id_bytes, size_t count, size_t rounds)
{
    check_groups_sharing(ids, id_bytes, count, rounds, NONE);
    check_groups_sharing(ids, id_bytes, count, rounds, SOME);
    check_groups_sharing(ids, id_bytes, count, rounds, ALL);
}

/* The table grows several times while events of all ids still come. */
Test(group, keeps_ids_apart_while_its_table_grows)
{
    enum { IDS = 5000 };
    static char texts[IDS][24];
    static char *ids[IDS];
    static size_t id_bytes[IDS];
    for (size_t i = 0; i < IDS; i++) {
        id_bytes[i] = (size_t)snprintf(texts[i], sizeof(texts[i]), "%zu", i * 7919);
        ids[i] = texts[i];
    }
    check_groups(ids, id_bytes, IDS, 2);
}

/* Each id is the front of all that came before it: whatever it meets in the table begins with it.
 */
Test(group, takes_no_id_for_a_longer_one_that_begins_with_it)
{
    enum { IDS = 2000 };
    static char text[IDS];
    static char *ids[IDS];
    static size_t id_bytes[IDS];
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < IDS; i++) {
        ids[i] = text;
        id_bytes[i] = IDS - i;
    }
    check_groups(ids, id_bytes, IDS, 3);
}

/* And the other way round: what it meets is shorter. */
Test(group, takes_no_id_for_a_shorter_one_that_it_begins_with)
{
    enum { IDS = 2000 };
    static char text[IDS];
    static char *ids[IDS];
    static size_t id_bytes[IDS];
    for (size_t i = 0; i < IDS; i++) {
        ids[i] = text; /* NUL bytes are bytes too */
        id_bytes[i] = i + 1;
    }
    check_groups(ids, id_bytes, IDS, 2);
}
