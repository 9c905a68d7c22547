/* SPDX-License-Identifier: MIT */
/* Records that are like one that was read before: a tree over what stands between their scalars. */
#include "decode/recognize.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_scalar.h"

/** Texts are compared by words of so many bytes. */
#define WORD_BYTES sizeof(uint64_t)

/* So that a history of which no two records are alike costs neither memory nor much time. */
enum { EDGES_MOST = 32768, BESIDE_MOST = 48, RECORD_BYTES_MOST = 32768, NODES_MOST = 1024 };
/** Of texts, and of what is known of records; one record can add a little to either. */
#define KEPT_BYTES_MOST ((size_t)8 << 20)
/** After so many records in a row that were like none, only one in IDLE_STEP is tried; and after so
 * many that could not be learned, only one in IDLE_STEP of those. */
enum { MISSES_MOST = 256, IDLE_STEP = 16 };

/** A text between two scalars, in front of the first, or behind the last one. Most have no more
 * than two words, and which of those beside one another comes is told by the first of them. */
struct edge {
    uint64_t first; /**< its first word, as it lies in memory; zeroed behind its end */
    uint64_t mask;  /**< the bytes of that which are its own */
    uint64_t last;  /**< its last word, if it has more bytes than one */
    uint32_t bytes;
    bool hashed;   /**< the scalar behind it is one of the data's, in some record */
    uint32_t need; /**< compare it by words where so many bytes are at hand; UINT32_MAX: never */
    struct edge *behind;    /**< the first of those that may follow its scalar; or NULL */
    struct edge *beside;    /**< another that may stand at the same place; or NULL */
    struct edge *older;     /**< the one that was made before; or NULL */
    struct rf_known *known; /**< the record ends with it; owned; or NULL: a scalar follows */
    char text[];
};

struct rf_recognizer {
    struct edge *begin;  /**< the first of those that a record may begin with; or NULL */
    struct edge *newest; /**< of all; owned, as those before it are */
    uint32_t count;
    size_t kept_bytes;
    uint32_t misses; /**< records in a row that were like none */
    uint32_t vain;   /**< lessons in a row that nothing was learned from */
    bool tried;      /**< the last one was looked for */
    bool blind;      /**< it learns nothing */
    /* of the record that was recognized last */
    const char *text;
    bool unhashed; /**< of some of the data's scalars the hash is not known */
    struct rf_json_node scalars[RF_STENCIL_HOLES];
    uint64_t hashes[RF_STENCIL_HOLES]; /**< of the data's scalars; 0: not known */
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
        free(known->places);
        rf_hash_plan_done(&known->hash);
        rf_buf_done(&known->stencil);
        free(known);
    }
}

static void
forget(struct rf_recognizer *recognizer)
{
    struct edge *older;
    for (struct edge *edge = recognizer->newest; edge != NULL; edge = older) {
        older = edge->older;
        free_known(edge->known);
        free(edge);
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
        free(recognizer);
    }
}

void
rf_recognizer_clear(struct rf_recognizer *recognizer)
{
    forget(recognizer);
    recognizer->begin = NULL;
    recognizer->newest = NULL;
    recognizer->count = 0;
    recognizer->kept_bytes = 0;
    recognizer->misses = 0;
    recognizer->vain = 0;
}

/* ---- recognizing ----------------------------------------------------------------------------- */

static inline uint64_t
word_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof(word));
    return word;
}

/** What an edge of more than two words has between the first and the last one. */
static inline bool
has_middle(const struct edge *edge, const char *text)
{
    for (uint32_t at = WORD_BYTES; at < edge->bytes - WORD_BYTES; at += WORD_BYTES) {
        if (word_at(edge->text + at) != word_at(text + at)) {
            return false;
        }
    }
    return true;
}

/** Whether there is enough at hand to compare an edge by words. */
static inline bool
is_at_hand(const struct edge *edge, const char *text, const char *end)
{
    return end - text >= (ptrdiff_t)edge->need;
}

/** Whether the text, which is at hand, begins with the edge's; then the edge comes next. */
static inline bool
comes_next(const struct edge *edge, const char *text)
{
    if (((word_at(text) ^ edge->first) & edge->mask) != 0) {
        return false;
    }
    return edge->bytes <= WORD_BYTES || (word_at(text + edge->bytes - WORD_BYTES) == edge->last &&
                                         (edge->bytes <= 2 * WORD_BYTES || has_middle(edge, text)));
}

/** The same with care, of as many bytes as there are: one that a scalar follows is not another,
 * whose text goes on. */
static bool
comes_surely_next(const struct edge *edge, const char *text, size_t bytes)
{
    if (bytes < edge->bytes || memcmp(text, edge->text, edge->bytes) != 0) {
        return false;
    }
    return edge->known != NULL || (bytes > edge->bytes && rf_scalar_begins(text[edge->bytes]));
}

