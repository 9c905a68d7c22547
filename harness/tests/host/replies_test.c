/* SPDX-License-Identifier: MIT */
/* The host's stream of answers, slot by slot: cut anywhere, in any number of batches. */
#include "host/replies.h"

#include <stdlib.h>
#include <string.h>

#include "tests/worker/ends.h"

/** An answer as a worker writes it. */
static void
put_answer(struct rf_buf *out, uint32_t kind, uint64_t sequence, uint64_t applied, const char *text)
{
    struct rf_answer answer = {.magic = RF_ANSWER_MAGIC,
                               .kind = kind,
                               .status = RF_STATUS_OK,
                               .text_bytes = (uint32_t)strlen(text),
                               .sequence = sequence,
                               .applied = applied};
    answer.checksum = rf_answer_checksum(&answer, text);
    rf_buf_add(out, &answer, sizeof(answer));
    rf_buf_add(out, text, strlen(text));
    while (out->used % 8 != 0) {
        rf_buf_byte(out, '\0');
    }
}

/** Hands over `count` bytes as the next slot. */
static void
add_slot(struct rf_replies *replies, int file, const char *bytes, size_t count)
{
    struct rf_err err;
    struct rf_notice notice = {
        .kind = RF_NOTICE_SLOT, .number = replies->slots, .value = (uint64_t)count};
    off_t offset = (off_t)(notice.number % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES);
    cr_assert(pwrite(file, bytes, count, offset) == (ssize_t)count);
    cr_assert(rf_replies_add_slot(replies, file, &notice, &err) == RF_OK, "%s", err.text);
}

/** Takes all whole answers that are there; returns how many. */
static size_t
take_all(struct rf_replies *replies, uint32_t *ret_last)
{
    size_t count = 0;
    for (;;) {
        bool found;
        struct rf_worker_answer answer;
        struct rf_err err;
        cr_assert(rf_replies_take(replies, &found, &answer, &err) == RF_OK, "%s", err.text);
        if (!found) {
            return count;
        }
        *ret_last = answer.kind;
        count++;
    }
}

/* ---- what is said in turn -------------------------------------------------------------------- */

/** One answer of an instance of three events, of which two are in front of the snapshot. */
struct said {
    uint32_t kind;
    uint64_t applied;
    uint32_t bytes;
    uint32_t status;
};

#define PART(applied, hashes)                                                                      \
    {                                                                                              \
        RF_ANSWER_TRAIL, applied, (hashes)*RF_TRAIL_HASH_BYTES, RF_STATUS_OK                       \
    }
#define TRACE(applied)                                                                             \
    {                                                                                              \
        RF_ANSWER_TRACE, applied, 2, RF_STATUS_OK                                                  \
    }
#define STATE(applied)                                                                             \
    {                                                                                              \
        RF_ANSWER_STATE, applied, 2, RF_STATUS_OK                                                  \
    }
#define END(applied, status)                                                                       \
    {                                                                                              \
        RF_ANSWER_END, applied, 0, status                                                          \
    }
#define SAID_MOST 6

struct row {
    const char *wrong; /**< what the last of the answers is refused for, or NULL */
    struct said said[SAID_MOST];
};

/** @flags  what the host has asked for, of `instances` instances */
static void
expect_answers(const struct row *row, size_t number, uint32_t flags, size_t instances)
{
    static const char text[64];
    struct rf_replies replies = {0};
    struct rf_request requests[2];
    uint64_t instance = 0;
    for (size_t i = 0; i < 2; i++) {
        requests[i] = (struct rf_request){
            .bytes = sizeof(requests[i]), .count = 3, .snapshot_after = 2, .flags = flags};
    }
    int file = make_file(NULL, (off_t)(RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES));
    rf_replies_begin(&replies, (const unsigned char *)requests, instances * sizeof(requests[0]),
                     instances);
    for (size_t i = 0; i < SAID_MOST && row->said[i].kind != 0; i++) {
        const struct said *said = &row->said[i];
        struct rf_buf out = {0};
        struct rf_err err = {0};
        struct rf_worker_answer taken;
        bool found;
        struct rf_answer answer = {.magic = RF_ANSWER_MAGIC,
                                   .kind = said->kind,
                                   .status = said->status,
                                   .text_bytes = said->bytes,
                                   .sequence = i,
                                   .instance = instance,
                                   .applied = said->applied};
        instance += said->kind == RF_ANSWER_END ? 1 : 0;
        answer.checksum = rf_answer_checksum(&answer, text);
        rf_buf_add(&out, &answer, sizeof(answer));
        rf_buf_add(&out, text, (said->bytes + 7) / 8 * 8);
        add_slot(&replies, file, out.bytes, out.used);
        rf_code code = rf_replies_take(&replies, &found, &taken, &err);
        bool last = i + 1 == SAID_MOST || row->said[i + 1].kind == 0;
        bool refused = row->wrong != NULL && last;
        cr_expect((code == RF_OK) == !refused, "row %zu, answer %zu: %s", number, i, err.text);
        cr_expect(!refused || strstr(err.text, row->wrong) != NULL, "row %zu: %s", number,
                  err.text);
        rf_buf_done(&out);
    }
    cr_expect(rf_replies_whole(&replies) == (row->wrong == NULL), "row %zu", number);
    (void)close(file);
    rf_replies_done(&replies);
}

