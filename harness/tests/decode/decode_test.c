/* SPDX-License-Identifier: MIT */
/* Tests of decode/decode.c and decode/frame.c. */
#include "decode/decode.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "decode/table.h"
#include "tests/decode/support.h"

/* Records of 34 bytes: A is event a, and so on. */
#define A  "{\"t\":\"T\",   \"d\":{\"ID\":\"a\",\"At\":1}}"
#define B  "{\"t\":\"T\",   \"d\":{\"ID\":\"b\",\"At\":1}}"
#define C  "{\"t\":\"T\",   \"d\":{\"ID\":\"c\",\"At\":1}}"
#define A1 " a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n"
#define B1 " b T @1.000000000 {\"ID\":\"b\",\"At\":1}\n"
#define C1 " c T @1.000000000 {\"ID\":\"c\",\"At\":1}\n"
/* base64 of A without its blanks */
#define A64 "eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiQXQiOjF9fQ=="
/* The same with CRLF behind it: no padding shows where it ends. */
#define LINE64 "eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiQXQiOjF9fQ0K"

static const size_t STEPS[] = {1, 2, 3, 7, 64, 100000};
#define STEP_COUNT (sizeof(STEPS) / sizeof(STEPS[0]))

struct row {
    const char *object;
    const char *log;
    rf_code code;
    const char *text; /**< of the error */
};

/** Whatever the pieces in which the object is read, and packed or not. */
static void
expect_row(const struct row *row)
{
    size_t count = strlen(row->object);
    struct rf_buf packed = {0};
    gzip_member(&packed, row->object, count / 3, 6);
    gzip_member(&packed, row->object + count / 3, count - count / 3, 6);
    for (size_t i = 0; i < STEP_COUNT * 2; i++) {
        bool plain = i < STEP_COUNT;
        struct outcome outcome = decode_bytes("auto", plain ? row->object : packed.bytes,
                                              plain ? count : packed.used, STEPS[i % STEP_COUNT]);
        cr_expect_eq(outcome.code, row->code, "%s: %s", row->object, outcome.err.text);
        cr_expect_str_eq(outcome.log.bytes, row->log, "%s: %s", row->object, outcome.log.bytes);
        cr_expect(row->code == RF_OK || strcmp(outcome.err.text, row->text) == 0, "%s: %s",
                  row->object, outcome.err.text);
        cr_expect(sums_hold(&outcome.counts));
        cr_expect_eq(outcome.counts.bytes, count);
        outcome_done(&outcome);
    }
    rf_buf_done(&packed);
}

static void
expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_row(&rows[i]);
    }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define NO_LINE "the line is neither a JSON object or array nor base64\n"

Test(decode, finds_records_however_they_are_joined)
{
    static const struct row rows[] = {
        {"", "", RF_OK, NULL},
        {" \t\r\n\n", "", RF_OK, NULL},
        {A, "0.0" A1, RF_OK, NULL},
        {A B C, "0.0" A1 "34.0" B1 "68.0" C1, RF_OK, NULL},
        {A "\n" B "\n" C "\n", "0.0" A1 "35.0" B1 "70.0" C1, RF_OK, NULL},
        {A "\r\n" B "\r\n\r\n" C, "0.0" A1 "36.0" B1 "74.0" C1, RF_OK, NULL},
        {"\n\n" A " \t" B "\r" C " ", "2.0" A1 "38.0" B1 "73.0" C1, RF_OK, NULL},
        {"{\n  \"t\": \"T\",\n  \"d\": {\"ID\":\"a\",\"At\":1}\n}\n" B, "0.0" A1 "41.0" B1, RF_OK,
         NULL},
        {"{\"t\":\"T\",\"x\":\"}{\\\"}\\\\\",\"d\":{\"ID\":\"a\",\"At\":1}}" B, "0.0" A1 "45.0" B1,
         RF_OK, NULL},
    };
    EXPECT_ROWS(rows);
}

