/* SPDX-License-Identifier: MIT */
/* What a speaker did, held against what was asked. */
#include "check/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "host/limits.h"
#include "host/loadable.h"

/** A sentence on how a speaker ended. */
#define RF_END_BYTES 600
/** Bytes of a text that a sentence quotes. */
#define QUOTED_BYTES 200

static bool __attribute__((format(printf, 5, 6)))
wrong(struct rf_ask *ask, enum rf_check_id culprit, const struct rf_arrival *arrival,
      const char *expected, const char *seen, ...)
{
    char text[1024];
    va_list args;
    va_start(args, seen);
    (void)vsnprintf(text, sizeof(text), seen, args);
    va_end(args);
    ask->broken = true;
    return rf_kit_wrong(ask->kit, culprit, arrival == NULL ? NULL : arrival->bytes,
                        arrival == NULL ? 0 : arrival->count, expected, "%s", text);
}

/** "#12 STATE" */
static const char *
name_question(const struct rf_question *question, char *text, size_t room)
{
    (void)snprintf(text, room, "#%" PRIu64 " %s", question->number,
                   rf_talk_frame_name(question->kind));
    return text;
}

/** The next that is to be answered, or NULL. */
static struct rf_question *
next_question(struct rf_ask *ask)
{
    while (ask->front < ask->count &&
           (ask->questions[ask->front].answered || ask->questions[ask->front].passed_over)) {
        ask->front++;
    }
    return ask->front < ask->count ? &ask->questions[ask->front] : NULL;
}

/** "the answer to #12 STATE", or that there is none. */
static const char *
name_next(struct rf_ask *ask, char *text, size_t room)
{
    char name[64];
    const struct rf_question *next = next_question(ask);
    if (next == NULL) {
        (void)snprintf(text, room, "nothing: every frame was answered");
    } else {
        (void)snprintf(text, room, "the answer to %s, %s", name_question(next, name, sizeof(name)),
                       rf_talk_frame_name((uint16_t)(next->kind + RF_FRAME_ANSWER)));
    }
    return text;
}

static size_t
quoted(size_t bytes)
{
    return bytes < QUOTED_BYTES ? bytes : QUOTED_BYTES;
}

/* ---- the frame ------------------------------------------------------------------------------- */

bool
rf_judge_garbled(struct rf_ask *ask, const struct rf_arrival *arrival)
{
    uint32_t bytes = arrival->count < 4 ? 0 : rf_get_u32(arrival->bytes);
    struct rf_talk_frame frame;
    if (arrival->count >= RF_FRAME_HEADER_BYTES && rf_talk_frame_read(arrival->bytes, &frame)) {
        return ask->wire.closed && bytes <= RF_FRAME_PAYLOAD_BYTES
                   ? wrong(ask, RF_CHECK_FRAMES, arrival, "whole frames",
                           "its output ended within a frame of %" PRIu32 " bytes, behind %zu",
                           bytes, arrival->count - RF_FRAME_HEADER_BYTES)
                   : wrong(ask, RF_CHECK_FRAMES, arrival, "at most 134217728 bytes of payload",
                           "a frame that says it has %" PRIu32, bytes);
    }
    struct rf_arrival front = *arrival; /* how much there is behind it is chance */
    front.count = front.count < RF_FRAME_HEADER_BYTES ? front.count : RF_FRAME_HEADER_BYTES;
    return wrong(ask, RF_CHECK_FRAMES, &front, "frames: the letters RF (52 46) are at byte 6",
                 "what is no frame: '%.*s'", (int)front.count, front.bytes);
}

