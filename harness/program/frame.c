/* SPDX-License-Identifier: MIT */
/* The worker protocol's frames: how they are written and read. */
#include "program/frame.h"

#include "base/bytes.h"

static void
set_u32(void *place, uint32_t value)
{
    unsigned char *at = place;
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
    at[2] = (unsigned char)(value >> 16);
    at[3] = (unsigned char)(value >> 24);
}

/* ---- frames ---------------------------------------------------------------------------------- */

size_t
rf_talk_frame_open(struct rf_buf *out, uint16_t kind, uint64_t number)
{
    unsigned char header[RF_FRAME_HEADER_BYTES];
    size_t place = out->used;
    set_u32(header, 0);
    set_u32(header + 4, kind | (uint32_t)RF_FRAME_LETTERS << 16);
    rf_put_le64(header + 8, number);
    rf_buf_add(out, header, sizeof(header));
    return place;
}

void
rf_talk_frame_close(struct rf_buf *out, size_t place)
{
    set_u32(out->bytes + place, (uint32_t)(out->used - place - RF_FRAME_HEADER_BYTES));
}

bool
rf_talk_frame_read(const void *header, struct rf_talk_frame *ret)
{
    const unsigned char *at = header;
    uint32_t second = rf_get_u32(at + 4);
    ret->bytes = rf_get_u32(at);
    ret->kind = (uint16_t)second;
    ret->number = rf_get_le64(at + 8);
    return second >> 16 == RF_FRAME_LETTERS;
}

const char *
rf_talk_frame_name(uint16_t kind)
{
    static const char *const NAMES[] = {
        [RF_FRAME_HELLO] = "HELLO",     [RF_FRAME_TYPE] = "TYPE",
        [RF_FRAME_BEGIN] = "BEGIN",     [RF_FRAME_EVENTS] = "EVENTS",
        [RF_FRAME_STATE] = "STATE",     [RF_FRAME_END] = "END",
        [RF_FRAME_COMMAND] = "COMMAND", [RF_FRAME_IDENTIFY] = "IDENTIFY",
    };
    static const char *const ANSWERS[] = {
        [RF_FRAME_HELLO] = "HELLO",     [RF_FRAME_TYPE] = NULL,
        [RF_FRAME_BEGIN] = "RESTORED",  [RF_FRAME_EVENTS] = "APPLIED",
        [RF_FRAME_STATE] = "STATE",     [RF_FRAME_END] = "ENDED",
        [RF_FRAME_COMMAND] = "HANDLED", [RF_FRAME_IDENTIFY] = "IDENTIFIED",
    };
    const char *name = NULL;
    if (kind == RF_FRAME_CRASHED) {
        name = "CRASHED";
    } else if (kind >= RF_FRAME_HELLO && kind <= RF_FRAME_IDENTIFY) {
        name = NAMES[kind];
    } else if (kind >= RF_FRAME_ANSWER + RF_FRAME_HELLO &&
               kind <= RF_FRAME_ANSWER + RF_FRAME_IDENTIFY) {
        name = ANSWERS[kind - RF_FRAME_ANSWER];
    }
    return name == NULL ? "an unknown kind" : name;
}

/* ---- records --------------------------------------------------------------------------------- */

size_t
rf_talk_record_open(struct rf_buf *out, const struct rf_talk_record *record)
{
    size_t place = out->used;
    if (out->room - place < RF_RECORD_HEADER_BYTES) {
        rf_buf_reserve(out, RF_RECORD_HEADER_BYTES);
    }
    unsigned char *at = (unsigned char *)out->bytes + place;
    set_u32(at + 4, record->type);
    set_u32(at + 8, record->timed);
    set_u32(at + 12, record->timed ? (uint32_t)record->nanos : 0);
    rf_put_le64(at + 16, (uint64_t)record->version);
    rf_put_le64(at + 24, record->timed ? (uint64_t)record->seconds : 0);
    out->used += RF_RECORD_HEADER_BYTES;
    return place;
}

void
rf_talk_record_close(struct rf_buf *out, size_t place)
{
    set_u32(out->bytes + place, (uint32_t)(out->used - place - 4));
}

bool
rf_talk_record_read(const char *bytes, size_t count, struct rf_talk_record *ret,
                    const char **ret_data, size_t *ret_data_bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    if (count < RF_RECORD_HEADER_BYTES) {
        return false;
    }
    uint32_t behind = rf_get_u32(at);
    uint32_t flags = rf_get_u32(at + 8);
    if (behind < RF_RECORD_COUNTED_BYTES || behind > count - 4 || flags > 1) {
        return false;
    }
    ret->type = rf_get_u32(at + 4);
    ret->timed = flags == 1;
    ret->nanos = (int32_t)rf_get_u32(at + 12);
    ret->version = (int64_t)rf_get_le64(at + 16);
    ret->seconds = (int64_t)rf_get_le64(at + 24);
    *ret_data = bytes + RF_RECORD_HEADER_BYTES;
    *ret_data_bytes = behind - RF_RECORD_COUNTED_BYTES;
    return true;
}
