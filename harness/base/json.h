/* SPDX-License-Identifier: MIT */
/*
 * JSON values: strict reading into a flat list of nodes, and canonical writing.
 *
 * One reader serves events, goldens and states; what it refuses is refused everywhere. jansson is
 * for config and reports only: it refuses integers above 2^63-1 and prints the same double
 * differently from version to version (see harness/docs/adr/0003).
 */
#ifndef RF_BASE_JSON_H
#define RF_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum {
    RF_JSON_NULL,
    RF_JSON_FALSE,
    RF_JSON_TRUE,
    RF_JSON_NUMBER,
    RF_JSON_STRING,
    RF_JSON_ARRAY,
    RF_JSON_OBJECT,
};

enum {
    RF_JSON_ESCAPED = 1, /**< a string token that holds a backslash: decode before use */
    RF_JSON_REAL = 2,    /**< a number token with a fraction or an exponent */
};

/** No such node. */
#define RF_JSON_NONE UINT32_MAX

/**
 * One value. Node 0 is the root. An array's elements follow it, each at the `next` of the one
 * before. An object's members follow it as pairs: the key (a string node), then its value; the
 * next key is at the value's `next`.
 */
struct rf_json_node {
    uint32_t start; /**< offset in the text of the token's first byte (a string's opening quote) */
    uint32_t end;   /**< offset one past the token's last byte */
    uint32_t next;  /**< index of the node behind this value and all that is in it */
    uint32_t count; /**< elements of an array, members of an object; else 0 */
    uint8_t kind;   /**< RF_JSON_… */
    uint8_t flags;
};

/** A reader that is reused keeps memory for so many nodes (5 MiB); what a larger value took beyond
 * that is given back with the next one that is small, or fails. */
#define RF_JSON_KEPT_NODES (UINT32_C(1) << 18)

/** A reader and what it last read. All zero is valid; reuse one for many values. */
struct rf_json {
    const char *text; /**< borrowed from the last read */
    struct rf_json_node *nodes;
    size_t used;
    size_t room;
    bool deeper; /**< one value more than rf_limits.json_depth: what is ours is around another */
    uint64_t
        overridden; /**< members that the last rf_json_canonical left out: their key came again */
};

/** Whether a number token has no more digits than 64 bits or a double hold, so that no other such
 * token but another spelling of the same number has its canonical text. Spellings of a double are
 * its shortest one and, with a fraction or exponent, what printf makes of it with more digits. */
bool rf_json_number_is_exact(const struct rf_json *doc, uint32_t node);
/** The first number in this value that is not, or RF_JSON_NONE. */
uint32_t rf_json_find_inexact(const struct rf_json *doc, uint32_t node);

/**
 * Read the one value at the front of `text` (blanks before it allowed), and say where it ended.
 *
 * Strict RFC 8259: UTF-8 without overlong forms or surrogates, no raw control bytes in strings,
 * no lone surrogate escapes, the number grammar, depth at most rf_limits.json_depth.
 * A repeated key is accepted here; see rf_json_member and rf_json_hash.
 *
 * @text          borrowed for as long as `doc` is used; need not end in NUL; < 4 GiB
 * @ret_end       one past the value's last byte; set on RF_OK only
 * @return        RF_OK; RF_ERR_TRUNCATED: `text` ends inside the value (more bytes could complete
 *                it; a top-level number that touches the end counts as complete);
 *                RF_ERR_MALFORMED, RF_ERR_LIMIT: with the offset of the offending byte in reterr
 * Threads: one reader per thread.
 */
RF_MUST_USE rf_code rf_json_read(struct rf_json *doc, const char *text, size_t bytes,
                                 size_t *ret_end, struct rf_err *reterr);

/** As rf_json_read, and only blanks (space, tab, LF, CR) may follow the value. */
RF_MUST_USE rf_code rf_json_read_whole(struct rf_json *doc, const char *text, size_t bytes,
                                       struct rf_err *reterr);

/**
 * Read the one string, number, true, false or null whose first byte is text[at], as rf_json_read
 * would.
 * @return  false where there is none, it is malformed, or `text` ends before its end can be told (a
 *          number that touches the end)
 */
bool rf_json_read_scalar(const char *text, size_t at, size_t bytes, struct rf_json_node *ret);

/**
 * The first level of a text that rf_json_read accepted before: the root, and its members or
 * elements, each as one node however much is in it (`count` of these is 0). About three times as
 * fast as reading it again; what is wrong in a text that was not read before goes unnoticed here.
 */
