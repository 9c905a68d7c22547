/* SPDX-License-Identifier: MIT */
/*
 * What DynamoDB tells of a table in which altairsix/eventsource keeps its events: records of the
 * table's stream, and items as exports and scans give them. An item is a page of an instance, and
 * each attribute `_<version>` of it holds one event in base64.
 *
 * The images of a stream record are compared by attribute: what the old image has too is no news.
 * An attribute that both have with other bytes was overwritten, which no such store does: it
 * becomes two events of one version, so that the history tells the conflict; one that only the old
 * image has, a malformed part.
 */
#ifndef RF_DECODE_TABLE_H
#define RF_DECODE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "decode/decode.h"
#include "decode/record.h"

/** One attribute `_…` of an image that is news. */
struct rf_table_change {
    const char *name; /**< with the `_`; borrowed from the text, or from the reader's names */
    size_t name_bytes;
    int64_t version;   /**< that the name tells; INT64_MAX where it tells none */
    uint32_t value;    /**< the attribute's node */
    bool old;          /**< of the old image */
    const char *wrong; /**< why it is no event, as the end of a sentence; or NULL */
};

/** What an event's id may be. */
struct rf_table_id {
    const char *bytes; /**< borrowed from the text, or from the reader's id_text */
    size_t count;
};

/** Reads one record at a time; reused from record to record. All zero but for rf_table_init. */
struct rf_table_reader {
    struct rf_table_change *changes; /**< of the record at hand: by version, old before new */
    size_t count;
    size_t room;
    uint32_t keys;           /**< the node of the item's key attributes, or of its image */
    struct rf_table_id *ids; /**< the values of these that can be one, in order */
    size_t id_count;
    size_t id_room;
    bool has_ids;                   /**< of the record at hand: the first event looks for them */
    struct rf_buf id_text;          /**< those with escapes, decoded */
    struct rf_buf names;            /**< those with escapes, decoded */
    struct rf_envelope stored;      /**< of what an attribute holds; owned */
    struct rf_record_reader events; /**< … its reader, */
    struct rf_json doc;             /**< … its text, read */
    struct rf_json scalars;         /**< … or recognized */
    struct rf_buf bytes;            /**< … and decoded */
    struct rf_buf other;
    struct rf_buf message; /**< why something is malformed */
    bool opaque;           /**< what the last event's attribute holds is no JSON: `bytes` */
};

void rf_table_init(struct rf_table_reader *reader);
void rf_table_done(struct rf_table_reader *reader);

/** Whether an object has the members of what DynamoDB writes: `dynamodb` of a stream record, `Item`
 * of an export, `Keys` with an image, or an attribute `_<version>` of a bare image. */
bool rf_table_fits(const struct rf_json *doc, uint32_t node);

/** The array `Records` in which Lambda hands on stream records, or RF_JSON_NONE. */
uint32_t rf_table_batch(const struct rf_json *doc, uint32_t node);

/**
 * Find what is new in a record that fits.
 * @return  NULL: `count` attributes (none: it holds no event); or why it is malformed as a whole,
 *          borrowed until the next call
 */
const char *rf_table_read(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t node);

/**
 * The event in one of its attributes.
 * @ret           all but offset and part; borrowed from doc and reader until the next call
 * @return        NULL, or why this part is malformed, borrowed until the next call; where the
 * reader is `opaque` then, someone may read its `bytes` all the same
 */
const char *rf_table_event(struct rf_table_reader *reader, const struct rf_json *doc,
                           const struct rf_table_change *change, struct rf_event *ret);

/** The ids that such bytes may be of: sorted by their bytes, then their lengths. Borrowed until the
 * next record. */
const struct rf_table_id *rf_table_ids(struct rf_table_reader *reader, const struct rf_json *doc,
                                       size_t *ret_count);

/** Whether an id is one of these. */
bool rf_table_ids_have(const struct rf_table_id *ids, size_t count, const char *id, size_t bytes);

#endif
