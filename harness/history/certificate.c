/* SPDX-License-Identifier: MIT */
/* A certificate: which objects a history is made of, and what instances come of them. */
#include "history/certificate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/files.h"
#include "base/json.h"
#include "base/order.h"

#define FORMAT 1

static int
compare_objects(const void *left, const void *right)
{
    const struct rf_certified *a = left;
    const struct rf_certified *b = right;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : strcmp(a->sha256, b->sha256);
}

static void
put_object(const struct rf_certified *object, struct rf_buf *out)
{
    rf_buf_byte(out, '[');
    rf_escape_json(out, object->key, strlen(object->key));
    rf_buf_format(out, ",%" PRIu64 ",\"%s\"]", object->bytes, object->sha256);
}

/** Sorts the objects, and makes the digest of their lines. */
static void
seal(struct rf_certificate *certificate)
{
    struct rf_sha256 *sha = rf_sha256_new();
    struct rf_buf line = {0};
    if (certificate->count > 1) {
        qsort(certificate->objects, certificate->count, sizeof(*certificate->objects),
              compare_objects);
    }
    certificate->bytes = 0;
    for (size_t i = 0; i < certificate->count; i++) {
        rf_buf_clear(&line);
        put_object(&certificate->objects[i], &line);
        rf_buf_byte(&line, '\n');
        rf_sha256_add(sha, line.bytes, line.used);
        certificate->bytes += certificate->objects[i].bytes;
    }
    rf_buf_done(&line);
    rf_sha256_finish(sha, certificate->sha256);
}

static struct rf_certified *
add_object(struct rf_certificate *certificate, char *key, uint64_t bytes, const char *sha256)
{
    RF_GROW(certificate->objects, certificate->room, certificate->count + 1);
    struct rf_certified *object = &certificate->objects[certificate->count++];
    *object = (struct rf_certified){.key = key, .bytes = bytes};
    memcpy(object->sha256, sha256, RF_SHA256_HEX_BYTES);
    return object;
}

/** A key as a file can hold it: what is no UTF-8 stands there as U+FFFD. */
static char *
copy_key(const char *key)
{
    static const char strange[] = "\xef\xbf\xbd";
    struct rf_buf text = {0};
    size_t bytes = strlen(key);
    for (size_t at = 0; at < bytes;) {
        size_t valid = rf_utf8_valid(key + at, bytes - at);
        rf_buf_add(&text, key + at, valid);
        at += valid;
        if (at < bytes) {
            rf_buf_string(&text, strange);
            at++;
        }
    }
    char *copy = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return copy;
}

/** Whether it is history, and its bytes are known. One with a flaw was not opened, whatever a pack
 * says of it. */
static bool
is_certified(const struct rf_object *object, const struct rf_facts *facts)
{
    return facts->fate != RF_FATE_FOREIGN && facts->sha256 != NULL && object->flaw == NULL &&
           !object->pending;
}

void
rf_certificate_make(const struct rf_objects *objects, const struct rf_facts *facts,
                    struct rf_certificate *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        bool known = object->bytes != RF_BYTES_UNKNOWN;
        if (is_certified(object, &facts[i])) {
            add_object(ret, copy_key(object->key),
                       known ? object->bytes : facts[i].counts.stored_bytes, facts[i].sha256)
                ->number = (uint32_t)i;
        }
    }
    seal(ret);
}

void
rf_certificate_done(struct rf_certificate *certificate)
{
    for (size_t i = 0; i < certificate->count; i++) {
        free(certificate->objects[i].key);
    }
    free(certificate->objects);
    memset(certificate, 0, sizeof(*certificate));
}

/* ---- the file -------------------------------------------------------------------------------- */

void
rf_certificate_write(const struct rf_certificate *certificate, struct rf_buf *out)
{
    rf_buf_format(out, "{\"format\":%d,\"objects\":[", FORMAT);
    for (size_t i = 0; i < certificate->count; i++) {
        rf_buf_string(out, i == 0 ? "\n" : ",\n");
        put_object(&certificate->objects[i], out);
    }
    rf_buf_format(out, "\n],\"sha256\":\"%s\"", certificate->sha256);
    if (certificate->instances_sha256[0] != '\0') {
        rf_buf_format(out,
                      ",\n\"instances\":{\"count\":%" PRIu64 ",\"events\":%" PRIu64
                      ",\"sha256\":\"%s\"}",
                      certificate->instances, certificate->events, certificate->instances_sha256);
    }
    rf_buf_string(out, "}\n");
}

