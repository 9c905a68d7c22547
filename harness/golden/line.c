/* SPDX-License-Identifier: MIT */
/* One line of a golden file: reading and writing it. */
#include "golden/line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "golden/plain_state.h"

#define REMEDY "restore the file from git, or bless again"

void
rf_line_texts_done(struct rf_line_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->items[i]);
    }
    free(texts->items);
    memset(texts, 0, sizeof(*texts));
}

void
rf_line_reader_done(struct rf_line_reader *reader)
{
    rf_json_done(&reader->doc);
    rf_buf_done(&reader->scratch);
    rf_recognizer_free(reader->recognizer);
}

/* ---- reading --------------------------------------------------------------------------------- */

/** A copy, with a NUL behind it. */
static void *
keep(struct rf_line_reader *reader, const void *bytes, size_t count)
{
    struct rf_line_texts *texts = reader->texts;
    RF_GROW(texts->items, texts->room, texts->count + 1);
    texts->items[texts->count] = rf_strndup(bytes, count);
    return texts->items[texts->count++];
}

static rf_code
fail_member(struct rf_err *reterr, const char *member, const char *why)
{
    return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "its \"%s\" %s: " REMEDY, member, why);
}

static rf_code
read_string(struct rf_line_reader *reader, uint32_t node, const char *member, const char **ret,
            size_t *ret_bytes, struct rf_err *reterr)
{
    if (reader->doc.nodes[node].kind != RF_JSON_STRING) {
        return fail_member(reterr, member, "is no string");
    }
    rf_json_string(&reader->doc, node, &reader->scratch, ret, ret_bytes);
    if (reader->doc.nodes[node].flags & RF_JSON_ESCAPED) {
        *ret = keep(reader, *ret, *ret_bytes);
    }
    return RF_OK;
}

static rf_code
read_version(const struct rf_json *doc, uint32_t node, const char *member, int64_t *ret,
             struct rf_err *reterr)
{
    if (doc->nodes[node].kind != RF_JSON_NUMBER || !rf_json_int64(doc, node, ret) || *ret < 0) {
        return fail_member(reterr, member, "is no version (an integer from 0 to 2^63-1)");
    }
    return RF_OK;
}

static rf_code
read_hash(const struct rf_json *doc, uint32_t node, const char *member, uint64_t *ret,
          struct rf_err *reterr)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    uint64_t hash = 0;
    if (doc->nodes[node].kind != RF_JSON_STRING || bytes != 18) {
        return fail_member(reterr, member, "is not 16 hex digits");
    }
    for (size_t i = 1; i <= 16; i++) {
        char c = token[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return fail_member(reterr, member, "is not 16 hex digits");
        }
        hash = hash << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = hash;
    return RF_OK;
}

static rf_code
read_digest(const struct rf_json *doc, uint32_t node, struct rf_golden_line *ret,
            struct rf_err *reterr)
{
    RF_TRY(read_hash(doc, node, "events", &ret->digest, reterr));
    ret->has_digest = true;
    return RF_OK;
}

/** What would be another number once it is canonical could be the same as a state that it is not.
 */
static rf_code
check_numbers(const struct rf_json *doc, struct rf_err *reterr)
{
    uint32_t odd = rf_json_find_inexact(doc, 0);
    if (odd == RF_JSON_NONE) {
        return RF_OK;
    }
    size_t bytes;
    const char *token = rf_json_token(doc, odd, &bytes);
    return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                   "the number %.*s%s has more digits than 64 bits or a double hold: " REMEDY,
                   bytes > 40 ? 40 : (int)bytes, token, bytes > 40 ? "..." : "");
}