/** A number that is not that of the next answer. */
static bool
judge_number(struct rf_ask *ask, const struct rf_arrival *arrival)
{
    char due[160];
    uint64_t number = arrival->frame.number;
    const char *kind = rf_talk_frame_name(arrival->frame.kind);
    (void)name_next(ask, due, sizeof(due));
    for (size_t i = 0; i < ask->count; i++) {
        const struct rf_question *question = &ask->questions[i];
        if (question->number != number) {
            continue;
        }
        if (question->passed_over) {
            return wrong(ask, RF_CHECK_PASSED, arrival, due,
                         "an answer to #%" PRIu64 " %s, %s: its instance was over", number,
                         rf_talk_frame_name(question->kind), kind);
        }
        return question->answered ? wrong(ask, RF_CHECK_ONCE, arrival, due,
                                          "a second answer to #%" PRIu64 " %s, %s", number,
                                          rf_talk_frame_name(question->kind), kind)
                                  : wrong(ask, RF_CHECK_ORDER, arrival, due,
                                          "the answer to #%" PRIu64 " %s, %s, too early", number,
                                          rf_talk_frame_name(question->kind), kind);
    }
    return wrong(ask, RF_CHECK_NUMBERS, arrival, due,
                 "%s with the number %" PRIu64 ", which no frame has that is answered", kind,
                 number);
}

/* ---- what is in it --------------------------------------------------------------------------- */

static uint32_t
highest_status(uint16_t kind)
{
    switch (kind) {
    case RF_FRAME_EVENTS:
        return RF_SPOKEN_REFUSED;
    case RF_FRAME_END:
        return RF_SPOKEN_OK;
    default:
        return RF_SPOKEN_BROKEN;
    }
}

static bool
has_status(uint16_t kind, uint32_t status)
{
    bool never = (kind == RF_FRAME_BEGIN && (status == 1 || status == 2)) ||
                 (kind == RF_FRAME_STATE && status == RF_SPOKEN_REFUSED) ||
                 (kind == RF_FRAME_COMMAND && status == RF_SPOKEN_NONFINITE);
    return status <= highest_status(kind) && !never;
}

/** Bytes in front of the text: status, receipt, applied; status and count; count. */
static size_t
front_bytes(uint16_t kind)
{
    switch (kind) {
    case RF_FRAME_HELLO:
        return 0;
    case RF_FRAME_BEGIN:
    case RF_FRAME_IDENTIFY:
        return 4;
    case RF_FRAME_COMMAND:
        return 8;
    default:
        return 16;
    }
}

static bool
read_front(struct rf_ask *ask, const struct rf_arrival *arrival, struct rf_question *question)
{
    const char *at = arrival->payload;
    size_t front = front_bytes(question->kind);
    struct rf_answer *answer = &question->answer;
    if (arrival->frame.bytes < front) {
        return wrong(ask, RF_CHECK_KINDS, arrival, "a payload with all that this kind has",
                     "%s with a payload of %" PRIu32 " bytes, not %zu or more",
                     rf_talk_frame_name(arrival->frame.kind), arrival->frame.bytes, front);
    }
    if (question->kind == RF_FRAME_IDENTIFY) {
        answer->count = rf_get_u32(at);
    } else if (front > 0) {
        answer->status = rf_get_u32(at);
    }
    if (question->kind == RF_FRAME_COMMAND) {
        answer->count = rf_get_u32(at + 4);
    } else if (front == 16) {
        answer->receipt = rf_get_u32(at + 4);
        answer->applied = rf_get_le64((const unsigned char *)at + 8);
    }
    rf_buf_add(&answer->text, at + front, arrival->frame.bytes - front);
    if (!has_status(question->kind, answer->status)) {
        return wrong(ask, RF_CHECK_KINDS, arrival, "a status that this kind has",
                     "%s with the status %" PRIu32, rf_talk_frame_name(arrival->frame.kind),
                     answer->status);
    }
    return true;
}

