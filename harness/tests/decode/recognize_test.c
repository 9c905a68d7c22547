/* SPDX-License-Identifier: MIT */
/* Records that are like one that was read before: which are, which are not, and what is known of
 * them then. What decoding makes of them: recognize_twins_test.c. */
#include "decode/recognize.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <sys/mman.h>

#include "tests/decode/support.h"

/** Behind so much memory there is none. */
#define TEXT_BYTES ((size_t)256 << 10)

static struct rf_recognizer *recognizer;
static char *text_memory;

static void
set_up(void)
{
    size_t page = (size_t)64 << 10;
    recognizer = rf_recognizer_new();
    text_memory =
        mmap(NULL, TEXT_BYTES + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(text_memory != MAP_FAILED);
    cr_assert_eq(mprotect(text_memory + TEXT_BYTES, page, PROT_NONE), 0);
}

static void
tear_down(void)
{
    rf_recognizer_free(recognizer);
}

TestSuite(recognize, .init = set_up, .fini = tear_down);

/** Looks for `text`, whose memory ends where it ends; *ret_hash is that of the record. */
static bool
look(const char *text, size_t bytes, size_t *ret_end, uint64_t *ret_hash)
{
    cr_assert_leq(bytes, TEXT_BYTES);
    char *copy = text_memory + TEXT_BYTES - bytes;
    memcpy(copy, text, bytes);
    struct rf_json_node *scalars;
    struct rf_known *known = rf_recognize(recognizer, copy, bytes, ret_end, &scalars);
    if (known != NULL) {
        *ret_hash = rf_recognizer_hash(recognizer, known);
    }
    return known != NULL;
}

/** Reads a record in full, as decoding does where it is not recognized, and learns it; its data is
 * all of it. */
static void
learn(const char *text, size_t bytes)
{
    size_t end;
    uint64_t hash;
    if (look(text, bytes, &end, &hash)) {
        return;
    }
    struct rf_json doc = {0};
    cr_assert_eq(rf_json_read_whole(&doc, text, bytes, NULL), RF_OK, "%.60s", text);
    const uint32_t found[] = {0};
    struct rf_lesson lesson = {.doc = &doc, .nodes = found, .node_count = 1};
    rf_recognizer_learn(recognizer, &lesson);
    rf_json_done(&doc);
}

static void
learn_text(const char *text)
{
    learn(text, strlen(text));
}

/** Whether `text` is recognized from its first byte to its last, with the hash of a full read. */
static bool
knows(const char *text)
{
    size_t end = 0;
    uint64_t hash = 0;
    if (!look(text, strlen(text), &end, &hash)) {
        return false;
    }
    struct rf_json doc = {0};
    struct rf_err err;
    size_t read_end = 0;
    rf_code code = rf_json_read(&doc, text, strlen(text), &read_end, &err);
    cr_assert_eq(code, RF_OK, "recognized, and malformed: %s: %s", text, err.text);
    cr_assert_eq(end, read_end, "%s: %zu, not %zu", text, end, read_end);
    cr_assert_eq(hash, rf_json_hash(&doc, 0, NULL), "%s", text);
    rf_json_done(&doc);
    return end == strlen(text);
}

/** Learns `text`, whose data is the value of this member at its top. */
static void
learn_member(const char *text, const char *member)
{
    struct rf_json doc = {0};
    cr_assert_eq(rf_json_read_whole(&doc, text, strlen(text), NULL), RF_OK, "%s", text);
    uint32_t data = rf_json_member(&doc, 0, member, strlen(member), NULL);
    cr_assert_neq(data, RF_JSON_NONE, "%s", text);
    size_t end;
    struct rf_json_node *scalars;
    cr_assert_null(rf_recognize(recognizer, text, strlen(text), &end, &scalars), "%s", text);
    struct rf_lesson lesson = {.doc = &doc, .nodes = &data, .node_count = 1, .data = data};
    rf_recognizer_learn(recognizer, &lesson);
    rf_json_done(&doc);
}

/** Recognizes `text`, and holds its hash against that of the member, read in full. */
static void
expect_member_hash(const char *text, const char *member)
{
    size_t end = 0;
    uint64_t hash = 0;
    struct rf_json doc = {0};
    cr_assert(look(text, strlen(text), &end, &hash), "%s", text);
    cr_assert_eq(rf_json_read_whole(&doc, text, strlen(text), NULL), RF_OK, "%s", text);
    uint32_t data = rf_json_member(&doc, 0, member, strlen(member), NULL);
    cr_expect_eq(hash, rf_json_hash(&doc, data, NULL), "%s: %s", text, member);
    rf_json_done(&doc);
}

/* Strings around the data are not hashed; one that is data of another record, which begins alike,
 * is, and whichever of the two was learned first. */
Test(recognize, what_is_data_of_any_record_is_hashed)
{
    static const char *const texts[][2] = {
        {"{\"a\":{\"x\":\"one\",\"y\":\"two\"},\"b\":{\"x\":\"three\"},\"c\":1}", "a"},
        {"{\"a\":{\"x\":\"one\",\"y\":\"two\"},\"b\":{\"x\":\"three\"},\"d\":\"four\"}", "b"},
        {"{\"a\":{\"x\":\"\\n\",\"y\":\"\xc3\xa9\"},\"b\":{\"x\":\"5\"},\"e\":{\"x\":\"\"}}", "e"},
    };
    enum { COUNT = sizeof(texts) / sizeof(texts[0]) };
    for (size_t first = 0; first < COUNT; first++) {
        rf_recognizer_clear(recognizer);
        for (size_t i = 0; i < COUNT; i++) {
            const char *const *learned = texts[(first + i) % COUNT];
            learn_member(learned[0], learned[1]);
            for (size_t k = 0; k <= i; k++) {
                const char *const *known = texts[(first + k) % COUNT];
                expect_member_hash(known[0], known[1]);
            }
        }
    }
}

struct row {
    const char *learned;
    const char *text;
    bool known;
};

static void
expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rf_recognizer_clear(recognizer);
        learn_text(rows[i].learned);
        cr_expect(knows(rows[i].learned), "not learned: %s", rows[i].learned);
        cr_expect_eq(knows(rows[i].text), rows[i].known, "%s, after %s", rows[i].text,
                     rows[i].learned);
    }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

