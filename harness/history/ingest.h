/* SPDX-License-Identifier: MIT */
/* Threads take objects, largest first, and decode them into a history. */
#ifndef RF_HISTORY_INGEST_H
#define RF_HISTORY_INGEST_H

#include <stdatomic.h>
#include <stdbool.h>

#include "decode/decode.h"
#include "history/damage.h"
#include "history/history.h"
#include "history/shard.h"
#include "history/sums.h"
#include "key/identifiers.h"
#include "walk/walk.h"

/** What the config's `streams` says for objects whose stream matches. */
struct rf_stream_rule {
    char *match;     /**< glob over the stream's name (fnmatch) */
    char *aggregate; /**< or NULL */
    bool has_envelope;
    struct rf_envelope envelope;
};

/** The first rule that an object's stream fits, from 1; 0: none does. */
size_t rf_stream_rule_of(const struct rf_stream_rule *rules, size_t count,
                         const struct rf_object *object);

struct rf_facts;        /* history/facts.h */
struct rf_known_damage; /* history/known.h */

/** Shown while ingest and fold run; written by many threads, read by one. */
struct rf_progress_counts {
    atomic_uint_fast64_t objects_done, bytes_done; /**< stored bytes */
    atomic_uint_fast64_t events_read, events_folded;
};

struct rf_ingest_request {
    const struct rf_objects *objects;
    const struct rf_envelope *envelope;
    const struct rf_envelope *pending_envelope; /**< of pending objects, where there are any */
    const struct rf_stream_rule *streams;
    size_t stream_count;
    /** The one loaded aggregate for events that name none, or NULL where there are several. */
    const char *only_aggregate;
    /** Names of all loaded aggregates: entered into the names file, for gather gives them to events
     * that name none. */
    const char *const *aggregates;
    size_t aggregate_count;
    /** Whether events of this id are kept; NULL: all are. The others are counted, as unselected,
     * and take no memory. Threads: any. */
    bool (*selects)(const void *context, const char *id, size_t id_bytes);
    const void *select_context;
    /** Events of instances of other shards are counted, as elsewhere, and take no memory. */
    struct rf_run_shard shard;
    /** Where `selects` lets in this id only: then what is packed is looked up. `selects` is asked
     * for others only where the id is in no object at all; NULL: nothing is known. */
    const char *only_id;
    /** Who is asked about payloads that are no JSON; NULL: these are malformed. Borrowed. */
    struct rf_identifiers *identifiers;
    bool keep_partial;
    bool errors; /**< objects below an error prefix are read: what they say was put */
    struct rf_known_damage *known; /**< damage that was accepted, or NULL */
    /** What was found in each object, by number, for who packs them: all zero, filled in, with
     * digests; or NULL. With `selects` there is no such thing. */
    struct rf_facts *facts;
    uint64_t memory_bytes; /**< as rf_history_limit; 0: no limit */
    size_t jobs;
    struct rf_progress_counts *progress; /**< or NULL */
    const atomic_bool *stop;             /**< ends early with RF_ERR_INTERRUPTED; or NULL */
};

/** What an envelope did not find. */
struct rf_pointed {
    uint64_t events;                  /**< that were read by pointers of the user's own */
    uint64_t lacking[RF_PART_COUNT_]; /**< of these, those without it (rf_decode_counts) */
    uint64_t nameless; /**< … without aggregate, and the rule of their stream names none */
    uint64_t laden[RF_ENVELOPE_COUNT_];      /**< events with data, by envelope */
    uint64_t bare[RF_ENVELOPE_COUNT_];       /**< … and those that are bare (rf_event) */
    uint32_t bare_first[RF_ENVELOPE_COUNT_]; /**< the first object that holds such, if one does */
    uint64_t texts[RF_ENVELOPE_COUNT_]; /**< those whose data is an object's JSON in a string */
    uint32_t texts_first[RF_ENVELOPE_COUNT_]; /**< … */
    uint64_t unversioned;       /**< events of the envelope flat that have no version */
    uint32_t unversioned_first; /**< the first object that holds such, if one does */
};

/** What ingest found besides events. */
struct rf_ingest_result {
    struct rf_sums sums;
    struct rf_decode_counts counts;
    struct rf_damages damages;
    uint64_t odd_names; /**< objects that held events under a name that is not Firehose's */
    /** Objects read whose bytes nothing vouches for: plain ones in a container without checksums.
     */
    uint64_t unverified;
    uint64_t unchecked; /**< and those packed in a form without checksums */
    /** Objects read whose MD5 is not the one that the manifest of a table's export tells. */
    uint64_t odd_md5;
    uint64_t stray; /**< foreign objects in folders that tell a time, where hours are asked for */
    /** Objects read that hold nothing, not even once they are inflated, though they promise
     * something (rf_object_is_promising); and the first of them. */
    uint64_t hollow;
    uint32_t hollow_first;
    /** Of (key, stored bytes, number of the source) of each object that is not foreign; only with a
     * shard. */
    struct rf_multiset objects;
    /** By the request's envelope, then by those of its stream rules; owned. */
    struct rf_pointed *pointed;
    size_t pointed_count;
    char **foreign; /**< names of foreign objects, sorted, at most rf_limits.listed */
    size_t foreign_count;
    bool has_first; /**< time of the earliest and the latest event */
    struct rf_time first, last;
};

/**
 * Read all objects into a new, sealed history.
 *
 * An object that breaks is `unreadable` (damage) and its events are withdrawn, unless keep_partial;
 * without events it is foreign, unless its name promises some (contract.md, "The sums"); under an
 * error prefix it is foreign and damage of kind `errors`, and not decoded, unless `errors`. Special
 * objects are foreign. What a foreign object holds (records, bytes, malformed) counts nowhere.
 *
 * The objects are borrowed until the history is freed.
 *
 * @ret         owned by the caller on RF_OK, untouched otherwise
 * @ret_result  for rf_ingest_result_done on RF_OK, all zero otherwise
 * What is packed is taken from its pack, as if it were read.
 *
 * @return  RF_OK; RF_ERR_USAGE, RF_ERR_CORRUPT: a pack that was made by other rules, or is damaged;
 *          RF_ERR_SOURCE: an object could not be read, or changed meanwhile; it is the one
 *          with the smallest number (others are not finished); RF_ERR_INTERRUPTED; RF_ERR_INTERNAL
 */
RF_MUST_USE rf_code rf_ingest(const struct rf_ingest_request *request, struct rf_history **ret,
                              struct rf_ingest_result *ret_result, struct rf_err *reterr);
void rf_ingest_result_done(struct rf_ingest_result *result);

#endif
