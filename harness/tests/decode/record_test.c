/* SPDX-License-Identifier: MIT */
/* Tests of decode/record.c, through rf_decode_object. */
#include "decode/record.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "tests/decode/support.h"

struct row {
    const char *record;
    const char *log; /**< see struct outcome */
};

static void
expect_rows(const char *envelope, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = decode_bytes(envelope, rows[i].record, strlen(rows[i].record), 7);
        cr_expect_eq(outcome.code, RF_OK, "%s: %s", rows[i].record, outcome.err.text);
        cr_expect_str_eq(outcome.log.bytes, rows[i].log, "%s: %s expected, got %s", rows[i].record,
                         rows[i].log, outcome.log.bytes);
        cr_expect(sums_hold(&outcome.counts));
        outcome_done(&outcome);
    }
}

#define EXPECT_ROWS(envelope, rows) expect_rows(envelope, rows, sizeof(rows) / sizeof((rows)[0]))

#define FLAT_REST "\"type\":\"T\",\"at\":1}"

Test(record, reads_eventsource)
{
    static const struct row rows[] = {
        {"{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"Version\":3,\"At\":\"1970-01-01T00:00:01Z\"}}",
         "0.0 a v3 T @1.000000000 {\"ID\":\"a\",\"Version\":3,\"At\":\"1970-01-01T00:00:01Z\"}\n"},
        {"{\"d\":{\"At\":1,\"ID\":7},\"t\":\"T\",\"more\":[1]}",
         "0.0 7 T @1.000000000 {\"At\":1,\"ID\":7}\n"},
        {"{\"\\u0074\":\"\\u0054\",\"d\":{\"I\\u0044\":\"\\u0061\",\"At\":1}}",
         "0.0 a T @1.000000000 {\"I\\u0044\":\"\\u0061\",\"At\":1}\n"},
        {"{\"t\":\"T\"}", "!0 /d/ID is missing\n"},
        {"{\"d\":{\"ID\":\"a\",\"At\":1}}", "!0 /t is missing\n"},
        {"{\"t\":\"T\",\"d\":5}", "!0 /d/ID is missing\n"},
        {"{\"t\":\"T\",\"d\":[{\"ID\":\"a\",\"At\":1}]}", "!0 /d/ID is missing\n"},
        {"{\"t\":\"T\",\"d\":{\"ID\":\"a\"}}", "!0 /d/At is missing\n"},
    };
    EXPECT_ROWS("eventsource", rows);
}

Test(record, reads_flat)
{
    static const struct row rows[] = {
        {"{\"id\":\"e1\",\"aggregateType\":\"file\",\"aggregateId\":\"a\",\"version\":2,\"type\":"
         "\"T\",\"at\":\"1970-01-01T00:00:00.5Z\",\"data\":{ \"x\" : 1 }}",
         "0.0 file/a v2 T @0.500000000#e1 { \"x\" : 1 }\n"},
        {"{\"aggregateId\":\"a\"," FLAT_REST, "0.0 a T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"data\":null," FLAT_REST, "0.0 a T @1.000000000 null\n"},
        {"{\"aggregateId\":\"a\",\"data\":[1,[2]]," FLAT_REST, "0.0 a T @1.000000000 [1,[2]]\n"},
        {"{\"aggregateId\":\"a\",\"data\":\"x\\n\"," FLAT_REST, "0.0 a T @1.000000000 \"x\\n\"\n"},
        {"{\"aggregateId\":\"a\",\"id\":12," FLAT_REST, "0.0 a T @1.000000000#12 {}\n"},
        {"{\"aggregateId\":\"a\",\"id\":null," FLAT_REST, "0.0 a T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"id\":true," FLAT_REST,
         "!0 /id is not an id (a string or an integer)\n"},
        {"{\"aggregateId\":\"a\",\"id\":\"\"," FLAT_REST, "!0 /id is empty\n"},
    };
    EXPECT_ROWS("flat", rows);
}

