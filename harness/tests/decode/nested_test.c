/* SPDX-License-Identifier: MIT */
/* Records in records: CloudWatch's, error records, aggregates of KPL, joined base64 (decode.c,
 * kpl.c, wrapped.c). */
#include <criterion/criterion.h>
#include <nettle/md5.h>

#include "base/limits.h"
#include "decode/kpl.h"
#include "tests/decode/base64_text.h"
#include "tests/decode/support.h"

/* Records of 34 bytes: A is event a, and so on. */
#define A "{\"t\":\"T\",   \"d\":{\"ID\":\"a\",\"At\":1}}"
#define B "{\"t\":\"T\",   \"d\":{\"ID\":\"b\",\"At\":1}}"
/* the same within a string */
#define A_ "{\\\"t\\\":\\\"T\\\",\\\"d\\\":{\\\"ID\\\":\\\"a\\\",\\\"At\\\":1}}"
#define A1 " a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n"
#define B1 " b T @1.000000000 {\"ID\":\"b\",\"At\":1}\n"

#define CLOUDWATCH(events)                                                                         \
    "{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logEvents\":[" events "]}"
#define LOG_EVENT(text) "{\"id\":\"1\",\"timestamp\":1,\"message\":\"" text "\"}"

/** Read in pieces of all sizes, as objects or (errors) as those of an error prefix. */
static void
expect(const char *envelope_spec, bool errors, const void *bytes, size_t count, rf_code code,
       const char *log)
{
    static const size_t steps[] = {1, 7, 100000};
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse(envelope_spec, &envelope, NULL), RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    rf_decoder_errors(decoder, errors);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct outcome outcome = decode_with(decoder, &envelope, bytes, count, steps[i]);
        cr_expect_eq(outcome.code, code, "%s", outcome.err.text);
        cr_expect_str_eq(code == RF_OK ? outcome.log.bytes : outcome.err.text, log);
        cr_expect(sums_hold(&outcome.counts));
        outcome_done(&outcome);
    }
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
}

static void
expect_text(const char *envelope, bool errors, const char *text, const char *log)
{
    expect(envelope, errors, text, strlen(text), RF_OK, log);
}

#define NO_LOG_EVENTS                                                                              \
    "!0 holds no log events of CloudWatch's, and what stands beside them would not be read\n"