Test(decode, flattens_batches_one_level)
{
    static const struct row rows[] = {
        {"[" A "," B "]" C, "0.0" A1 "0.1" B1 "71.0" C1, RF_OK, NULL},
        {"[ " A " ]", "0.0" A1, RF_OK, NULL},
        {"[]" C, "2.0" C1, RF_OK, NULL},
        {"[][\n]", "", RF_OK, NULL},
        {"[1," A ",[" B "],\"x\",{}," C "]",
         "!0 part 0 of the batch is not an object\n0.1" A1
         "!0 part 2 of the batch is not an object\n!0 part 3 of the batch is not an object\n"
         "!0 part 4 of the batch: no envelope fits: neither the members t and d (eventsource), "
         "aggregateId and type (flat), specversion (cloudevents) nor detail-type and detail "
         "(eventbridge) are there\n0.5" C1,
         RF_OK, NULL},
    };
    EXPECT_ROWS(rows);
    static const char batches[] = "[" A "," B ",3][]" C;
    struct outcome outcome = decode_bytes("auto", batches, sizeof(batches) - 1, 99);
    cr_expect_eq(outcome.counts.records, 3);
    cr_expect_eq(outcome.counts.expanded, 2);
    cr_expect_eq(outcome.counts.events, 3);
    cr_expect_eq(outcome.counts.malformed, 1);
    cr_expect_eq(outcome.counts.empty, 1);
    outcome_done(&outcome);
}

Test(decode, reads_lines_of_base64)
{
    static const struct row rows[] = {
        {A64, "0.0" A1, RF_OK, NULL},
        {A64 "\n" A64 "\r\n" A64 " \t\r\n", "0.0" A1 "45.0" A1 "91.0" A1, RF_OK, NULL},
        {A A64 "\n" B, "0.0" A1 "34.0" A1 "79.0" B1, RF_OK, NULL},
        {"  " A64, "2.0" A1, RF_OK, NULL},
        {"eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiQXQiOjF9fQ=\n" B, "!0 " NO_LINE "44.0" B1, RF_OK, NULL},
        {A64 A64 "\n" B, "0.0" A1 "0.1" A1 "89.0" B1, RF_OK, NULL},
        {LINE64 LINE64 LINE64 "\n" B, "0.0" A1 "0.1" A1 "0.2" A1 "133.0" B1, RF_OK, NULL},
        {A64 B "\n" C, "0.0" A1 "44.0" B1 "79.0" C1, RF_OK, NULL},
        {"e30=\n" B, "!0 " NO_LINE "5.0" B1, RF_OK, NULL}, /* of {}, but too short a line */
        {"W10gICAg\n" B, "!0 the line is base64, but not of a JSON object\n9.0" B1, RF_OK, NULL},
        {"ICB7fSAg\n" B,
         "!0 no envelope fits: neither the members t and d (eventsource), "
         "aggregateId and type (flat), specversion (cloudevents) nor detail-type and detail "
         "(eventbridge) are there\n9.0" B1,
         RF_OK, NULL},
    };
    EXPECT_ROWS(rows);
}

Test(decode, calls_everything_else_malformed_up_to_the_end_of_its_line_or_a_record)
{
    static const struct row rows[] = {
        {"1", "!0 " NO_LINE, RF_OK, NULL},
        {"true\n" A, "!0 " NO_LINE "5.0" A1, RF_OK, NULL},
        {"\"" A "\"\n" B, "!0 " NO_LINE "37.0" B1, RF_OK, NULL},
        {A "x" B "\n" C, "0.0" A1 "!34 " NO_LINE "35.0" B1 "70.0" C1, RF_OK, NULL},
        {A "," B, "0.0" A1 "!34 " NO_LINE, RF_OK, NULL},
        {"}\n" A, "!0 " NO_LINE "2.0" A1, RF_OK, NULL},
        {"\x1e" A "\n" B, "!0 " NO_LINE "1.0" A1 "36.0" B1, RF_OK, NULL},
        {"\xef\xbb\xbf\xef\xbb\xbf" A "\n" B, "!3 " NO_LINE "6.0" A1 "41.0" B1, RF_OK, NULL},
        {"\xef\xbb" A "\n" B, "!0 " NO_LINE "2.0" A1 "37.0" B1, RF_OK, NULL},
    };
    EXPECT_ROWS(rows);
}

Test(decode, passes_over_a_byte_order_mark_in_front_of_a_record)
{
    static const struct row rows[] = {
        {"\xef\xbb\xbf" A "\n\xef\xbb\xbf" B, "3.0" A1 "41.0" B1, RF_OK, NULL},
        {"\xef\xbb\xbf" A "\xef\xbb\xbf" B, "3.0" A1 "40.0" B1, RF_OK, NULL},
        {"\xef\xbb\xbf", "", RF_OK, NULL},
    };
    EXPECT_ROWS(rows);
}