static rf_code
read_state(struct rf_line_reader *reader, uint32_t node, struct rf_golden_line *ret,
           struct rf_err *reterr)
{
    struct rf_err err;
    uint64_t repeated = 0;
    size_t bytes;
    ret->state = rf_json_token(&reader->doc, node, &bytes);
    ret->state_bytes = (uint32_t)bytes;
    if (rf_state_is_plain(&reader->doc, node)) {
        return RF_OK;
    }
    rf_buf_clear(&reader->scratch);
    rf_code code = rf_json_canonical(&reader->doc, node, false, &reader->scratch, &err);
    if (code == RF_OK &&
        rf_bytes_same(ret->state, ret->state_bytes, reader->scratch.bytes, reader->scratch.used)) {
        return RF_OK; /* of a key that occurs twice, one would not be there */
    }
    (void)rf_json_hash(&reader->doc, node, &repeated);
    if (repeated > 0) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "a key of the state occurs twice: " REMEDY);
    }
    if (code != RF_OK) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "%s: " REMEDY, err.text);
    }
    RF_TRY(check_numbers(&reader->doc, reterr));
    ret->state = keep(reader, reader->scratch.bytes, reader->scratch.used);
    ret->state_bytes = (uint32_t)reader->scratch.used;
    return RF_OK;
}

static bool
is_key(const struct rf_json *doc, uint32_t node, const char *key)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    return bytes == strlen(key) + 2 && memcmp(token + 1, key, bytes - 2) == 0;
}

static rf_code
fail_unknown(const struct rf_json *doc, uint32_t node, struct rf_err *reterr)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                   "unknown member '%.*s': it was written by a newer refold, or is no golden line",
                   bytes > 102 ? 100 : (int)bytes - 2, token + 1);
}

/** Which of `names` a key is; each may come once. */
static rf_code
find_member(const struct rf_json *doc, uint32_t key, const char *const *names, size_t count,
            unsigned *seen, size_t *ret, struct rf_err *reterr)
{
    for (size_t i = 0; i < count; i++) {
        if (is_key(doc, key, names[i])) {
            if (*seen & 1u << i) {
                return fail_member(reterr, names[i], "occurs twice");
            }
            *seen |= 1u << i;
            *ret = i;
            return RF_OK;
        }
    }
    return fail_unknown(doc, key, reterr);
}

enum { LIKENESS, MESSAGE, TYPE, OF_VERSION, REJECTED_COUNT };

static rf_code
read_rejected_member(struct rf_line_reader *reader, size_t member, uint32_t value,
                     struct rf_golden_refusal *ret, struct rf_err *reterr)
{
    switch (member) {
    case LIKENESS:
        return read_hash(&reader->doc, value, "rejected.likeness", &ret->likeness, reterr);
    case MESSAGE:
        return read_string(reader, value, "rejected.message", &ret->message, &ret->message_bytes,
                           reterr);
    case TYPE:
        return read_string(reader, value, "rejected.type", &ret->type, &ret->type_bytes, reterr);
    default:
        return read_version(&reader->doc, value, "rejected.version", &ret->version, reterr);
    }
}

static rf_code
read_rejected(struct rf_line_reader *reader, uint32_t object, struct rf_golden_line *ret,
              struct rf_err *reterr)
{
    static const char *const names[] = {"likeness", "message", "type", "version"};
    const struct rf_json *doc = &reader->doc;
    struct rf_golden_refusal refusal = {0};
    unsigned seen = 0;
    if (doc->nodes[object].kind != RF_JSON_OBJECT) {
        return fail_member(reterr, "rejected", "is no object");
    }
    uint32_t node = object + 1;
    for (uint32_t i = 0; i < doc->nodes[object].count; i++, node = doc->nodes[node + 1].next) {
        size_t member = 0;
        RF_TRY(find_member(doc, node, names, REJECTED_COUNT, &seen, &member, reterr));
        RF_TRY(read_rejected_member(reader, member, node + 1, &refusal, reterr));
    }
    if ((seen | 1u << LIKENESS) != (1u << REJECTED_COUNT) - 1) {
        return fail_member(reterr, "rejected", "lacks its message, type or version");
    }
    ret->refusal = keep(reader, &refusal, sizeof(refusal));
    return RF_OK;
}

static rf_code
read_id(struct rf_line_reader *reader, uint32_t node, struct rf_golden_line *ret,
        struct rf_err *reterr)
{
    size_t bytes = 0;
    RF_TRY(read_string(reader, node, "id", &ret->id, &bytes, reterr));
    ret->id_bytes = (uint32_t)bytes;
    return RF_OK;
}

enum { EVENTS, ID, REJECTED, STATE, VERSION, MEMBER_COUNT };

