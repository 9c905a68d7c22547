/* SPDX-License-Identifier: MIT */
/* A conversation with a program that the test plays: what is written, what is taken, what is not
 * believed. */
#include "program/talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "base/crc32c.h"

/** Both ends. */
struct table {
    struct rf_talk talk;
    int input;  /* the program's */
    int output; /* the program's */
};

static void
sit_down(struct table *table)
{
    int in[2];
    int out[2];
    cr_assert(pipe(in) == 0 && pipe(out) == 0);
    *table = (struct table){.input = in[0], .output = out[1]};
    table->talk.to = in[1];
    table->talk.from = out[0];
    cr_assert(fcntl(in[1], F_SETFL, O_NONBLOCK) == 0 && fcntl(out[0], F_SETFL, O_NONBLOCK) == 0);
}

static void
get_up(struct table *table)
{
    (void)close(table->talk.to);
    (void)close(table->talk.from);
    (void)close(table->input);
    if (table->output >= 0) {
        (void)close(table->output);
    }
    rf_talk_done(&table->talk);
}

/** The program says these bytes. */
static void
say(const struct table *table, const void *bytes, size_t count)
{
    cr_assert_eq(write(table->output, bytes, count), (ssize_t)count);
}

static void
say_frame(const struct table *table, uint16_t kind, uint64_t number, const void *payload,
          size_t count)
{
    struct rf_buf out = {0};
    size_t place = rf_talk_frame_open(&out, kind, number);
    rf_buf_add(&out, payload, count);
    rf_talk_frame_close(&out, place);
    say(table, out.bytes, out.used);
    rf_buf_done(&out);
}

/** APPLIED, STATE, ENDED */
static void
say_course(const struct table *table, uint16_t kind, uint64_t number, uint32_t status,
           uint32_t receipt, uint64_t applied, const char *text)
{
    struct rf_buf payload = {0};
    unsigned char eight[8];
    rf_put_u32(&payload, status);
    rf_put_u32(&payload, receipt);
    rf_put_le64(eight, applied);
    rf_buf_add(&payload, eight, sizeof(eight));
    rf_buf_string(&payload, text);
    say_frame(table, kind, number, payload.bytes, payload.used);
    rf_buf_done(&payload);
}

/** Sends EVENTS of `count` events with these data. Returns its number. */
static uint64_t
send_events(struct table *table, uint32_t count, const char *data)
{
    rf_talk_open(&table->talk, RF_FRAME_EVENTS);
    for (uint32_t i = 0; i < count; i++) {
        const struct rf_talk_record record = {.type = 0, .version = i};
        rf_talk_open_record(&table->talk, &record);
        rf_buf_string(&table->talk.out, data);
        rf_talk_close_record(&table->talk);
    }
    return rf_talk_close(&table->talk);
}

static uint64_t
begin(struct table *table)
{
    return rf_talk_begin(&table->talk, 0, "n", 1, "i", 1, NULL, 0);
}

static void
expect_lie(struct table *table, uint64_t number, const char *sentence)
{
    struct rf_spoken spoken;
    size_t bytes;
    cr_expect_eq(rf_talk_await(&table->talk, number, 1000, &spoken), RF_TALK_LIED, "%s", sentence);
    const char *words = rf_talk_words(&table->talk, &bytes);
    cr_expect(bytes == strlen(sentence) && memcmp(words, sentence, bytes) == 0, "\n%.*s\n%s",
              (int)bytes, words, sentence);
    get_up(table);
}

/* ---- what is written ------------------------------------------------------------------------- */