Test(record, reads_ids)
{
    static const struct row rows[] = {
        {"{\"aggregateId\":12345678901234567890123," FLAT_REST,
         "0.0 12345678901234567890123 T @1.000000000 {}\n"},
        {"{\"aggregateId\":-0," FLAT_REST, "0.0 0 T @1.000000000 {}\n"},
        {"{\"aggregateId\":-5," FLAT_REST, "0.0 -5 T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"\\u00e9/\\\"\"," FLAT_REST, "0.0 \xc3\xa9/\" T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"\"," FLAT_REST, "!0 /aggregateId is empty\n"},
        {"{\"aggregateId\":null," FLAT_REST, "!0 /aggregateId is missing\n"},
        {"{" FLAT_REST, "!0 /aggregateId is missing\n"},
        {"{\"aggregateId\":1.0," FLAT_REST,
         "!0 /aggregateId is not an id (a string or an integer)\n"},
        {"{\"aggregateId\":1e3," FLAT_REST,
         "!0 /aggregateId is not an id (a string or an integer)\n"},
        {"{\"aggregateId\":true," FLAT_REST,
         "!0 /aggregateId is not an id (a string or an integer)\n"},
        {"{\"aggregateId\":[\"a\"]," FLAT_REST,
         "!0 /aggregateId is not an id (a string or an integer)\n"},
    };
    EXPECT_ROWS("flat", rows);
}

Test(record, keeps_nul_bytes_of_ids)
{
    static const char record[] = "{\"aggregateId\":\"a\\u0000b\",\"type\":\"T\",\"at\":1}";
    struct outcome outcome = decode_bytes("flat", record, sizeof(record) - 1, 99);
    cr_expect_eq(outcome.counts.events, 1);
    cr_expect_eq(memcmp(outcome.log.bytes, "0.0 a\0b T", 9), 0);
    outcome_done(&outcome);
}

/** A flat record with this member and `count` letters as its value. */
static struct outcome
decode_long(const char *key, size_t count)
{
    struct rf_buf record = {0};
    rf_buf_format(&record, "{\"%s\":\"", key);
    for (size_t i = 0; i < count; i++) {
        rf_buf_byte(&record, 'x');
    }
    static const char *const members[] = {"aggregateId", "type"};
    rf_buf_byte(&record, '"');
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(key, members[i]) != 0) {
            rf_buf_format(&record, ",\"%s\":\"m\"", members[i]);
        }
    }
    rf_buf_string(&record, ",\"at\":1}");
    struct outcome outcome = decode_bytes("flat", record.bytes, record.used, record.used);
    rf_buf_done(&record);
    return outcome;
}

#define NO_FILE_NAME                                                                               \
    "!0 /aggregateType cannot name a golden file, as an aggregate's name must: 1 to 100 of A-Z "   \
    "a-z 0-9 . _ -, no dot in front, no .pending behind\n"

Test(record, refuses_what_is_longer_than_its_limit)
{
    static const struct {
        const char *key;
        size_t limit;
        const char *text;
    } rows[] = {
        {"aggregateId", RF_LIMIT_ID_BYTES,
         "!0 /aggregateId is longer than an id may be (limit 'id': --limit id=SIZE raises it)\n"},
        {"id", RF_LIMIT_ID_BYTES,
         "!0 /id is longer than an id may be (limit 'id': --limit id=SIZE raises it)\n"},
        {"type", RF_LIMIT_NAME_BYTES,
         "!0 /type is longer than a name may be (RF_LIMIT_NAME_BYTES)\n"},
        {"aggregateType", 100, NO_FILE_NAME},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct outcome outcome = decode_long(rows[i].key, rows[i].limit);
        cr_expect_eq(outcome.counts.events, 1, "%s: %s", rows[i].key, outcome.log.bytes);
        outcome_done(&outcome);
        outcome = decode_long(rows[i].key, rows[i].limit + 1);
        cr_expect_str_eq(outcome.log.bytes, rows[i].text);
        outcome_done(&outcome);
    }
}

