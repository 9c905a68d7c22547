/* SPDX-License-Identifier: MIT */
/* Tests of decode/behind.c: which records are read behind damage. */
#include <criterion/criterion.h>

#include "base/limits.h"
#include "tests/decode/support.h"

/* Records: A is event a, and so on. */
#define RECORD(id) "{\"t\":\"T\",\"d\":{\"ID\":\"" id "\",\"At\":1,\"x\":\"}{\\\"[\"}}"
#define A          RECORD("a")
#define B          RECORD("b")
#define C          RECORD("c")
/* the front of one, cut within a string */
#define CUT "{\"t\":\"T\",\"d\":{\"I"
/* base64 of {"t":"T","d":{"ID":"a","At":1}} */
#define A64 "eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiQXQiOjF9fQ=="
/* an aggregate whose only record is "data" */
#define AGGREGATE                                                                                  \
    "\xf3\x89\x9a\xc2\x0a\x0d"                                                                     \
    "partition_key\x1a\x08\x08\x00\x1a\x04"                                                        \
    "data"                                                                                         \
    "\xd0\x36\x99\xda\x5a\x22\x2f\xa3\x21\x08\xad\x1b\xd9\x55\xa1\x4e"

static const size_t STEPS[] = {1, 2, 3, 7, 64, 100000};

/** The ids of the events, and ! for each malformed record, in order. */
static void
told(const struct outcome *outcome, char *ret, size_t room)
{
    size_t used = 0;
    for (const char *line = outcome->log.bytes; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *blank = strchr(line, ' ');
        cr_assert_lt(used + 1, room);
        ret[used++] = *line;
        if (*line != '!') {
            ret[used - 1] = blank[1];
        }
    }
    ret[used] = '\0';
}

struct row {
    const char *object;
    const char *told;
};

static void
expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof(STEPS) / sizeof(STEPS[0]); j++) {
            char found[64];
            struct outcome outcome =
                decode_bytes("auto", rows[i].object, strlen(rows[i].object), STEPS[j]);
            told(&outcome, found, sizeof(found));
            cr_expect_eq(outcome.code, RF_OK, "%s: %s", rows[i].object, outcome.err.text);
            cr_expect_str_eq(found, rows[i].told, "%s: %s, not %s", rows[i].object, found,
                             rows[i].told);
            cr_expect(sums_hold(&outcome.counts));
            outcome_done(&outcome);
        }
    }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

Test(behind, a_cut_record_costs_no_neighbour)
{
    static const struct row rows[] = {
        {A "\n" CUT "\n" B "\n" C "\n", "a!bc"},
        {A "\r\n" CUT "\r\n" B "\r\n" C, "a!bc"},
        {A CUT B C, "a!bc"},
        {A " " CUT " " B "  " C, "a!bc"},
        {A "\n\xef\xbb\xbf" CUT "\n\xef\xbb\xbf" B "\n\xef\xbb\xbf" C, "a!bc"},
        {A "\xef\xbb\xbf" CUT "\xef\xbb\xbf" B "\xef\xbb\xbf" C, "a!bc"},
        {CUT "\n" A64 "\n" B, "!ab"},
        {CUT "\r\n" A64 " \r\n" B, "!ab"},
        {CUT "\neyJ0IjoiVC\n" B, "!b"},
        {CUT " eyJ0IjoiVCIs\n" B, "!b"},
        {CUT "\neyJ0IjoiVCIs?\n" B, "!b"},
        {CUT "\n[" A "," B "]\n" C, "!abc"},
        {CUT "[" A "," B "][" C "]", "!abc"},
        {"[" CUT "]\n[" A "," B "]\n" C, "!abc"},
        /* several in a row are one */
        {CUT "\n" CUT "\n" A "\n" CUT CUT CUT "\n" B, "!a!b"},
        {CUT CUT A CUT B, "!a!b"},
    };
    EXPECT_ROWS(rows);
}

