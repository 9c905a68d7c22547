/* SPDX-License-Identifier: MIT */
/* The stream of answers: cut into slots, held back without credit, ended as the protocol says. */
#include "worker/answers.h"

#include "tests/worker/ends.h"

#define SLOT ((size_t)RF_ANSWER_SLOT_BYTES)

/** Sends one answer for each of the texts' lengths, ends batch 7, and waits for the host to go. */
struct texts {
    size_t count;
    size_t bytes[4];
};

static char
byte_at(size_t text, size_t i)
{
    return (char)(text * 31 + i % 251 + i / 4099);
}

static void
send_texts(const void *with)
{
    const struct texts *texts = with;
    struct rf_answers answers;
    rf_answers_open(&answers);
    for (size_t k = 0; k < texts->count; k++) {
        struct rf_buf text = {0};
        for (size_t i = 0; i < texts->bytes[k]; i++) {
            rf_buf_byte(&text, byte_at(k, i));
        }
        struct rf_answer answer = {.kind = RF_ANSWER_STATE,
                                   .status = RF_STATUS_BROKEN,
                                   .instance = k,
                                   .applied = k + 5,
                                   .digest = k * 77};
        rf_answers_send(&answers, &answer, &text);
        rf_buf_done(&text);
    }
    rf_answers_end_batch(&answers, 7);
    struct rf_command command;
    (void)rf_answers_next_batch(&answers, &command);
}

static void
expect_texts(const struct ends *ends, const struct texts *texts)
{
    size_t at = 0;
    for (size_t k = 0; k < texts->count; k++) {
        const char *text;
        struct rf_answer answer = take_answer(ends, &at, k, &text);
        cr_expect_eq(answer.kind, RF_ANSWER_STATE);
        cr_expect_eq(answer.status, RF_STATUS_BROKEN);
        cr_expect_eq(answer.instance, k);
        cr_expect_eq(answer.applied, k + 5);
        cr_expect_eq(answer.digest, k * 77);
        cr_assert_eq(answer.text_bytes, texts->bytes[k]);
        for (size_t i = 0; i < texts->bytes[k]; i++) {
            cr_assert_eq(text[i], byte_at(k, i), "byte %zu of text %zu", i, k);
        }
    }
    cr_expect_eq(at, ends->stream.used, "something is behind the last answer");
}

/** Reads slots up to the batch's end, and gives a credit for each. Returns their number. */
static size_t
read_batch(struct ends *ends, uint64_t batch)
{
    struct rf_notice notice;
    size_t slots = 0;
    for (;;) {
        cr_assert(hear(ends, 20000, &notice));
        if (notice.kind == RF_NOTICE_BATCH) {
            cr_expect_eq(notice.number, batch);
            return slots;
        }
        read_slot(ends, &notice);
        tell(ends, RF_COMMAND_CREDIT, 0, 0, 0);
        slots++;
    }
}

Test(answers, pads_texts_and_fills_in_what_the_caller_leaves_out)
{
    static const struct texts texts = {4, {0, 1, 8, 15}};
    struct ends ends;
    open_ends(&ends, NULL, send_texts, &texts);
    cr_expect_eq(read_batch(&ends, 7), 1);
    cr_expect_eq(ends.stream.used, 4 * sizeof(struct rf_answer) + 0 + 8 + 8 + 16);
    expect_texts(&ends, &texts);
    cr_expect_eq(close_ends(&ends), 0);
}

Test(answers, hands_a_full_slot_over_once)
{
    static const struct {
        size_t text;
        size_t slots;
    } rows[] = {{SLOT - sizeof(struct rf_answer) - 8, 1},
                {SLOT - sizeof(struct rf_answer) - 7, 1}, /* its padding is the slot's last byte */
                {SLOT - sizeof(struct rf_answer), 1},
                {SLOT - sizeof(struct rf_answer) + 1, 2}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct texts texts = {1, {rows[i].text}};
        struct ends ends;
        open_ends(&ends, NULL, send_texts, &texts);
        cr_expect_eq(read_batch(&ends, 7), rows[i].slots, "row %zu", i);
        expect_texts(&ends, &texts);
        cr_expect_eq(close_ends(&ends), 0);
    }
}

Test(answers, cuts_a_header_that_a_slot_has_no_room_for)
{
    static const struct texts texts = {3, {SLOT - 3 * sizeof(struct rf_answer) / 2, 100, 3 * SLOT}};
    struct ends ends;
    open_ends(&ends, NULL, send_texts, &texts);
    cr_expect_eq(read_batch(&ends, 7), 5);
    expect_texts(&ends, &texts);
    cr_expect_eq(close_ends(&ends), 0);
}