Test(decode, goes_on_behind_a_damaged_record)
{
    static const struct row rows[] = {
        /* at its string-aware end */
        {"{\"a\":1]" A, "!0 expected ',' or '}', found ']', at byte 6\n7.0" A1, RF_OK, NULL},
        {"{\"a\":x,\"b\":\"}\\\"}\",\"c\":[{}]}" A,
         "!0 expected a value, found 'x', at byte 5\n"
         "27.0" A1,
         RF_OK, NULL},
        {"[1,2" A "}" B, "!0 expected ',' or ']', found '{', at byte 4\n39.0" B1, RF_OK, NULL},
        {A "{,}" B, "0.0" A1 "!34 expected a key in quotes, found ',', at byte 35\n37.0" B1, RF_OK,
         NULL},
        {"{\"a\":01}\n" A,
         "!0 expected no digit behind a leading zero, found '1', at byte 6\n"
         "9.0" A1,
         RF_OK, NULL},
        /* at the next LF followed by { */
        {"{\"a\":1\n" A "\n" B, "!0 expected ',' or '}', found '{', at byte 7\n7.0" A1 "42.0" B1,
         RF_OK, NULL},
        {"{\"a\":[\n\n\r\n" A,
         "!0 expected ',' or ']', but the text ends here, at byte 44\n10.0" A1, RF_OK, NULL},
        {"{\"a\":\"x\n" A "\n" B,
         "!0 expected an escape for a control character, found byte 0x0a, at byte 7\n8.0" A1
         "43.0" B1,
         RF_OK, NULL},
        /* nowhere */
        {A "{\"a\":x", "0.0" A1, RF_ERR_MALFORMED,
         "expected a value, found 'x', at byte 39, in the record that begins at byte 34; neither "
         "its end nor a further record was found"},
        {A "{\"a\":\"\x01\n [" B "\n", "0.0" A1, RF_ERR_MALFORMED,
         "expected an escape for a control character, found byte 0x01, at byte 40, in the record "
         "that begins at byte 34; neither its end nor a further record was found"},
    };
    EXPECT_ROWS(rows);
}

Test(decode, calls_an_object_that_ends_inside_a_record_truncated)
{
    /* Every cut of an object without delimiters, but between its records. */
    static const char object[] = A B C;
    for (size_t cut = 0; cut < sizeof(object); cut++) {
        for (size_t i = 0; i < STEP_COUNT; i++) {
            struct outcome outcome = decode_bytes("auto", object, cut, STEPS[i]);
            char text[128];
            (void)snprintf(text, sizeof(text),
                           "the object ends inside the record that begins at byte %zu",
                           cut / 34 * 34);
            bool torn = cut % 34 != 0;
            cr_expect_eq(outcome.code, torn ? RF_ERR_TRUNCATED : RF_OK, "cut at %zu", cut);
            cr_expect(!torn || strcmp(outcome.err.text, text) == 0, "%s", outcome.err.text);
            cr_expect(!torn || outcome.err.offset_bytes == cut / 34 * 34);
            cr_expect_eq(outcome.counts.events, cut / 34);
            cr_expect_eq(outcome.counts.records, cut / 34);
            outcome_done(&outcome);
        }
    }
}

Test(decode, gives_the_same_in_whatever_pieces_it_reads)
{
    static const char *const between[] = {"", "\n", "\r\n", " \n\n\t"};
    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        struct rf_buf plain = {0};
        struct rf_buf packed = {0};
        make_records(&plain, 3000, between[i]);
        gzip_member(&packed, plain.bytes, plain.used / 2, 6);
        gzip_member(&packed, plain.bytes + plain.used / 2, plain.used - plain.used / 2, 6);
        struct outcome whole = decode_bytes("auto", plain.bytes, plain.used, plain.used);
        cr_assert_eq(whole.counts.events, 3000);
        cr_assert(plain.used > 300000, "longer than the buffers");
        static const size_t steps[] = {1, 17, 4096, 262143, 262144};
        for (size_t j = 0; j < 2 * sizeof(steps) / sizeof(steps[0]); j++) {
            struct rf_buf *object = j % 2 == 0 ? &plain : &packed;
            struct outcome pieces = decode_bytes("auto", object->bytes, object->used, steps[j / 2]);
            cr_assert_eq(pieces.code, RF_OK);
            cr_assert_eq(pieces.log.used, whole.log.used);
            cr_assert_eq(memcmp(pieces.log.bytes, whole.log.bytes, whole.log.used), 0);
            cr_assert_eq(pieces.hashes, whole.hashes);
            cr_assert_eq(pieces.counts.bytes, plain.used);
            cr_assert_eq(pieces.counts.stored_bytes, object->used);
            outcome_done(&pieces);
        }
        outcome_done(&whole);
        rf_buf_done(&plain);
        rf_buf_done(&packed);
    }
}

