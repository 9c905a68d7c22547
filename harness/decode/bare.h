/* SPDX-License-Identifier: MIT */
/* Events without data whose record has what may be their data, at a place where the envelope does
 * not look. */
#ifndef RF_DECODE_BARE_H
#define RF_DECODE_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "decode/plan.h"

/** So many bytes of a name are told apart. */
#define RF_PLAIN_NAME_BYTES 40

/** The names by which data is known, as rf_plain_name has them, the likeliest first; NULL ends
 * them. */
extern const char *const rf_data_names[];

/** A name in lower case, without _ and -. */
void rf_plain_name(const char *name, size_t bytes, char ret[RF_PLAIN_NAME_BYTES]);

/** Whether JSON is a string that holds an object's, as it is or in base64, by its first bytes. */
static inline bool
rf_is_object_in_string(const char *json, size_t bytes)
{
    return bytes > 2 && json[0] == '"' &&
           (json[1] == '{' ||
            (bytes > 5 && (memcmp(json + 1, "eyJ", 3) == 0 || memcmp(json + 1, "eyI", 3) == 0)));
}

/** Whether a value is a string that holds an object's JSON, by its first byte. */
bool rf_is_object_as_text(const struct rf_json *doc, uint32_t node);

/**
 * Whether a record without data is *bare*: members that are no part of the envelope may be its
 * data. Those that hold nothing (null, {}, []) are none, nor are those of metadata's usual names,
 * and what lies in such. Of the others may be:
 *  - any that has a name of data's (`payload`, `body`, …);
 *  - an array or object;
 *  - three scalars together, which are a payload at the record's top. Fewer are metadata.
 * Scalars that cloudevents does not know are its extensions, however many; of them only JSON as
 * text under a name of data's may be.
 * @number   of the envelope in the plan
 * @scratch  for keys with escapes
 */
bool rf_is_bare(const struct rf_plan *plan, int number, const struct rf_json *doc, uint32_t record,
                struct rf_buf *scratch);

#endif
