/* SPDX-License-Identifier: MIT */
/* The order of bytes. */
#include "base/bytes.h"

#include <criterion/criterion.h>

Test(bytes, compare_as_unsigned_numbers_and_the_front_first)
{
    static const struct {
        const char *bytes;
        size_t count;
    } sorted[] = {{NULL, 0}, {"\0", 1}, {"\0\0", 2}, {"a", 1},   {"a\0", 2},
                  {"ab", 2}, {"b", 1},  {"\x80", 1}, {"\xff", 1}};
    size_t count = sizeof(sorted) / sizeof(sorted[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            int order = rf_bytes_compare(sorted[i].bytes, sorted[i].count, sorted[k].bytes,
                                         sorted[k].count);
            cr_expect((order > 0) - (order < 0) == (i > k) - (i < k), "%zu and %zu", i, k);
            cr_expect(rf_bytes_same(sorted[i].bytes, sorted[i].count, sorted[k].bytes,
                                    sorted[k].count) == (i == k));
        }
    }
    cr_expect(rf_bytes_same("", 0, NULL, 0));
}

Test(bytes, are_little_endian_on_every_machine)
{
    unsigned char bytes[8];
    rf_put_le64(bytes, UINT64_C(0x0102030405060708));
    cr_expect_arr_eq(bytes, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
}

Test(bytes, strings_are_sorted_as_pointers)
{
    const char *texts[] = {"b", "", "ab", "a"};
    qsort(texts, 4, sizeof(texts[0]), rf_strings_compare);
    cr_expect_str_eq(texts[0], "");
    cr_expect_str_eq(texts[1], "a");
    cr_expect_str_eq(texts[2], "ab");
    cr_expect_str_eq(texts[3], "b");
}

Test(bytes, few_are_copied_and_nothing_beside_them)
{
    enum { MOST = 160 };
    unsigned char from[MOST];
    unsigned char to[MOST + 2];
    unsigned char expected[MOST + 2];
    for (size_t i = 0; i < MOST; i++) {
        from[i] = (unsigned char)(i * 7 + 1);
    }
    for (size_t bytes = 0; bytes <= MOST; bytes++) {
        memset(to, 0, sizeof(to));
        memset(expected, 0, sizeof(expected));
        memcpy(expected + 1, from + MOST - bytes, bytes);
        rf_copy_few(to + 1, from + MOST - bytes, bytes);
        cr_assert_eq(memcmp(to, expected, sizeof(to)), 0, "%zu bytes", bytes);
    }
}

Test(bytes, few_are_the_same_if_each_is)
{
    enum { MOST = 80 };
    unsigned char a[MOST];
    unsigned char b[MOST];
    for (size_t i = 0; i < MOST; i++) {
        a[i] = (unsigned char)(i * 7 + 1);
    }
    for (size_t bytes = 0; bytes <= MOST; bytes++) {
        size_t from = MOST - bytes;
        memcpy(b, a, sizeof(b));
        if (from > 0) {
            b[from - 1] ^= 1;
        }
        cr_assert(rf_same_few(a + from, b + from, bytes), "%zu bytes", bytes);
        for (size_t i = from; i < MOST; i++) {
            b[i] ^= 0x80;
            cr_assert(!rf_same_few(a + from, b + from, bytes), "byte %zu of %zu", i - from, bytes);
            b[i] ^= 0x80;
        }
    }
}
