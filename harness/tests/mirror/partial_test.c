/* SPDX-License-Identifier: MIT */
/* What is gone on with is what its note says. */
#include "mirror/partial.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "base/alloc.h"

static void
write_some(const struct rf_ledger *ledger, const char *note, const char *text,
           struct rf_partial **ret)
{
    struct rf_err err;
    cr_assert_eq(rf_partial_begin(ledger, "key", NULL, note, 9, ret, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_partial_write(*ret, text, 4, &err), RF_OK, "%s", err.text);
}

Test(partial, a_note_tells_of_no_other_version)
{
    char *folder = rf_strdup("/tmp/refold-partial-XXXXXX");
    struct rf_place *place;
    struct rf_ledger *ledger;
    struct rf_partial *partial;
    struct rf_leftover left;
    struct rf_err err;
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(rf_place_open(folder, false, &place, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_ledger_open(place, "s3://a/", "", false, &ledger, &err), RF_OK, "%s", err.text);
    write_some(ledger, "\"one\"", "aaaa", &partial);
    rf_partial_close(partial, true);
    rf_leftover_find(ledger, "key", &left);
    cr_assert_eq(left.bytes, 4, "that of the first version is here");
    rf_leftover_done(&left);
    write_some(ledger, NULL, "bbbb", &partial);
    rf_leftover_find(ledger, "key", &left); /* as after a kill */
    cr_expect_eq(left.bytes, 0, "these bytes are of a version that nobody noted");
    rf_leftover_done(&left);
    rf_partial_close(partial, true);
    rf_ledger_free(ledger);
    rf_place_close(place);
    char *command = rf_format("rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
    free(command);
    free(folder);
}
