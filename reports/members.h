/* SPDX-License-Identifier: MIT */
/* The listed differences by aggregate and cluster: the largest cluster first. Of reports/ only. */
#ifndef RF_REPORTS_MEMBERS_H
#define RF_REPORTS_MEMBERS_H

#include "golden/findings.h"

/** One cluster and those of its members that are listed. All is borrowed. */
struct rf_members {
    const struct rf_cluster *cluster;
    const struct rf_difference **items; /**< by id */
    size_t count;
};

/** For each cluster its members; by aggregate, and within it as the findings list the clusters. */
struct rf_member_index {
    struct rf_members *items;
    size_t count;
    const struct rf_difference **differences; /**< of all, for `items` */
};

/** `findings` are borrowed until rf_member_index_done. */
struct rf_member_index rf_member_index_make(const struct rf_findings *findings);
void rf_member_index_done(struct rf_member_index *index);

/** Those of one aggregate: the first of them, and how many. */
const struct rf_members *rf_members_of(const struct rf_member_index *index, const char *aggregate,
                                       size_t *ret_count);

#endif
