/* SPDX-License-Identifier: MIT */
/* The sections of the text report, in their order. Of reports/text*.c only. */
#ifndef RF_REPORTS_TEXT_INTERNAL_H
#define RF_REPORTS_TEXT_INTERNAL_H

#include "reports/text_paint.h"

/* More only with -v. */
#define RF_CLUSTERS_SHOWN 10

/* text.c */
bool rf_text_is_bless(const struct rf_page *page);

/* text_bless.c */
void rf_text_blessed(const struct rf_page *page);
void rf_text_planned(const struct rf_page *page);

/* text_clusters.c */
void rf_text_clusters(const struct rf_page *page);
/** Its first line. */
void rf_text_headline(const struct rf_page *page, const struct rf_cluster *cluster);
void rf_text_cluster(const struct rf_page *page, const struct rf_cluster *cluster);
size_t rf_text_clusters_shown(const struct rf_page *page);

/* text_differences.c */
void rf_text_differences(const struct rf_page *page);
void rf_text_difference(const struct rf_page *page, const struct rf_difference *difference);
/** The first listed difference of a cluster, or NULL. */
const struct rf_difference *rf_text_sample_of(const struct rf_findings *findings,
                                              const struct rf_cluster *cluster);

/* text_damage.c */
void rf_text_damages(const struct rf_page *page);
/** "3 gaps in the versions, 1 malformed record", of what is waived or of what is not; false: none
 */
bool rf_text_damage_kinds(const struct rf_page *page, bool waived);
/** A line for each kind that counts: how to mend it, and how to live with it. */
void rf_text_damage_help(const struct rf_page *page);

/* text_counts.c */
void rf_text_add_up(struct rf_page *page);
void rf_text_counts(const struct rf_page *page);
/** A column's sum in words; `offset` in struct rf_tally. "610 files", "610 files and 20 orders",
 * "900 instances of 7 aggregates" */
void rf_text_sum(const struct rf_page *page, size_t offset);

/* text_history.c */
void rf_text_history(const struct rf_page *page);
/** With -v: what the verdict rests on. */
void rf_text_proof(const struct rf_page *page);

/* text_next.c */
void rf_text_next(const struct rf_page *page);

#endif
