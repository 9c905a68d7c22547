/* SPDX-License-Identifier: MIT */
/* Seeded mutations of JSON texts: what keeps them valid and what does not, in turn. */
#ifndef RF_TESTS_FUZZ_MUTATE_H
#define RF_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

struct mutator {
    uint64_t state;           /**< not 0 */
    const char *const *words; /**< put in as often as those of JSON; borrowed */
    size_t word_count;
};

static inline uint64_t
mutator_next(struct mutator *mutator)
{
    mutator->state ^= mutator->state >> 12;
    mutator->state ^= mutator->state << 25;
    mutator->state ^= mutator->state >> 27;
    return mutator->state * UINT64_C(2685821657736338717) >> 16;
}

/** Below `count`, which may be 0: then 0. */
static inline size_t
mutator_below(struct mutator *mutator, size_t count)
{
    return count == 0 ? 0 : (size_t)(mutator_next(mutator) % count);
}

/** Bytes and texts at which readers of JSON differ, or that end a scalar early. */
#define MUTATE_TOKENS_                                                                             \
    {                                                                                              \
        "\"", "\\", ",", ":", "{", "}", "[", "]", " ", "\n", "\t", "\r", "0", "-", "+", ".", "e",  \
            "E5", "1.", "01", "-0", "1e5", "1.50", "1e400", "18446744073709551616", "null",        \
            "true", "false", "tru", "nulll", "\"\"", "[]", "{}", "\\\"", "\\u0000", "\\ud83d",     \
            "\\ude00", "\\ud83d\\ude00", "\\u00e9", "\\x", "\xc3\xa9", "\xc3", "\x80", "\xff",     \
            "\xed\xa0\x80", "\xf0\x9f\x98\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "\x7f", "\x1f",    \
            "\xef\xbb\xbf", "\"d\":{", "\"a\":1,", ",\"a\":1", "}{", "//", "NaN", "Infinity"       \
    }

static inline void
mutate_insert(struct rf_buf *text, size_t at, const char *bytes, size_t count)
{
    rf_buf_reserve(text, count);
    memmove(text->bytes + at + count, text->bytes + at, text->used - at);
    memcpy(text->bytes + at, bytes, count);
    text->used += count;
}

static inline void
mutate_token(struct mutator *mutator, struct rf_buf *text, size_t at)
{
    static const char *const tokens[] = MUTATE_TOKENS_;
    if (mutator->word_count > 0 && mutator_below(mutator, 2) == 0) {
        const char *word = mutator->words[mutator_below(mutator, mutator->word_count)];
        mutate_insert(text, at, word, strlen(word));
        return;
    }
    size_t which = mutator_below(mutator, sizeof(tokens) / sizeof(tokens[0]) + 1);
    if (which == sizeof(tokens) / sizeof(tokens[0])) {
        mutate_insert(text, at, "", 1); /* a NUL */
    } else {
        mutate_insert(text, at, tokens[which], strlen(tokens[which]));
    }
}

static inline void
mutate_delete(struct mutator *mutator, struct rf_buf *text, size_t at)
{
    size_t most = text->used - at < 8 ? text->used - at : 8;
    size_t count = 1 + mutator_below(mutator, most);
    count = count < most ? count : most;
    memmove(text->bytes + at, text->bytes + at + count, text->used - at - count);
    text->used -= count;
}

/** What stays a letter or a digit, so that most often only a scalar or a key becomes another. */
static inline void
mutate_alike(struct mutator *mutator, struct rf_buf *text, size_t at)
{
    char *byte = &text->bytes[at];
    if (*byte >= '0' && *byte <= '9') {
        *byte = (char)('0' + mutator_below(mutator, 10));
    } else if (*byte >= 'a' && *byte <= 'z') {
        *byte = (char)('a' + mutator_below(mutator, 26));
    } else {
        *byte ^= (char)(1 << mutator_below(mutator, 8));
    }
}

/** A piece of it stands twice. */
static inline void
mutate_repeat(struct mutator *mutator, struct rf_buf *text, size_t at)
{
    char piece[64];
    size_t count = 1 + mutator_below(mutator, sizeof(piece));
    count = count < text->used - at ? count : text->used - at;
    memcpy(piece, text->bytes + at, count);
    mutate_insert(text, at, piece, count);
}

/** Its front, and the rest of another. */
static inline void
mutate_splice(struct mutator *mutator, struct rf_buf *text, size_t at, const char *other,
              size_t other_bytes)
{
    /* Half of the time at the same place: texts of one kind then go on where they were. */
    size_t from = mutator_below(mutator, 2) == 0 ? at : mutator_below(mutator, other_bytes);
    from = from < other_bytes ? from : other_bytes;
    text->used = at;
    rf_buf_add(text, other + from, other_bytes - from);
}

/** Changes `text` in one to four places, or not at all. @other  may be spliced in */
static inline void
mutate(struct mutator *mutator, struct rf_buf *text, const char *other, size_t other_bytes)
{
    size_t changes = mutator_below(mutator, 8);
    changes = changes < 5 ? changes : 1;
    for (; changes > 0 && text->used > 0; changes--) {
        size_t at = mutator_below(mutator, text->used);
        switch (mutator_below(mutator, 8)) {
        case 0:
            text->bytes[at] = (char)mutator_next(mutator);
            break;
        case 1:
        case 2:
            mutate_token(mutator, text, at);
            break;
        case 3:
            mutate_delete(mutator, text, at);
            break;
        case 4:
            mutate_repeat(mutator, text, at);
            break;
        case 5:
            mutate_splice(mutator, text, at, other, other_bytes);
            break;
        default:
            mutate_alike(mutator, text, at);
            break;
        }
    }
}

#endif
