/* SPDX-License-Identifier: MIT */
/* Bytes to events: unpack an object, find its records, read their envelopes. */
#ifndef RF_DECODE_DECODE_H
#define RF_DECODE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "decode/envelope.h"
#include "decode/recognize.h"

struct rf_table_id; /* decode/table.h */

/** One event, as its record's envelope tells it. All pointers are borrowed for the call. */
struct rf_event {
    const char *id;
    size_t id_bytes;
    const char *aggregate; /**< NULL: the envelope has no such field */
    size_t aggregate_bytes;
    const char *type;
    size_t type_bytes;
    const char *data; /**< the data's JSON text as it stands in the record; valid */
    size_t data_bytes;
    const char *eid; /**< an event id, or NULL */
    size_t eid_bytes;
    int64_t version; /**< if has_version */
    bool has_version;
    bool has_at;
    bool has_data; /**< the record has what the envelope's `data` points to; else data is {} */
    bool bare;     /**< it has not, but has what may be its data elsewhere (bare.h) */
    struct rf_time at;
    uint64_t content_hash;  /**< rf_json_hash of data */
    bool repeats;           /**< a key occurs twice in an object of the data: the last one counts */
    uint64_t offset;        /**< of the record, in the inflated object */
    uint32_t part;          /**< place among the parts of its record, from 0 */
    struct rf_known *known; /**< the record is like others (recognize.h); or NULL */
    const struct rf_json *scalars; /**< where it is: the record's scalars, as nodes over its text */
    const char *record;            /**< the JSON object that it was read from, as it stands */
    size_t record_bytes;
};

/** What one object held. records + expanded = events + malformed + empty. */
struct rf_decode_counts {
    uint64_t stored_bytes;
    uint64_t bytes;     /**< inflated */
    uint64_t members;   /**< of gzip */
    uint64_t checked;   /**< objects that are packed with a checksum of all they hold */
    uint64_t unchecked; /**< … and those packed without one */
    uint64_t records;
    uint64_t expanded; /**< what a record adds that holds several: its parts less one */
    uint64_t events;
    uint64_t malformed;
    uint64_t alien; /**< JSON objects, whole, that are no events; what begins as one does in damaged
                     * records and in lines of something else (opening.h; of lines the first, where
                     * no event is in front); the object itself where it begins
                     * as records do, and holds no event; and payloads that an aggregate claimed, or
                     * of which it said nothing good (history's identify) */
    uint64_t unended; /**< of records neither whose end nor another one was found */
    uint64_t empty;
    uint64_t repeated_keys;                 /**< events in whose data a key occurs twice */
    uint64_t envelopes[RF_ENVELOPE_COUNT_]; /**< events by envelope */
    uint64_t pointed; /**< events that pointers of the user's own found (RF_ENVELOPE_CUSTOM) */
    uint64_t lacking[RF_PART_COUNT_]; /**< of these, those without aggregate, version, data, eid */
    uint64_t laden[RF_ENVELOPE_COUNT_]; /**< events with data, by the envelope that found them */
    uint64_t bare[RF_ENVELOPE_COUNT_];  /**< … and those that are bare (rf_event) */
    uint64_t texts[RF_ENVELOPE_COUNT_]; /**< … those whose data is an object's JSON in a string */
    uint64_t unversioned;               /**< events of the envelope flat that have no version */
};

/** Bytes that an event may be, and that are no JSON. All pointers are borrowed for the call. */
struct rf_payload {
    const char *bytes;
    size_t count;
    uint64_t offset;            /**< as an event's */
    uint32_t part;              /**< … */
    const char *place;          /**< as a malformed one's */
    enum rf_envelope_kind kind; /**< as what an event of it counts */
    const char *wrong;          /**< why it is malformed, if nobody knows what it is */
    /** Of an attribute of DynamoDB's: its version, and the ids that it may be of. */
    bool has_version;
    int64_t version;
    const struct rf_table_id *ids;
    size_t id_count;
};

/** A record, or a part of one, that could not be read. All of it is borrowed for the call. */
struct rf_malformed {
    uint64_t offset; /**< as an event's */
    uint32_t part;   /**< … */
    /** Where in its record it lies, whatever was read in front of it: "" where it is the record
     * itself; else its first byte from that of the record, and, of what was framed anew there,
     * behind a slash each, its byte in that: "66", "41/0". */
    const char *place;
    uint64_t bytes;   /**< so much is lost, up to where reading goes on; 0: nothing tells */
    const char *text; /**< what is wrong */
};

/** Where events and malformed records go, in the order of the object. */
struct rf_decode_sink {
    void *context;
    /** @return anything but RF_OK ends the decoding with that code */
    rf_code (*event)(void *context, const struct rf_event *event, struct rf_err *reterr);
    /** A record that could not be read; reading goes on behind it. */
    void (*malformed)(void *context, const struct rf_malformed *malformed);
    /** A payload that is no JSON; NULL: it is malformed. Who takes it counts it: as one of
     * `events`, and of `envelopes`, or as `malformed`. As `event` otherwise. */
    rf_code (*payload)(void *context, const struct rf_payload *payload, struct rf_err *reterr);
    /** In front of `malformed`, of a record that is a JSON object, whole, and no event: its text.
     * NULL: nobody asks. */
    void (*alien)(void *context, const char *record, size_t bytes);
};

/** Where stored bytes come from; *ret_got = 0 at the end. */
struct rf_decode_input {
    void *context;
    rf_code (*read)(void *context, void *bytes, size_t room, size_t *ret_got,
                    struct rf_err *reterr);
};

/** Buffers for decoding, reused from object to object; one per thread. */
struct rf_decoder;
struct rf_decoder *rf_decoder_new(void);
void rf_decoder_free(struct rf_decoder *decoder);
/** Whether the records of the objects that come are those that Firehose writes below an error
 * prefix (wrapped.h): then what counts is what they say was put. */
void rf_decoder_errors(struct rf_decoder *decoder, bool errors);

/**
 * Decode one object, from its first stored byte to its last.
 *
 * Records are JSON objects, arrays of them ("[" begins a batch, flattened one level; so does
 * {"Records":[ where the envelope is auto or dynamodb-stream, or has pointers of the user's own of
 * which none leads to what that has), or lines of base64 that hold one
 * such object, or a payload that is no JSON; joined by nothing, blanks, LF or CRLF (contract.md,
 * "Records and envelopes"). A record of DynamoDB holds an event for each attribute that is news
 * (table.h). What an aggregate of the Kinesis Producer Library holds (kpl.h), the messages of a
 * record of CloudWatch Logs, what was published to SNS, what an error record says was put
 * (wrapped.h), and texts of base64 that were joined, are framed anew, as parts of that record; they
 * may be packed as objects are. Events that were handed to the sink before an error stand until the
 * caller withdraws them.
 *
 * @counts   added up as far as decoding came, also on errors
 * @return   RF_OK: read to its end; RF_ERR_CORRUPT, RF_ERR_TRUNCATED, RF_ERR_LIMIT,
 *           RF_ERR_MALFORMED: reading could not go on to the end (message and offset in reterr);
 *           what `input` or the sink returned otherwise
 */
RF_MUST_USE rf_code rf_decode_object(struct rf_decoder *decoder,
                                     const struct rf_decode_input *input,
                                     const struct rf_envelope *envelope,
                                     const struct rf_decode_sink *sink,
                                     struct rf_decode_counts *counts, struct rf_err *reterr);

#endif
