/* SPDX-License-Identifier: MIT */
/* A decoder from within: decode.c, which goes through an object, and nested.c, for records that
 * hold others. */
#ifndef RF_DECODE_DECODER_H
#define RF_DECODE_DECODER_H

#include "base/json.h"
#include "base/limits.h"
#include "decode/decode.h"
#include "decode/frame.h"
#include "decode/record.h"
#include "decode/table.h"
#include "decode/unpack.h"

/** Bytes that are framed: the object's, and below these what one of its records holds of records.
 */
struct rf_level {
    struct rf_unpack *unpack;
    struct rf_frame frame;
    struct rf_json doc;               /**< the record at hand */
    struct rf_json scalars;           /**< … where it was recognized: its scalars; borrowed */
    struct rf_buf decoded;            /**< of a line of base64 */
    struct rf_buf wrapped;            /**< of a record around others */
    struct rf_recognizer *recognizer; /**< NULL: no event may stand here by itself */
    uint32_t element;                 /**< the batch's that is at hand, or NO_BATCH */
    const char *what;                 /**< what its bytes are, for messages; NULL: the object */
    uint64_t begin;                   /**< of the record at hand; 0 at the object's own level */
    uint64_t at;                      /**< of what is at hand: where it begins, */
    uint64_t bytes;                   /**< and how long it is: it is lost if it is malformed */
};

/** A place (struct rf_malformed) with its NUL: a number and what is between two for each level. */
#define RF_PLACE_BYTES (RF_LIMIT_NESTED * 21)

struct rf_decoder {
    struct rf_level *levels[RF_LIMIT_NESTED]; /**< made as they are needed; [0] is the object's */
    struct rf_level *now;
    size_t depth; /**< of it */
    struct rf_record_reader reader;
    struct rf_table_reader table;
    char text[768]; /**< why a record is malformed */
    char place[RF_PLACE_BYTES];
    uint64_t offset;       /**< of the object's record at hand */
    uint32_t parts;        /**< of it, that were told */
    bool in_message;       /**< what is read was a log event of CloudWatch's */
    bool errors;           /**< records of objects are those of an error prefix */
    uint64_t inner_bytes;  /**< unpacked below the object's own level */
    uint64_t looked_again; /**< at all levels, see RF_LIMIT_RECOVERY_BYTES */
    /* of the object at hand, borrowed */
    const struct rf_envelope *envelope;
    const struct rf_decode_sink *sink;
    struct rf_decode_counts *counts;
};

/** Whether whoever takes the events also takes payloads that are no JSON. */
static inline bool
rf_decoder_takes_payloads(const struct rf_decoder *decoder)
{
    return decoder->sink->payload != NULL;
}

/** Whether only what Firehose writes below an error prefix may stand here. */
static inline bool
rf_decoder_takes_errors(const struct rf_decoder *decoder)
{
    return decoder->errors && decoder->depth == 0;
}

/** Of the record at hand it is this value that the next words are of. */
static inline void
rf_decoder_at(struct rf_decoder *decoder, uint32_t node)
{
    size_t bytes;
    struct rf_level *level = decoder->now;
    const char *token = rf_json_token(&level->doc, node, &bytes);
    const char *record = rf_json_token(&level->doc, 0, &(size_t){0});
    level->at = level->begin + (uint64_t)(token - record);
    level->bytes = bytes;
}

/** Level `depth`, made where it was not needed before. */
struct rf_level *rf_decoder_level(struct rf_decoder *decoder, size_t depth);

/* What a part of the record at hand came to. */

/** @text  why it is malformed */
void rf_decoder_malformed(struct rf_decoder *decoder, const char *text);
void rf_decoder_malformed_object(struct rf_decoder *decoder, const char *wrong);
/** It holds no record. */
void rf_decoder_empty(struct rf_decoder *decoder);
/** Bytes that are no JSON: an aggregate may know what they are. `wrong` is why they are malformed
 * if none does. */
RF_MUST_USE rf_code rf_decoder_payload(struct rf_decoder *decoder, struct rf_payload *payload,
                                       struct rf_err *reterr);

/** All records of the level at hand. */
RF_MUST_USE rf_code rf_decoder_records(struct rf_decoder *decoder, struct rf_err *reterr);

/* ---- nested.c -------------------------------------------------------------------------------- */

/**
 * Frames anew what a record holds of records; all of them are parts of it.
 * @bytes  not read, and not changed, by the level below
 * @what   for messages
 */
RF_MUST_USE rf_code rf_nested_take(struct rf_decoder *decoder, const void *bytes, size_t count,
                                   const char *what, struct rf_err *reterr);
/** The log events of a record of CloudWatch's; a control message has none of the producer's. */
RF_MUST_USE rf_code rf_nested_cloudwatch(struct rf_decoder *decoder, uint32_t node,
                                         struct rf_err *reterr);
/** What was published to a topic of SNS; a confirmation has nothing of the producer's. */
RF_MUST_USE rf_code rf_nested_sns(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr);
/** A record that Firehose wrote below an error prefix: what it was handed is framed as ever. */
RF_MUST_USE rf_code rf_nested_error(struct rf_decoder *decoder, uint32_t node,
                                    struct rf_err *reterr);
/** The records of a KPL aggregate. */
RF_MUST_USE rf_code rf_nested_aggregate(struct rf_decoder *decoder, const struct rf_record *record,
                                        struct rf_err *reterr);

#endif
