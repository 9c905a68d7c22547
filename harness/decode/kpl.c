/* SPDX-License-Identifier: MIT */
/* Aggregates of the Kinesis Producer Library: where one ends, and what is in it. */
#include "decode/kpl.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* Protobuf: a field begins with its number and how it is written. */
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };
enum { FIELD_KEYS = 1, FIELD_HASH_KEYS = 2, FIELD_RECORD = 3 };
enum { RECORD_DATA = 3 };

/** What an MD5 that is finished costs beside its bytes: a block and a half. */
#define FINISH_COST 96

struct rf_kpl {
    EVP_MD_CTX *fields; /**< MD5 of what was walked */
    EVP_MD_CTX *copy;
    size_t walked;
    size_t cost;
};

struct rf_kpl *
rf_kpl_new(void)
{
    struct rf_kpl *kpl = rf_calloc(1, sizeof(*kpl));
    kpl->fields = EVP_MD_CTX_new();
    kpl->copy = EVP_MD_CTX_new();
    RF_VERIFY(kpl->fields != NULL && kpl->copy != NULL);
    return kpl;
}

void
rf_kpl_free(struct rf_kpl *kpl)
{
    if (kpl != NULL) {
        EVP_MD_CTX_free(kpl->fields);
        EVP_MD_CTX_free(kpl->copy);
        free(kpl);
    }
}

void
rf_kpl_begin(struct rf_kpl *kpl)
{
    kpl->walked = 0;
    kpl->cost = 0;
    (void)EVP_DigestInit_ex(kpl->fields, EVP_md5(), NULL); /* refused (FIPS): no MD5 ever fits */
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
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    kpl->cost += FINISH_COST;
    return EVP_MD_CTX_copy_ex(kpl->copy, kpl->fields) == 1 &&
           EVP_DigestFinal_ex(kpl->copy, digest, &digest_bytes) == 1 &&
           digest_bytes == RF_KPL_MD5_BYTES && memcmp(digest, bytes, RF_KPL_MD5_BYTES) == 0;
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
        (void)EVP_DigestUpdate(kpl->fields, at, whole);
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