/** APPLIED: how many it applied, and which. */
static bool
judge_applied(struct rf_ask *ask, const struct rf_arrival *arrival,
              const struct rf_question *question)
{
    char expected[200];
    const struct rf_answer *answer = &question->answer;
    uint64_t first = question->events;
    uint64_t end = first + question->count;
    bool refused = answer->status == RF_SPOKEN_REFUSED;
    if (refused ? answer->applied < first || answer->applied >= end : answer->applied != end) {
        (void)snprintf(expected, sizeof(expected),
                       refused ? "applied from %" PRIu64 " to %" PRIu64
                                 ", for one of these %" PRIu32 " events was refused"
                               : "applied %" PRIu64 "; it was %" PRIu64 " before these %" PRIu32
                                 " events",
                       refused ? first : end, refused ? end - 1 : first, question->count);
        return wrong(ask, RF_CHECK_APPLIED, arrival, expected, "applied %" PRIu64, answer->applied);
    }
    uint32_t receipt = ask->receipts[question->receipts + (size_t)(answer->applied - first)];
    if (answer->receipt != receipt) {
        (void)snprintf(expected, sizeof(expected),
                       "receipt %08" PRIx32 ", the CRC-32C of the first %" PRIu64
                       " records since BEGIN",
                       receipt, answer->applied);
        return wrong(ask, RF_CHECK_RECEIPT, arrival, expected, "receipt %08" PRIx32,
                     answer->receipt);
    }
    ask->applied = answer->applied;
    ask->applied_receipt = receipt;
    return true;
}

/** STATE and ENDED tell what APPLIED told last. */
static bool
judge_same(struct rf_ask *ask, const struct rf_arrival *arrival, const struct rf_question *question)
{
    char expected[100];
    const struct rf_answer *answer = &question->answer;
    const char *kind = rf_talk_frame_name(arrival->frame.kind);
    if (answer->applied != ask->applied) {
        (void)snprintf(expected, sizeof(expected), "applied %" PRIu64 ", as of the events before",
                       ask->applied);
        return wrong(ask, RF_CHECK_APPLIED, arrival, expected, "%s with applied %" PRIu64, kind,
                     answer->applied);
    }
    if (answer->receipt != ask->applied_receipt) {
        (void)snprintf(expected, sizeof(expected), "receipt %08" PRIx32 ", as of the events before",
                       ask->applied_receipt);
        return wrong(ask, RF_CHECK_RECEIPT, arrival, expected, "%s with receipt %08" PRIx32, kind,
                     answer->receipt);
    }
    return true;
}

static bool
judge_text(struct rf_ask *ask, const struct rf_arrival *arrival, const struct rf_buf *text)
{
    size_t valid = rf_utf8_valid(text->bytes, text->used);
    return valid == text->used || wrong(ask, RF_CHECK_TEXT, arrival, "text in UTF-8",
                                        "%s whose text is none from its byte %zu on: '%.*s'",
                                        rf_talk_frame_name(arrival->frame.kind), valid,
                                        (int)quoted(text->used), text->bytes);
}

static bool
judge_state(struct rf_ask *ask, const struct rf_arrival *arrival, struct rf_question *question)
{
    struct rf_err err;
    struct rf_answer *answer = &question->answer;
    struct rf_buf canonical = {0};
    if (answer->status == RF_SPOKEN_NONFINITE) {
        return answer->text.used == 0 || answer->text.bytes[0] == '/' ||
               wrong(ask, RF_CHECK_STATE, arrival, "a JSON pointer to what is not finite, or none",
                     "'%.*s'", (int)quoted(answer->text.used), answer->text.bytes);
    }
    if (answer->status != RF_SPOKEN_OK) {
        return true;
    }
    if (answer->text.used > RF_LIMIT_STATE_BYTES) {
        return wrong(ask, RF_CHECK_STATE, arrival, "a state of at most 64 MiB", "one of %zu bytes",
                     answer->text.used);
    }
    if (rf_json_read_whole(&ask->json, answer->text.bytes, answer->text.used, &err) != RF_OK ||
        rf_json_canonical(&ask->json, 0, false, &canonical, &err) != RF_OK) {
        rf_buf_done(&canonical);
        return wrong(ask, RF_CHECK_STATE, arrival, "a state in JSON", "none: %s: '%.*s'", err.text,
                     (int)quoted(answer->text.used), answer->text.bytes);
    }
    rf_buf_done(&answer->text);
    answer->text = canonical;
    return true;
}

