/* SPDX-License-Identifier: MIT */
/* Tests of decode/bare.c, through rf_decode_object. */
#include "decode/bare.h"

#include <criterion/criterion.h>

#include "tests/decode/support.h"

#define FLAT "{\"aggregateId\":\"a\",\"version\":1,\"type\":\"T\",\"at\":1"
#define CLOUD                                                                                      \
    "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"subject\":\"a\",\"type\":\"T\""

struct row {
    bool bare;
    const char *rest; /**< of the record */
};

static void
expect_bare(const char *envelope, const char *front, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rf_buf record = {0};
        rf_buf_format(&record, "%s%s}", front, rows[i].rest);
        struct outcome outcome = decode_bytes(envelope, record.bytes, record.used, 7);
        uint64_t bare = 0;
        for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
            bare += outcome.counts.bare[kind];
        }
        cr_expect_eq(outcome.counts.events, 1, "%s: %s", rf_buf_text(&record), outcome.log.bytes);
        cr_expect_eq(bare, rows[i].bare, "%s of %s", rows[i].rest, envelope);
        outcome_done(&outcome);
        rf_buf_done(&record);
    }
}

#define EXPECT_BARE(envelope, front, rows)                                                         \
    expect_bare(envelope, front, rows, sizeof(rows) / sizeof((rows)[0]))

Test(bare, data_may_be_an_objects_json_in_a_string)
{
    static const struct row rows[] = {
        {true, ",\"data\":\"{\\\"x\\\":1}\""},
        {true, ",\"data\":\"eyJ4IjoxfQ==\""},
        {true, ",\"data\":\"{}\""},
        {false, ",\"data\":\"eyJ\""},
        {false, ",\"data\":\"x\""},
        {false, ",\"data\":\"\""},
        {false, ",\"data\":{\"x\":\"{}\"}"},
        {false, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* Twice: the second one is recognized. */
        struct rf_buf record = {0};
        rf_buf_format(&record, "%s%s}%s%s}", FLAT, rows[i].rest, FLAT, rows[i].rest);
        struct outcome outcome = decode_bytes("auto", record.bytes, record.used, 7);
        cr_expect_eq(outcome.counts.texts[RF_ENVELOPE_FLAT], rows[i].bare ? 2 : 0, "%s",
                     rows[i].rest);
        outcome_done(&outcome);
        rf_buf_done(&record);
    }
}

Test(bare, is_no_event_that_has_nothing_else_or_metadata)
{
    static const struct row rows[] = {
        {false, ""},
        {false, ",\"data\":null,\"payload\":{\"x\":1}"},
        {false, ",\"causationId\":null,\"metadata\":{},\"tags\":[],\"payload\":{},\"body\":null"},
        {false, ",\"correlationId\":\"c\""},
        {false, ",\"user\":\"u\",\"tenant\":1"},
        {false, ",\"meta\":{\"user\":{\"id\":1}},\"_metadata\":[1],\"Headers\":{\"a\":1}"},
        {false, ",\"correlation_id\":\"c\",\"causationId\":\"d\",\"traceId\":\"e\",\"user\":\"u\""},
    };
    EXPECT_BARE("flat", FLAT, rows);
    EXPECT_BARE("auto", FLAT, rows);
}

Test(bare, is_one_whose_record_holds_what_may_be_its_data)
{
    static const struct row rows[] = {
        {true, ",\"payload\":{\"x\":1}"}, {true, ",\"event_data\":\"{\\\"x\\\":1}\""},
        {true, ",\"body\":\"AQI=\""},     {true, ",\"customer\":{\"id\":1}"},
        {true, ",\"lines\":[1]"},         {true, ",\"customer\":1,\"total\":2,\"open\":true"},
        {true, ",\"p\\u0061yload\":7"},
    };
    EXPECT_BARE("flat", FLAT, rows);
}

Test(bare, takes_scalars_of_cloudevents_for_extensions)
{
    static const struct row rows[] = {
        {false, ",\"one\":1,\"two\":2,\"three\":3,\"four\":4,\"state\":\"open\""},
        {true, ",\"payload\":\"{}\""},
        {true, ",\"one\":[1]"},
    };
    EXPECT_BARE("cloudevents", CLOUD, rows);
}

Test(bare, looks_into_what_holds_a_part)
{
    static const struct row rows[] = {
        {false, ",\"meta\":{\"v\":1,\"user\":{\"id\":1},\"a\":1,\"b\":1,\"c\":1}"},
        {true, ",\"meta\":{\"v\":1,\"body\":{\"id\":1}}"},
        {true, ",\"meta\":{\"v\":1},\"x\":{\"id\":1}"},
    };
    static const struct row wrapped[] = {
        {false, ",\"in\":{\"v\":1,\"a\":1,\"b\":1}"},
        {true, ",\"in\":{\"v\":1,\"a\":1,\"b\":1,\"c\":1}"},
    };
    EXPECT_BARE("id=/id,type=/t,version=/meta/v,data=/d", "{\"id\":\"a\",\"t\":\"T\"", rows);
    EXPECT_BARE("id=/id,type=/t,version=/in/v,data=/d", "{\"id\":\"a\",\"t\":\"T\"", wrapped);
}
