/* SPDX-License-Identifier: MIT */
/* Whatever the bytes are, decoding tells the same with a recognizer as without. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "decode/base64.h"
#include "tests/decode/twins.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/seeds.h"

TestSuite(recognize_twins, .timeout = 120);

/** Both decoders, over the same bytes; fails with the bytes where they differ. */
static void
expect_same(struct twins *twins, const struct rf_buf *object, size_t step, const char *what)
{
    const char *difference = twins_differ(twins, object->bytes, object->used, step);
    if (difference != NULL) {
        struct rf_buf shown = {0};
        rf_buf_add_shown(&shown, object->bytes, object->used < 4000 ? object->used : 4000);
        cr_assert(false, "%s: %s differ: %s", what, difference, rf_buf_text(&shown));
    }
}

/* ---- mutations ---- */

static struct seeds seeds;
static struct mutator mutator;

static const struct seed *
any_seed(void)
{
    return &seeds.list[mutator_below(&mutator, seeds.count)];
}

static void
add_base64(struct rf_buf *object, const struct rf_buf *record)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = (const unsigned char *)record->bytes;
    for (size_t at = 0; at < record->used; at += 3) {
        size_t left = record->used - at;
        unsigned three = (unsigned)bytes[at] << 16 | (left > 1 ? (unsigned)bytes[at + 1] << 8 : 0) |
                         (left > 2 ? bytes[at + 2] : 0u);
        rf_buf_byte(object, digits[three >> 18]);
        rf_buf_byte(object, digits[three >> 12 & 63]);
        rf_buf_byte(object, left > 1 ? digits[three >> 6 & 63] : '=');
        rf_buf_byte(object, left > 2 ? digits[three & 63] : '=');
    }
    rf_buf_byte(object, '\n');
}

/** Makes the record a batch of it and another. */
static void
make_batch(struct rf_buf *record, const struct seed *other)
{
    rf_buf_reserve(record, 1);
    memmove(record->bytes + 1, record->bytes, record->used++);
    record->bytes[0] = '[';
    if (mutator_below(&mutator, 2) == 0) {
        rf_buf_byte(record, ',');
        rf_buf_add(record, other->bytes, other->count);
    }
    rf_buf_byte(record, ']');
}

static void
add_between(struct rf_buf *object)
{
    static const char *const between[] = {"", "", " ", "\n", "\n", "\r\n", "\n\n \t"};
    rf_buf_string(object, between[mutator_below(&mutator, sizeof(between) / sizeof(between[0]))]);
}

/** A run of records of one kind, some mutated; joined by this and that; few as batch or base64.
 * @return  records, mutated ones and others */
static unsigned
make_object(struct rf_buf *object, struct rf_buf *record)
{
    rf_buf_clear(object);
    unsigned count = 4 + (unsigned)mutator_below(&mutator, 24);
    unsigned mutated = 4 + (unsigned)mutator_below(&mutator, 60); /* of 64 */
    const struct seed *seed = any_seed();
    for (unsigned i = 0; i < count; i++) {
        if (mutator_below(&mutator, 4) == 0) {
            seed = any_seed();
        }
        rf_buf_clear(record);
        rf_buf_add(record, seed->bytes, seed->count);
        if (mutator_below(&mutator, 64) < mutated) {
            const struct seed *other = any_seed();
            mutate(&mutator, record, other->bytes, other->count);
        }
        switch (mutator_below(&mutator, 16)) {
        case 0:
            add_base64(object, record);
            break;
        case 1:
            make_batch(record, seed);
            rf_buf_add(object, record->bytes, record->used);
            break;
        case 2:
            make_batch(record, seed);
            add_base64(object, record);
            break;
        default:
            rf_buf_add(object, record->bytes, record->used);
            break;
        }
        add_between(object);
    }
    return count;
}

