/* SPDX-License-Identifier: MIT */
/* Aggregates of the Kinesis Producer Library: where one ends, and what is in it. */
#include "decode/kpl.h"

#include <nettle/md5.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* Protobuf: a field begins with its number and how it is written. */
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };
enum { FIELD_KEYS = 1, FIELD_HASH_KEYS = 2, FIELD_RECORD = 3 };
enum { RECORD_DATA = 3 };

/** What an MD5 that is finished costs beside its bytes: as much time as these, looked at again. */
#define FINISH_COST 176

struct rf_kpl {
    struct md5_ctx fields; /**< of what was walked */
    size_t walked;
    size_t cost;
};

struct rf_kpl *
rf_kpl_new(void)
{
    return rf_calloc(1, sizeof(struct rf_kpl));
}

void
rf_kpl_free(struct rf_kpl *kpl)
{
    free(kpl);
}

void
rf_kpl_begin(struct rf_kpl *kpl)
{
    kpl->walked = 0;
    kpl->cost = 0;
    md5_init(&kpl->fields);
}

size_t
rf_kpl_walked(const struct rf_kpl *kpl)
{
    return kpl->walked;
}

size_t
rf_kpl_cost(const struct rf_kpl *kpl)
{
    return kpl->cost;
}

/** A number of protobuf; 0 where the bytes end within it, or it is too long.
 * @return  its bytes */
static size_t
read_varint(const unsigned char *bytes, size_t count, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < count && i < 10; i++) {
        *ret |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] < 0x80) {
            return i + 1;
        }
    }
    return 0;
}

static bool
ends_here(struct rf_kpl *kpl, const unsigned char *bytes)
{
    unsigned char digest[RF_KPL_MD5_BYTES];
    struct md5_ctx copy = kpl->fields; /* which goes on where this is not the end */
    kpl->cost += FINISH_COST;
    md5_digest(&copy, sizeof(digest), digest);
    return memcmp(digest, bytes, sizeof(digest)) == 0;
}

enum rf_kpl_found
rf_kpl_walk(struct rf_kpl *kpl, const void *bytes, size_t count)
{
    for (;;) {
        const unsigned char *at = (const unsigned char *)bytes + kpl->walked;
        size_t left = count - kpl->walked;
        if (left < RF_KPL_MD5_BYTES) {
            return RF_KPL_MORE; /* an MD5 is as long, and stands behind each field too */
        }
        if (kpl->walked > 0 && ends_here(kpl, at)) {
            return RF_KPL_WHOLE;
        }
        unsigned field = at[0] >> 3;
        uint64_t length;
        size_t head = read_varint(at + 1, left - 1, &length);
        if ((at[0] & 7) != WIRE_BYTES || field < FIELD_KEYS || field > FIELD_RECORD || head == 0 ||
            length == 0 || length > UINT32_MAX) {
            return RF_KPL_DAMAGED;
        }
        size_t whole = 1 + head + (size_t)length;
        if (whole > left) {
            return RF_KPL_MORE;
        }
        md5_update(&kpl->fields, whole, at);
        kpl->walked += whole;
        kpl->cost += whole;
    }
}

/** Passes one field of a message; its bytes where it has some. */
static bool
read_field(struct rf_kpl_records *message, unsigned *ret_field, const unsigned char **ret,
           size_t *ret_count)
{
    uint64_t tag;
    uint64_t value;
    size_t head = read_varint(message->at, (size_t)(message->end - message->at), &tag);
    message->at += head;
    size_t left = (size_t)(message->end - message->at);
    *ret_field = (unsigned)(tag >> 3);
    *ret = NULL;
    *ret_count = 0;
    if (head == 0 || tag > UINT32_MAX) {
        return false;
    }
    size_t bytes = (tag & 7) == WIRE_FIXED64 ? 8 : (tag & 7) == WIRE_FIXED32 ? 4 : 0;
    if (bytes == 0) {
        head = read_varint(message->at, left, &value);
        if (head == 0 || ((tag & 7) != WIRE_VARINT && (tag & 7) != WIRE_BYTES)) {
            return false;
        }
        message->at += head;
        left -= head;
        if ((tag & 7) == WIRE_BYTES) {
            *ret = message->at;
            bytes = value > left ? left + 1 : (size_t)value;
            *ret_count = bytes;
        }
    }
    if (bytes > left) {
        return false;
    }
    message->at += bytes;
    return true;
}

bool
rf_kpl_next(struct rf_kpl_records *records, const unsigned char **ret, size_t *ret_count)
{
    unsigned field = 0;
    const unsigned char *bytes = NULL;
    size_t count = 0;
    *ret = NULL;
    *ret_count = 0;
    while (field != FIELD_RECORD && records->at < records->end) {
        RF_VERIFY(read_field(records, &field, &bytes, &count)); /* the walk has been here */
    }
    if (field != FIELD_RECORD) {
        return true;
    }
    struct rf_kpl_records record = {bytes, bytes + count};
    while (record.at < record.end) {
        const unsigned char *part;
        if (!read_field(&record, &field, &part, &count)) {
            return false;
        }
        if (field == RECORD_DATA && part != NULL) {
            *ret = part;
            *ret_count = count;
        }
    }
    return *ret != NULL;
}