Test(recognize, a_scalar_of_any_kind_may_stand_where_one_stood)
{
    static const char *const scalars[] = {
        "\"\"",
        "\"plain\"",
        "\"\\n\\u0000\\\"\"",
        "\"\xc3\xa9\xf0\x9f\x98\x80\"",
        "\"a string that is longer than a stride of sixteen bytes\"",
        "\"fifteen bytes \\\\\"",
        "0",
        "-0",
        "7",
        "12345678901234567890",
        "1.50",
        "1e5",
        "-1E-5",
        "0.0",
        "0e0",
        "2E3",
        "7e9",
        "true",
        "false",
        "null",
    };
    enum { COUNT = sizeof(scalars) / sizeof(scalars[0]) };
    for (int learned = 0; learned < COUNT; learned++) {
        for (int seen = 0; seen < COUNT; seen++) {
            char first[256];
            char second[256];
            (void)snprintf(first, sizeof(first), "{\"a\":%s,\"b\":[1,%s]}", scalars[learned],
                           scalars[learned]);
            (void)snprintf(second, sizeof(second), "{\"a\":%s,\"b\":[%s,2]}", scalars[seen],
                           scalars[seen]);
            rf_recognizer_clear(recognizer);
            learn_text(first);
            cr_expect(knows(second), "%s, after %s", second, first);
        }
    }
}

Test(recognize, a_malformed_scalar_is_none)
{
    static const char *const scalars[] = {
        "01",
        "-",
        "-01",
        "00",
        "+1",
        "1.",
        "1.e5",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "1_0",
        "- 1",
        "tru",
        "truE",
        "True",
        "nulL",
        "nul",
        "falsy",
        "nullnull",
        "true1",
        "NaN",
        "Infinity",
        "'a'",
        "a",
        "",
        " ",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u123g\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\n\"",
        "\"\t\"",
        "\"\x01\"",
        "\"\x80\"",
        "\"\xc3\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"a\"\"b\"",
        "\"a\" \"b\"",
        "1 2",
        "1,2",
        "1:2",
        "{}",
        "[]",
        "[1]",
        "{\"a\":1}",
        "]",
        "}",
    };
    for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
        char text[128];
        learn_text("{\"a\":1,\"b\":2}");
        (void)snprintf(text, sizeof(text), "{\"a\":%s,\"b\":2}", scalars[i]);
        cr_expect(!knows(text), "%s", text);
        (void)snprintf(text, sizeof(text), "{\"a\":\"x\",\"b\":%s}", scalars[i]);
        cr_expect(!knows(text), "%s", text);
    }
}