Test(decode, hands_out_the_whole_records_in_front_of_a_break)
{
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    make_records(&plain, 2000, "");
    gzip_member(&packed, plain.bytes, plain.used, 6);
    size_t cut = packed.used / 2;
    struct outcome first = decode_bytes("auto", packed.bytes, cut, cut);
    cr_expect_eq(first.code, RF_ERR_TRUNCATED);
    cr_expect(strstr(first.err.text, "inside gzip member 1") != NULL, "%s", first.err.text);
    cr_expect(first.counts.events > 500 && first.counts.malformed == 0);
    struct outcome again = decode_bytes("auto", packed.bytes, cut, 1);
    cr_expect_eq(again.counts.events, first.counts.events);
    /* A wrong CRC: all of them. */
    packed.bytes[packed.used - 8] ^= 1;
    struct outcome all = decode_bytes("auto", packed.bytes, packed.used, packed.used);
    cr_expect_eq(all.code, RF_ERR_CORRUPT);
    cr_expect_eq(all.counts.events, 2000);
    outcome_done(&first);
    outcome_done(&again);
    outcome_done(&all);
    rf_buf_done(&plain);
    rf_buf_done(&packed);
}

Test(decode, reads_objects_one_after_the_other_with_one_decoder)
{
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    struct rf_buf packed = {0};
    gzip_member(&packed, A B, strlen(A B), 6);
    static const char *const log = "0.0" A1 "34.0" B1;
    for (int round = 0; round < 3; round++) {
        struct outcome cut = decode_with(decoder, &envelope, packed.bytes, packed.used - 9, 5);
        cr_expect_eq(cut.code, RF_ERR_TRUNCATED);
        outcome_done(&cut);
        struct outcome good = decode_with(decoder, &envelope, packed.bytes, packed.used, 99);
        cr_expect(good.code == RF_OK && strcmp(good.log.bytes, log) == 0);
        cr_expect_eq(good.counts.members, 1);
        outcome_done(&good);
        struct outcome torn = decode_with(decoder, &envelope, A "{\"t\":[[\"", 42, 5);
        cr_expect_eq(torn.code, RF_ERR_TRUNCATED);
        cr_expect_eq(torn.counts.members, 0);
        outcome_done(&torn);
        struct outcome plain = decode_with(decoder, &envelope, A B, strlen(A B), 99);
        cr_expect(plain.code == RF_OK && strcmp(plain.log.bytes, log) == 0);
        outcome_done(&plain);
    }
    rf_buf_done(&packed);
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
}

static rf_code
refuse_second(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    unsigned *seen = context;
    (void)event;
    return ++*seen == 2 ? rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "enough") : RF_OK;
}

static void
ignore_malformed(void *context, const struct rf_malformed *malformed)
{
    (void)context;
    (void)malformed;
}

Test(decode, ends_where_the_sink_says_so_and_the_sums_hold)
{
    static const char *const objects[] = {A B C, "[" A "," B "," C "]", A64 "\n" A64 "\n" A64};
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        struct rf_envelope envelope;
        cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
        struct rf_decoder *decoder = rf_decoder_new();
        unsigned seen = 0;
        struct bytes_input memory = {objects[i], strlen(objects[i]), 5};
        struct rf_decode_input input = {&memory, bytes_read};
        struct rf_decode_sink sink = {
            .context = &seen, .event = refuse_second, .malformed = ignore_malformed};
        struct rf_decode_counts counts = {0};
        struct rf_err err;
        cr_expect_eq(rf_decode_object(decoder, &input, &envelope, &sink, &counts, &err),
                     RF_ERR_INTERRUPTED);
        cr_expect_str_eq(err.text, "enough");
        cr_expect_eq(counts.events, 1);
        cr_expect(sums_hold(&counts));
        rf_decoder_free(decoder);
        rf_envelope_done(&envelope);
    }
}

/** Takes so many events, and then no more. */
struct taker {
    uint64_t takes;
    uint64_t taken;
};

static rf_code
take_some(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    struct taker *taker = context;
    (void)event;
    if (taker->taken == taker->takes) {
        return rf_fail(reterr, RF_ERR_LIMIT, NULL, "no more");
    }
    taker->taken++;
    return RF_OK;
}