/** A list of `count` items: lengths, then their bytes. */
static bool
judge_list(struct rf_ask *ask, const struct rf_arrival *arrival, const struct rf_question *question,
           size_t lengths)
{
    const struct rf_buf *text = &question->answer.text;
    size_t at = 0;
    for (uint32_t i = 0; i < question->answer.count; i++) {
        uint64_t bytes = 0;
        for (size_t k = 0; k < lengths && text->used - at >= 4 * (k + 1); k++) {
            bytes += rf_get_u32(text->bytes + at + 4 * k);
        }
        if (text->used - at < 4 * lengths || text->used - at - 4 * lengths < bytes) {
            return wrong(ask, RF_CHECK_KINDS, arrival, "a payload with all that it counts",
                         "%s that ends within item %" PRIu32 " of %" PRIu32,
                         rf_talk_frame_name(arrival->frame.kind), i, question->answer.count);
        }
        at += 4 * lengths + (size_t)bytes;
    }
    return at == text->used || wrong(ask, RF_CHECK_KINDS, arrival, "nothing behind what it counts",
                                     "%s with %zu bytes more",
                                     rf_talk_frame_name(arrival->frame.kind), text->used - at);
}

static bool
judge_handled(struct rf_ask *ask, const struct rf_arrival *arrival,
              const struct rf_question *question)
{
    const struct rf_answer *answer = &question->answer;
    if (answer->status == RF_SPOKEN_OK) {
        return judge_list(ask, arrival, question, 2);
    }
    return answer->count == 0
               ? judge_text(ask, arrival, &answer->text)
               : wrong(ask, RF_CHECK_KINDS, arrival, "a count of 0 in front of the reason",
                       "HANDLED with the status %" PRIu32 " and a count of %" PRIu32,
                       answer->status, answer->count);
}

static bool
judge_identified(struct rf_ask *ask, const struct rf_arrival *arrival,
                 const struct rf_question *question)
{
    char expected[60];
    if (question->answer.count != question->count) {
        (void)snprintf(expected, sizeof(expected), "%" PRIu32 " answers, one for each payload",
                       question->count);
        return wrong(ask, RF_CHECK_KINDS, arrival, expected, "IDENTIFIED with %" PRIu32,
                     question->answer.count);
    }
    return judge_list(ask, arrival, question, 1);
}

static bool
judge_ended(struct rf_ask *ask, const struct rf_arrival *arrival,
            const struct rf_question *question)
{
    return question->answer.text.used == 0
               ? judge_same(ask, arrival, question)
               : wrong(ask, RF_CHECK_KINDS, arrival, "ENDED of 16 bytes", "one with %zu bytes more",
                       question->answer.text.used);
}

static bool
judge_content(struct rf_ask *ask, const struct rf_arrival *arrival, struct rf_question *question)
{
    const struct rf_buf *text = &question->answer.text;
    switch (question->kind) {
    case RF_FRAME_EVENTS:
        return judge_applied(ask, arrival, question) && judge_text(ask, arrival, text);
    case RF_FRAME_STATE:
        return judge_same(ask, arrival, question) && judge_text(ask, arrival, text) &&
               judge_state(ask, arrival, question);
    case RF_FRAME_END:
        return judge_ended(ask, arrival, question);
    case RF_FRAME_COMMAND:
        return judge_handled(ask, arrival, question);
    case RF_FRAME_IDENTIFY:
        return judge_identified(ask, arrival, question);
    default:
        return judge_text(ask, arrival, text);
    }
}