Test(nested, messages_of_cloudwatch_are_records_and_parts)
{
    static const char *const rows[][2] = {
        {CLOUDWATCH(LOG_EVENT(A_ A_) "," LOG_EVENT("[" A_ "]") "," LOG_EVENT(A_)),
         "0.0" A1 "0.1" A1 "0.2" A1 "0.3" A1},
        {CLOUDWATCH(LOG_EVENT("") "," LOG_EVENT(A_)), "0.1" A1},
        {CLOUDWATCH(""), ""},
        {"{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[{\"message\":\"CWL\"}]}", ""},
        {CLOUDWATCH(LOG_EVENT("START of it")),
         "!0 in a log event of CloudWatch's: the line is neither a JSON object or array nor "
         "base64\n"},
        {CLOUDWATCH(LOG_EVENT("{\\\"t\\\":") "," LOG_EVENT(A_)),
         "!0 in a log event of CloudWatch's: the object ends inside the record that begins at byte "
         "0\n0.1" A1},
        {CLOUDWATCH("{\"message\":7}"),
         "!0 a log event of CloudWatch without a message (one string)\n"},
        {"{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"subscriptionFilters\":[\"f\"],"
         "\"logEvents\":[]}",
         ""},
        {"{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[],\"event\":" A "}", NO_LOG_EVENTS},
        {"{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[],\"events\":[" A "]}",
         NO_LOG_EVENTS},
        {"{\"Records\":[],\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[" LOG_EVENT(A_) "]}",
         "0.0" A1},
        {"{\"Records\":[" A "],\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[" LOG_EVENT(A_) "]}",
         "!0 what stands beside its Records would not be read\n"},
        {"{\"messageType\":\"OTHER\",\"logEvents\":[]}",
         "!0 /messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE\n"},
        {"{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":{}}", "!0 /logEvents is no array\n"},
        {"[" CLOUDWATCH(LOG_EVENT(A_)) "," A "]", "0.0" A1 "0.1" A1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_text("auto", false, rows[i][0], rows[i][1]);
    }
    expect_text("auto", false, CLOUDWATCH(LOG_EVENT(A_)) "\n" A, "0.0" A1 "138.0" A1);
}

Test(nested, cloudwatch_as_an_envelope_takes_nothing_else)
{
    expect_text("cloudwatch", false, A "\n" CLOUDWATCH(LOG_EVENT(A_)) A,
                "!0 is none of CloudWatch's: it has no messageType and logEvents\n35.0" A1
                "!172 is none of CloudWatch's: it has no messageType and logEvents\n");
    expect_text("id=/d/ID,type=/t", false, CLOUDWATCH(LOG_EVENT(A_)),
                "0.0 a T {\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}\n");
}

Test(nested, events_of_cloudwatch_are_counted_as_its)
{
    struct outcome outcome =
        decode_bytes("auto", CLOUDWATCH(LOG_EVENT(A_)) A, strlen(CLOUDWATCH(LOG_EVENT(A_)) A), 9);
    cr_expect_eq(outcome.counts.envelopes[RF_ENVELOPE_CLOUDWATCH], 1);
    cr_expect_eq(outcome.counts.envelopes[RF_ENVELOPE_EVENTSOURCE], 1);
    outcome_done(&outcome);
}

#define SNS(message)                                                                               \
    "{\"Type\":\"Notification\",\"MessageId\":\"m\",\"TopicArn\":\"arn:aws:sns:x:1:t\"," message "}"

Test(nested, what_was_published_to_sns_is_a_record)
{
    static const char *const rows[][2] = {
        {SNS("\"Message\":\"" A_ "\""), "0.0" A1},
        {SNS("\"Message\":\"[" A_ "," A_ "]\""), "0.0" A1 "0.1" A1},
        {SNS("\"Message\":\"\""), ""},
        {SNS("\"Message\":\"hello\""),
         "!0 in a message of SNS's: the line is neither a JSON object or array nor base64\n"},
        {SNS("\"Message\":\"{}\",\"Message\":\"{}\""),
         "!0 a notification of SNS without a Message (one string)\n"},
        {SNS("\"Message\":7"), "!0 a notification of SNS without a Message (one string)\n"},
        {"{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\"t\",\"Message\":\"You have "
         "chosen\"}",
         ""},
        {"{\"Type\":\"UnsubscribeConfirmation\",\"TopicArn\":\"t\",\"Message\":\"You have "
         "chosen\"}",
         ""},
        {"{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\"t\",\"Message\":\"x\",\"event\":" A
         "}",
         "!0 is a confirmation of SNS's, and what stands beside it would not be read\n"},
        {"{\"Records\":[],\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\"" A_ "\"}",
         "0.0" A1},
        {"{\"Type\":\"Other\",\"TopicArn\":\"t\",\"Message\":\"" A_ "\"}",
         "!0 /Type is none of SNS's: neither Notification nor a confirmation\n"},
        {"{\"Type\":\"Notification\",\"Type\":\"x\",\"TopicArn\":\"t\",\"Message\":\"" A_ "\"}",
         "!0 the key 'Type' occurs twice\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_text("auto", false, rows[i][0], rows[i][1]);
    }
    expect_text("id=/d/ID,type=/t", false, SNS("\"Message\":\"" A_ "\""),
                "0.0 a T {\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}\n");
    expect_text("cloudwatch", false, SNS("\"Message\":\"" A_ "\""),
                "!0 is none of CloudWatch's: it has no messageType and logEvents\n");
    /* What fits by itself is what it says. */
    expect_text("id=/MessageId,type=/Type", false, SNS("\"Message\":\"" A_ "\""),
                "0.0 m Notification " SNS("\"Message\":\"" A_ "\"") "\n");
}

/** A field of protobuf that has a length. */
static void
add_field(struct rf_buf *out, char tag, const void *bytes, size_t count)
{
    rf_buf_byte(out, tag);
    for (size_t left = count; left > 0x7f; left >>= 7) {
        rf_buf_byte(out, (char)((left & 0x7f) | 0x80));
    }
    size_t last = count;
    while (last > 0x7f) {
        last >>= 7;
    }
    rf_buf_byte(out, (char)last);
    rf_buf_add(out, bytes, count);
}

/** An aggregate of these fields. */
static void
add_sealed(struct rf_buf *out, const struct rf_buf *fields)
{
    unsigned char digest[MD5_DIGEST_SIZE];
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, fields->used, (const uint8_t *)fields->bytes);
    md5_digest(&md5, sizeof(digest), digest);
    rf_buf_string(out, RF_KPL_MAGIC);
    rf_buf_add(out, fields->bytes, fields->used);
    rf_buf_add(out, digest, RF_KPL_MD5_BYTES);
}

/** An aggregate of one record. */
static void
add_aggregate(struct rf_buf *out, const void *bytes, size_t count)
{
    struct rf_buf record = {0};
    struct rf_buf fields = {0};
    add_field(&record, 0x1a, bytes, count);
    add_field(&fields, 0x1a, record.bytes, record.used);
    add_sealed(out, &fields);
    rf_buf_done(&record);
    rf_buf_done(&fields);
}

/* ---- error records ---- */

static void
add_error(struct rf_buf *out, const void *bytes, size_t count)
{
    rf_buf_string(out, "{\"errorCode\":\"Lambda.FunctionError\",\"rawData\":\"");
    base64_add(out, bytes, count);
    rf_buf_string(out, "\"}");
}

Test(nested, error_records_are_what_was_put)
{
    struct rf_buf object = {0};
    add_error(&object, A B, strlen(A B));
    rf_buf_byte(&object, '\n');
    size_t second = object.used;
    add_error(&object, CLOUDWATCH(LOG_EVENT(A_)), strlen(CLOUDWATCH(LOG_EVENT(A_))));
    size_t third = object.used;
    struct rf_buf packed = {0};
    gzip_member(&packed, A, strlen(A), 6); /* as CloudWatch puts it */
    add_error(&object, packed.bytes, packed.used);
    struct rf_buf log = {0};
    rf_buf_format(&log, "0.0" A1 "0.1" B1 "%zu.0" A1 "%zu.0" A1, second, third);
    expect("auto", true, object.bytes, object.used, RF_OK, rf_buf_text(&log));

    /* Broken gzip in a record: nothing of the object can be believed. */
    packed.bytes[packed.used - 1] ^= 1;
    rf_buf_clear(&object);
    add_error(&object, packed.bytes, packed.used);
    expect(
        "auto", true, object.bytes, object.used, RF_ERR_CORRUPT,
        "in rawData, in the record that begins at byte 0: gzip length mismatch in member 1, byte "
        "47");
    rf_buf_done(&object);
    rf_buf_done(&packed);
    rf_buf_done(&log);
}

Test(nested, what_is_no_error_record_is_malformed)
{
    expect_text("auto", true, A "\n{\"rawData\":7}{\"rawData\":\"x\"}{\"rawData\":\"\"}",
                "!0 an error record without rawData (one string of base64)\n"
                "!35 an error record without rawData (one string of base64)\n"
                "!48 rawData is not base64\n"
                "!63 rawData holds no record\n");
}

/** What stands in an error object is told by Firehose, record by record; nothing else is read. */
Test(nested, no_other_record_around_records_is_an_error_record)
{
    struct rf_buf object = {0};
    base64_add(&object, A, 34);
    base64_add(&object, B, 34);
    rf_buf_byte(&object, '\n');
    size_t second = object.used;
    add_aggregate(&object, A, 34);
    struct rf_buf log = {0};
    rf_buf_format(&log,
                  "!0 a line of base64 is no error record\n!%zu a KPL aggregate is no error "
                  "record\n",
                  second);
    expect("auto", true, object.bytes, object.used, RF_OK, rf_buf_text(&log));
    rf_buf_done(&object);
    rf_buf_done(&log);
}

Test(nested, what_holds_no_record_is_counted)
{
    struct rf_buf object = {0};
    rf_buf_string(&object, CLOUDWATCH(LOG_EVENT("") "," LOG_EVENT(" ") "," LOG_EVENT(A_)));
    add_aggregate(&object, "\n", 1);
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, 9);
    cr_expect_eq(outcome.counts.records, 2);
    cr_expect_eq(outcome.counts.expanded, 2);
    cr_expect_eq(outcome.counts.empty, 3);
    cr_expect_eq(outcome.counts.events, 1);
    outcome_done(&outcome);
    rf_buf_done(&object);
}

