/* SPDX-License-Identifier: MIT */
/* 100,000 differences, as many of them listed as can be, each as large as it can be. */
#ifndef RF_TESTS_REPORTS_LARGE_H
#define RF_TESTS_REPORTS_LARGE_H

#include <stdio.h>

#include "base/limits.h"
#include "model.h"

#define LARGE_DIFFERENCES 100000
#define LARGE_CLUSTERS    20000
#define LARGE_ID_BYTES    64

/** `model.report` borrows from the rest; for large_done. */
struct large {
    struct model model;
    struct rf_cluster *clusters;
    struct rf_difference *differences;
    struct rf_damage *damage;
    struct rf_change changes[RF_LIMIT_CHANGES];
    char (*ids)[LARGE_ID_BYTES];
    char value[4096];
};

static inline void
large_findings(struct large *large)
{
    struct rf_findings *findings = &large->model.findings;
    for (size_t i = 0; i < LARGE_CLUSTERS; i++) {
        large->clusters[i] = large->model.clusters[1];
        large->clusters[i].aggregate = TEXT("order");
        large->clusters[i].count = LARGE_DIFFERENCES / LARGE_CLUSTERS;
        (void)snprintf(large->clusters[i].key, 17, "%016zx", i * 7919 + 1);
    }
    for (size_t i = 0; i < RF_LIMIT_LISTED; i++) {
        large->differences[i] = large->model.differences[1];
        large->differences[i].aggregate = TEXT("order");
        large->differences[i].id = large->ids[i];
        large->differences[i].id_bytes =
            (size_t)snprintf(large->ids[i], LARGE_ID_BYTES, "%05zu %s", i, "<&>\"'`|@\x1b[31m]]>");
        large->differences[i].changes =
            (struct rf_changes){.items = large->changes, .count = RF_LIMIT_CHANGES};
        memcpy(large->differences[i].cluster, large->clusters[i % LARGE_CLUSTERS].key, 17);
    }
    findings->clusters = large->clusters;
    findings->cluster_count = LARGE_CLUSTERS;
    findings->differences = large->differences;
    findings->difference_count = RF_LIMIT_LISTED;
    findings->differences_total = LARGE_DIFFERENCES;
    large->model.tallies[1].changed = LARGE_DIFFERENCES;
}

static inline struct large *
large_new(void)
{
    struct large *large = calloc(1, sizeof(*large));
    large->clusters = calloc(LARGE_CLUSTERS, sizeof(*large->clusters));
    large->differences = calloc(RF_LIMIT_LISTED, sizeof(*large->differences));
    large->damage = calloc(RF_LIMIT_LISTED, sizeof(*large->damage));
    large->ids = calloc(RF_LIMIT_LISTED, sizeof(*large->ids));
    model_hostile(&large->model);
    memset(large->value, '<', sizeof(large->value));
    large->value[0] = large->value[sizeof(large->value) - 2] = '"';
    large->value[sizeof(large->value) - 1] = '\0';
    for (size_t i = 0; i < RF_LIMIT_CHANGES; i++) {
        large->changes[i] = (struct rf_change){
            .path = TEXT("/" HOSTILE_UTF8), .value = large->value, .old = TEXT(HOSTILE_JSON)};
    }
    large_findings(large);
    for (size_t i = 0; i < RF_LIMIT_LISTED; i++) {
        large->damage[i] = large->model.damage[RF_DAMAGE_GAP];
    }
    large->model.damages.items = large->damage;
    large->model.damages.count = RF_LIMIT_LISTED;
    large->model.damages.totals[RF_DAMAGE_GAP] = LARGE_DIFFERENCES;
    return large;
}

static inline void
large_done(struct large *large)
{
    free(large->clusters);
    free(large->differences);
    free(large->damage);
    free(large->ids);
    free(large);
}

#endif