static rf_code
read_member(struct rf_line_reader *reader, size_t member, uint32_t value,
            struct rf_golden_line *ret, struct rf_err *reterr)
{
    switch (member) {
    case EVENTS:
        return read_digest(&reader->doc, value, ret, reterr);
    case ID:
        return read_id(reader, value, ret, reterr);
    case REJECTED:
        return read_rejected(reader, value, ret, reterr);
    case STATE:
        return read_state(reader, value, ret, reterr);
    default:
        return read_version(&reader->doc, value, "version", &ret->version, reterr);
    }
}

/** @ret_values  of each member the node of its value, or RF_JSON_NONE */
static rf_code
read_members(struct rf_line_reader *reader, struct rf_golden_line *ret,
             uint32_t ret_values[MEMBER_COUNT], struct rf_err *reterr)
{
    static const char *const names[] = {"events", "id", "rejected", "state", "version"};
    const struct rf_json *doc = &reader->doc;
    unsigned seen = 0;
    uint32_t node = 1;
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        ret_values[i] = RF_JSON_NONE;
    }
    for (uint32_t i = 0; i < doc->nodes[0].count; i++, node = doc->nodes[node + 1].next) {
        size_t member = 0;
        RF_TRY(find_member(doc, node, names, MEMBER_COUNT, &seen, &member, reterr));
        RF_TRY(read_member(reader, member, node + 1, ret, reterr));
        ret_values[member] = node + 1;
    }
    if (!(seen & 1u << ID) || ret->id_bytes == 0) {
        return fail_member(reterr, "id", "is missing or empty");
    }
    if (!(seen & 1u << VERSION)) {
        return fail_member(reterr, "version", "is missing");
    }
    if (!(seen & (1u << STATE | 1u << REJECTED))) {
        return fail_member(reterr, "state", "is missing");
    }
    if (ret->refusal != NULL && ret->refusal->version < ret->version) {
        return fail_member(reterr, "rejected", "has a version below that of the state");
    }
    return RF_OK;
}

/* ---- lines like one that was read ------------------------------------------------------------ */

/** Lines with a canonical state, as nearly all are, are learned: what was found out of the bytes
 * between its scalars holds for all that have the same. */
static void
learn(struct rf_line_reader *reader, const uint32_t values[MEMBER_COUNT])
{
    if (reader->recognizer != NULL && values[STATE] != RF_JSON_NONE &&
        values[REJECTED] == RF_JSON_NONE && rf_state_is_plain(&reader->doc, values[STATE])) {
        const struct rf_lesson lesson = {
            .doc = &reader->doc,
            .nodes = values,
            .node_count = MEMBER_COUNT,
            .data = values[STATE],
        };
        rf_recognizer_learn(reader->recognizer, &lesson);
    }
}

/** Reads a line that is like one that was learned: then only its scalars are its own. False where
 * it is not, or where one of them needs a closer look: whoever reads it in full tells what is wrong
 * with it, if anything. */
static bool
recognize(const struct rf_line_reader *reader, const char *text, size_t bytes,
          struct rf_golden_line *ret)
{
    struct rf_json_node *scalars;
    struct rf_err ignored;
    size_t end = 0;
    const struct rf_known *known =
        reader->recognizer == NULL ? NULL
                                   : rf_recognize(reader->recognizer, text, bytes, &end, &scalars);
    if (known == NULL || end != bytes) {
        return false;
    }
    const struct rf_json doc = {.text = text, .nodes = scalars, .used = known->scalars};
    const struct rf_json_node *id = &scalars[known->places[ID]];
    uint32_t first = known->data_scalar;
    uint32_t last = first + known->data_scalars - 1;
    uint32_t start = scalars[first].start - known->data_lead;
    *ret = (struct rf_golden_line){
        .id = text + id->start + 1,
        .id_bytes = id->end - id->start - 2, /* between its quotes */
        .state = text + start,
        .state_bytes = scalars[last].end + known->data_tail - start,
        .text = text,
        .text_bytes = (uint32_t)bytes,
    };
    return id->kind == RF_JSON_STRING && id->flags == 0 && ret->id_bytes > 0 &&
           rf_scalars_are_plain(&doc, first, known->data_scalars) &&
           read_version(&doc, known->places[VERSION], "version", &ret->version, &ignored) ==
               RF_OK &&
           (known->places[EVENTS] == RF_JSON_NONE ||
            read_digest(&doc, known->places[EVENTS], ret, &ignored) == RF_OK);
}