/** A message may begin as a kind of file does that is not read: that is one malformed record. */
Test(nested, a_message_is_no_file)
{
    static const char no_line[] =
        "!0 in a log event of CloudWatch's: the line is neither a JSON object or array nor base64\n"
        "0.1" A1;
    expect_text("auto", false, CLOUDWATCH(LOG_EVENT("ORCHESTRATOR up") "," LOG_EVENT(A_)), no_line);
    expect_text("auto", false, CLOUDWATCH(LOG_EVENT("PAR1 is lost") "," LOG_EVENT(A_)), no_line);
}

/** -e cloudwatch reads messages as auto does: a stream record of DynamoDB's too. */
Test(nested, messages_are_read_alike_in_every_envelope)
{
    static const char object[] = CLOUDWATCH(
        LOG_EVENT("{\\\"Records\\\":[{\\\"eventName\\\":\\\"INSERT\\\",\\\"dynamodb\\\":{"
                  "\\\"NewImage\\\":{\\\"key\\\":{\\\"S\\\":\\\"a\\\"},\\\"_1\\\":{\\\"B\\\":"
                  "\\\"eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiVmVyc2lvbiI6MSwiQXQiOjF9fQ==\\\"}}}}]}"));
    static const char log[] = "0.0 a v1 T @1.000000000 {\"ID\":\"a\",\"Version\":1,\"At\":1}\n";
    expect_text("auto", false, object, log);
    expect_text("cloudwatch", false, object, log);
}