Test(recognize, no_byte_between_scalars_may_differ)
{
    static const struct row rows[] = {
        {"{\"a\":1}", "{\"a\":2}", true},
        {"{\"a\":1}", "{\"b\":2}", false},
        {"{\"a\":1}", "{\"a\" :2}", false},
        {"{\"a\":1}", "{\"a\":2 }", false},
        {"{\"a\":1}", "{\"a\":2]", false},
        {"{\"a\":1}", "{\"a\":2", false},
        {"{\"a\":1}", "{\"a\":2,\"b\":3}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1.\"b\":2}", false},
        {"{\"a\":[1]}", "{\"a\":1}", false},
        {"{\"a\":1}", "{\"a\":[1]}", false},
        {"{\"a\":[1]}", "{\"a\":[1,2]}", false},
        {"{\"a\":[1,2]}", "{\"a\":[1]}", false},
        {"{\"a\":[1,2]}", "{\"a\":[1}", false},
        {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}", false},
        {"{\"a\":[],\"b\":{},\"c\":1}", "{\"a\":[],\"b\":{},\"c\":\"x\"}", true},
        {"{\"a\":[],\"b\":{},\"c\":1}", "{\"a\":{},\"b\":[],\"c\":1}", false},
        {"{\"a\":[],\"b\":1}", "{\"a\":[2],\"b\":1}", false},
        {"{\"a\":[2],\"b\":1}", "{\"a\":[],\"b\":1}", false},
        {"{\"a\":[ ],\"b\":1}", "{\"a\":[ ],\"b\":2}", true},
        {"{\"a\":[ ],\"b\":1}", "{\"a\":[],\"b\":2}", false},
        {"{ \"a\" : [ 1 ,\n\t2 ] }", "{ \"a\" : [ \"\" ,\n\t\"x\" ] }", true},
        {"{ \"a\" : [ 1 ,\n\t2 ] }", "{ \"a\" : [ 1 ,\r\t2 ] }", false},
        {"{\"ab\":1}", "{\"a\":1}", false},
        {"{\"a\":1}", "{\"ab\":1}", false},
        {"{\"\\u0061\":1}", "{\"a\":1}", false},
        {"{\"\\u0061\":1}", "{\"\\u0061\":\"x\"}", true},
        {"{\"\":1}", "{\"\":2}", true},
        {"{\"a\\\"\":1}", "{\"a\\\"\":2}", true},
        {"{\"a\\\\\":1}", "{\"a\\\"\":2}", false},
        {"{\"\xc3\xa9\":1}", "{\"\xc3\xa8\":1}", false},
    };
    EXPECT_ROWS(rows);
}

/* Texts are compared 16 bytes at a time, and otherwise where the record's memory ends. */
Test(recognize, texts_of_every_length_are_compared_to_their_last_byte)
{
    for (unsigned length = 1; length <= 70; length++) {
        char text[256];
        char key[80];
        memset(key, 'k', length);
        key[length] = '\0';
        rf_recognizer_clear(recognizer);
        int bytes =
            snprintf(text, sizeof(text), "{\"%s\":1,\"%s2\":[2,{\"%s\":3}]}", key, key, key);
        learn_text(text);
        cr_assert(knows(text), "%s", text);
        for (int at = 0; at < bytes; at++) {
            char was = text[at];
            if (was >= '0' && was <= '9' && text[at - 1] != 'k') {
                continue; /* a scalar */
            }
            for (unsigned bit = 0; bit < 8; bit++) {
                text[at] = (char)(was ^ (1 << bit));
                cr_assert(text[at] == '\0' || !knows(text), "byte %d of %s", at, text);
                text[at] = was;
                cr_assert(knows(text), "looked for still");
            }
        }
    }
}

Test(recognize, a_record_that_ends_early_is_not_recognized)
{
    static const char record[] =
        "{\"kind\":\"a\\u00e9\xc3\xa9z\",\"numbers and more than that\":[1.5e3,-7,"
        "1234],\"words\":{\"a\":true,\"b\":null},\"empty\":[{},[]]}";
    learn_text(record);
    for (size_t bytes = 0; bytes < sizeof(record) - 1; bytes++) {
        size_t end;
        uint64_t hash;
        cr_expect(!look(record, bytes, &end, &hash), "cut to %zu bytes", bytes);
    }
}