Test(decode, an_event_that_nobody_takes_is_none_of_the_sums)
{
    static const char *const objects[] = {A B C A B C, "[" A "," B "," C "][" A "," B "," C "]",
                                          "[1," A "," B "]" C "[" A ",2," B "]" C};
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        for (uint64_t takes = 0; takes < 6; takes++) {
            struct taker taker = {.takes = takes};
            struct bytes_input memory = {objects[i], strlen(objects[i]), 99};
            struct rf_decode_input input = {&memory, bytes_read};
            struct rf_decode_sink sink = {&taker, take_some, ignore_malformed, NULL, NULL};
            struct rf_decode_counts counts = {0};
            struct rf_err err;
            rf_code code = rf_decode_object(decoder, &input, &envelope, &sink, &counts, &err);
            cr_expect_eq(code, RF_ERR_LIMIT);
            cr_expect(sums_hold(&counts), "%s, %d events", objects[i], (int)takes);
            cr_expect_eq(counts.events, takes);
            cr_expect_eq(counts.envelopes[RF_ENVELOPE_EVENTSOURCE], takes);
        }
    }
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
}

/** `front`, then `count` bytes of filling, then `back`. */
static struct rf_buf
make_filled(const char *front, size_t count, const char *back)
{
    struct rf_buf object = {0};
    rf_buf_string(&object, front);
    rf_buf_reserve(&object, count);
    memset(object.bytes + object.used, 'x', count);
    object.used += count;
    rf_buf_string(&object, back);
    return object;
}

Test(decode, takes_a_record_of_exactly_the_limit_and_no_longer_one)
{
    static const char front[] = "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1,\"x\":\"";
    static const char back[] = "\"}}";
    size_t filling = RF_LIMIT_RECORD_BYTES - strlen(front) - strlen(back);
    rf_limits.string_bytes = RF_LIMIT_RECORD_BYTES;
    for (size_t more = 0; more < 2; more++) {
        for (size_t step = 100000; step <= 100000000; step *= 1000) {
            struct rf_buf object = make_filled(front, filling + more, "\"}}\n" B);
            struct outcome outcome = decode_bytes("auto", object.bytes, object.used, step);
            cr_expect_eq(outcome.code, RF_OK, "%s", outcome.err.text);
            cr_expect_eq(outcome.counts.events, 2 - more);
            cr_expect_eq(outcome.counts.malformed, more);
            cr_expect(more == 0 || strstr(outcome.log.bytes, "--limit record=") != NULL);
            outcome_done(&outcome);
            rf_buf_done(&object);
        }
    }
}

Test(decode, passes_over_a_line_longer_than_the_limit)
{
    for (size_t step = 100000; step <= 100000000; step *= 1000) {
        struct rf_buf object = make_filled("", RF_LIMIT_RECORD_BYTES + 1, "\n" B);
        struct outcome outcome = decode_bytes("auto", object.bytes, object.used, step);
        cr_expect_eq(outcome.code, RF_OK);
        cr_expect_eq(outcome.counts.events, 1);
        cr_expect_eq(outcome.counts.malformed, 1);
        cr_expect(strstr(outcome.log.bytes, "!0 line is longer than 16777216") != NULL);
        outcome_done(&outcome);
        rf_buf_done(&object);
    }
}

Test(decode, gives_up_on_an_object_of_nothing_but_damage, .timeout = 60)
{
    struct rf_buf object = {0};
    for (size_t i = 0; i < RF_LIMIT_RECORD_BYTES / 4; i++) {
        rf_buf_add(&object, "{x}\n", 4);
    }
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, object.used);
    cr_expect_eq(outcome.code, RF_ERR_LIMIT);
    cr_expect(strstr(outcome.err.text, "RF_LIMIT_RECOVERY_BYTES") != NULL, "%s", outcome.err.text);
    cr_expect(sums_hold(&outcome.counts));
    outcome_done(&outcome);
    rf_buf_done(&object);
}

