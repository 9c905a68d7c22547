/* SPDX-License-Identifier: MIT */
/* The meta file beside a golden: what it was when it was blessed. */
#include "golden/meta.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/json.h"

/** `seal`: so many digits of a SHA-256, and NUL. */
#define SEAL_BYTES 17

/* ---- the seal -------------------------------------------------------------------------------- */

/** Of a text in two parts, between which the seal itself stands. */
static void
make_seal(const char *front, size_t front_bytes, const char *rest, size_t rest_bytes,
          char ret[SEAL_BYTES])
{
    char hex[RF_SHA256_HEX_BYTES];
    struct rf_sha256 *sha = rf_sha256_new();
    rf_sha256_add(sha, front, front_bytes);
    rf_sha256_add(sha, rest, rest_bytes);
    rf_sha256_finish(sha, hex);
    memcpy(ret, hex, SEAL_BYTES - 1);
    ret[SEAL_BYTES - 1] = '\0';
}

/* ---- the config's rules ---------------------------------------------------------------------- */

void
rf_meta_rules(int64_t first, const char *const *skips, size_t count, char ret[RF_META_RULES_BYTES])
{
    char hex[RF_SHA256_HEX_BYTES];
    struct rf_buf text = {0};
    ret[0] = '\0';
    if (first == 1 && count == 0) {
        return;
    }
    const char **sorted = rf_calloc(count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = skips[i];
    }
    qsort(sorted, count, sizeof(*sorted), rf_strings_compare);
    rf_buf_format(&text, "{\"first\":%" PRId64 ",\"skip\":[", first);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(sorted[i - 1], sorted[i]) != 0) {
            rf_buf_string(&text, i == 0 ? "" : ",");
            rf_canon_string(&text, sorted[i], strlen(sorted[i]));
        }
    }
    rf_buf_string(&text, "]}");
    rf_sha256_make(text.bytes, text.used, hex);
    memcpy(ret, hex, RF_META_RULES_BYTES - 1);
    ret[RF_META_RULES_BYTES - 1] = '\0';
    free(sorted);
    rf_buf_done(&text);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
write_text(struct rf_buf *out, const char *key, const char *text)
{
    rf_buf_format(out, "\"%s\":", key);
    rf_canon_string(out, text, strlen(text));
}

static void
write_selection(const struct rf_meta *meta, struct rf_buf *out)
{
    rf_buf_string(out, ",\"selection\":{");
    if (meta->as_of != NULL) {
        write_text(out, "asOf", meta->as_of);
    }
    if (meta->until != NULL) {
        rf_buf_string(out, meta->as_of == NULL ? "" : ",");
        write_text(out, "until", meta->until);
    }
    rf_buf_byte(out, '}');
}

/** All that sorts in front of the seal. */
static void
write_before_seal(const struct rf_meta *meta, struct rf_buf *out)
{
    rf_buf_byte(out, '{');
    write_text(out, "aggregate", meta->aggregate);
    if (meta->closed != NULL) {
        rf_buf_byte(out, ',');
        write_text(out, "closed", meta->closed);
    }
    rf_buf_format(out, ",\"format\":%d,", RF_META_FORMAT);
    write_text(out, "history", meta->history);
    rf_buf_format(out, ",\"lines\":%" PRIu64, meta->lines);
    if (meta->pending_lines > 0) {
        rf_buf_format(out, ",\"pending\":{\"lines\":%" PRIu64 ",\"sha256\":\"%s\"}",
                      meta->pending_lines, meta->pending);
    }
    if (meta->private_paths != NULL) {
        rf_buf_format(out, ",\"private\":{\"check\":\"%s\",\"paths\":", meta->private_check);
        rf_buf_string(out, meta->private_paths);
        rf_buf_byte(out, '}');
    }
    rf_buf_format(out, ",\"rejected\":%" PRIu64, meta->rejected);
    if (meta->rules[0] != '\0') {
        rf_buf_byte(out, ',');
        write_text(out, "rules", meta->rules);
    }
}

/** The rest, as far as a manifest has it too. */
static void
write_behind_seal(const struct rf_meta *meta, struct rf_buf *out)
{
    if (meta->as_of != NULL || meta->until != NULL) {
        write_selection(meta, out);
    }
}