Test(recognize, what_stands_behind_a_record_is_not_read)
{
    static const char record[] = "{\"a\":1,\"b\":[2]}";
    static const char *const behind[] = {"",  " ", "\n",   "{\"a\":1,\"b\":[2]}",
                                         "}", "x", "\xff", "                                 "};
    learn_text(record);
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        char text[128];
        int bytes = snprintf(text, sizeof(text), "%s%s", record, behind[i]);
        size_t end = 0;
        uint64_t hash;
        cr_expect(look(text, (size_t)bytes, &end, &hash), "%s", text);
        cr_expect_eq(end, strlen(record), "%s", text);
    }
}

Test(recognize, texts_that_begin_alike_are_told_apart)
{
    static const char *const records[] = {
        "{\"a\":1}",
        "{\"a\":[1]}",
        "{\"a\":[[1]]}",
        "{\"a\":{\"b\":1}}",
        "{\"a\": 1}",
        "{\"a\":  1}",
        "{\"a\":[],\"b\":1}",
        "{\"a\":{},\"b\":1}",
        "{\"a\":[{}],\"b\":1}",
        "{\"ab\":1}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":1, \"b\":2}",
        "{\"a\":1 }",
        "{\"a\":1,\"b\":[]}",
        "{\"a\":1,\"b\":[2]}",
        "{\"a\":1,\"b\":[2,3]}",
        "{\"a\":1,\"b\":{\"c\":2}}",
        "{\"a\":1,\"b\":{\"c\":2},\"d\":3}",
        "{\"a\":[1],\"b\":2}",
        "{\"a\":[1,[2]]}",
        "{\"a\":[1,[2],3]}",
        "{\"a\":[1,[2,3]]}",
    };
    enum { COUNT = sizeof(records) / sizeof(records[0]) };
    for (int i = 0; i < COUNT; i++) {
        cr_expect(!knows(records[i]), "%s", records[i]);
        learn_text(records[i]);
        for (int seen = 0; seen <= i; seen++) {
            cr_expect(knows(records[seen]), "%s, after %s", records[seen], records[i]);
        }
    }
}

/* A tree's node has at most 48 below it (BESIDE_MOST): more are read in full, and all else stays.
 */
Test(recognize, of_many_kinds_some_are_learned_and_none_is_confused)
{
    unsigned known = 0;
    for (int round = 0; round < 2; round++) {
        known = 0;
        for (unsigned i = 0; i < 100; i++) {
            char text[64];
            (void)snprintf(text, sizeof(text), "{\"key %u\":%u,\"x\":[true]}", i, i);
            known += knows(text);
            learn_text(text);
        }
    }
    cr_expect_eq(known, 48, "%u", known);
}

static void
add_scalars(struct rf_buf *text, unsigned count)
{
    rf_buf_string(text, "{\"a\":[");
    for (unsigned i = 0; i < count; i++) {
        rf_buf_format(text, "%s%u", i == 0 ? "" : ",", i);
    }
    rf_buf_string(text, "]}");
}

Test(recognize, records_of_more_than_255_scalars_are_left)
{
    static const unsigned counts[] = {254, 255, 256, 257, 511, 1000, 5000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct rf_buf text = {0};
        add_scalars(&text, counts[i]);
        learn_text(rf_buf_text(&text));
        cr_expect_eq(knows(rf_buf_text(&text)), counts[i] <= 255, "%u", counts[i]);
        rf_buf_done(&text);
    }
}

Test(recognize, records_of_more_than_1024_nodes_are_left)
{
    for (unsigned nodes = 1020; nodes <= 5000; nodes += nodes < 1030 ? 1 : 997) {
        struct rf_buf text = {0};
        rf_buf_string(&text, "{\"a\":["); /* this and the scalar's are five */
        for (unsigned i = 5; i < nodes; i++) {
            rf_buf_string(&text, i == 5 ? "{}" : ",[]");
        }
        rf_buf_string(&text, "],\"b\":1}");
        learn_text(rf_buf_text(&text));
        cr_expect_eq(knows(rf_buf_text(&text)), nodes <= 1024, "%u", nodes);
        rf_buf_done(&text);
    }
}

Test(recognize, records_nested_deeper_than_a_plan_are_left)
{
    for (unsigned depth = 1; depth < 60; depth++) {
        struct rf_buf text = {0};
        for (unsigned i = 0; i < depth; i++) {
            rf_buf_string(&text, i % 2 == 0 ? "{\"a\":" : "[");
        }
        rf_buf_string(&text, "1");
        for (unsigned i = depth; i > 0; i--) {
            rf_buf_byte(&text, i % 2 == 1 ? '}' : ']');
        }
        learn_text(rf_buf_text(&text));
        cr_expect_eq(knows(rf_buf_text(&text)), depth <= RF_HASH_PLAN_DEPTH, "%u", depth);
        rf_buf_done(&text);
    }
}

