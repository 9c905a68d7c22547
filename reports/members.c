/* SPDX-License-Identifier: MIT */
/* The listed differences by aggregate and cluster. */
#include "reports/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int
compare_keys(const void *left, const void *right)
{
    const struct rf_members *a = left;
    const struct rf_members *b = right;
    return strcmp(a->cluster->key, b->cluster->key);
}

/* The clusters stand in one array, the largest first. */
static int
compare_ranks(const void *left, const void *right)
{
    const struct rf_members *a = left;
    const struct rf_members *b = right;
    int order = strcmp(a->cluster->aggregate, b->cluster->aggregate);
    return order != 0 ? order : a->cluster < b->cluster ? -1 : a->cluster > b->cluster;
}

/* Where a difference belongs, in an index that is sorted by key; NULL: nowhere. */
static struct rf_members *
find_members(const struct rf_member_index *index, const struct rf_difference *difference)
{
    struct rf_cluster cluster;
    const struct rf_members wanted = {.cluster = &cluster};
    memcpy(cluster.key, difference->cluster, sizeof(cluster.key));
    return index->count == 0
               ? NULL
               : bsearch(&wanted, index->items, index->count, sizeof(*index->items), compare_keys);
}

/* Each cluster gets its part of the array of differences, then its members in it. */
static void
deal_members(struct rf_member_index *index, const struct rf_findings *findings)
{
    for (size_t i = 0; i < findings->difference_count; i++) {
        struct rf_members *members = find_members(index, &findings->differences[i]);
        if (members != NULL) {
            members->count++;
        }
    }
    const struct rf_difference **next = index->differences;
    for (size_t i = 0; i < index->count; i++) {
        index->items[i].items = next;
        next += index->items[i].count;
        index->items[i].count = 0;
    }
    for (size_t i = 0; i < findings->difference_count; i++) {
        struct rf_members *members = find_members(index, &findings->differences[i]);
        if (members != NULL) {
            members->items[members->count++] = &findings->differences[i];
        }
    }
}

struct rf_member_index
rf_member_index_make(const struct rf_findings *findings)
{
    struct rf_member_index index = {
        .items = rf_calloc(findings->cluster_count + 1, sizeof(*index.items)),
        .count = findings->cluster_count,
        .differences = rf_calloc(findings->difference_count + 1, sizeof(struct rf_difference *)),
    };
    for (size_t i = 0; i < index.count; i++) {
        index.items[i].cluster = &findings->clusters[i];
    }
    qsort(index.items, index.count, sizeof(*index.items), compare_keys);
    deal_members(&index, findings);
    qsort(index.items, index.count, sizeof(*index.items), compare_ranks);
    return index;
}

void
rf_member_index_done(struct rf_member_index *index)
{
    free(index->items);
    free(index->differences);
    *index = (struct rf_member_index){0};
}

const struct rf_members *
rf_members_of(const struct rf_member_index *index, const char *aggregate, size_t *ret_count)
{
    size_t first = 0;
    size_t end = index->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (strcmp(index->items[middle].cluster->aggregate, aggregate) < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    size_t count = 0;
    while (first + count < index->count &&
           strcmp(index->items[first + count].cluster->aggregate, aggregate) == 0) {
        count++;
    }
    *ret_count = count;
    return &index->items[first];
}
