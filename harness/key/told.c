/* SPDX-License-Identifier: MIT */
/* What a build tells of a payload: read, and checked. */
#include "key/told.h"

#include <string.h>

#include "base/bytes.h"
#include "decode/base64.h"

/** So much of a member's name is shown. */
#define NAME_SHOWN_BYTES 40

static const struct {
    const char *name;
    uint8_t kind; /**< that it must have; of data any */
    const char *what;
} PARTS[RF_TOLD_PARTS_] = {
    [RF_TOLD_ID] = {"id", RF_JSON_STRING, "a string"},
    [RF_TOLD_TYPE] = {"type", RF_JSON_STRING, "a string"},
    [RF_TOLD_VERSION] = {"version", RF_JSON_NUMBER, "an integer"},
    [RF_TOLD_AT] = {"at", RF_JSON_STRING, "a string"},
    [RF_TOLD_DATA] = {"data", 0, NULL},
};

void
rf_told_done(struct rf_told *told)
{
    rf_json_done(&told->doc);
    rf_buf_done(&told->why);
}

void
rf_told_fail(struct rf_told *told, const char *why)
{
    rf_buf_clear(&told->why);
    rf_buf_string(&told->why, why);
    told->kind = RF_TOLD_WRONG;
}

/** "its identify answered with ...": what no aggregate's author said. */
static void
fail_answer(struct rf_told *told, const char *what)
{
    rf_told_fail(told, "its identify gave an answer ");
    rf_buf_string(&told->why, what);
}

static int
find_part(const char *key, size_t bytes)
{
    for (int i = 0; i < RF_TOLD_PARTS_; i++) {
        if (strlen(PARTS[i].name) == bytes && memcmp(PARTS[i].name, key, bytes) == 0) {
            return i;
        }
    }
    return -1;
}

/** @key  the name of a member that may be there */
static void
fail_member(struct rf_told *told, const char *key, const char *what)
{
    fail_answer(told, "whose member '");
    rf_buf_format(&told->why, "%s' %s", key, what);
}

/** @key  the name of one that may not; hostile */
static void
fail_foreign(struct rf_told *told, const char *key, size_t bytes)
{
    static const char none[] = "is none that it may have";
    if (told->hides) {
        fail_answer(told, "with a member " RF_TOLD_HIDDEN " that ");
        rf_buf_string(&told->why, none);
        return;
    }
    size_t shown = rf_utf8_valid(key, bytes < NAME_SHOWN_BYTES ? bytes : NAME_SHOWN_BYTES);
    fail_answer(told, "whose member '");
    rf_buf_add(&told->why, key, shown);
    rf_buf_format(&told->why, "%s' %s", shown < bytes ? "…" : "", none);
}

/** An answer that is an object: its members, each known, and there once. */
static void
read_members(struct rf_told *told)
{
    struct rf_buf scratch = {0};
    const struct rf_json *doc = &told->doc;
    uint32_t key = 1;
    for (uint32_t left = doc->nodes[0].count; left > 0 && told->kind == RF_TOLD_EVENT; left--) {
        const char *name;
        size_t bytes;
        uint32_t value = key + 1;
        rf_json_string(doc, key, &scratch, &name, &bytes);
        int part = find_part(name, bytes);
        if (part < 0) {
            fail_foreign(told, name, bytes);
        } else if (told->parts[part] != RF_JSON_NONE) {
            fail_member(told, PARTS[part].name, "occurs twice");
        } else {
            told->parts[part] = value;
        }
        key = doc->nodes[value].next;
    }
    rf_buf_done(&scratch);
}

static void
check_parts(struct rf_told *told)
{
    for (int i = 0; i < RF_TOLD_DATA && told->kind == RF_TOLD_EVENT; i++) {
        uint32_t node = told->parts[i];
        if (node == RF_JSON_NONE && i <= RF_TOLD_TYPE) {
            fail_answer(told, "without ");
            rf_buf_string(&told->why, PARTS[i].name);
        } else if (node != RF_JSON_NONE && told->doc.nodes[node].kind != PARTS[i].kind) {
            fail_member(told, PARTS[i].name, "is not ");
            rf_buf_string(&told->why, PARTS[i].what);
        }
    }
}