Test(record, reads_names)
{
    static const struct row rows[] = {
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"Or-der_1.x\"," FLAT_REST,
         "0.0 Or-der_1.x/a T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"aggregateType\":null," FLAT_REST, "0.0 a T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"\"," FLAT_REST,
         "!0 /aggregateType is empty\n"},
        {"{\"aggregateId\":\"a\",\"aggregateType\":5," FLAT_REST,
         "!0 /aggregateType is not a string\n"},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\".x\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"..\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"a.pending\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"pending\"," FLAT_REST,
         "0.0 pending/a T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"a/b\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"a b\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"a\\u0000\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"aggregateType\":\"\\u00e9\"," FLAT_REST, NO_FILE_NAME},
        {"{\"aggregateId\":\"a\",\"at\":1}", "!0 /type is missing\n"},
        {"{\"aggregateId\":\"a\",\"at\":1,\"type\":\"\"}", "!0 /type is empty\n"},
        {"{\"aggregateId\":\"a\",\"at\":1,\"type\":null}", "!0 /type is not a string\n"},
        {"{\"aggregateId\":\"a\",\"at\":1,\"type\":3}", "!0 /type is not a string\n"},
    };
    EXPECT_ROWS("flat", rows);
}

#define NO_VERSION "!0 /version is not a version (an integer from 0 to 2^63-1)\n"

Test(record, reads_versions)
{
    static const struct row rows[] = {
        {"{\"aggregateId\":\"a\",\"version\":0," FLAT_REST, "0.0 a v0 T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"version\":9223372036854775807," FLAT_REST,
         "0.0 a v9223372036854775807 T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"version\":\"9223372036854775807\"," FLAT_REST,
         "0.0 a v9223372036854775807 T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"version\":\"007\"," FLAT_REST, "0.0 a v7 T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"version\":null," FLAT_REST, "0.0 a T @1.000000000 {}\n"},
        {"{\"aggregateId\":\"a\",\"version\":9223372036854775808," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\"9223372036854775808\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\"18446744073709551617\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":18446744073709551617," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":-1," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":1.0," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":1e0," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\"\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\" 1\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\"+1\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\"-1\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":\"1x\"," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":true," FLAT_REST, NO_VERSION},
        {"{\"aggregateId\":\"a\",\"version\":[1]," FLAT_REST, NO_VERSION},
    };
    EXPECT_ROWS("flat", rows);
}

#define NO_TIME(value)                                                                             \
    "!0 /at is not a time (RFC 3339 with its offset, or a number of seconds, ms, us or ns "        \
    "since 1970; years "                                                                           \
    "0001 to 9999), but " value "\n"
#define FLAT_FRONT "{\"aggregateId\":\"a\",\"type\":\"T\""

Test(record, reads_times)
{
    static const struct row rows[] = {
        {FLAT_FRONT ",\"at\":\"1970-01-01T02:00:00.000000001+02:00\"}",
         "0.0 a T @0.000000001 {}\n"},
        {FLAT_FRONT ",\"at\":1500}", "0.0 a T @1500.000000000 {}\n"},
        {FLAT_FRONT ",\"at\":1500000000123}", "0.0 a T @1500000000.123000000 {}\n"},
        {FLAT_FRONT ",\"at\":-1.5}", "0.0 a T @-2.500000000 {}\n"},
        {FLAT_FRONT "}", "!0 /at is missing\n"},
        {FLAT_FRONT ",\"at\":null}", NO_TIME("null")},
        {FLAT_FRONT ",\"at\":\"\"}", NO_TIME("\"\"")},
        {FLAT_FRONT ",\"at\":\"1970-01-01\"}", NO_TIME("\"1970-01-01\"")},
        {FLAT_FRONT ",\"at\":\"1970-01-01T00:00:00\"}", NO_TIME("\"1970-01-01T00:00:00\"")},
        {FLAT_FRONT ",\"at\":\"1500\"}", NO_TIME("\"1500\"")},
        {FLAT_FRONT ",\"at\":1e300}", NO_TIME("1e300")},
        {FLAT_FRONT ",\"at\":{}}", NO_TIME("{}")},
        {FLAT_FRONT ",\"at\":[1,\"\\u001b\"]}", NO_TIME("[1,\"\\u001b\"]")},
        /* Cut, and not within a character. */
        {FLAT_FRONT ",\"at\":\"012345678901234567890123456789012345678\xc3\xa4\"}",
         NO_TIME("\"012345678901234567890123456789012345678…")},
        {FLAT_FRONT ",\"at\":\"01234567890123456789012345678901234567\xc3\xa4\"}",
         NO_TIME("\"01234567890123456789012345678901234567…")},
        {FLAT_FRONT ",\"at\":\"01234567890123456789012345678901234567\"}",
         NO_TIME("\"01234567890123456789012345678901234567\"")},
    };
    EXPECT_ROWS("flat", rows);
}