Test(program_talk, frames_are_written_as_the_page_has_them)
{
    static const unsigned char wanted[] = {
        6,  0,    0,    0,    2,    0,    'R',  'F',  1,    0, 0, 0, 0, 0, 0, 0, /* TYPE */
        7,  0,    0,    0,    'O',  'k',                                         /**/
        18, 0,    0,    0,    3,    0,    'R',  'F',  2,    0, 0, 0, 0, 0, 0, 0, /* BEGIN */
        0,  0,    0,    0,    0,    0,    0,    0,    1,    0, 0, 0, 1, 0, 0, 0, 'n', 'i', /**/
        38, 0,    0,    0,    4,    0,    'R',  'F',  3,    0, 0, 0, 0, 0, 0, 0, /* EVENTS */
        1,  0,    0,    0,    30,   0,    0,    0,    7,    0, 0, 0, 1, 0, 0, 0, 5,   0,   0,
        0,  0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0, 0, 0, 0,   '{', '}', /**/
        0,  0,    0,    0,    5,    0,    'R',  'F',  4,    0, 0, 0, 0, 0, 0, 0, /* STATE */
    };
    unsigned char got[sizeof(wanted) + 1];
    struct table table;
    sit_down(&table);
    rf_talk_type(&table.talk, 7, "Ok", 2);
    cr_expect_eq(begin(&table), 2);
    rf_talk_open(&table.talk, RF_FRAME_EVENTS);
    const struct rf_talk_record record = {7, true, 5, -2, 9};
    rf_talk_open_record(&table.talk, &record);
    rf_buf_string(&table.talk.out, "{}");
    rf_talk_close_record(&table.talk);
    cr_expect_eq(rf_talk_close(&table.talk), 3);
    cr_expect_eq(rf_talk_state(&table.talk), 4);
    cr_expect(rf_talk_write(&table.talk, 0, 1000));
    cr_assert_eq(read(table.input, got, sizeof(got)), (ssize_t)sizeof(wanted));
    cr_expect_arr_eq(got, wanted, sizeof(wanted));
    get_up(&table);
}

/* ---- what is taken --------------------------------------------------------------------------- */