void
rf_meta_write_front(const struct rf_meta *meta, struct rf_buf *out)
{
    write_before_seal(meta, out);
    write_behind_seal(meta, out);
}

void
rf_meta_write(const struct rf_meta *meta, struct rf_buf *out)
{
    struct rf_buf rest = {0};
    char seal[SEAL_BYTES];
    size_t start = out->used;
    write_before_seal(meta, out);
    write_behind_seal(meta, &rest);
    if (meta->state_version != 0) {
        rf_buf_format(&rest, ",\"stateVersion\":%" PRIu32, meta->state_version);
    }
    rf_buf_byte(&rest, ',');
    write_text(&rest, "states", meta->states);
    rf_buf_string(&rest, "}\n");
    make_seal(out->bytes + start, out->used - start, rest.bytes, rest.used, seal);
    rf_buf_format(out, ",\"seal\":\"%s\"", seal);
    rf_buf_add(out, rest.bytes, rest.used);
    rf_buf_done(&rest);
}

/* ---- reading --------------------------------------------------------------------------------- */

void
rf_meta_done(struct rf_meta *meta)
{
    free(meta->aggregate);
    free(meta->as_of);
    free(meta->until);
    free(meta->closed);
    free(meta->private_paths);
    memset(meta, 0, sizeof(*meta));
}

/** A member's text (owned), or NULL where it is no string, or holds a NUL. */
static char *
read_text(const struct rf_json *doc, uint32_t object, const char *key)
{
    uint32_t node = rf_json_member(doc, object, key, strlen(key), NULL);
    if (node == RF_JSON_NONE || doc->nodes[node].kind != RF_JSON_STRING) {
        return NULL;
    }
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(doc, node, &scratch, &bytes, &count);
    char *text = memchr(bytes, 0, count) == NULL ? rf_strndup(bytes, count) : NULL;
    rf_buf_done(&scratch);
    return text;
}

static bool
read_count(const struct rf_json *doc, uint32_t object, const char *key, uint64_t *ret)
{
    uint32_t node = rf_json_member(doc, object, key, strlen(key), NULL);
    return node != RF_JSON_NONE && doc->nodes[node].kind == RF_JSON_NUMBER &&
           rf_json_uint64(doc, node, ret);
}

/** A member of exactly `size - 1` lower-case hex digits. */
static bool
read_hex(const struct rf_json *doc, uint32_t object, const char *key, char *ret, size_t size)
{
    char *text = read_text(doc, object, key);
    bool good = text != NULL && rf_hex_is(text, size - 1);
    if (good) {
        memcpy(ret, text, size);
    }
    free(text);
    return good;
}

/** What came with --from; false where it is there and cannot be read. */
static bool
read_close(const struct rf_json *doc, struct rf_meta *ret, const char **ret_bad)
{
    uint64_t version = 0;
    uint32_t pending = rf_json_member(doc, 0, "pending", strlen("pending"), NULL);
    ret->closed = read_text(doc, 0, "closed");
    *ret_bad = "closed";
    if (ret->closed == NULL &&
        rf_json_member(doc, 0, "closed", strlen("closed"), NULL) != RF_JSON_NONE) {
        return false;
    }
    *ret_bad = "stateVersion";
    if (rf_json_member(doc, 0, "stateVersion", strlen("stateVersion"), NULL) != RF_JSON_NONE &&
        (!read_count(doc, 0, "stateVersion", &version) || version > UINT32_MAX)) {
        return false;
    }
    ret->state_version = (uint32_t)version;
    *ret_bad = "rules";
    if (rf_json_member(doc, 0, "rules", strlen("rules"), NULL) != RF_JSON_NONE &&
        !read_hex(doc, 0, "rules", ret->rules, sizeof(ret->rules))) {
        return false;
    }
    *ret_bad = "pending";
    return pending == RF_JSON_NONE ||
           (doc->nodes[pending].kind == RF_JSON_OBJECT &&
            read_count(doc, pending, "lines", &ret->pending_lines) && ret->pending_lines > 0 &&
            read_hex(doc, pending, "sha256", ret->pending, sizeof(ret->pending)));
}

/** False where it is there and cannot be read: whoever took that for "nothing is private" would
 * compare hashes with values. */