Test(record, follows_custom_pointers_through_objects_and_arrays)
{
    static const struct row rows[] = {
        {"{\"k\":[{},{\"i\":\"a\"}],\"a/b\":{\"~\":\"T\"}}",
         "0.0 a T {\"k\":[{},{\"i\":\"a\"}],\"a/b\":{\"~\":\"T\"}}\n"},
        {"{\"k\":{\"1\":{\"i\":\"a\"}},\"a/b\":{\"~\":\"T\"}}",
         "0.0 a T {\"k\":{\"1\":{\"i\":\"a\"}},\"a/b\":{\"~\":\"T\"}}\n"},
        {"{\"k\":[{\"i\":\"a\"}],\"a/b\":{\"~\":\"T\"}}", "!0 /k/1/i is missing\n"},
        {"{\"k\":[0,{\"i\":\"a\"}],\"a/b\":{\"~\":5}}", "!0 /a~1b/~0 is not a string\n"},
    };
    EXPECT_ROWS("id=/k/1/i,type=/a~1b/~0", rows);
}

Test(record, refuses_to_read_one_event_of_several)
{
    static const struct row rows[] = {
        {"{\"e\":[{\"i\":\"a\",\"t\":\"T\",\"d\":1}]}", "0.0 a T 1\n"},
        {"{\"e\":[{\"i\":\"a\",\"t\":\"T\",\"d\":1},{\"i\":\"b\",\"t\":\"T\",\"d\":1}]}",
         "!0 /e/0 is one element of several, and the others would be lost\n"},
        {"{\"e\":[{\"i\":\"a\",\"t\":\"T\",\"d\":1},null]}",
         "!0 /e/0 is one element of several, and the others would be lost\n"},
        {"{\"e\":{\"0\":{\"i\":\"a\",\"t\":\"T\",\"d\":1},\"1\":{}}}", "0.0 a T 1\n"},
    };
    EXPECT_ROWS("id=/e/0/i,type=/e/0/t,data=/e/0/d", rows);

    /* The instance's id beside its events. */
    static const struct row beside[] = {
        {"{\"i\":\"a\",\"e\":[{\"t\":\"T\",\"d\":1}]}", "0.0 a T 1\n"},
        {"{\"i\":\"a\",\"e\":[{\"t\":\"T\",\"d\":1},{\"t\":\"U\",\"d\":2}]}",
         "!0 /e/0 is one element of several, and the others would be lost\n"},
    };
    EXPECT_ROWS("id=/i,type=/e/0/t,data=/e/0/d", beside);

    /* One type of several events, each of which is data. */
    static const struct row typed[] = {
        {"{\"t\":\"T\",\"e\":[{\"i\":\"a\"}]}", "0.0 a T {\"i\":\"a\"}\n"},
        {"{\"t\":\"T\",\"e\":[{\"i\":\"a\"},{\"i\":\"b\"}]}",
         "!0 /e/0 is one element of several, and the others would be lost\n"},
    };
    EXPECT_ROWS("id=/e/0/i,type=/t,data=/e/0", typed);

    /* What an event refers to. */
    static const struct row refers[] = {
        {"{\"t\":\"T\",\"r\":[{\"i\":\"a\",\"v\":2},{\"i\":\"b\",\"v\":7}],\"d\":1}",
         "0.0 a v2 T 1\n"},
    };
    EXPECT_ROWS("id=/r/0/i,type=/t,version=/r/0/v,data=/d", refers);

    /* What an event has several of: nothing is lost. */
    static const struct row headers[] = {
        {"{\"h\":[{\"v\":\"a\"},{\"v\":\"T\"},{\"v\":3}],\"d\":1}", "0.0 a v3 T 1\n"},
    };
    EXPECT_ROWS("id=/h/0/v,type=/h/1/v,version=/h/2/v,data=/d", headers);
}