Test(answers, waits_for_credit_before_it_begins_a_slot)
{
    static const struct texts texts = {1, {6 * SLOT}};
    struct ends ends;
    struct rf_notice notice;
    open_ends(&ends, NULL, send_texts, &texts);
    for (int i = 0; i < RF_ANSWER_SLOTS; i++) {
        cr_assert(hear(&ends, 20000, &notice));
        read_slot(&ends, &notice);
    }
    cr_expect(!hear(&ends, 200, &notice), "a slot was begun without credit");
    for (int i = 0; i < 2; i++) {
        tell(&ends, RF_COMMAND_CREDIT, 0, 0, 0);
        cr_assert(hear(&ends, 20000, &notice));
        read_slot(&ends, &notice);
        cr_expect(!hear(&ends, 100, &notice), "one credit is one slot");
    }
    tell(&ends, RF_COMMAND_CREDIT, 0, 0, 0);
    cr_expect_eq(read_batch(&ends, 7), 1);
    expect_texts(&ends, &texts);
    cr_expect_eq(close_ends(&ends), 0);
}

/* ---- commands -------------------------------------------------------------------------------- */

/** Says of each batch that it has come: a step, with its number and instances. */
static void
take_batches(const void *with)
{
    struct rf_answers answers = {.free_slots = 2};
    struct rf_command command;
    (void)with;
    while (rf_answers_next_batch(&answers, &command)) {
        rf_notice_send(RF_NOTICE_STEP, command.batch, command.instances);
    }
    rf_notice_send(RF_NOTICE_STEP, answers.free_slots, 0);
}

static void
expect_step(struct ends *ends, uint64_t number, uint64_t value)
{
    struct rf_notice notice;
    cr_assert(hear(ends, 20000, &notice));
    cr_expect_eq(notice.kind, RF_NOTICE_STEP);
    cr_expect_eq(notice.number, number);
    cr_expect_eq(notice.value, value);
}

Test(answers, takes_batches_and_credits_until_it_is_told_to_quit)
{
    struct ends ends;
    open_ends(&ends, NULL, take_batches, NULL);
    tell(&ends, RF_COMMAND_FOLD, 1, 10, 0);
    expect_step(&ends, 1, 10);
    tell(&ends, RF_COMMAND_CREDIT, 0, 0, 0);
    tell(&ends, RF_COMMAND_CREDIT, 0, 0, 0);
    tell(&ends, RF_COMMAND_FOLD, 2, 20, 0);
    expect_step(&ends, 2, 20);
    tell(&ends, RF_COMMAND_QUIT, 0, 0, 0);
    expect_step(&ends, 4, 0);
    cr_expect_eq(close_ends(&ends), 0);
}

Test(answers, takes_a_command_that_comes_in_parts)
{
    struct ends ends;
    struct rf_command command = {.kind = RF_COMMAND_FOLD, .batch = 3, .instances = 30};
    const char *bytes = (const char *)&command;
    open_ends(&ends, NULL, take_batches, NULL);
    for (size_t i = 0; i < sizeof(command); i++) {
        cr_assert(send(ends.commands, bytes + i, 1, MSG_NOSIGNAL) == 1);
    }
    expect_step(&ends, 3, 30);
    /* Half a command is no command: the host has gone. */
    cr_assert(send(ends.commands, bytes, 5, MSG_NOSIGNAL) == 5);
    cr_assert(shutdown(ends.commands, SHUT_WR) == 0);
    expect_step(&ends, 2, 0);
    cr_expect_eq(close_ends(&ends), 0);
}

Test(answers, ends_where_the_host_breaks_the_protocol)
{
    struct ends ends;
    open_ends(&ends, NULL, take_batches, NULL);
    tell(&ends, 99, 0, 0, 0);
    cr_expect_eq(close_ends(&ends), 3);
    open_ends(&ends, NULL, take_batches, NULL);
    for (int i = 0; i < 3; i++) {
        tell(&ends, RF_COMMAND_CREDIT, 0, 0, 0);
    }
    cr_expect_eq(close_ends(&ends), 3);
}

/** A worker that waits for credit gets something else. */
static int
interrupt_wait(uint32_t kind)
{
    static const struct texts texts = {1, {6 * SLOT}};
    struct ends ends;
    struct rf_notice notice;
    open_ends(&ends, NULL, send_texts, &texts);
    for (int i = 0; i < RF_ANSWER_SLOTS; i++) {
        cr_assert(hear(&ends, 20000, &notice));
    }
    if (kind != 0) {
        tell(&ends, kind, 0, 0, 0);
    }
    return close_ends(&ends);
}

Test(answers, ends_in_the_middle_of_a_batch_where_the_host_does)
{
    cr_expect_eq(interrupt_wait(RF_COMMAND_QUIT), 0);
    cr_expect_eq(interrupt_wait(0), 0);
    cr_expect_eq(interrupt_wait(RF_COMMAND_FOLD), 3);
}
