/* SPDX-License-Identifier: MIT */
/* The host's stream of answers, slot by slot: cut anywhere, in any number of batches. */
#include "worker/replies.h"

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
