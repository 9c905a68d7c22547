/* SPDX-License-Identifier: MIT */
/* Tests of decode/table.c: records of DynamoDB become events. */
#include "decode/table.h"

#include <criterion/criterion.h>

#include "tests/decode/base64_text.h"
#include "tests/decode/support.h"
#include "tests/decode/twins.h"

/* What stands between these is written in base64. */
#define OPEN  "\1"
#define CLOSE "\2"

#define EVENT(id, version)                                                                         \
    "{\"t\":\"T\",\"d\":{\"ID\":\"" id "\",\"Version\":" version ",\"At\":1}}"
#define OTHER(id, version)                                                                         \
    "{\"t\":\"U\",\"d\":{\"ID\":\"" id "\",\"Version\":" version ",\"At\":1}}"
#define B(text)           "{\"B\":\"" OPEN text CLOSE "\"}"
#define KEYS              "\"key\":{\"S\":\"a\"},\"partition\":{\"N\":\"0\"}"
#define IMAGE(attributes) "{" KEYS ",\"revision\":{\"N\":\"1\"}" attributes "}"
#define ONE               ",\"_1\":" B(EVENT("a", "1"))
#define TWO               ",\"_2\":" B(EVENT("a", "2"))
#define TEN               ",\"_10\":" B(EVENT("a", "10"))

#define STREAM(name, rest)                                                                         \
    "{\"eventID\":\"e\",\"eventName\":\"" name                                                     \
    "\",\"eventSource\":\"aws:dynamodb\",\"dynamodb\":{"                                           \
    "\"ApproximateCreationDateTime\":1568013979.0,\"Keys\":{" KEYS "}" rest                        \
    ",\"SequenceNumber\":\"21258800000000008186106757\",\"SizeBytes\":22}}"
#define NEW(attributes) ",\"NewImage\":" IMAGE(attributes)
#define OLD(attributes) ",\"OldImage\":" IMAGE(attributes)

#define LOG(part, version, type)                                                                   \
    part " a v" version " " type " @1.000000000 {\"ID\":\"a\",\"Version\":" version ",\"At\":1}\n"

/** The text with what stands between OPEN and CLOSE in base64. */
static struct rf_buf
encode(const char *text)
{
    struct rf_buf out = {0};
    base64_expand(&out, text, strlen(text), *OPEN, *CLOSE);
    return out;
}

static void
expect_with(const char *envelope, const char *record, const char *log, uint64_t empty)
{
    struct rf_buf text = encode(record);
    struct outcome outcome = decode_bytes(envelope, text.bytes, text.used, 64);
    cr_expect_eq(outcome.code, RF_OK, "%s: %s", record, outcome.err.text);
    cr_expect_str_eq(outcome.log.bytes, log, "%s:\n%s", record, outcome.log.bytes);
    cr_expect(sums_hold(&outcome.counts), "%s", record);
    cr_expect_eq(outcome.counts.empty, empty, "%s", record);
    cr_expect_eq(outcome.counts.envelopes[RF_ENVELOPE_CUSTOM] +
                     outcome.counts.envelopes[RF_ENVELOPE_DYNAMODB] +
                     outcome.counts.envelopes[RF_ENVELOPE_EVENTSOURCE],
                 outcome.counts.events);
    outcome_done(&outcome);
    rf_buf_done(&text);
}

static void
expect(const char *record, const char *log, uint64_t empty)
{
    expect_with("auto", record, log, empty);
    expect_with("dynamodb-stream", record, log, empty);
}

Test(table, a_new_attribute_is_an_event)
{
    expect(STREAM("INSERT", NEW(ONE)), LOG("0.0", "1", "T"), 0);
    expect(STREAM("INSERT", NEW(TWO TEN ONE)),
           LOG("0.0", "1", "T") LOG("0.1", "2", "T") LOG("0.2", "10", "T"), 0);
    expect(STREAM("MODIFY", NEW(ONE TWO) OLD(ONE)), LOG("0.0", "2", "T"), 0);
    expect(STREAM("MODIFY", NEW(ONE) OLD(ONE)), "", 1);
    expect(STREAM("MODIFY", NEW(TWO ONE)), LOG("0.0", "1", "T") LOG("0.1", "2", "T"), 0);
}

