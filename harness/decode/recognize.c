/* SPDX-License-Identifier: MIT */
/* Records that are like one that was read before: a tree over what stands between their scalars. */
#include "decode/recognize.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_scan.h"

#if defined(__SSE2__) && !defined(RF_NO_SIMD)
#include <emmintrin.h>
#define COMPARE_AT_ONCE 16
#else
#define COMPARE_AT_ONCE 8
#endif

/* So that a history of which no two records are alike costs neither memory nor much time. */
enum { EDGES_MOST = 32768, BESIDE_MOST = 48, RECORD_BYTES_MOST = 32768, NODES_MOST = 1024 };
/** Of texts, and of what is known of records; one record can add a little to either. */
#define KEPT_BYTES_MOST ((size_t)8 << 20)
/** After so many records in a row that were like none, only one in IDLE_STEP is tried; and after so
 * many that could not be learned, only one in IDLE_STEP of those. */
enum { MISSES_MOST = 256, IDLE_STEP = 16 };

/** A text between two scalars, in front of the first, or behind the last one. */
struct edge {
    char *text; /**< owned; zeroed behind its end up to a multiple of COMPARE_AT_ONCE */
    uint32_t bytes;
    uint32_t beside;        /**< another that may stand at the same place; or 0 */
    uint32_t behind;        /**< the first of those that may follow its scalar; or 0 */
    struct rf_known *known; /**< the record ends with it; owned; or NULL: a scalar follows */
};

struct rf_recognizer {
    struct edge *edges; /**< [0].behind is the first of those that a record may begin with */
    uint32_t count;
    uint32_t room;
    size_t kept_bytes;
    uint32_t misses; /**< records in a row that were like none */
    uint32_t vain;   /**< lessons in a row that nothing was learned from */
    bool tried;      /**< the last one was looked for */
    bool blind;      /**< it learns nothing */
    struct rf_json_node scalars[RF_STENCIL_HOLES];
};

static bool blind_from_now_on;

void
rf_recognizer_blind(bool blind)
{
    blind_from_now_on = blind;
}

static void
free_known(struct rf_known *known)
{
    if (known != NULL) {
        free(known->found);
        rf_hash_plan_done(&known->hash);
        rf_buf_done(&known->stencil);
        free(known);
    }
}

static void
forget(struct rf_recognizer *recognizer)
{
    for (uint32_t i = 1; i < recognizer->count; i++) {
        free(recognizer->edges[i].text);
        free_known(recognizer->edges[i].known);
    }
}

struct rf_recognizer *
rf_recognizer_new(void)
{
    struct rf_recognizer *recognizer = rf_calloc(1, sizeof(*recognizer));
    recognizer->blind = blind_from_now_on;
    rf_recognizer_clear(recognizer);
    return recognizer;
}

void
rf_recognizer_free(struct rf_recognizer *recognizer)
{
    if (recognizer != NULL) {
        forget(recognizer);
        free(recognizer->edges);
        free(recognizer);
    }
}

void
rf_recognizer_clear(struct rf_recognizer *recognizer)
{
    forget(recognizer);
    RF_GROW(recognizer->edges, recognizer->room, 1);
    recognizer->edges[0] = (struct edge){0};
    recognizer->count = 1;
    recognizer->kept_bytes = 0;
    recognizer->misses = 0;
    recognizer->vain = 0;
}

/* ---- recognizing ----------------------------------------------------------------------------- */

/** Whether `text` begins with the edge's text; at least `bytes` of it can be read. */
static inline bool
begins_with(const struct edge *edge, const char *text, size_t bytes)
{
    uint32_t at = 0;
    if (bytes < edge->bytes + (size_t)COMPARE_AT_ONCE) {
        return bytes >= edge->bytes && memcmp(text, edge->text, edge->bytes) == 0;
    }
    do {
        uint32_t left = edge->bytes - at;
#if COMPARE_AT_ONCE == 16
        __m128i own = _mm_loadu_si128((const __m128i *)(const void *)(edge->text + at));
        __m128i found = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        unsigned unlike = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(own, found)) & 0xffffu;
        unsigned counts = left >= 16 ? 0xffffu : (1u << left) - 1;
        if ((unlike & counts) != 0) {
            return false;
        }
#else
        if (memcmp(edge->text + at, text + at, left < COMPARE_AT_ONCE ? left : COMPARE_AT_ONCE)) {
            return false;
        }
#endif
        at += COMPARE_AT_ONCE;
    } while (at < edge->bytes);
    return true;
}

/** Whether a scalar can begin with this byte. */
static inline bool
begins_scalar(char byte)
{
    return byte == '"' || byte == '-' || (byte >= '0' && byte <= '9') || byte == 't' ||
           byte == 'f' || byte == 'n';
}

/** The edge that `text` begins with, moved to the front of those beside it: records of a kind often
 * come together. One that a scalar follows is not another whose text goes on. */
