/* SPDX-License-Identifier: MIT */
/* What a comparison found: counts, differences, and clusters of alike differences. */
#ifndef RF_GOLDEN_FINDINGS_H
#define RF_GOLDEN_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/time.h"
#include "golden/diff.h"
#include "golden/digest_lines.h"

enum rf_difference_kind {
    RF_DIFFERENCE_CHANGED,
    RF_DIFFERENCE_MISSING,
    RF_DIFFERENCE_UNBLESSED,
    RF_DIFFERENCE_REJECTED,
    RF_DIFFERENCE_CRASHED,
    RF_DIFFERENCE_HUNG,
    RF_DIFFERENCE_IMPURE,
    RF_DIFFERENCE_COUNT_,
};
const char *rf_difference_name(enum rf_difference_kind kind);

/** Whether an instance that differs so has no state that could be accepted. */
bool rf_difference_is_unfit(enum rf_difference_kind kind);

enum rf_cause { RF_CAUSE_NONE, RF_CAUSE_CODE, RF_CAUSE_DATA };

enum rf_basis { RF_BASIS_NONE, RF_BASIS_LAST_WRITER, RF_BASIS_TRACE, RF_BASIS_COMPARE };
const char *rf_basis_name(enum rf_basis basis);

/** The event to blame. basis RF_BASIS_NONE: none is known. Strings are owned. */
struct rf_suspect {
    enum rf_basis basis;
    int64_t version;
    char *type; /**< or NULL; may hold NUL bytes */
    size_t type_bytes;
    bool has_at;
    struct rf_time at;
    char *object; /**< name */
    uint64_t offset;
    uint32_t type_number; /**< of `type` and `object` in the history's names and objects */
    uint32_t object_number;
};

/** One instance that differs. Strings are owned. */
struct rf_difference {
    char *aggregate;
    char *id;
    size_t id_bytes;
    int64_t version; /**< at which it was compared, or of the event that was refused or crashed */
    enum rf_difference_kind kind;
    enum rf_cause cause;
    struct rf_changes changes; /**< at most rf_limits.changes */
    size_t changes_total;
    struct rf_suspect suspect;
    bool meets_again; /**< two builds whose states are the same again behind this version */
    int64_t meets_version;
    char *message;    /**< or NULL */
    bool quotes;      /**< the message holds what the aggregate said (fold.h) */
    char cluster[17]; /**< key of its cluster */
};

#define RF_CLUSTER_SAMPLES 5

/** Differences that are alike: same aggregate, kind, suspect's event type and path patterns. */
struct rf_cluster {
    char key[17]; /**< 16 hex digits: a hash of what its members share */
    char *aggregate;
    enum rf_difference_kind kind;
    char *event; /**< type of the suspect, or NULL; may hold NUL bytes */
    size_t event_bytes;
    char **paths; /**< patterns, sorted, distinct; the last may stand for more (rf_paths_end) */
    size_t path_count;
    char *from; /**< canonical JSON; only where there is one path and all members share it */
    char *to;
    uint64_t count;
    char *samples[RF_CLUSTER_SAMPLES]; /**< the smallest ids */
    size_t sample_bytes[RF_CLUSTER_SAMPLES];
    size_t sample_count;
    uint64_t data_count; /**< members whose cause is data */
};

/** Counts of one aggregate (by the events' own aggregate name). */
struct rf_tally {
    char *name;
    uint64_t instances, events; /**< in history, after selection; events folded */
    uint64_t compared, same, changed, unblessed, missing, uncompared, cut_short;
    uint64_t rejected, crashed, hung, impure, ignored_only;
    uint64_t refused;     /**< of the same: they end at a refused event on both sides */
    uint64_t as_snapshot; /**< of the compared: the state is their snapshot's, which no code made */
};

/** What one ignore rule swallowed, in the instances that were compared. */
struct rf_ignore_tally {
    uint64_t changes;   /**< that it covers */
    uint64_t instances; /**< with such changes */
    uint64_t only;      /**< of these, the same, and without this one rule they would not be */
};

/** Everything that was found. All arrays are sorted: tallies by name, clusters by (count
 * descending, aggregate, first sample, key), differences by (aggregate, id). */
struct rf_findings {
    struct rf_tally *tallies;
    size_t tally_count;
    struct rf_cluster *clusters;
    size_t cluster_count;
    struct rf_difference *differences; /**< the rf_limits.listed smallest */
    size_t difference_count;
    uint64_t differences_total;
    uint64_t elsewhere;          /**< lines of other shards, of goldens whose aggregate is loaded */
    uint64_t beyond;             /**< events above the goldens' versions */
    struct rf_multiset compared; /**< of (aggregate, id, version, state) that were compared */
    struct rf_multiset history;  /**< of (aggregate, id, digest of its folded events) */
    struct rf_members *members;  /**< all that differ, sorted; NULL where they were not asked for */
    char **unloaded;             /**< goldens whose aggregate is not loaded: "name (N lines)" */
    size_t unloaded_count;
    struct rf_ignore_tally *ignores; /**< of each rule; NULL: none swallowed anything */
    size_t ignore_count;
    struct rf_lines_use lines; /**< of digest goldens; all zero: there is none */
    bool veiled;               /**< golden/veil.h */
};

void rf_findings_done(struct rf_findings *findings);

/** Moves the differences and clusters of `more` to the others; none is in both. Tallies, members
 * and multisets stay as they are. */
void rf_findings_add(struct rf_findings *findings, struct rf_findings *more);

/** Drops the clusters and differences that could have been accepted: a bless tells only of those
 * that could not. Members stay. */
void rf_findings_keep_unfit(struct rf_findings *findings);

#endif
