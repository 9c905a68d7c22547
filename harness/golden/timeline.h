/* SPDX-License-Identifier: MIT */
/* All that is known of one id: its instances, their events in order, and what became of each. */
#ifndef RF_GOLDEN_TIMELINE_H
#define RF_GOLDEN_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "fold/fold.h"
#include "history/rules.h"

/** How the fold took an event. */
enum rf_taken {
    RF_TAKEN_FOLDED,
    RF_TAKEN_SKIPPED,   /**< of a type that the config skips */
    RF_TAKEN_REJECTED,  /**< apply refused it: the fold ends here */
    RF_TAKEN_UNHANDLED, /**< of a type that the aggregate does not declare: the same */
    RF_TAKEN_CRASHED,   /**< the worker died at it: the same */
    RF_TAKEN_HUNG,
    RF_TAKEN_UNFOLDED,  /**< behind the end of the fold */
    RF_TAKEN_UNCLAIMED, /**< no aggregate is loaded for it */
};

/** The name in the JSON of `refold show`: "folded", "skipped", … */
const char *rf_taken_name(enum rf_taken taken);

/** One event in its place. */
struct rf_moment {
    const struct rf_packed_event *event; /**< the history's */
    int64_t version;                     /**< or its place, where the instance is versionless */
    uint64_t applied; /**< steps that are applied once it is through, up to the fold's end */
    enum rf_taken taken;
};

/** An event that takes no part: see rf_gather_rules.passed. */
struct rf_passed {
    const struct rf_packed_event *event;
    int64_t version;
    uint32_t aggregate; /**< a name's number, or RF_NAME_NONE */
    enum rf_term term;
    size_t place; /**< in the order in which they came */
};

/** One instance. */
struct rf_timeline {
    struct rf_instance instance; /**< its steps are the timeline's own: rf_fold_trace takes it */
    struct rf_step *steps;       /**< owned: what `instance` points to */
    struct rf_moment *moments;   /**< in order of their versions */
    size_t count;
    size_t end; /**< moments in front of the end of the fold: folded or skipped */
    enum rf_ending ending;
    bool has_at; /**< moments[end] is where it was refused, crashed or hung; else it was in front of
                      the first event, if at all */
    char *message;    /**< why it ended, or NULL */
    char *nonfinite;  /**< JSON pointer to a NaN or infinity in the last state, or NULL */
    uint64_t applied; /**< steps that were folded */
    bool has_state;   /**< the last state has JSON: its hash is `state_hash` */
    uint64_t state_hash;
    const struct rf_passed *passed; /**< duplicates and conflicts by version, then what was left out
                                         by a selection; borrowed from the timelines */
    size_t passed_count;
    uint64_t terms[RF_TERM_COUNT_]; /**< of its events */
};

/** All instances with one id, sorted by their aggregates' names. All zero is empty. */
struct rf_timelines {
    struct rf_timeline *items;
    size_t count;
    size_t room;
    struct rf_passed *passed; /**< of all of them, and of none: those that are withdrawn */
    size_t passed_count;
    size_t passed_room;
    uint64_t terms[RF_TERM_COUNT_]; /**< of `passed` */
};

/* For a history that holds no more than one id, so that all calls come from one thread. */

/** A rules' `passed`; `timelines` is a struct rf_timelines. */
void rf_timelines_pass(void *timelines, uint32_t aggregate, const struct rf_packed_event *event,
                       int64_t version, enum rf_term term);
/** A sink's `outcome`. Returns false: traces are made later, by rf_fold_trace. */
bool rf_timelines_outcome(void *timelines, size_t thread, const struct rf_outcome *outcome);
/** Once the fold is over: sorts, and gives each instance what was passed of it. */
void rf_timelines_finish(struct rf_timelines *timelines);
void rf_timelines_done(struct rf_timelines *timelines);

/** The moment of a version; `count` where there is none. */
size_t rf_timeline_find(const struct rf_timeline *timeline, int64_t version);
/** How many moments lie in front of the first with a later time, as --as-of has it. */
size_t rf_timeline_until(const struct rf_timeline *timeline, struct rf_time at);
/** Duplicates and conflicts of one version. */
const struct rf_passed *rf_timeline_copies(const struct rf_timeline *timeline, int64_t version,
                                           size_t *ret_count);
/** Whether versions are missing in front of a moment, and which. `first` is the version with which
 * the instance should begin. */
bool rf_timeline_gap(const struct rf_timeline *timeline, size_t moment, int64_t first,
                     int64_t *ret_from, int64_t *ret_to);

#endif