/** Behind such an answer an instance is over: what was sent of it is passed over, but for END. */
static void
note_over(struct rf_ask *ask, const struct rf_question *question)
{
    uint32_t status = question->answer.status;
    bool over = (question->kind == RF_FRAME_EVENTS && status == RF_SPOKEN_REFUSED) ||
                (question->kind == RF_FRAME_BEGIN && status == RF_SPOKEN_BROKEN) ||
                (question->kind == RF_FRAME_COMMAND && status == RF_SPOKEN_BROKEN);
    if (!over) {
        return;
    }
    ask->over = true;
    ask->over_instance = question->instance;
    for (size_t i = ask->front; i < ask->count && ask->questions[i].instance == question->instance;
         i++) {
        ask->questions[i].passed_over =
            !ask->questions[i].answered && ask->questions[i].kind != RF_FRAME_END;
    }
}

bool
rf_judge_frame(struct rf_ask *ask, const struct rf_arrival *arrival)
{
    char due[160];
    char what[64];
    struct rf_question *question = next_question(ask);
    (void)name_next(ask, due, sizeof(due));
    if (arrival->frame.kind == RF_FRAME_CRASHED) {
        return wrong(ask, RF_CHECK_ALIVE, arrival, due, "it says that it crashed: %.*s",
                     (int)quoted(arrival->frame.bytes), arrival->payload);
    }
    if (arrival->frame.kind < RF_FRAME_ANSWER + RF_FRAME_HELLO ||
        arrival->frame.kind > RF_FRAME_ANSWER + RF_FRAME_IDENTIFY ||
        arrival->frame.kind == RF_FRAME_ANSWER + RF_FRAME_TYPE) {
        return wrong(ask, RF_CHECK_FRAMES, arrival, due, "a frame of the unknown kind %u",
                     (unsigned)arrival->frame.kind);
    }
    if (question == NULL || arrival->frame.number != question->number) {
        return judge_number(ask, arrival);
    }
    if (arrival->frame.kind != question->kind + RF_FRAME_ANSWER) {
        return wrong(ask, RF_CHECK_KINDS, arrival, due, "%s in answer to %s",
                     rf_talk_frame_name(arrival->frame.kind),
                     name_question(question, what, sizeof(what)));
    }
    if (question->instance != ask->answered_instance) {
        ask->answered_instance = question->instance;
        ask->applied = 0;
        ask->applied_receipt = 0;
    }
    question->answered = true;
    if (!read_front(ask, arrival, question) || !judge_content(ask, arrival, question)) {
        return false;
    }
    note_over(ask, question);
    return true;
}

/* ---- no frame -------------------------------------------------------------------------------- */

/** How it ended, with its last words. */
static const char *
describe_end(struct rf_ask *ask, char *text, size_t room)
{
    int status = 0;
    char words[RF_WORDS_BYTES + 8];
    if (!rf_wire_await_end(&ask->wire, ask->kit->patience_ms, &status)) {
        (void)snprintf(text, room, "closed its standard output, and did not end");
        rf_kit_lose_patience(ask->kit);
        return text;
    }
    char how[120];
    rf_worker_describe(status, how, sizeof(how));
    rf_wire_words(&ask->wire, words, sizeof(words));
    (void)snprintf(text, room, "it ended: %s%s%s", how, words[0] == '\0' ? "" : ": ", words);
    return text;
}

/** Where a HELLO was answered well before, something is special about this one. */
static enum rf_check_id
hello_culprit(const struct rf_ask *ask)
{
    return ask->kit->described.member_count == 0 ? RF_CHECK_HELLO : ask->kit->check;
}

/** Whether refold-worker ended itself, before it became the program or loaded the object. */
static bool
never_began(const struct rf_ask *ask, const char *end)
{
    static const char front[] = "it ended: exit status 3: refold-worker: ";
    return ask->kit->described.member_count == 0 && strncmp(end, front, sizeof(front) - 1) == 0;
}

