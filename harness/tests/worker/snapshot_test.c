/* SPDX-License-Identifier: MIT */
/* States as canonical JSON. Expected texts are written by hand. */
#include "worker/snapshot.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/worker/outer.h"

static void
expect_fault(const struct outer *state, uint32_t status, const char *expected)
{
    struct rf_buf out = {0};
    cr_expect_eq(snapshot(state, &out), status);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
}

Test(snapshot, leaves_out_what_was_never_set_and_sorts_by_bytes)
{
    struct outer state = {0};
    expect_json(&state, empty_json);
}

Test(snapshot, writes_every_kind)
{
    struct inner elements[2] = {{text_of("\t\xC3\xBC\x1F"), -5}, {.number = 7}};
    refold_text words[3] = {text_of(""), {0}, text_of("w")};
    struct pair pairs[4] = {
        {text_of("b"), 0.1}, {text_of("aa"), -0.0}, {text_of(""), 1e300}, {text_of("\xC3\xBC"), 2}};
    struct outer state = {
        .flag = 1,
        .count_set = 1,
        .mood = 2,
        .small = INT32_MIN,
        .count = INT64_MIN,
        .natural = UINT64_MAX,
        .real = 1.5,
        .text = text_of(""),
        .time = {-62135596800, 120000000, 1},
        .inner = {text_of("x"), 1},
        .list = {elements, 2, 2},
        .words = {words, 3, 3},
        .map = {pairs, 4, 4, NULL},
    };
    expect_json(&state, "{\"B\":-2147483648,\"count\":-9223372036854775808,\"flag\":true,"
                        "\"inner\":{\"a\":1,\"text\":\"x\"},"
                        "\"list\":[{\"a\":-5,\"text\":\"\\t\xC3\xBC\\u001f\"},{\"a\":7}],"
                        "\"map\":{\"\":1e+300,\"aa\":0,\"b\":0.1,\"\xC3\xBC\":2},\"mood\":\"bad\","
                        "\"natural\":18446744073709551615,\"re/al~\":1.5,"
                        "\"time\":\"0001-01-01T00:00:00.12Z\",\"words\":[\"\",null,\"w\"],"
                        "\"z\\\"text\":\"\"}");
}

Test(snapshot, names_the_place_of_a_number_that_is_none)
{
    struct pair pairs[2] = {{text_of("ok"), 1}, {text_of("a/b"), -INFINITY}};
    struct outer state = {.real = NAN};
    expect_fault(&state, RF_STATUS_NONFINITE, "/re~1al~0");
    state.real = 0;
    state.map = (refold_map){pairs, 2, 2, NULL};
    expect_fault(&state, RF_STATUS_NONFINITE, "/map/a~1b");
}

Test(snapshot, calls_a_state_broken_that_has_no_true_json)
{
    struct outer state = {.mood = 3};
    expect_fault(&state, RF_STATUS_BROKEN, "/mood: the enum's value has no name");
    state = (struct outer){.mood = -1};
    expect_fault(&state, RF_STATUS_BROKEN, "/mood: the enum's value has no name");
    state = (struct outer){.text = text_of("a\xFF")};
    expect_fault(&state, RF_STATUS_BROKEN, "/z\"text: the text is not UTF-8");
    state = (struct outer){.time = {0, 1000000000, 1}};
    expect_fault(&state, RF_STATUS_BROKEN, "/time: the time is none of the years 1 to 9999");
    state = (struct outer){.text = {"x", UINT64_MAX, 0}};
    expect_fault(&state, RF_STATUS_BROKEN, "/z\"text: the state's JSON is longer than 64 MiB");
    struct inner element = {.text = text_of("\xC0\x80")};
    state = (struct outer){.list = {&element, 1, 1}};
    expect_fault(&state, RF_STATUS_BROKEN, "/list/0/text: the text is not UTF-8");
    struct pair pairs[3] = {{text_of("b"), 1}, {text_of("a"), 1}, {text_of("b"), 2}};
    state = (struct outer){.map = {pairs, 3, 3, NULL}};
    expect_fault(&state, RF_STATUS_BROKEN, "/map: a key is in the map twice");
    state = (struct outer){.map = {pairs, UINT64_MAX / 2, 3, NULL}};
    expect_fault(&state, RF_STATUS_BROKEN, "/map: the state's JSON is longer than 64 MiB");
}

Test(snapshot, ends_a_list_that_never_ends)
{
    /* Elements of no JSON to speak of: it is the count that is wrong. */
    refold_text *words = calloc(20000000, sizeof(*words));
    struct outer state = {.words = {words, 20000000, 20000000}};
    struct rf_buf out = {0};
    cr_expect_eq(snapshot(&state, &out), RF_STATUS_BROKEN);
    cr_expect_not_null(strstr(rf_buf_text(&out), "the state's JSON is longer than 64 MiB"));
    rf_buf_done(&out);
    free(words);
}

Test(snapshot, sorts_many_keys_as_few)
{
    static struct pair pairs[1000];
    static char keys[1000][8];
    struct rf_buf out = {0};
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "%03d", i * 377 % 1000);
        pairs[i] = (struct pair){text_of(keys[i]), i * 377 % 1000};
    }
    struct outer state = {.map = {pairs, 1000, 1000, NULL}};
    cr_expect_eq(snapshot(&state, &out), RF_STATUS_OK);
    const char *at = strstr(rf_buf_text(&out), "\"map\":{");
    cr_assert_not_null(at);
    at += strlen("\"map\":{");
    for (int i = 0; i < 1000; i++) {
        char expected[32];
        int bytes =
            snprintf(expected, sizeof(expected), "\"%03d\":%d%s", i, i, i < 999 ? "," : "}");
        cr_assert_eq(strncmp(at, expected, (size_t)bytes), 0);
        at += bytes;
    }
    rf_buf_done(&out);
}

/* ---- what is left out where it is empty ---- */

struct quiet {
    int64_t number;
    refold_list list;
    struct inner inner;
};

Test(snapshot, omits_what_is_empty_where_the_row_says_so)
{
    static const refold_field quiet_inner_rows[] = {REFOLD_TEXT(struct inner, text, "text")};
    refold_field quiet_rows[] = {
        REFOLD_INT(struct quiet, number, "number"),
        REFOLD_LIST(struct quiet, list, "list", refold_text, word_row),
        REFOLD_STRUCT(struct quiet, inner, "inner", quiet_inner_rows),
    };
    for (int i = 0; i < 3; i++) {
        quiet_rows[i].flags = REFOLD_OMIT_EMPTY;
    }
    struct rf_fields *fields = NULL;
    struct rf_buf out = {0};
    struct rf_buf why = {0};
    struct quiet state = {0};
    cr_assert_eq(rf_fields_new(quiet_rows, 3, sizeof(state), &fields, NULL), RF_OK);
    (void)rf_fields_snapshot(fields, &state, &out, &why);
    cr_expect_str_eq(rf_buf_text(&out), "{}");
    state.number = 1;
    rf_buf_clear(&out);
    (void)rf_fields_snapshot(fields, &state, &out, &why);
    cr_expect_str_eq(rf_buf_text(&out), "{\"number\":1}");
    state.inner.text = text_of("");
    rf_buf_clear(&out);
    (void)rf_fields_snapshot(fields, &state, &out, &why);
    cr_expect_str_eq(rf_buf_text(&out), "{\"inner\":{\"text\":\"\"},\"number\":1}");
    rf_fields_free(fields);
    rf_buf_done(&out);
    rf_buf_done(&why);
}
