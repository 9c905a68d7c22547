/* SPDX-License-Identifier: MIT */
/* What the host does for an aggregate. */
#include "worker/values.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"

/* A JSON text that was taken apart. */
struct parsed {
    const char *text; /* NULL: none */
    uint64_t bytes;
    struct rf_json doc; /* its first level; used == 0: there is no text */
};

/* As many values as an aggregate walks through at once without one being read again. */
#define PARSED_COUNT 8

static struct {
    struct rf_memory memory;  /* of states */
    struct rf_memory scratch; /* of strings that were decoded in this call */
    struct rf_buf decoded;
    struct parsed parsed[PARSED_COUNT];
    uint32_t parsed_last;  /* found or read last */
    uint32_t parsed_count; /* so many are in use */
    struct rf_values_said said;
} session;

/* ---- reading values -------------------------------------------------------------------------- */

static struct parsed *
read_parsed(struct parsed *parsed, const refold_string *json)
{
    parsed->text = json->ptr;
    parsed->bytes = json->len;
    parsed->doc.used = 0;
    if (json->ptr != NULL) {
        rf_json_skim(&parsed->doc, json->ptr, (size_t)json->len);
    }
    return parsed;
}

/* The value's nodes, read once as long as no more than PARSED_COUNT values are at work. */
static const struct rf_json *
parse(const refold_string *json)
{
    struct parsed *last = &session.parsed[session.parsed_last];
    if (session.parsed_count > 0 && last->text == json->ptr && last->bytes == json->len) {
        return &last->doc;
    }
    for (uint32_t i = 0; i < session.parsed_count; i++) {
        struct parsed *parsed = &session.parsed[i];
        if (parsed->text == json->ptr && parsed->bytes == json->len) {
            session.parsed_last = i;
            return &parsed->doc;
        }
    }
    if (session.parsed_count < PARSED_COUNT) {
        session.parsed_last = session.parsed_count++;
    } else {
        session.parsed_last = (session.parsed_last + 1) % PARSED_COUNT;
    }
    return &read_parsed(&session.parsed[session.parsed_last], json)->doc;
}

static void
set_value(const struct rf_json *doc, uint32_t node, refold_value *ret)
{
    static const int32_t kinds[] = {
        [RF_JSON_NULL] = REFOLD_NULL,     [RF_JSON_FALSE] = REFOLD_BOOL,
        [RF_JSON_TRUE] = REFOLD_BOOL,     [RF_JSON_NUMBER] = REFOLD_NUMBER,
        [RF_JSON_STRING] = REFOLD_STRING, [RF_JSON_ARRAY] = REFOLD_ARRAY,
        [RF_JSON_OBJECT] = REFOLD_OBJECT,
    };
    size_t bytes;
    ret->kind = kinds[doc->nodes[node].kind];
    ret->reserved = 0;
    ret->json.ptr = rf_json_token(doc, node, &bytes);
    ret->json.len = bytes;
}

static int32_t
find_member(const refold_string *json, const char *name, uint64_t name_bytes, refold_value *ret)
{
    const struct rf_json *doc = parse(json);
    uint32_t node =
        doc->used == 0 ? RF_JSON_NONE : rf_json_member(doc, 0, name, (size_t)name_bytes, NULL);
    if (node == RF_JSON_NONE) {
        return 0;
    }
    set_value(doc, node, ret);
    return 1;
}

/* ---- values in the holes of a stencil ---------------------------------------------------------
 */

static const int32_t KINDS_BY_TOKEN[256] = {
    ['"'] = REFOLD_STRING, ['-'] = REFOLD_NUMBER, ['0'] = REFOLD_NUMBER, ['1'] = REFOLD_NUMBER,
    ['2'] = REFOLD_NUMBER, ['3'] = REFOLD_NUMBER, ['4'] = REFOLD_NUMBER, ['5'] = REFOLD_NUMBER,
    ['6'] = REFOLD_NUMBER, ['7'] = REFOLD_NUMBER, ['8'] = REFOLD_NUMBER, ['9'] = REFOLD_NUMBER,
    ['t'] = REFOLD_BOOL,   ['f'] = REFOLD_BOOL,   ['n'] = REFOLD_NULL,
};

/* The text of the value at `node`, in memory that lives until the call ends. */
static refold_string
put_together(const struct rf_event_values *values, uint32_t node)
{
    rf_buf_clear(&session.decoded);
    rf_stencil_fill(values->mould->stencil, node, values->tokens, values->ends, &session.decoded);
    char *copy = rf_memory_take(&session.scratch, session.decoded.used);
    memcpy(copy, session.decoded.bytes, session.decoded.used);
    return (refold_string){copy, session.decoded.used};
}

