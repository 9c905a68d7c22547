/* SPDX-License-Identifier: MIT */
/* Which names pass for slips of another. */
#include "base/typo.h"

#include <criterion/criterion.h>

Test(typo, one_word_is_one_however_it_is_written)
{
    static const char *const same[][2] = {
        {"order", "Order"},
        {"order", "ORDERS"},
        {"order-line", "orderLine"},
        {"_order", "order-"},
        {"order_s", "order"},
        {"", "-_"},
        {"s", ""},
        {"order-s", "Order_S"},
    };
    static const char *const other[][2] = {
        {"order", "ordre"}, {"order", "orderss"}, {"orders", "ordersx"}, {"order", ""},
        {"as", "bs"},       {"order", "orde"},    {"or.der", "order"},
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        cr_assert(rf_typo_same_word(same[i][0], same[i][1]), "%s, %s", same[i][0], same[i][1]);
        cr_assert(rf_typo_same_word(same[i][1], same[i][0]), "%s, %s", same[i][1], same[i][0]);
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        cr_assert_not(rf_typo_same_word(other[i][0], other[i][1]), "%s, %s", other[i][0],
                      other[i][1]);
    }
}
