/* SPDX-License-Identifier: MIT */
/* The exit status, over all combinations of flags. */
#include "golden/verdict.h"

#include <criterion/criterion.h>
#include <string.h>

/** All combinations of the seven flags; bit i sets the i-th. */
static struct rf_flags
combine(unsigned bits, int signal)
{
    return (struct rf_flags){
        .internal = bits & 1,
        .unwritten = bits >> 1 & 1,
        .incomplete = bits >> 2 & 1,
        .damaged = bits >> 3 & 1,
        .nothing = bits >> 4 & 1,
        .changed = bits >> 5 & 1,
        .no_compare = bits >> 6 & 1,
        .signal = signal,
    };
}

/* The contract: "the first of 70, 5, 4, 3, 2, 1, 0". */
Test(verdict, gives_the_first_exit_status_that_holds)
{
    static const int statuses[] = {70, 5, 4, 3, 2, 1};
    for (unsigned bits = 0; bits < 128; bits++) {
        struct rf_flags flags = combine(bits, 0);
        int want = 0;
        for (int i = 5; i >= 0; i--) {
            want = bits >> i & 1 ? statuses[i] : want;
        }
        cr_assert(rf_verdict_exit(&flags) == want, "flags %x: %d, expected %d", bits,
                  rf_verdict_exit(&flags), want);
    }
}

Test(verdict, a_signal_wins)
{
    static const int signals[] = {1, 2, 13, 15};
    for (unsigned bits = 0; bits < 128; bits++) {
        for (size_t i = 0; i < 4; i++) {
            struct rf_flags flags = combine(bits, signals[i]);
            cr_assert(rf_verdict_exit(&flags) == 128 + signals[i]);
            cr_assert_str_eq(rf_verdict_name(&flags), "interrupted");
        }
    }
}

Test(verdict, says_same_exactly_where_all_was_compared_and_nothing_differs)
{
    for (unsigned bits = 0; bits < 128; bits++) {
        struct rf_flags flags = combine(bits, 0);
        bool same = strcmp(rf_verdict_name(&flags), "same") == 0;
        cr_assert(same == (bits == 0), "flags %x", bits);
        cr_assert(!same || rf_verdict_exit(&flags) == 0);
    }
}

Test(verdict, names_each_flag)
{
    static const char *const names[] = {"incomplete", "incomplete", "incomplete", "damaged",
                                        "uncompared", "changed",    "uncompared"};
    for (unsigned i = 0; i < 7; i++) {
        struct rf_flags flags = combine(1u << i, 0);
        cr_assert_str_eq(rf_verdict_name(&flags), names[i]);
    }
}

Test(verdict, keeps_the_verdict_where_only_a_report_is_missing)
{
    struct rf_flags flags = {.unwritten = true, .changed = true};
    cr_assert_str_eq(rf_verdict_name(&flags), "changed");
    cr_assert(rf_verdict_exit(&flags) == 5);
}
