/* SPDX-License-Identifier: MIT */
/* The content hash of a JSON value, for which repeated keys must be found. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_hash_parts.h"
#include "base/order.h"

/* Up to here repeated keys are found without memory. */
#define FEW_MEMBERS 32

/* Not inlined, but all within is: one copy of the hash for all that call it. */
#define ONE_COPY __attribute__((noinline, flatten))

/* ---- scalars ---- */

static ONE_COPY uint64_t
hash_longer_text(const char *bytes, size_t count)
{
    return rf_hash_text(bytes, count);
}

static ONE_COPY uint64_t
hash_text(const char *bytes, size_t count)
{
    return count <= RF_HASH_SHORT_BYTES ? rf_hash_text(bytes, count)
                                        : hash_longer_text(bytes, count);
}

static ONE_COPY uint64_t
hash_number(const char *token, size_t count)
{
    return rf_hash_number(token, count);
}

ONE_COPY uint64_t
rf_hash_word(uint8_t kind)
{
    switch (kind) {
    case RF_JSON_TRUE:
        return XXH3_64bits_withSeed("true", 4, RF_SEED_WORD);
    case RF_JSON_FALSE:
        return XXH3_64bits_withSeed("false", 5, RF_SEED_WORD);
    default:
        return XXH3_64bits_withSeed("null", 4, RF_SEED_WORD);
    }
}

/* A string's content, as rf_json_string gives it. */
static void
decode_string(const struct rf_json *doc, const struct rf_json_node *string, struct rf_buf *scratch,
              const char **ret_bytes, size_t *ret_count)
{
    rf_json_string(doc, (uint32_t)(string - doc->nodes), scratch, ret_bytes, ret_count);
}

static __attribute__((noinline)) uint64_t
hash_escaped_string(const struct rf_json *doc, const struct rf_json_node *string)
{
    struct rf_buf decoded = {0};
    const char *bytes;
    size_t count;
    decode_string(doc, string, &decoded, &bytes, &count);
    uint64_t hash = hash_text(bytes, count);
    rf_buf_done(&decoded);
    return hash;
}

static RF_ALWAYS_INLINE uint64_t
hash_string(const struct rf_json *doc, const struct rf_json_node *string)
{
    return (string->flags & RF_JSON_ESCAPED) != 0
               ? hash_escaped_string(doc, string)
               : hash_text(doc->text + string->start + 1, string->end - string->start - 2);
}

uint64_t
rf_hash_scalar(const struct rf_json *doc, const struct rf_json_node *scalar)
{
    if (scalar->kind == RF_JSON_STRING) {
        return hash_string(doc, scalar);
    }
    if (scalar->kind == RF_JSON_NUMBER) {
        return hash_number(doc->text + scalar->start, scalar->end - scalar->start);
    }
    return rf_hash_word(scalar->kind);
}

/* ---- values ---- */

static uint64_t hash_container(const struct rf_json *doc, const struct rf_json_node *value,
                               uint64_t *repeated);

static RF_ALWAYS_INLINE uint64_t
hash_value(const struct rf_json *doc, const struct rf_json_node *value, uint64_t *repeated)
{
    return value->kind < RF_JSON_ARRAY ? rf_hash_scalar(doc, value)
                                       : hash_container(doc, value, repeated);
}

static uint64_t
hash_array(const struct rf_json *doc, const struct rf_json_node *array, uint64_t *repeated)
{
    uint64_t hash = RF_SEED_ARRAY;
    const struct rf_json_node *value = array + 1;
    for (uint32_t left = array->count; left > 0; left--) {
        hash = rf_hash_element(hash_value(doc, value, repeated), hash);
        value = doc->nodes + value->next;
    }
    return hash;
}

/* ---- objects ---- */

struct member {
    uint64_t key_hash;
    uint64_t hash; /* of key and value together */
    const struct rf_json_node *key;
};