/** What is plain within what is plain was counted with that. */
Test(nested, only_what_is_unpacked_counts_against_the_limit)
{
    struct rf_buf object = {0};
    struct rf_buf inner = {0};
    for (int i = 0; i < 100; i++) {
        rf_buf_string(&inner, A);
    }
    for (int depth = 0; depth < 3; depth++) {
        rf_buf_clear(&object);
        add_aggregate(&object, inner.bytes, inner.used);
        rf_buf_clear(&inner);
        rf_buf_add(&inner, object.bytes, object.used);
    }
    rf_limits.object_bytes = object.used;
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, object.used);
    cr_expect_eq(outcome.code, RF_OK, "%s", outcome.err.text);
    cr_expect_eq(outcome.counts.events, 100);
    outcome_done(&outcome);
    rf_buf_done(&object);
    rf_buf_done(&inner);
}

/** Even where it was learned as an event before: what an object gives does not depend on others. */
Test(nested, no_event_is_recognized_among_error_records)
{
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    struct outcome first = decode_with(decoder, &envelope, A A, strlen(A A), 99);
    rf_decoder_errors(decoder, true);
    struct outcome second = decode_with(decoder, &envelope, A, strlen(A), 99);
    cr_expect_eq(second.counts.malformed, 1);
    rf_decoder_errors(decoder, false);
    outcome_done(&first);
    outcome_done(&second);
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
}

Test(nested, records_lie_only_so_deep_within_each_other)
{
    struct rf_buf object = {0};
    struct rf_buf inner = {0};
    rf_buf_string(&inner, A);
    for (int depth = 0; depth < RF_LIMIT_NESTED; depth++) {
        add_aggregate(&object, inner.bytes, inner.used);
        expect("auto", false, object.bytes, object.used, RF_OK,
               depth + 1 < RF_LIMIT_NESTED
                   ? "0.0" A1
                   : "!0 in a KPL aggregate: records lie too deep within each other "
                     "(RF_LIMIT_NESTED)\n");
        rf_buf_clear(&inner);
        rf_buf_add(&inner, object.bytes, object.used);
        rf_buf_clear(&object);
    }
    rf_buf_done(&object);
    rf_buf_done(&inner);
}