bool
rf_judge_closed(struct rf_ask *ask)
{
    char due[160];
    char end[RF_END_BYTES];
    (void)name_next(ask, due, sizeof(due));
    if (next_question(ask) == NULL) {
        (void)snprintf(due, sizeof(due), "that it waits for more input");
    }
    bool greeted = ask->count > 1 || ask->questions[0].answered;
    (void)describe_end(ask, end, sizeof(end));
    if (never_began(ask, end)) {
        (void)rf_fail(&ask->kit->error, RF_ERR_USAGE, "refold-worker", "%s%s",
                      strstr(end, "refold-worker: ") + strlen("refold-worker: "),
                      rf_loadable_advice(ask->kit->request->file));
        ask->broken = true;
        return false;
    }
    return wrong(ask, greeted ? RF_CHECK_ALIVE : hello_culprit(ask), NULL, due, "%s", end);
}

static enum rf_check_id
late_culprit(const struct rf_ask *ask, const struct rf_question *question, size_t unread,
             size_t part, const struct rf_arrival *arrival)
{
    /* It may have been in time with each, and reads: it is all of it that is too slow. */
    if (rf_wire_is_over(&ask->wire)) {
        return RF_CHECK_ANSWERS;
    }
    if (unread > 0 && part == 0) {
        return RF_CHECK_READS;
    }
    if (question == NULL) {
        return RF_CHECK_ANSWERS;
    }
    if (arrival != NULL && arrival->frame.number == question->number) {
        return RF_CHECK_FLUSH;
    }
    return question->kind == RF_FRAME_HELLO ? hello_culprit(ask)
           : question->kind == RF_FRAME_END ? RF_CHECK_ENDED
                                            : RF_CHECK_ANSWERS;
}

bool
rf_judge_late(struct rf_ask *ask, size_t unread, size_t part, const struct rf_arrival *arrival)
{
    char due[160];
    int waited = ask->kit->patience_ms;
    enum rf_check_id culprit = late_culprit(ask, next_question(ask), unread, part, arrival);
    (void)name_next(ask, due, sizeof(due));
    rf_kit_lose_patience(ask->kit);
    ask->kit->lates++;
    ask->kit->late = culprit;
    if (rf_wire_is_over(&ask->wire)) {
        return wrong(ask, culprit, NULL, due, "not yet, when the check had taken its time in all");
    }
    if (part > 0) {
        return wrong(ask, culprit, NULL, due, "%zu bytes of it within %d ms, and not the rest",
                     part, waited);
    }
    if (culprit == RF_CHECK_READS) {
        return wrong(ask, culprit, NULL, due,
                     "nothing within %d ms, while %zu bytes of its input lie there unread", waited,
                     unread);
    }
    return culprit == RF_CHECK_FLUSH
               ? wrong(ask, culprit, arrival, due,
                       "nothing within %d ms; it came once the input had ended", waited)
               : wrong(ask, culprit, NULL, due, "nothing within %d ms", waited);
}

bool
rf_judge_end(struct rf_ask *ask)
{
    int status = 0;
    char text[120];
    struct rf_arrival arrival;
    while (rf_wire_next(&ask->wire, ask->kit->patience_ms, &arrival) == RF_WIRE_FRAME) {
        if (!rf_judge_frame(ask, &arrival)) {
            return false;
        }
    }
    if (arrival.count > 0) {
        return rf_judge_garbled(ask, &arrival);
    }
    if (!rf_wire_await_end(&ask->wire, ask->kit->patience_ms, &status)) {
        rf_kit_lose_patience(ask->kit);
        return wrong(ask, RF_CHECK_QUIET_END, NULL, "that it ends: its input has ended",
                     "it goes on");
    }
    if (status == 0) {
        return true;
    }
    char words[RF_WORDS_BYTES + 8];
    rf_worker_describe(status, text, sizeof(text));
    rf_wire_words(&ask->wire, words, sizeof(words));
    return wrong(ask, RF_CHECK_QUIET_END, NULL, "exit status 0: its input ended between two frames",
                 "%s%s%s", text, words[0] == '\0' ? "" : ": ", words);
}
