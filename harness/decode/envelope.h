/* SPDX-License-Identifier: MIT */
/* Envelopes: where in a record the event's id, version, type, time and data stand. */
#ifndef RF_DECODE_ENVELOPE_H
#define RF_DECODE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

/** Which envelope a record was read with; names stand in contract.md. */
enum rf_envelope_kind {
    RF_ENVELOPE_EVENTSOURCE,
    RF_ENVELOPE_FLAT,
    RF_ENVELOPE_CLOUDEVENTS,
    RF_ENVELOPE_EVENTBRIDGE,
    RF_ENVELOPE_CLOUDWATCH, /**< what messages of CloudWatch Logs hold: wrapped.h */
    RF_ENVELOPE_DYNAMODB,   /**< what DynamoDB tells of a table: table.h */
    RF_ENVELOPE_CUSTOM,
    RF_ENVELOPE_AUTO, /**< decides per record; never the kind of an event */
    RF_ENVELOPE_COUNT_ = RF_ENVELOPE_AUTO,
};

/** The parts of an envelope, in the order of contract.md's table. */
enum rf_envelope_part {
    RF_PART_ID,
    RF_PART_AGGREGATE,
    RF_PART_VERSION,
    RF_PART_TYPE,
    RF_PART_AT,
    RF_PART_DATA,
    RF_PART_EID,
    RF_PART_COUNT_,
    /* Of cloudevents alone. */
    RF_PART_SPECVERSION = RF_PART_COUNT_,
    RF_PART_SOURCE,
    RF_PART_DATA_BASE64,
    RF_PART_ALL_,
};

/** The deepest pointer an envelope may have. */
#define RF_ENVELOPE_STEPS 8

/** A JSON pointer, cut into its decoded steps. count 0 with `set` is the whole record. */
struct rf_pointer {
    bool set;
    uint32_t count;
    char *steps[RF_ENVELOPE_STEPS];
    size_t step_bytes[RF_ENVELOPE_STEPS];
};

struct rf_envelope {
    enum rf_envelope_kind kind;
    struct rf_pointer parts[RF_PART_ALL_]; /**< unused for RF_ENVELOPE_AUTO and _CLOUDWATCH; of
                                                RF_ENVELOPE_DYNAMODB those of what is stored */
    bool may_lack_time; /**< a record without what `at` points to has no time; else it is malformed
                         */
    bool is_kept;       /**< refold wrote the records, around events that it had read
                           (RF_LIMIT_KEPT_BYTES) */
};

/** The name in reports and options: "eventsource", "flat", "cloudevents", "eventbridge",
 * "cloudwatch", "dynamodb-stream", "custom", "auto".
 */
const char *rf_envelope_name(enum rf_envelope_kind kind);

/**
 * An envelope from what -e or the config say: a name, or `k=/ptr,k=/ptr,…` with the keys id,
 * aggregate, version, type, at, data, eid; id and type are required, data defaults to the whole
 * record.
 * @return  RF_OK or RF_ERR_USAGE (it names the faulty part and lists what is possible)
 */
RF_MUST_USE rf_code rf_envelope_parse(const char *spec, struct rf_envelope *ret,
                                      struct rf_err *reterr);
void rf_envelope_done(struct rf_envelope *envelope);

#endif