/** The edge that comes next, moved to the front of those beside it: records of a kind often come
 * together. NULL: none does. */
static __attribute__((noinline)) struct edge *
find_edge(struct edge **first, const char *text, const char *end)
{
    struct edge **link = first;
    struct edge *edge = *first;
    while (edge != NULL &&
           !(is_at_hand(edge, text, end) ? comes_next(edge, text)
                                         : comes_surely_next(edge, text, (size_t)(end - text)))) {
        link = &edge->beside;
        edge = *link;
    }
    if (edge != NULL) {
        *link = edge->beside;
        edge->beside = *first;
        *first = edge;
    }
    return edge;
}

/** Reads a scalar that is neither a plain string nor a whole number above 0. What escapes, or has
 * characters beyond ASCII, or an exponent, is hashed when it is known to be the data's.
 * @return  behind it; NULL where it is not whole, or not valid */
static __attribute__((noinline)) const unsigned char *
read_other(struct rf_recognizer *recognizer, const unsigned char *start, const unsigned char *end,
           struct rf_json_node *ret, uint64_t *ret_hash)
{
    const unsigned char *front = (const unsigned char *)recognizer->text;
    const unsigned char *behind = NULL;
    if (*start == 't' || *start == 'f' || *start == 'n') {
        ret->flags = 0;
        return rf_scalar_word(start, end, &ret->kind, ret_hash);
    }
    if (*start == '-' || (*start >= '0' && *start <= '9')) {
        ret->kind = RF_JSON_NUMBER;
        behind = rf_scalar_number(start, end, &ret->flags, ret_hash);
    }
    if (behind != NULL) {
        return behind;
    }
    recognizer->unhashed = true;
    *ret_hash = 0;
    bool read =
        rf_json_read_scalar(recognizer->text, (size_t)(start - front), (size_t)(end - front), ret);
    return read ? front + ret->end : NULL;
}

/** Reads the scalar at `start`, and hashes it; a string only where that is wanted: ids and times
 * around the data are long.
 * @return  as read_other */
static RF_ALWAYS_INLINE const unsigned char *
read_scalar(struct rf_recognizer *recognizer, const unsigned char *start, const unsigned char *end,
            bool hashed, struct rf_json_node *ret, uint64_t *ret_hash)
{
    const unsigned char *behind = NULL;
    if (*start == '"') {
        ret->kind = RF_JSON_STRING;
        ret->flags = 0;
        behind = rf_scalar_string(start, end, hashed, ret_hash);
    } else if (*start >= '1' && *start <= '9') {
        ret->kind = RF_JSON_NUMBER;
        ret->flags = 0;
        behind = rf_scalar_whole(start, end, ret_hash);
    }
    return behind != NULL ? behind : read_other(recognizer, start, end, ret, ret_hash);
}

/** Goes from edge to edge, with a scalar behind each; these are read and hashed on the way. There
 * is room for them: no way through the tree has more scalars than a record that was learned. All
 * but what is rare is inlined here. */