/* The node of the member's value in the mould's stencil, or RF_JSON_NONE. Names are most often
 * literals: few, short, and asked for in each event. */
static uint32_t
find_in_mould(struct rf_mould *mould, const char *name, uint64_t name_bytes)
{
    if (name_bytes == 0 || name_bytes > RF_ASKED_BYTES) {
        return rf_json_member(&mould->stencil->doc, 0, name, (size_t)name_bytes, NULL);
    }
    unsigned char first = (unsigned char)name[0];
    unsigned char last = (unsigned char)name[name_bytes - 1];
    struct rf_asked *asked = &mould->asked[(name_bytes * 5 + first * 3U + last) % RF_ASKED_COUNT];
    if (!asked->used || asked->bytes != name_bytes ||
        !rf_same_few(asked->name, name, (size_t)name_bytes)) {
        asked->node = rf_json_member(&mould->stencil->doc, 0, name, (size_t)name_bytes, NULL);
        asked->bytes = (uint8_t)name_bytes;
        asked->used = 1;
        memcpy(asked->name, name, (size_t)name_bytes);
    }
    return asked->node;
}

static int32_t
find_field(const struct rf_event_values *values, const char *name, uint64_t name_bytes,
           refold_value *ret)
{
    const struct rf_stencil *stencil = values->mould->stencil;
    uint32_t node = find_in_mould(values->mould, name, name_bytes);
    if (node == RF_JSON_NONE) {
        return 0;
    }
    ret->reserved = 0;
    if (stencil->doc.nodes[node].kind >= RF_JSON_ARRAY) {
        ret->kind = stencil->doc.nodes[node].kind == RF_JSON_ARRAY ? REFOLD_ARRAY : REFOLD_OBJECT;
        ret->json = put_together(values, node);
        return 1;
    }
    uint32_t hole = stencil->holes[node];
    uint16_t start = hole == 0 ? 0 : values->ends[hole - 1];
    ret->json = (refold_string){values->tokens + start, (uint64_t)values->ends[hole] - start};
    ret->kind = KINDS_BY_TOKEN[(unsigned char)ret->json.ptr[0]];
    return 1;
}

static int32_t
host_field(const refold_event *event, const char *name, uint64_t name_bytes, refold_value *ret)
{
    const struct rf_event_values *values = event->host_data;
    return values->mould != NULL ? find_field(values, name, name_bytes, ret)
                                 : find_member(&values->text, name, name_bytes, ret);
}

static refold_string
host_data(const refold_event *event)
{
    struct rf_event_values *values = event->host_data;
    if (values->text.ptr == NULL) {
        values->text = put_together(values, 0);
    }
    return values->text;
}

/* ---- members --------------------------------------------------------------------------------- */

static int32_t
host_member(const refold_value *object, const char *name, uint64_t name_bytes, refold_value *ret)
{
    return find_member(&object->json, name, name_bytes, ret);
}

/* A token of its own as the JSON reader would have left it. */
static struct rf_json_node
node_of(const refold_value *value, uint8_t kind)
{
    struct rf_json_node node = {.end = (uint32_t)value->json.len, .next = 1, .kind = kind};
    const char *text = value->json.ptr;
    for (uint32_t i = 0; kind == RF_JSON_NUMBER && i < node.end; i++) {
        if (text[i] == '.' || text[i] == 'e' || text[i] == 'E') {
            node.flags = RF_JSON_REAL;
            break;
        }
    }
    if (kind == RF_JSON_STRING && memchr(text, '\\', node.end) != NULL) {
        node.flags = RF_JSON_ESCAPED;
    }
    return node;
}

/* A string's content: in the text itself, or decoded into memory that lives until the call ends. */
static refold_string
decode(const struct rf_json *doc, uint32_t node)
{
    const char *bytes;
    size_t count;
    rf_json_string(doc, node, &session.decoded, &bytes, &count);
    if (doc->nodes[node].flags & RF_JSON_ESCAPED) {
        char *copy = rf_memory_take(&session.scratch, count);
        memcpy(copy, bytes, count);
        bytes = copy;
    }
    return (refold_string){bytes, count};
}

static int32_t
host_next(const refold_value *container, uint64_t *cursor, refold_string *ret_key,
          refold_value *ret)
{
    if (container->kind != REFOLD_ARRAY && container->kind != REFOLD_OBJECT) {
        return 0;
    }
    const struct rf_json *doc = parse(&container->json);
    uint64_t at = *cursor == 0 ? 1 : *cursor;
    bool object = container->kind == REFOLD_OBJECT;
    if (at + object >= doc->used) {
        return 0;
    }
    uint32_t node = (uint32_t)at + object;
    if (object && ret_key != NULL) {
        *ret_key = decode(doc, (uint32_t)at);
    }
    set_value(doc, node, ret);
    *cursor = doc->nodes[node].next;
    return 1;
}

