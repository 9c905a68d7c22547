/* SPDX-License-Identifier: MIT */
/* Answers of a program, held against what was asked. */
#include "program/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/json.h"

/** So much of what is no frame is shown. */
#define SHOWN_BYTES 40

typedef unsigned long long number;

/* ---- what was wrong -------------------------------------------------------------------------- */

static bool __attribute__((format(printf, 2, 3))) lie(struct rf_talk *talk, const char *format, ...)
{
    va_list args;
    char text[400];
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    rf_buf_clear(&talk->words);
    rf_buf_string(&talk->words, text);
    talk->lied = true;
    return false;
}

/** How much of some bytes can be shown as it is: text on one line, SHOWN_BYTES at most. */
static size_t
count_shown(const char *bytes, size_t count)
{
    size_t shown = 0;
    while (shown < count && (unsigned char)bytes[shown] >= ' ' && bytes[shown] != 0x7f) {
        bool cut;
        size_t next = rf_utf8_next(bytes + shown, count - shown, &cut);
        if (next == 0 || shown + next > SHOWN_BYTES) {
            break;
        }
        shown += next;
    }
    return shown;
}

/** What is no frame was most often printed: the front of its first line is shown. */
static bool
lie_printed(struct rf_talk *talk)
{
    const char *bytes = talk->in.bytes + talk->read;
    size_t left = talk->in.used - talk->read;
    size_t shown = count_shown(bytes, left);
    if (shown > 0) {
        bool whole = shown == left || bytes[shown] == '\n';
        return lie(talk, "it wrote \"%.*s%s\" to its standard output, where the protocol is",
                   (int)shown, bytes, whole ? "" : "…");
    }
    char hex[3 * 8 + 1] = "";
    for (size_t i = 0; i < left && i < 8; i++) {
        (void)snprintf(hex + 3 * i, 4, " %02x", (unsigned char)bytes[i]);
    }
    return lie(talk, "it wrote the bytes%s to its standard output, where the protocol is", hex);
}

/* ---- the parts of an answer ------------------------------------------------------------------ */

/** Bytes in front of its text. */
static uint32_t
front_bytes(uint16_t kind)
{
    switch (kind - RF_FRAME_ANSWER) {
    case RF_FRAME_BEGIN:
        return 4;
    case RF_FRAME_EVENTS:
    case RF_FRAME_STATE:
    case RF_FRAME_END:
        return 16;
    case RF_FRAME_COMMAND:
        return 8;
    case RF_FRAME_IDENTIFY:
        return 4;
    default:
        return 0;
    }
}

void
rf_talk_part(const struct rf_talk *talk, const struct rf_came *came, struct rf_spoken *ret)
{
    const char *at = came->bytes == 0 ? "" : talk->in.bytes + came->start;
    uint32_t front = front_bytes(came->kind);
    *ret = (struct rf_spoken){.kind = came->kind, .text = at + front};
    ret->text_bytes = came->bytes - front;
    switch (came->kind - RF_FRAME_ANSWER) {
    case RF_FRAME_BEGIN:
        ret->status = rf_get_u32(at);
        break;
    case RF_FRAME_EVENTS:
    case RF_FRAME_STATE:
    case RF_FRAME_END:
        ret->status = rf_get_u32(at);
        ret->receipt = rf_get_u32(at + 4);
        ret->applied = rf_get_le64((const unsigned char *)at + 8);
        break;
    case RF_FRAME_COMMAND:
        ret->status = rf_get_u32(at);
        ret->count = rf_get_u32(at + 4);
        break;
    case RF_FRAME_IDENTIFY:
        ret->count = rf_get_u32(at);
        break;
    default:
        break;
    }
}

/** Reads one item of a list, whose front is one length, or with `typed` two. False where it does
 * not fit. */
