/* SPDX-License-Identifier: MIT */
/* One instance out of all its events: in order, cleared of duplicates, checked for gaps. */
#ifndef RF_HISTORY_INSTANCE_H
#define RF_HISTORY_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/claim.h"
#include "history/damage.h"
#include "history/group.h"
#include "history/history.h"
#include "history/order.h"
#include "history/rules.h"
#include "history/sums.h"
#include "history/unclaimed.h"

/** One event in fold order. */
struct rf_step {
    const struct rf_packed_event *event;
    uint64_t ref;
    int64_t version; /**< the event's, or its place (from 1) where the instance is versionless */
    uint32_t duplicates; /**< further events of this version that are equal */
    uint32_t conflicts;  /**< and those that are not */
    uint64_t item;       /**< rf_sums_item of the event */
    uint64_t digest;     /**< rf_digest_event over the instance's steps up to this one, behind its
                              start */
};

/** One instance that is to be folded. Borrowed until the next bucket is gathered. */
struct rf_instance {
    uint32_t aggregate;          /**< the name's number; RF_NAME_NONE only of an unclaimed one */
    const char *aggregate_name;  /**< of none: empty */
    size_t aggregate_name_bytes; /**< hostile names may hold NUL bytes */
    const char *id;
    size_t id_bytes;
    size_t claim; /**< index of the aggregate that folds it; RF_CLAIM_NONE only with the rule
                       `everything` */
    const struct rf_step *steps; /**< what is to be applied: skipped types are left out */
    size_t step_count;
    const struct rf_packed_event *unhandled; /**< the event whose type is not declared: behind the
                                                  last step; or NULL */
    int64_t unhandled_version;
    const struct rf_step *behind; /**< events behind `unhandled`, to be settled as unfolded */
    size_t behind_count;
    const struct rf_step *skipped; /**< events of skipped types, the latest first */
    size_t skipped_count;
    const struct rf_start *start; /**< the steps go on from here, not from the empty state; or NULL.
                                       Where it was refused, or has no state, there are none */
    int64_t last_version; /**< of the last event of the selected history, skipped ones included, or
                               of the start */
    bool gapped;
    bool lent; /**< some of its events name no aggregate, and no type tells that they are its */
    bool shortened; /**< --as-of or --until left out events of it */
};

/** Counts besides the sums. */
struct rf_gather_counts {
    uint64_t gaps;        /**< places where at least one version is missing */
    uint64_t instances;   /**< with a claim, after selection */
    uint64_t versionless; /**< their events have none: what is missing among them is not seen */
    uint64_t timeless;    /**< of these: some event has no time, and is placed by key and offset */
    uint64_t tied;        /**< of the versionless: events have one time, and are placed so too */
    uint64_t untold;      /**< versionless instances without event ids: duplicates cannot be told */
    uint64_t unclaimed_names; /**< instances whose aggregate no one claims */
    uint64_t undecided;  /**< ids that no type told whose they are, of which only what is behind a
                          * gap is known */
    uint64_t half_named; /**< ids of which some events name an aggregate, and nothing tells if
                          * others are of the same instance */
    uint64_t started;    /**< of `instances`: they go on from a snapshot */
    uint64_t idle;       /**< of these: without any event that is not covered */
    uint64_t unverified; /**< covered events of which the snapshot does not tell if they are
                              those that it was made of */
};

/** What instances are made with, and what was found on the way. One thread. */
struct rf_composer {
    const struct rf_history *history;
    const struct rf_gather_rules *rules;
    struct rf_claims claims;
    struct rf_places places;
    struct rf_comparer comparer;
    struct rf_step *steps; /**< of all instances of the bucket; its room never moves meanwhile */
    size_t step_count;
    size_t skipped_count; /**< these lie at the end of the room, from back to front */
    size_t step_room;
    struct rf_sums sums;
    struct rf_damages damages;
    struct rf_gather_counts counts;
    struct rf_unclaimed_counts unclaimed;
    size_t bucket;        /**< the one at hand */
    bool met_versionless; /**< an instance without versions, though there are starts */
};

/** What an instance goes on from: 0 and 0 where it begins. */
static inline int64_t
rf_instance_start_version(const struct rf_instance *instance)
{
    return instance->start == NULL ? 0 : instance->start->version;
}
static inline uint64_t
rf_instance_start_digest(const struct rf_instance *instance)
{
    return instance->start == NULL ? 0 : instance->start->digest;
}
/** The digest of an instance's first `steps` events, behind those of its start; at most step_count.
 */
static inline uint64_t
rf_instance_digest(const struct rf_instance *instance, uint64_t steps)
{
    RF_VERIFY(steps <= instance->step_count);
    return steps == 0 ? rf_instance_start_digest(instance) : instance->steps[steps - 1].digest;
}
/** Whether nothing can be folded behind its start: an event was refused there, or there is no
 * state. */
static inline bool
rf_instance_is_over(const struct rf_instance *instance)
{
    return instance->start != NULL && (instance->start->refused || instance->start->state == NULL);
}

/** History (sealed) and rules are borrowed. */
void rf_composer_init(struct rf_composer *composer, const struct rf_history *history,
                      const struct rf_gather_rules *rules);
void rf_composer_done(struct rf_composer *composer);

/** Forget the steps of the former bucket; this one has so many events. */
void rf_composer_begin(struct rf_composer *composer, size_t bucket, size_t events);

/** Settle an event that takes no part in any instance; whoever wants to know is told. */
void rf_composer_pass(struct rf_composer *composer, uint32_t aggregate,
                      const struct rf_packed_event *event, int64_t version, enum rf_term term);

/** The same for all of these. */
void rf_composer_settle(struct rf_composer *composer, const struct rf_entry *entries, size_t count,
                        enum rf_term term);

/**
 * Make an instance of all entries with one aggregate and id. What takes no part is settled;
 * gather.h says how.
 * @ret     borrowed until rf_composer_begin
 * @return  whether there is something to fold: false where no one claims the instance, or nothing
 *          of it is selected
 */
bool rf_compose(struct rf_composer *composer, struct rf_entry *entries, size_t count,
                struct rf_instance *ret);

/** The same of an instance of which there is only a start. */
bool rf_compose_idle(struct rf_composer *composer, const struct rf_start *start,
                     struct rf_instance *ret);

#endif