Test(record, refuses_a_repeated_key_where_the_envelope_reads_it)
{
    static const struct row rows[] = {
        {"{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"ID\":\"a\",\"At\":1}}",
         "!0 the key 'ID' occurs twice\n"},
        {"{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"\\u0049D\":\"b\",\"At\":1}}",
         "!0 the key 'ID' occurs twice\n"},
        {"{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1},\"d\":{\"ID\":\"b\",\"At\":1}}",
         "!0 the key 'd' occurs twice\n"},
        {"{\"t\":\"T\",\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}",
         "!0 the key 't' occurs twice\n"},
        /* Not read by this envelope: */
        {"{\"t\":\"T\",\"id\":1,\"id\":2,\"d\":{\"ID\":\"a\",\"At\":1}}",
         "0.0 a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n"},
        /* Still a key of its own, one record later: */
        {"{\"t\":\"T\",\"t\":\"T\",\"d\":{}}{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}",
         "!0 the key 't' occurs twice\n24.0 a T @1.000000000 {\"ID\":\"a\",\"At\":1}\n"},
    };
    EXPECT_ROWS("auto", rows);
}

Test(record, counts_repeated_keys_of_the_data_and_lets_the_last_count)
{
    static const char twice[] = "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1,\"x\":1,\"x\":{\"y\":1,"
                                "\"y\":2},\"x\":3}}";
    static const char once[] = "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1,\"x\":3}}";
    struct outcome repeated = decode_bytes("auto", twice, sizeof(twice) - 1, 99);
    struct outcome single = decode_bytes("auto", once, sizeof(once) - 1, 99);
    cr_expect_eq(repeated.counts.events, 1);
    cr_expect_eq(repeated.counts.repeated_keys, 1);
    cr_expect_eq(single.counts.repeated_keys, 0);
    cr_expect_eq(repeated.hashes, single.hashes);
    outcome_done(&repeated);
    outcome_done(&single);
}

#define CE                                                                                         \
    "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/s\",\"type\":\"T\",\"subject\":\"a\""

