/* SPDX-License-Identifier: MIT */
/* Payloads that wait to be asked about, together. */
#ifndef RF_KEY_BATCH_H
#define RF_KEY_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "decode/decode.h"

/** So many, or so many bytes of them (and one more), are asked about at once. */
#define RF_BATCH_PAYLOADS 256
#define RF_BATCH_BYTES    ((size_t)256 << 10)

/** A text in a batch's buffer. */
struct rf_slice {
    size_t at;
    size_t bytes;
};

/** One payload: as struct rf_payload has it. */
struct rf_batch_item {
    struct rf_slice payload; /**< in `bytes` */
    struct rf_slice wrong;   /**< in `texts` */
    uint64_t offset;
    uint32_t part;
    struct rf_slice place; /**< in `texts`, with its NUL */
    enum rf_envelope_kind kind;
    bool has_version;
    int64_t version;
    size_t first_id; /**< in `ids` */
    size_t id_count;
};

/** All zero is an empty one. */
struct rf_batch {
    struct rf_batch_item items[RF_BATCH_PAYLOADS];
    size_t count;
    struct rf_buf bytes; /**< of all payloads */
    struct rf_buf texts; /**< why they are malformed, and ids */
    struct rf_slice *ids;
    size_t id_count;
    size_t id_room;
};

void rf_batch_done(struct rf_batch *batch);
void rf_batch_clear(struct rf_batch *batch);
/** A copy; there is room for one more unless rf_batch_full. */
void rf_batch_add(struct rf_batch *batch, const struct rf_payload *payload);
bool rf_batch_full(const struct rf_batch *batch);

/** Whether the payload may be of an instance with this id. */
bool rf_batch_fits_id(const struct rf_batch *batch, const struct rf_batch_item *item,
                      const char *id, size_t bytes);

#endif