/* ---- aggregates ---- */

/** An aggregate of one record `data` with the key `partition_key`. */
#define VECTOR                                                                                     \
    "\xf3\x89\x9a\xc2\x0a\x0d"                                                                     \
    "partition_key\x1a\x08\x08\x00\x1a\x04"                                                        \
    "data"                                                                                         \
    "\xd0\x36\x99\xda\x5a\x22\x2f\xa3\x21\x08\xad\x1b\xd9\x55\xa1\x4e"
#define VECTOR_BYTES 45
#define NO_LINE      "in a KPL aggregate: the line is neither a JSON object or array nor base64\n"

Test(nested, the_published_aggregate_is_read)
{
    struct rf_kpl *kpl = rf_kpl_new();
    rf_kpl_begin(kpl);
    const char *fields = VECTOR + RF_KPL_MAGIC_BYTES;
    size_t count = VECTOR_BYTES - RF_KPL_MAGIC_BYTES;
    for (size_t have = 0; have < count; have++) {
        cr_expect_eq(rf_kpl_walk(kpl, fields, have), RF_KPL_MORE, "%zu", have);
    }
    cr_assert_eq(rf_kpl_walk(kpl, fields, count), RF_KPL_WHOLE);
    cr_assert_eq(rf_kpl_walked(kpl), count - RF_KPL_MD5_BYTES);
    const unsigned char *from = (const unsigned char *)fields;
    struct rf_kpl_records records = {from, from + rf_kpl_walked(kpl)};
    const unsigned char *data;
    cr_assert(rf_kpl_next(&records, &data, &count));
    cr_expect(count == 4 && memcmp(data, "data", 4) == 0);
    cr_assert(rf_kpl_next(&records, &data, &count));
    cr_expect_eq(data, NULL);
    rf_kpl_free(kpl);
    static const char object[] = A VECTOR B VECTOR;
    expect("auto", false, object, sizeof(object) - 1, RF_OK,
           "0.0" A1 "!34 " NO_LINE "79.0" B1 "!113 " NO_LINE);
}

/** Every bit of it: the aggregate is malformed, or the object breaks there; never is a byte of it
 * passed over without a word. Where its magic is damaged it is as any line is: the record behind it
 * is read. */
Test(nested, no_flipped_bit_of_an_aggregate_is_missed)
{
    for (size_t bit = 0; bit < VECTOR_BYTES * 8; bit++) {
        char object[] = VECTOR A;
        object[bit / 8] ^= (char)(1 << bit % 8);
        struct outcome outcome = decode_bytes("auto", object, sizeof(object) - 1, 100000);
        bool told = outcome.code != RF_OK || outcome.counts.malformed > 0;
        uint64_t behind = bit < 8 * RF_KPL_MAGIC_BYTES ? 1 : 0;
        cr_expect(told && outcome.counts.events == behind, "bit %zu: %s", bit, outcome.log.bytes);
        outcome_done(&outcome);
    }
}

Test(nested, reading_goes_on_behind_a_damaged_aggregate_where_that_can_be_told)
{
    char object[] = VECTOR VECTOR "\n" A;
    object[5] = 0; /* a field without a byte: no writer's */
    struct outcome outcome = decode_bytes("auto", object, sizeof(object) - 1, 7);
    cr_expect_eq(outcome.code, RF_OK);
    cr_expect_str_eq(
        outcome.log.bytes,
        "!0 the KPL aggregate is damaged: neither a field nor the MD5 of those in front "
        "stands at byte 4\n!45 " NO_LINE "91.0" A1);
    outcome_done(&outcome);
    outcome = decode_bytes("auto", VECTOR A, VECTOR_BYTES - 1, 7);
    cr_expect_eq(outcome.code, RF_ERR_TRUNCATED);
    cr_expect_str_eq(outcome.err.text, "the object ends inside the record that begins at byte 0");
    outcome_done(&outcome);
}