/** @only  take the seeds that hold this */
static void
try_mutations(const char *envelope, const char *only, uint64_t random, unsigned records)
{
    static const size_t steps[] = {1, 7, 4096, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    struct twins twins;
    struct rf_buf object = {0};
    struct rf_buf record = {0};
    uint64_t known = 0;
    uint64_t events = 0;
    uint64_t malformed = 0;
    seeds_init(&seeds);
    seeds_keep(&seeds, only);
    twins_init(&twins, envelope);
    mutator.state = random;
    unsigned made = 0;
    for (unsigned objects = 1; made < records; objects++) {
        if (objects % 512 == 0) { /* learned anew, from what comes then */
            twins_done(&twins);
            twins_init(&twins, envelope);
        }
        made += make_object(&object, &record);
        expect_same(&twins, &object, steps[mutator_below(&mutator, 6)], envelope);
        known += twins.known.known;
        events += twins.full.counts.events;
        malformed += twins.full.counts.malformed;
    }
    twins_done(&twins);
    rf_buf_done(&object);
    rf_buf_done(&record);
    seeds_done(&seeds);
    /* Many of all sorts, or this proves nothing. */
    cr_expect_gt(known, records / 6, "%s: %ju recognized", envelope, (uintmax_t)known);
    cr_expect_gt(events - known, records / 12, "%s: %ju read", envelope, (uintmax_t)events);
    cr_expect_gt(malformed, records / 6, "%s: %ju malformed", envelope, (uintmax_t)malformed);
}

Test(recognize_twins, mutated_records_of_any_envelope)
{
    const char *slow = getenv("REFOLD_SLOW");
    unsigned records = slow != NULL && strcmp(slow, "1") == 0 ? 400000 : 100000;
    try_mutations("auto", "", 1, records);
    try_mutations("eventsource", "\"t\":", 2, records / 4);
    try_mutations("flat", "aggregateId", 3, records / 4);
    try_mutations("id=/d/ID,type=/t,data=,version=/d/Version", "\"t\":", 4, records / 4);
    try_mutations("id=/aggregateId,type=/type,data=/data,eid=/id", "aggregateId", 5, records / 4);
}

/* ---- where buffers end ---- */

static void
add_blanks(struct rf_buf *object, size_t until)
{
    rf_buf_reserve(object, until);
    while (object->used < until) {
        rf_buf_byte(object, '\n');
    }
}

/* The frame holds 256 KiB: a record that lies across the end of that is read in full, or recognized
 * once all of it is there, and is the same record. */
Test(recognize_twins, records_across_the_end_of_the_buffer)
{
    static const char record[] =
        "{\"t\":\"T\",\"d\":{\"ID\":12,\"Version\":3,\"At\":1,\"x\":[true,\"\\u00e9\xc3\xa9\"]}}";
    struct twins twins;
    twins_init(&twins, "eventsource");
    struct rf_buf object = {0};
    for (size_t inside = 0; inside <= sizeof(record) + 1; inside++) {
        rf_buf_clear(&object);
        rf_buf_string(&object, record);
        rf_buf_string(&object, record);
        add_blanks(&object, 262144 - inside);
        rf_buf_string(&object, record);
        rf_buf_string(&object, record);
        expect_same(&twins, &object, SIZE_MAX, "across");
        cr_assert_eq(twins.full.counts.events, 4);
        cr_assert_geq(twins.known.known, 2);
        object.used--; /* and damaged there */
        expect_same(&twins, &object, SIZE_MAX, "cut");
    }
    rf_buf_done(&object);
    twins_done(&twins);
}

Test(recognize_twins, many_records_across_the_ends_of_buffers)
{
    seeds_init(&seeds);
    mutator.state = 7;
    struct twins twins;
    twins_init(&twins, "auto");
    struct rf_buf object = {0};
    struct rf_buf record = {0};
    struct rf_buf all = {0};
    for (unsigned round = 0; round < 4; round++) {
        rf_buf_clear(&all);
        while (all.used < (size_t)1500 * 1000) {
            (void)make_object(&object, &record);
            rf_buf_add(&all, object.bytes, object.used);
            rf_buf_byte(&all, '\n');
        }
        expect_same(&twins, &all, round % 2 == 0 ? SIZE_MAX : 65536, "many");
        cr_expect_gt(twins.known.known, 100);
    }
    rf_buf_done(&object);
    rf_buf_done(&record);
    rf_buf_done(&all);
    twins_done(&twins);
    seeds_done(&seeds);
}

/* ---- envelopes ---- */

/* What was learned with one envelope says nothing of another. */
Test(recognize_twins, the_envelope_changes_between_objects)
{
    static const char *const envelopes[] = {
        "auto",
        "eventsource",
        "flat",
        "id=/a,type=/b,data=/d",
        "id=/b,type=/a,data=/d",
        "id=/a,type=/b,data=/e",
        "id=/a,type=/b,data=/d,version=/e/x",
        "id=/e/x,type=/b,data=/d,eid=/a",
        "id=/a,type=/b,data=",
        "id=/a,type=/b,data=/d,eid=/d/ID",
        "id=/a,type=/b,data=/d,eid=/ID",
    };
    enum { COUNT = sizeof(envelopes) / sizeof(envelopes[0]) };
    static const char records[] =
        "{\"ID\":\"top\",\"a\":\"1\",\"b\":\"B\",\"d\":{\"ID\":\"i\",\"At\":1,\"Version\":4},\"e\":"
        "{\"x\":7},"
        "\"t\":"
        "\"T\",\"aggregateId\":\"A\",\"type\":\"Y\",\"at\":2,\"data\":{\"n\":[1]},\"version\":9}"
        "{\"ID\":\"too\",\"a\":\"2\",\"b\":\"C\",\"d\":{\"ID\":\"j\",\"At\":3,\"Version\":5},\"e\":"
        "{\"x\":8},"
        "\"t\":"
        "\"U\",\"aggregateId\":\"B\",\"type\":\"Z\",\"at\":4,\"data\":{\"n\":[2]},\"version\":10}";
    struct twins twins;
    twins_init(&twins, "auto");
    struct rf_buf object = {0};
    rf_buf_string(&object, records);
    for (int first = 0; first < COUNT; first++) {
        for (int second = 0; second < COUNT; second++) {
            int order[] = {first, second, first};
            for (int i = 0; i < 3; i++) {
                rf_envelope_done(&twins.envelope);
                rf_code code = rf_envelope_parse(envelopes[order[i]], &twins.envelope, NULL);
                cr_assert_eq(code, RF_OK, "%s", envelopes[order[i]]);
                expect_same(&twins, &object, SIZE_MAX, envelopes[order[i]]);
                cr_assert_eq(twins.full.counts.events, 2, "%s", envelopes[order[i]]);
                cr_assert_geq(twins.known.known, 1, "%s", envelopes[order[i]]);
            }
        }
    }
    rf_buf_done(&object);
    twins_done(&twins);
}

/** The pending events of a snapshot may lack the time that -e asks of all others. */
Test(recognize_twins, an_envelope_of_the_same_pointers_has_other_rules)
{
    static const char records[] =
        "{\"a\":1,\"b\":\"B\",\"d\":{\"n\":1}}{\"a\":2,\"b\":\"C\",\"d\":{\"n\":2}}";
    struct twins twins;
    struct rf_buf object = {0};
    twins_init(&twins, "id=/a,type=/b,at=/t,data=/d");
    rf_buf_string(&object, records);
    for (int i = 0; i < 4; i++) {
        bool timeless = i % 2 == 0;
        twins.envelope.may_lack_time = timeless;
        expect_same(&twins, &object, SIZE_MAX, records);
        cr_expect_eq(twins.full.counts.events, timeless ? 2 : 0);
        cr_expect_eq(twins.known.known, timeless ? 1 : 0);
    }
    rf_buf_done(&object);
    twins_done(&twins);
}

/* ---- parts ---- */

/* Any scalar in the place of any part: what is refused is refused in the same words. */
Test(recognize_twins, parts_of_every_kind)
{
    static const char *const scalars[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.0",
        "1e3",
        "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890",
        "1700000000",
        "1700000000123",
        "1e400",
        "\"\"",
        "\"a\"",
        "\"1\"",
        "\"01\"",
        "\"-1\"",
        "\".a\"",
        "\"a/b\"",
        "\"\\u0000\"",
        "\"\\u0061\"",
        "\"\xc3\xa9\"",
        "\"2020-02-30T00:00:00Z\"",
        "\"2020-02-29T00:00:00Z\"",
        "\"2020-02-29T00:00:00.123456789+01:00\"",
        "\"2020-02-29T00:00:00.123456789Z\"",
        "\"2020-02-29T00:00:00.1234567890Z\"",
        "\"2020-02-29T00:00:00.5Z\"",
        "\"2020-02-29T00:00:00.Z\"",
        "\"2020-02-29t00:00:00z\"",
        "\"2020-02-29T24:00:00Z\"",
        "\"2020-02-29T23:59:60Z\"",
        "\"2020-02-29T23:58:60Z\"",
        "\"2020-02-29T23:59:61Z\"",
        "\"2020-02-29T00:00:00\"",
        "\"2020-02-29T00:00:0\\u0030Z\"",
        "\"0000-12-31T23:59:59Z\"",
        "\"0000-12-31T23:59:59-00:01\"",
        "\"9999-12-31T23:59:59.999999999Z\"",
        "\"9999-12-31T23:59:60Z\"",
        "999999999999999999",
        "1000000000000000000",
        "-999999999999999999",
        "00",
        "1.0e0",
        "\"9223372036854775807\"",
        "\"9223372036854775808\"",
        "\"ab\\n\"",
        "\"-_.A9z\"",
        "\"a b\"",
    };
    static const char *const parts[] = {"aggregateId", "aggregateType", "version", "type", "at",
                                        "id"};
    struct twins twins;
    twins_init(&twins, "flat");
    struct rf_buf object = {0};
    for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
        static const char good[] = "{\"x\":true";
        for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
            rf_buf_clear(&object);
            for (int record = 0; record < 3; record++) { /* the middle one is the odd one */
                rf_buf_string(&object, good);
                for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
                    const char *value = p == part && record == 1 ? scalars[i]
                                        : p == 2                 ? "7"
                                        : p == 4                 ? "\"2020-02-29T00:00:00Z\""
                                                                 : "\"a\"";
                    rf_buf_format(&object, ",\"%s\":%s", parts[p], value);
                }
                rf_buf_string(&object, ",\"data\":{\"k\":1}}\n");
            }
            expect_same(&twins, &object, SIZE_MAX, scalars[i]);
            cr_expect_geq(twins.full.counts.events, 2);
            cr_expect_geq(twins.known.known, 1);
        }
    }
    rf_buf_done(&object);
    twins_done(&twins);
}

