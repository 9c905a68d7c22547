/* SPDX-License-Identifier: MIT */
/* Growing buffers. */
#include "base/buf.h"

#include <criterion/criterion.h>
#include <string.h>

Test(buf, is_empty_when_zero)
{
    struct rf_buf buf = {0};
    rf_buf_add(&buf, NULL, 0);
    cr_expect_eq(buf.used, 0);
    cr_expect_null(buf.bytes);
    cr_expect_str_eq(rf_buf_text(&buf), "");
    rf_buf_done(&buf);
    cr_expect_null(buf.bytes);
    cr_expect_eq(buf.room, 0);
    rf_buf_done(&buf);
}

Test(buf, keeps_every_byte_while_it_grows)
{
    struct rf_buf buf = {0};
    for (int i = 0; i < 100000; i++) {
        if (i % 3 == 0) {
            rf_buf_byte(&buf, (char)(i % 251));
        } else {
            char byte = (char)(i % 251);
            rf_buf_add(&buf, &byte, 1);
        }
        cr_assert_leq(buf.used, buf.room);
    }
    cr_assert_eq(buf.used, 100000);
    for (int i = 0; i < 100000; i++) {
        cr_assert_eq((unsigned char)buf.bytes[i], i % 251);
    }
    rf_buf_done(&buf);
}

Test(buf, formats_behind_its_content)
{
    struct rf_buf buf = {0};
    char wide[301];
    memset(wide, 'w', 300);
    wide[300] = '\0';
    rf_buf_string(&buf, "a");
    rf_buf_format(&buf, "%d-%s", 42, wide);
    rf_buf_format(&buf, "%s", "");
    rf_buf_byte(&buf, 'z');
    cr_expect_eq(buf.used, 1 + 3 + 300 + 1);
    cr_expect_eq(memcmp(buf.bytes, "a42-www", 7), 0);
    cr_expect_str_eq(rf_buf_text(&buf) + 303, "wz");
    rf_buf_done(&buf);
}

Test(buf, shows_what_would_end_a_c_string)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *shown;
    } rows[] = {
        {NULL, 0, ""},
        {"plain", 5, "plain"},
        {"a\0b", 3,
         "a\xe2\x90\x80"
         "b"},
        {"\0", 1, "\xe2\x90\x80"},
        {"\0\0x\0", 4, "\xe2\x90\x80\xe2\x90\x80x\xe2\x90\x80"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf buf = {0};
        rf_buf_string(&buf, "<");
        rf_buf_add_shown(&buf, rows[i].bytes, rows[i].count);
        cr_expect_str_eq(rf_buf_text(&buf) + 1, rows[i].shown, "row %zu", i);
        cr_expect_eq(buf.used, 1 + strlen(rows[i].shown), "row %zu", i);
        rf_buf_done(&buf);
    }
}

Test(buf, quotes_a_name_that_does_not_read_as_one_word)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *shown;
    } rows[] = {
        {NULL, 0, "''"},
        {"a-1", 3, "a-1"},
        {"a b", 3, "'a b'"},
        {"a ", 2, "'a '"},
        {"\ta", 2, "'\ta'"},
        {"a\0b", 3, "a" RF_NUL_SYMBOL "b"},
        {"\xc3\xa4", 2, "\xc3\xa4"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf buf = {0};
        rf_buf_add_name(&buf, rows[i].bytes, rows[i].count);
        cr_expect_str_eq(rf_buf_text(&buf), rows[i].shown, "row %zu", i);
        rf_buf_done(&buf);
    }
}

Test(buf, keeps_its_room_when_cleared)
{
    struct rf_buf buf = {0};
    rf_buf_string(&buf, "some text");
    const char *bytes = buf.bytes;
    size_t room = buf.room;
    rf_buf_clear(&buf);
    cr_expect_eq(buf.used, 0);
    cr_expect_eq(buf.bytes, bytes);
    cr_expect_eq(buf.room, room);
    rf_buf_reserve(&buf, room);
    cr_expect_eq(buf.bytes, bytes, "room that is there is used");
    rf_buf_reserve(&buf, room + 1);
    cr_expect_geq(buf.room, room + 1);
    rf_buf_done(&buf);
}
