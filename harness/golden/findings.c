/* SPDX-License-Identifier: MIT */
/* What a comparison found: counts, differences, and clusters of alike differences. */
#include "golden/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
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
    memset(findings, 0, sizeof(*findings));
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
