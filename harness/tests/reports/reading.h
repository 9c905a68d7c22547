/* SPDX-License-Identifier: MIT */
/* Looking into a report's text. */
#ifndef RF_TESTS_REPORTS_READING_H
#define RF_TESTS_REPORTS_READING_H

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/report.h"

/* The report as a C string, for free(). */
static inline char *
write_report(const char *format, const struct rf_report *report)
{
    struct rf_buf out = {0};
    rf_report_format_find(format)->write(report, &out);
    cr_assert(out.used > 0 && out.bytes[out.used - 1] == '\n');
    cr_assert(memchr(out.bytes, '\0', out.used) == NULL);
    (void)rf_buf_text(&out);
    return out.bytes;
}

static inline void
expect_report(const char *format, const struct rf_report *report, const char *expected)
{
    char *text = write_report(format, report);
    cr_expect_str_eq(text, expected);
    free(text);
}

static inline void
expect_in_report(const char *format, const struct rf_report *report, const char *part, bool there)
{
    char *text = write_report(format, report);
    cr_expect((strstr(text, part) != NULL) == there, "%s\"%s\" in:\n%s", there ? "no " : "", part,
              text);
    free(text);
}

static inline size_t
count_parts(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

/* No bytes but printable ones and line ends, and no "##[" anywhere. */
static inline void
assert_printable(const char *text)
{
    static const char *const never[] = {"##[", "##vso[", "\xC2\x9B", "\xE2\x80\xAE", "\x7F"};
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        cr_assert(strstr(text, never[i]) == NULL, "%s", never[i]);
    }
    for (const char *at = text; *at != '\0'; at++) {
        cr_assert(*at == '\n' || (unsigned char)*at >= 0x20, "byte %02x", (unsigned char)*at);
    }
}

/* Beyond that, lines, without blanks in front, may not begin as a command of a CI system does. */
static inline void
assert_harmless(const char *text)
{
    assert_printable(text);
    bool front = true;
    for (const char *at = text; *at != '\0'; at++) {
        cr_assert(!front || strncmp(at, "::", 2) != 0, "%.80s", at);
        front = *at == '\n' || (front && isspace((unsigned char)*at));
    }
}

/* All flags that a report can carry, as bits; MODEL_CHANGED with differences. */
#define FLAGS_ALL    256
#define FLAG_CHANGED 128

static inline struct rf_flags
flags_of(unsigned bits)
{
    return (struct rf_flags){.internal = bits & 1,
                             .unwritten = bits & 2,
                             .incomplete = bits & 4,
                             .damaged = bits & 8,
                             .nothing = bits & 16,
                             .changed = bits & FLAG_CHANGED,
                             .no_compare = bits & 32,
                             .signal = bits & 64 ? 2 : 0};
}

#endif