Test(table, an_image_without_event_attributes_is_malformed)
{
    static const char log[] =
        "!0 its image has no attribute _<version>, so it tells no event; "
        "pointers into the image read another table (-e id=/dynamodb/NewImage/ID/S,... or "
        "id=/Item/ID/S,...; an export's source is then its folder data/)\n";
    expect(STREAM("INSERT", NEW("")), log, 0);
    expect(STREAM("INSERT", NEW(",\"v_1\":" B(EVENT("a", "1")))), log, 0);
    expect(STREAM("MODIFY", NEW("") OLD("")), log, 0);
    expect(STREAM("MODIFY", NEW("")), log, 0);
    expect("{\"Item\":" IMAGE("") "}", log, 0);
    expect("{\"Metadata\":{},\"Keys\":{" KEYS "},\"NewImage\":" IMAGE("") "}", log, 0);
    expect(
        STREAM("MODIFY", NEW("") OLD(ONE)),
        "!0 the attribute _1 is in the old image, and not in the new one: an event was removed\n",
        0);
    expect(STREAM("MODIFY", NEW(ONE) OLD("")), LOG("0.0", "1", "T"), 0);
}

Test(table, the_worked_example_of_the_store)
{
    /* The base64 is what altairsix/eventsource wrote. */
    expect("{\"eventName\":\"MODIFY\",\"dynamodb\":{\"Keys\":{\"key\":{\"S\":\"u-1\"}},"
           "\"OldImage\":{\"key\":{\"S\":\"u-1\"},\"_1\":{\"B\":"
           "\"eyJ0IjoiVXNlckNyZWF0ZWQiLCJkIjp7IklEIjoidS0xIiwiVmVyc2lvbiI6MSwiQXQiOiIyMDE3LTAzLTE0V"
           "DA0OjQ5OjMwWiJ9fQ==\"}},"
           "\"NewImage\":{\"key\":{\"S\":\"u-1\"},\"_1\":{\"B\":"
           "\"eyJ0IjoiVXNlckNyZWF0ZWQiLCJkIjp7IklEIjoidS0xIiwiVmVyc2lvbiI6MSwiQXQiOiIyMDE3LTAzLTE0V"
           "DA0OjQ5OjMwWiJ9fQ==\"},\"_2\":{\"B\":"
           "\"eyJ0IjoiVXNlck5hbWVTZXQiLCJkIjp7IklEIjoidS0xIiwiVmVyc2lvbiI6MiwiQXQiOiIyMDE3LTAzLTE0V"
           "DA0OjQ5OjM0LjkzWiIsIk5hbWUiOiJBZGEifX0=\"}}}}",
           "0.0 u-1 v2 UserNameSet @1489466974.930000000 "
           "{\"ID\":\"u-1\",\"Version\":2,\"At\":\"2017-03-14T04:49:34.93Z\",\"Name\":\"Ada\"}\n",
           0);
}

Test(table, records_come_alone_in_a_batch_and_in_records)
{
#define A STREAM("INSERT", NEW(ONE TWO))
#define Z STREAM("REMOVE", OLD(ONE))
    expect("{\"Records\":[" A "," Z "," A "],\"window\":{}}",
           LOG("0.0", "1", "T") LOG("0.1", "2", "T") LOG("0.3", "1", "T") LOG("0.4", "2", "T"), 1);
    expect("[" A "," A "]",
           LOG("0.0", "1", "T") LOG("0.1", "2", "T") LOG("0.2", "1", "T") LOG("0.3", "2", "T"), 0);
    expect("{\"Records\":[]}", "", 1);
    expect_with("auto", "{\"Records\":[1," A ",{\"Records\":[]}]}",
                "!0 part 0 of the batch is not an object\n" LOG("0.1", "1", "T")
                    LOG("0.2", "2", "T") "!0 part 2 of the batch: no envelope fits: neither the "
                                         "members t and d (eventsource), "
                                         "aggregateId and type (flat), specversion (cloudevents) "
                                         "nor detail-type and detail "
                                         "(eventbridge) are there\n",
                0);
}

