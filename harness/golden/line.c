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

/** A line holds one state; what stands beside it is short. */
#define LINE_LIMIT_BYTES (4 * RF_LIMIT_STATE_BYTES)

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
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *
keep_text(struct rf_line_reader *reader, const char *bytes, size_t count)
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
        *ret = keep_text(reader, *ret, *ret_bytes);
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
read_digest(const struct rf_json *doc, uint32_t node, struct rf_golden_line *ret,
            struct rf_err *reterr)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    uint64_t digest = 0;
    if (doc->nodes[node].kind != RF_JSON_STRING || bytes != 18) {
        return fail_member(reterr, "events", "is not 16 hex digits");
    }
    for (size_t i = 1; i <= 16; i++) {
        char c = token[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return fail_member(reterr, "events", "is not 16 hex digits");
        }
        digest = digest << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    ret->has_digest = true;
    ret->digest = digest;
    return RF_OK;
}

/** What would be another number once it is canonical could be the same as a state that it is not.
 */
static rf_code
check_numbers(const struct rf_json *doc, struct rf_err *reterr)
{
    uint32_t odd = rf_json_find_inexact(doc);
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
    ret->state = rf_json_token(&reader->doc, node, &ret->state_bytes);
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
    ret->state_bytes = reader->scratch.used;
    ret->state = keep_text(reader, reader->scratch.bytes, reader->scratch.used);
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

static rf_code
read_rejected(struct rf_line_reader *reader, uint32_t object, struct rf_golden_line *ret,
              struct rf_err *reterr)
{
    static const char *const names[] = {"message", "type", "version"};
    const struct rf_json *doc = &reader->doc;
    unsigned seen = 0;
    if (doc->nodes[object].kind != RF_JSON_OBJECT) {
        return fail_member(reterr, "rejected", "is no object");
    }
    uint32_t node = object + 1;
    for (uint32_t i = 0; i < doc->nodes[object].count; i++, node = doc->nodes[node + 1].next) {
        size_t member = 0;
        RF_TRY(find_member(doc, node, names, 3, &seen, &member, reterr));
        if (member == 0) {
            RF_TRY(read_string(reader, node + 1, "rejected.message", &ret->rejected_message,
                               &ret->rejected_message_bytes, reterr));
        } else if (member == 1) {
            RF_TRY(read_string(reader, node + 1, "rejected.type", &ret->rejected_type,
                               &ret->rejected_type_bytes, reterr));
        } else {
            RF_TRY(read_version(doc, node + 1, "rejected.version", &ret->rejected_version, reterr));
        }
    }
    if (seen != 7) {
        return fail_member(reterr, "rejected", "lacks its message, type or version");
    }
    ret->rejected = true;
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
        return read_string(reader, value, "id", &ret->id, &ret->id_bytes, reterr);
    case REJECTED:
        return read_rejected(reader, value, ret, reterr);
    case STATE:
        return read_state(reader, value, ret, reterr);
    default:
        return read_version(&reader->doc, value, "version", &ret->version, reterr);
    }
}

static rf_code
read_members(struct rf_line_reader *reader, struct rf_golden_line *ret, struct rf_err *reterr)
{
    static const char *const names[] = {"events", "id", "rejected", "state", "version"};
    const struct rf_json *doc = &reader->doc;
    unsigned seen = 0;
    uint32_t node = 1;
    for (uint32_t i = 0; i < doc->nodes[0].count; i++, node = doc->nodes[node + 1].next) {
        size_t member = 0;
        RF_TRY(find_member(doc, node, names, MEMBER_COUNT, &seen, &member, reterr));
        RF_TRY(read_member(reader, member, node + 1, ret, reterr));
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
    if (ret->rejected && ret->rejected_version < ret->version) {
        return fail_member(reterr, "rejected", "has a version below that of the state");
    }
    return RF_OK;
}

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
    if (bytes > LINE_LIMIT_BYTES) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "the line has %zu bytes, the limit is %" PRIu64, bytes,
                       (uint64_t)LINE_LIMIT_BYTES);
    }
    return RF_OK;
}

rf_code
rf_line_read(struct rf_line_reader *reader, const char *text, size_t bytes,
             struct rf_golden_line *ret, struct rf_err *reterr)
{
    struct rf_err err;
    memset(ret, 0, sizeof(*ret));
    ret->text = text;
    ret->text_bytes = bytes;
    RF_TRY(check_text(text, bytes, reterr));
    if (rf_json_read_whole(&reader->doc, text, bytes, &err) != RF_OK) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "the line is no JSON (byte %" PRIu64 ": %s): " REMEDY, err.offset_bytes,
                       err.text);
    }
    if (reader->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the line is no JSON object: " REMEDY);
    }
    return read_members(reader, ret, reterr);
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
    if (line->rejected) {
        rf_buf_string(out, ",\"rejected\":{\"message\":");
        rf_canon_string(out, line->rejected_message, line->rejected_message_bytes);
        rf_buf_string(out, ",\"type\":");
        rf_canon_string(out, line->rejected_type, line->rejected_type_bytes);
        rf_buf_string(out, ",\"version\":");
        rf_canon_int64(out, line->rejected_version);
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
