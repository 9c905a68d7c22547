/* SPDX-License-Identifier: MIT */
/*
 * What a hostile worker writes, as the host reads it. The first byte chooses: answers in slots, or
 * the lines of a scenario.
 *
 * An answer that is handed out has its magic and its checksum, comes in sequence, is for the
 * instance whose turn it is, and has no more events than that; all is whole only where each
 * instance has come to its end. Lines that come in pieces are judged as those that come at once.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/dispatch_lines.h"
#include "host/replies.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"{\"step\":0,\"event\":0}\n",
                                  "{\"step\":1,\"handle\":true}\n",
                                  "{\"step\":1,\"made\":[]}\n",
                                  "{\"step\":2,\"event\":1}\n",
                                  "{\"step\":2,\"refused\":\"\"}\n",
                                  "\"broken\":\"\"",
                                  "{\"step\":3,\"state\":{}}\n",
                                  "{\"end\":4}\n",
                                  "AFR",
                                  "\1\0\0\0",
                                  "\2\0\0\0",
                                  "\3\0\0\0",
                                  "\4\0\0\0",
                                  NULL};

const char *
fuzz_against(void)
{
    return "the protocol, and other pieces";
}

enum { INSTANCES = 3, OP_BYTES = 8, STEPS = 4 };

/* ---- answers --------------------------------------------------------------------------------- */

static struct rf_request requests[INSTANCES] = {
    {.bytes = sizeof(struct rf_request), .count = 3, .snapshot_after = 2},
    {.bytes = sizeof(struct rf_request),
     .count = 2,
     .snapshot_after = 2,
     .flags = RF_REQUEST_TRACE | RF_REQUEST_TRAIL | RF_REQUEST_STEP},
    {.bytes = sizeof(struct rf_request), .count = 0, .flags = RF_REQUEST_FROM | RF_REQUEST_STEP},
};

/** What was handed out, seen from outside. */
struct seen {
    uint64_t answers;
    uint64_t ends;
};

/** Takes all that is there; false where the worker is a liar. */
static bool
take_all(struct rf_replies *replies, struct seen *seen, const char *input, size_t bytes)
{
    for (;;) {
        struct rf_worker_answer taken;
        struct rf_answer raw;
        struct rf_err err = {0};
        bool found;
        if (rf_replies_take(replies, &found, &taken, &err) != RF_OK) {
            fuzz_expect(input, bytes, err.text[0] != '\0', "refused without a word");
            return false;
        }
        if (!found) {
            return true;
        }
        memcpy(&raw, taken.text - sizeof(raw), sizeof(raw));
        fuzz_expect(input, bytes, raw.magic == RF_ANSWER_MAGIC, "an answer without its magic");
        fuzz_expect(input, bytes, raw.checksum == rf_answer_checksum(&raw, taken.text),
                    "an answer with a wrong checksum");
        fuzz_expect(input, bytes,
                    raw.sequence == seen->answers && raw.instance == seen->ends &&
                        taken.instance == seen->ends && seen->ends < INSTANCES &&
                        taken.applied <= requests[seen->ends].count &&
                        taken.text_bytes == raw.text_bytes,
                    "an answer out of turn");
        seen->answers++;
        seen->ends += taken.kind == RF_ANSWER_END ? 1 : 0;
    }
}

/** Appends an answer, as eight bytes of the input want it. */
static void
put_answer(struct rf_buf *out, const uint8_t *op)
{
    static const char text[300];
    struct rf_answer answer = {.magic = RF_ANSWER_MAGIC + (op[0] >= 240),
                               .kind = op[1] % 6,
                               .status = op[2] % 5,
                               .text_bytes = op[3],
                               .sequence = op[4],
                               .instance = op[5],
                               .applied = op[6]};
    answer.checksum = rf_answer_checksum(&answer, text) + (op[0] >= 224 && op[0] < 240);
    answer.text_bytes += op[7] >= 250 ? (uint32_t)op[7] << 20 : 0; /* behind the checksum's back */
    rf_buf_add(out, &answer, sizeof(answer));
    rf_buf_add(out, text, (op[3] + 7u) / 8 * 8);
}

