/* SPDX-License-Identifier: MIT */
/* A record becomes an event: its envelope's parts are found and checked. */
#ifndef RF_DECODE_RECORD_H
#define RF_DECODE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "decode/decode.h"
#include "decode/envelope.h"
#include "decode/plan.h"
#include "decode/recognize.h"

/** What is said of a time that is none. The value follows, up to the message's end or to words of
 * the framing: the one value that a message about a record holds (cli/private.c takes it out). */
#define RF_RECORD_NO_TIME                                                                          \
    "is not a time (RFC 3339 with its offset, or a number of seconds, ms, us or ns since 1970; "   \
    "years 0001 to "                                                                               \
    "9999), but "

/** What is said of a record without a part that it must have (it ends so), and of one that is none
 * of what `auto` knows: another envelope may read these. */
#define RF_RECORD_MISSING     "is missing"
#define RF_RECORD_NO_ENVELOPE "no envelope fits"

/** Reads records; reused from record to record. */
struct rf_record_reader {
    struct rf_plan plan;
    struct rf_envelope known[RF_PLAN_ENVELOPES]; /**< those of `auto`, by precedence; owned */
    bool plan_is_auto;
    uint64_t plan_print;              /**< hash of the plan */
    struct rf_recognizer *recognizer; /**< of records that this plan found events in; owned */
    struct rf_buf id;                 /**< decoded texts of the record at hand */
    struct rf_buf aggregate;
    struct rf_buf type;
    struct rf_buf eid;
    struct rf_buf other;
    struct rf_buf payload; /**< of data_base64, decoded */
    struct rf_json inner;  /**< … and read */
    uint64_t empty_hash;   /**< rf_json_hash of {} */
    char text[512];        /**< why the last record is malformed */
};

void rf_record_init(struct rf_record_reader *reader);
void rf_record_done(struct rf_record_reader *reader);
/** Read with this envelope from now on; borrowed. RF_ENVELOPE_CLOUDWATCH is as
 * RF_ENVELOPE_AUTO: the messages. No record fits RF_ENVELOPE_DYNAMODB here: what it tells is read
 * by table.h, and what is stored in it by a reader of its own. */
void rf_record_begin(struct rf_record_reader *reader, const struct rf_envelope *envelope);

/**
 * Read the event in the object `node`.
 *
 * Optional parts (aggregate, version, eid) that are null count as missing.
 *
 * @ret           all but offset, part and repeats; borrowed from doc and reader until the next call
 * @ret_kind      the envelope that fitted; RF_ENVELOPE_AUTO: none did
 * @ret_repeated  members of the data that a later one with the same key overrode
 * @return        NULL; or why the record is malformed, borrowed until the next call
 */
const char *rf_record_read(struct rf_record_reader *reader, struct rf_json *doc, uint32_t node,
                           struct rf_event *ret, enum rf_envelope_kind *ret_kind,
                           uint64_t *ret_repeated);

/** Whether the last record that was read in full has no member that leads to a part. */
bool rf_record_found_none(const struct rf_record_reader *reader);

/**
 * As rf_record_read, for a record that was recognized (reader->recognizer).
 * @scalars  its scalars as nodes over its text; borrowed as doc is there
 * @return   false: it holds no such event. What it is then, and what is wrong with it, only reading
 *           it in full tells
 */
RF_MUST_USE bool rf_record_read_known(struct rf_record_reader *reader, struct rf_known *known,
                                      const struct rf_json *scalars, struct rf_event *ret,
                                      enum rf_envelope_kind *ret_kind);

#endif