Test(replies, takes_a_trail_that_has_a_hash_for_each_state_and_no_other)
{
    static const char turn[] = "is a part of a trail out of turn";
    static const char missing[] = "is an end with a part of its trail missing";
    enum { OK = RF_STATUS_OK, NO = RF_STATUS_REJECTED };
    static const struct row rows[] = {
        {NULL, {STATE(2), PART(3, 4), END(3, OK)}},
        {NULL, {PART(3, 4), STATE(2), END(3, OK)}},
        {NULL, {PART(0, 1), PART(1, 1), STATE(2), PART(3, 2), END(3, OK)}},
        {NULL, {PART(0, 1), STATE(0), END(0, NO)}},
        {NULL, {STATE(2), PART(2, 3), END(2, NO)}},
        {missing, {STATE(2), END(3, OK)}},
        {missing, {STATE(2), PART(2, 3), END(3, OK)}},
        {missing, {STATE(2), PART(3, 4), END(2, NO)}},
        {missing, {STATE(0), END(0, NO)}},
        {turn, {STATE(2), PART(3, 3)}},
        {turn, {STATE(2), PART(3, 5)}},
        {turn, {PART(1, 2), PART(3, 3)}},
        {turn, {PART(1, 2), PART(1, 2)}},
        {turn, {PART(1, 2), PART(0, 1)}},
        {turn, {PART(3, 4), PART(3, 0)}},
        {turn, {PART(0, 0)}},
        {turn, {{RF_ANSWER_TRAIL, 0, 9, OK}}},
        {turn, {{RF_ANSWER_TRAIL, 0, 8, NO}}},
        {turn, {{RF_ANSWER_TRAIL, 0, 8, RF_STATUS_NONFINITE}}},
        {"has more events than the instance", {PART(4, 5)}},
        {"is for another instance", {STATE(2), PART(3, 4), END(3, OK), PART(0, 1)}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_answers(&rows[i], i, RF_REQUEST_TRAIL, 1);
    }
}

Test(replies, takes_traces_states_and_ends_in_turn_and_no_other)
{
    static const char trace[] = "is a trace out of turn";
    static const char state[] = "is a state out of turn";
    static const char few[] = "is an end with too few events";
    static const char unknown[] = "is an end of no known status";
    static const char unfit[] = "is an end that does not fit its state";
    enum { OK = RF_STATUS_OK, NO = RF_STATUS_REJECTED, NONE = RF_STATUS_BROKEN + 1 };
    static const struct row rows[] = {
        {NULL, {TRACE(0), TRACE(2), STATE(2), END(3, OK)}},
        {NULL, {TRACE(1), STATE(1), END(1, NO)}},
        {NULL, {STATE(2), END(2, NO)}},
        {trace, {TRACE(3)}},
        {trace, {TRACE(1), TRACE(1)}},
        {trace, {TRACE(2), TRACE(1)}},
        {trace, {{RF_ANSWER_TRACE, 1, 2, NO}}},
        {trace, {{RF_ANSWER_TRACE, 1, 2, NONE}}},
        {state, {STATE(2), STATE(2)}},
        {state, {STATE(3)}},
        {state, {{RF_ANSWER_STATE, 2, 2, NO}}},
        {state, {{RF_ANSWER_STATE, 2, 2, NONE}}},
        {"is an end without a state", {TRACE(2), END(3, OK)}},
        {few, {STATE(2), END(2, OK)}},
        {few, {STATE(1), END(3, OK)}},
        {unknown, {STATE(2), END(3, NO)}},
        {unknown, {STATE(2), END(2, RF_STATUS_NONFINITE)}},
        {unfit, {STATE(1), END(2, NO)}},
        {unfit, {STATE(2), END(1, NO)}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_answers(&rows[i], i, RF_REQUEST_TRACE, 1);
    }
}

Test(replies, begins_anew_with_each_instance)
{
    enum { OK = RF_STATUS_OK, NO = RF_STATUS_REJECTED };
    static const struct row traced[] = {
        {NULL, {TRACE(2), STATE(2), END(3, OK), TRACE(1), STATE(2), END(2, NO)}},
        {"is an end without a state", {STATE(2), END(3, OK), END(3, OK)}},
    };
    static const struct row trailed[] = {
        {NULL, {STATE(2), PART(3, 4), END(3, OK), PART(3, 4), STATE(2), END(3, OK)}},
        {"is a part of a trail out of turn", {STATE(2), PART(3, 4), END(3, OK), PART(3, 1)}},
    };
    for (size_t i = 0; i < 2; i++) {
        expect_answers(&traced[i], i, RF_REQUEST_TRACE, 2);
        expect_answers(&trailed[i], i, RF_REQUEST_TRAIL, 2);
    }
}

Test(replies, takes_one_list_of_calls_where_it_was_asked_for)
{
    static const char turn[] = "is a list of calls out of turn";
    enum { OK = RF_STATUS_OK, NO = RF_STATUS_REJECTED };
    static const struct said calls = {RF_ANSWER_CALLS, 3, 8, OK};
    static const struct said empty = {RF_ANSWER_CALLS, 3, 0, OK};
    const struct row rows[] = {
        {NULL, {STATE(2), calls, END(3, OK), STATE(2), empty, END(3, OK)}},
        {NULL, {STATE(2), calls, END(2, NO), STATE(2), calls, END(3, OK)}},
        {NULL,
         {STATE(2), END(3, OK), STATE(2),
          END(3, OK)}}, /* what can be had is told, no more depends on it */
        {turn, {calls}},
        {turn, {STATE(2), calls, calls}},
        {turn, {STATE(2), {RF_ANSWER_CALLS, 3, 8, NO}}},
        {turn, {STATE(2), calls, END(3, OK), calls}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_answers(&rows[i], i, RF_REQUEST_CALLS, 2);
    }
    const struct row unasked = {turn, {STATE(2), calls}};
    expect_answers(&unasked, 0, 0, 1);
}

/* ---- starts ---------------------------------------------------------------------------------- */

/* An instance that ends without its events, though its start was sound, would be one that is not
 * folded. */
Test(replies, takes_an_end_without_events_only_where_the_start_is_broken)
{
    static const char turn[] = "is a broken end of a sound start";
    enum { OK = RF_STATUS_OK, NO = RF_STATUS_REJECTED, BROKEN = RF_STATUS_BROKEN };
    static const struct said broken = {RF_ANSWER_STATE, 0, 2, BROKEN};
    const struct row rows[] = {
        {NULL, {broken, END(0, BROKEN)}},
        {NULL, {STATE(2), END(3, OK)}},
        {NULL, {broken, END(0, NO)}}, /* refused at once, and impure */
        {turn, {STATE(0), END(0, BROKEN)}},
        {turn, {STATE(2), END(0, BROKEN)}},
        {turn, {broken, END(1, BROKEN)}},
        {turn, {{RF_ANSWER_STATE, 1, 2, BROKEN}, END(0, BROKEN)}},
        {turn, {END(0, BROKEN)}},
        {"is for another instance", {broken, END(0, BROKEN), END(0, BROKEN)}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_answers(&rows[i], i, RF_REQUEST_FROM, 1);
    }
    const struct row unasked = {turn, {broken, END(0, BROKEN)}};
    expect_answers(&unasked, 0, 0, 1);
    const struct row next = {turn, {broken, END(0, BROKEN), END(0, BROKEN)}};
    expect_answers(&next, 0, RF_REQUEST_FROM, 2); /* the start of another one was broken */
}

/* ---- steps ----------------------------------------------------------------------------------- */

static rf_code
step(struct rf_replies *replies, uint64_t instance, uint64_t event)
{
    struct rf_err err;
    struct rf_notice notice = {.kind = RF_NOTICE_STEP, .number = instance, .value = event};
    return rf_replies_step(replies, &notice, &err);
}

static rf_code
rebuild(struct rf_replies *replies, uint64_t instance, uint64_t event)
{
    struct rf_err err;
    struct rf_notice notice = {.kind = RF_NOTICE_REBUILD, .number = instance, .value = event};
    return rf_replies_step(replies, &notice, &err);
}

/* A worker that steps in a circle would never be seen to hang. */
Test(replies, takes_steps_forwards_only)
{
    struct rf_replies replies = {0};
    struct rf_request requests[2];
    for (size_t i = 0; i < 2; i++) {
        requests[i] = (struct rf_request){.bytes = sizeof(requests[i]), .flags = RF_REQUEST_STEP};
    }
    requests[0].flags |= RF_REQUEST_TRACE;
    rf_replies_begin(&replies, (const unsigned char *)requests, sizeof(requests), 2);
    cr_expect_eq(step(&replies, 0, 0), RF_OK);
    cr_expect_eq(step(&replies, 0, 0), RF_ERR_CORRUPT);
    cr_expect_eq(step(&replies, 0, 1), RF_ERR_CORRUPT); /* it has no events */
    cr_expect_eq(step(&replies, 1, 0), RF_OK);
    cr_expect_eq(step(&replies, 0, 0), RF_ERR_CORRUPT);
    cr_expect_eq(step(&replies, 2, 0), RF_ERR_CORRUPT);
    rf_replies_done(&replies);
}

/* The state before a refused event is made anew: that is a sign of life too, as often as it may be.
 */
Test(replies, takes_steps_of_a_rebuild_forwards_and_before_the_refused_event)
{
    struct rf_replies replies = {0};
    struct {
        struct rf_request request;
        struct rf_request_event events[3];
    } requests[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        requests[i].request =
            (struct rf_request){.bytes = sizeof(requests[i]), .count = 3, .flags = RF_REQUEST_STEP};
    }
    rf_replies_begin(&replies, (const unsigned char *)requests, sizeof(requests), 2);
    cr_expect_eq(rebuild(&replies, 0, 0), RF_ERR_CORRUPT); /* nothing was refused */
    cr_expect_eq(step(&replies, 0, 0), RF_OK);
    cr_expect_eq(rebuild(&replies, 0, 0), RF_ERR_CORRUPT); /* before the first event is nothing */
    cr_expect_eq(step(&replies, 0, 2), RF_OK);
    cr_expect_eq(rebuild(&replies, 1, 0), RF_ERR_CORRUPT);
    cr_expect_eq(rebuild(&replies, 0, 0), RF_OK);
    cr_expect_eq(rebuild(&replies, 0, 0), RF_ERR_CORRUPT);
    cr_expect_eq(rebuild(&replies, 0, 1), RF_OK);
    cr_expect_eq(rebuild(&replies, 0, 0), RF_ERR_CORRUPT);
    cr_expect_eq(rebuild(&replies, 0, 2), RF_ERR_CORRUPT);
    cr_expect(replies.step_event == 2); /* that is who is laid what happens meanwhile to */
    cr_expect_eq(step(&replies, 1, 2), RF_OK);
    cr_expect_eq(rebuild(&replies, 1, 0), RF_OK); /* each has its own */
    rf_replies_done(&replies);
}

/* ---- streams --------------------------------------------------------------------------------- */

/* A worker lives for millions of instances: what was taken must not be kept. */
Test(replies, takes_answers_cut_anywhere_and_keeps_none_of_them)
{
    enum { BATCHES = 300, ANSWERS = 3 };
    struct rf_replies replies = {0};
    struct rf_request request = {
        .bytes = sizeof(request), .count = 0, .snapshot_after = 0, .flags = RF_REQUEST_TRACE};
    int file = make_file(NULL, (off_t)(RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES));
    for (size_t batch = 0; batch < BATCHES; batch++) {
        struct rf_buf stream = {0};
        uint64_t sequence = batch * ANSWERS;
        uint32_t last = 0;
        put_answer(&stream, RF_ANSWER_TRACE, sequence, 0, "{\"n\":1}");
        put_answer(&stream, RF_ANSWER_STATE, sequence + 1, 0, "{\"n\":12345}");
        put_answer(&stream, RF_ANSWER_END, sequence + 2, 0, "");
        rf_replies_begin(&replies, (const unsigned char *)&request, sizeof(request), 1);
        size_t cut = 1 + batch % (stream.used - 1);
        add_slot(&replies, file, stream.bytes, cut);
        size_t taken = take_all(&replies, &last);
        cr_assert(!rf_replies_whole(&replies));
        add_slot(&replies, file, stream.bytes + cut, stream.used - cut);
        taken += take_all(&replies, &last);
        cr_assert(taken == ANSWERS && last == RF_ANSWER_END, "batch %zu", batch);
        cr_assert(rf_replies_whole(&replies));
        cr_assert(replies.stream.used <= stream.used, "batch %zu: %zu bytes are kept", batch,
                  replies.stream.used);
        rf_buf_done(&stream);
    }
    (void)close(file);
    rf_replies_done(&replies);
}
