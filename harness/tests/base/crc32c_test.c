/* SPDX-License-Identifier: MIT */
/* CRC32C against its definition, bit by bit. */
#include "base/crc32c.h"

#include <criterion/criterion.h>
#include <string.h>

/* Bit by bit, as RFC 3720 defines it. */
static uint32_t
by_definition(uint32_t crc, const unsigned char *bytes, size_t count)
{
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0x82f63b78) : 0);
        }
    }
    return ~crc;
}

Test(crc32c, is_that_of_the_standard)
{
    unsigned char zeros[32] = {0};
    cr_assert_eq(rf_crc32c("123456789", 9), 0xe3069283);
    cr_assert_eq(rf_crc32c(zeros, sizeof(zeros)), 0x8a9136aa); /* RFC 3720, B.4 */
    cr_assert_eq(rf_crc32c("", 0), 0);
}

Test(crc32c, is_the_same_at_any_place_of_any_length_and_in_pieces)
{
    unsigned char bytes[200];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(i * 167 + (i >> 3));
    }
    for (size_t from = 0; from < 9; from++) {
        for (size_t count = 0; from + count <= sizeof(bytes); count++) {
            uint32_t whole = rf_crc32c(bytes + from, count);
            size_t front = count / 3;
            cr_assert_eq(whole, by_definition(0, bytes + from, count), "%zu bytes at %zu", count,
                         from);
            cr_assert_eq(
                rf_crc32c_add(rf_crc32c(bytes + from, front), bytes + from + front, count - front),
                whole);
        }
    }
}
