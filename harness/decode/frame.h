/* SPDX-License-Identifier: MIT */
/* Finding the records of one object, and going on behind those that are damaged. */
#ifndef RF_DECODE_FRAME_H
#define RF_DECODE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "decode/kpl.h"
#include "decode/opening.h"
#include "decode/recognize.h"
#include "decode/unpack.h"

/** What stands at a place of an object. */
enum rf_frame_kind {
    RF_FRAME_END,       /**< nothing more: the object was read to its end */
    RF_FRAME_VALUE,     /**< a JSON object or array; it is in the reader */
    RF_FRAME_KNOWN,     /**< an object that was recognized */
    RF_FRAME_AGGREGATE, /**< of the Kinesis Producer Library: kpl.h */
    RF_FRAME_LINE,      /**< a line that begins with neither { nor [ */
    RF_FRAME_MALFORMED, /**< a damaged record; the next call goes on behind it */
};

struct rf_record {
    enum rf_frame_kind kind;
    uint64_t offset; /**< in the unpacked object */
    /** LINE: without its end and the blanks before that; AGGREGATE: its fields. Borrowed. */
    const char *bytes;
    size_t count;     /**< of these; KNOWN: of the record's text, which is that of its scalars */
    const char *text; /**< MALFORMED: what is wrong; borrowed */
    struct rf_known *known; /**< KNOWN: what it is like; borrowed from the recognizer */
};

/**
 * Invariants: begin <= end <= room; bytes[begin..end) was read and belongs to no record yet; the
 * object's offset of bytes[0] is `base`. Once `ended`, unpacking is over: at the object's end, or
 * with an error that is kept in `code` until all records in front of it are handed out.
 */
struct rf_frame {
    struct rf_unpack *unpack; /**< borrowed */
    char *bytes;
    size_t room;
    size_t begin;
    size_t end;
    uint64_t base;
    struct rf_kpl *kpl;     /**< made when the first aggregate comes */
    uint64_t most;          /**< bytes of a record */
    uint64_t *looked_again; /**< bytes, see RF_LIMIT_RECOVERY_BYTES; borrowed */
    /** Of what was passed over, and of lines that were no records (who reads them feeds them). */
    struct rf_opening opening;
    bool ended;
    rf_code code;
    struct rf_err err;
    char text[640]; /**< of the last malformed record */
};

void rf_frame_init(struct rf_frame *frame);
void rf_frame_done(struct rf_frame *frame);
/** Whether the text that lies ahead begins so, behind all packing. */
bool rf_frame_opens(struct rf_frame *frame);
/** Begin an object, or what one of its records holds of records. `unpack` stands at the first byte;
 * `looked_again` counts for the object as a whole. Both are borrowed until the next begin. */
void rf_frame_begin(struct rf_frame *frame, struct rf_unpack *unpack, uint64_t *looked_again);

/**
 * The next record. It and what it borrows hold until the next call.
 *
 * Where a record is damaged, reading goes on at the nearest one behind it that is whole, or at its
 * string-aware end within rf_limits.record_bytes where that comes first: behind.c. A line ends at
 * such a record too. Behind a damaged aggregate it goes on at the next LF followed by "{", or at
 * the next aggregate. A byte order mark in front of a record is passed over.
 *
 * @doc     reads the record; holds it where the kind is RF_FRAME_VALUE
 * @recognizer, @ret_scalars  tried first; these are the record where the kind is RF_FRAME_KNOWN;
 *          NULL: nothing is recognized
 * @return  RF_OK; what unpacking returned; where reading cannot go on behind a damaged record:
 *          RF_ERR_TRUNCATED (the object ends inside it), RF_ERR_MALFORMED or RF_ERR_LIMIT
 */
RF_MUST_USE rf_code rf_frame_next(struct rf_frame *frame, struct rf_recognizer *recognizer,
                                  struct rf_json *doc, struct rf_json *ret_scalars,
                                  struct rf_record *ret, struct rf_err *reterr);

#endif
