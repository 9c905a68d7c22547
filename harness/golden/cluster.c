/* SPDX-License-Identifier: MIT */
/* Clusters: a changed line of code changes ten thousand orders in one way; it is said once. */
#include "golden/cluster.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"

void
rf_cluster_done(struct rf_cluster *cluster)
{
    for (size_t i = 0; i < cluster->path_count; i++) {
        free(cluster->paths[i]);
    }
    for (size_t i = 0; i < cluster->sample_count; i++) {
        free(cluster->samples[i]);
    }
    free(cluster->paths);
    free(cluster->aggregate);
    free(cluster->event);
    free(cluster->from);
    free(cluster->to);
    memset(cluster, 0, sizeof(*cluster));
}

void
rf_clusters_done(struct rf_clusters *clusters)
{
    for (size_t i = 0; i < clusters->count; i++) {
        rf_cluster_done(&clusters->items[i]);
    }
    free(clusters->items);
    free(clusters->slots);
    memset(clusters, 0, sizeof(*clusters));
}

/* ---- the key --------------------------------------------------------------------------------- */

/** Length first: no two lists of texts run into each other. */
static uint64_t
hash_bytes(uint64_t hash, const char *bytes, size_t count)
{
    unsigned char length[8];
    rf_put_le64(length, bytes == NULL ? UINT64_MAX : count);
    hash = rf_hash(length, sizeof(length), hash);
    return bytes == NULL ? rf_hash("", 0, hash) : rf_hash(bytes, count, hash);
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text));
}

static uint64_t
make_key(const struct rf_difference *difference, const struct rf_paths *patterns)
{
    uint64_t hash = hash_text(0, difference->aggregate);
    hash = hash_text(hash, rf_difference_name(difference->kind));
    hash = hash_bytes(hash, difference->suspect.type, difference->suspect.type_bytes);
    for (size_t i = 0; i < patterns->count; i++) {
        hash = hash_text(hash, patterns->texts[i]);
    }
    return hash;
}

static uint64_t
read_key(const char key[17])
{
    return strtoull(key, NULL, 16);
}

/* ---- the table ------------------------------------------------------------------------------- */

static uint32_t *
find_slot(struct rf_clusters *clusters, uint64_t key)
{
    size_t mask = clusters->slot_count - 1;
    size_t at = (size_t)key & mask;
    while (clusters->slots[at] != 0 &&
           read_key(clusters->items[clusters->slots[at] - 1].key) != key) {
        at = (at + 1) & mask;
    }
    return &clusters->slots[at];
}

static void
grow_slots(struct rf_clusters *clusters)
{
    if (clusters->slot_count > 0 && clusters->count * 2 < clusters->slot_count) {
        return;
    }
    clusters->slot_count = clusters->slot_count == 0 ? 64 : clusters->slot_count * 2;
    free(clusters->slots);
    clusters->slots = rf_calloc(clusters->slot_count, sizeof(*clusters->slots));
    for (size_t i = 0; i < clusters->count; i++) {
        *find_slot(clusters, read_key(clusters->items[i].key)) = (uint32_t)(i + 1);
    }
}

/** The cluster with this key; a new one (its key set, count 0) where there was none. */
static struct rf_cluster *
find_cluster(struct rf_clusters *clusters, uint64_t key)
{
    grow_slots(clusters);
    uint32_t *slot = find_slot(clusters, key);
    if (*slot == 0) {
        RF_GROW(clusters->items, clusters->room, clusters->count + 1);
        struct rf_cluster *made = &clusters->items[clusters->count++];
        memset(made, 0, sizeof(*made));
        (void)snprintf(made->key, sizeof(made->key), "%016llx", (unsigned long long)key);
        *slot = (uint32_t)clusters->count;
    }
    return &clusters->items[*slot - 1];
}

/* ---- members --------------------------------------------------------------------------------- */

/** Keeps the smallest ids, sorted. */
static void
add_sample(struct rf_cluster *cluster, const char *id, size_t id_bytes)
{
    size_t at = cluster->sample_count;
    while (at > 0 && rf_bytes_compare(id, id_bytes, cluster->samples[at - 1],
                                      cluster->sample_bytes[at - 1]) < 0) {
        at--;
    }
    if (at == RF_CLUSTER_SAMPLES) {
        return;
    }
    if (cluster->sample_count == RF_CLUSTER_SAMPLES) {
        free(cluster->samples[--cluster->sample_count]);
    }
    for (size_t i = cluster->sample_count; i > at; i--) {
        cluster->samples[i] = cluster->samples[i - 1];
        cluster->sample_bytes[i] = cluster->sample_bytes[i - 1];
    }
    cluster->samples[at] = rf_strndup(id, id_bytes);
    cluster->sample_bytes[at] = id_bytes;
    cluster->sample_count++;
}

