/* SPDX-License-Identifier: MIT */
/* The event in an attribute of a table's item. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "decode/attribute.h"
#include "decode/base64.h"
#include "decode/bounds.h"
#include "decode/table.h"

/** So much of an attribute's name is told. */
#define NAME_SHOWN_BYTES 40
/** The hash key that altairsix/eventsource gives its tables. */
#define HASH_KEY "key"

/** "the attribute _7 is no binary value" */
static const char *
say(struct rf_table_reader *reader, const struct rf_table_change *change, const char *what,
    const char *more)
{
    size_t shown = change->name_bytes < NAME_SHOWN_BYTES ? change->name_bytes : NAME_SHOWN_BYTES;
    struct rf_buf *message = &reader->message;
    rf_buf_clear(message);
    rf_buf_string(message, "the attribute ");
    rf_buf_add_shown(message, change->name, rf_utf8_valid(change->name, shown));
    rf_buf_format(message, "%s %s%s", shown < change->name_bytes ? "…" : "", what, more);
    return rf_buf_text(message);
}

/** Reads what was decoded, as a record of its own. */
static const char *
read_stored(struct rf_table_reader *reader, const struct rf_table_change *change,
            struct rf_event *ret)
{
    struct rf_record_reader *events = &reader->events;
    enum rf_envelope_kind kind;
    uint64_t repeated = 0;
    size_t end = 0;
    char text[256];
    struct rf_err err;
    struct rf_known *known = rf_recognize(events->recognizer, reader->bytes.bytes,
                                          reader->bytes.used, &end, &reader->scalars.nodes);
    const char *wrong = NULL;
    if (known != NULL && end == reader->bytes.used) {
        reader->scalars.text = reader->bytes.bytes;
        reader->scalars.used = known->scalars;
        wrong = rf_record_read_known(events, known, &reader->scalars, ret, &kind);
    } else if (rf_json_read_whole(&reader->doc, reader->bytes.bytes, reader->bytes.used, &err) !=
               RF_OK) {
        wrong = err.text;
    } else if (reader->doc.nodes[0].kind != RF_JSON_OBJECT) {
        wrong = "it is no JSON object";
    } else {
        wrong = rf_bounds_check(&reader->doc, text, sizeof(text));
        if (wrong == NULL) {
            wrong = rf_record_read(events, &reader->doc, 0, ret, &kind, &repeated);
        }
    }
    ret->repeats = repeated > 0;
    return wrong == NULL ? NULL
                         : say(reader, change, "holds no event of envelope eventsource: ", wrong);
}

/** Whether a value is this id, as a string or a number. */
static bool
is_id(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t attribute,
      const struct rf_event *event)
{
    uint32_t tag;
    uint32_t value = rf_attribute_value(doc, attribute, &tag);
    const char *bytes;
    size_t count;
    if (value == RF_JSON_NONE || doc->nodes[value].kind != RF_JSON_STRING ||
        (!rf_attribute_is(doc, tag, 'S') && !rf_attribute_is(doc, tag, 'N'))) {
        return false;
    }
    rf_json_string(doc, value, &reader->other, &bytes, &count);
    return count == event->id_bytes && memcmp(bytes, event->id, count) == 0;
}

/** The item's key is the id; where none is called so, whichever attribute is. */
static bool
has_key(struct rf_table_reader *reader, const struct rf_json *doc, const struct rf_event *event)
{
    uint32_t key = rf_json_member(doc, reader->keys, HASH_KEY, strlen(HASH_KEY), NULL);
    if (key != RF_JSON_NONE) {
        return is_id(reader, doc, key, event);
    }
    key = reader->keys + 1;
    for (uint32_t left = doc->nodes[reader->keys].count; left > 0; left--) {
        if (is_id(reader, doc, key + 1, event)) {
            return true;
        }
        key = doc->nodes[key + 1].next;
    }
    return false;
}

const char *
rf_table_event(struct rf_table_reader *reader, const struct rf_json *doc,
               const struct rf_table_change *change, struct rf_event *ret)
{
    const char *bytes;
    size_t count;
    uint32_t tag;
    if (change->wrong != NULL) {
        return say(reader, change, change->wrong, "");
    }
    uint32_t value = rf_attribute_value(doc, change->value, &tag);
    if (!rf_attribute_is(doc, tag, 'B') || doc->nodes[value].kind != RF_JSON_STRING) {
        return say(reader, change, "is no binary value (B)", "");
    }
    rf_json_string(doc, value, &reader->other, &bytes, &count);
    if (!rf_base64_decode(bytes, count, &reader->bytes)) {
        return say(reader, change, "is not base64", "");
    }
    const char *wrong = read_stored(reader, change, ret);
    if (wrong != NULL) {
        return wrong;
    }
    if (ret->has_version && ret->version != change->version) {
        char version[24];
        (void)snprintf(version, sizeof(version), "%" PRId64, ret->version);
        return say(reader, change, "holds an event whose /d/Version is ", version);
    }
    ret->version = change->version;
    ret->has_version = true;
    return has_key(reader, doc, ret)
               ? NULL
               : say(reader, change, "holds an event whose /d/ID is not the item's key", "");
}