/** 4 MiB of fronts of aggregates: each is passed over once. */
Test(nested, many_damaged_aggregates_take_linear_time, .timeout = 20)
{
    struct rf_buf object = {0};
    enum { COUNT = 4 << 17 };
    for (int i = 0; i < COUNT; i++) {
        rf_buf_add(&object, RF_KPL_MAGIC "xxxx", 8);
    }
    rf_buf_string(&object, "\n" A);
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, object.used);
    cr_expect_eq(outcome.code, RF_OK, "%s", outcome.err.text);
    cr_expect_eq(outcome.counts.malformed, COUNT);
    cr_expect_eq(outcome.counts.events, 1);
    outcome_done(&outcome);
    rf_buf_done(&object);
}

/** Each claims to be longer than a record may be: what is at hand is not moved for each. */
Test(nested, many_aggregates_that_are_too_long_take_linear_time, .timeout = 120)
{
    struct rf_buf object = {0};
    enum { COUNT = 40 << 14 };
    for (int i = 0; i < COUNT; i++) {
        rf_buf_add(&object, RF_KPL_MAGIC "\x1a\xff\xff\xff\xff\x0fxxxxxxxxxxxxxxxxxxxxxx", 32);
    }
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, (size_t)256 << 10);
    cr_expect_eq(outcome.code, RF_ERR_TRUNCATED, "%s", outcome.err.text);
    cr_expect_gt(outcome.counts.malformed, COUNT / 10);
    outcome_done(&outcome);
    rf_buf_done(&object);
}

/** Each of many records is within the limit, but not all of them together. */
Test(nested, what_is_looked_at_again_counts_for_the_whole_object, .timeout = 60)
{
    struct rf_buf damage = {0};
    struct rf_buf object = {0};
    for (int i = 0; i < 10000; i++) {
        rf_buf_string(&damage, "{x}\n");
    }
    for (int i = 0; i < 20; i++) {
        add_aggregate(&object, damage.bytes, damage.used);
    }
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, object.used);
    cr_expect_eq(outcome.code, RF_ERR_LIMIT);
    cr_expect(strstr(outcome.err.text, "RF_LIMIT_RECOVERY_BYTES") != NULL, "%s", outcome.err.text);
    cr_expect(sums_hold(&outcome.counts));
    outcome_done(&outcome);
    rf_buf_done(&object);
    rf_buf_done(&damage);
}

/* ---- base64 that was joined ---- */

Test(nested, joined_base64_is_split)
{
    struct rf_buf line = {0};
    base64_add(&line, A, 34);      /* ends in "==" */
    base64_add(&line, A " ", 35);  /* … in "=" */
    base64_add(&line, A "  ", 36); /* … without */
    base64_add(&line, B, 34);
    rf_buf_string(&line, "\n" A);
    expect("auto", false, line.bytes, line.used, RF_OK,
           "0.0" A1 "0.1" A1 "0.2" A1 "0.3" B1 "193.0" A1);
    rf_buf_clear(&line);
    base64_add(&line, A, 34);
    base64_add(&line, "{\"t\":", 5);
    expect("auto", false, line.bytes, line.used, RF_OK,
           "0.0" A1 "!0 in a line of base64: the object ends inside the record that begins at byte "
           "34\n");
    rf_buf_done(&line);
}

