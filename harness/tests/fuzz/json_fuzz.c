/* SPDX-License-Identifier: MIT */
/*
 * One JSON text: rf_json_read_whole against jansson and simdjson, and rf_json_read_scalar, the hash
 * plan, the stencil and the recognizer against rf_json_read. A difference ends the program. The
 * same bytes are tried as a stencil, too.
 *
 * Peers differ from RFC 8259, or from our limits, where differs_rightly says so, and nowhere else.
 */
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_hash_plan.h"
#include "base/limits.h"
#include "base/stencil.h"
#include "decode/recognize.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {NULL};

static struct rf_recognizer *learned; /**< knows the seeds, and learns no more */

const char *
fuzz_against(void)
{
    static char text[128];
#ifdef FUZZ_HAVE_SIMDJSON
    (void)snprintf(text, sizeof(text), "jansson %s and simdjson %s", jansson_version_str(),
                   fuzz_simdjson_version());
#else
    (void)snprintf(text, sizeof(text),
                   "jansson %s; not against simdjson: libsimdjson-dev is not installed",
                   jansson_version_str());
#endif
    return text;
}

static void
learn(struct rf_recognizer *recognizer, struct rf_json *doc)
{
    uint64_t repeated;
    (void)rf_json_hash(doc, 0, &repeated);
    if (repeated > 0 || doc->nodes[0].kind != RF_JSON_OBJECT) {
        return;
    }
    const uint32_t found[] = {0};
    struct rf_lesson lesson = {.doc = doc, .nodes = found, .node_count = 1};
    rf_recognizer_learn(recognizer, &lesson);
}

void
fuzz_begin(struct seeds *seeds)
{
    seeds_init(seeds);
    learned = rf_recognizer_new();
    struct rf_json doc = {0};
    for (size_t i = 0; i < seeds->count; i++) {
        size_t end;
        struct rf_json_node *scalars;
        const struct seed *seed = &seeds->list[i];
        if (rf_json_read_whole(&doc, seed->bytes, seed->count, NULL) == RF_OK &&
            rf_recognize(learned, seed->bytes, seed->count, &end, &scalars) == NULL) {
            learn(learned, &doc);
        }
    }
    rf_json_done(&doc);
}

/* ---- what is accepted ---- */