Test(table, what_was_removed_holds_no_event)
{
    expect(STREAM("REMOVE", OLD(ONE)), "", 1);
    expect(STREAM("REMOVE", ""), "", 1);
    expect(STREAM("REMOVE", NEW(ONE)), "!0 is a REMOVE, and has a NewImage\n", 0);
    expect(
        STREAM("MODIFY", NEW(TWO) OLD(ONE TWO)),
        "!0 the attribute _1 is in the old image, and not in the new one: an event was removed\n",
        0);
}

#define NO_ITEM  "!0 tells of a removed item, and its Keys are no key of DynamoDB's\n"
#define NO_IMAGE "!0 tells of a removed item, and has an image that is none of DynamoDB's\n"
#define NO_METADATA                                                                                \
    "!0 tells of a removed item as an export's line does, and its Metadata are no object\n"
#define STRANGE                                                                                    \
    "!0 tells of a removed item as an export's line does, and has other members, which would not " \
    "be read\n"

/* As a stream that is for keys alone tells it, as the store's own time to live does, and as it
 * comes by Kinesis. */
Test(table, items_are_removed_in_many_ways)
{
    expect(STREAM("REMOVE", ",\"StreamViewType\":\"KEYS_ONLY\""), "", 1);
    expect("{\"eventName\":\"REMOVE\",\"userIdentity\":{\"type\":\"Service\",\"principalId\":"
           "\"dynamodb.amazonaws.com\"},\"dynamodb\":{\"Keys\":{" KEYS "}" OLD(ONE) "}}",
           "", 1);
    expect(
        "{\"awsRegion\":\"eu-west-1\",\"eventID\":\"0\",\"eventName\":\"REMOVE\",\"userIdentity\":"
        "null,\"recordFormat\":\"application/json\",\"tableName\":\"t\",\"dynamodb\":{"
        "\"ApproximateCreationDateTime\":1645024320140,\"Keys\":{" KEYS
        "}" OLD(ONE) ",\"SizeBytes\":292},\"eventSource\":\"aws:dynamodb\"}",
        "", 1);
}

Test(table, what_is_no_removed_item_is_not_taken_for_one)
{
    expect("{\"Keys\":{" KEYS "},\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"1\"}}}", "", 1);
    expect("{\"Keys\":{\"orderId\":\"1\"},\"Metadata\":{},\"Payload\":" EVENT("a", "1") "}",
           NO_ITEM, 0);
    expect("{\"Keys\":{" KEYS ",\"n\":{\"X\":\"1\"}},\"Metadata\":{}}", NO_ITEM, 0);
    expect("{\"Keys\":{" KEYS "},\"Metadata\":{}" OLD(ONE) ",\"NewImage\":null}", "", 1);
    expect("{\"Keys\":{" KEYS "},\"Metadata\":{},\"NewImage\":[" EVENT("a", "1") "]}", NO_IMAGE, 0);
    expect("{\"Keys\":{" KEYS "},\"Metadata\":{},\"OldImage\":" EVENT("a", "1") "}", NO_IMAGE, 0);
    expect(STREAM("REMOVE", ",\"OldImage\":[" EVENT("a", "1") "]"), NO_IMAGE, 0);
    expect("{\"Keys\":{" KEYS "},\"Metadata\":[" EVENT("a", "1") "]}", NO_METADATA, 0);
    expect("{\"Keys\":{" KEYS "},\"Metadata\":\"x\"}", NO_METADATA, 0);
    expect("{\"Keys\":{" KEYS "},\"Metadata\":{},\"Payload\":" EVENT("a", "1") "}", STRANGE, 0);
    expect("{\"eventName\":\"REMOVE\",\"dynamodb\":{\"x\":1},\"event\":" EVENT("a", "1") "}",
           NO_ITEM, 0);
}

