/* SPDX-License-Identifier: MIT */
/* What one thread finds while instances are folded; joined into the findings at the end. */
#ifndef RF_GOLDEN_NOTES_H
#define RF_GOLDEN_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "fold/fold.h"
#include "golden/cluster.h"
#include "golden/findings.h"
#include "golden/member.h"
#include "history/damage.h"

/** All zero is empty. Threads: one. */
struct rf_notes {
    struct rf_tally **tallies; /**< in the order in which their names came */
    size_t tally_count;
    size_t tally_room;
    struct rf_clusters clusters;
    struct rf_difference
        *differences; /**< at most twice rf_limits.listed: the rest is cut now and then */
    size_t difference_count;
    size_t difference_room;
    uint64_t differences_total;
    bool unfit_first; /**< those that nobody can accept are kept before all others */
    uint64_t beyond;
    struct rf_members *members; /**< owned; NULL: not asked for */
    struct rf_multiset compared;
    struct rf_multiset history;
    struct rf_damages damages;
    struct rf_ignore_tally *ignores; /**< one for each rule; NULL: none swallowed anything yet */
    size_t ignore_count;
};

void rf_notes_done(struct rf_notes *notes);

/** The counts of this aggregate, made where there were none. They stay where they are. */
struct rf_tally *rf_notes_tally(struct rf_notes *notes, const char *name);

/** Takes over a difference and what it owns; counts it in its cluster and keeps it if it is among
 * the smallest. `patterns` are ended, and borrowed; NULL: none. */
void rf_notes_add(struct rf_notes *notes, struct rf_difference *difference,
                  const struct rf_paths *patterns);

/** Counts what the ignore rules swallowed of one instance. @uses  one for each rule, or NULL */
void rf_notes_swallowed(struct rf_notes *notes, const struct rf_ignore_use *uses, size_t count,
                        bool same);

/** Moves all of `from` but its damages into `into`; `from` is empty afterwards. */
void rf_notes_take(struct rf_notes *into, struct rf_notes *from);

/** Joins the notes of all threads, which are empty afterwards. What comes out does not depend on
 * which thread found what. Damages of `notes` are left to the caller. */
void rf_notes_join(struct rf_notes *const *notes, size_t count, struct rf_findings *ret);

void rf_difference_done(struct rf_difference *difference);
/** For qsort: by (aggregate, id). */
int rf_difference_compare(const void *left, const void *right);

/** The event of one step as the one to blame; NULL gives none. Strings are owned. */
struct rf_suspect rf_suspect_make(struct rf_history *history, enum rf_basis basis,
                                  const struct rf_packed_event *event, int64_t version);

/** What a NaN or infinity in the state is called: the message of its golden line's `rejected`. */
void rf_nonfinite_message(struct rf_buf *out, const char *pointer);

/** Adds an item made of an instance and two numbers. */
void rf_notes_multiset(struct rf_multiset *set, const char *aggregate, const char *id,
                       size_t id_bytes, uint64_t first, uint64_t second);
/** The same, where the name's hash is at hand. */
uint64_t rf_notes_name_hash(const char *aggregate);
void rf_notes_multiset_of(struct rf_multiset *set, uint64_t name_hash, const char *id,
                          size_t id_bytes, uint64_t first, uint64_t second);

/** A crash or hang as a difference; `kind` says which. */
struct rf_difference rf_difference_of_end(struct rf_history *history,
                                          const struct rf_outcome *outcome,
                                          enum rf_difference_kind kind);

#endif
