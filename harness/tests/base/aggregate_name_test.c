/* SPDX-License-Identifier: MIT */
/* Names of aggregates: those that can name a golden file, and no other. */
#include "base/aggregate_name.h"

#include <criterion/criterion.h>
#include <string.h>

Test(aggregate_name, fits_where_it_names_a_golden_file)
{
    static const char *const names[] = {"order",      "Order_1.x-y", "a",         "-", "pending",
                                        "a.pendings", "a.pending.b", "pending.a", "9"};
    static const char *const others[] = {
        "", ".a", "a/b", "a b", "a\n", "caf\xc3\xa9", "a.pending", ".pending", "a.b.pending"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        cr_expect(rf_aggregate_name_fits(names[i], strlen(names[i])), "%s", names[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect(!rf_aggregate_name_fits(others[i], strlen(others[i])), "%s", others[i]);
    }
    cr_expect(!rf_aggregate_name_fits("a\0b", 3), "a NUL is no letter");
}

Test(aggregate_name, has_a_most)
{
    char name[RF_AGGREGATE_NAME_BYTES + 1];
    memset(name, 'a', sizeof(name));
    cr_expect(rf_aggregate_name_fits(name, RF_AGGREGATE_NAME_BYTES));
    cr_expect(!rf_aggregate_name_fits(name, RF_AGGREGATE_NAME_BYTES + 1));
}