#define BESIDE                                                                                     \
    "!0 its Records are empty, and what stands beside them is none of the known envelopes\n"

Test(table, an_empty_batch_hides_nothing_beside_it)
{
    expect("{\"Records\":[],\"requestId\":\"r\",\"n\":1,\"context\":{},\"tags\":[]}", "", 1);
    expect("{\"Records\":[],\"event\":" EVENT("a", "1") "}", BESIDE, 0);
    expect("{\"events\":[1],\"Records\":[]}", BESIDE, 0);
    expect("{\"Records\":[],\"body\":\"{\\\"t\\\":1}\"}", BESIDE, 0);
    expect("{\"Records\":[],\"body\":\"[1]\"}", BESIDE, 0);
    expect("{\"Records\":[],\"eventName\":\"INSERT\",\"dynamodb\":{\"Keys\":{" KEYS
           "}" NEW(ONE) "}}",
           LOG("0.0", "1", "T"), 0);
}

#define BESIDES "!0 what stands beside its Records would not be read\n"

Test(table, a_batch_hides_nothing_beside_it)
{
    const char *both = LOG("0.0", "1", "T") LOG("0.1", "2", "T");
    expect("{\"Records\":[" A "],\"requestId\":\"r\",\"n\":1,\"context\":{},\"tags\":[]}", both, 0);
    expect("{\"Records\":[" A "],\"event\":" EVENT("a", "3") "}", BESIDES, 0);
    expect("{\"events\":[" EVENT("a", "3") "],\"Records\":[" A "]}", BESIDES, 0);
    expect("{\"Records\":[" A "],\"body\":\"{\\\"t\\\":1}\"}", BESIDES, 0);
    expect("{\"Records\":[" A "],\"eventName\":\"INSERT\",\"dynamodb\":{\"Keys\":{" KEYS
           "}" NEW(ONE) "}}",
           BESIDES, 0);
    expect("{\"Records\":[" A
           "],\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\"e30=\"}",
           BESIDES, 0);
    expect_with("auto", "{\"Records\":[" EVENT("a", "1") "],\"event\":" EVENT("a", "2") "}",
                BESIDES, 0);
}

#define WINDOW                                                                                     \
    ",\"window\":{\"start\":\"2020-07-30T17:00:00Z\",\"end\":\"2020-07-30T17:05:00Z\"},"           \
    "\"state\":{\"1\":\"s\"},\"shardId\":\"s\""

Test(table, a_batch_of_a_window_of_time_has_its_state_beside_it)
{
    expect("{\"Records\":[" A "]" WINDOW ",\"isFinalInvokeForWindow\":false}",
           LOG("0.0", "1", "T") LOG("0.1", "2", "T"), 0);
    expect("{\"Records\":[]" WINDOW ",\"isFinalInvokeForWindow\":true}", "", 1);
    expect("{\"Records\":[]" WINDOW ",\"isFinalInvokeForWindow\":true,\"event\":{\"a\":1}}", BESIDE,
           0);
    expect("{\"Records\":[" A "]" WINDOW "}", BESIDES, 0);
    expect("{\"Records\":[],\"state\":" EVENT("a", "1") ",\"isFinalInvokeForWindow\":true}", BESIDE,
           0);
}

