/* SPDX-License-Identifier: MIT */
/* Reports have no mark of their own: each format is known by words that stand at one place. */
#include "reports/recognize.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* What formats with a head begin with; `@` is a word of small letters, `$` a number. */
static const char *const heads[] = {
    "{\n  \"format\": $,\n  \"verb\": \"@\",\n  \"verdict\": \"@\",\n  \"exit\": $,\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"refold @\" tests=\"$\"",
    "TAP version 13\n1..$\n# @: ",
    "TAP version 13\n1..$\n# would be blessed: ",
    "TAP version 13\n1..$\n# ended early: ",
    "## refold @: @\n\n**",
    "## refold @: would be blessed\n\n**",
    "::notice title=refold @%3A ",
    "::error title=refold @%3A ",
};

/* The verdict in text, a line of its own: what it begins with, and what stands in it. */
static const struct {
    const char *word, *phrase;
} verdicts[] = {
    {"same: ", " compared"},
    {"proved: ", " compared"},
    {"uncompared: ", " folded, none compared"},
    {"blessed: ", "golden"},
    {"would be blessed: ", "--dry-run: nothing is written"},
    {"would be blessed: ", "golden"},
    {"changed: ", " (exit "},
    {"uncompared: ", " (exit "},
    {"damaged: ", " (exit "},
    {"incomplete: ", " (exit "},
    {"interrupted: ", " (exit "},
    {"holds: ", " (exit "},
    {"fails: ", " (exit "},
    {"ended early: ", " (exit "},
};

/** Steps over all bytes of a class; false where there is none. */
static bool
step_over(const char **at, const char *end, int (*is_of)(int))
{
    const char *begin = *at;
    while (*at < end && is_of((unsigned char)**at)) {
        *at += 1;
    }
    return *at > begin;
}

static bool
has_head(const char *text, size_t bytes, const char *head)
{
    const char *at = text;
    const char *end = text + bytes;
    for (; *head != '\0'; head++) {
        if (*head == '@' || *head == '$') {
            if (!step_over(&at, end, *head == '@' ? islower : isdigit)) {
                return false;
            }
        } else if (at == end || *at++ != *head) {
            return false;
        }
    }
    return true;
}

static bool
is_verdict(const char *line, size_t bytes)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        size_t word_bytes = strlen(verdicts[i].word);
        const char *phrase = verdicts[i].phrase;
        if (bytes > word_bytes && memcmp(line, verdicts[i].word, word_bytes) == 0 &&
            memmem(line, bytes, phrase, strlen(phrase)) != NULL) {
            return true;
        }
    }
    return false;
}

bool
rf_report_recognize(const char *text, size_t bytes)
{
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (has_head(text, bytes, heads[i])) {
            return true;
        }
    }
    for (size_t at = 0; at < bytes;) {
        const char *newline = memchr(text + at, '\n', bytes - at);
        size_t line_bytes = newline == NULL ? bytes - at : (size_t)(newline - text) - at;
        if (is_verdict(text + at, line_bytes)) {
            return true;
        }
        at += line_bytes + 1;
    }
    return false;
}

bool
rf_report_lies_in(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    char *text = rf_calloc(RF_RECOGNIZE_BYTES, 1);
    bool is = rf_report_recognize(text, fread(text, 1, RF_RECOGNIZE_BYTES, file));
    if (!is && fseek(file, -(long)RF_RECOGNIZE_BYTES, SEEK_END) == 0) {
        is = rf_report_recognize(text, fread(text, 1, RF_RECOGNIZE_BYTES, file));
    }
    (void)fclose(file);
    free(text);
    return is;
}