Test(program_talk, answers_are_found_whenever_they_come)
{
    struct table table;
    struct rf_spoken spoken;
    sit_down(&table);
    (void)begin(&table);
    uint64_t first = send_events(&table, 2, "{}");
    uint32_t receipt = table.talk.receipt;
    uint64_t state = rf_talk_state(&table.talk);
    uint64_t end = rf_talk_end(&table.talk);
    say_course(&table, 132, first, 0, receipt, 2, "");
    say_course(&table, 133, state, 0, receipt, 2, "{\"a\":1}");
    say_course(&table, 134, end, 0, receipt, 2, "");
    /* The last one first: the others are kept. */
    cr_expect_eq(rf_talk_await(&table.talk, end, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect_eq(rf_talk_await(&table.talk, state, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect(spoken.text_bytes == 7 && memcmp(spoken.text, "{\"a\":1}", 7) == 0);
    cr_expect_eq(rf_talk_await(&table.talk, first, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect(spoken.applied == 2 && spoken.receipt == receipt && spoken.status == 0);
    get_up(&table);
}

Test(program_talk, a_refused_instance_is_answered_no_more_but_at_its_end)
{
    struct table table;
    struct rf_spoken spoken;
    sit_down(&table);
    (void)begin(&table);
    uint64_t first = send_events(&table, 3, "{\"x\":1}");
    uint32_t receipt = table.talk.receipts[0];
    uint64_t second = send_events(&table, 3, "{}");
    (void)rf_talk_state(&table.talk);
    uint64_t end = rf_talk_end(&table.talk);
    (void)begin(&table);
    uint64_t next = rf_talk_state(&table.talk);
    say_course(&table, 132, first, 1, receipt, 1, "no");
    say_course(&table, 134, end, 0, receipt, 1, "");
    say_course(&table, 133, next, 0, 0, 0, "{}");
    cr_expect_eq(rf_talk_await(&table.talk, first, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect(spoken.status == RF_SPOKEN_REFUSED && spoken.applied == 1);
    cr_expect_eq(rf_talk_await(&table.talk, end, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect_eq(rf_talk_await(&table.talk, next, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect_eq(table.talk.receipts_front, table.talk.receipts_count);
    /* What is passed over must not be answered. */
    say_course(&table, 132, second, 0, 0, 0, "");
    expect_lie(&table, rf_talk_end(&table.talk),
               "an answer (APPLIED) to frame 3, which is answered, or needs no answer");
}

Test(program_talk, lists_are_taken_apart)
{
    static const char made[] = "\0\0\0\0\2\0\0\0"
                               "\1\0\0\0\2\0\0\0A{}"
                               "\0\0\0\0\1\0\0\0"
                               "3";
    struct table table;
    struct rf_spoken spoken;
    const char *type;
    const char *data;
    size_t type_bytes;
    size_t data_bytes;
    size_t at = 0;
    sit_down(&table);
    (void)begin(&table);
    rf_talk_open(&table.talk, RF_FRAME_COMMAND);
    rf_talk_open_record(&table.talk, &(struct rf_talk_record){0});
    rf_talk_close_record(&table.talk);
    uint64_t number = rf_talk_close(&table.talk);
    say_frame(&table, 135, number, made, sizeof(made) - 1);
    cr_assert_eq(rf_talk_await(&table.talk, number, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect_eq(spoken.count, 2);
    rf_spoken_next(&spoken, &at, &type, &type_bytes, &data, &data_bytes);
    cr_expect(type_bytes == 1 && type[0] == 'A' && data_bytes == 2 && memcmp(data, "{}", 2) == 0);
    rf_spoken_next(&spoken, &at, &type, &type_bytes, &data, &data_bytes);
    cr_expect(type_bytes == 0 && data_bytes == 1 && data[0] == '3');
    (void)rf_talk_end(&table.talk);
    get_up(&table);
}

Test(program_talk, neither_side_waits_for_the_other_to_read)
{
    struct table table;
    struct rf_spoken spoken;
    static char long_data[300000];
    memset(long_data, ' ', sizeof(long_data) - 1);
    sit_down(&table);
    pid_t echo = fork();
    if (echo == 0) { /* answers each STATE at once, though nobody may be reading */
        char header[16];
        size_t got = 0;
        struct rf_talk_frame frame;
        (void)close(table.talk.to);
        (void)close(table.talk.from);
        static char skipped[1 << 20];
        while (true) {
            for (got = 0; got < sizeof(header);) {
                ssize_t part = read(table.input, header + got, sizeof(header) - got);
                if (part <= 0) {
                    _exit(0);
                }
                got += (size_t)part;
            }
            (void)rf_talk_frame_read(header, &frame);
            for (got = 0; got < frame.bytes;) {
                got += (size_t)read(table.input, skipped, frame.bytes - got);
            }
            if (frame.kind == RF_FRAME_STATE) {
                say_course(&table, 133, frame.number, 0, 0, 0, long_data);
            }
        }
    }
    (void)close(table.input);
    table.input = -1;
    (void)begin(&table);
    uint64_t last = 0;
    for (int i = 0; i < 100; i++) {
        rf_talk_type(&table.talk, (uint32_t)i, long_data, 100000);
        last = rf_talk_state(&table.talk);
    }
    cr_expect_eq(rf_talk_await(&table.talk, last, 10000, &spoken), RF_TALK_ANSWERED);
    cr_expect_eq(spoken.text_bytes, sizeof(long_data) - 1);
    get_up(&table);
}

/* ---- what is not believed -------------------------------------------------------------------- */

/** A table at which BEGIN, EVENTS (of two events, number 2) and STATE (number 3) are sent. */
static uint32_t
sit_down_to_lies(struct table *table)
{
    sit_down(table);
    (void)begin(table);
    (void)send_events(table, 2, "{}");
    (void)rf_talk_state(&table->talk);
    return table->talk.receipt;
}

Test(program_talk, what_was_printed_is_quoted)
{
    struct table table;
    (void)sit_down_to_lies(&table);
    say(&table, "hello, world\nand so on and so on", 30);
    expect_lie(&table, 2,
               "it wrote \"hello, world\" to its standard output, where the protocol is");
    (void)sit_down_to_lies(&table);
    say(&table, "hi\n", 3); /* shorter than what shows it: its end does */
    (void)close(table.output);
    table.output = -1;
    expect_lie(&table, 2, "it wrote \"hi\" to its standard output, where the protocol is");
    (void)sit_down_to_lies(&table);
    say(&table, "\0\1\2\3\4\5\6\7", 8);
    expect_lie(&table, 2,
               "it wrote the bytes 00 01 02 03 04 05 06 07 to its standard output, where the "
               "protocol is");
}

Test(program_talk, each_lie_has_its_sentence)
{
    struct table table;
    uint32_t receipt = sit_down_to_lies(&table);
    say_frame(&table, 200, 2, "", 0);
    expect_lie(&table, 2, "a frame of kind 200, which is no answer");
    (void)sit_down_to_lies(&table);
    say_frame(&table, 130, 2, "", 0);
    expect_lie(&table, 2, "a frame of kind 130, which is no answer");
    (void)sit_down_to_lies(&table);
    say(&table, "\1\0\0\x08\x84\0RF\2\0\0\0\0\0\0\0", 16);
    expect_lie(&table, 2, "a frame of 134217729 bytes, and the longest may have 134217728");
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 9, 0, receipt, 2, "");
    expect_lie(&table, 2, "an answer (APPLIED) to frame 9, and the last one that was sent is 3");
    (void)sit_down_to_lies(&table);
    say_course(&table, 133, 3, 0, receipt, 2, "{}");
    expect_lie(&table, 2, "an answer (STATE) to frame 3, before that to frame 2 (EVENTS)");
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 1, 0, receipt, 2, "");
    expect_lie(&table, 2, "an answer (APPLIED) to frame 1, which is answered, or needs no answer");
    (void)sit_down_to_lies(&table);
    say_course(&table, 133, 2, 0, receipt, 2, "{}");
    expect_lie(&table, 2, "frame 2 (EVENTS) is answered by STATE");
    (void)sit_down_to_lies(&table);
    say_frame(&table, 132, 2, "\0\0\0", 3);
    expect_lie(&table, 2, "its APPLIED has 3 bytes, and needs 16");
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 2, 2, receipt, 2, "");
    expect_lie(&table, 2, "its APPLIED has the status 2, which is none");
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 2, 0, receipt, 2, "so");
    expect_lie(&table, 2, "its APPLIED has 2 bytes too many");
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 2, 0, receipt, 1, "");
    expect_lie(&table, 2, "its APPLIED counts 1 events applied, and it is 2");
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 2, 1, receipt, 2, "no");
    expect_lie(&table, 2, "it refused event 3, and was to apply events 1 to 2 of the instance");
}

Test(program_talk, a_receipt_is_that_of_the_events_that_were_applied)
{
    struct table table;
    char sentence[128];
    uint32_t receipt = sit_down_to_lies(&table);
    (void)snprintf(sentence, sizeof(sentence),
                   "the receipt in its APPLIED is %08x, and that of 2 events is %08x", receipt ^ 4,
                   receipt);
    say_course(&table, 132, 2, 0, receipt ^ 4, 2, "");
    expect_lie(&table, 2, sentence);
    /* Of one that was refused: of those before it. */
    (void)sit_down_to_lies(&table);
    (void)snprintf(sentence, sizeof(sentence),
                   "the receipt in its APPLIED is %08x, and that of 0 events is 00000000", receipt);
    say_course(&table, 132, 2, 1, receipt, 0, "no");
    expect_lie(&table, 2, sentence);
    (void)sit_down_to_lies(&table);
    say_course(&table, 132, 2, 0, receipt, 2, "");
    say_course(&table, 133, 3, 0, 5, 2, "{}");
    (void)snprintf(sentence, sizeof(sentence),
                   "the receipt in its STATE is 00000005, and that of 2 events is %08x", receipt);
    expect_lie(&table, 3, sentence);
}

/** A command at the beginning of a talk. Returns its frame's number. */
static uint64_t
ask_command(struct table *table)
{
    sit_down(table);
    (void)begin(table);
    rf_talk_open(&table->talk, RF_FRAME_COMMAND);
    rf_talk_open_record(&table->talk, &(struct rf_talk_record){0});
    rf_talk_close_record(&table->talk);
    return rf_talk_close(&table->talk);
}

Test(program_talk, lists_hold_what_they_count)
{
    struct table table;
    sit_down(&table);
    rf_talk_open_identify(&table.talk, 0);
    rf_talk_payload(&table.talk, "abc", 3);
    rf_talk_payload(&table.talk, "", 0);
    uint64_t number = rf_talk_close(&table.talk);
    say_frame(&table, 136, number, "\1\0\0\0\0\0\0\0", 8);
    expect_lie(&table, number, "its IDENTIFIED answers 1 payloads, and it was given 2");
    sit_down(&table);
    rf_talk_open_identify(&table.talk, 0);
    rf_talk_payload(&table.talk, "abc", 3);
    number = rf_talk_close(&table.talk);
    say_frame(&table, 136, number, "\1\0\0\0\xff\xff\xff\xff", 8);
    expect_lie(&table, number, "its IDENTIFIED does not hold the 1 answers that it counts");
    number = ask_command(&table);
    say_frame(&table, 135, number, "\0\0\0\0\1\0\0\0\4\0\0\0\4\0\0\0AAAA", 20);
    expect_lie(&table, number, "its HANDLED does not hold the 1 events that it counts");
    number = ask_command(&table);
    say_frame(&table, 135, number, "\1\0\0\0\1\0\0\0no", 10);
    expect_lie(&table, number, "its HANDLED refuses and counts 1 events");
    sit_down(&table);
    (void)begin(&table);
    number = rf_talk_end(&table.talk);
    say_course(&table, 134, number, 0, 0, 0, "!");
    expect_lie(&table, number, "its ENDED has 1 bytes too many");
}

Test(program_talk, an_answer_in_front_of_a_lie_counts)
{
    struct table table;
    struct rf_spoken spoken;
    uint32_t receipt = sit_down_to_lies(&table);
    say_course(&table, 132, 2, 0, receipt, 2, "");
    say(&table, "garbage!", 8);
    cr_expect_eq(rf_talk_await(&table.talk, 2, 1000, &spoken), RF_TALK_ANSWERED);
    expect_lie(&table, 3, "it wrote \"garbage!\" to its standard output, where the protocol is");
}

/* ---- how it ends ----------------------------------------------------------------------------- */

Test(program_talk, a_crash_has_words_and_an_end_has_none)
{
    struct table table;
    struct rf_spoken spoken;
    size_t bytes;
    (void)sit_down_to_lies(&table);
    say_frame(&table, 255, 0, "panic: no\nstack", 15);
    cr_expect_eq(rf_talk_await(&table.talk, 2, 1000, &spoken), RF_TALK_CRASHED);
    const char *words = rf_talk_words(&table.talk, &bytes);
    cr_expect(bytes == 15 && memcmp(words, "panic: no\nstack", 15) == 0);
    get_up(&table);
    uint32_t receipt = sit_down_to_lies(&table);
    say_course(&table, 132, 2, 0, receipt, 2, "");
    say(&table, "\x20\0\0\0\x85\0RF", 8); /* breaks off */
    (void)close(table.output);
    table.output = -1;
    cr_expect_eq(rf_talk_await(&table.talk, 2, 1000, &spoken), RF_TALK_ANSWERED);
    cr_expect_eq(rf_talk_await(&table.talk, 3, 1000, &spoken), RF_TALK_ENDED);
    get_up(&table);
}

Test(program_talk, who_says_nothing_is_late_and_may_go_on)
{
    struct table table;
    struct rf_spoken spoken;
    uint32_t receipt = sit_down_to_lies(&table);
    cr_expect_eq(rf_talk_await(&table.talk, 2, 20, &spoken), RF_TALK_LATE);
    say_course(&table, 132, 2, 0, receipt, 2, "");
    cr_expect_eq(rf_talk_await(&table.talk, 2, 1000, &spoken), RF_TALK_ANSWERED);
    get_up(&table);
}