static rf_code
fail(const char *path, struct rf_err *reterr, const char *what)
{
    return rf_fail(reterr, RF_ERR_USAGE, path, "is no certificate of refold: %s", what);
}

/** A string of 64 hex digits. */
static bool
take_digest(const struct rf_json *doc, uint32_t node, char ret[RF_SHA256_HEX_BYTES])
{
    struct rf_buf scratch = {0};
    const char *text;
    size_t bytes;
    if (node == RF_JSON_NONE || doc->nodes[node].kind != RF_JSON_STRING) {
        return false;
    }
    rf_json_string(doc, node, &scratch, &text, &bytes);
    bool fits = bytes == RF_SHA256_HEX_BYTES - 1;
    for (size_t i = 0; i < bytes && fits; i++) {
        fits = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    }
    if (fits) {
        memcpy(ret, text, bytes);
        ret[bytes] = '\0';
    }
    rf_buf_done(&scratch);
    return fits;
}

/** ["key",bytes,"digest"] */
static bool
take_object(const struct rf_json *doc, uint32_t node, struct rf_certificate *ret)
{
    char sha256[RF_SHA256_HEX_BYTES];
    struct rf_buf scratch = {0};
    const char *key;
    size_t key_bytes;
    uint64_t bytes;
    if (doc->nodes[node].kind != RF_JSON_ARRAY || doc->nodes[node].count != 3 ||
        doc->nodes[node + 1].kind != RF_JSON_STRING || !rf_json_uint64(doc, node + 2, &bytes) ||
        !take_digest(doc, node + 3, sha256)) {
        return false;
    }
    rf_json_string(doc, node + 1, &scratch, &key, &key_bytes);
    (void)add_object(ret, rf_strndup(key, key_bytes), bytes, sha256);
    rf_buf_done(&scratch);
    return true;
}

static bool
take_count(const struct rf_json *doc, uint32_t object, const char *key, uint64_t *ret)
{
    uint32_t node = rf_json_member(doc, object, key, strlen(key), NULL);
    return node != RF_JSON_NONE && rf_json_uint64(doc, node, ret);
}

static bool
take_instances(const struct rf_json *doc, uint32_t node, struct rf_certificate *ret)
{
    return node == RF_JSON_NONE ||
           (take_count(doc, node, "count", &ret->instances) &&
            take_count(doc, node, "events", &ret->events) &&
            take_digest(doc, rf_json_member(doc, node, "sha256", 6, NULL), ret->instances_sha256));
}

static rf_code
read_doc(const char *path, const struct rf_json *doc, struct rf_certificate *ret,
         struct rf_err *reterr)
{
    char told[RF_SHA256_HEX_BYTES];
    uint64_t format;
    uint32_t objects = rf_json_member(doc, 0, "objects", 7, NULL);
    if (!take_count(doc, 0, "format", &format)) {
        return fail(path, reterr, "it has no format");
    }
    if (format != FORMAT) {
        return fail(path, reterr, "its format is another one than 1");
    }
    if (objects == RF_JSON_NONE || doc->nodes[objects].kind != RF_JSON_ARRAY ||
        !take_digest(doc, rf_json_member(doc, 0, "sha256", 6, NULL), told)) {
        return fail(path, reterr, "it lacks its objects or their digest");
    }
    uint32_t node = objects + 1;
    for (size_t i = 0; i < doc->nodes[objects].count; i++) {
        if (!take_object(doc, node, ret)) {
            return fail(path, reterr, "an object in it is none");
        }
        node = doc->nodes[node].next;
    }
    if (!take_instances(doc, rf_json_member(doc, 0, "instances", 9, NULL), ret)) {
        return fail(path, reterr, "its instances are none");
    }
    seal(ret);
    return strcmp(told, ret->sha256) == 0
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, path,
                         "was edited or cut: its digest is not that of the objects in it");
}

