/* SPDX-License-Identifier: MIT */
/* A layout as tokens: what layout.c reads and layout_match.c matches. */
#ifndef RF_WALK_LAYOUT_TOKENS_H
#define RF_WALK_LAYOUT_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "walk/layout.h"

enum rf_layout_field {
    RF_LAYOUT_YEAR,
    RF_LAYOUT_YEAR_OF_CENTURY, /**< yy: 2000 to 2099, as Java reads it */
    RF_LAYOUT_MONTH,
    RF_LAYOUT_DAY,
    RF_LAYOUT_DAY_OF_YEAR,
    RF_LAYOUT_HOUR,
    RF_LAYOUT_MINUTE,
    RF_LAYOUT_SECOND,
    RF_LAYOUT_COUNT_
};

enum rf_token_kind {
    RF_TOKEN_LITERAL,
    RF_TOKEN_FIELD,
    RF_TOKEN_RANDOM,
    RF_TOKEN_PARTITION,
    RF_TOKEN_ERROR_TYPE
};

/** What a layout is made of, one behind the other. */
struct rf_layout_token {
    enum rf_token_kind kind;
    char literal;               /**< of a literal: one byte */
    enum rf_layout_field field; /**< of a field, with its digits */
    size_t min_digits;
    size_t max_digits;
};

struct rf_layout {
    struct rf_layout_token *tokens;
    size_t count;
    size_t room;
    bool fields[RF_LAYOUT_COUNT_]; /**< which occur */
    bool timestamp;                /**< has a timestamp expression */
    enum rf_grain grain;
};

/** Whether folders only are matched: the name is not looked at. */
static inline bool
rf_layout_ends_in_slash(const struct rf_layout *layout)
{
    if (layout->count == 0) {
        return false;
    }
    const struct rf_layout_token *last = &layout->tokens[layout->count - 1];
    return last->kind == RF_TOKEN_LITERAL && last->literal == '/';
}

#endif
