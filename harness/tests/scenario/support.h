/* SPDX-License-Identifier: MIT */
/* Scenarios out of strings, for the tests of harness/scenario/. */
#ifndef RF_TESTS_SCENARIO_SUPPORT_H
#define RF_TESTS_SCENARIO_SUPPORT_H

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "scenario/read.h"

static inline void
parse(const char *text, struct rf_scenarios *ret)
{
    struct rf_err err = {0};
    *ret = (struct rf_scenarios){0};
    cr_assert_eq(rf_scenarios_parse("f", text, strlen(text), ret, &err), RF_OK, "%s: %s in:\n%s",
                 err.where, err.text, text);
}

/** The text is refused, at this line, with a sentence that holds `sentence`. */
static inline void
refuses_bytes(const char *text, size_t bytes, size_t line, const char *sentence)
{
    struct rf_scenarios scenarios = {0};
    struct rf_err err = {0};
    char where[64];
    (void)snprintf(where, sizeof(where), line == 0 ? "f" : "f:%zu", line);
    cr_expect_eq(rf_scenarios_parse("f", text, bytes, &scenarios, &err), RF_ERR_USAGE, "taken:\n%s",
                 text);
    cr_expect_str_eq(err.where, where, "%s: %s of:\n%s", err.where, err.text, text);
    cr_expect_not_null(strstr(err.text, sentence), "'%s' is not in '%s' of:\n%s", sentence,
                       err.text, text);
    rf_scenarios_done(&scenarios);
}

static inline void
refuses(const char *text, size_t line, const char *sentence)
{
    refuses_bytes(text, strlen(text), line, sentence);
}

#endif
