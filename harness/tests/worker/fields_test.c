/* SPDX-License-Identifier: MIT */
/* States to JSON and back, from tables of fields. Expected texts are written by hand. */
#include "worker/fields.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "worker/protocol.h"

struct inner {
    refold_text text;
    int32_t number;
};

struct pair {
    refold_text key;
    double value;
};

struct outer {
    uint8_t flag;
    uint8_t count_set;
    int32_t mood;
    int32_t small;
    int64_t count;
    uint64_t natural;
    double real;
    refold_text text;
    refold_time time;
    struct inner inner;
    refold_list list; /* of struct inner */
    refold_list words;
    refold_map map; /* of struct pair */
};

static const char *const moods[] = {"", "good", "bad"};
static const refold_field inner_rows[] = {
    REFOLD_TEXT(struct inner, text, "text"),
    REFOLD_INT32(struct inner, number, "a"),
};
static const refold_field inner_row[] = {REFOLD_ELEMENT_STRUCT(struct inner, inner_rows)};
static const refold_field word_row[] = {REFOLD_ELEMENT(REFOLD_F_TEXT)};
static const refold_field value_row[] = {REFOLD_REAL(struct pair, value, NULL)};
static const refold_field rows[] = {
    REFOLD_TEXT(struct outer, text, "z\"text"),
    REFOLD_BOOLEAN(struct outer, flag, "flag"),
    REFOLD_ENUM(struct outer, mood, "mood", moods),
    REFOLD_INT32(struct outer, small, "B"),
    REFOLD_OPTIONAL(struct outer, count, "count", REFOLD_F_INT64, count_set),
    REFOLD_UINT(struct outer, natural, "natural"),
    REFOLD_REAL(struct outer, real, "re/al~"),
    REFOLD_TIME(struct outer, time, "time"),
    REFOLD_STRUCT(struct outer, inner, "inner", inner_rows),
    REFOLD_LIST(struct outer, list, "list", struct inner, inner_row),
    REFOLD_LIST(struct outer, words, "words", refold_text, word_row),
    REFOLD_MAP(struct outer, map, "map", struct pair, value_row),
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const char empty_json[] = "{\"B\":0,\"flag\":false,\"inner\":{\"a\":0},\"list\":[],"
                                 "\"map\":{},\"natural\":0,\"re/al~\":0,\"words\":[]}";

static struct rf_fields *
make_fields(void)
{
    struct rf_fields *fields = NULL;
    struct rf_err err = {0};
    cr_assert_eq(rf_fields_new(rows, ROW_COUNT, sizeof(struct outer), &fields, &err), RF_OK, "%s",
                 err.text);
    return fields;
}

/* The state's JSON, or what is wrong with it; in a buffer that the test frees. */
static uint32_t
snapshot(const struct outer *state, struct rf_buf *out)
{
    struct rf_fields *fields = make_fields();
    struct rf_buf why = {0};
    uint32_t status = rf_fields_snapshot(fields, state, out, &why);
    if (status != RF_STATUS_OK) {
        cr_expect_eq(out->used, 0, "half a text is left");
        rf_buf_add(out, why.bytes, why.used);
    }
    rf_buf_done(&why);
    rf_fields_free(fields);
    return status;
}

static void
expect_json(const struct outer *state, const char *expected)
{
    struct rf_buf out = {0};
    cr_expect_eq(snapshot(state, &out), RF_STATUS_OK);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
}

static void
expect_fault(const struct outer *state, uint32_t status, const char *expected)
{
    struct rf_buf out = {0};
    cr_expect_eq(snapshot(state, &out), status);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
}

/* A text of the test's own; only rf_text_set would write to it. */
static refold_text
text_of(const char *text)
{
    return (refold_text){text, strlen(text), 0};
}

Test(fields, leaves_out_what_was_never_set_and_sorts_by_bytes)
{
    struct outer state = {0};
    expect_json(&state, empty_json);
}

Test(fields, writes_every_kind)
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

Test(fields, names_the_place_of_a_number_that_is_none)
{
    struct pair pairs[2] = {{text_of("ok"), 1}, {text_of("a/b"), -INFINITY}};
    struct outer state = {.real = NAN};
    expect_fault(&state, RF_STATUS_NONFINITE, "/re~1al~0");
    state.real = 0;
    state.map = (refold_map){pairs, 2, 2, NULL};
    expect_fault(&state, RF_STATUS_NONFINITE, "/map/a~1b");
}

Test(fields, calls_a_state_broken_that_has_no_true_json)
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

Test(fields, ends_a_list_that_never_ends)
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

Test(fields, sorts_many_keys_as_few)
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

Test(fields, omits_what_is_empty_where_the_row_says_so)
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

/* ---- back ---- */

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

Test(fields, reads_back_what_it_wrote)
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

Test(fields, refuses_a_snapshot_of_another_shape)
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

/* ---- tables that are wrong ---- */

static void
expect_table_fault(const refold_field *table, uint64_t count, uint64_t bytes, const char *sentence)
{
    struct rf_fields *fields = NULL;
    struct rf_err err = {0};
    cr_expect_eq(rf_fields_new(table, count, bytes, &fields, &err), RF_ERR_USAGE, "%s", sentence);
    cr_expect_str_eq(err.text, sentence);
    cr_expect_null(fields);
}

Test(fields, refuses_tables_that_are_wrong)
{
    refold_field row = REFOLD_INT(struct outer, count, "count");
    const refold_field good = row;
    const uint64_t bytes = sizeof(struct outer);
    expect_table_fault(NULL, 1, bytes,
                       "the table of fields is missing, or too long, or the state too large");
    row.kind = 12;
    expect_table_fault(&row, 1, bytes, "/count: its kind is unknown to this refold");
    row = good;
    row.flags = 2;
    expect_table_fault(&row, 1, bytes, "/count: it has a flag that is unknown to this refold");
    row = good;
    expect_table_fault(&row, 1, row.offset + 7, "/count: it reaches beyond its struct");
    row.offset = UINT32_MAX - 7;
    expect_table_fault(&row, 1, bytes, "/count: it reaches beyond its struct");
    row.offset = good.offset + 4;
    expect_table_fault(&row, 1, bytes, "/count: its offset is not aligned for its kind");
    row = good;
    row.present = (uint32_t)bytes;
    expect_table_fault(&row, 1, bytes, "/count: its presence byte lies beyond its struct");
    row = good;
    row.name = NULL;
    expect_table_fault(&row, 1, bytes, "the state: a row has no name");
    row.name = "\xFF";
    expect_table_fault(&row, 1, bytes, "the state: a row's name is no UTF-8");
    const refold_field twice[] = {good, good};
    expect_table_fault(twice, 2, bytes, "/count: two rows have this name");
}

Test(fields, refuses_containers_that_are_wrong)
{
    const uint64_t bytes = sizeof(struct outer);
    refold_field row = REFOLD_LIST(struct outer, list, "list", struct inner, inner_row);
    const refold_field good = row;
    row.fields = NULL;
    expect_table_fault(&row, 1, bytes, "/list: a struct, list or map needs rows of its own");
    row = good;
    row.size = 0;
    expect_table_fault(&row, 1, bytes, "/list: a struct, list or map needs a size");
    row = good;
    row.size = 8;
    expect_table_fault(&row, 1, bytes, "/list/*: it reaches beyond its struct");
    row = good;
    row.count = 2;
    expect_table_fault(&row, 1, bytes, "/list: a list or map has one row");
    row = (refold_field)REFOLD_MAP(struct outer, map, "map", struct pair, value_row);
    row.size = 8;
    expect_table_fault(&row, 1, bytes, "/map: a map's entry begins with its key, a refold_text");
    row = (refold_field)REFOLD_ENUM(struct outer, mood, "mood", moods);
    row.count = 1;
    expect_table_fault(&row, 1, bytes,
                       "/mood: an enum needs names, and one unused for 0 before them");
    const char *const holes[] = {"", NULL};
    row.names = holes;
    row.count = 2;
    expect_table_fault(&row, 1, bytes, "/mood: a name of the enum is missing, or no UTF-8");
}

Test(fields, refuses_a_table_that_runs_in_a_ring)
{
    /* Each row holds both: 2^32 of them, were the depth alone bounded. */
    refold_field ring[2];
    for (int i = 0; i < 2; i++) {
        ring[i] = (refold_field){
            i == 0 ? "a" : "b", REFOLD_F_STRUCT, 0, 0, REFOLD_NO_PRESENCE, 8, 2, ring, NULL};
    }
    struct rf_fields *fields = NULL;
    struct rf_err err = {0};
    cr_expect_eq(rf_fields_new(ring, 1, 8, &fields, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "runs in a ring"), "%s", err.text);
}

Test(fields, describes_the_shape_in_the_tables_order)
{
    struct rf_buf out = {0};
    rf_fields_describe(rows, ROW_COUNT, &out);
    cr_expect_str_eq(rf_buf_text(&out),
                     "{\"kind\":9,\"fields\":[{\"name\":\"z\\\"text\",\"kind\":6},{\"name\":"
                     "\"flag\",\"kind\":1},"
                     "{\"name\":\"mood\",\"kind\":8},{\"name\":\"B\",\"kind\":2},{\"name\":"
                     "\"count\",\"kind\":3},"
                     "{\"name\":\"natural\",\"kind\":4},{\"name\":\"re/al~\",\"kind\":5},"
                     "{\"name\":\"time\",\"kind\":7},{\"name\":\"inner\",\"kind\":9,\"fields\":["
                     "{\"name\":\"text\",\"kind\":6},{\"name\":\"a\",\"kind\":2}]},"
                     "{\"name\":\"list\",\"kind\":10,\"fields\":[{\"kind\":9,\"fields\":["
                     "{\"name\":\"text\",\"kind\":6},{\"name\":\"a\",\"kind\":2}]}]},"
                     "{\"name\":\"words\",\"kind\":10,\"fields\":[{\"kind\":6}]},"
                     "{\"name\":\"map\",\"kind\":11,\"fields\":[{\"kind\":5}]}]}");
    rf_buf_done(&out);
}
