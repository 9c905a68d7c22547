/* SPDX-License-Identifier: MIT */
/* What an aggregate sees of an event, through the header's own functions. */
#include "worker/values.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static refold_event
event_of(const char *data)
{
    static struct rf_event_values values; /* no test has two events at a time */
    values = (struct rf_event_values){.text = {data, strlen(data)}};
    refold_event event = {.size = sizeof(event), .host = rf_values_host(), .host_data = &values};
    rf_values_begin_instance();
    return event;
}

static bool
is(refold_string text, const char *expected)
{
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

/* What each accessor says of one value: "i" int, "u" uint, "r" real, "b" bool, "s" string, "t"
 * time.
 */
static void
expect_takers(const char *value, const char *takers)
{
    char data[256];
    char got[8];
    size_t taken = 0;
    int64_t integer;
    uint64_t natural;
    double real;
    int32_t truth;
    refold_string string;
    refold_time time;
    (void)snprintf(data, sizeof(data), "{\"a\":%s}", value);
    refold_event event = event_of(data);
    got[taken] = 'i';
    taken += refold_event_int(&event, "a", &integer) ? 1 : 0;
    got[taken] = 'u';
    taken += refold_event_uint(&event, "a", &natural) ? 1 : 0;
    got[taken] = 'r';
    taken += refold_event_real(&event, "a", &real) ? 1 : 0;
    got[taken] = 'b';
    taken += refold_event_bool(&event, "a", &truth) ? 1 : 0;
    got[taken] = 's';
    taken += refold_event_string(&event, "a", &string) ? 1 : 0;
    got[taken] = 't';
    taken += refold_event_time(&event, "a", &time) ? 1 : 0;
    got[taken] = '\0';
    cr_expect_str_eq(got, takers, "%s: %s, not %s", value, got, takers);
    rf_values_done();
}

Test(values, converts_only_what_is_of_the_kind_and_fits)
{
    expect_takers("1", "iurt");
    expect_takers("0", "iurt");
    expect_takers("-1", "irt");
    expect_takers("9223372036854775807", "iur");
    expect_takers("9223372036854775808", "ur");
    expect_takers("18446744073709551615", "ur");
    expect_takers("18446744073709551616", "r");
    expect_takers("-9223372036854775808", "ir");
    expect_takers("-9223372036854775809", "r");
    expect_takers("3.0", "rt");
    expect_takers("3e0", "rt");
    expect_takers("3E0", "rt");
    expect_takers("1e999", "");
    expect_takers("\"3\"", "s");
    expect_takers("\"2017-06-22T10:11:12Z\"", "st");
    expect_takers("\"2017-06-22T10:11:12\\u005a\"", "st");
    expect_takers("true", "b");
    expect_takers("null", "");
    expect_takers("[1]", "");
    expect_takers("{\"a\":1}", "");
}

Test(values, short_numbers_and_long_ones_are_what_they_say)
{
    const char *const numbers[] = {"0",
                                   "7",
                                   "10",
                                   "123456789012345678",
                                   "999999999999999999",
                                   "1000000000000000000",
                                   "9223372036854775807"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char data[64];
        int64_t integer = -1;
        uint64_t natural = 1;
        (void)snprintf(data, sizeof(data), "{\"a\":%s}", numbers[i]);
        refold_event event = event_of(data);
        cr_expect(refold_event_int(&event, "a", &integer));
        cr_expect(refold_event_uint(&event, "a", &natural));
        cr_expect_eq(integer, strtoll(numbers[i], NULL, 10), "%s", numbers[i]);
        cr_expect_eq(natural, strtoull(numbers[i], NULL, 10), "%s", numbers[i]);
        rf_values_done();
    }
}

Test(values, leaves_the_result_alone_where_it_fails)
{
    refold_event event = event_of("{\"a\":\"x\"}");
    int64_t number = 77;
    cr_expect_not(refold_event_int(&event, "a", &number));
    cr_expect_not(refold_event_int(&event, "b", &number));
    cr_expect_eq(number, 77);
    rf_values_done();
}

Test(values, takes_the_last_of_a_repeated_key)
{
    refold_event event = event_of("{\"a\":1,\"b\":2,\"\\u0061\":3}");
    int64_t number;
    cr_assert(refold_event_int(&event, "a", &number));
    cr_expect_eq(number, 3);
    rf_values_done();
}

Test(values, decodes_strings_that_live_as_long_as_the_call)
{
    refold_event event = event_of("{\"a\":\"x\\ny\",\"b\":\"\\u00fc\\u0000\",\"c\":\"plain\"}");
    refold_string a, b, c;
    cr_assert(refold_event_string(&event, "a", &a));
    cr_assert(refold_event_string(&event, "b", &b));
    cr_assert(refold_event_string(&event, "c", &c));
    cr_expect(is(a, "x\ny"));
    cr_expect(b.len == 3 && memcmp(b.ptr, "\xC3\xBC\0", 3) == 0);
    cr_expect(is(c, "plain"));
    cr_expect_eq(c.ptr, strstr(refold_event_data(&event).ptr, "plain"), "copied for nothing");
    rf_values_done();
}

Test(values, reads_times_as_the_envelope_does)
{
    refold_event event = event_of("{\"a\":\"2017-06-22T12:11:12.5+02:00\",\"b\":1498126272.25,"
                                  "\"c\":1498126272500}");
    refold_time a, b, c;
    cr_assert(refold_event_time(&event, "a", &a));
    cr_assert(refold_event_time(&event, "b", &b));
    cr_assert(refold_event_time(&event, "c", &c));
    cr_expect(a.seconds == 1498126272 && a.nanos == 500000000 && a.set == 1);
    cr_expect(b.seconds == 1498126272 && b.nanos == 250000000 && b.set == 1);
    cr_expect(c.seconds == 1498126272 && c.nanos == 500000000 && c.set == 1);
    rf_values_done();
}

/* The sum of all numbers in a value, by walking through it. */
static double
sum_of(const refold_host *host, const refold_value *value)
{
    double sum = 0;
    uint64_t cursor = 0;
    refold_value inner;
    refold_string key = {NULL, 0};
    if (host->to_real(value, &sum)) {
        return sum;
    }
    while (host->next(value, &cursor, &key, &inner)) {
        cr_expect_eq(value->kind == REFOLD_OBJECT, key.ptr != NULL);
        sum += sum_of(host, &inner);
    }
    return sum;
}

Test(values, walks_deeper_than_it_remembers)
{
    /* 20 levels, each with a number before and behind the next one. */
    char data[4096] = "{\"v\":";
    for (int i = 0; i < 20; i++) {
        (void)strcat(data, i % 2 == 0 ? "[1," : "{\"k\\n\":1,\"m\":");
    }
    (void)strcat(data, "[]");
    for (int i = 19; i >= 0; i--) {
        (void)strcat(data, i % 2 == 0 ? ",100]" : ",\"z\":100}");
    }
    (void)strcat(data, "}");
    refold_event event = event_of(data);
    refold_value value;
    cr_assert(refold_event_value(&event, "v", &value));
    cr_expect_eq(value.kind, REFOLD_ARRAY);
    /* Keys are set for objects only: begin with none for each walk. */
    uint64_t cursor = 0;
    refold_value first;
    cr_assert(event.host->next(&value, &cursor, NULL, &first));
    double sum = 0;
    cr_assert(event.host->to_real(&first, &sum));
    cr_expect_eq(sum, 1);
    cr_expect_eq(sum_of(event.host, &value), 2020);
    rf_values_done();
}

Test(values, finds_no_members_in_what_has_none)
{
    refold_event event = event_of("{\"a\":[],\"b\":{},\"c\":\"text\"}");
    const refold_host *host = event.host;
    for (const char *name = "abc"; *name != '\0'; name++) {
        refold_value value, inner;
        uint64_t cursor = 0;
        char key[2] = {*name, '\0'};
        cr_assert(refold_event_value(&event, key, &value));
        cr_expect_not(host->next(&value, &cursor, NULL, &inner));
        cr_expect_not(host->member(&value, "a", 1, &inner));
    }
    struct rf_event_values empty = {.text = {"", 0}};
    event.host_data = &empty;
    refold_value value;
    cr_expect_not(refold_event_value(&event, "a", &value));
    rf_values_done();
}

/* JSON in a string: what was decoded lies at the same place, with the same length, in each call. */
Test(values, does_not_take_one_calls_text_for_anothers)
{
    const char *datas[] = {"{\"m\":\"{\\\"n\\\":1,\\\"other\\\":9}\"}",
                           "{\"m\":\"{\\\"other\\\":9,\\\"n\\\":2}\"}"};
    rf_values_begin_instance();
    for (int64_t i = 0; i < 2; i++) {
        rf_values_begin_call();
        struct rf_event_values values = {.text = {datas[i], strlen(datas[i])}};
        refold_event event = {
            .size = sizeof(event), .host = rf_values_host(), .host_data = &values};
        refold_value message = {.kind = REFOLD_OBJECT};
        refold_value inner;
        int64_t number = 0;
        cr_assert(refold_event_string(&event, "m", &message.json));
        cr_assert(event.host->member(&message, "n", 1, &inner));
        cr_assert(event.host->to_int64(&inner, &number));
        cr_expect_eq(number, i + 1);
    }
    rf_values_done();
}

Test(values, tells_events_of_a_batch_apart)
{
    char datas[40][32];
    refold_event events[40];
    struct rf_event_values values[40];
    for (int i = 0; i < 40; i++) {
        (void)snprintf(datas[i], sizeof(datas[i]), "{\"a\":%d}", i + 100);
        events[i] = event_of(datas[i]);
        values[i] = (struct rf_event_values){.text = {datas[i], strlen(datas[i])}};
        events[i].host_data = &values[i];
    }
    for (int turn = 0; turn < 200; turn++) {
        int i = turn * 7 % 40;
        int64_t number;
        cr_assert(refold_event_int(&events[i], "a", &number));
        cr_expect_eq(number, i + 100);
    }
    rf_values_done();
}

/** The text as it is kept. Until the next call. */
static const char *
refused_with(const char *text, size_t count)
{
    const char *kept;
    size_t bytes;
    refold_event event = event_of("{}");
    rf_values_begin_call();
    event.host->reject(&event, text, count);
    cr_assert(rf_values_rejection(&kept, &bytes));
    cr_assert_eq(strlen(kept), bytes);
    return kept;
}

Test(values, keeps_a_refusal_as_whole_characters)
{
    const char *text;
    size_t bytes;
    char longer[RF_REJECT_BYTES + 8];
    rf_values_begin_call();
    cr_expect_not(rf_values_rejection(&text, &bytes));
    cr_expect_str_eq(refused_with("no way \xC3\xBC", 9), "no way \xC3\xBC");
    /* The last character would be cut in half. */
    memset(longer, 'a', sizeof(longer));
    memcpy(longer + RF_REJECT_BYTES - 1, "\xC3\xBC", 2);
    text = refused_with(longer, RF_REJECT_BYTES + 1);
    cr_expect_eq(strspn(text, "a"), RF_REJECT_BYTES - 1);
    cr_expect_eq(strncmp(text + RF_REJECT_BYTES - 1, " [1025 bytes, ", 14), 0, "%s", text);
    text = refused_with(longer, RF_REJECT_BYTES - 1);
    cr_expect_eq(strlen(text), RF_REJECT_BYTES - 1, "as long as it may be");
    rf_values_begin_call();
    cr_expect_not(rf_values_rejection(&text, &bytes));
    rf_values_done();
}

Test(values, tells_refusals_apart_that_look_alike)
{
    const struct {
        const char *text;
        size_t bytes;
    } alike[] = {{"a?b", 3},
                 {"a\0b", 3},
                 {"a\xFF"
                  "b",
                  3},
                 {"a\xFE"
                  "b",
                  3},
                 {"a\xE2\x90\x80"
                  "b",
                  5}};
    char *kept[5 + 2];
    char longer[2 * RF_REJECT_BYTES];
    memset(longer, 'x', sizeof(longer));
    for (size_t i = 0; i < 5; i++) {
        kept[i] = rf_strdup(refused_with(alike[i].text, alike[i].bytes));
    }
    kept[5] = rf_strdup(refused_with(longer, sizeof(longer)));
    longer[sizeof(longer) - 1] = 'y';
    kept[6] = rf_strdup(refused_with(longer, sizeof(longer)));
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_expect_str_neq(kept[i], kept[j]);
        }
    }
    for (size_t i = 0; i < 7; i++) {
        free(kept[i]);
    }
    rf_values_done();
}

Test(values, gathers_what_is_emitted)
{
    bool cut;
    rf_values_begin_instance();
    rf_values_host()->emit("{\"a\"", 4);
    rf_values_host()->emit(":1}", 3);
    const struct rf_buf *emitted = rf_values_emitted(&cut);
    cr_expect(is((refold_string){emitted->bytes, emitted->used}, "{\"a\":1}"));
    cr_expect_not(cut);
    rf_values_host()->emit("x", UINT64_MAX);
    (void)rf_values_emitted(&cut);
    cr_expect(cut);
    rf_values_done();
}