static inline uint32_t
find_edge(struct edge *edges, uint32_t *first, const char *text, size_t bytes)
{
    uint32_t before = 0;
    for (uint32_t at = *first; at != 0; before = at, at = edges[at].beside) {
        struct edge *edge = &edges[at];
        if (!begins_with(edge, text, bytes) ||
            (edge->known == NULL && (bytes == edge->bytes || !begins_scalar(text[edge->bytes])))) {
            continue;
        }
        if (before != 0) {
            edges[before].beside = edge->beside;
            edge->beside = *first;
            *first = at;
        }
        return at;
    }
    return 0;
}

/** Reads the scalar at text[at]; most are plain strings and small integers.
 * @return  the place behind it; 0 where it is not whole, or not valid */
static inline size_t
read_scalar(const char *text, size_t at, size_t bytes, struct rf_json_node *ret)
{
    const unsigned char *start = (const unsigned char *)text + at;
    const unsigned char *end = (const unsigned char *)text + bytes;
    const unsigned char *behind;
    ret->start = (uint32_t)at;
    ret->flags = 0;
    if (*start == '"') {
        behind = rf_scan_plain(start + 1, end);
        if (behind < end && *behind == '"') {
            ret->kind = RF_JSON_STRING;
            ret->end = (uint32_t)(behind + 1 - (const unsigned char *)text);
            return ret->end;
        }
    } else if (*start >= '1' && *start <= '9') {
        behind = start + 1;
        while (behind < end && (unsigned)(*behind - '0') <= 9) {
            behind++;
        }
        if (behind < end && *behind != '.' && (*behind | 0x20) != 'e') {
            ret->kind = RF_JSON_NUMBER;
            ret->end = (uint32_t)(behind - (const unsigned char *)text);
            return ret->end;
        }
    }
    return rf_json_read_scalar(text, at, bytes, ret) ? ret->end : 0;
}

static struct rf_known *
follow(struct rf_recognizer *recognizer, const char *text, size_t bytes, size_t *ret_end)
{
    struct edge *edges = recognizer->edges;
    uint32_t *first = &edges->behind;
    size_t at = 0;
    for (uint32_t count = 0;; count++) {
        uint32_t found = find_edge(edges, first, text + at, bytes - at);
        if (found == 0) {
            return NULL;
        }
        at += edges[found].bytes;
        if (edges[found].known != NULL) {
            *ret_end = at;
            return edges[found].known;
        }
        RF_VERIFY(count < RF_STENCIL_HOLES);
        at = read_scalar(text, at, bytes, &recognizer->scalars[count]);
        if (at == 0) {
            return NULL;
        }
        first = &edges[found].behind;
    }
}

struct rf_known *
rf_recognize(struct rf_recognizer *recognizer, const char *text, size_t bytes, size_t *ret_end,
             struct rf_json_node **ret_scalars)
{
    recognizer->tried = recognizer->misses < MISSES_MOST || recognizer->misses % IDLE_STEP == 0;
    if (!recognizer->tried) {
        recognizer->misses++;
        return NULL;
    }
    /* Offsets are those of nodes, and what is looked at in vain is little. */
    size_t most = bytes < RECORD_BYTES_MOST ? bytes : RECORD_BYTES_MOST;
    struct rf_known *known = follow(recognizer, text, most, ret_end);
    recognizer->misses = known == NULL ? recognizer->misses + 1 : 0;
    *ret_scalars = recognizer->scalars;
    return known;
}

/* ---- learning -------------------------------------------------------------------------------- */

/** The scalars of a record in their order, and which of them each node is. */
struct scalars {
    uint32_t nodes[RF_STENCIL_HOLES];
    uint32_t count;
    uint32_t place[NODES_MOST]; /**< of each node: scalars in front of it */
};

/** Lists the scalars of the value at `node`; false where they are too many. Depth is the reader's,
 * at most that of a hash plan for what is data; around it the envelope's steps. */
static bool
list_scalars(const struct rf_json *doc, uint32_t node, unsigned depth, struct scalars *ret)
{
    const struct rf_json_node *value = &doc->nodes[node];
    ret->place[node] = ret->count;
    if (value->kind < RF_JSON_ARRAY) {
        if (ret->count == RF_STENCIL_HOLES) {
            return false;
        }
        ret->nodes[ret->count++] = node;
        return true;
    }
    bool object = value->kind == RF_JSON_OBJECT;
    uint32_t at = node + 1;
    for (uint32_t left = value->count; left > 0; left--) {
        at += object;
        if (depth == 2 * RF_HASH_PLAN_DEPTH || !list_scalars(doc, at, depth + 1, ret)) {
            return false;
        }
        at = doc->nodes[at].next;
    }
    return true;
}

