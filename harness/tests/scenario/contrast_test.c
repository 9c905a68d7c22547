/* SPDX-License-Identifier: MIT */
/* What is written is compared, 0, "", false and null too; what is not written is not. */
#include "scenario/contrast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/limits.h"

/** The differences as one text: "path wanted|got;", with "-" for what is not there. */
static void
expect(const char *wanted, const char *got, bool exactly, const char *expected)
{
    static const char *const beside[] = {"ID", NULL, "At"};
    struct rf_contrasts found = {0};
    struct rf_buf shown = {0};
    rf_contrast(wanted, strlen(wanted), got, strlen(got), exactly, beside, 3, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct rf_contrast *item = &found.items[i];
        rf_buf_format(&shown, "%s %s|%s;", item->path, item->wanted == NULL ? "-" : item->wanted,
                      item->got == NULL ? "-" : item->got);
    }
    cr_expect_str_eq(rf_buf_text(&shown), expected, "%s against %s: %s", wanted, got,
                     rf_buf_text(&shown));
    cr_expect_eq(found.total, found.count);
    rf_buf_done(&shown);
    rf_contrasts_done(&found);
}

Test(scenario_contrast, compares_what_is_written_and_no_more)
{
    expect("{}", "{\"a\":1}", false, "");
    expect("{\"a\":1}", "{\"a\":1,\"b\":2}", false, "");
    expect("{\"a\":1}", "{\"a\":2}", false, "/a 1|2;");
    expect("{\"a\":1,\"c\":3}", "{\"b\":2}", false, "/a 1|-;/c 3|-;");
    expect("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1,\"c\":0}}", false, "");
    expect("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2,\"c\":0}}", false, "/a/b 1|2;");
    expect("{\"a/b\":{\"~\":1}}", "{\"a/b\":{}}", false, "/a~1b/~0 1|-;");
    expect("{\"a\\u0000b\":1}", "{\"a\\u0000b\":2}", false,
           "/a\xe2\x90\x80"
           "b 1|2;");
}

Test(scenario_contrast, tells_zero_empty_false_null_and_absent_apart)
{
    static const char *const values[] = {"0", "\"\"", "false", "null", "[]", "{}", "\"0\"", "1"};
    for (size_t i = 0; i < 8; i++) {
        char wanted[32];
        char expected[64];
        (void)snprintf(wanted, sizeof(wanted), "{\"a\":%s}", values[i]);
        expect(wanted, wanted, false, "");
        (void)snprintf(expected, sizeof(expected), "/a %s|-;", values[i]);
        expect(wanted, "{}", false, expected);
        for (size_t j = 0; j < 8; j++) {
            char got[32];
            (void)snprintf(got, sizeof(got), "{\"a\":%s}", values[j]);
            (void)snprintf(expected, sizeof(expected), "/a %s|%s;", values[i], values[j]);
            expect(wanted, got, false, i == j ? "" : expected);
            expect(wanted, got, true, i == j ? "" : expected);
        }
    }
}

Test(scenario_contrast, exactly_leaves_nothing_over)
{
    expect("{}", "{\"a\":1}", true, "/a -|1;");
    expect("{\"b\":1}", "{\"a\":null,\"b\":1,\"c\":{}}", true, "/a -|null;/c -|{};");
    expect("{\"a\":{}}", "{\"a\":{\"b\":0}}", true, "/a/b -|0;");
    expect("{\"a\":[{}]}", "{\"a\":[{\"b\":0}]}", true, "/a/0/b -|0;");
}

Test(scenario_contrast, the_envelopes_members_may_stand_beside)
{
    expect("{}", "{\"At\":1,\"ID\":2}", true, "");
    expect("{\"At\":3}", "{\"At\":1,\"ID\":2}", true, "/At 3|1;");
    expect("{\"a\":{}}", "{\"a\":{\"ID\":1}}", true, "/a/ID -|1;");
}

Test(scenario_contrast, arrays_are_as_long)
{
    expect("[1,2]", "[1,2]", false, "");
    expect("[1,2]", "[1,3]", false, "/1 2|3;");
    expect("[1]", "[1,2]", false, " [1]|[1,2];");
    expect("{\"a\":[]}", "{\"a\":[0]}", false, "/a []|[0];");
    expect("[{\"a\":1}]", "[{\"a\":1,\"b\":2}]", false, "");
    expect("[[{\"a\":1}]]", "[[{\"a\":2}]]", false, "/0/0/a 1|2;");
    expect("[]", "{}", false, " []|{};");
    expect("1", "2", false, " 1|2;");
}

Test(scenario_contrast, numbers_are_equal_by_value_and_no_rounding_makes_them_so)
{
    expect("[1,1.0,1e2,0,1.50]", "[1.0,1,100,-0.0,15e-1]", false, "");
    expect("9007199254740992", "9007199254740993.0", false,
           " 9007199254740992|9007199254740993.0;");
    expect("{\"a\":12345678901234567890123}", "{\"a\":12345678901234567890999}", true,
           "/a 12345678901234567890123|12345678901234567890999;");
    expect("0.1", "0.10000000000000001", false, " 0.1|0.10000000000000001;");
    expect("1", "\"1\"", false, " 1|\"1\";");
}

Test(scenario_contrast, counts_all_and_keeps_some)
{
    struct rf_buf wanted = {0};
    struct rf_contrasts found = {0};
    for (int i = 100; i < 500; i++) {
        rf_buf_format(&wanted, "%s\"k%d\":0", i == 100 ? "{" : ",", i);
    }
    rf_buf_byte(&wanted, '}');
    rf_contrast(wanted.bytes, wanted.used, "{}", 2, false, NULL, 0, &found);
    cr_expect_eq(found.total, 400);
    cr_expect_eq(found.count, RF_LIMIT_CHANGES);
    rf_contrasts_done(&found);
    rf_buf_done(&wanted);
}