rf_code
rf_certificate_read(const char *path, struct rf_certificate *ret, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    struct rf_json doc = {0};
    struct rf_err ignored;
    memset(ret, 0, sizeof(*ret));
    rf_code code = rf_file_read(path, &text, reterr);
    if (code == RF_OK && rf_json_read_whole(&doc, text.bytes, text.used, &ignored) != RF_OK) {
        code = fail(path, reterr, "it is no JSON");
    }
    if (code == RF_OK) {
        code = read_doc(path, &doc, ret, reterr);
    }
    rf_json_done(&doc);
    rf_buf_done(&text);
    if (code != RF_OK) {
        rf_certificate_done(ret);
    }
    return code;
}

/* ---- what changed ---------------------------------------------------------------------------- */

/** Objects of one key: several, where several sources have it. Sorted by their digests. */
struct run {
    const struct rf_certified *objects;
    size_t count;
};

/** The objects from `at` on that have this key. */
static struct run
take_run(const struct rf_certificate *certificate, size_t *at, const char *key)
{
    struct run run = {certificate->objects + *at, 0};
    while (*at < certificate->count && strcmp(certificate->objects[*at].key, key) == 0) {
        run.count++;
        *at += 1;
    }
    return run;
}

/** How many objects are in both. */
static size_t
count_same(const struct run *old, const struct run *new)
{
    size_t same = 0;
    for (size_t i = 0, k = 0; i < old->count && k < new->count;) {
        const struct rf_certified *a = &old->objects[i];
        const struct rf_certified *b = &new->objects[k];
        int order = strcmp(a->sha256, b->sha256);
        same += order == 0 && a->bytes == b->bytes;
        i += order <= 0;
        k += order >= 0;
    }
    return same;
}

static void
note(uint64_t *total, const char **first, size_t count, const char *key)
{
    if (count > 0 && *total == 0) {
        *first = key;
    }
    *total += count;
}

struct rf_certificate_change
rf_certificate_compare(const struct rf_certificate *before, const struct rf_certificate *now)
{
    struct rf_certificate_change change = {0};
    size_t i = 0;
    size_t k = 0;
    while (i < before->count || k < now->count) {
        const char *old_key = i < before->count ? before->objects[i].key : NULL;
        const char *new_key = k < now->count ? now->objects[k].key : NULL;
        bool is_old = new_key == NULL || (old_key != NULL && strcmp(old_key, new_key) <= 0);
        const char *key = is_old ? old_key : new_key;
        struct run old = take_run(before, &i, key);
        struct run new = take_run(now, &k, key);
        size_t pairs = old.count < new.count ? old.count : new.count;
        note(&change.changed, &change.first_changed, pairs - count_same(&old, &new), key);
        note(&change.gone, &change.first_gone, old.count - pairs, key);
        note(&change.added, &change.first_added, new.count - pairs, key);
    }
    return change;
}

/* ---- twins ----------------------------------------------------------------------------------- */

static int
compare_contents(const void *left, const void *right)
{
    const struct rf_certified *a = *(const struct rf_certified *const *)left;
    const struct rf_certified *b = *(const struct rf_certified *const *)right;
    int order = strcmp(a->sha256, b->sha256);
    return order != 0 ? order : RF_ORDER(a, b);
}

struct rf_certificate_twins
rf_certificate_twins(const struct rf_certificate *certificate, const bool *untold)
{
    struct rf_certificate_twins twins = {0};
    const struct rf_certified **sorted =
        rf_calloc(certificate->count + 1, sizeof(const struct rf_certified *));
    const struct rf_certified *least = NULL;
    size_t count = 0;
    for (size_t i = 0; i < certificate->count; i++) {
        if (certificate->objects[i].bytes > 0) {
            sorted[count++] = &certificate->objects[i];
        }
    }
    qsort(sorted, count, sizeof(*sorted), compare_contents);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i]->sha256, sorted[i - 1]->sha256) != 0) {
            continue;
        }
        twins.count++;
        twins.untold +=
            untold != NULL && (untold[sorted[i - 1]->number] || untold[sorted[i]->number]);
        if (least == NULL || sorted[i] < least) {
            least = sorted[i];
            twins.first = sorted[i - 1]->key;
            twins.second = sorted[i]->key;
        }
    }
    free(sorted);
    return twins;
}
