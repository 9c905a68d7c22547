/* SPDX-License-Identifier: MIT */
/*
 * A review: what differs in groups of what is alike, and what is decided of each instance.
 *
 * A group is what of a cluster has one cause: instances whose events are not those that were
 * blessed (data) are apart from those that the code made. Largest group first. Instances that can
 * not be accepted, because they crashed or hung, are in no group.
 */
#ifndef RF_GOLDEN_REVIEW_H
#define RF_GOLDEN_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "golden/bless.h"
#include "golden/findings.h"
#include "golden/member.h"

enum rf_decision { RF_UNDECIDED, RF_ACCEPTED, RF_REJECTED, RF_SKIPPED, RF_DECISION_COUNT_ };

struct rf_review_group {
    struct rf_cluster cluster; /**< count, data_count and samples are the group's own; all that it
                                    points to is borrowed */
    bool data;                 /**< the cause of all members */
    uint32_t *members;         /**< indexes into the findings' members, by id */
    size_t count;
    size_t decided[RF_DECISION_COUNT_]; /**< members by decision */
    char *reason;                       /**< why it was accepted, or NULL; owned */
};

struct rf_review {
    const struct rf_findings *findings;
    unsigned char *decisions; /**< enum rf_decision of each member */
    uint32_t *order;          /**< the groups' members, one group behind the other */
    struct rf_review_group *groups;
    size_t group_count;
    uint64_t unfit; /**< instances that cannot be accepted */
};

/** The findings (with members) and the blessing are borrowed until rf_review_free. */
struct rf_review *rf_review_new(const struct rf_findings *findings, struct rf_blessing *blessing);
void rf_review_free(struct rf_review *review);

/** Decide of all members of a group that are undecided. */
void rf_review_decide(struct rf_review *review, struct rf_review_group *group,
                      enum rf_decision decision);
/** Decide of one member, by its place in the group; again, where it was decided. */
void rf_review_decide_one(struct rf_review *review, struct rf_review_group *group, size_t place,
                          enum rf_decision decision);
/** Take back all that was decided of a group, and its reason. */
void rf_review_reset(struct rf_review *review, struct rf_review_group *group);
/** What is decided of a member, by its place in the group. */
enum rf_decision rf_review_decision(const struct rf_review *review,
                                    const struct rf_review_group *group, size_t place);
/** How many instances this is decided of. */
uint64_t rf_review_count(const struct rf_review *review, enum rf_decision decision);

/** For a bless's request; `review` is a struct rf_review: whether an instance is accepted. */
bool rf_review_accepts(const void *review, const char *aggregate, const char *id, size_t id_bytes);
/** For a bless's request: a line for each accepted group of an aggregate (review_file.h). */
void rf_review_lines(const void *review, const char *aggregate, struct rf_buf *out);

#endif