static bool
jansson_accepts(const char *text, size_t bytes)
{
    json_error_t error;
    json_t *value =
        json_loadb(text, bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    json_decref(value);
    return value != NULL;
}

static bool
any_node(const struct rf_json *doc, bool (*is)(const struct rf_json *doc, uint32_t node))
{
    for (uint32_t node = 0; node < doc->used; node++) {
        if (is(doc, node)) {
            return true;
        }
    }
    return false;
}

/** No double is near it: both peers refuse the text, where refold keeps the token. */
static bool
is_not_finite(const struct rf_json *doc, uint32_t node)
{
    double real;
    return doc->nodes[node].kind == RF_JSON_NUMBER && !rf_json_real(doc, node, &real);
}

/** An integer that fits neither of 64 bits: simdjson refuses the text. (jansson would refuse it
 * from 2^63 on, but for JSON_DECODE_INT_AS_REAL.) */
static bool
is_wide(const struct rf_json *doc, uint32_t node)
{
    int64_t whole;
    uint64_t positive;
    return doc->nodes[node].kind == RF_JSON_NUMBER &&
           (doc->nodes[node].flags & RF_JSON_REAL) == 0 && !rf_json_int64(doc, node, &whole) &&
           !rf_json_uint64(doc, node, &positive);
}

/** A string with a NUL: jansson takes none as a key, JSON_ALLOW_NUL or not. */
static bool
holds_nul(const struct rf_json *doc, uint32_t node)
{
    if (doc->nodes[node].kind != RF_JSON_STRING ||
        (doc->nodes[node].flags & RF_JSON_ESCAPED) == 0) {
        return false;
    }
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(doc, node, &scratch, &bytes, &count);
    bool holds = memchr(bytes, '\0', count) != NULL;
    rf_buf_done(&scratch);
    return holds;
}

/** jansson 2.14 loses a NUL byte behind a number or a word: what it puts back into its buffer ends
 * that. Whether the text is one without such bytes, then. */
static bool
is_one_without_nuls(const char *text, size_t bytes)
{
    struct rf_buf left = {0};
    struct rf_json doc = {0};
    struct rf_err err;
    rf_buf_add(&left, text, bytes);
    rf_code code = rf_json_read_whole(&doc, left.bytes, left.used, &err);
    while (code == RF_ERR_MALFORMED && err.offset_bytes > 0 &&
           left.bytes[err.offset_bytes] == '\0' &&
           isalnum((unsigned char)left.bytes[err.offset_bytes - 1])) {
        char *nul = left.bytes + err.offset_bytes;
        memmove(nul, nul + 1, (size_t)(left.bytes + left.used - (nul + 1)));
        left.used--;
        code = rf_json_read_whole(&doc, left.bytes, left.used, &err);
    }
    rf_buf_done(&left);
    rf_json_done(&doc);
    return code == RF_OK;
}

/** Of a text that refold takes (code RF_OK; it is in doc) or refuses, and a peer does not. */
static bool
differs_rightly(const char *text, size_t bytes, const struct rf_json *doc, rf_code code,
                enum fuzz_peer peer)
{
    if (code == RF_ERR_LIMIT) {
        return true; /* deeper than 512 values: jansson goes on to 2048, simdjson to 1024 */
    }
    if (peer == FUZZ_JANSSON) {
        return code == RF_OK ? any_node(doc, is_not_finite) || any_node(doc, holds_nul)
                             : is_one_without_nuls(text, bytes);
    }
    return code == RF_OK && (any_node(doc, is_not_finite) || any_node(doc, is_wide));
}

static void
compare_peer(const char *text, size_t bytes, const struct rf_json *doc, rf_code code,
             enum fuzz_peer peer, bool accepts)
{
    if ((code == RF_OK) != accepts && !differs_rightly(text, bytes, doc, code, peer)) {
        fuzz_fail(text, bytes, "%s: %s %s it", code == RF_OK ? "accepted" : "refused",
                  peer == FUZZ_JANSSON ? "jansson" : "simdjson", accepts ? "accepts" : "refuses");
    }
    fuzz_count(accepts ? FUZZ_ACCEPTED : FUZZ_REFUSED);
}

/* ---- refold against itself ---- */

static bool
same_scalar(const struct rf_json_node *a, const struct rf_json_node *b)
{
    return a->start == b->start && a->end == b->end && a->kind == b->kind && a->flags == b->flags;
}

/** Each scalar by itself is what it was among the others. */
static void
compare_scalars(const char *text, size_t bytes, const struct rf_json *doc)
{
    for (uint32_t i = 0; i < doc->used; i++) {
        const struct rf_json_node *node = &doc->nodes[i];
        struct rf_json_node alone;
        bool read = rf_json_read_scalar(text, node->start, bytes, &alone);
        if (node->kind >= RF_JSON_ARRAY) {
            fuzz_expect(text, bytes, !read, "a container is read as a scalar");
        } else if (node->kind == RF_JSON_NUMBER && node->end == bytes) {
            fuzz_expect(text, bytes, !read, "a number's end is told at the text's end");
        } else {
            fuzz_expect(text, bytes, read && same_scalar(&alone, node), "a scalar differs");
        }
    }
}

/** A scalar that begins anywhere is what a reader of it alone says. */
static void
compare_scalar_at(const char *text, size_t bytes, size_t at)
{
    struct rf_json doc = {0};
    struct rf_json_node alone;
    size_t end = 0;
    bool read = rf_json_read_scalar(text, at, bytes, &alone);
    bool blank = memchr(" \t\r\n", text[at], 4) != NULL;
    bool whole = !blank && rf_json_read(&doc, text + at, bytes - at, &end, NULL) == RF_OK &&
                 doc.nodes[0].kind < RF_JSON_ARRAY &&
                 (doc.nodes[0].kind != RF_JSON_NUMBER || at + end < bytes);
    fuzz_expect(text, bytes, read == whole, "a scalar is read, or it is not");
    fuzz_expect(text, bytes,
                !read || (alone.start == at && alone.end == at + end &&
                          alone.kind == doc.nodes[0].kind && alone.flags == doc.nodes[0].flags),
                "a scalar is another");
    rf_json_done(&doc);
}

/** The record at the front of the text was recognized: reading it in full gives the same. */
static void
compare_known(const char *text, size_t bytes, struct rf_recognizer *recognizer,
              const struct rf_known *known, size_t end, const struct rf_json_node *nodes)
{
    struct rf_json doc = {0};
    size_t read_end;
    rf_code code = rf_json_read(&doc, text, bytes, &read_end, NULL);
    fuzz_expect(text, bytes, code == RF_OK && end == read_end, "recognized wrongly");
    uint64_t repeated;
    uint64_t hash = rf_json_hash(&doc, 0, &repeated);
    fuzz_expect(text, bytes, repeated == 0, "a repeated key was learned");
    fuzz_expect(text, bytes, rf_recognizer_hash(recognizer, known) == hash, "the hash");

    struct rf_buf tokens = {0};
    struct rf_buf filled = {0};
    uint16_t ends[RF_STENCIL_HOLES];
    for (uint32_t i = 0; i < known->scalars; i++) {
        rf_buf_add(&tokens, text + nodes[i].start, nodes[i].end - nodes[i].start);
        ends[i] = (uint16_t)tokens.used;
    }
    struct rf_stencil stencil;
    bool read = rf_stencil_read(known->stencil.bytes, known->stencil.used, &stencil);
    fuzz_expect(text, bytes,
                read && stencil.count == known->scalars && stencil.doc.used == doc.used,
                "the stencil");
    for (uint32_t node = 0; node < doc.used; node++) {
        rf_buf_clear(&filled);
        rf_stencil_fill(&stencil, node, tokens.bytes, ends, &filled);
        size_t count = doc.nodes[node].end - doc.nodes[node].start;
        fuzz_expect(text, bytes,
                    filled.used == count &&
                        memcmp(filled.bytes, text + doc.nodes[node].start, count) == 0,
                    "the stencil with its scalars");
    }
    rf_stencil_done(&stencil);
    rf_buf_done(&tokens);
    rf_buf_done(&filled);
    rf_json_done(&doc);
    fuzz_count(FUZZ_KNOWN);
}

/** By those that know the seeds, and by one that knows this text alone. */
static void
compare_recognizers(const char *text, size_t bytes, struct rf_json *doc, rf_code code)
{
    if (bytes == 0 || text[0] != '{') {
        return;
    }
    size_t end;
    struct rf_json_node *nodes;
    struct rf_known *known = rf_recognize(learned, text, bytes, &end, &nodes);
    if (known != NULL) {
        compare_known(text, bytes, learned, known, end, nodes);
    }
    if (code != RF_OK) {
        return;
    }
    struct rf_recognizer *own = rf_recognizer_new();
    fuzz_expect(text, bytes, rf_recognize(own, text, bytes, &end, &nodes) == NULL, "known at once");
    learn(own, doc);
    known = rf_recognize(own, text, bytes, &end, &nodes);
    if (known != NULL) {
        compare_known(text, bytes, own, known, end, nodes);
    }
    rf_recognizer_free(own);
}

/** The text as a stencil, which may be damaged: what is taken gives valid JSON of the same shape.
 */
static void
try_stencil(const char *text, size_t bytes)
{
    static const char scalar[] = "\"x\"";
    struct rf_stencil stencil;
    if (!rf_stencil_read(text, bytes, &stencil)) {
        return;
    }
    struct rf_buf tokens = {0};
    struct rf_buf filled = {0};
    struct rf_json doc = {0};
    uint16_t ends[RF_STENCIL_HOLES];
    for (uint32_t i = 0; i < stencil.count; i++) {
        rf_buf_string(&tokens, scalar);
        ends[i] = (uint16_t)tokens.used;
    }
    rf_stencil_fill(&stencil, 0, tokens.bytes, ends, &filled);
    rf_code code = rf_json_read_whole(&doc, filled.bytes, filled.used, NULL);
    fuzz_expect(text, bytes, code == RF_OK && doc.used == stencil.doc.used, "a stencil of no JSON");
    rf_json_done(&doc);
    rf_buf_done(&filled);
    rf_buf_done(&tokens);
    rf_stencil_done(&stencil);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    char *text = rf_alloc(bytes); /* its own memory: a byte read too many is seen */
    memcpy(text, input, bytes);
    struct rf_json doc = {0};
    rf_code code = rf_json_read_whole(&doc, text, bytes, NULL);
    compare_peer(text, bytes, &doc, code, FUZZ_JANSSON, jansson_accepts(text, bytes));
#ifdef FUZZ_HAVE_SIMDJSON
    compare_peer(text, bytes, &doc, code, FUZZ_SIMDJSON, fuzz_simdjson_accepts(text, bytes));
#endif
    compare_scalars(text, bytes, &doc);
    for (size_t at = 0; at < bytes && at < 256; at += 7) {
        compare_scalar_at(text, bytes, at);
    }
    compare_recognizers(text, bytes, &doc, code);
    try_stencil(text, bytes);
    rf_json_done(&doc);
    free(text);
    return 0;
}
