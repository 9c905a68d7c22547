/* SPDX-License-Identifier: MIT */
/* What a build tells of a payload: read, and checked. */
#ifndef RF_KEY_TOLD_H
#define RF_KEY_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/** Stands in place of what a build said itself, which may quote the payload. */
#define RF_TOLD_HIDDEN "(not told: values are private)"

enum rf_told_kind {
    RF_TOLD_NOTHING, /**< the payload is another's */
    RF_TOLD_EVENT,   /**< it is this event */
    RF_TOLD_WRONG,   /**< it should be one and cannot be read, or what was told is no answer */
};

/** Parts of an event that is told. */
enum rf_told_part {
    RF_TOLD_ID,
    RF_TOLD_TYPE,
    RF_TOLD_VERSION, /**< may be missing, as what follows */
    RF_TOLD_AT,
    RF_TOLD_DATA,
    RF_TOLD_PARTS_,
};

/** Reused from answer to answer; all zero is valid. */
struct rf_told {
    struct rf_json doc;
    enum rf_told_kind kind;
    uint32_t parts[RF_TOLD_PARTS_]; /**< nodes, or RF_JSON_NONE */
    struct rf_buf why;              /**< of what is wrong; hostile text */
    bool hides; /**< values are private: no word of the build's own stands in `why` */
};

void rf_told_done(struct rf_told *told);

/** @json  the answer (worker-protocol.md, "Identifying"), borrowed as long as `told` is used; no
 * bytes: nothing */
void rf_told_read(struct rf_told *told, const char *json, size_t bytes);

/** Something is wrong of which the build said nothing itself. */
void rf_told_fail(struct rf_told *told, const char *why);

/** Whether two builds tell the same: nothing, the same event (its data byte for byte), or both that
 * something is wrong. */
bool rf_told_same(struct rf_told *a, struct rf_told *b);

/**
 * Append the event that is told as a record of the envelope `flat`.
 * @payload  is the data where none is told: in base64, as a JSON string
 */
void rf_told_put(const struct rf_told *told, const char *aggregate, const char *payload,
                 size_t payload_bytes, struct rf_buf *out);

#endif
