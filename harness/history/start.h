/* SPDX-License-Identifier: MIT */
/* Where instances go on: what snapshots hold of them, by bucket. */
#ifndef RF_HISTORY_START_H
#define RF_HISTORY_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a snapshot holds of one instance. Strings are borrowed from whoever made it. */
struct rf_start {
    uint32_t aggregate; /**< a name's number */
    const char *id;
    size_t id_bytes;
    const char *state; /**< canonical JSON; NULL: it has none (NaN, infinity) */
    size_t state_bytes;
    uint64_t likeness; /**< without `state`: the golden line's; 0: it has none */
    int64_t version;   /**< of the state; 0: the empty one */
    int64_t covered;   /**< the last version that is accounted for: the refused event's, if any */
    uint64_t digest;   /**< rf_digest_event over the events up to there */
    bool refused;      /**< the event `covered` was refused: the instance ends there */
    const char *refused_type;
    size_t refused_type_bytes;
    const char *refused_message;
    size_t refused_message_bytes;
};

/** All starts of a replay. While a bucket is gathered, what is its own is one thread's. */
struct rf_starts;
struct rf_starts *rf_starts_new(void);
/** Accepts NULL. */
void rf_starts_free(struct rf_starts *starts);

/** Add one; (aggregate, id) is none that is there. */
void rf_starts_add(struct rf_starts *starts, const struct rf_start *start);
/** After the last one: in order, so that they can be found. */
void rf_starts_sort(struct rf_starts *starts);

/** Those of one bucket (sorted, by rf_starts_sort): by (aggregate's number, id). */
const struct rf_start *rf_starts_bucket(const struct rf_starts *starts, size_t bucket,
                                        size_t *ret_count);

/** A bucket is gathered: none of its starts is met yet. */
void rf_starts_begin(struct rf_starts *starts, size_t bucket);
/** The start of this instance, or NULL. */
const struct rf_start *rf_starts_find(const struct rf_starts *starts, size_t bucket,
                                      uint32_t aggregate, const char *id, size_t id_bytes);
/** The same, and it is met from here on. */
const struct rf_start *rf_starts_meet(struct rf_starts *starts, size_t bucket, uint32_t aggregate,
                                      const char *id, size_t id_bytes);
/** Whether a start of rf_starts_bucket was met. */
bool rf_starts_met(const struct rf_starts *starts, const struct rf_start *start);

#endif