static bool
next_item(const struct rf_spoken *spoken, bool typed, size_t *at, const char **ret_type,
          size_t *ret_type_bytes, const char **ret_data, size_t *ret_data_bytes)
{
    size_t front = typed ? 8 : 4;
    size_t left = spoken->text_bytes - *at;
    const char *item = spoken->text + *at;
    if (left < front) {
        return false;
    }
    *ret_type_bytes = typed ? rf_get_u32(item) : 0;
    *ret_data_bytes = rf_get_u32(item + front - 4);
    if (*ret_type_bytes > left - front || *ret_data_bytes > left - front - *ret_type_bytes) {
        return false;
    }
    *ret_type = item + front;
    *ret_data = item + front + *ret_type_bytes;
    *at += front + *ret_type_bytes + *ret_data_bytes;
    return true;
}

void
rf_spoken_next(const struct rf_spoken *spoken, size_t *at, const char **ret_type,
               size_t *ret_type_bytes, const char **ret_data, size_t *ret_data_bytes)
{
    bool typed = spoken->kind == RF_FRAME_ANSWER + RF_FRAME_COMMAND;
    RF_VERIFY(next_item(spoken, typed, at, ret_type, ret_type_bytes, ret_data, ret_data_bytes));
}

/** Whether the list is `count` items, and nothing behind. */
static bool
is_list(const struct rf_spoken *spoken, bool typed)
{
    const char *type;
    const char *data;
    size_t type_bytes;
    size_t data_bytes;
    size_t at = 0;
    for (uint32_t i = 0; i < spoken->count; i++) {
        if (!next_item(spoken, typed, &at, &type, &type_bytes, &data, &data_bytes)) {
            return false;
        }
    }
    return at == spoken->text_bytes;
}

/* ---- each answer ----------------------------------------------------------------------------- */

static bool
knows_status(uint16_t kind, uint32_t status)
{
    switch (kind) {
    case RF_FRAME_BEGIN:
        return status == RF_SPOKEN_OK || status == RF_SPOKEN_BROKEN;
    case RF_FRAME_EVENTS:
        return status == RF_SPOKEN_OK || status == RF_SPOKEN_REFUSED;
    case RF_FRAME_STATE:
        return status == RF_SPOKEN_OK || status == RF_SPOKEN_NONFINITE ||
               status == RF_SPOKEN_BROKEN;
    case RF_FRAME_COMMAND:
        return status == RF_SPOKEN_OK || status == RF_SPOKEN_REFUSED || status == RF_SPOKEN_BROKEN;
    default:
        return status == RF_SPOKEN_OK;
    }
}

/** Whether the status says all: no text may follow it. */
static bool
says_all(uint16_t kind, uint32_t status)
{
    return kind == RF_FRAME_END ||
           (status == RF_SPOKEN_OK && (kind == RF_FRAME_BEGIN || kind == RF_FRAME_EVENTS));
}

/** The instance is over, but for its END. */
static void
end_instance(struct rf_talk *talk, uint64_t applied, uint32_t receipt)
{
    talk->over = true;
    talk->over_applied = applied;
    talk->over_receipt = receipt;
}

/** What was applied, and the receipt of it. */
static bool
check_course(struct rf_talk *talk, const struct rf_spoken *spoken, uint64_t applied,
             uint32_t receipt)
{
    if (spoken->applied != applied) {
        return lie(talk, "its %s counts %llu events applied, and it is %llu",
                   rf_talk_frame_name(spoken->kind), (number)spoken->applied, (number)applied);
    }
    if (spoken->receipt != receipt) {
        return lie(talk, "the receipt in its %s is %08x, and that of %llu events is %08x",
                   rf_talk_frame_name(spoken->kind), spoken->receipt, (number)applied, receipt);
    }
    return true;
}

static bool
check_applied(struct rf_talk *talk, const struct rf_due *due, const struct rf_spoken *spoken)
{
    uint64_t taken = due->count;
    if (spoken->status == RF_SPOKEN_REFUSED) {
        if (spoken->applied < due->applied || spoken->applied >= due->applied + due->count) {
            return lie(
                talk, "it refused event %llu, and was to apply events %llu to %llu of the instance",
                (number)spoken->applied + 1, (number)due->applied + 1,
                (number)(due->applied + due->count));
        }
        taken = spoken->applied - due->applied;
        uint32_t receipt =
            taken == 0 ? due->receipt : talk->receipts[talk->receipts_front + (size_t)taken - 1];
        end_instance(talk, spoken->applied, receipt);
        return check_course(talk, spoken, spoken->applied, receipt);
    }
    uint32_t receipt =
        taken == 0 ? due->receipt : talk->receipts[talk->receipts_front + (size_t)taken - 1];
    return check_course(talk, spoken, due->applied + taken, receipt);
}

