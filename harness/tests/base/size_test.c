/* SPDX-License-Identifier: MIT */
/* Sizes as people write them, and limits that are set. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/size.h"

Test(size, is_read_as_people_write_it)
{
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: it is none */
    } rows[] = {
        {"1", 1},
        {"65536", 65536},
        {"64K", 65536},
        {"64k", 65536},
        {"64KiB", 65536},
        {"64KB", 65536},
        {"16M", 16 * RF_MIB},
        {"4G", 4 * RF_GIB},
        {"2T", 2048 * RF_GIB},
        {"16383P", 0},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551616", 0},
        {"99999999999T", 0},
        {"0", 0},
        {"", 0},
        {"-1", 0},
        {"K", 0},
        {"1X", 0},
        {"1Kx", 0},
        {"1 K", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t bytes = 0;
        bool is = rf_size_parse(rows[i].text, &bytes);
        cr_expect_eq(is, rows[i].bytes != 0, "%s", rows[i].text);
        cr_expect(!is || bytes == rows[i].bytes, "%s", rows[i].text);
    }
}

Test(size, is_written_so_that_it_reads_back)
{
    static const uint64_t sizes[] = {1,           1023,       1024,           1025,      65536,
                                     16 * RF_MIB, 4 * RF_GIB, 3 * RF_GIB + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char text[RF_SIZE_TEXT_BYTES];
        uint64_t bytes = 0;
        cr_expect(rf_size_parse(rf_size_text(sizes[i], text), &bytes) && bytes == sizes[i], "%s",
                  text);
    }
    char text[RF_SIZE_TEXT_BYTES];
    cr_expect_str_eq(rf_size_text(4 * RF_GIB, text), "4G");
    cr_expect_str_eq(rf_size_text(1536, text), "1536");
}

Test(limits, hold_what_is_built_in_until_they_are_set_within_their_range)
{
    cr_assert_eq(rf_limits.record_bytes, RF_LIMIT_RECORD_BYTES);
    for (const struct rf_limit *limit = rf_limit_table; limit->name != NULL; limit++) {
        uint64_t before = *limit->value;
        cr_assert(before >= limit->least && before <= limit->most, "%s", limit->name);
        cr_assert_eq(rf_limit_find(limit->name, strlen(limit->name)), limit);
        char text[32];
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)limit->most);
        cr_expect(rf_limit_set(limit, text) && *limit->value == limit->most, "%s", limit->name);
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)limit->most + 1);
        cr_expect(!rf_limit_set(limit, text) && *limit->value == limit->most, "%s", limit->name);
        cr_expect(!rf_limit_set(limit, "") && !rf_limit_set(limit, "x") &&
                  !rf_limit_set(limit, "0"));
        cr_expect_eq(rf_limit_set(limit, "1K"), limit->is_size && limit->least <= 1024, "%s",
                     limit->name);
    }
    cr_expect_null(rf_limit_find("reco", 4));
}