/* Strings as long as a part may be, and a byte more or less. */
Test(recognize_twins, parts_as_long_as_they_may_be)
{
    static const struct {
        const char *before;
        const char *behind;
        size_t most;
    } parts[] = {
        {"{\"aggregateId\":\"", "\",\"type\":\"T\",\"at\":1,\"data\":{\"k\":1}}",
         RF_LIMIT_ID_BYTES},
        {"{\"aggregateId\":1,\"type\":\"T\",\"at\":1,\"id\":\"", "\",\"data\":{\"k\":1}}",
         RF_LIMIT_ID_BYTES},
        {"{\"aggregateId\":1,\"at\":1,\"type\":\"", "\",\"data\":{\"k\":1}}", RF_LIMIT_NAME_BYTES},
        {"{\"aggregateId\":1,\"type\":\"T\",\"at\":1,\"aggregateType\":\"",
         "\",\"data\":{\"k\":1}}", 100},
    };
    struct twins twins;
    twins_init(&twins, "flat");
    struct rf_buf object = {0};
    for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
        for (size_t count = parts[part].most - 1; count <= parts[part].most + 1; count++) {
            rf_buf_clear(&object);
            for (size_t length = 1; length != 0; length = length == 1 ? count : 0) {
                rf_buf_string(&object, parts[part].before);
                for (size_t i = 0; i < length; i++) {
                    rf_buf_byte(&object, 'x');
                }
                rf_buf_string(&object, parts[part].behind);
            }
            expect_same(&twins, &object, SIZE_MAX, parts[part].before);
            bool fits = count <= parts[part].most;
            cr_expect_eq(twins.full.counts.events, fits ? 2 : 1, "%zu, %zu", part, count);
            cr_expect_eq(twins.full.counts.malformed, fits ? 0 : 1, "%zu, %zu", part, count);
            cr_expect_geq(twins.known.known, fits ? 1 : 0, "%zu, %zu", part, count);
        }
    }
    rf_buf_done(&object);
    twins_done(&twins);
}

