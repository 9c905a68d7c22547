/* SPDX-License-Identifier: MIT */
/* Memory that is there or ends refold. */
#include "base/alloc.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdint.h>
#include <string.h>

Test(alloc, never_answers_null)
{
    char *none = rf_alloc(0);
    char *zeros = rf_calloc(1000, 1);
    char *shrunk = rf_realloc(rf_alloc(10), 0, 8);
    cr_expect_not_null(none);
    cr_expect_not_null(shrunk);
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(zeros[i], 0);
    }
    free(none);
    free(zeros);
    free(shrunk);
}

Test(alloc, copies_text)
{
    char *whole = rf_strdup("text");
    char *part = rf_strndup("text\0more", 7);
    char *made = rf_format("%s %d", "text", 7);
    cr_expect_str_eq(whole, "text");
    cr_expect_eq(memcmp(part, "text\0mo", 8), 0);
    cr_expect_str_eq(made, "text 7");
    free(whole);
    free(part);
    free(made);
}

Test(alloc, grows_by_doubling_and_to_the_need)
{
    uint32_t *items = NULL;
    size_t room = 0;
    RF_GROW(items, room, 1);
    cr_expect_eq(room, 8);
    RF_GROW(items, room, 9);
    cr_expect_eq(room, 16);
    RF_GROW(items, room, 1000);
    cr_expect_eq(room, 1000);
    uint32_t *same = items;
    RF_GROW(items, room, 1000);
    cr_expect_eq(items, same);
    items[999] = 1;
    free(items);
}

/* The size comes from where the compiler does not see it, or it would warn of it. */
static volatile size_t too_much = SIZE_MAX / 4;

#ifndef __SANITIZE_ADDRESS__ /* which ends such a call itself */
Test(alloc, ends_the_process_where_there_is_no_memory, .init = cr_redirect_stderr, .exit_code = 70)
{
    free(rf_calloc(too_much, 3));
}
#endif

Test(alloc, ends_the_process_where_a_size_overflows, .init = cr_redirect_stderr, .exit_code = 70)
{
    free(rf_realloc(NULL, too_much, 8));
}
