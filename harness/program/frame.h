/* SPDX-License-Identifier: MIT */
/* The worker protocol's frames (harness/docs/worker-protocol.md): their numbers, and how they are
 * written and read. */
#ifndef RF_PROGRAM_FRAME_H
#define RF_PROGRAM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define RF_SPOKEN_PROTOCOL 1

#define RF_FRAME_HEADER_BYTES  16
#define RF_FRAME_PAYLOAD_BYTES (UINT32_C(128) << 20) /**< at most */
#define RF_FRAME_LETTERS       0x4652

/** Kinds. An answer's is that of what it answers, and RF_FRAME_ANSWER. */
enum {
    RF_FRAME_HELLO = 1,
    RF_FRAME_TYPE = 2,
    RF_FRAME_BEGIN = 3,
    RF_FRAME_EVENTS = 4,
    RF_FRAME_STATE = 5,
    RF_FRAME_END = 6,
    RF_FRAME_COMMAND = 7,
    RF_FRAME_IDENTIFY = 8,
    RF_FRAME_ANSWER = 128,
    RF_FRAME_CRASHED = 255,
};

/** Flags of BEGIN. */
enum { RF_BEGIN_SNAPSHOT = 1 };

/** Statuses in answers. */
enum {
    RF_SPOKEN_OK = 0,
    RF_SPOKEN_REFUSED = 1,   /**< APPLIED, HANDLED */
    RF_SPOKEN_NONFINITE = 2, /**< STATE */
    RF_SPOKEN_BROKEN = 3,    /**< RESTORED, STATE, HANDLED */
};

struct rf_talk_frame {
    uint32_t bytes; /**< of the payload */
    uint16_t kind;
    uint64_t number;
};

/** Append a frame's header. Returns its place, for rf_talk_frame_close once the payload is
 * appended. */
size_t rf_talk_frame_open(struct rf_buf *out, uint16_t kind, uint64_t number);
void rf_talk_frame_close(struct rf_buf *out, size_t place);

/** False where the letters are missing. */
bool rf_talk_frame_read(const void *header, struct rf_talk_frame *ret);

/** "STATE"; "an unknown kind" where there is none. */
const char *rf_talk_frame_name(uint16_t kind);

/** An event or a command, but for its data, which is behind it. */
struct rf_talk_record {
    uint32_t type;
    bool timed;
    int32_t nanos;
    int64_t version;
    int64_t seconds;
};
#define RF_RECORD_HEADER_BYTES 32
/** The first field counts what is behind it. */
#define RF_RECORD_COUNTED_BYTES 28

/** Append a record's front. Returns its place, for rf_talk_record_close once the data is appended.
 */
size_t rf_talk_record_open(struct rf_buf *out, const struct rf_talk_record *record);
void rf_talk_record_close(struct rf_buf *out, size_t place);

/** Take the record at the front of `bytes`. False where it does not fit in them, or contradicts
 * itself. */
bool rf_talk_record_read(const char *bytes, size_t count, struct rf_talk_record *ret,
                         const char **ret_data, size_t *ret_data_bytes);

/* Numbers at any place. */

static inline void
rf_put_u32(struct rf_buf *out, uint32_t value)
{
    const unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8),
                                    (unsigned char)(value >> 16), (unsigned char)(value >> 24)};
    rf_buf_add(out, bytes, sizeof(bytes));
}

static inline uint32_t
rf_get_u32(const void *bytes)
{
    const unsigned char *at = bytes;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

#endif