static RF_ALWAYS_INLINE void
hash_member(const struct rf_json *doc, const struct rf_json_node *key, struct member *ret,
            uint64_t *repeated)
{
    uint64_t key_hash = hash_string(doc, key);
    ret->key = key;
    ret->key_hash = key_hash;
    ret->hash = rf_hash_pair(key_hash, hash_value(doc, key + 1, repeated), RF_SEED_MEMBER);
}

static bool
keys_equal(const struct rf_json *doc, const struct rf_json_node *a, const struct rf_json_node *b)
{
    struct rf_buf decoded_a = {0};
    struct rf_buf decoded_b = {0};
    const char *bytes_a;
    const char *bytes_b;
    size_t count_a;
    size_t count_b;
    decode_string(doc, a, &decoded_a, &bytes_a, &count_a);
    decode_string(doc, b, &decoded_b, &bytes_b, &count_b);
    bool same = count_a == count_b && (count_a == 0 || memcmp(bytes_a, bytes_b, count_a) == 0);
    rf_buf_done(&decoded_a);
    rf_buf_done(&decoded_b);
    return same;
}

/* The one of `kept` members that has the key of the one behind them; that itself if there is none.
 */
static __attribute__((noinline)) struct member *
find_same_key(const struct rf_json *doc, struct member *members, uint32_t kept)
{
    struct member *fresh = &members[kept];
    struct member *member = members;
    while (member != fresh &&
           (member->key_hash != fresh->key_hash || !keys_equal(doc, member->key, fresh->key))) {
        member++;
    }
    return member;
}

static uint64_t
hash_few_members(const struct rf_json *doc, const struct rf_json_node *object, uint64_t *repeated)
{
    struct member members[FEW_MEMBERS];
    struct member *fresh = members;
    uint64_t seen = 0; /* a bit for each key's hash: one whose bit is not set is new */
    uint64_t sum = 0;
    const struct rf_json_node *key = object + 1;
    for (uint32_t left = object->count; left > 0; left--) {
        hash_member(doc, key, fresh, repeated);
        sum += fresh->hash;
        struct member *same = fresh;
        uint64_t bit = UINT64_C(1) << (fresh->key_hash & 63);
        if ((seen & bit) != 0) {
            same = find_same_key(doc, members, (uint32_t)(fresh - members));
        }
        if (same == fresh) {
            fresh++;
        } else {
            sum -= same->hash;
            *same = *fresh;
            (*repeated)++;
        }
        seen |= bit;
        key = doc->nodes + key[1].next;
    }
    return rf_hash_pair(sum, (uint64_t)(fresh - members), RF_SEED_OBJECT);
}

/* ---- large objects ---- */

/* Moves those members to the front that share their bit of a filter with another: no others can
 * have equal keys. Returns their number, about one in 20 where no key is repeated. */
static uint32_t
gather_suspects(struct member *members, uint32_t count)
{
    size_t words = 1;
    while (words * 64 < (size_t)count * 16) {
        words *= 2;
    }
    uint64_t *seen = rf_calloc(words * 2, sizeof(*seen));
    uint64_t *twice = seen + words;
    for (uint32_t i = 0; i < count; i++) {
        size_t word = members[i].key_hash >> 6 & (words - 1);
        uint64_t bit = UINT64_C(1) << (members[i].key_hash & 63);
        twice[word] |= seen[word] & bit;
        seen[word] |= bit;
    }
    uint32_t suspects = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t word = members[i].key_hash >> 6 & (words - 1);
        if ((twice[word] >> (members[i].key_hash & 63) & 1) != 0) {
            members[suspects++] = members[i];
        }
    }
    free(seen);
    return suspects;
}

/* A member with its decoded key. */
struct suspect {
    const char *bytes;
    size_t count;
    struct member member;
};

static bool
same_key(const struct suspect *a, const struct suspect *b)
{
    return a->member.key_hash == b->member.key_hash && a->count == b->count &&
           (a->count == 0 || memcmp(a->bytes, b->bytes, a->count) == 0);
}