Test(table, a_stream_without_new_images_is_malformed)
{
    expect(STREAM("INSERT", ",\"StreamViewType\":\"KEYS_ONLY\""),
           "!0 its stream's view is KEYS_ONLY, which tells no events: only NEW_AND_OLD_IMAGES and "
           "NEW_IMAGE do\n",
           0);
    expect(STREAM("MODIFY", OLD(ONE) ",\"StreamViewType\":\"OLD_IMAGE\""),
           "!0 its stream's view is OLD_IMAGE, which tells no new events: only NEW_AND_OLD_IMAGES "
           "and NEW_IMAGE do\n",
           0);
    expect(STREAM("INSERT", ",\"NewImage\":null"),
           "!0 has no NewImage, and nothing says that its item was removed\n", 0);
    expect(STREAM("INSERT", ",\"NewImage\":{}"),
           "!0 has no NewImage, and nothing says that its item was removed\n", 0);
    expect(STREAM("UPSERT", NEW(ONE)), "!0 its eventName is none of INSERT, MODIFY and REMOVE\n",
           0);
    expect("{\"Keys\":{" KEYS "},\"StreamViewType\":\"KEYS_ONLY\"}",
           "!0 its stream's view is KEYS_ONLY, which tells no events: only NEW_AND_OLD_IMAGES and "
           "NEW_IMAGE do\n",
           0);
}

Test(table, what_was_overwritten_is_told_twice)
{
    expect(STREAM("MODIFY", NEW(ONE ",\"_2\":" B(OTHER("a", "2"))) OLD(ONE TWO)),
           LOG("0.0", "2", "T") LOG("0.1", "2", "U"), 0);
    expect(STREAM("MODIFY", NEW(ONE ",\"_2\":{\"S\":\"x\"}") OLD(ONE TWO)),
           LOG("0.0", "2", "T") "!0 the attribute _2 is no binary value (B)\n", 0);
    expect("{\"Metadata\":{},\"Keys\":{" KEYS
           "},\"OldImage\":" IMAGE(ONE) ",\"NewImage\":" IMAGE(",\"_1\":" B(OTHER("a", "1"))) "}",
           LOG("0.0", "1", "T") LOG("0.1", "1", "U"), 0);
}

Test(table, items_of_exports_hold_all_their_events)
{
    expect("{\"Item\":" IMAGE(ONE TWO) "}", LOG("0.0", "1", "T") LOG("0.1", "2", "T"), 0);
    expect(IMAGE(TWO), LOG("0.0", "2", "T"), 0);
    expect("{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"1680109764000000\"}},\"Keys\":{" KEYS
           "},\"OldImage\":" IMAGE(ONE) ",\"NewImage\":" IMAGE(ONE TWO) "}",
           LOG("0.0", "1", "T") LOG("0.1", "2", "T"), 0);
    expect("{\"Metadata\":{\"WriteTimestampMicros\":1680109764000000},\"Keys\":{" KEYS
           "},\"OldImage\":" IMAGE(ONE) "}",
           "", 1);
    expect("{\"Item\":{\"key\":\"a\"}}", "!0 its image holds what is no attribute of DynamoDB's\n",
           0);
    expect("{\"Item\":{\"key\":{\"S\":\"a\",\"N\":\"1\"}}}",
           "!0 its image holds what is no attribute of DynamoDB's\n", 0);
    expect(STREAM("MODIFY", NEW(ONE) ",\"OldImage\":{\"key\":{\"X\":\"a\"}}"),
           "!0 its old image holds what is no attribute of DynamoDB's\n", 0);
}

