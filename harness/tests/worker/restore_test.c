/* SPDX-License-Identifier: MIT */
/* JSON back into states. */
#include "worker/restore.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/worker/outer.h"

static rf_code
restore(const char *json, struct outer *state, struct rf_memory *memory, struct rf_err *reterr)
{
    struct rf_fields *fields = make_fields();
    struct rf_json doc = {0};
    cr_assert_eq(rf_json_read_whole(&doc, json, strlen(json), NULL), RF_OK);
    rf_code code = rf_fields_restore(fields, state, &doc, 0, memory, reterr);
    rf_json_done(&doc);
    rf_fields_free(fields);
    return code;
}

Test(restore, reads_back_what_it_wrote)
{
    static const char *const texts[] = {
        empty_json,
        "{\"B\":-2147483648,\"count\":-9223372036854775808,\"flag\":true,"
        "\"inner\":{\"a\":1,\"text\":\"x\"},"
        "\"list\":[{\"a\":-5,\"text\":\"\\t\xC3\xBC\\u001f\"},{\"a\":7}],"
        "\"map\":{\"\":1e+300,\"a\\nb\":3,\"b\":0.1,\"\xC3\xBC\":2},\"mood\":\"bad\","
        "\"natural\":18446744073709551615,\"re/al~\":1.5,"
        "\"time\":\"0001-01-01T00:00:00.12Z\",\"words\":[\"\",null,\"w\"],\"z\\\"text\":\"\"}",
    };
    for (size_t i = 0; i < 2; i++) {
        struct rf_memory memory = {0};
        struct rf_err err = {0};
        struct outer state = {.text = text_of("left over"), .mood = 1, .count_set = 1};
        cr_assert_eq(restore(texts[i], &state, &memory, &err), RF_OK, "%s", err.text);
        expect_json(&state, texts[i]);
        rf_memory_done(&memory);
    }
}

static void
expect_refusal(const char *member, const char *value, const char *sentence)
{
    struct rf_memory memory = {0};
    struct rf_err err = {0};
    struct outer state = {0};
    char json[512] = "";
    size_t used = (size_t)snprintf(json, sizeof(json), "%s", empty_json);
    (void)snprintf(json + used - 1, sizeof(json) - used, ",\"%s\":%s}", member, value);
    cr_expect_eq(restore(json, &state, &memory, &err), RF_ERR_USAGE, "%s", member);
    cr_expect_str_eq(err.text, sentence);
    rf_memory_done(&memory);
}

Test(restore, refuses_a_snapshot_of_another_shape)
{
    struct rf_memory memory = {0};
    struct rf_err err = {0};
    struct outer state = {0};
    cr_expect_eq(restore("{}", &state, &memory, &err), RF_ERR_USAGE);
    cr_expect_str_eq(err.text, "/B: is missing");
    cr_expect_eq(restore("[]", &state, &memory, &err), RF_ERR_USAGE);
    cr_expect_str_eq(err.text, "the state: is not an object");
    rf_memory_done(&memory);
    expect_refusal("more", "1", "/more: the aggregate has no such field");
    expect_refusal("mood", "\"fair\"", "/mood: is not a name of the enum");
    expect_refusal("mood", "2", "/mood: is not a string");
    expect_refusal("B", "2147483648", "/B: is not a number that fits");
    expect_refusal("count", "1.0", "/count: is not a number that fits");
    expect_refusal("count", "null", "/count: is not a number that fits");
    expect_refusal("natural", "-1", "/natural: is not a number that fits");
    expect_refusal("flag", "0", "/flag: is neither true nor false");
    expect_refusal("time", "\"yesterday\"", "/time: is not a time");
    expect_refusal("list", "{}", "/list: is not an array");
    expect_refusal("list", "[{\"a\":1},null]", "/list/1: is not an object");
    expect_refusal("list", "[{\"text\":\"x\"}]", "/list/0/a: is missing");
    expect_refusal("map", "{\"a~\":null}", "/map/a~0: is not a number that fits");
    expect_refusal("map", "{\"a\":1,\"\\u0061\":2}", "/map/a: a key occurs twice");
    expect_refusal("B", "0", "the state: a key occurs twice");
}
