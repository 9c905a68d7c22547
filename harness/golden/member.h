/* SPDX-License-Identifier: MIT */
/* Which instance belongs to which cluster: for whoever accepts a part of what changed. */
#ifndef RF_GOLDEN_MEMBER_H
#define RF_GOLDEN_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golden/findings.h"
#include "golden/text_store.h"
#include "history/history.h"

/**
 * One instance that differs. Listed differences are cut at a limit, members are not: so of each
 * only what is small is kept. Its changes can be had from its old and its new line.
 */
struct rf_member {
    const char *aggregate; /**< texts are borrowed from the table */
    const char *id;
    const char *message; /**< or NULL */
    uint64_t cluster;    /**< the cluster's key, as a number */
    int64_t version;
    int64_t suspect_version;
    int64_t at_seconds;
    uint64_t offset;
    int32_t at_nanos;
    uint32_t id_bytes;
    uint32_t type;       /**< of the suspect: its number in the history's names */
    uint32_t object;     /**< its number in the history's objects */
    unsigned char kind;  /**< enum rf_difference_kind */
    unsigned char cause; /**< enum rf_cause */
    unsigned char basis; /**< enum rf_basis */
    bool has_at;
};

/** All zero is empty. Threads: one at a time. */
struct rf_members {
    struct rf_member *items;
    size_t count;
    size_t room;
    struct rf_text_store texts;
    const char *last_aggregate; /**< most members have the aggregate of the one before */
};

/** `difference` is borrowed; its cluster's key must be set. */
void rf_members_add(struct rf_members *members, const struct rf_difference *difference);
/** Moves all of `other` into `members`; `other` is empty afterwards. */
void rf_members_join(struct rf_members *members, struct rf_members *other);
/** By (aggregate, id). */
void rf_members_sort(struct rf_members *members);
/** Of sorted members: the one of this instance, or NULL. Threads: any. */
struct rf_member *rf_members_find(const struct rf_members *members, const char *aggregate,
                                  const char *id, size_t id_bytes);
void rf_members_done(struct rf_members *members);

/** The number of a cluster's key. */
uint64_t rf_cluster_number(const char key[17]);

/** A member as a difference without changes: to be done with rf_difference_done. The history is the
 * one in which it was found. */
struct rf_difference rf_member_difference(const struct rf_member *member,
                                          struct rf_history *history);

#endif