Test(table, names_are_versions_as_the_store_writes_them)
{
#define NAMED(name) ",\"" name "\":" B(EVENT("a", "7"))
#define BAD(name)                                                                                  \
    "!0 the attribute " name                                                                       \
    " has a name that is no version: '_' and an integer without a leading zero\n"
    expect(STREAM("INSERT", NEW(NAMED("_+7"))), BAD("_+7"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_-7"))), BAD("_-7"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_007"))), BAD("_007"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_"))), BAD("_"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_7a"))), BAD("_7a"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_t7") NAMED("_d7"))), BAD("_d7") BAD("_t7"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_9223372036854775808") ONE)),
           LOG("0.0", "1", "T") BAD("_9223372036854775808"), 0);
    expect(STREAM("INSERT", NEW(NAMED("_\xc3\xa9xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3\xa9yy"))),
           BAD("_\xc3\xa9xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"), 0);
    expect(STREAM("INSERT", NEW(NAMED("\\u005f7"))), LOG("0.0", "7", "T"), 0);
    expect(STREAM("INSERT", NEW(",\"_9223372036854775807\":" B(EVENT("a", "9223372036854775807")))),
           LOG("0.0", "9223372036854775807", "T"), 0);
    /* What the old image has too is no news, however it is called. */
    expect(STREAM("MODIFY", NEW(ONE NAMED("_x")) OLD(NAMED("_x"))), LOG("0.0", "1", "T"), 0);
}

Test(table, an_attribute_and_what_it_holds_agree)
{
    expect(STREAM("INSERT", NEW(",\"_2\":" B(EVENT("a", "1")))),
           "!0 the attribute _2 holds an event whose /d/Version is 1\n", 0);
    expect(STREAM("INSERT", NEW(",\"_1\":" B(EVENT("b", "1")))),
           "!0 the attribute _1 holds an event whose /d/ID is not the item's key\n", 0);
    expect(STREAM("INSERT", NEW(",\"_1\":" B("{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}"))),
           "0.0 a v1 T @1.000000000 {\"ID\":\"a\",\"At\":1}\n", 0);
    expect("{\"Item\":{\"order\":{\"S\":\"a\"}" ONE "}}", LOG("0.0", "1", "T"), 0);
    expect("{\"Item\":{\"order\":{\"N\":\"7\"},\"_1\":" B(
               "{\"t\":\"T\",\"d\":{\"ID\":7,\"Version\":1,\"At\":1}}") "}}",
           "0.0 7 v1 T @1.000000000 {\"ID\":7,\"Version\":1,\"At\":1}\n", 0);
    expect("{\"Item\":{\"order\":{\"S\":\"b\"}" ONE "}}",
           "!0 the attribute _1 holds an event whose /d/ID is not the item's key\n", 0);
}

Test(table, the_key_is_whichever_attribute_is_the_id)
{
#define AMONG(id)                                                                                  \
    "{\"Item\":{\"x\":{\"S\":\"\"},\"y\":{\"S\":\"aa\"},\"z\":{\"N\":\"1\"},\"bin\":{\"B\":\"YQ==" \
    "\"},"                                                                                         \
    "\"l\":{\"L\":[{\"S\":\"a\"}]},\"order\":{\"S\":\"" id                                         \
    "\"},\"\\u0062\":{\"S\":\"\\u0063\"}" ONE TWO "}}"
    expect(AMONG("a"), LOG("0.0", "1", "T") LOG("0.1", "2", "T"), 0);
    expect(AMONG("\\u0061"), LOG("0.0", "1", "T") LOG("0.1", "2", "T"), 0);
#define NO_KEY(name) "!0 the attribute " name " holds an event whose /d/ID is not the item's key\n"
    expect(AMONG("b"), NO_KEY("_1") NO_KEY("_2"), 0);
    /* Of an item that was read before, nothing is left. */
    expect("[" AMONG("a") "," AMONG("b") "]",
           LOG("0.0", "1", "T")
               LOG("0.1", "2", "T") "!0 part 1 of the batch: the attribute _1 holds "
                                    "an event whose /d/ID is not the item's key\n!0 part 1 of the "
                                    "batch: the attribute _2 "
                                    "holds an event whose /d/ID is not the item's key\n",
           0);
}

