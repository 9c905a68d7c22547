/* SPDX-License-Identifier: MIT */
/* What a reviewer sees of the groups and instances. */
#ifndef RF_CLI_REVIEW_SHOW_H
#define RF_CLI_REVIEW_SHOW_H

#include "cli/replay.h"
#include "golden/review.h"
#include "reports/text.h"

/** What is shown, and how. All is borrowed. */
struct rf_review_view {
    const struct rf_replay *replay;
    const struct rf_review *review;
    struct rf_blessing *blessing;
    struct rf_text_look look;
};

/** "5 groups of differences, 1,310 instances", and what cannot be accepted. */
void rf_review_show_start(const struct rf_review_view *view, struct rf_buf *out);
/** The group's place among all, what its members share, and samples. */
void rf_review_show_group(const struct rf_review_view *view, size_t group, struct rf_buf *out);
/** "2 accepted, 1 rejected, 7 undecided": of a group. */
void rf_review_show_decided(const struct rf_review_group *group, struct rf_buf *out);
/** Its samples, each with what its line would become; and its key. */
void rf_review_show_details(const struct rf_review_view *view, const struct rf_review_group *group,
                            struct rf_buf *out);
/** One instance by its place in the group: the event to blame, and what its line would become. */
void rf_review_show_instance(const struct rf_review_view *view, const struct rf_review_group *group,
                             size_t place, bool verbose, struct rf_buf *out);

#endif