Test(recognize_twins, records_as_long_as_they_may_be)
{
    struct twins twins;
    struct rf_buf object = {0};
    rf_limits.record_bytes = RF_KIB;
    twins_init(&twins, "flat");
    static const char before[] = "{\"aggregateId\":1,\"type\":\"T\",\"at\":1,\"data\":{\"k\":\"";
    static const char behind[] = "\"}}\n";
    size_t around = strlen(before) + strlen(behind) - 1;
    for (size_t bytes = RF_KIB - 1; bytes <= RF_KIB + 1; bytes++) {
        rf_buf_clear(&object);
        const size_t lengths[] = {around, bytes, around};
        for (int record = 0; record < 3; record++) {
            rf_buf_string(&object, before);
            for (size_t i = around; i < lengths[record]; i++) {
                rf_buf_byte(&object, 'x');
            }
            rf_buf_string(&object, behind);
        }
        expect_same(&twins, &object, SIZE_MAX, "the limit of a record");
        bool fits = bytes <= RF_KIB;
        cr_expect_eq(twins.known.counts.events, fits ? 3 : 2, "%zu", bytes);
        cr_expect_eq(twins.known.counts.malformed, fits ? 0 : 1, "%zu", bytes);
        cr_expect_geq(twins.known.known, fits ? 2 : 1, "%zu", bytes);
    }
    rf_buf_done(&object);
    twins_done(&twins);
}