/* MTA5 is 109; as MTA= it would be 10, and the next text goes on with the id. */
Test(nested, base64_that_ends_within_an_object_is_damaged)
{
    static const char torn[] = "!0 the line is several texts of base64 in a row, and one of them "
                               "ends within a JSON object: a byte of it is damaged\n";
    static const struct {
        const char *first, *second;
        const char *log;
    } rows[] = {{"{\"t\":\"T\",\"d\":{\"ID\":\"a", "\",\"At\":1}}", torn},
                {"{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}", "}", torn},
                {A "{\"t\":\"T\",\"d\":{\"ID\":\"a\"   ", ",\"At\":1}}", torn},
                {A " \n", " ", "0.0" A1},
                {" ", A, "0.0" A1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf line = {0};
        struct rf_buf first = {0};
        rf_buf_string(&first, rows[i].first);
        while (first.used % 3 == 0) {
            rf_buf_byte(&first, ' '); /* so that it is padded */
        }
        base64_add(&line, first.bytes, first.used);
        base64_add(&line, rows[i].second, strlen(rows[i].second));
        rf_buf_byte(&line, '\n');
        expect("auto", false, line.bytes, line.used, RF_OK, rows[i].log);
        rf_buf_done(&first);
        rf_buf_done(&line);
    }
}

/* ---- payloads that are no JSON ---- */

static rf_code
count_payload(void *context, const struct rf_payload *payload, struct rf_err *reterr)
{
    (void)reterr;
    struct outcome *outcome = context;
    rf_buf_format(&outcome->log, "%zu bytes: %s\n", payload->count, payload->wrong);
    outcome->counts.events++; /* who takes it counts it */
    outcome->counts.envelopes[payload->kind]++;
    return RF_OK;
}

/** @value  of an aggregate, read by someone who takes payloads */
static void
expect_value(const char *value, size_t count, const char *log)
{
    struct rf_envelope envelope;
    struct outcome outcome = {0};
    struct rf_buf object = {0};
    cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
    add_aggregate(&object, value, count);
    struct rf_decoder *decoder = rf_decoder_new();
    struct bytes_input memory = {object.bytes, object.used, 5};
    struct rf_decode_input input = {&memory, bytes_read};
    struct rf_decode_sink sink = {&outcome, log_event, log_malformed, count_payload, NULL};
    cr_expect_eq(rf_decode_object(decoder, &input, &envelope, &sink, &outcome.counts, &outcome.err),
                 RF_OK);
    cr_expect_str_eq(rf_buf_text(&outcome.log), log, "%s", rf_buf_text(&outcome.log));
    cr_expect(sums_hold(&outcome.counts));
    outcome_done(&outcome);
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
    rf_buf_done(&object);
}

#define EXPECT_VALUE(value, log) expect_value(value, sizeof(value) - 1, log)

Test(nested, a_value_of_an_aggregate_that_is_no_text_is_a_payload)
{
#define WHOLE "bytes: in a KPL aggregate: a value of "
    EXPECT_VALUE("\n\1a\x10\1", "5 " WHOLE "5 bytes that are no JSON\n");
    EXPECT_VALUE("\xff\xfe text", "7 " WHOLE "7 bytes that are no JSON\n");
    EXPECT_VALUE("AQIDBAUG", "6 bytes: in a KPL aggregate: the line is base64, but not of a JSON "
                             "object: expected a value, found byte 0x01\n");
    EXPECT_VALUE("text\r\n\t", "!0 " NO_LINE);
    EXPECT_VALUE(" {\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}",
                 "0.0 a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n");
}

/* ---- what is lost ---- */

static void
expect_lost(const char *envelope, const char *object, size_t count, const char *lost)
{
    static const size_t steps[] = {1, 7, 100000};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct outcome outcome = decode_bytes(envelope, object, count, steps[i]);
        cr_expect_eq(outcome.code, RF_OK, "%s", outcome.err.text);
        cr_expect_str_eq(rf_buf_text(&outcome.lost), lost, "%s: %s", object,
                         rf_buf_text(&outcome.lost));
        outcome_done(&outcome);
    }
}

