/* SPDX-License-Identifier: MIT */
/* The ways in which objects are packed, behind one face: one file a form. */
#ifndef RF_DECODE_FORM_H
#define RF_DECODE_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/stored.h"

/** Bytes that tell every form apart, those that are not read too: the magic of a tar stands behind
 * the first 257 bytes. */
#define RF_FORM_SNIFF_BYTES 272

struct rf_form {
    const char *name; /**< for messages: "gzip" */

    /**
     * Whether what begins with these bytes (all there are, or RF_FORM_SNIFF_BYTES of them) is of
     * this form, be one of its magic bytes damaged, or the rest cut off: no text begins so, and
     * what is broken must not pass for a text that holds no events.
     */
    bool (*begins)(const unsigned char *bytes, size_t count);

    /** One decoder, reused from object to object. */
    void *(*make)(void);
    void (*free)(void *state);
    /** Begin: `stored` stands at the form's first byte, and is borrowed until the next begin.
     * RF_ERR_USAGE: a library is not installed. */
    rf_code (*begin)(void *state, struct rf_stored *stored, struct rf_err *reterr);
    /**
     * The next bytes; *ret_got is 0 only at the end, where every check that the form has was made,
     * and nothing stands behind it. Bytes in front of a break are all handed out before its error
     * is returned; they may be wrong, for most checks stand behind what they vouch for.
     *
     * @room    above 0
     * @return  RF_OK; RF_ERR_CORRUPT, RF_ERR_TRUNCATED, RF_ERR_MALFORMED (what of the form is not
     *          read), RF_ERR_LIMIT; what the input returned. After an error: only begin.
     */
    rf_code (*read)(void *state, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr);
    /** At the end: whether a checksum vouches for all that was handed out. */
    bool (*checked)(const void *state);
};

extern const struct rf_form rf_form_gzip;          /**< gzip.c: RFC 1952, any number of members */
extern const struct rf_form rf_form_zip;           /**< zip.c: one entry */
extern const struct rf_form rf_form_zstd;          /**< zstd.c: RFC 8878, any number of frames */
extern const struct rf_form rf_form_snappy_xerial; /**< snappy_xerial.c: Firehose's Snappy */
extern const struct rf_form rf_form_snappy_hadoop; /**< snappy_hadoop.c: its HADOOP_SNAPPY */
extern const struct rf_form rf_form_snappy_frames; /**< snappy_frames.c: framing_format.txt */

/** Whether `bytes` begin with a magic of which one byte may be another, or are the front of it: a
 * front of printable bytes may be any text. */
bool rf_form_begins_with(const unsigned char *bytes, size_t count, const void *magic,
                         size_t magic_bytes);

/** The form of what begins with these bytes; NULL where it is plain. */
const struct rf_form *rf_form_find(const unsigned char *bytes, size_t count);
/** The same of what a record holds. That may be a payload that is no text, and many a one has two
 * of gzip's three bytes: 08 8b 08 is protobuf whose first field is 1035. So all three must be
 * there; they are what the producer wrote, for the record around them is whole. */
const struct rf_form *rf_form_find_inner(const unsigned char *bytes, size_t count);
/** RF_ERR_MALFORMED where what begins with these bytes is of a kind that refold does not read, with
 * a sentence; else RF_OK. */
RF_MUST_USE rf_code rf_form_refuse(const unsigned char *bytes, size_t count, struct rf_err *reterr);

#endif