Test(record, reads_cloudevents)
{
    static const struct row rows[] = {
        {CE ",\"sequence\":\"0007\",\"time\":\"1970-01-01T00:00:01Z\",\"data\":{\"x\":1}}",
         "0.0 a v7 T @1.000000000#/s e1 {\"x\":1}\n"},
        {CE "}", "0.0 a T#/s e1 {}\n"}, /* time and data are optional */
        {CE ",\"time\":null,\"sequence\":null,\"data_base64\":null,\"data\":\"{}\"}",
         "0.0 a T#/s e1 \"{}\"\n"}, /* null is as if it were not there; a string stays one */
        {CE ",\"data_base64\":\"eyJ4IjogMX0K\"}", "0.0 a T#/s e1 {\"x\": 1}\n"},
        {CE ",\"data_base64\":\"eyJ4IjogMX0K\",\"data\":1}",
         "!0 /data_base64 stands beside data\n"},
        {CE ",\"data_base64\":1}", "!0 /data_base64 is not a string\n"},
        {CE ",\"data_base64\":\"eyJ\"}", "!0 /data_base64 is not base64\n"},
        {CE ",\"data_base64\":\"AAAA\"}",
         "!0 /data_base64 does not hold JSON; -e with data=/data_base64 takes it as text\n"},
        {CE ",\"sequence\":\"a1\"}",
         "!0 /sequence is not a version (an integer from 0 to 2^63-1)\n"},
        {CE ",\"time\":\"now\"}", "!0 /time is not a time (RFC 3339 with its offset, or a number "
                                  "of seconds, ms, us or ns since 1970; "
                                  "years 0001 to 9999), but \"now\"\n"},
        {CE ",\"id\":\"e2\"}", "!0 the key 'id' occurs twice\n"},
        {"{\"specversion\":\"0.3\",\"id\":\"e1\",\"source\":\"/"
         "s\",\"type\":\"T\",\"subject\":\"a\"}",
         "!0 /specversion is not 1.0, the version that is read\n"},
        {"{\"id\":\"e1\",\"source\":\"/s\",\"type\":\"T\",\"subject\":\"a\"}",
         "!0 /specversion is missing, or no string\n"},
        {"{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"T\",\"subject\":\"a\"}",
         "!0 /id is missing\n"},
        {"{\"specversion\":\"1.0\",\"id\":\"e\",\"type\":\"T\",\"subject\":\"a\"}",
         "!0 /source is missing\n"},
        {"{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"\",\"type\":\"T\",\"subject\":\"a\"}",
         "!0 /source is empty\n"},
        {"{\"specversion\":\"1.0\",\"id\":\"e "
         "f\",\"source\":\"s\",\"type\":\"T\",\"subject\":\"a\"}",
         "0.0 a T#s e f {}\n"},
        {"{\"specversion\":\"1.0\",\"id\":\"f\",\"source\":\"s "
         "e\",\"type\":\"T\",\"subject\":\"a\"}",
         "!0 /source holds a blank, which no URI reference does\n"},
        {"{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"type\":\"T\",\"subject\":null}",
         "!0 /subject is missing\n"},
    };
    EXPECT_ROWS("cloudevents", rows);
}

/** What is recognized is held to the same rules: of two records that differ in scalars alone the
 * second one is malformed where it would be by itself. */