void rf_json_skim(struct rf_json *doc, const char *text, size_t bytes);

void rf_json_done(struct rf_json *doc);

/**
 * The value of the last member of `object` with this key (decoded bytes), or RF_JSON_NONE; that
 * also where `object` is a value of another kind.
 * @ret_repeated  may be NULL; set to whether the key occurs more than once
 */
uint32_t rf_json_member(const struct rf_json *doc, uint32_t object, const char *key,
                        size_t key_bytes, bool *ret_repeated);

/** A string's content: borrowed from the text, or decoded into `scratch` (cleared first) where it
 * has escapes. Not NUL-terminated; may hold NUL bytes. `node` must be a string. */
void rf_json_string(const struct rf_json *doc, uint32_t node, struct rf_buf *scratch,
                    const char **ret_bytes, size_t *ret_count);

/** The token's own bytes. */
static inline const char *
rf_json_token(const struct rf_json *doc, uint32_t node, size_t *ret_count)
{
    *ret_count = doc->nodes[node].end - doc->nodes[node].start;
    return doc->text + doc->nodes[node].start;
}

/** A number token without fraction or exponent that fits; false otherwise. */
bool rf_json_int64(const struct rf_json *doc, uint32_t node, int64_t *ret);
bool rf_json_uint64(const struct rf_json *doc, uint32_t node, uint64_t *ret);
/** Any number token as the nearest double; false where it is no number or not finite. Does not
 * depend on the locale. */
bool rf_json_real(const struct rf_json *doc, uint32_t node, double *ret);

/**
 * A hash of the value's content: equal values (order of keys, white space and escapes aside, number
 * tokens literal, of a repeated key the last) hash alike on every machine. contract.md, "Hashes":
 *
 *   number   XXH3_64(token, seed 1)        string  XXH3_64(decoded bytes, seed 2)
 *   true, false, null   XXH3_64(token, seed 3)
 *   array    h = 4; for each element: h = XXH3_64(le64(H(element)), seed h)
 *   object   XXH3_64(le64(sum over members of XXH3_64(le64(H(key)) le64(H(value)), seed 5))
 *                    le64(members), seed 6)
 *
 * Not for trust: whoever needs certainty about equality compares canonical texts.
 * @ret_repeated  may be NULL; the number of members that a later one with the same key overrode,
 *                anywhere in the value
 */
uint64_t rf_json_hash(struct rf_json *doc, uint32_t node, uint64_t *ret_repeated);

/**
 * Append the value's canonical text (contract.md, "Golden"): keys sorted by their UTF-8 bytes, no
 * white space, shortest escapes, integers exact to 64 bits, reals as ECMAScript prints them.
 * Of a repeated key the last counts.
 * @literal_numbers  keep number tokens as they stand (for comparing events)
 * @return  RF_OK; RF_ERR_LIMIT for a number that is not finite as a double
 */
RF_MUST_USE rf_code rf_json_canonical(struct rf_json *doc, uint32_t node, bool literal_numbers,
                                      struct rf_buf *out, struct rf_err *reterr);

/**
 * The same of a whole document that may hold numbers which are not finite as a double: each of them
 * is written as rf_canon_nonfinite does. For hashes.
 */
void rf_json_likeness(struct rf_json *doc, struct rf_buf *out);

/* Writers of canonical tokens (json_write.c). */
void rf_canon_string(struct rf_buf *out, const char *bytes, size_t count);
void rf_canon_int64(struct rf_buf *out, int64_t value);
void rf_canon_uint64(struct rf_buf *out, uint64_t value);
/** Finite only. -0 is written 0; from 2^63 on (by magnitude) always with an exponent. Does not
 * depend on the locale. */
void rf_canon_real(struct rf_buf *out, double value);
/** Not finite: infinity is written 1e999 or -1e999, and a NaN 2e999, whose sign and payload are no
 * part of what it says. JSON still, as no finite number is written. */
void rf_canon_nonfinite(struct rf_buf *out, double value);

/** The length of the longest prefix of `bytes` that is valid UTF-8. */
size_t rf_utf8_valid(const char *bytes, size_t count);
/** The length of the one UTF-8 character at the front of `bytes` (count >= 1); 0 where it is none.
 * @ret_cut  whether only further bytes are missing */
size_t rf_utf8_next(const char *bytes, size_t count, bool *ret_cut);

#endif