/** Decodes `object` twice by both; the events that were recognized in the second time. */
static uint64_t
known_of_second(const char *envelope, const char *text)
{
    struct twins twins;
    twins_init(&twins, envelope);
    struct rf_buf object = {0};
    rf_buf_string(&object, text);
    expect_same(&twins, &object, SIZE_MAX, text);
    expect_same(&twins, &object, SIZE_MAX, text);
    uint64_t known = twins.known.known;
    rf_buf_done(&object);
    twins_done(&twins);
    return known;
}

/** What is no event of the envelope may be CloudWatch's: also where it is like a record that was an
 * event, alone and in base64. */
Test(recognize_twins, a_known_record_that_is_no_event_is_read_in_full)
{
    struct twins twins;
    struct rf_buf object = {0};
    struct rf_buf record = {0};
    twins_init(&twins, "flat");
    for (int version = 1; version <= 40; version++) {
        rf_buf_clear(&record);
        rf_buf_format(
            &record,
            "{\"aggregateId\":\"a%d\",\"version\":%d,\"type\":\"T\",\"at\":1,"
            "\"data\":{\"x\":1},\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{\"message\":"
            "\"{\\\"aggregateId\\\":\\\"z\\\",\\\"type\\\":\\\"T\\\",\\\"at\\\":1,"
            "\\\"data\\\":{\\\"q\\\":1}}\"}]}",
            version, version % 3 == 0 ? -version : version);
        if (version % 2 == 0) {
            add_base64(&object, &record);
        } else {
            rf_buf_add(&object, record.bytes, record.used);
        }
    }
    expect_same(&twins, &object, 100, "events of an envelope, and records of CloudWatch's");
    cr_expect_eq(twins.full.counts.events, 40);
    cr_expect_eq(twins.full.counts.envelopes[RF_ENVELOPE_CLOUDWATCH], 13);
    cr_expect_geq(twins.known.known, 26);
    rf_buf_done(&record);
    rf_buf_done(&object);
    twins_done(&twins);
}

