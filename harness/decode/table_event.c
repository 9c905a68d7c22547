/* SPDX-License-Identifier: MIT */
/* The event in an attribute of a table's item. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
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
    if (known != NULL && end == reader->bytes.used) {
        reader->scalars.text = reader->bytes.bytes;
        reader->scalars.used = known->scalars;
        if (rf_record_read_known(events, known, &reader->scalars, ret, &kind)) {
            ret->repeats = false;
            return NULL;
        }
    }
    const char *wrong = NULL;
    if (rf_json_read_whole(&reader->doc, reader->bytes.bytes, reader->bytes.used, &err) != RF_OK) {
        wrong = err.text;
        reader->opaque = true;
    } else if (reader->doc.nodes[0].kind != RF_JSON_OBJECT) {
        wrong = "it is no JSON object";
        reader->opaque = true;
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

/** Adds an attribute's value, where that is a string or a number. */
static void
add_id(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t attribute)
{
    uint32_t tag;
    uint32_t value = rf_attribute_value(doc, attribute, &tag);
    if (value == RF_JSON_NONE || doc->nodes[value].kind != RF_JSON_STRING ||
        (!rf_attribute_is(doc, tag, 'S') && !rf_attribute_is(doc, tag, 'N'))) {
        return;
    }
    struct rf_table_id id = {doc->text + doc->nodes[value].start + 1,
                             doc->nodes[value].end - doc->nodes[value].start - 2};
    if (doc->nodes[value].flags & RF_JSON_ESCAPED) {
        if (reader->id_text.used == 0) {
            rf_buf_reserve(&reader->id_text, doc->nodes[0].end); /* so that it does not move */
        }
        rf_json_string(doc, value, &reader->other, &id.bytes, &id.count);
        rf_buf_add(&reader->id_text, id.bytes, id.count);
        id.bytes = reader->id_text.bytes + reader->id_text.used - id.count;
    }
    RF_GROW(reader->ids, reader->id_room, reader->id_count + 1);
    reader->ids[reader->id_count++] = id;
}

static int
compare_ids(const void *left, const void *right)
{
    const struct rf_table_id *a = left;
    const struct rf_table_id *b = right;
    size_t shorter = a->count < b->count ? a->count : b->count;
    int order = shorter == 0 ? 0 : memcmp(a->bytes, b->bytes, shorter);
    return order != 0 ? order : RF_ORDER(a->count, b->count);
}

/** The item's key is the id; where none is called so, whichever attribute is. Found once for all
 * events of the item: there may be as many of these as there are attributes. */
static void
find_ids(struct rf_table_reader *reader, const struct rf_json *doc)
{
    reader->has_ids = true;
    reader->id_count = 0;
    rf_buf_clear(&reader->id_text);
    uint32_t key = rf_json_member(doc, reader->keys, HASH_KEY, strlen(HASH_KEY), NULL);
    if (key != RF_JSON_NONE) {
        add_id(reader, doc, key);
        return;
    }
    key = reader->keys + 1;
    for (uint32_t left = doc->nodes[reader->keys].count; left > 0; left--) {
        add_id(reader, doc, key + 1);
        key = doc->nodes[key + 1].next;
    }
    if (reader->id_count > 1) {
        qsort(reader->ids, reader->id_count, sizeof(*reader->ids), compare_ids);
    }
}

const struct rf_table_id *
rf_table_ids(struct rf_table_reader *reader, const struct rf_json *doc, size_t *ret_count)
{
    if (!reader->has_ids) {
        find_ids(reader, doc);
    }
    *ret_count = reader->id_count;
    return reader->ids;
}

bool
rf_table_ids_have(const struct rf_table_id *ids, size_t count, const char *id, size_t bytes)
{
    const struct rf_table_id wanted = {id, bytes};
    return count > 0 && bsearch(&wanted, ids, count, sizeof(*ids), compare_ids) != NULL;
}

const char *
rf_table_event(struct rf_table_reader *reader, const struct rf_json *doc,
               const struct rf_table_change *change, struct rf_event *ret)
{
    const char *bytes;
    size_t count;
    uint32_t tag;
    size_t id_count;
    reader->opaque = false;
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
    const struct rf_table_id *ids = rf_table_ids(reader, doc, &id_count);
    return rf_table_ids_have(ids, id_count, ret->id, ret->id_bytes)
               ? NULL
               : say(reader, change, "holds an event whose /d/ID is not the item's key", "");
}
