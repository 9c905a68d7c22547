/* SPDX-License-Identifier: MIT */
/* "did you mean …?" */
#include "base/typo.h"

#include <string.h>

#define LONGEST 40

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
rf_typo_distance(const char *a, const char *b)
{
    size_t rows = strlen(a);
    size_t columns = strlen(b);
    size_t cost[LONGEST + 1][LONGEST + 1];
    if (rows > LONGEST || columns > LONGEST) {
        return LONGEST;
    }
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            size_t differs = a[i - 1] != b[j - 1];
            cost[i][j] =
                least(least(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + differs);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[rows][columns];
}

const char *
rf_typo_nearest(const char *word, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t best = strlen(word) / 3 + 2; /* further away is no typo */
    for (; *candidates != NULL; candidates++) {
        size_t edits = rf_typo_distance(word, *candidates);
        if (edits < best) {
            best = edits;
            nearest = *candidates;
        }
    }
    return nearest;
}

/** Behind what joins words, a small letter of ASCII; 0 at the end, and at an 's' before it. */
static char
next_letter(const char **at)
{
    while (**at == '_' || **at == '-') {
        (*at)++;
    }
    char letter = **at >= 'A' && **at <= 'Z' ? (char)(**at - 'A' + 'a') : **at;
    if (letter == '\0' || (letter == 's' && (*at)[1] == '\0')) {
        return '\0';
    }
    (*at)++;
    return letter;
}

bool
rf_typo_same_word(const char *a, const char *b)
{
    char letter;
    do {
        letter = next_letter(&a);
        if (letter != next_letter(&b)) {
            return false;
        }
    } while (letter != '\0');
    return true;
}