/* Equal keys together, the last of them last. Bytes are compared where hashes are equal, so that
 * keys made to collide cost no more than others. */
static int
compare_suspects(const void *left, const void *right)
{
    const struct suspect *a = left;
    const struct suspect *b = right;
    if (a->member.key_hash != b->member.key_hash) {
        return a->member.key_hash < b->member.key_hash ? -1 : 1;
    }
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    int order = a->count == 0 ? 0 : memcmp(a->bytes, b->bytes, a->count);
    if (order != 0) {
        return order;
    }
    return RF_ORDER(a->member.key, b->member.key);
}

/* @decoded  takes the keys with escapes; has room for all, so that what points into it stays */
static void
decode_keys(const struct rf_json *doc, const struct member *members, uint32_t count,
            struct suspect *suspects, struct rf_buf *decoded)
{
    struct rf_buf scratch = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct suspect *suspect = &suspects[i];
        suspect->member = members[i];
        decode_string(doc, members[i].key, &scratch, &suspect->bytes, &suspect->count);
        if ((members[i].key->flags & RF_JSON_ESCAPED) != 0) {
            rf_buf_add(decoded, suspect->bytes, suspect->count);
            suspect->bytes = decoded->bytes + decoded->used - suspect->count;
        }
    }
    rf_buf_done(&scratch);
}

/* Takes those out of the sum that a later one with the same key overrides; returns their number.
 * @object_bytes  no less than all keys together */
static uint32_t
drop_overridden(const struct rf_json *doc, const struct member *members, uint32_t count,
                size_t object_bytes, uint64_t *sum)
{
    struct suspect *suspects = rf_alloc(count * sizeof(*suspects));
    struct rf_buf decoded = {0};
    rf_buf_reserve(&decoded, object_bytes);
    decode_keys(doc, members, count, suspects, &decoded);
    qsort(suspects, count, sizeof(*suspects), compare_suspects);
    uint32_t dropped = 0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (same_key(&suspects[i], &suspects[i + 1])) {
            *sum -= suspects[i].member.hash;
            dropped++;
        }
    }
    rf_buf_done(&decoded);
    free(suspects);
    return dropped;
}

static uint64_t
hash_many_members(const struct rf_json *doc, const struct rf_json_node *object, uint64_t *repeated)
{
    struct member *members = rf_alloc(object->count * sizeof(*members));
    uint64_t sum = 0;
    const struct rf_json_node *key = object + 1;
    for (uint32_t i = 0; i < object->count; i++) {
        hash_member(doc, key, &members[i], repeated);
        sum += members[i].hash;
        key = doc->nodes + key[1].next;
    }
    uint32_t dropped = 0;
    uint32_t suspects = gather_suspects(members, object->count);
    if (suspects > 0) {
        dropped = drop_overridden(doc, members, suspects, object->end - object->start, &sum);
    }
    *repeated += dropped;
    free(members);
    return rf_hash_pair(sum, object->count - dropped, RF_SEED_OBJECT);
}

/* ---- any value ---- */

/* Recursion ends at rf_limits.json_depth, which the reader keeps. */
static uint64_t
hash_container(const struct rf_json *doc, const struct rf_json_node *value, uint64_t *repeated)
{
    if (value->kind == RF_JSON_ARRAY) {
        return hash_array(doc, value, repeated);
    }
    return value->count <= FEW_MEMBERS ? hash_few_members(doc, value, repeated)
                                       : hash_many_members(doc, value, repeated);
}

uint64_t
rf_json_hash(struct rf_json *doc, uint32_t node, uint64_t *ret_repeated)
{
    uint64_t repeated = 0;
    uint64_t hash = hash_value(doc, &doc->nodes[node], &repeated);
    if (ret_repeated != NULL) {
        *ret_repeated = repeated;
    }
    return hash;
}