Test(record, holds_recognized_cloudevents_to_their_rules)
{
    static const char *const good = CE ",\"time\":null,\"data\":{\"x\":1}}";
    static const struct {
        const char *record;
        const char *log;
    } rows[] = {
        {"{\"specversion\":\"2.0\",\"id\":\"e1\",\"source\":\"/"
         "s\",\"type\":\"T\",\"subject\":\"a\","
         "\"time\":null,\"data\":{\"x\":1}}",
         " /specversion is not 1.0, the version that is read\n"},
        {"{\"specversion\":\"1.0\",\"id\":null,\"source\":\"/s\",\"type\":\"T\",\"subject\":\"a\","
         "\"time\":null,\"data\":{\"x\":1}}",
         " /id is missing\n"},
        {"{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":7,\"type\":\"T\",\"subject\":\"a\","
         "\"time\":null,\"data\":{\"x\":1}}",
         " /source is not a string\n"},
        {CE ",\"time\":1,\"data\":{\"x\":2}}", ".0 a T @1.000000000#/s e1 {\"x\":2}\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf object = {0};
        rf_buf_string(&object, good);
        rf_buf_string(&object, good);
        rf_buf_string(&object, rows[i].record);
        struct outcome outcome = decode_bytes("auto", object.bytes, object.used, 100000);
        cr_expect(strstr(outcome.log.bytes, rows[i].log) != NULL, "%zu: %s", i, outcome.log.bytes);
        outcome_done(&outcome);
        rf_buf_done(&object);
    }
}

Test(record, reads_eventbridge)
{
    static const struct row rows[] = {
        {"{\"version\":\"0\",\"id\":\"e1\",\"detail-type\":\"T\",\"source\":\"s\",\"account\":"
         "\"1\",\"time\":"
         "\"1970-01-01T00:00:01Z\",\"region\":\"r\",\"resources\":[],\"replay-name\":\"n\","
         "\"detail\":"
         "{\"id\":\"a\",\"version\":3}}",
         "0.0 a v3 T @1.000000000#e1 {\"id\":\"a\",\"version\":3}\n"},
        {"{\"id\":\"e1\",\"detail-type\":\"T\",\"time\":1,\"detail\":{\"id\":\"a\"}}",
         "0.0 a T @1.000000000#e1 {\"id\":\"a\"}\n"},
        {"{\"id\":\"e1\",\"detail-type\":\"T\",\"time\":1,\"detail\":{}}",
         "!0 /detail/id is missing\n"},
        {"{\"id\":\"e1\",\"detail-type\":\"T\",\"detail\":{\"id\":\"a\"}}",
         "!0 /time is missing\n"},
    };
    EXPECT_ROWS("eventbridge", rows);
}

Test(record, decides_by_precedence_in_auto)
{
    static const struct row rows[] = {
        {CE ",\"t\":\"U\",\"d\":{\"ID\":\"b\",\"At\":1}}",
         "0.0 b U @1.000000000 {\"ID\":\"b\",\"At\":1}\n"},
        {CE ",\"aggregateId\":\"b\",\"at\":1}", "0.0 b T @1.000000000#e1 {}\n"},
        {CE ",\"detail-type\":\"U\",\"detail\":{\"id\":\"b\"},\"time\":1}",
         "0.0 a T @1.000000000#/s e1 {}\n"},
        {"{\"id\":\"e1\",\"detail-type\":\"U\",\"detail\":{\"id\":\"b\"},\"time\":1}",
         "0.0 b U @1.000000000#e1 {\"id\":\"b\"}\n"},
    };
    EXPECT_ROWS("auto", rows);
}

Test(record, decides_per_record_in_auto)
{
    static const char records[] =
        "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}" FLAT_FRONT ",\"at\":1}"
        /* both fit: eventsource comes first */
        "{\"aggregateId\":\"b\",\"type\":\"F\",\"at\":1,\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}"
        /* t without d */
        "{\"aggregateId\":\"b\",\"type\":\"F\",\"at\":1,\"t\":\"T\"}"
        "{\"type\":\"F\",\"at\":1}{}";
    struct outcome outcome = decode_bytes("auto", records, sizeof(records) - 1, 99);
    cr_expect_eq(outcome.code, RF_OK);
    cr_expect_eq(outcome.counts.envelopes[RF_ENVELOPE_EVENTSOURCE], 2);
    cr_expect_eq(outcome.counts.envelopes[RF_ENVELOPE_FLAT], 2);
    cr_expect_eq(outcome.counts.malformed, 2);
    cr_expect(strstr(outcome.log.bytes, "no envelope fits") != NULL);
    cr_expect(sums_hold(&outcome.counts));
    outcome_done(&outcome);
}

Test(record, hashes_data_that_is_missing_as_an_empty_object)
{
    static const char without[] = FLAT_FRONT ",\"at\":1}";
    static const char with[] = FLAT_FRONT ",\"at\":1,\"data\":{ }}";
    static const char other[] = FLAT_FRONT ",\"at\":1,\"data\":[]}";
    struct outcome a = decode_bytes("flat", without, sizeof(without) - 1, 99);
    struct outcome b = decode_bytes("flat", with, sizeof(with) - 1, 99);
    struct outcome c = decode_bytes("flat", other, sizeof(other) - 1, 99);
    cr_expect_eq(a.hashes, b.hashes);
    cr_expect_neq(a.hashes, c.hashes);
    outcome_done(&a);
    outcome_done(&b);
    outcome_done(&c);
}