Test(recognize, records_with_more_nested_beside_their_data_are_left)
{
    enum { MOST = 2 * RF_HASH_PLAN_DEPTH };
    for (unsigned depth = MOST - 2; depth < MOST + 4; depth++) {
        struct rf_buf text = {0};
        struct rf_json doc = {0};
        size_t end;
        uint64_t hash;
        rf_buf_string(&text, "{\"more\":");
        for (unsigned i = 1; i < depth; i++) {
            rf_buf_byte(&text, '[');
        }
        rf_buf_string(&text, "1");
        for (unsigned i = 1; i < depth; i++) {
            rf_buf_byte(&text, ']');
        }
        rf_buf_string(&text, ",\"d\":{\"a\":1}}");
        cr_assert_eq(rf_json_read_whole(&doc, text.bytes, text.used, NULL), RF_OK);
        uint32_t data = rf_json_member(&doc, 0, "d", 1, NULL);
        const uint32_t found[] = {0, data};
        struct rf_lesson lesson = {.doc = &doc, .nodes = found, .node_count = 2, .data = data};
        rf_recognizer_clear(recognizer);
        cr_assert(!look(text.bytes, text.used, &end, &hash));
        rf_recognizer_learn(recognizer, &lesson);
        rf_json_done(&doc);
        cr_expect_eq(look(text.bytes, text.used, &end, &hash), depth <= MOST, "%u", depth);
        rf_buf_done(&text);
    }
}

Test(recognize, records_above_32_kib_are_left)
{
    static const int around[] = {-40, -2, -1, 0, 1, 2, 40};
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
        struct rf_buf text = {0};
        rf_buf_string(&text, "{\"a\":\"");
        while (text.used < (size_t)(32768 + around[i] - 2)) {
            rf_buf_byte(&text, 'x');
        }
        rf_buf_string(&text, "\"}");
        rf_recognizer_clear(recognizer);
        learn_text(rf_buf_text(&text));
        cr_expect_eq(knows(rf_buf_text(&text)), around[i] <= 0, "%d", around[i]);
        rf_recognizer_clear(recognizer);
        learn_text("{\"a\":1}");
        cr_expect_eq(knows(rf_buf_text(&text)), around[i] <= 0, "%d, learned small", around[i]);
        rf_buf_done(&text);
    }
}

Test(recognize, what_has_no_scalars_or_is_no_object_is_left)
{
    static const char *const texts[] = {"{}", "{\"a\":{}}", "{\"a\":[[],{}]}", "[]", "[1]",
                                        "1",  "\"a\""};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        learn_text(texts[i]);
        cr_expect(!knows(texts[i]), "%s", texts[i]);
    }
}

/* After 256 records in a row that were like none only each sixteenth is tried, and learned. */
Test(recognize, learning_begins_again_after_many_misses)
{
    learn_text("{\"a\":1}");
    for (unsigned i = 0; i < 5000; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "{\"%u\":\"%u\"", i, i);
        cr_expect(!knows(text));
    }
    unsigned until_known = 0;
    while (!knows("{\"a\":1}")) {
        until_known++;
        cr_assert_leq(until_known, 16);
    }
    cr_expect(knows("{\"a\":2}"), "known again, from then on each time");
    cr_expect(knows("{\"a\":3}"));

    for (unsigned i = 0; i < 5000; i++) {
        cr_expect(!knows("{"));
    }
    for (unsigned i = 0; i < 16; i++) {
        learn_text("{\"new\":1}");
    }
    for (unsigned i = 0; i < 16; i++) {
        learn_text("{\"new\":2}");
    }
    cr_expect(knows("{\"new\":3}"));
}

Test(recognize, behind_256_misses_each_sixteenth_is_tried)
{
    learn_text("{\"a\":1}"); /* the first miss: it looked for it */
    for (unsigned misses = 1; misses < 257; misses++) {
        cr_assert(!knows("{\"a\""));
    }
    for (unsigned misses = 257; misses < 272; misses++) {
        cr_expect(!knows("{\"a\":1}"), "%u", misses);
    }
    cr_expect(knows("{\"a\":1}"));
}