/* ---- conversions ----------------------------------------------------------------------------- */

/* Digits fit, so many of them at most. */
#define SHORT_DIGITS 18

/* Most numbers are short and without sign, fraction or exponent. False says nothing of others. */
static bool
read_short(const refold_value *value, uint64_t *ret)
{
    const char *text = value->json.ptr;
    uint64_t number = 0;
    if (value->kind != REFOLD_NUMBER || value->json.len == 0 || value->json.len > SHORT_DIGITS) {
        return false;
    }
    for (uint64_t i = 0; i < value->json.len; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret = number;
    return true;
}

static int32_t
host_to_int64(const refold_value *value, int64_t *ret)
{
    uint64_t number;
    if (read_short(value, &number)) {
        *ret = (int64_t)number;
        return 1;
    }
    struct rf_json_node node = node_of(value, RF_JSON_NUMBER);
    struct rf_json doc = {.text = value->json.ptr, .nodes = &node, .used = 1};
    return value->kind == REFOLD_NUMBER && rf_json_int64(&doc, 0, ret);
}

static int32_t
host_to_uint64(const refold_value *value, uint64_t *ret)
{
    if (read_short(value, ret)) {
        return 1;
    }
    struct rf_json_node node = node_of(value, RF_JSON_NUMBER);
    struct rf_json doc = {.text = value->json.ptr, .nodes = &node, .used = 1};
    return value->kind == REFOLD_NUMBER && rf_json_uint64(&doc, 0, ret);
}

static int32_t
host_to_real(const refold_value *value, double *ret)
{
    struct rf_json_node node = node_of(value, RF_JSON_NUMBER);
    struct rf_json doc = {.text = value->json.ptr, .nodes = &node, .used = 1};
    return value->kind == REFOLD_NUMBER && rf_json_real(&doc, 0, ret);
}

static int32_t
host_to_bool(const refold_value *value, int32_t *ret)
{
    if (value->kind != REFOLD_BOOL) {
        return 0;
    }
    *ret = value->json.ptr[0] == 't';
    return 1;
}

static int32_t
host_to_string(const refold_value *value, refold_string *ret)
{
    if (value->kind != REFOLD_STRING || value->json.len < 2) {
        return 0;
    }
    struct rf_json_node node = node_of(value, RF_JSON_STRING);
    struct rf_json doc = {.text = value->json.ptr, .nodes = &node, .used = 1};
    *ret = decode(&doc, 0);
    return 1;
}

static int32_t
host_to_time(const refold_value *value, refold_time *ret)
{
    struct rf_time time;
    refold_string text = value->json;
    if (value->kind == REFOLD_STRING) {
        if (!host_to_string(value, &text) || !rf_time_parse(text.ptr, (size_t)text.len, &time)) {
            return 0;
        }
    } else if (value->kind != REFOLD_NUMBER ||
               !rf_time_from_number(text.ptr, (size_t)text.len, &time)) {
        return 0;
    }
    *ret = (refold_time){time.seconds, time.nanos, 1};
    return 1;
}

/* ---- changing the state ---------------------------------------------------------------------- */

static void *
host_alloc(uint64_t bytes)
{
    return rf_memory_take_zeroed(&session.memory, bytes);
}

static void
host_text_set(refold_text *text, const char *bytes, uint64_t count)
{
    rf_text_set(&session.memory, text, bytes, count);
}

static void *
host_list_push(refold_list *list, uint64_t element_bytes)
{
    return rf_list_push(&session.memory, list, element_bytes);
}

static void *
host_map_put(refold_map *map, uint64_t entry_bytes, const char *key, uint64_t key_bytes)
{
    return rf_map_put(&session.memory, map, entry_bytes, key, key_bytes);
}

static uint64_t
host_xxh64(const void *bytes, uint64_t count)
{
    return rf_xxh64(bytes, (size_t)count);
}

/* ---- saying something ------------------------------------------------------------------------ */

/** Takes the front of a text as whole characters without NUL; what is none of them becomes '?'.
 * @return  whether that is all of it */
static bool
take_text(const char *text, size_t count, struct rf_buf *out)
{
    bool whole = true;
    for (size_t at = 0; at < count;) {
        bool cut;
        size_t bytes = rf_utf8_next(text + at, count - at, &cut);
        bool odd = bytes == 0 || text[at] == '\0';
        size_t kept = odd ? 1 : bytes;
        if (out->used + kept > RF_REJECT_BYTES) {
            return false;
        }
        rf_buf_add(out, odd ? "?" : text + at, kept);
        whole = whole && !odd;
        at += kept;
    }
    return whole;
}

static void
host_reject(const refold_event *event, const char *text, uint64_t text_bytes)
{
    (void)event; /* of apply's events the one that is refused is known */
    size_t count = (size_t)text_bytes;
    session.said.rejected = true;
    rf_buf_clear(&session.said.refusal);
    if (!take_text(text, count, &session.said.refusal)) {
        rf_buf_format(&session.said.refusal, " [%zu bytes, %016" PRIx64 "%016" PRIx64 "]", count,
                      rf_hash(text, count, 0), rf_hash(text, count, 1));
    }
}

static void
host_emit(const char *json, uint64_t count)
{
    uint64_t limit = session.said.emits_events ? RF_LIMIT_COMMAND_BYTES : RF_LIMIT_STATE_BYTES;
    if (session.said.emitted_cut || count > limit - session.said.emitted.used ||
        (session.said.emits_events && session.said.event_count == RF_LIMIT_COMMAND_EVENTS)) {
        session.said.emitted_cut = true;
        return;
    }
    rf_buf_add(&session.said.emitted, json, (size_t)count);
    if (session.said.emits_events) {
        RF_GROW(session.said.event_ends, session.said.event_room, session.said.event_count + 1);
        session.said.event_ends[session.said.event_count++] = session.said.emitted.used;
    }
}

/* ---- the session ----------------------------------------------------------------------------- */

static const refold_host host = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_host),
    .alloc = host_alloc,
    .field = host_field,
    .data = host_data,
    .member = host_member,
    .next = host_next,
    .to_int64 = host_to_int64,
    .to_uint64 = host_to_uint64,
    .to_real = host_to_real,
    .to_bool = host_to_bool,
    .to_string = host_to_string,
    .to_time = host_to_time,
    .reject = host_reject,
    .text_set = host_text_set,
    .list_push = host_list_push,
    .map_find = rf_map_find,
    .map_put = host_map_put,
    .map_remove = rf_map_remove,
    .xxh64 = host_xxh64,
    .emit = host_emit,
};

