/* SPDX-License-Identifier: MIT */
/* What one thread finds, and what all find together. */
#include "golden/notes.h"

#include <criterion/criterion.h>

#include "golden/diff.h"

TestSuite(notes, .timeout = 10);

Test(notes, count_what_each_rule_swallowed_of_an_instance)
{
    static const struct rf_ignore_use uses[3] = {
        {.changes = 5, .alone = 2}, {.changes = 1, .alone = 0}, {.changes = 0}};
    struct rf_notes first = {0};
    struct rf_notes second = {0};
    struct rf_notes *const all[] = {&first, &second};
    struct rf_findings findings;
    rf_notes_swallowed(&first, NULL, 3, true);
    cr_assert_null(first.ignores);
    rf_notes_swallowed(&first, uses, 3, true);
    cr_assert_eq(first.ignores[0].only, 1, "of instances, not of changes");
    rf_notes_swallowed(&first, uses, 3, true);
    rf_notes_swallowed(&second, uses, 3, false);
    rf_notes_join(all, 2, &findings);
    cr_assert_eq(findings.ignore_count, 3);
    cr_expect_eq(findings.ignores[0].changes, 15);
    cr_expect_eq(findings.ignores[0].instances, 3);
    cr_expect_eq(findings.ignores[0].only, 2, "no rule made the third one the same");
    cr_expect_eq(findings.ignores[1].changes, 3);
    cr_expect_eq(findings.ignores[1].only, 0);
    cr_expect_eq(findings.ignores[2].instances, 0);
    rf_findings_done(&findings);
}