static void
try_answers(const uint8_t *ops, size_t count, const char *input, size_t bytes)
{
    static int file = -1;
    struct rf_replies replies = {0};
    struct seen seen = {0};
    struct rf_buf written = {0};
    bool good = true;
    if (file < 0) {
        file = memfd_create("answers", MFD_CLOEXEC);
    }
    rf_replies_begin(&replies, (const unsigned char *)requests, sizeof(requests), INSTANCES);
    for (; good && count >= OP_BYTES; ops += OP_BYTES, count -= OP_BYTES) {
        struct rf_err err = {0};
        const struct rf_notice step = {.kind = ops[3] % 2 == 0 ? RF_NOTICE_STEP : RF_NOTICE_REBUILD,
                                       .number = ops[1] % 4,
                                       .value = ops[2] % 5};
        if (ops[0] % 16 == 1) {
            good = rf_replies_step(&replies, &step, &err) == RF_OK;
            continue;
        }
        if (ops[0] % 16 == 2) { /* whatever stands there */
            rf_buf_add(&written, ops, OP_BYTES);
        } else {
            put_answer(&written, ops);
        }
        /* All of it, or a part: the rest comes with the next slot. */
        size_t sent = ops[0] % 16 == 3 ? written.used * ops[7] / 256 : written.used;
        const struct rf_notice notice = {.kind = RF_NOTICE_SLOT,
                                         .number = replies.slots + (ops[7] == 3),
                                         .value = ops[7] == 4 ? UINT64_MAX : sent};
        off_t place = (off_t)(replies.slots % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES);
        if (ftruncate(file, ops[7] == 5 ? place + (off_t)(sent / 2) : place + (off_t)sent) != 0 ||
            (ops[7] != 5 && pwrite(file, written.bytes, sent, place) != (ssize_t)sent)) {
            abort();
        }
        memmove(written.bytes, written.bytes + sent, written.used - sent);
        written.used -= sent;
        good = rf_replies_add_slot(&replies, file, &notice, &err) == RF_OK &&
               take_all(&replies, &seen, input, bytes);
    }
    if (good) { /* it died: what it had not announced */
        off_t place = (off_t)(replies.slots % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES);
        if (ftruncate(file, place) != 0 ||
            pwrite(file, written.bytes, written.used, place) != (ssize_t)written.used) {
            abort();
        }
        rf_replies_add_rest(&replies, file);
        good = take_all(&replies, &seen, input, bytes);
    }
    bool whole = rf_replies_whole(&replies);
    fuzz_expect(input, bytes, !whole || seen.ends == INSTANCES, "whole without all of its ends");
    fuzz_count(good ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    for (uint64_t i = 0; i < seen.ends; i++) {
        fuzz_count(FUZZ_KNOWN);
    }
    rf_replies_done(&replies);
    rf_buf_done(&written);
}

/* ---- lines of a scenario --------------------------------------------------------------------- */

struct played {
    struct rf_dispatch_step steps[STEPS];
    struct rf_dispatch_result result;
    bool believed;
};

static void
play(const char *lines, size_t bytes, size_t piece, struct played *ret)
{
    *ret = (struct played){.believed = true};
    ret->steps[0].kind = RF_DISPATCH_EVENT;
    ret->steps[1].kind = RF_DISPATCH_COMMAND;
    ret->steps[2].kind = RF_DISPATCH_COMMAND;
    ret->steps[3].kind = RF_DISPATCH_STATE;
    struct rf_dispatch_play play = {
        .steps = ret->steps, .step_count = STEPS, .result = &ret->result};
    while (bytes > 0 && ret->believed && !play.over) {
        size_t count = piece < bytes ? piece : bytes;
        rf_buf_add(&play.line, lines, count);
        ret->believed = rf_dispatch_take_lines(&play, count);
        lines += count;
        bytes -= count;
    }
    if (!play.over) {
        ret->result.ending = RF_DISPATCH_DIED;
        rf_dispatch_note_place(&play);
    }
    rf_dispatch_play_done(&play);
}

static bool
alike(const struct rf_dispatch_step *a, const struct rf_dispatch_step *b)
{
    return a->answered == b->answered && a->refused == b->refused &&
           a->made_count == b->made_count && a->text_bytes == b->text_bytes &&
           (a->text == NULL) == (b->text == NULL) &&
           (a->text == NULL || memcmp(a->text, b->text, a->text_bytes) == 0);
}

static void
try_lines(const char *lines, size_t count, size_t piece, const char *input, size_t bytes)
{
    struct played one, two;
    play(lines, count, count + 1, &one);
    play(lines, count, piece, &two);
    bool same = one.believed == two.believed && one.result.ending == two.result.ending &&
                strcmp(one.result.message, two.result.message) == 0;
    for (int i = 0; i < STEPS; i++) {
        same = same && alike(&one.steps[i], &two.steps[i]);
        /* A worker that is through has answered all that it was asked. */
        fuzz_expect(input, bytes,
                    one.result.ending != RF_DISPATCH_WHOLE || !one.believed || i == 0 ||
                        one.steps[i].answered,
                    "whole, and a step has no answer");
    }
    fuzz_expect(input, bytes, same, "lines in pieces tell something else");
    fuzz_count(one.believed ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    rf_dispatch_steps_done(one.steps, STEPS);
    rf_dispatch_steps_done(two.steps, STEPS);
}

/* ---- the target ------------------------------------------------------------------------------ */

void
fuzz_begin(struct seeds *seeds)
{
    enum { STATE = RF_ANSWER_STATE, END = RF_ANSWER_END, PART = RF_ANSWER_TRAIL };
    static const uint8_t answers[][1 + 9 * OP_BYTES] = {
        {0,    0,   STATE, 0,   2,     0, 0,   2,     0,
         0,    END, 0,     0,   1,     0, 3,   0,     0,
         PART, 0,   24,    2,   1,     2, 0,   0,     RF_ANSWER_TRACE,
         0,    2,   3,     1,   1,     0, 0,   STATE, 0,
         2,    4,   1,     2,   0,     0, END, 0,     0,
         5,    1,   2,     0,   1,     2, 0,   0,     0,
         0,    0,   0,     0,   STATE, 3, 9,   6,     2,
         0,    0,   0,     END, 3,     0, 7,   2,     0,
         0},
        {0, 3,   STATE, 0, 99, 0, 0, 1,     100, 3, END, 1, 9,     1, 0, 1,   128, 0, PART,
         0, 8,   2,     1, 0,  0, 3, STATE, 2,   2, 3,   1, 0,     9, 0, END, 1,   2, 4,
         1, 0,   0,     1, 2,  0, 0, 0,     0,   0, 0,   0, STATE, 0, 2, 5,   2,   0, 0,
         0, END, 0,     0, 6,  2, 0, 0,     2,   1, 2,   3, 4,     5, 6, 7},
    };
    char *lines = rf_format(
        "%c7{\"hello\":%d}\n{\"step\":0,\"event\":0}\n{\"step\":1,\"handle\":true}\n"
        "{\"step\":1,\"made\":[{\"type\":\"A\",\"data\":{\"x\":1}},{\"type\":\"B\",\"data\":1e3}]}"
        "\n"
        "{\"step\":1,\"event\":0}\n{\"step\":1,\"event\":1}\n{\"step\":2,\"handle\":true}\n"
        "{\"step\":2,\"refused\":\"no\"}\n{\"step\":3,\"snapshot\":true}\n"
        "{\"step\":3,\"state\":{\"b\":1.50,\"a\":null}}\n{\"end\":4}\n",
        '\1', RF_HOST_PROTOCOL);
    char *broken = rf_format("%c0{\"hello\":%d}\n{\"step\":0,\"event\":0}\n"
                             "{\"step\":0,\"event\":0,\"refused\":\"bad\"}\n",
                             '\1', RF_HOST_PROTOCOL);
    for (int twice = 0; twice < 2; twice++) {
        seeds_add(seeds, (const char *)answers[0], sizeof(answers[0]));
        seeds_add(seeds, (const char *)answers[1], sizeof(answers[1]));
        seeds_add(seeds, lines, strlen(lines));
    }
    seeds_add(seeds, broken, strlen(broken));
    free(lines);
    free(broken);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    if (bytes < 2) {
        return 0;
    }
    if (input[0] % 2 == 0) {
        try_answers(input + 1, bytes - 1, (const char *)input, bytes);
    } else {
        try_lines((const char *)input + 2, bytes - 2, 1u + input[1] % 50, (const char *)input,
                  bytes);
    }
    return 0;
}