const refold_host *
rf_values_host(void)
{
    return &host;
}

struct rf_memory *
rf_values_memory(void)
{
    return &session.memory;
}

void
rf_values_begin_instance(void)
{
    rf_memory_clear(&session.memory);
    rf_values_begin_call();
}

void
rf_values_begin_call(void)
{
    rf_memory_clear(&session.scratch);
    /* Texts are known by where they lie, and what was decoded in the last call lay there too. */
    session.parsed_count = 0;
    session.parsed_last = 0;
    session.said.rejected = false;
    session.said.emitted.used = 0;
    session.said.emitted_cut = false;
    session.said.emits_events = false;
    session.said.event_count = 0;
}

void
rf_values_begin_again(const refold_event *event)
{
    struct rf_event_values *values = event->host_data;
    if (values->mould != NULL) { /* what was put together lay in the last call's memory */
        values->text = (refold_string){NULL, 0};
    }
    rf_values_begin_call();
}

void
rf_values_begin_command(void)
{
    rf_values_begin_call();
    session.said.emits_events = true;
}

bool
rf_values_rejection(const char **ret_text, size_t *ret_bytes)
{
    *ret_text = rf_buf_text(&session.said.refusal);
    *ret_bytes = session.said.refusal.used;
    return session.said.rejected;
}

bool
rf_values_rejected(void)
{
    return session.said.rejected;
}

const struct rf_buf *
rf_values_emitted(bool *ret_cut)
{
    *ret_cut = session.said.emitted_cut;
    return &session.said.emitted;
}

size_t
rf_values_event_count(bool *ret_cut)
{
    *ret_cut = session.said.emitted_cut;
    return session.said.event_count;
}

const char *
rf_values_event(size_t index, size_t *ret_bytes)
{
    size_t start = index == 0 ? 0 : session.said.event_ends[index - 1];
    *ret_bytes = session.said.event_ends[index] - start;
    return *ret_bytes == 0 ? "" : session.said.emitted.bytes + start;
}

static void
free_said(struct rf_values_said *said)
{
    rf_buf_done(&said->emitted);
    rf_buf_done(&said->refusal);
    free(said->event_ends);
}

void
rf_values_take_aside(struct rf_values_said *ret)
{
    *ret = session.said;
    session.said = (struct rf_values_said){0};
}

void
rf_values_give_back(struct rf_values_said *said)
{
    free_said(&session.said);
    session.said = *said;
    *said = (struct rf_values_said){0};
}

void
rf_values_done(void)
{
    rf_memory_done(&session.memory);
    rf_memory_done(&session.scratch);
    rf_buf_done(&session.decoded);
    free_said(&session.said);
    for (size_t i = 0; i < PARSED_COUNT; i++) {
        rf_json_done(&session.parsed[i].doc);
    }
    memset(&session, 0, sizeof(session));
}
