/* SPDX-License-Identifier: MIT */
/* What was found, in words: the sections of the text report, in their order, and the sentences in
 * them, which other formats use too. Of reports/ only. */
#ifndef RF_REPORTS_TEXT_INTERNAL_H
#define RF_REPORTS_TEXT_INTERNAL_H

#include "reports/text_paint.h"

/* More only with -v. */
#define RF_CLUSTERS_SHOWN 10

/* text.c */
bool rf_text_is_bless(const struct rf_page *page);
/* Whether it is a proof of a golden: nothing of it is accepted. */
bool rf_text_is_proof(const struct rf_page *page);
/* Whether there are instances that a snapshot holds, and no event of any. */
bool rf_text_is_idle(const struct rf_page *page);
/** Whether a bless wrote what it says. */
bool rf_text_is_blessed(const struct rf_page *page);
/** "changed"; "blessed", which is no verdict */
const char *rf_text_outcome(const struct rf_page *page);
/** "changed: 4,120 differences; 610 files compared (exit 1)" */
void rf_text_verdict(const struct rf_page *page);
/** Whether differences of this kind are no more than what a dry run would accept. */
bool rf_text_is_proposed(const struct rf_page *page, enum rf_difference_kind kind);
/** With --require-golden or by the config's policy, unblessed instances are differences too. */
uint64_t rf_text_unblessed_differences(const struct rf_page *page);

/* text_bless.c */
void rf_text_blessed(const struct rf_page *page);
void rf_text_planned(const struct rf_page *page);

/* text_clusters.c */
void rf_text_clusters(const struct rf_page *page);
size_t rf_text_clusters_shown(const struct rf_page *page);
/** 4,120 orders changed: /status "paid" -> "approved", last written by OrderApproved */
void rf_text_cluster(const struct rf_page *page, const struct rf_cluster *cluster);
/** A line, where the data is to blame for some of them. */
void rf_text_cluster_data(const struct rf_page *page, const struct rf_cluster *cluster);
/** A line: "for example id-1, id-2" */
void rf_text_cluster_samples(const struct rf_page *page, const struct rf_cluster *cluster);
/** A line, with -v and --dry-run: what bless --cluster takes. */
void rf_text_cluster_key(const struct rf_page *page, const struct rf_cluster *cluster);
/** "4 more clusters (8 instances)" */
void rf_text_more_clusters(const struct rf_page *page, size_t shown);

/* text_differences.c */
void rf_text_differences(const struct rf_page *page);
/** A headline, and lines below it. */
void rf_text_difference(const struct rf_page *page, const struct rf_difference *difference);
/** Whether there is but a headline, which the cluster has said already. */
bool rf_text_is_bare(const struct rf_difference *difference);
/** The first listed difference of a cluster, or NULL. */
const struct rf_difference *rf_text_sample_of(const struct rf_findings *findings,
                                              const struct rf_cluster *cluster);

/* text_damage.c */
void rf_text_damages(const struct rf_page *page);
/** "3 gaps in the versions, 1 malformed record", of what is waived or of what is not; false: none
 */
bool rf_text_damage_kinds(const struct rf_page *page, bool waived);
/** The same of what is known. */
bool rf_text_known(const struct rf_page *page);
/** Of a kind, what is known or what is not. */
uint64_t rf_text_damage_total(const struct rf_page *page, int kind, bool known);
/** "3 gaps in the versions" */
void rf_text_damage_count(const struct rf_page *page, int kind, bool known);
/** "known damage", "waived damage", "damage" */
const char *rf_text_damage_label(const struct rf_page *page, int kind, bool known);
/** A line: where, and what. */
void rf_text_damage(const struct rf_page *page, const struct rf_damage *damage);
/** "2026/07/01/00/x.gz:812, order a @4"; nothing where no place is known */
void rf_text_damage_place(const struct rf_page *page, const struct rf_damage *damage);
/** Whether the config's policy lets one live with damage of this kind. */
bool rf_text_is_waived(const struct rf_page *page, int kind);
/** Whether a setting mends some of it, which rf_text_damage_help proposes. */
bool rf_text_damage_is_setting(const struct rf_page *page);
/** Events of aggregates that are not loaded, where the config's policy says that they count. */
uint64_t rf_text_unclaimed(const struct rf_page *page);
/** "2 events of aggregates that are not loaded" */
void rf_text_put_unclaimed(const struct rf_page *page);
/** A line for each kind that counts: how to mend it, and how to live with it. */
void rf_text_damage_help(const struct rf_page *page);

/* text_counts.c */
struct rf_column {
    const char *title;
    size_t offset; /**< in struct rf_tally */
    bool always;   /**< else only where it is not 0 in all rows */
};
#define RF_COLUMNS_MOST 16
void rf_text_add_up(struct rf_page *page);
void rf_text_counts(const struct rf_page *page);
/** The columns of the table of counts; returns how many. */
size_t rf_text_columns(const struct rf_page *page, const struct rf_column *ret[RF_COLUMNS_MOST]);
/** `offset` in struct rf_tally */
uint64_t rf_text_value(const struct rf_tally *tally, size_t offset);
/** Instances of one aggregate that are no difference, told together. */
struct rf_quiet {
    uint64_t count;
    const char *one; /**< "instance is the same" */
    const char *many;
    const char *skipped; /**< why they were not compared, or not blessed; else NULL */
};
#define RF_QUIET_MOST 4
/** Why what a bless does not write is skipped. */
#define RF_GOLDEN_STAYS "the golden is as it was"
/** What there is of them; returns how many rows. */
size_t rf_text_quiet(const struct rf_page *page, const struct rf_tally *tally,
                     struct rf_quiet ret[RF_QUIET_MOST]);
/** A column's sum in words. "610 files", "610 files and 20 orders", "900 instances of 7 aggregates"
 */
void rf_text_sum(const struct rf_page *page, size_t offset);

/* text_audit.c */
/** A line for each ignore rule that swallowed something. */
void rf_text_ignores(const struct rf_page *page);

/* text_history.c */
void rf_text_history(const struct rf_page *page);
/** Names of objects that hold no events, a line each: someone may know better. */
void rf_text_foreign(const struct rf_page *page, const char *lead);
/** With -v: what the verdict rests on. */
void rf_text_proof(const struct rf_page *page);

/* text_conduct.c */
/** What the aggregates tried, and what they printed. */
void rf_text_conduct(const struct rf_page *page);
/** With -v: how their workers were held. */
void rf_text_held(const struct rf_page *page);

/* text_next.c */
void rf_text_next(const struct rf_page *page);

#endif
