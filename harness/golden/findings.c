/* SPDX-License-Identifier: MIT */
/* What a comparison found: counts, differences, and clusters of alike differences. */
#include "golden/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "golden/cluster.h"
#include "golden/notes.h"

const char *
rf_difference_name(enum rf_difference_kind kind)
{
    static const char *const names[] = {
        "changed", "missing", "unblessed", "rejected", "crashed", "hung", "impure",
    };
    RF_VERIFY((size_t)kind < sizeof(names) / sizeof(names[0]));
    return names[kind];
}

bool
rf_difference_is_unfit(enum rf_difference_kind kind)
{
    return kind == RF_DIFFERENCE_CRASHED || kind == RF_DIFFERENCE_HUNG ||
           kind == RF_DIFFERENCE_IMPURE;
}

const char *
rf_basis_name(enum rf_basis basis)
{
    static const char *const names[] = {"none", "last-writer", "trace", "compare"};
    RF_VERIFY((size_t)basis < sizeof(names) / sizeof(names[0]));
    return names[basis];
}

void
rf_findings_done(struct rf_findings *findings)
{
    for (size_t i = 0; i < findings->tally_count; i++) {
        free(findings->tallies[i].name);
    }
    for (size_t i = 0; i < findings->cluster_count; i++) {
        rf_cluster_done(&findings->clusters[i]);
    }
    for (size_t i = 0; i < findings->difference_count; i++) {
        rf_difference_done(&findings->differences[i]);
    }
    for (size_t i = 0; i < findings->unloaded_count; i++) {
        free(findings->unloaded[i]);
    }
    if (findings->members != NULL) {
        rf_members_done(findings->members);
    }
    free(findings->members);
    free(findings->tallies);
    free(findings->clusters);
    free(findings->differences);
    free(findings->unloaded);
    free(findings->lines.unread);
    free(findings->ignores);
    memset(findings, 0, sizeof(*findings));
}

static int
compare_clusters(const void *left, const void *right)
{
    return rf_cluster_compare(left, right);
}

void
rf_findings_add(struct rf_findings *findings, struct rf_findings *more)
{
    size_t count = findings->difference_count + more->difference_count;
    size_t clusters = findings->cluster_count + more->cluster_count;
    if (more->differences_total == 0) {
        return;
    }
    findings->differences =
        rf_realloc(findings->differences, count, sizeof(*findings->differences));
    memcpy(findings->differences + findings->difference_count, more->differences,
           more->difference_count * sizeof(*more->differences));
    qsort(findings->differences, count, sizeof(*findings->differences), rf_difference_compare);
    for (size_t i = rf_limits.listed; i < count; i++) {
        rf_difference_done(&findings->differences[i]);
    }
    findings->difference_count = count < rf_limits.listed ? count : rf_limits.listed;
    findings->clusters = rf_realloc(findings->clusters, clusters, sizeof(*findings->clusters));
    memcpy(findings->clusters + findings->cluster_count, more->clusters,
           more->cluster_count * sizeof(*more->clusters));
    qsort(findings->clusters, clusters, sizeof(*findings->clusters), compare_clusters);
    findings->cluster_count = clusters;
    findings->differences_total += more->differences_total;
    more->difference_count = 0;
    more->cluster_count = 0;
}

void
rf_findings_keep_unfit(struct rf_findings *findings)
{
    size_t clusters = 0;
    size_t differences = 0;
    findings->differences_total = 0;
    for (size_t i = 0; i < findings->cluster_count; i++) {
        struct rf_cluster *cluster = &findings->clusters[i];
        if (rf_difference_is_unfit(cluster->kind)) {
            findings->differences_total += cluster->count;
            findings->clusters[clusters++] = *cluster;
        } else {
            rf_cluster_done(cluster);
        }
    }
    for (size_t i = 0; i < findings->difference_count; i++) {
        struct rf_difference *difference = &findings->differences[i];
        if (rf_difference_is_unfit(difference->kind)) {
            findings->differences[differences++] = *difference;
        } else {
            rf_difference_done(difference);
        }
    }
    findings->cluster_count = clusters;
    findings->difference_count = differences;
}