/** An item that has no attribute `key`, and very many others. */
Test(table, an_item_of_many_events_takes_no_quadratic_time, .timeout = 20)
{
    enum { COUNT = 60000 };
    struct rf_buf text = {0};
    rf_buf_string(&text, "{\"Item\":{");
    for (int i = 1; i <= COUNT; i++) {
        rf_buf_format(&text,
                      "\"_%d\":{\"B\":\"" OPEN
                      "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"Version\":%d,\"At\":1}}" CLOSE "\"},",
                      i, i);
    }
    rf_buf_string(&text, "\"z\":{\"S\":\"a\"}}}");
    struct rf_buf object = encode(rf_buf_text(&text));
    struct outcome outcome = decode_bytes("auto", object.bytes, object.used, object.used);
    cr_expect_eq(outcome.counts.events, COUNT);
    outcome_done(&outcome);
    rf_buf_done(&object);
    rf_buf_done(&text);
}

Test(table, what_an_attribute_holds_is_an_event)
{
#define HOLDS(value) STREAM("INSERT", NEW(",\"_1\":" value))
    expect(HOLDS("{\"S\":\"x\"}"), "!0 the attribute _1 is no binary value (B)\n", 0);
    expect(HOLDS("{\"B\":1}"), "!0 the attribute _1 is no binary value (B)\n", 0);
    expect(HOLDS("{\"B\":\"e30\"}"), "!0 the attribute _1 is not base64\n", 0);
    expect(HOLDS("{\"B\":\"\"}"),
           "!0 the attribute _1 holds no event of envelope eventsource: expected a value, but "
           "the text ends here\n",
           0);
    expect(HOLDS(B("[]")),
           "!0 the attribute _1 holds no event of envelope eventsource: it is no JSON object\n", 0);
    expect(HOLDS(B("{\"aggregateId\":\"a\",\"type\":\"T\",\"version\":1,\"at\":1}")),
           "!0 the attribute _1 holds no event of envelope eventsource: /d/ID is missing\n", 0);
    expect(HOLDS(B("{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"Version\":1}}")),
           "!0 the attribute _1 holds no event of envelope eventsource: /d/At is missing\n", 0);
}

Test(table, a_key_that_occurs_twice_is_malformed)
{
    expect("{\"dynamodb\":{\"Keys\":{" KEYS "}},\"dynamodb\":{\"Keys\":{" KEYS "}}}",
           "!0 the key 'dynamodb' occurs twice\n", 0);
    expect(STREAM("INSERT", NEW(ONE) NEW(ONE)), "!0 the key 'NewImage' occurs twice\n", 0);
    expect(STREAM("INSERT", NEW(ONE ONE TWO)),
           "!0 the attribute _1 occurs twice in an image\n" LOG("0.1", "2", "T"), 0);
}

/* A table that keeps its events in another way, as Lambda hands on its stream. */
Test(table, pointers_of_ones_own_lead_into_the_elements_of_records)
{
    static const char own[] = "id=/dynamodb/NewImage/pk/S,type=/eventName,"
                              "version=/dynamodb/NewImage/n/N,data=/dynamodb/NewImage/d/S";
#define ROW(version)                                                                               \
    "{\"eventName\":\"INSERT\",\"dynamodb\":{\"NewImage\":{\"pk\":{\"S\":\"a\"},\"n\":{\"N\":"     \
    "\"" version "\"},\"d\":{\"S\":\"x\"}}}}"
    expect_with(own, "{\"Records\":[" ROW("1") "," ROW("2") "]}",
                "0.0 a v1 INSERT \"x\"\n0.1 a v2 INSERT \"x\"\n", 0);
    expect_with(own, "{\"Records\":[" ROW("1") ",7]}",
                "0.0 a v1 INSERT \"x\"\n!0 part 1 of the batch is not an object\n", 0);
    /* What they do not lead to is not read, wherever it stands. */
    expect_with(own, "{\"Records\":[" ROW("1") "],\"context\":{\"a\":1}}",
                "0.0 a v1 INSERT \"x\"\n", 0);
    /* Nothing says that these are such a batch. */
    expect_with(own, "{\"Records\":[]}", "!0 /dynamodb/NewImage/pk/S is missing\n", 0);
    expect_with(own, "{\"eventName\":\"x\",\"Records\":[" ROW("1") "]}",
                "!0 /dynamodb/NewImage/pk/S is missing\n", 0);
    /* The pointers are meant for the record, and find one element alone. */
    expect_with("id=/Records/0/dynamodb/NewImage/pk/S,type=/Records/0/eventName",
                "{\"Records\":[" ROW("1") "," ROW("2") "]}",
                "!0 /Records/0 is one element of several, and the others would be lost\n", 0);
#undef ROW
}

