/* SPDX-License-Identifier: MIT */
/* An event as a line of JSON, in the envelope `flat`. */
#include "look/line.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"

void
rf_liner_init(struct rf_liner *liner, const struct rf_history *history,
              const struct rf_privacy *privacy)
{
    *liner = (struct rf_liner){.history = history, .privacy = privacy};
    liner->data.names = rf_history_names(history);
}

void
rf_liner_done(struct rf_liner *liner)
{
    rf_data_reader_done(&liner->data);
    rf_json_done(&liner->doc);
    rf_masker_done(&liner->masker);
    rf_buf_done(&liner->masked);
    rf_buf_done(&liner->canonical);
}

/** Whether nothing in a text is escaped for anyone (base/escape.h): printable ASCII, and nothing
 * that JSON, HTML or a build's log give a meaning to. So are most; escaping them costs more than
 * all else of a line. Without a branch, so that many bytes are looked at at once. */
static bool
is_plain(const char *bytes, size_t count, bool quotes_may)
{
    unsigned other = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        other |= (unsigned)(byte < ' ') | (unsigned)(byte > '~') | (unsigned)(byte == '\\') |
                 (unsigned)(byte == '<') | (unsigned)(byte == '#') |
                 ((unsigned)(byte == '"') & (unsigned)!quotes_may);
    }
    return other == 0;
}

/** `key` is the member's, with its quotes and colon. */
static void
put_text(struct rf_buf *out, const char *key, const char *bytes, size_t count)
{
    rf_buf_string(out, key);
    if (is_plain(bytes, count, false)) {
        rf_buf_byte(out, '"');
        rf_buf_add(out, bytes, count);
        rf_buf_byte(out, '"');
    } else {
        rf_escape_json(out, bytes, count);
    }
    rf_buf_byte(out, ',');
}

/** The data's canonical JSON, its numbers as they were written; what is private as hashes. */
static void
put_data(struct rf_liner *liner, const char *aggregate, size_t aggregate_bytes,
         const struct rf_packed_event *event, struct rf_buf *out)
{
    size_t bytes;
    const char *text = rf_event_data(&liner->data, event, &bytes);
    const struct rf_private *private =
        rf_privacy_find_data(liner->privacy, aggregate, aggregate_bytes);
    if (private != NULL) {
        rf_buf_clear(&liner->masked);
        rf_private_data(private, &liner->masker, text, bytes, &liner->masked);
        text = liner->masked.bytes;
        bytes = liner->masked.used;
    }
    rf_buf_clear(&liner->canonical);
    RF_VERIFY(rf_json_read_whole(&liner->doc, text, bytes, NULL) == RF_OK);
    RF_VERIFY(rf_json_canonical(&liner->doc, 0, true, &liner->canonical, NULL) == RF_OK);
    rf_buf_string(out, "\"data\":");
    if (is_plain(liner->canonical.bytes, liner->canonical.used, true)) {
        rf_buf_add(out, liner->canonical.bytes, liner->canonical.used);
    } else {
        rf_escape_json_text(out, liner->canonical.bytes, liner->canonical.used);
    }
    rf_buf_byte(out, ',');
}

static void
put_at(const struct rf_packed_event *event, struct rf_buf *out)
{
    char text[RF_TIME_TEXT_BYTES];
    if ((event->flags & RF_EVENT_AT) != 0) {
        struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
        size_t bytes = rf_time_print(at, text);
        put_text(out, "\"at\":", text, bytes);
    }
}

void
rf_line_put(struct rf_liner *liner, uint32_t aggregate, const struct rf_packed_event *event,
            const char *copy, struct rf_buf *out)
{
    const struct rf_names *names = liner->data.names;
    const char *object = rf_history_objects(liner->history)->items[event->object].name;
    const char *name = "";
    size_t name_bytes = 0;
    size_t type_bytes;
    const char *type = rf_names_text(names, event->type, &type_bytes);
    rf_buf_byte(out, '{');
    if (aggregate != RF_NAME_NONE) {
        name = rf_names_text(names, aggregate, &name_bytes);
        put_text(out, "\"aggregateType\":", name, name_bytes);
    }
    put_text(out, "\"aggregateId\":", rf_packed_id(event), event->id_bytes);
    if ((event->flags & RF_EVENT_VERSION) != 0) { /* a place is none: it shifts */
        rf_buf_string(out, "\"version\":");
        rf_canon_int64(out, event->version);
        rf_buf_byte(out, ',');
    }
    put_text(out, "\"type\":", type, type_bytes);
    put_at(event, out);
    put_data(liner, name, name_bytes, event, out);
    if (event->eid_bytes > 0) {
        put_text(out, "\"id\":", rf_packed_eid(event), event->eid_bytes);
    }
    if (copy != NULL) {
        rf_buf_format(out, "\"copy\":\"%s\",", copy);
    }
    put_text(out, "\"object\":", object, strlen(object));
    rf_buf_string(out, "\"offset\":");
    rf_canon_uint64(out, event->offset);
    if (event->part > 0) {
        rf_buf_format(out, ",\"part\":%" PRIu32, event->part);
    }
    rf_buf_string(out, "}\n");
}
