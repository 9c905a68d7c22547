/* SPDX-License-Identifier: MIT */
/* What makes one finding of damage this one and no other. */
#include "history/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

const char *
rf_hash_hex(uint64_t hash, char hex[RF_HASH_HEX_BYTES])
{
    (void)snprintf(hex, RF_HASH_HEX_BYTES, "%016" PRIx64, hash);
    return hex;
}

/** A text being written, whose members come in the order of their keys. */
struct members {
    struct rf_buf out;
    bool bad; /**< a name is no UTF-8 */
};

static void
put_name(struct members *members, const char *key)
{
    rf_buf_format(&members->out, "%s\"%s\":", members->out.used == 0 ? "{" : ",", key);
}

static void
put_bytes(struct members *members, const char *key, const char *bytes, size_t count)
{
    if (bytes == NULL) {
        return;
    }
    members->bad = members->bad || rf_utf8_valid(bytes, count) != count;
    put_name(members, key);
    rf_canon_string(&members->out, bytes, count);
}

static void
put_text(struct members *members, const char *key, const char *text)
{
    put_bytes(members, key, text, text == NULL ? 0 : strlen(text));
}

static void
put_number(struct members *members, const char *key, struct rf_identity_number number)
{
    if (number.is) {
        put_name(members, key);
        rf_canon_int64(&members->out, number.value);
    }
}

static void
put_count(struct members *members, const char *key, uint64_t count)
{
    put_name(members, key);
    rf_canon_uint64(&members->out, count);
}

bool
rf_identity_is_part(const char *text)
{
    for (;;) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || (digits > 1 && text[0] == '0')) {
            return false;
        }
        if (text[digits] != '/') {
            return text[digits] == '\0';
        }
        text += digits + 1;
    }
}

char *
rf_identity_text(const struct rf_identity *identity)
{
    struct members members = {0};
    put_text(&members, "aggregate", identity->aggregate);
    if (identity->bytes > 0) {
        put_count(&members, "bytes", identity->bytes);
    }
    put_text(&members, "digest", identity->digest);
    put_text(&members, "dropped", identity->dropped);
    put_text(&members, "event", identity->event);
    put_text(&members, "events", identity->events);
    put_text(&members, "folded", identity->folded);
    put_text(&members, "found", identity->found);
    put_number(&members, "golden", identity->golden);
    put_bytes(&members, "id", identity->id, identity->id_bytes);
    put_text(&members, "kind", rf_damage_name(identity->kind));
    put_text(&members, "object", identity->object);
    if (identity->has_offset) {
        put_count(&members, "offset", identity->offset);
    }
    put_text(&members, "part", identity->part);
    if (identity->counted_part > 0) {
        put_count(&members, "part", identity->counted_part);
    }
    put_text(&members, "snapshot", identity->snapshot);
    put_number(&members, "to", identity->to);
    put_number(&members, "version", identity->version);
    rf_buf_byte(&members.out, '}');
    char *text = members.bad ? NULL : rf_strdup(rf_buf_text(&members.out));
    rf_buf_done(&members.out);
    return text;
}

bool
rf_event_sha256(struct rf_comparer *comparer, const struct rf_packed_event *event,
                char hex[RF_SHA256_HEX_BYTES])
{
    struct rf_buf text = {0};
    size_t type_bytes;
    size_t data_bytes;
    const char *type = rf_names_text(comparer->data.names, event->type, &type_bytes);
    rf_buf_byte(&text, '[');
    rf_canon_string(&text, type, type_bytes);
    if ((event->flags & RF_EVENT_AT) != 0) {
        char at[RF_TIME_TEXT_BYTES];
        struct rf_time time = {.seconds = event->at_seconds, .nanos = event->at_nanos};
        rf_buf_byte(&text, ',');
        rf_canon_string(&text, at, rf_time_print(time, at));
        rf_buf_byte(&text, ',');
    } else {
        rf_buf_string(&text, ",null,");
    }
    const char *data = rf_event_data(&comparer->data, event, &data_bytes);
    bool well = rf_json_read_whole(&comparer->doc, data, data_bytes, NULL) == RF_OK &&
                rf_json_canonical(&comparer->doc, 0, true, &text, NULL) == RF_OK;
    rf_buf_byte(&text, ']');
    if (well) {
        rf_sha256_make(text.bytes, text.used, hex);
    }
    rf_buf_done(&text);
    return well;
}