/** What was accepted of one part must not stand for another, nor for all of the record. */
Test(nested, what_is_lost_is_told_by_its_place_and_bytes)
{
    static const struct {
        const char *envelope;
        const char *object;
        const char *lost;
    } rows[] = {
        {"auto", "{}\n" A "{ }", "0.0@+2 37.0@+3 "},
        {"auto", "[1," A ",{}," A "]", "0.0@1+1 0.2@38+2 "},
        {"auto", "[" A ",{\"x\":1},{}]\n{}", "0.1@36+7 0.2@44+2 48.0@+2 "},
        {"auto", "{\"Records\":[{}," A "]}", "0.0@12+2 "},
        {"flat", "{\"Records\":[{}," A "]}", "0.0@+51 "},
        {"auto", CLOUDWATCH("{\"message\":7}," LOG_EVENT(A_) "," LOG_EVENT("{}")),
         "0.0@55+13 0.2@150/0+2 "},
        {"auto", CLOUDWATCH(LOG_EVENT("{\\\"t\\\":") "," LOG_EVENT(A_)), "0.0@55/0+5 "},
        {"auto", CLOUDWATCH(LOG_EVENT("{x}" A_)), "0.0@55/0+3 "},
        {"auto", SNS("\"Message\":\"[7,{}]\""), "0.0@0/1+1 0.1@0/3+2 "},
        {"auto", "{\"Item\":{\"key\":{\"S\":\"a\"},\"_1\":{\"B\":\"!\"},\"_2\":{\"B\":\"??\"}}}",
         "0.0@30+9 0.1@45+10 "},
        {"auto", "x\n" A, "0.0@+2 "},
        {"auto", "x" A, "0.0@+1 "},
        {"auto", "e30gICAg\n" A, "0.0@+9 "}, /* {} in base64 */
        {"auto", "{x}\n" A, "0.0@+3 "},
        {"auto", "{\"a\":[1,\n" A, "0.0@+9 "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_lost(rows[i].envelope, rows[i].object, strlen(rows[i].object), rows[i].lost);
    }
}

/** However many parts came in front of it: with other pointers they are others. */
Test(nested, where_it_lies_does_not_depend_on_what_was_read_in_front)
{
    static const char both[] =
        "[{\"i\":\"c\",\"y\":\"E\",\"u\":1,\"messageType\":\"DATA_MESSAGE\",\"logEvents\":["
        "{\"message\":\"{\\\"i\\\":\\\"a\\\",\\\"y\\\":\\\"E\\\",\\\"t\\\":1}\"},"
        "{\"message\":\"{\\\"i\\\":\\\"b\\\",\\\"y\\\":\\\"E\\\",\\\"t\\\":1}\"}]},7]";
    expect_lost("id=/i,type=/y,at=/t", both, sizeof(both) - 1, "0.2@164+1 ");
    expect_lost("id=/i,type=/y,at=/u", both, sizeof(both) - 1, "0.1@164+1 ");
}

/** With other limits reading goes on elsewhere: more is lost at the same place. */
Test(nested, what_is_passed_over_is_lost)
{
    static const char broken[] =
        "{x\n{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1,\"x\":[[[[[[[[]]]]]]]]}}\n" A;
    static const char line[] =
        "x{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1,\"x\":[[[[[[[[]]]]]]]]}}" A;
    expect_lost("auto", broken, sizeof(broken) - 1, "0.0@+3 ");
    expect_lost("auto", line, sizeof(line) - 1, "0.0@+1 ");
    rf_limits.json_depth = 8;
    expect_lost("auto", broken, sizeof(broken) - 1, "0.0@+56 ");
    expect_lost("auto", line, sizeof(line) - 1, "0.0@+53 ");
}

/** An aggregate's fields tell where it ends: what is behind it is read. */
Test(nested, of_a_record_of_an_aggregate_that_is_none_only_the_part_is_told)
{
    struct rf_buf object = {0};
    struct rf_buf fields = {0};
    struct rf_buf record = {0};
    add_field(&record, 0x1a, A, 34);
    add_field(&fields, 0x1a, record.bytes, record.used);
    add_field(&fields, 0x1a, "\x1a\x7f", 2);
    add_sealed(&object, &fields);
    expect_lost("auto", object.bytes, object.used, "0.1@42+0 ");
    rf_buf_clear(&object);
    add_aggregate(&object, "{}", 2);
    expect_lost("auto", object.bytes, object.used, "0.0@8/0+2 ");
    rf_buf_done(&record);
    rf_buf_done(&fields);
    rf_buf_done(&object);
}