static __attribute__((flatten)) struct rf_known *
follow(struct rf_recognizer *recognizer, const char *text, const char *end, size_t *ret_end)
{
    struct edge **first = &recognizer->begin;
    struct rf_json_node *scalar = recognizer->scalars;
    uint64_t *hash = recognizer->hashes;
    const char *at = text;
    for (;; scalar++, hash++) {
        struct edge *edge = *first;
        if (edge == NULL || !is_at_hand(edge, at, end) || !comes_next(edge, at)) {
            edge = find_edge(first, at, end);
            if (edge == NULL) {
                return NULL;
            }
        }
        at += edge->bytes;
        if (edge->known != NULL) {
            *ret_end = (size_t)(at - text);
            return edge->known;
        }
        const unsigned char *start = (const unsigned char *)at;
        const unsigned char *behind =
            read_scalar(recognizer, start, (const unsigned char *)end, edge->hashed, scalar, hash);
        if (behind == NULL) {
            return NULL;
        }
        scalar->start = (uint32_t)(at - text);
        at = (const char *)behind;
        scalar->end = (uint32_t)(at - text);
        first = &edge->behind;
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
    recognizer->text = text;
    recognizer->unhashed = false;
    struct rf_known *known = follow(recognizer, text, text + most, ret_end);
    recognizer->misses = known == NULL ? recognizer->misses + 1 : 0;
    *ret_scalars = recognizer->scalars;
    return known;
}

/** Hashes those scalars of the data that were not hashed on the way. */
static __attribute__((noinline)) void
hash_rest(struct rf_recognizer *recognizer, const struct rf_known *known)
{
    const struct rf_json doc = {.text = recognizer->text, .nodes = recognizer->scalars};
    for (uint32_t i = 0; i < known->data_scalars; i++) {
        uint64_t *hash = &recognizer->hashes[known->data_scalar + i];
        if (*hash == 0) {
            *hash = rf_hash_scalar(&doc, &recognizer->scalars[known->data_scalar + i]);
        }
    }
    recognizer->unhashed = false;
}

uint64_t
rf_recognizer_hash(struct rf_recognizer *recognizer, const struct rf_known *known)
{
    if (recognizer->unhashed) {
        hash_rest(recognizer, known);
    }
    return rf_hash_plan_run(&known->hash, recognizer->hashes + known->data_scalar);
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
    ret->places = rf_calloc(lesson->node_count, sizeof(*ret->places));
    for (uint32_t i = 0; i < lesson->node_count; i++) {
        uint32_t node = lesson->nodes[i];
        bool scalar = node != RF_JSON_NONE && nodes[node].kind < RF_JSON_ARRAY;
        ret->places[i] = scalar ? scalars->place[node] : RF_JSON_NONE;
    }
    return true;
}

/** Whether no further record can be learned. */
static bool
is_full(const struct rf_recognizer *recognizer)
{
    return recognizer->count == EDGES_MOST || recognizer->kept_bytes > KEPT_BYTES_MOST;
}

/** An edge with which another one beside it begins is looked at with care, as what follows decides.
 */
static void
mark_front(struct edge *a, struct edge *b)
{
    struct edge *shorter = a->bytes < b->bytes ? a : b;
    struct edge *longer = shorter == a ? b : a;
    if (memcmp(shorter->text, longer->text, shorter->bytes) == 0) {
        shorter->need = UINT32_MAX;
    }
}

/** Makes an edge, the first one from now on.
 * @last  the record ends with it: no scalar follows */
static struct edge *
add_edge(struct rf_recognizer *recognizer, struct edge **first, const char *text, uint32_t bytes,
         bool last)
{
    struct edge *edge = rf_alloc(sizeof(*edge) + bytes);
    uint32_t front = bytes < WORD_BYTES ? bytes : WORD_BYTES;
    uint32_t need = bytes + (last ? 0 : 1);
    *edge = (struct edge){
        .bytes = bytes,
        .need = need < WORD_BYTES ? WORD_BYTES : need,
        .last = bytes > WORD_BYTES ? word_at(text + bytes - WORD_BYTES) : 0,
        .beside = *first,
        .older = recognizer->newest,
    };
    memcpy(edge->text, text, bytes);
    memcpy(&edge->first, text, front);
    memset(&edge->mask, 0xff, front);
    for (struct edge *beside = *first; beside != NULL; beside = beside->beside) {
        mark_front(edge, beside);
    }
    *first = edge;
    recognizer->newest = edge;
    recognizer->count++;
    recognizer->kept_bytes += bytes;
    return edge;
}

/** The edge with exactly this text among the first and those beside it; made where there is none,
 * and NULL where they are too many. */
static struct edge *
put_edge(struct rf_recognizer *recognizer, struct edge **first, const char *text, uint32_t bytes,
         bool last)
{
    uint32_t beside = 0;
    for (struct edge *edge = *first; edge != NULL; edge = edge->beside) {
        if (edge->bytes == bytes && (edge->known != NULL) == last &&
            memcmp(edge->text, text, bytes) == 0) {
            return edge;
        }
        beside++;
    }
    return beside == BESIDE_MOST || is_full(recognizer)
               ? NULL
               : add_edge(recognizer, first, text, bytes, last);
}

/** Puts the record's texts into the tree. @return whether `known` is in it now, and no longer the
 * caller's */
static bool
put_record(struct rf_recognizer *recognizer, const struct rf_json *doc,
           const struct scalars *scalars, struct rf_known *known)
{
    struct edge **first = &recognizer->begin;
    struct edge *edge = NULL;
    uint32_t at = 0;
    for (uint32_t i = 0; i <= scalars->count; i++) {
        bool last = i == scalars->count;
        const struct rf_json_node *scalar = last ? NULL : &doc->nodes[scalars->nodes[i]];
        uint32_t end = last ? doc->nodes[0].end : scalar->start;
        edge = put_edge(recognizer, first, doc->text + at, end - at, last);
        if (edge == NULL) {
            recognizer->vain++;
            return false;
        }
        edge->hashed |= i - known->data_scalar < known->data_scalars;
        first = &edge->behind;
        at = last ? end : scalar->end;
    }
    recognizer->vain = 0;
    if (edge->known != NULL) {
        return false; /* it is there, though this one record was not recognized */
    }
    edge->known = known;
    recognizer->kept_bytes += sizeof(*known) + known->stencil.room +
                              known->hash.room * sizeof(*known->hash.steps) +
                              known->hash.key_room * sizeof(*known->hash.keys);
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
