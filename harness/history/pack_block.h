/* SPDX-License-Identifier: MIT */
/*
 * Packed events as blocks of a pack: their columns apart, and compressed.
 *
 * What is alike lies together: each byte of the events' headers, as differences to the event
 * before; and of the payloads, whose JSON texts differ in little but their scalars, the texts
 * between the scalars once (a form), and each scalar with those at the same place of the same form.
 * An id stands once for all of its events that follow each other. What does not get smaller (a
 * byte of a hash) is left as it is.
 */
#ifndef RF_HISTORY_PACK_BLOCK_H
#define RF_HISTORY_PACK_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "worker/protocol.h"

/** A block's events take so many bytes in an arena, or are one event. */
#define RF_BLOCK_RAW_BYTES ((uint64_t)1 << 20)
/** No event is longer: a record, its id and its event id. */
#define RF_BLOCK_RAW_MOST (RF_BLOCK_RAW_BYTES + 2 * RF_LIMIT_RECORD_MOST)

/** What the index says of a block. */
struct rf_block_facts {
    uint64_t events;
    uint64_t raw_bytes;   /**< of the events in an arena */
    uint64_t inner_bytes; /**< of the columns that are compressed */
    uint64_t frame_bytes; /**< of the same, compressed; what is left as it is follows them */
    uint64_t stored_bytes;
};

/** Buffers, reused from block to block; one per thread. */
struct rf_block_writer;
struct rf_block_writer *rf_block_writer_new(void);
/** Accepts NULL. */
void rf_block_writer_free(struct rf_block_writer *writer);

/** Append the block of these events (at least one), which are sorted by id, to `out`. */
void rf_block_write(struct rf_block_writer *writer, const struct rf_packed_event *const *events,
                    size_t count, struct rf_buf *out, struct rf_block_facts *ret);

/** The same for reading. */
struct rf_block_reader;
struct rf_block_reader *rf_block_reader_new(void);
/** Accepts NULL. */
void rf_block_reader_free(struct rf_block_reader *reader);

/**
 * Make the events of a block anew. The bytes may be anything: what is not a block of these facts is
 * refused, and so is an event whose parts do not lie within it.
 * @stored  facts->stored_bytes
 * @place   facts->raw_bytes are written there, if all is well; aligned to 8
 * @return  RF_OK or RF_ERR_CORRUPT: the text says what is wrong, and where is left to the caller
 */
RF_MUST_USE rf_code rf_block_read(struct rf_block_reader *reader, const unsigned char *stored,
                                  const struct rf_block_facts *facts, unsigned char *place,
                                  struct rf_err *reterr);

#endif
