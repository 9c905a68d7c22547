/* SPDX-License-Identifier: MIT */
/* A review: groups of what is alike, and what is decided of each instance. */
#include "golden/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
#include "golden/cluster.h"
#include "golden/review_file.h"

/* ---- making groups --------------------------------------------------------------------------- */

/** A member on its way into its group. */
struct place {
    uint64_t cluster;
    bool data;
    uint32_t member; /* members are sorted: this is the order of ids */
};

static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->cluster != b->cluster) {
        return a->cluster < b->cluster ? -1 : 1;
    }
    return a->data != b->data ? a->data - b->data : RF_ORDER(a->member, b->member);
}

/** Whether there is something to accept: a new line, or that the old one goes. */
static bool
is_fit(const struct rf_member *member, struct rf_blessing *blessing)
{
    const char *text;
    size_t bytes;
    return member->kind == RF_DIFFERENCE_MISSING ||
           rf_blessing_line(blessing, member->aggregate, member->id, member->id_bytes, &text,
                            &bytes);
}

/** The findings' clusters by their keys. */
struct numbered {
    uint64_t number;
    const struct rf_cluster *cluster;
};

static int
compare_numbered(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    return RF_ORDER(a->number, b->number);
}

/** Owned; sorted. */
static struct numbered *
number_clusters(const struct rf_findings *findings)
{
    struct numbered *clusters = rf_calloc(findings->cluster_count, sizeof(*clusters));
    for (size_t i = 0; i < findings->cluster_count; i++) {
        const struct rf_cluster *cluster = &findings->clusters[i];
        clusters[i] = (struct numbered){rf_cluster_number(cluster->key), cluster};
    }
    if (findings->cluster_count > 0) {
        qsort(clusters, findings->cluster_count, sizeof(*clusters), compare_numbered);
    }
    return clusters;
}

/** What the group shares with its whole cluster, and what is its own. */
static void
describe_group(const struct rf_findings *findings, struct rf_review_group *group,
               const struct rf_cluster *whole, const struct place *places)
{
    struct rf_cluster *cluster = &group->cluster;
    *cluster = *whole;
    group->data = places[0].data;
    cluster->count = group->count;
    cluster->data_count = group->data ? group->count : 0;
    cluster->sample_count = group->count < RF_CLUSTER_SAMPLES ? group->count : RF_CLUSTER_SAMPLES;
    for (size_t i = 0; i < cluster->sample_count; i++) {
        const struct rf_member *member = &findings->members->items[places[i].member];
        cluster->samples[i] = (char *)(uintptr_t)member->id;
        cluster->sample_bytes[i] = member->id_bytes;
    }
}

static void
make_groups(struct rf_review *review, const struct place *places, size_t count)
{
    size_t room = 0;
    size_t next = 0;
    struct numbered *clusters = number_clusters(review->findings);
    for (size_t from = 0; from < count;) {
        size_t behind = from;
        while (behind < count && places[behind].cluster == places[from].cluster &&
               places[behind].data == places[from].data) {
            review->order[behind] = places[behind].member;
            behind++;
        }
        RF_GROW(review->groups, room, review->group_count + 1);
        struct rf_review_group *group = &review->groups[review->group_count++];
        *group = (struct rf_review_group){
            .members = review->order + from,
            .count = behind - from,
            .decided = {[RF_UNDECIDED] = behind - from},
        };
        while (clusters[next].number != places[from].cluster) {
            next++; /* both are sorted, and each member has its cluster */
        }
        describe_group(review->findings, group, clusters[next].cluster, places + from);
        from = behind;
    }
    free(clusters);
}

/** As the findings' clusters; where two parts of one cluster are of one size, code first. */
static int
compare_groups(const void *left, const void *right)
{
    const struct rf_review_group *a = left;
    const struct rf_review_group *b = right;
    int order = rf_cluster_compare(&a->cluster, &b->cluster);
    return order != 0 ? order : a->data - b->data;
}

struct rf_review *
rf_review_new(const struct rf_findings *findings, struct rf_blessing *blessing)
{
    const struct rf_members *members = findings->members;
    struct rf_review *review = rf_calloc(1, sizeof(*review));
    struct place *places = rf_calloc(members->count, sizeof(*places));
    size_t count = 0;
    RF_VERIFY(members->count < UINT32_MAX);
    review->findings = findings;
    review->decisions = rf_calloc(members->count, 1);
    review->order = rf_calloc(members->count, sizeof(*review->order));
    for (size_t i = 0; i < members->count; i++) {
        const struct rf_member *member = &members->items[i];
        if (is_fit(member, blessing)) {
            places[count++] =
                (struct place){member->cluster, member->cause == RF_CAUSE_DATA, (uint32_t)i};
        } else {
            review->unfit++;
        }
    }
    if (count > 0) {
        qsort(places, count, sizeof(*places), compare_places);
    }
    make_groups(review, places, count);
    free(places);
    if (review->group_count > 0) {
        qsort(review->groups, review->group_count, sizeof(*review->groups), compare_groups);
    }
    return review;
}

void
rf_review_free(struct rf_review *review)
{
    if (review == NULL) {
        return;
    }
    for (size_t i = 0; i < review->group_count; i++) {
        free(review->groups[i].reason);
    }
    free(review->groups);
    free(review->order);
    free(review->decisions);
    free(review);
}

/* ---- deciding -------------------------------------------------------------------------------- */

enum rf_decision
rf_review_decision(const struct rf_review *review, const struct rf_review_group *group,
                   size_t place)
{
    return (enum rf_decision)review->decisions[group->members[place]];
}

void
rf_review_decide_one(struct rf_review *review, struct rf_review_group *group, size_t place,
                     enum rf_decision decision)
{
    unsigned char *decided = &review->decisions[group->members[place]];
    group->decided[*decided]--;
    group->decided[decision]++;
    *decided = (unsigned char)decision;
}

void
rf_review_decide(struct rf_review *review, struct rf_review_group *group, enum rf_decision decision)
{
    for (size_t i = 0; i < group->count; i++) {
        if (rf_review_decision(review, group, i) == RF_UNDECIDED) {
            rf_review_decide_one(review, group, i, decision);
        }
    }
}

void
rf_review_reset(struct rf_review *review, struct rf_review_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        rf_review_decide_one(review, group, i, RF_UNDECIDED);
    }
    free(group->reason);
    group->reason = NULL;
}

uint64_t
rf_review_count(const struct rf_review *review, enum rf_decision decision)
{
    uint64_t count = 0;
    for (size_t i = 0; i < review->group_count; i++) {
        count += review->groups[i].decided[decision];
    }
    return count;
}

/* ---- for the bless --------------------------------------------------------------------------- */

bool
rf_review_accepts(const void *context, const char *aggregate, const char *id, size_t id_bytes)
{
    const struct rf_review *review = context;
    const struct rf_members *members = review->findings->members;
    const struct rf_member *member = rf_members_find(members, aggregate, id, id_bytes);
    return member != NULL && review->decisions[member - members->items] == RF_ACCEPTED;
}

void
rf_review_lines(const void *context, const char *aggregate, struct rf_buf *out)
{
    const struct rf_review *review = context;
    for (size_t i = 0; i < review->group_count; i++) {
        const struct rf_review_group *group = &review->groups[i];
        size_t accepted = group->decided[RF_ACCEPTED];
        if (accepted > 0 && strcmp(group->cluster.aggregate, aggregate) == 0) {
            rf_review_line_write(&group->cluster, group->data, accepted, group->count,
                                 group->reason, out);
        }
    }
}
