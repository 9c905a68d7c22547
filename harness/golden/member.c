/* SPDX-License-Identifier: MIT */
/* Which instance belongs to which cluster. */
#include "golden/member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"

uint64_t
rf_cluster_number(const char key[17])
{
    return strtoull(key, NULL, 16);
}

void
rf_members_add(struct rf_members *members, const struct rf_difference *difference)
{
    const struct rf_suspect *suspect = &difference->suspect;
    const char *aggregate = members->last_aggregate;
    if (aggregate == NULL || strcmp(aggregate, difference->aggregate) != 0) {
        aggregate = rf_text_store_add(&members->texts, difference->aggregate,
                                      strlen(difference->aggregate));
        members->last_aggregate = aggregate;
    }
    RF_GROW(members->items, members->room, members->count + 1);
    members->items[members->count++] = (struct rf_member){
        .aggregate = aggregate,
        .id = rf_text_store_add(&members->texts, difference->id, difference->id_bytes),
        .id_bytes = (uint32_t)difference->id_bytes,
        .message = difference->message == NULL
                       ? NULL
                       : rf_text_store_add(&members->texts, difference->message,
                                           strlen(difference->message)),
        .cluster = rf_cluster_number(difference->cluster),
        .version = difference->version,
        .kind = (unsigned char)difference->kind,
        .cause = (unsigned char)difference->cause,
        .basis = (unsigned char)suspect->basis,
        .suspect_version = suspect->version,
        .has_at = suspect->has_at,
        .at_seconds = suspect->at.seconds,
        .at_nanos = suspect->at.nanos,
        .type = suspect->type_number,
        .object = suspect->object_number,
        .offset = suspect->offset,
    };
}

void
rf_members_join(struct rf_members *members, struct rf_members *other)
{
    RF_GROW(members->items, members->room, members->count + other->count);
    for (size_t i = 0; i < other->count; i++) {
        members->items[members->count++] = other->items[i];
    }
    rf_text_store_join(&members->texts, &other->texts);
    rf_members_done(other);
}

static int
compare_members(const void *left, const void *right)
{
    const struct rf_member *a = left;
    const struct rf_member *b = right;
    int order = strcmp(a->aggregate, b->aggregate);
    return order != 0 ? order : rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

void
rf_members_sort(struct rf_members *members)
{
    if (members->count > 0) {
        qsort(members->items, members->count, sizeof(*members->items), compare_members);
    }
}

struct rf_member *
rf_members_find(const struct rf_members *members, const char *aggregate, const char *id,
                size_t id_bytes)
{
    const struct rf_member wanted = {
        .aggregate = aggregate, .id = id, .id_bytes = (uint32_t)id_bytes};
    return members->count == 0 ? NULL
                               : bsearch(&wanted, members->items, members->count,
                                         sizeof(*members->items), compare_members);
}

void
rf_members_done(struct rf_members *members)
{
    free(members->items);
    rf_text_store_done(&members->texts);
    memset(members, 0, sizeof(*members));
}

static struct rf_suspect
suspect_of(const struct rf_member *member, struct rf_history *history)
{
    struct rf_suspect suspect = {.basis = (enum rf_basis)member->basis};
    if (suspect.basis == RF_BASIS_NONE) {
        return suspect;
    }
    const struct rf_objects *objects = rf_history_objects(history);
    const char *type = rf_names_text(rf_history_names(history), member->type, &suspect.type_bytes);
    suspect.version = member->suspect_version;
    suspect.type = rf_strndup(type, suspect.type_bytes);
    suspect.has_at = member->has_at;
    suspect.at = (struct rf_time){member->at_seconds, member->at_nanos};
    suspect.object =
        member->object < objects->count ? rf_strdup(objects->items[member->object].name) : NULL;
    suspect.offset = member->offset;
    return suspect;
}

struct rf_difference
rf_member_difference(const struct rf_member *member, struct rf_history *history)
{
    struct rf_difference difference = {
        .aggregate = rf_strdup(member->aggregate),
        .id = rf_strndup(member->id, member->id_bytes),
        .id_bytes = member->id_bytes,
        .version = member->version,
        .kind = (enum rf_difference_kind)member->kind,
        .cause = (enum rf_cause)member->cause,
        .suspect = suspect_of(member, history),
        .message = member->message == NULL ? NULL : rf_strdup(member->message),
    };
    (void)snprintf(difference.cluster, sizeof(difference.cluster), "%016llx",
                   (unsigned long long)member->cluster);
    return difference;
}