Test(recognize_twins, repeated_keys_are_never_learned)
{
#define FLAT_ "{\"aggregateId\":\"a\",\"type\":\"T\",\"at\":1,"
    static const char *const records[] = {
        FLAT_ "\"data\":{\"x\":1,\"x\":2}}",
        FLAT_ "\"data\":{\"x\":1,\"\\u0078\":2}}",
        FLAT_ "\"data\":{\"y\":[{\"x\":1,\"x\":2}]}}",
        FLAT_ "\"data\":{\"x\":1},\"data\":{\"x\":1}}",
        FLAT_ "\"data\":{\"x\":1},\"type\":\"U\"}",
        FLAT_ "\"data\":{\"x\":1},\"\\u0074ype\":\"U\"}",
    };
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        cr_expect_eq(known_of_second("flat", records[i]), 0, "%s", records[i]);
    }
    cr_expect_eq(
        known_of_second("auto", "{\"t\":\"T\",\"type\":1,\"type\":2,\"d\":{\"ID\":1,\"At\":1}}"), 0,
        "a part of the other envelope");
    /* A key that is no part's and not of the data may be repeated: nobody reads it. */
    cr_expect_eq(known_of_second("flat", FLAT_ "\"data\":{\"x\":1},\"y\":1,\"y\":2}"), 1);
}

Test(recognize_twins, data_of_other_kinds_is_read_in_full)
{
    static const char *const data[] = {"{}", "[]", "[1]", "1", "null", "\"x\"", "{\"a\":[]}"};
    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), FLAT_ "\"data\":%s}", data[i]);
        cr_expect_eq(known_of_second("flat", text), 0, "%s", text);
    }
    cr_expect_eq(known_of_second("flat", FLAT_ "\"x\":1}"), 0, "without data");
    cr_expect_eq(known_of_second("flat", FLAT_ "\"data\":{\"x\":1}}"), 1);
}

Test(recognize_twins, batches_are_read_in_full_and_lines_of_base64_recognized)
{
    cr_expect_eq(known_of_second("flat", "[" FLAT_ "\"data\":{\"x\":1}}]"), 0);
    struct rf_buf object = {0};
    struct rf_buf record = {0};
    static const char *const around[][2] = {{"", ""}, {"  ", ""}, {"", " \n"}, {"", "x"}};
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
        rf_buf_clear(&object);
        rf_buf_clear(&record);
        rf_buf_string(&record, around[i][0]);
        rf_buf_string(&record, FLAT_ "\"data\":{\"x\":1}}");
        rf_buf_string(&record, around[i][1]);
        add_base64(&object, &record);
        /* With blanks in front it is a text of its own; with something behind it is read in full.
         */
        cr_expect_eq(known_of_second("flat", rf_buf_text(&object)), around[i][1][0] == '\0', "%zu",
                     i);
    }
    /* A batch in base64 is malformed, whatever was learned of one that is not. */
    rf_buf_clear(&object);
    rf_buf_clear(&record);
    rf_buf_string(&record, "[" FLAT_ "\"data\":{\"x\":1}}]");
    rf_buf_string(&object, FLAT_ "\"data\":{\"x\":1}}");
    rf_buf_add(&object, record.bytes, record.used);
    rf_buf_byte(&object, '\n');
    add_base64(&object, &record);
    cr_expect_eq(known_of_second("flat", rf_buf_text(&object)), 1);
    rf_buf_done(&object);
    rf_buf_done(&record);
}