/** Every place of a record at which it may be cut. Where it had a value to come the next one
 * may be that, if no line ends between them. */
Test(behind, a_record_may_be_cut_anywhere)
{
    static const char *const between[] = {"\n", "\r\n", " ", ""};
    static const char record[] = "{\"t\":\"T\",\"d\":{\"ID\":\"z\",\"At\":1,\"s\":\":,\\\"[\","
                                 "\"x\":[1,{\"y\":null},{\"z\":\"}\"}]}}";
    const char *text = strstr(record, ":,\\\"[");
    for (size_t cut = 1; cut < sizeof(record) - 1; cut++) {
        for (size_t i = 0; i < 4; i++) {
            char object[512];
            char found[64];
            (void)snprintf(object, sizeof(object), "%s%s%.*s%s%s%s%s", A, between[i], (int)cut,
                           record, between[i], B, between[i], C);
            struct outcome outcome = decode_bytes("auto", object, strlen(object), 5);
            told(&outcome, found, sizeof(found));
            char last = record[cut - 1];
            bool quoted = record + cut > text && record + cut <= text + 5;
            bool open =
                !quoted && (last == ':' || last == '[' || (last == ',' && record[cut] == '{'));
            bool alone = i < 2 || !open;
            cr_expect_str_eq(found, alone ? "a!bc" : "a!c", "%s: %s", object, found);
            outcome_done(&outcome);
        }
    }
}

Test(behind, a_part_of_a_damaged_record_is_none)
{
    static const struct row rows[] = {
        {"{\"t\":\"T\",\"d\":" A ",x}\n" B, "!b"},
        {"{\"t\":x,\"d\":" A "}\n" B, "!b"},
        {"{\"t\":x,\"d\": " A "}" B, "!b"},
        {"{\"t\":x,\"d\":[" A "," A "]}" B, "!b"},
        {"{\"t\":x,\"d\":[" A " , " A " ]}" B, "!b"},
        /* the last brace is lost: what stands in it is followed as a record is */
        {"{\"d\":" A "\n" B, "!b"},
        {"{\"d\":" A B, "!b"},
        {"{\"d\":[1,\n " A "\n" B, "!b"},
        {"{\"t\":\"raw " A " json\"}\n" B, "!!!b"},
        {",\"d\":" A "\n" B, "!b"},
        {",\"d\": \t" A "\n" B, "!b"},
        {",\"d\":[" A "," A "\n" B, "!b"},
    };
    EXPECT_ROWS(rows);
}

Test(behind, where_nothing_follows_a_record_ends_at_its_brackets)
{
    static const struct row rows[] = {
        {"{\"a\":x,\"b\":\"}\\\"}\",\"c\":[{}]}\n" A, "!a"},
        {"{\"a\":x}  x\n" A, "!!a"},
        {"{\"a\":x}{\"a\":y}{\"a\":z}", "!!!"},
        {"[{\"a\":x}]" A, "!a"},
    };
    EXPECT_ROWS(rows);
}

Test(behind, an_aggregate_behind_damage_is_read)
{
    /* Its "data" is no record. */
    static const char first[] = CUT AGGREGATE "\n" B;
    static const char second[] = "x" AGGREGATE B;
    static const char third[] = CUT B AGGREGATE;
    const struct {
        const char *bytes;
        size_t count;
        const char *told;
    } objects[] = {{first, sizeof(first) - 1, "!!b"},
                   {second, sizeof(second) - 1, "!!b"},
                   {third, sizeof(third) - 1, "!b!"}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < sizeof(STEPS) / sizeof(STEPS[0]); j++) {
            char found[64];
            struct outcome outcome =
                decode_bytes("auto", objects[i].bytes, objects[i].count, STEPS[j]);
            told(&outcome, found, sizeof(found));
            cr_expect_str_eq(found, objects[i].told, "%zu: %s", i, outcome.log.bytes);
            outcome_done(&outcome);
        }
    }
}