/* Where many records in a row could not be learned, only each sixteenth is tried. */
Test(recognize, learning_goes_on_after_many_that_could_not_be_learned)
{
    learn_text("{\"a\":1}");
    for (unsigned i = 0; i < 1000; i++) {
        learn_text("{\"empty\":{}}");
        cr_assert(knows("{\"a\":1}"));
    }
    unsigned lessons = 0;
    while (!knows("{\"new\":1}")) {
        learn_text("{\"new\":1}");
        cr_assert(knows("{\"a\":1}"), "looked for still");
        lessons++;
        cr_assert_leq(lessons, 16);
    }
    learn_text("{\"newer\":1}");
    cr_expect(knows("{\"newer\":1}"), "from then on at once");
}

Test(recognize, a_cleared_one_knows_nothing)
{
    learn_text("{\"a\":1}");
    rf_recognizer_clear(recognizer);
    cr_expect(!knows("{\"a\":1}"));
    learn_text("{\"a\":1}");
    cr_expect(knows("{\"a\":1}"));
}

Test(recognize, a_blind_one_learns_nothing)
{
    rf_recognizer_free(recognizer);
    rf_recognizer_blind(true);
    recognizer = rf_recognizer_new();
    rf_recognizer_blind(false);
    learn_text("{\"a\":1}");
    cr_expect(!knows("{\"a\":1}"));
}

Test(recognize, what_is_learned_of_parts_and_data)
{
    static const char text[] = "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"x\":[{},7]},\"more\":null}";
    struct rf_json doc = {0};
    size_t end;
    uint64_t hash;
    cr_assert(!look(text, strlen(text), &end, &hash));
    cr_assert_eq(rf_json_read_whole(&doc, text, strlen(text), NULL), RF_OK);
    uint32_t type = rf_json_member(&doc, 0, "t", 1, NULL);
    uint32_t data = rf_json_member(&doc, 0, "d", 1, NULL);
    uint32_t more = rf_json_member(&doc, 0, "more", 4, NULL);
    const uint32_t found[] = {0, type, data, RF_JSON_NONE, more};
    struct rf_lesson lesson = {&doc, 1, found, 5, data};
    rf_recognizer_learn(recognizer, &lesson);
    rf_json_done(&doc);

    struct rf_json_node *scalars;
    struct rf_known *known = rf_recognize(recognizer, text, strlen(text), &end, &scalars);
    cr_assert_not_null(known);
    cr_expect_eq(known->scalars, 4);
    cr_expect_eq(known->envelope, 1);
    cr_expect_eq(known->places[0], RF_JSON_NONE, "an object is no scalar");
    cr_expect_eq(known->places[1], 0);
    cr_expect_eq(known->places[2], RF_JSON_NONE);
    cr_expect_eq(known->places[3], RF_JSON_NONE);
    cr_expect_eq(known->places[4], 3);
    cr_expect_eq(known->data_scalar, 1);
    cr_expect_eq(known->data_scalars, 2);
    cr_expect_eq(known->data_lead, 6);
    cr_expect_eq(known->data_tail, 2);
    cr_expect_eq(known->stencil_number, UINT32_MAX);
    static const char stencil[] = "{\"ID\":\0,\"x\":[{},\0]}";
    cr_expect_eq(known->stencil.used, sizeof(stencil) - 1);
    cr_expect_arr_eq(known->stencil.bytes, stencil, sizeof(stencil) - 1);
}

/* Records that differ in their last keys alone: each is known in full, though its text is new by a
 * few bytes. */
Test(recognize, what_it_keeps_is_bounded)
{
    struct rf_buf text = {0};
    learn_text("{\"a\":1}");
    size_t before = mallinfo2().uordblks;
    for (unsigned kind = 0; kind < 3000; kind++) {
        rf_buf_clear(&text);
        rf_buf_string(&text, "{");
        for (unsigned i = 0; i < 250; i++) {
            rf_buf_format(&text, "\"%u%0100u\":1,", i, 0);
        }
        rf_buf_format(&text, "\"a%u\":1,\"b%u\":1,\"c%u\":1}", kind / 1600, kind / 40 % 40,
                      kind % 40);
        learn_text(rf_buf_text(&text));
        cr_assert(knows("{\"a\":1}"), "so that it goes on learning");
    }
    rf_buf_done(&text);
    size_t kept = mallinfo2().uordblks - before;
    cr_expect_lt(kept, (size_t)24 << 20, "%zu bytes", kept);
}