static bool
read_private(struct rf_json *doc, struct rf_meta *ret)
{
    struct rf_buf text = {0};
    uint32_t private = rf_json_member(doc, 0, "private", strlen("private"), NULL);
    if (private == RF_JSON_NONE) {
        return true;
    }
    uint32_t paths = rf_json_member(doc, private, "paths", strlen("paths"), NULL);
    if (paths == RF_JSON_NONE || doc->nodes[paths].kind != RF_JSON_ARRAY ||
        !read_hex(doc, private, "check", ret->private_check, sizeof(ret->private_check)) ||
        rf_json_canonical(doc, paths, false, &text, NULL) != RF_OK) {
        rf_buf_done(&text);
        return false;
    }
    (void)rf_buf_text(&text);
    ret->private_paths = text.bytes;
    return true;
}

/** Blanks, line ends and the order of members are no edit of what it says. Members that are not
 * known here are sealed too. */
static enum rf_meta_seal
read_seal(struct rf_json *doc)
{
    struct rf_buf text = {0};
    char told[SEAL_BYTES];
    char right[SEAL_BYTES];
    enum rf_meta_seal found = RF_META_EDITED;
    if (rf_json_member(doc, 0, "seal", strlen("seal"), NULL) == RF_JSON_NONE) {
        return RF_META_UNSEALED;
    }
    if (read_hex(doc, 0, "seal", told, sizeof(told)) &&
        rf_json_canonical(doc, 0, false, &text, NULL) == RF_OK) {
        rf_buf_byte(&text, '\n');
        char *member = rf_format(",\"seal\":\"%s\"", told);
        const char *all = rf_buf_text(&text);
        const char *place = strstr(all, member); /* in a string its quotes were escaped */
        if (place != NULL) {
            const char *rest = place + strlen(member);
            make_seal(all, (size_t)(place - all), rest, strlen(rest), right);
            found = strcmp(told, right) == 0 ? RF_META_SEALED : RF_META_EDITED;
        }
        free(member);
    }
    rf_buf_done(&text);
    return found;
}

static rf_code
read_members(struct rf_json *doc, struct rf_meta *ret, struct rf_err *reterr)
{
    uint64_t format;
    if (doc->nodes[0].kind != RF_JSON_OBJECT || !read_count(doc, 0, "format", &format) ||
        format < 1) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the meta file has no format number");
    }
    if (format > RF_META_FORMAT) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "the golden was written by a newer refold (format %" PRIu64
                       ", this one reads %d)",
                       format, RF_META_FORMAT);
    }
    ret->aggregate = read_text(doc, 0, "aggregate");
    const char *bad = ret->aggregate == NULL                                          ? "aggregate"
                      : !read_count(doc, 0, "lines", &ret->lines)                     ? "lines"
                      : !read_count(doc, 0, "rejected", &ret->rejected)               ? "rejected"
                      : !read_hex(doc, 0, "states", ret->states, sizeof(ret->states)) ? "states"
                      : !read_hex(doc, 0, "history", ret->history, sizeof(ret->history)) ? "history"
                                                                                         : NULL;
    const char *bad_close = NULL;
    if (bad == NULL && !read_close(doc, ret, &bad_close)) {
        bad = bad_close;
    }
    if (bad == NULL && !read_private(doc, ret)) {
        bad = "private";
    }
    if (bad != NULL) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the meta file's member '%s' cannot be read",
                       bad);
    }
    uint32_t selection = rf_json_member(doc, 0, "selection", strlen("selection"), NULL);
    if (selection != RF_JSON_NONE) {
        ret->as_of = read_text(doc, selection, "asOf");
        ret->until = read_text(doc, selection, "until");
    }
    ret->seal = read_seal(doc);
    return RF_OK;
}

bool
rf_meta_is_unmerged(const char *text, size_t bytes)
{
    static const char marker[] = "<<<<<<<";
    return bytes >= strlen(marker) && memcmp(text, marker, strlen(marker)) == 0;
}

rf_code
rf_meta_read(const char *text, size_t bytes, struct rf_meta *ret, struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_err err;
    memset(ret, 0, sizeof(*ret));
    rf_code code = rf_json_read_whole(&doc, text, bytes, &err);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the meta file is no JSON: %s", err.text);
    } else {
        code = read_members(&doc, ret, reterr);
    }
    rf_json_done(&doc);
    if (code != RF_OK) {
        rf_meta_done(ret);
    }
    return code;
}