Test(behind, what_was_passed_over_is_told_where_it_is_more_than_a_line)
{
    static const struct {
        const char *object;
        const char *passed; /**< NULL: nothing is told */
    } rows[] = {
        {CUT "\n" A, NULL},
        {CUT "\n\n \r\n" A, NULL},
        {"{\"a\":x}" A, NULL},
        {CUT "\n" CUT "\n" A, "; 34 bytes are passed over\n"},
        {CUT A, "; 16 bytes are passed over\n"},
        {"{\n\"a\":x\n}" A, "; 9 bytes are passed over\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct outcome outcome =
            decode_bytes("auto", rows[i].object, strlen(rows[i].object), 100000);
        const char *found = strstr(outcome.log.bytes, "passed over");
        cr_expect_eq(found != NULL, rows[i].passed != NULL, "%s", outcome.log.bytes);
        cr_expect(rows[i].passed == NULL || strstr(outcome.log.bytes, rows[i].passed) != NULL, "%s",
                  outcome.log.bytes);
        outcome_done(&outcome);
    }
}

static void
add_many(struct rf_buf *object, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rf_buf_string(object, text);
    }
}

/** A damaged record, and one behind it, each as long as a record may be, and longer. */
Test(behind, records_as_long_as_they_may_be)
{
    rf_limits.record_bytes = 4096;
    for (size_t bytes = 4094; bytes <= 4098; bytes++) {
        for (int joined = 0; joined < 2; joined++) {
            struct rf_buf object = {0};
            rf_buf_string(&object, joined ? CUT : CUT "\n");
            rf_buf_string(&object, "{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1,\"x\":\"");
            size_t front = object.used - strlen(joined ? CUT : CUT "\n");
            add_many(&object, "x", bytes - front - 3);
            rf_buf_string(&object, joined ? "\"}}" B : "\"}}\n" B);
            for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
                char found[64];
                struct outcome outcome = decode_bytes("auto", object.bytes, object.used, STEPS[i]);
                told(&outcome, found, sizeof(found));
                cr_expect_str_eq(found, bytes <= 4096 ? "!ab" : "!b", "%zu: %s", bytes, found);
                outcome_done(&outcome);
            }
            rf_buf_done(&object);
        }
    }
    /* So many blanks behind one that they are not held. */
    struct rf_buf blanks = {0};
    rf_buf_string(&blanks, CUT A);
    add_many(&blanks, " ", 9000);
    rf_buf_string(&blanks, "x");
    struct outcome apart = decode_bytes("auto", blanks.bytes, blanks.used, 7);
    cr_expect_eq(apart.counts.events, 1);
    cr_expect_eq(apart.counts.malformed, 2);
    outcome_done(&apart);
    rf_buf_done(&blanks);
    for (size_t bytes = 4096; bytes <= 4097; bytes++) {
        struct rf_buf line = {0};
        add_many(&line, "x", bytes);
        rf_buf_string(&line, "\n" A);
        struct outcome outcome = decode_bytes("auto", line.bytes, line.used, 100);
        cr_expect_eq(strstr(outcome.log.bytes, "longer than") != NULL, bytes > 4096);
        cr_expect_eq(outcome.counts.events, 1);
        outcome_done(&outcome);
        rf_buf_done(&line);
    }
    /* One that is too long: the next is found wherever it ends. */
    for (int line = 0; line < 2; line++) {
        struct rf_buf object = {0};
        rf_buf_string(&object, line ? "x" : "{\"t\":\"");
        add_many(&object, "{\\\"", 5000);
        rf_buf_string(&object, line ? B : "\"} x\n" B); /* its own end is not looked for */
        for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
            char found[64];
            struct outcome outcome = decode_bytes("auto", object.bytes, object.used, STEPS[i]);
            told(&outcome, found, sizeof(found));
            cr_expect_str_eq(found, "!b", "%d: %s", line, found);
            outcome_done(&outcome);
        }
        rf_buf_done(&object);
    }
}

