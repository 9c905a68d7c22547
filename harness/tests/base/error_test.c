/* SPDX-License-Identifier: MIT */
/* Error details. */
#include "base/error.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <string.h>

Test(error, fills_in_all_details)
{
    struct rf_err err;
    memset(&err, 0x55, sizeof(err));
    cr_expect_eq(rf_fail(&err, RF_ERR_CORRUPT, "a.gz", "wrong %s %d", "sum", 7), RF_ERR_CORRUPT);
    cr_expect_eq(err.code, RF_ERR_CORRUPT);
    cr_expect_str_eq(err.where, "a.gz");
    cr_expect_str_eq(err.text, "wrong sum 7");
    cr_expect_not(err.has_offset);
    cr_expect_eq(err.sys_errno, 0);

    cr_expect_eq(rf_fail_at(&err, RF_ERR_LIMIT, NULL, UINT64_C(1) << 40, "x"), RF_ERR_LIMIT);
    cr_expect(err.has_offset);
    cr_expect_eq(err.offset_bytes, UINT64_C(1) << 40);
    cr_expect_str_eq(err.where, "");
}

Test(error, appends_the_reason_of_the_system)
{
    struct rf_err err;
    errno = ENOENT;
    cr_expect_eq(rf_fail_errno(&err, RF_ERR_SOURCE, "f", "cannot open"), RF_ERR_SOURCE);
    cr_expect_eq(err.sys_errno, ENOENT);
    cr_expect_str_eq(err.text, "cannot open: No such file or directory");
}

Test(error, needs_no_place_for_details)
{
    errno = EIO;
    cr_expect_eq(rf_fail(NULL, RF_ERR_USAGE, "w", "t"), RF_ERR_USAGE);
    cr_expect_eq(rf_fail_at(NULL, RF_ERR_USAGE, "w", 1, "t"), RF_ERR_USAGE);
    cr_expect_eq(rf_fail_errno(NULL, RF_ERR_USAGE, "w", "t"), RF_ERR_USAGE);
}

Test(error, cuts_what_is_too_long)
{
    struct rf_err err;
    char wide[2000];
    memset(wide, 'w', sizeof(wide) - 1);
    wide[sizeof(wide) - 1] = '\0';
    errno = EIO;
    (void)rf_fail_errno(&err, RF_ERR_SOURCE, wide, "%s", wide);
    cr_expect_eq(strlen(err.where), sizeof(err.where) - 1);
    cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
}

static rf_code
try_both(rf_code first, int *steps)
{
    RF_TRY(first);
    (*steps)++;
    return RF_OK;
}

Test(error, is_handed_on_by_try)
{
    int steps = 0;
    cr_expect_eq(try_both(RF_ERR_TRUNCATED, &steps), RF_ERR_TRUNCATED);
    cr_expect_eq(steps, 0);
    cr_expect_eq(try_both(RF_OK, &steps), RF_OK);
    cr_expect_eq(steps, 1);
}

Test(error, ends_the_process_over_a_bug, .init = cr_redirect_stderr, .exit_code = 70)
{
    int one = 1;
    RF_VERIFY(one == 1);
    RF_VERIFY(one == 2);
}