Test(table, precedence_is_fixed)
{
    /* The members t and d come first, whatever else is there. */
    expect_with("auto",
                "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"Version\":1,\"At\":1},\"Records\":[],"
                "\"dynamodb\":{},\"Item\":{}}",
                LOG("0.0", "1", "T"), 0);
    expect_with("eventsource", STREAM("INSERT", NEW(ONE)), "!0 /d/ID is missing\n", 0);
    expect_with("eventsource", "{\"Records\":[]}", "!0 /d/ID is missing\n", 0);
    expect_with("dynamodb-stream", EVENT("a", "1"),
                "!0 is none of DynamoDB's: it has neither dynamodb, Item, Keys nor an attribute "
                "_<version>\n",
                0);
    expect_with("dynamodb-stream", "{\"Item\":{}}",
                "!0 is none of DynamoDB's: it has neither dynamodb, Item, Keys nor an attribute "
                "_<version>\n",
                0);
}

Test(table, what_other_objects_taught_is_not_taken_for_a_record)
{
    /* A decoder that knows records of eventsource reads none of them in a stream of DynamoDB's. */
    static const char *const specs[] = {"eventsource", "dynamodb-stream", "auto"};
    struct rf_decoder *decoder = rf_decoder_new();
    struct rf_buf records = {0};
    make_records(&records, 3, "\n");
    for (int i = 0; i < 9; i++) {
        struct rf_envelope envelope;
        cr_assert_eq(rf_envelope_parse(specs[i % 3], &envelope, NULL), RF_OK);
        struct outcome outcome = decode_with(decoder, &envelope, records.bytes, records.used, 64);
        cr_expect_eq(outcome.counts.events, i % 3 == 1 ? 0 : 3, "%d", i);
        cr_expect_eq(outcome.counts.malformed, i % 3 == 1 ? 3 : 0, "%d", i);
        outcome_done(&outcome);
        rf_envelope_done(&envelope);
    }
    rf_buf_done(&records);
    rf_decoder_free(decoder);
}

Test(table, recognized_or_not_the_same_is_told)
{
    static const char *const specs[] = {"auto", "dynamodb-stream"};
    for (size_t i = 0; i < 2; i++) {
        struct twins twins;
        struct rf_buf object = {0};
        twins_init(&twins, specs[i]);
        for (int version = 1; version <= 40; version++) {
            char *text = rf_format(
                "{\"eventName\":\"INSERT\",\"dynamodb\":{\"NewImage\":{"
                "\"key\":{\"S\":\"a\"},\"_%d\":{\"B\":\"" OPEN
                "{\"t\":\"T%d\",\"d\":{\"ID\":\"%c\",\"Version\":%d,\"At\":1}}%s" CLOSE "\"}}}}\n",
                version, version % 3, version % 7 == 0 ? 'b' : 'a', version % 11 == 0 ? 1 : version,
                version % 13 == 0 ? "{}" : "");
            struct rf_buf record = encode(text);
            rf_buf_add(&object, record.bytes, record.used);
            rf_buf_done(&record);
            free(text);
        }
        const char *difference = twins_differ(&twins, object.bytes, object.used, 100);
        cr_expect_null(difference, "%s", difference);
        cr_expect_eq(twins.full.counts.events, 29);
        cr_expect_eq(twins.full.counts.malformed, 11);
        cr_expect_gt(twins.known.known, 20);
        rf_buf_done(&object);
        twins_done(&twins);
    }
}
