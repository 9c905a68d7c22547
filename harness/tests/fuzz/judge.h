/* SPDX-License-Identifier: MIT */
/* For targets of many small parsers: what each promises of the input at hand. */
#ifndef RF_TESTS_FUZZ_JUDGE_H
#define RF_TESTS_FUZZ_JUDGE_H

#include "base/error.h"
#include "tests/fuzz/fuzz.h"

static const char *whole; /**< the input, to be shown */
static size_t whole_bytes;

static inline void
expect(bool holds, const char *what)
{
    fuzz_expect(whole, whole_bytes, holds, what);
}

/** @err  NULL: of a parser that says only yes or no */
static inline void
judge(bool accepted, const struct rf_err *err)
{
    expect(accepted || err == NULL || err->text[0] != '\0', "refused without a word");
    fuzz_count(accepted ? FUZZ_ACCEPTED : FUZZ_REFUSED);
}

#endif