/** Any single-bit flip of packed records is an error or gives the very same events. */
Test(decode, lets_no_flip_of_a_packed_object_pass, .timeout = 120)
{
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    make_records(&plain, 8, "\n");
    gzip_member(&packed, plain.bytes, plain.used / 2, 6);
    gzip_member(&packed, plain.bytes + plain.used / 2, plain.used - plain.used / 2, 6);
    struct outcome good = decode_with(decoder, &envelope, packed.bytes, packed.used, 99999);
    cr_assert_eq(good.counts.events, 8);
    unsigned passed = 0;
    for (size_t bit = 0; bit < packed.used * 8; bit++) {
        packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
        struct outcome outcome = decode_with(decoder, &envelope, packed.bytes, packed.used, 99999);
        if (outcome.code == RF_OK) {
            passed++;
            cr_assert_eq(outcome.log.used, good.log.used);
            cr_assert_eq(memcmp(outcome.log.bytes, good.log.bytes, good.log.used), 0);
        }
        cr_assert(sums_hold(&outcome.counts));
        outcome_done(&outcome);
        packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    cr_expect(packed.used * 8 > 2000 && passed < 200);
    outcome_done(&good);
    rf_buf_done(&plain);
    rf_buf_done(&packed);
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
}

/* ---- payloads that are no JSON --------------------------------------------------------------- */

static rf_code
log_payload(void *context, const struct rf_payload *payload, struct rf_err *reterr)
{
    (void)reterr;
    struct outcome *outcome = context;
    rf_buf_format(&outcome->log, "%" PRIu64 ".%" PRIu32 " =", payload->offset, payload->part);
    for (size_t i = 0; i < payload->count; i++) {
        rf_buf_format(&outcome->log, "%02x", (unsigned char)payload->bytes[i]);
    }
    if (payload->has_version) {
        rf_buf_format(&outcome->log, " v%" PRId64 " of", payload->version);
    }
    for (size_t i = 0; i < payload->id_count; i++) {
        rf_buf_format(&outcome->log, " %.*s", (int)payload->ids[i].count, payload->ids[i].bytes);
    }
    rf_buf_byte(&outcome->log, '\n');
    outcome->counts.events++; /* who takes it counts it */
    outcome->counts.envelopes[payload->kind]++;
    return RF_OK;
}

/** @object  decoded by someone who takes payloads */
static void
expect_payloads(const char *spec, const char *object, size_t count, const char *log)
{
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse(spec, &envelope, NULL), RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    struct outcome outcome = {0};
    struct bytes_input memory = {object, count, 7};
    struct rf_decode_input input = {&memory, bytes_read};
    struct rf_decode_sink sink = {&outcome, log_event, log_malformed, log_payload, NULL};
    cr_expect_eq(rf_decode_object(decoder, &input, &envelope, &sink, &outcome.counts, &outcome.err),
                 RF_OK);
    cr_expect_str_eq(rf_buf_text(&outcome.log), log, "%s", rf_buf_text(&outcome.log));
    cr_expect(sums_hold(&outcome.counts));
    outcome_done(&outcome);
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
}

#define EXPECT_PAYLOADS(spec, object, log) expect_payloads(spec, object, sizeof(object) - 1, log)

Test(decode, a_line_of_base64_that_is_no_json_is_a_payload)
{
    EXPECT_PAYLOADS("auto", "CgFhEgFiAA==\n" A64 "\nAQIDBAUG\n",
                    "0.0 =0a016112016200\n"
                    "13.0 a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n58.0 =010203040506\n");
    EXPECT_PAYLOADS("auto", LINE64 LINE64 "\n",
                    "0.0 a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n"
                    "0.1 a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n");
    /* JSON of another kind is malformed whoever listens. */
    EXPECT_PAYLOADS("auto", "W10gICAg\n", "!0 the line is base64, but not of a JSON object\n");
}

Test(decode, payloads_that_were_joined_are_malformed)
{
    EXPECT_PAYLOADS("auto", "CgFhEgFiAA==CgFhEgFiAA==\n",
                    "!0 the line is base64, but not of a JSON object: expected a value, found byte "
                    "0x01; it is several texts of base64 in a row, and payloads that are no JSON "
                    "need a line each\n");
}

Test(decode, without_a_taker_payloads_are_malformed_with_a_hint)
{
    struct outcome outcome = decode_bytes("auto", "AQIDBAUG\n", 9, 9);
    cr_expect_str_eq(
        outcome.log.bytes,
        "!0 the line is base64, but not of a JSON object: expected a value, found byte "
        "0x01; an aggregate that identifies such payloads can read it (-a)\n");
    cr_expect_eq(outcome.counts.malformed, 1);
    outcome_done(&outcome);
}

Test(decode, an_attribute_tells_the_version_and_the_ids_of_its_payload)
{
    EXPECT_PAYLOADS(
        "auto", "{\"Item\":{\"key\":{\"S\":\"x\"},\"_7\":{\"B\":\"CgFh\"},\"_8\":{\"B\":\"!\"}}}",
        "0.0 =0a0161 v7 of x\n!0 the attribute _8 is not base64\n");
}
