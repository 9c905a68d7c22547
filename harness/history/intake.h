/* SPDX-License-Identifier: MIT */
/* One object: read, decoded into the history, and its fate settled. */
#ifndef RF_HISTORY_INTAKE_H
#define RF_HISTORY_INTAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/md5.h"
#include "decode/decode.h"
#include "history/damage.h"
#include "history/facts.h"
#include "history/history.h"
#include "history/ingest.h"
#include "history/packs.h"
#include "walk/walk.h"

#define RF_NO_OBJECT UINT64_MAX

/** When reading ends before its time; shared by all threads. */
struct rf_intake_end {
    const atomic_bool *stop; /**< the request's; or NULL */
    atomic_bool ended;       /**< interrupted, or failed for a reason that is no object's */
    /** The smallest number of an object that cannot be read, or RF_NO_OBJECT. Objects behind it are
     * not read any more; those before it are, so that it does not depend on threads which one is
     * named. */
    atomic_uint_fast64_t failed_object;
};

/** One thread's end of an ingest: what it found so far, and the object at hand. */
struct rf_intake {
    const struct rf_ingest_request *request;
    const struct rf_intake_end *end;
    struct rf_history *history;
    const struct rf_packs *packs;
    struct rf_decoder *decoder;
    struct rf_asking *asking; /**< about payloads that are no JSON; or NULL */
    struct rf_writer *writer;
    struct rf_ingest_result found;
    /* the object at hand; kept apart until its fate is known */
    const struct rf_object *object;
    struct rf_facts facts;          /**< of it */
    struct rf_multiset seen_before; /**< what the writer had seen in front of it */
    struct rf_sha256 *sha;          /**< of its stored bytes, where digests are wanted */
    struct rf_md5 *md5;             /**< of the same, where a manifest tells it */
    struct rf_envelope tables;      /**< of what DynamoDB wrote; owned */
    struct rf_reader *reader;
    bool ended;     /**< the reader gave its last byte, and what it checks there was well */
    bool has_front; /**< its first bytes were seen */
    bool is_record; /**< and begin as records do: with an object, one in an array or in a string */
    bool is_text;   /**< … or as text does that is no record */
    bool is_litter; /**< what a system leaves beside files, and no history */
    struct rf_buf front; /**< bytes that were read before it was decoded; and how many are */
    size_t front_at;
    bool is_aggregate; /**< and begin as one of the Kinesis Producer Library does */
    size_t rule;       /**< by which it is read: its stream's, from 1, or 0 */
    const char *aggregate;
    size_t aggregate_bytes;
    uint64_t unselected;      /**< of its events */
    uint64_t elsewhere;       /**< and of other shards, whatever else is said of them */
    struct rf_hasher *stored; /**< of the bytes as stored; only with a shard */
    uint64_t events_shown;
};

/** All are borrowed; `writer` is this thread's own. */
void rf_intake_init(struct rf_intake *intake, const struct rf_ingest_request *request,
                    const struct rf_intake_end *end, struct rf_history *history,
                    const struct rf_packs *packs, struct rf_writer *writer);
/** `found` is handed on before. */
void rf_intake_done(struct rf_intake *intake);

/** Whether the bytes of an object are read, by what is known before. */
bool rf_intake_reads(const struct rf_object *object);

/** Whether the user has asked for the end. */
bool rf_intake_stopped(const struct rf_intake_end *end);

/**
 * Read one object, and settle its fate and all that it held.
 * @return  RF_OK, for broken objects too; RF_ERR_SOURCE: it cannot be read, or changed meanwhile;
 *          RF_ERR_INTERRUPTED: stopped, or given up because nothing that comes of it can matter any
 *          more; RF_ERR_INTERNAL, RF_ERR_LIMIT: what ends the ingest
 */
RF_MUST_USE rf_code rf_intake_object(struct rf_intake *intake, uint32_t number,
                                     struct rf_err *reterr);

/** Adds what one thread found, its writer's sums too, to the whole; `found` is empty of damages
 * afterwards. */
void rf_intake_join(struct rf_intake *intake, struct rf_ingest_result *result);

#endif
