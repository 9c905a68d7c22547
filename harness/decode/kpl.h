/* SPDX-License-Identifier: MIT */
/*
 * Aggregates of the Kinesis Producer Library: many records in one.
 *
 *     F3 89 9A C2 | AggregatedRecord (protobuf) | MD5 of that, 16 bytes
 *     AggregatedRecord: 1 partition_key_table, 2 explicit_hash_key_table: strings; 3 Record, each
 *     repeated
 *     Record: 1 partition_key_index, 2 explicit_hash_key_index: numbers; 3 data: bytes; 4 Tag
 *
 * Nothing tells how long one is: its fields are walked, and where what follows is the MD5 of those
 * in front, it ends.
 */
#ifndef RF_DECODE_KPL_H
#define RF_DECODE_KPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RF_KPL_MAGIC       "\xf3\x89\x9a\xc2"
#define RF_KPL_MAGIC_BYTES 4
#define RF_KPL_MD5_BYTES   16

/** What the walk over an aggregate's fields came to. */
enum rf_kpl_found {
    RF_KPL_MORE,    /**< the bytes at hand end before its end */
    RF_KPL_WHOLE,   /**< the MD5 fits */
    RF_KPL_DAMAGED, /**< what follows is no field, and no MD5 of what was walked */
};

/** A walk over an aggregate's fields, reused from one to the next. */
struct rf_kpl;
struct rf_kpl *rf_kpl_new(void);
/** Accepts NULL. */
void rf_kpl_free(struct rf_kpl *kpl);
void rf_kpl_begin(struct rf_kpl *kpl);
/** Goes on over the bytes behind the magic, as many as are at hand now: those of the last call, and
 * more. */
enum rf_kpl_found rf_kpl_walk(struct rf_kpl *kpl, const void *bytes, size_t count);
/** Bytes behind the magic that were walked: of all fields, where it is whole. */
size_t rf_kpl_walked(const struct rf_kpl *kpl);
/** What the walk cost, as bytes that were looked at. */
size_t rf_kpl_cost(const struct rf_kpl *kpl);

/** Where its records are given one by one; begins with the fields' first byte and their number. */
struct rf_kpl_records {
    const unsigned char *at;
    const unsigned char *end;
};
/** The next record's data, *ret NULL at the end. Borrowed from the fields.
 * @return  false: the record is none of KPL's, though its MD5 fits; the next call goes on behind */
bool rf_kpl_next(struct rf_kpl_records *records, const unsigned char **ret, size_t *ret_count);

#endif
