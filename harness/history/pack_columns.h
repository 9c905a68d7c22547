/* SPDX-License-Identifier: MIT */
/*
 * The columns of a block, for who writes and who reads them.
 *
 * In the compressed part, numbers as in base/wire.h:
 *
 *     events
 *     forms: for each its shared words, its holes and its pieces; for each piece its kind and
 * whether it is quoted (RF_PIECE_QUOTED), and of RF_PIECE_TEXT the text, of RF_PIECE_SCALAR the
 * length of all scalars there, or RF_LENGTH_VARIES. The last pieces of a form with holes are their
 * tokens, one each: so where they end need not be written the form of each event, a byte the unit
 * of RF_WORD_AT_NANOS for each byte of a header: whether its column is 0, compressed or as it is
 * the header's columns that are compressed whether each event's id is another than that of the
 * event before, a byte; then these ids for each scalar of each form: its lengths, if they vary, 4
 * bytes each; then its bytes
 */
#ifndef RF_HISTORY_PACK_COLUMNS_H
#define RF_HISTORY_PACK_COLUMNS_H

#include <stdint.h>

#include "base/limits.h"
#include "base/stencil.h"
#include "worker/protocol.h"

enum rf_piece_kind {
    RF_PIECE_TEXT,   /**< the same in all events of the form */
    RF_PIECE_SCALAR, /**< each event's own */
    /* What the envelope tells stands in the header too. */
    RF_PIECE_ID,
    RF_PIECE_VERSION, /**< in decimal digits */
    RF_PIECE_TIME,    /**< as rf_time_print gives it */
    RF_PIECE_KINDS_,
};
/** Added to the kind of a piece with a quote in front of it and one behind. */
#define RF_PIECE_QUOTED RF_PIECE_KINDS_

enum rf_column_kind {
    RF_COLUMN_ZERO,
    RF_COLUMN_COMPRESSED,
    RF_COLUMN_PLAIN,
    RF_COLUMN_KINDS_,
};

/** Forms of a block, at most: the first takes any payload as one scalar. */
#define RF_FORMS 255
/** Pieces of a form, at most: tokens, id and event id. */
#define RF_PIECES (RF_STENCIL_HOLES + 2)

#define RF_LENGTH_VARIES UINT64_MAX

/** A header's 32-bit words, and bytes. */
#define RF_HEADER_WORDS (sizeof(struct rf_packed_event) / 4)
#define RF_HEADER_BYTES (sizeof(struct rf_packed_event))

/** The words that are not written, for the rest tells them; the hash is two. */
#define RF_WORD_BYTES   (offsetof(struct rf_packed_event, bytes) / 4)
#define RF_WORD_ID_HASH (offsetof(struct rf_packed_event, id_hash) / 4)
/** Written as the difference to the payload's bytes. */
#define RF_WORD_DATA_BYTES (offsetof(struct rf_packed_event, data_bytes) / 4)
/** Written in units of what divides all of them: few clocks tell nanoseconds. */
#define RF_WORD_AT_NANOS (offsetof(struct rf_packed_event, at_nanos) / 4)

/** Words that events of a form have in common as a rule: written as the difference to its own. */
#define RF_SHARED_WORDS 4
static const uint8_t rf_shared_words[RF_SHARED_WORDS] = {
    offsetof(struct rf_packed_event, type) / 4, offsetof(struct rf_packed_event, stencil) / 4,
    RF_WORD_DATA_BYTES, offsetof(struct rf_packed_event, id_start) / 4, /* with holes and flags */
};

/** The longest decimal digits of a version. */
#define RF_VERSION_TEXT_BYTES 24

/** Columns of events that take so many bytes in an arena: each length takes 4 bytes for a scalar of
 * at least 2, with its quotes or where it ends; the forms are a MiB of numbers and a little. */
static inline uint64_t
rf_inner_most(uint64_t raw_bytes)
{
    return 4 * raw_bytes + 2 * RF_MIB;
}

/** An event's bytes in an arena, by those of its payload. */
static inline uint64_t
rf_padded_bytes(uint64_t payload_bytes)
{
    return sizeof(struct rf_packed_event) + (payload_bytes + 7) / 8 * 8;
}

#endif