/** A line, or a damaged record, in which unpacking breaks is not malformed: the object is. */
Test(behind, what_breaks_with_its_object_is_not_malformed)
{
    static const char *const texts[] = {A "\n" A64 A64, A "\n" CUT "xxxxxxxxxxxxxxxxxxx"};
    for (size_t i = 0; i < 2; i++) {
        struct rf_buf packed = {0};
        gzip_member(&packed, texts[i], strlen(texts[i]), 0);
        struct outcome outcome = decode_bytes("auto", packed.bytes, packed.used - 12, 100);
        cr_expect_eq(outcome.code, RF_ERR_TRUNCATED, "%zu: %s", i, outcome.err.text);
        cr_expect_eq(outcome.counts.events, 1);
        cr_expect_eq(outcome.counts.malformed, 0, "%s", outcome.log.bytes);
        outcome_done(&outcome);
        rf_buf_done(&packed);
    }
}

/** Whether the object is told to hold more than other text. */
static bool
is_alien(const char *object, size_t count, size_t step)
{
    struct outcome outcome = decode_bytes("auto", object, count, step);
    cr_expect_eq(outcome.code, RF_OK, "%s: %s", object, outcome.err.text);
    cr_expect_eq(outcome.counts.events, 0, "%s", object);
    cr_expect(sums_hold(&outcome.counts));
    bool alien = outcome.counts.alien > 0;
    outcome_done(&outcome);
    return alien;
}

Test(behind, a_record_in_a_line_of_something_else_is_not_passed_over_in_silence)
{
    static const struct {
        const char *object;
        bool alien;
    } rows[] = {
        {"INFO: " A "\n", true},
        {"data: " A, true},
        {"1,b," A "\r\n", true},
        {"x " A " y\n", true},
        {"cb(" A ");\n", true},
        {"<e>" A "</e>\n", true},
        {"1\t" A "\t2\n", true},
        {"x: [" A "]\n", true},
        {"words\n\nx: {\"n\": 1}.\nwords\n", true},
        {"x: { \"n\": 1 }\n", true},
        {"x: {{" A "}}\n", true},
        {"x: {\"a\": {\"b\":1}\n", true},
        {"x: {}\n", false},
        {"x: {\"n\": }\n", true},
        {"x: {\"n\": 1\n", true},
        {"x: {n:1} {'n':1} %{\"n\"}\n", false},
        {"x: {\"n\":\"\xff\"}\n", true},
        {"words {", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t j = 0; j < sizeof(STEPS) / sizeof(STEPS[0]); j++) {
            size_t count = strlen(rows[i].object);
            cr_expect_eq(is_alien(rows[i].object, count, STEPS[j]), rows[i].alien, "%s",
                         rows[i].object);
        }
    }
}

/** What may begin a record over and over, and never is one: 128 KiB of each. */
Test(behind, hostile_bytes_take_linear_time, .timeout = 120)
{
    static const char *const texts[] = {
        "{\"",         "x{\"x",
        "\n{",         "\n{\"a\":[",
        "x{\"a\":[",   "}{\"a\":1,",
        "\n[",         "\ne",
        "\neeeeeeee!", "{\"a\":1}x",
        "x[{\"a\":1",  "{\"a\":\"\n",
        "{\"a\":1} ",  ",{\"a\":1}",
        "x{\"a{\":0,", "\n{\"a\":1,\"b\":\n",
        "\xf3",        "x{\"a\":1}{\"a\":1}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (int line = 0; line < 2; line++) {
            struct rf_buf object = {0};
            rf_buf_string(&object, line ? "x" : "{");
            add_many(&object, texts[i], ((size_t)128 << 10) / strlen(texts[i]));
            struct outcome outcome =
                decode_bytes("auto", object.bytes, object.used, (size_t)256 << 10);
            cr_expect(outcome.code != RF_OK || outcome.counts.malformed > 0, "%s", texts[i]);
            cr_expect(sums_hold(&outcome.counts));
            outcome_done(&outcome);
            rf_buf_done(&object);
        }
    }
}