/** An answer that is whole, to what is due. */
static bool
check_answer(struct rf_talk *talk, const struct rf_due *due, const struct rf_spoken *spoken)
{
    if (!knows_status(due->kind, spoken->status)) {
        return lie(talk, "its %s has the status %u, which is none",
                   rf_talk_frame_name(spoken->kind), spoken->status);
    }
    if (spoken->text_bytes > 0 && says_all(due->kind, spoken->status)) {
        return lie(talk, "its %s has %zu bytes too many", rf_talk_frame_name(spoken->kind),
                   spoken->text_bytes);
    }
    switch (due->kind) {
    case RF_FRAME_BEGIN:
        if (spoken->status == RF_SPOKEN_BROKEN) {
            end_instance(talk, 0, 0);
        }
        return true;
    case RF_FRAME_EVENTS:
        return check_applied(talk, due, spoken);
    case RF_FRAME_STATE:
        return check_course(talk, spoken, due->applied, due->receipt);
    case RF_FRAME_END: {
        bool over = talk->over;
        talk->over = false;
        return check_course(talk, spoken, over ? talk->over_applied : due->applied,
                            over ? talk->over_receipt : due->receipt);
    }
    case RF_FRAME_COMMAND:
        if (spoken->status == RF_SPOKEN_BROKEN) {
            end_instance(talk, due->applied, due->receipt);
        }
        if (spoken->status != RF_SPOKEN_OK) {
            return spoken->count == 0 ||
                   lie(talk, "its HANDLED refuses and counts %u events", spoken->count);
        }
        return is_list(spoken, true) ||
               lie(talk, "its HANDLED does not hold the %u events that it counts", spoken->count);
    case RF_FRAME_IDENTIFY:
        if (spoken->count != due->count) {
            return lie(talk, "its IDENTIFIED answers %u payloads, and it was given %u",
                       spoken->count, due->count);
        }
        return is_list(spoken, false) ||
               lie(talk, "its IDENTIFIED does not hold the %u answers that it counts",
                   spoken->count);
    default:
        return true;
    }
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void
drop_due(struct rf_talk *talk)
{
    const struct rf_due *due = &talk->due[talk->due_front++];
    if (due->kind == RF_FRAME_EVENTS) {
        talk->receipts_front += due->count;
    }
}

/** What must be answered next; NULL where nothing is. */
static const struct rf_due *
next_due(struct rf_talk *talk)
{
    while (talk->over && talk->due_front < talk->due_count &&
           talk->due[talk->due_front].kind != RF_FRAME_END) {
        drop_due(talk);
    }
    return talk->due_front < talk->due_count ? &talk->due[talk->due_front] : NULL;
}

static bool
lie_of_kind(struct rf_talk *talk, const struct rf_talk_frame *frame)
{
    return lie(talk, "a frame of kind %u, which is no answer", frame->kind);
}

/** Not the answer that is due. */
static bool
lie_of_number(struct rf_talk *talk, const struct rf_talk_frame *frame, const struct rf_due *due)
{
    const char *name = rf_talk_frame_name(frame->kind);
    if (frame->number == 0 || frame->number > talk->last) {
        return lie(talk, "an answer (%s) to frame %llu, and the last one that was sent is %llu",
                   name, (number)frame->number, (number)talk->last);
    }
    if (due == NULL || frame->number < due->number) {
        return lie(talk, "an answer (%s) to frame %llu, which is answered, or needs no answer",
                   name, (number)frame->number);
    }
    return lie(talk, "an answer (%s) to frame %llu, before that to frame %llu (%s)", name,
               (number)frame->number, (number)due->number, rf_talk_frame_name(due->kind));
}

/** What can be told of a frame by its header. `ret` is not set where it is of a crash. */
static bool
check_header(struct rf_talk *talk, const struct rf_talk_frame *frame, const struct rf_due **ret)
{
    if (frame->bytes > RF_FRAME_PAYLOAD_BYTES) {
        return lie(talk, "a frame of %u bytes, and the longest may have %u", frame->bytes,
                   RF_FRAME_PAYLOAD_BYTES);
    }
    if (frame->kind == RF_FRAME_CRASHED) {
        return true;
    }
    if (frame->kind <= RF_FRAME_ANSWER || frame->kind == RF_FRAME_ANSWER + RF_FRAME_TYPE ||
        frame->kind > RF_FRAME_ANSWER + RF_FRAME_IDENTIFY) {
        return lie_of_kind(talk, frame);
    }
    const struct rf_due *due = next_due(talk);
    if (due == NULL || frame->number != due->number) {
        return lie_of_number(talk, frame, due);
    }
    if (frame->kind != RF_FRAME_ANSWER + due->kind) {
        return lie(talk, "frame %llu (%s) is answered by %s", (number)due->number,
                   rf_talk_frame_name(due->kind), rf_talk_frame_name(frame->kind));
    }
    if (frame->bytes < front_bytes(frame->kind)) {
        return lie(talk, "its %s has %u bytes, and needs %u", rf_talk_frame_name(frame->kind),
                   frame->bytes, front_bytes(frame->kind));
    }
    *ret = due;
    return true;
}

/** A frame that is whole, with its payload behind `start`. */
static bool
take_frame(struct rf_talk *talk, const struct rf_talk_frame *frame, const struct rf_due *due,
           size_t start)
{
    if (frame->kind == RF_FRAME_CRASHED) {
        rf_buf_clear(&talk->words);
        rf_buf_add(&talk->words, talk->in.bytes + start, frame->bytes);
        talk->crashed = true;
        return false;
    }
    struct rf_spoken spoken;
    struct rf_came came = {
        .number = frame->number,
        .start = start,
        .bytes = frame->bytes,
        .kind = frame->kind,
    };
    rf_talk_part(talk, &came, &spoken);
    if (!check_answer(talk, due, &spoken)) {
        return false;
    }
    drop_due(talk);
    RF_GROW(talk->came, talk->came_room, talk->came_count + 1);
    talk->came[talk->came_count++] = came;
    return true;
}

void
rf_talk_take_apart(struct rf_talk *talk)
{
    bool going_on = !talk->lied && !talk->crashed;
    while (going_on) {
        size_t left = talk->in.used - talk->read;
        const char *at = talk->in.bytes + talk->read;
        struct rf_talk_frame frame;
        const struct rf_due *due = NULL;
        /* What is no frame shows as early as that: nobody waits for the rest of a header. */
        if (left >= 8 && rf_get_u32(at + 4) >> 16 != RF_FRAME_LETTERS) {
            (void)lie_printed(talk);
            return;
        }
        if (left >= 4 && left < RF_FRAME_HEADER_BYTES && rf_get_u32(at) > RF_FRAME_PAYLOAD_BYTES) {
            (void)lie_printed(talk);
            return;
        }
        if (left < RF_FRAME_HEADER_BYTES) {
            return;
        }
        (void)rf_talk_frame_read(at, &frame);
        if (!check_header(talk, &frame, &due) || left - RF_FRAME_HEADER_BYTES < frame.bytes) {
            return;
        }
        going_on = take_frame(talk, &frame, due, talk->read + RF_FRAME_HEADER_BYTES);
        talk->read += RF_FRAME_HEADER_BYTES + frame.bytes;
    }
}

void
rf_talk_check_rest(struct rf_talk *talk)
{
    size_t left = talk->in.used - talk->read;
    if (left > 0 && left < 4 && !talk->lied && !talk->crashed) {
        (void)lie_printed(talk);
    }
}