/* ---- lines of any kind ----------------------------------------------------------------------- */

static bool
begins_with(const char *text, size_t bytes, const char *front)
{
    size_t count = strlen(front);
    return bytes >= count && memcmp(text, front, count) == 0;
}

/** Faults of files rather than of lines get their own sentences. */
static rf_code
check_text(const char *text, size_t bytes, struct rf_err *reterr)
{
    static const char *const markers[] = {"<<<<<<<", "|||||||", "=======", ">>>>>>>"};
    for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
        if (begins_with(text, bytes, markers[i])) {
            return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                           "merge marker '%s': finish the merge, or bless again", markers[i]);
        }
    }
    if (bytes == 0) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the line is empty: " REMEDY);
    }
    if (text[bytes - 1] == '\r') {
        return rf_fail(
            reterr, RF_ERR_MALFORMED, NULL,
            "the line ends in CR LF, not in LF: set `-text` for it in .gitattributes and " REMEDY);
    }
    if (bytes > RF_LIMIT_LINE_BYTES) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "the line has %zu bytes, the limit is %" PRIu64, bytes,
                       (uint64_t)RF_LIMIT_LINE_BYTES);
    }
    return RF_OK;
}

static rf_code
read_in_full(struct rf_line_reader *reader, const char *text, size_t bytes,
             struct rf_golden_line *ret, struct rf_err *reterr)
{
    struct rf_err err;
    uint32_t values[MEMBER_COUNT];
    *ret = (struct rf_golden_line){.text = text, .text_bytes = (uint32_t)bytes};
    RF_TRY(check_text(text, bytes, reterr));
    reader->doc.deeper = true; /* a state may be as deep as the limit, and the line is around it */
    if (rf_json_read_whole(&reader->doc, text, bytes, &err) != RF_OK) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "the line is no JSON (byte %" PRIu64 ": %s): " REMEDY, err.offset_bytes,
                       err.text);
    }
    if (reader->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the line is no JSON object: " REMEDY);
    }
    RF_TRY(read_members(reader, ret, values, reterr));
    learn(reader, values);
    return RF_OK;
}

rf_code
rf_line_read(struct rf_line_reader *reader, const char *text, size_t bytes,
             struct rf_golden_line *ret, struct rf_err *reterr)
{
    return recognize(reader, text, bytes, ret) ? RF_OK
                                               : read_in_full(reader, text, bytes, ret, reterr);
}

/* ---- writing --------------------------------------------------------------------------------- */

void
rf_line_write(const struct rf_golden_line *line, struct rf_buf *out)
{
    rf_buf_byte(out, '{');
    if (line->has_digest) {
        rf_buf_format(out, "\"events\":\"%016" PRIx64 "\",", line->digest);
    }
    rf_buf_string(out, "\"id\":");
    rf_canon_string(out, line->id, line->id_bytes);
    if (line->refusal != NULL) {
        rf_buf_string(out, ",\"rejected\":{");
        if (line->refusal->likeness != 0) {
            rf_buf_format(out, "\"likeness\":\"%016" PRIx64 "\",", line->refusal->likeness);
        }
        rf_buf_string(out, "\"message\":");
        rf_canon_string(out, line->refusal->message, line->refusal->message_bytes);
        rf_buf_string(out, ",\"type\":");
        rf_canon_string(out, line->refusal->type, line->refusal->type_bytes);
        rf_buf_string(out, ",\"version\":");
        rf_canon_int64(out, line->refusal->version);
        rf_buf_byte(out, '}');
    }
    if (line->state != NULL) {
        rf_buf_string(out, ",\"state\":");
        rf_buf_add(out, line->state, line->state_bytes);
    }
    rf_buf_string(out, ",\"version\":");
    rf_canon_int64(out, line->version);
    rf_buf_byte(out, '}');
}
