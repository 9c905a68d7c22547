/* SPDX-License-Identifier: MIT */
/* The manifest of a digest golden. */
#include "golden/digest_manifest.h"

#include <inttypes.h>
#include <string.h>

#include "base/hex.h"
#include "base/json.h"
#include "history/history.h"

#define REMEDY "restore it from git, or bless again"

/** What the file ends with: the digest, and this around it. */
#define SEAL_FRONT "\"states\":\""
#define SEAL_END   "\"}\n"
#define SEAL_BYTES (sizeof(SEAL_FRONT) - 1 + RF_SHA256_HEX_BYTES - 1 + sizeof(SEAL_END) - 1)

_Static_assert(RF_BUCKET_COUNT % RF_SHARD_COUNT == 0, "a bucket's instances are of one shard");

size_t
rf_shard_of(const char *id, size_t id_bytes)
{
    return (size_t)(rf_hash(id, id_bytes, 0) % RF_SHARD_COUNT);
}

void
rf_shard_seal(struct rf_shard *shard, const struct rf_buf *text)
{
    rf_sha256_make(text->bytes, text->used, shard->digest);
}

bool
rf_shard_same(const struct rf_shard *a, const struct rf_shard *b)
{
    return a->lines == b->lines && strcmp(a->digest, b->digest) == 0;
}

void
rf_manifest_done(struct rf_manifest *manifest)
{
    rf_meta_done(&manifest->meta);
}

/* ---- writing --------------------------------------------------------------------------------- */

void
rf_manifest_write(struct rf_manifest *manifest, struct rf_buf *out)
{
    size_t start = out->used;
    rf_meta_write_front(&manifest->meta, out);
    rf_buf_string(out, ",\"shards\":[");
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        const struct rf_shard *shard = &manifest->shards[i];
        rf_buf_format(out, "%s\n[\"%s\",%" PRIu64 "]", i == 0 ? "" : ",", shard->digest,
                      shard->lines);
    }
    rf_buf_string(out, "\n],");
    rf_sha256_make(out->bytes + start, out->used - start, manifest->meta.states);
    rf_buf_format(out, SEAL_FRONT "%s" SEAL_END, manifest->meta.states);
}

/* ---- reading --------------------------------------------------------------------------------- */

/** A shard's `["digest",lines]`. */
static bool
read_shard(const struct rf_json *doc, uint32_t node, struct rf_shard *ret)
{
    size_t bytes;
    if (doc->nodes[node].kind != RF_JSON_ARRAY || doc->nodes[node].count != 2) {
        return false;
    }
    uint32_t digest = node + 1;
    uint32_t lines = doc->nodes[digest].next;
    const char *token = rf_json_token(doc, digest, &bytes);
    if (doc->nodes[digest].kind != RF_JSON_STRING || bytes != RF_SHA256_HEX_BYTES + 1 ||
        doc->nodes[lines].kind != RF_JSON_NUMBER || !rf_json_uint64(doc, lines, &ret->lines)) {
        return false;
    }
    memcpy(ret->digest, token + 1, RF_SHA256_HEX_BYTES - 1);
    ret->digest[RF_SHA256_HEX_BYTES - 1] = '\0';
    return rf_hex_is(ret->digest, RF_SHA256_HEX_BYTES - 1);
}

static rf_code
read_shards(const struct rf_json *doc, struct rf_manifest *ret, struct rf_err *reterr)
{
    uint32_t array = rf_json_member(doc, 0, "shards", strlen("shards"), NULL);
    if (array == RF_JSON_NONE || doc->nodes[array].kind != RF_JSON_ARRAY ||
        doc->nodes[array].count != RF_SHARD_COUNT) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the manifest has not %d shards: " REMEDY,
                       RF_SHARD_COUNT);
    }
    uint64_t lines = 0;
    uint32_t node = array + 1;
    for (size_t i = 0; i < RF_SHARD_COUNT; i++, node = doc->nodes[node].next) {
        if (!read_shard(doc, node, &ret->shards[i])) {
            return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                           "shard %zu of the manifest cannot be read: " REMEDY, i);
        }
        lines += ret->shards[i].lines;
    }
    if (lines != ret->meta.lines) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "the manifest tells of %" PRIu64 " lines, its shards of %" PRIu64
                       ": " REMEDY,
                       ret->meta.lines, lines);
    }
    return RF_OK;
}

/** All of it is as it was written: nobody has edited it, no merge has mixed two of them. */
static rf_code
check_seal(const char *text, size_t bytes, const struct rf_manifest *manifest,
           struct rf_err *reterr)
{
    char hex[RF_SHA256_HEX_BYTES];
    const char *seal = bytes < SEAL_BYTES ? NULL : text + bytes - SEAL_BYTES;
    if (seal != NULL && memcmp(seal, SEAL_FRONT, sizeof(SEAL_FRONT) - 1) == 0 &&
        memcmp(text + bytes - (sizeof(SEAL_END) - 1), SEAL_END, sizeof(SEAL_END) - 1) == 0) {
        rf_sha256_make(text, bytes - SEAL_BYTES, hex);
        if (strcmp(hex, manifest->meta.states) == 0) {
            return RF_OK;
        }
    }
    return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                   "the manifest is not as it was written: it was edited, merged, or its line ends "
                   "were changed: " REMEDY);
}

rf_code
rf_manifest_read(const char *text, size_t bytes, struct rf_manifest *ret, struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_err err;
    memset(ret, 0, sizeof(*ret));
    rf_code code = rf_json_read_whole(&doc, text, bytes, &err);
    if (code != RF_OK && rf_meta_is_unmerged(text, bytes)) {
        code = rf_fail(reterr, RF_ERR_MALFORMED, NULL, RF_META_UNMERGED);
    } else if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_MALFORMED, NULL, "the manifest is no JSON: %s: " REMEDY,
                       err.text);
    } else if (rf_meta_read(text, bytes, &ret->meta, &err) != RF_OK) {
        code = rf_fail(reterr, RF_ERR_MALFORMED, NULL, "%s: " REMEDY, err.text);
    } else {
        code = read_shards(&doc, ret, reterr);
        code = code == RF_OK ? check_seal(text, bytes, ret, reterr) : code;
    }
    rf_json_done(&doc);
    if (code != RF_OK) {
        rf_manifest_done(ret);
    }
    return code;
}