/** Fills in what records like this one have in common; false where they cannot be known. */
static bool
describe(const struct rf_lesson *lesson, const struct scalars *scalars, struct rf_known *ret)
{
    const struct rf_json_node *nodes = lesson->doc->nodes;
    const struct rf_json_node *data = &nodes[lesson->data];
    uint32_t first = scalars->place[lesson->data];
    uint32_t behind = first;
    while (behind < scalars->count && scalars->nodes[behind] < data->next) {
        behind++;
    }
    if (data->kind != RF_JSON_OBJECT || behind == first ||
        !rf_hash_plan_make(lesson->doc, lesson->data, &ret->hash)) {
        return false;
    }
    ret->scalars = scalars->count;
    ret->envelope = lesson->envelope;
    ret->stencil_number = UINT32_MAX;
    ret->data_scalar = first;
    ret->data_scalars = behind - first;
    ret->data_lead = nodes[scalars->nodes[first]].start - data->start;
    ret->data_tail = data->end - nodes[scalars->nodes[behind - 1]].end;
    uint32_t at = data->start;
    for (uint32_t i = first; i < behind; i++) {
        const struct rf_json_node *scalar = &nodes[scalars->nodes[i]];
        rf_buf_add(&ret->stencil, lesson->doc->text + at, scalar->start - at);
        rf_buf_byte(&ret->stencil, RF_STENCIL_HOLE);
        at = scalar->end;
    }
    rf_buf_add(&ret->stencil, lesson->doc->text + at, data->end - at);
    ret->found = rf_calloc(lesson->steps, sizeof(*ret->found));
    for (uint32_t i = 0; i < lesson->steps; i++) {
        uint32_t node = lesson->found[i];
        bool scalar = node != RF_JSON_NONE && nodes[node].kind < RF_JSON_ARRAY;
        ret->found[i] = scalar ? scalars->place[node] : RF_JSON_NONE;
    }
    return true;
}

/** Whether no further record can be learned. */
static bool
is_full(const struct rf_recognizer *recognizer)
{
    return recognizer->count == EDGES_MOST || recognizer->kept_bytes > KEPT_BYTES_MOST;
}

/** The edge with exactly this text among those behind `before`; made where there is none, and 0
 * where they are too many. */
static uint32_t
put_edge(struct rf_recognizer *recognizer, uint32_t before, const char *text, uint32_t bytes,
         bool last)
{
    struct edge *edges = recognizer->edges;
    uint32_t beside = 0;
    for (uint32_t at = edges[before].behind; at != 0; at = edges[at].beside) {
        if (edges[at].bytes == bytes && (edges[at].known != NULL) == last &&
            memcmp(edges[at].text, text, bytes) == 0) {
            return at;
        }
        beside++;
    }
    if (beside == BESIDE_MOST || is_full(recognizer)) {
        return 0;
    }
    RF_GROW(recognizer->edges, recognizer->room, recognizer->count + 1);
    uint32_t fresh = recognizer->count++;
    struct edge *edge = &recognizer->edges[fresh];
    *edge = (struct edge){.text = rf_calloc(1, bytes + COMPARE_AT_ONCE), .bytes = bytes};
    memcpy(edge->text, text, bytes);
    recognizer->kept_bytes += bytes + COMPARE_AT_ONCE;
    edge->beside = recognizer->edges[before].behind;
    recognizer->edges[before].behind = fresh;
    return fresh;
}

/** Puts the record's texts into the tree. @return whether `known` is in it now, and no longer the
 * caller's */
static bool
put_record(struct rf_recognizer *recognizer, const struct rf_json *doc,
           const struct scalars *scalars, struct rf_known *known)
{
    uint32_t edge = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i <= scalars->count; i++) {
        bool last = i == scalars->count;
        const struct rf_json_node *scalar = last ? NULL : &doc->nodes[scalars->nodes[i]];
        uint32_t end = last ? doc->nodes[0].end : scalar->start;
        edge = put_edge(recognizer, edge, doc->text + at, end - at, last);
        if (edge == 0) {
            recognizer->vain++;
            return false;
        }
        at = last ? end : scalar->end;
    }
    recognizer->vain = 0;
    if (recognizer->edges[edge].known != NULL) {
        return false; /* it is there, though this one record was not recognized */
    }
    recognizer->edges[edge].known = known;
    recognizer->kept_bytes +=
        sizeof(*known) + known->stencil.room + known->hash.room * sizeof(*known->hash.steps);
    return true;
}

/** Whether it is worth looking closer at a record. */
static bool
may_learn(struct rf_recognizer *recognizer, const struct rf_json *doc)
{
    if (recognizer->blind || !recognizer->tried || is_full(recognizer) || doc->used > NODES_MOST ||
        doc->nodes[0].end > RECORD_BYTES_MOST) {
        return false;
    }
    if (recognizer->vain < MISSES_MOST || recognizer->vain % IDLE_STEP == 0) {
        return true;
    }
    recognizer->vain++;
    return false;
}

void
rf_recognizer_learn(struct rf_recognizer *recognizer, const struct rf_lesson *lesson)
{
    struct scalars scalars;
    scalars.count = 0;
    if (!may_learn(recognizer, lesson->doc)) {
        return;
    }
    struct rf_known *known = rf_calloc(1, sizeof(*known));
    if (!list_scalars(lesson->doc, 0, 0, &scalars) || !describe(lesson, &scalars, known)) {
        recognizer->vain++;
        free_known(known);
    } else if (!put_record(recognizer, lesson->doc, &scalars, known)) {
        free_known(known);
    }
}