/** Whether the answer is an error and nothing else. */
static bool
read_error(struct rf_told *told)
{
    bool repeated;
    struct rf_buf scratch = {0};
    uint32_t node = rf_json_member(&told->doc, 0, "error", 5, &repeated);
    if (node == RF_JSON_NONE || told->doc.nodes[0].count != 1 ||
        told->doc.nodes[node].kind != RF_JSON_STRING) {
        return false;
    }
    const char *text;
    size_t bytes;
    rf_json_string(&told->doc, node, &scratch, &text, &bytes);
    rf_buf_clear(&told->why);
    if (told->hides) {
        rf_buf_string(&told->why, "its identify gave an error " RF_TOLD_HIDDEN);
    } else {
        rf_buf_add(&told->why, text, bytes);
    }
    told->kind = RF_TOLD_WRONG;
    rf_buf_done(&scratch);
    return true;
}

void
rf_told_read(struct rf_told *told, const char *json, size_t bytes)
{
    struct rf_err err;
    told->kind = RF_TOLD_EVENT;
    memset(told->parts, 0xff, sizeof(told->parts)); /* RF_JSON_NONE */
    if (bytes == 0) {
        told->kind = RF_TOLD_NOTHING;
    } else if (rf_json_read_whole(&told->doc, json, bytes, &err) != RF_OK) {
        fail_answer(told, "that is no JSON: ");
        rf_buf_string(&told->why, told->hides ? RF_TOLD_HIDDEN : err.text);
    } else if (told->doc.nodes[0].kind != RF_JSON_OBJECT) {
        fail_answer(told, "that is no JSON object");
    } else if (!read_error(told)) {
        read_members(told);
        check_parts(told);
    }
}

/** Data is handed to both as BASE tells it: an aggregate sees the order of its members, and those
 * that are repeated. */
static bool
same_token(const struct rf_told *a, const struct rf_told *b, enum rf_told_part part)
{
    size_t left_bytes;
    size_t right_bytes;
    const char *left = rf_json_token(&a->doc, a->parts[part], &left_bytes);
    const char *right = rf_json_token(&b->doc, b->parts[part], &right_bytes);
    return rf_bytes_same(left, left_bytes, right, right_bytes);
}

static bool
same_value(struct rf_told *a, struct rf_told *b, enum rf_told_part part)
{
    struct rf_buf left = {0};
    struct rf_buf right = {0};
    bool same = rf_json_canonical(&a->doc, a->parts[part], true, &left, NULL) == RF_OK &&
                rf_json_canonical(&b->doc, b->parts[part], true, &right, NULL) == RF_OK &&
                rf_bytes_same(left.bytes, left.used, right.bytes, right.used);
    rf_buf_done(&left);
    rf_buf_done(&right);
    return same;
}

bool
rf_told_same(struct rf_told *a, struct rf_told *b)
{
    bool same = a->kind == b->kind;
    for (int i = 0; same && a->kind == RF_TOLD_EVENT && i < RF_TOLD_PARTS_; i++) {
        bool none = a->parts[i] == RF_JSON_NONE;
        same = none == (b->parts[i] == RF_JSON_NONE) &&
               (none || (i == RF_TOLD_DATA ? same_token(a, b, i) : same_value(a, b, i)));
    }
    return same;
}

static void
put_part(const struct rf_told *told, enum rf_told_part part, const char *key, struct rf_buf *out)
{
    if (told->parts[part] == RF_JSON_NONE) {
        return;
    }
    size_t bytes;
    const char *token = rf_json_token(&told->doc, told->parts[part], &bytes);
    rf_buf_format(out, ",\"%s\":", key);
    rf_buf_add(out, token, bytes);
}

void
rf_told_put(const struct rf_told *told, const char *aggregate, const char *payload,
            size_t payload_bytes, struct rf_buf *out)
{
    rf_buf_string(out, "{\"aggregateType\":");
    rf_canon_string(out, aggregate, strlen(aggregate));
    put_part(told, RF_TOLD_ID, "aggregateId", out);
    put_part(told, RF_TOLD_VERSION, "version", out);
    put_part(told, RF_TOLD_TYPE, "type", out);
    put_part(told, RF_TOLD_AT, "at", out);
    put_part(told, RF_TOLD_DATA, "data", out);
    if (told->parts[RF_TOLD_DATA] == RF_JSON_NONE) {
        rf_buf_string(out, ",\"data\":\"");
        rf_base64_encode(payload, payload_bytes, out);
        rf_buf_byte(out, '"');
    }
    rf_buf_byte(out, '}');
}