static char *
copy_optional(const char *text)
{
    return text == NULL ? NULL : rf_strdup(text);
}

static bool
is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/** Drops what not all members share. NULL is also what was never there: once dropped, it stays. */
static void
keep_shared(char **shared, const char *text)
{
    if (!is_same_text(*shared, text)) {
        free(*shared);
        *shared = NULL;
    }
}

static void
start_cluster(struct rf_cluster *cluster, const struct rf_difference *difference,
              const struct rf_paths *patterns)
{
    cluster->aggregate = rf_strdup(difference->aggregate);
    cluster->kind = difference->kind;
    if (difference->suspect.type != NULL) {
        cluster->event = rf_strndup(difference->suspect.type, difference->suspect.type_bytes);
        cluster->event_bytes = difference->suspect.type_bytes;
    }
    cluster->paths = rf_calloc(patterns->count + 1, sizeof(*cluster->paths));
    for (size_t i = 0; i < patterns->count; i++) {
        cluster->paths[i] = rf_strdup(patterns->texts[i]);
    }
    cluster->path_count = patterns->count;
    if (patterns->count == 1 && difference->changes_total == 1) {
        cluster->from = copy_optional(difference->changes.items[0].old);
        cluster->to = copy_optional(difference->changes.items[0].value);
    }
}

void
rf_clusters_add(struct rf_clusters *clusters, struct rf_difference *difference,
                const struct rf_paths *patterns)
{
    static const struct rf_paths none;
    const struct rf_paths *paths = patterns == NULL ? &none : patterns;
    struct rf_cluster *cluster = find_cluster(clusters, make_key(difference, paths));
    if (cluster->count == 0) {
        start_cluster(cluster, difference, paths);
    } else {
        bool alone = difference->changes_total == 1;
        keep_shared(&cluster->from, alone ? difference->changes.items[0].old : NULL);
        keep_shared(&cluster->to, alone ? difference->changes.items[0].value : NULL);
    }
    cluster->count++;
    cluster->data_count += difference->cause == RF_CAUSE_DATA ? 1 : 0;
    add_sample(cluster, difference->id, difference->id_bytes);
    memcpy(difference->cluster, cluster->key, sizeof(difference->cluster));
}

void
rf_clusters_join(struct rf_clusters *clusters, struct rf_clusters *other)
{
    for (size_t i = 0; i < other->count; i++) {
        struct rf_cluster *from = &other->items[i];
        struct rf_cluster *into = find_cluster(clusters, read_key(from->key));
        if (into->count == 0) {
            *into = *from;
            memset(from, 0, sizeof(*from));
            continue;
        }
        keep_shared(&into->from, from->from);
        keep_shared(&into->to, from->to);
        into->count += from->count;
        into->data_count += from->data_count;
        for (size_t k = 0; k < from->sample_count; k++) {
            add_sample(into, from->samples[k], from->sample_bytes[k]);
        }
    }
    rf_clusters_done(other);
}

int
rf_cluster_compare(const struct rf_cluster *a, const struct rf_cluster *b)
{
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    int order = strcmp(a->aggregate, b->aggregate);
    if (order == 0) {
        order =
            rf_bytes_compare(a->samples[0], a->sample_bytes[0], b->samples[0], b->sample_bytes[0]);
    }
    return order != 0 ? order : strcmp(a->key, b->key);
}

static int
compare_clusters(const void *left, const void *right)
{
    return rf_cluster_compare(left, right);
}

void
rf_clusters_take(struct rf_clusters *clusters, struct rf_cluster **ret, size_t *ret_count)
{
    if (clusters->count > 0) {
        qsort(clusters->items, clusters->count, sizeof(*clusters->items), compare_clusters);
    }
    *ret = clusters->items;
    *ret_count = clusters->count;
    free(clusters->slots);
    memset(clusters, 0, sizeof(*clusters));
}
