/* SPDX-License-Identifier: MIT */
/* Good traffic: frames to a speaker. Its answers are judged in judge.c. */
#include "check/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "check/judge.h"

/** What is left to a speaker that did not answer, once its input has ended. */
#define LAST_CALL_MS 1000

/* ---- its beginning and end ------------------------------------------------------------------- */

bool
rf_ask_start(struct rf_kit *kit, struct rf_ask *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->kit = kit;
    if (rf_wire_open(kit->worker, kit->request->file, kit->request->is_program, &ret->wire,
                     &kit->error) != RF_OK) {
        ret->broken = true;
    }
    ret->wire.until_ms = kit->until_ms;
    ret->wire.stop = kit->request->stop;
    return !ret->broken;
}

bool
rf_ask_begin(struct rf_kit *kit, struct rf_ask *ret)
{
    return rf_ask_start(kit, ret) && rf_ask_await(ret, rf_ask_hello(ret, RF_KIT_HELLO)) != NULL;
}

bool
rf_ask_done(struct rf_ask *ask, bool good)
{
    bool whole = good && !ask->broken;
    for (size_t i = 0; i < ask->count; i++) {
        rf_buf_done(&ask->questions[i].answer.text);
    }
    free(ask->questions);
    free(ask->receipts);
    rf_json_done(&ask->json);
    rf_wire_close(&ask->wire);
    return whole;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static uint64_t
open_frame(struct rf_ask *ask, uint16_t kind)
{
    ask->frame = rf_talk_frame_open(&ask->wire.out, kind, ++ask->number);
    return ask->number;
}

/** It is to be answered. */
static struct rf_question *
note_question(struct rf_ask *ask, uint16_t kind, uint32_t count)
{
    RF_GROW(ask->questions, ask->room, ask->count + 1);
    struct rf_question *question = &ask->questions[ask->count++];
    *question = (struct rf_question){
        .number = ask->number,
        .kind = kind,
        .instance = kind == RF_FRAME_HELLO || kind == RF_FRAME_IDENTIFY ? 0 : ask->instance,
        .count = count,
    };
    question->passed_over = ask->over && question->instance == ask->over_instance &&
                            kind != RF_FRAME_END && kind != RF_FRAME_BEGIN;
    return question;
}

static void
note_receipt(struct rf_ask *ask)
{
    RF_GROW(ask->receipts, ask->receipt_room, ask->receipt_count + 1);
    ask->receipts[ask->receipt_count++] = ask->receipt;
}

uint64_t
rf_ask_frame(struct rf_ask *ask, uint16_t kind, const void *payload, size_t bytes)
{
    uint64_t number = open_frame(ask, kind);
    rf_buf_add(&ask->wire.out, payload, bytes);
    rf_talk_frame_close(&ask->wire.out, ask->frame);
    return number;
}

uint64_t
rf_ask_hello(struct rf_ask *ask, const char *json)
{
    uint64_t number = rf_ask_frame(ask, RF_FRAME_HELLO, json, strlen(json));
    (void)note_question(ask, RF_FRAME_HELLO, 0);
    return number;
}

uint32_t
rf_ask_type(struct rf_ask *ask, const char *name, size_t bytes)
{
    (void)open_frame(ask, RF_FRAME_TYPE);
    rf_put_u32(&ask->wire.out, ask->type_count);
    rf_buf_add(&ask->wire.out, name, bytes);
    rf_talk_frame_close(&ask->wire.out, ask->frame);
    return ask->type_count++;
}

uint64_t
rf_ask_begin_instance(struct rf_ask *ask, uint32_t aggregate, const char *name, size_t name_bytes,
                      const char *id, size_t id_bytes, const struct rf_buf *snapshot)
{
    struct rf_buf *out = &ask->wire.out;
    uint64_t number = open_frame(ask, RF_FRAME_BEGIN);
    rf_put_u32(out, aggregate);
    rf_put_u32(out, snapshot == NULL ? 0 : RF_BEGIN_SNAPSHOT);
    rf_put_u32(out, (uint32_t)name_bytes);
    rf_put_u32(out, (uint32_t)id_bytes);
    rf_buf_add(out, name, name_bytes);
    rf_buf_add(out, id, id_bytes);
    if (snapshot != NULL) {
        rf_buf_add(out, snapshot->bytes, snapshot->used);
    }
    rf_talk_frame_close(out, ask->frame);
    ask->instance = ++ask->instances;
    ask->events = 0;
    ask->receipt = 0;
    if (snapshot != NULL) {
        (void)note_question(ask, RF_FRAME_BEGIN, 0);
    }
    return number;
}

void
rf_ask_open_events(struct rf_ask *ask)
{
    (void)open_frame(ask, RF_FRAME_EVENTS);
    rf_put_u32(&ask->wire.out, 0);
    struct rf_question *question = note_question(ask, RF_FRAME_EVENTS, 0);
    question->events = ask->events;
    question->receipts = ask->receipt_count;
    note_receipt(ask);
}

static void
put_record(struct rf_ask *ask, const struct rf_talk_record *record, const char *data, size_t bytes)
{
    size_t place = rf_talk_record_open(&ask->wire.out, record);
    rf_buf_add(&ask->wire.out, data, bytes);
    rf_talk_record_close(&ask->wire.out, place);
    ask->record = place;
}

void
rf_ask_event(struct rf_ask *ask, const struct rf_talk_record *record, const char *data,
             size_t bytes)
{
    put_record(ask, record, data, bytes);
    ask->receipt = rf_crc32c_add(ask->receipt, ask->wire.out.bytes + ask->record,
                                 ask->wire.out.used - ask->record);
    ask->events++;
    ask->questions[ask->count - 1].count++;
    note_receipt(ask);
}

uint64_t
rf_ask_close_events(struct rf_ask *ask)
{
    struct rf_buf count = {0};
    rf_put_u32(&count, ask->questions[ask->count - 1].count);
    memcpy(ask->wire.out.bytes + ask->frame + RF_FRAME_HEADER_BYTES, count.bytes, count.used);
    rf_buf_done(&count);
    rf_talk_frame_close(&ask->wire.out, ask->frame);
    return ask->number;
}

uint64_t
rf_ask_state(struct rf_ask *ask)
{
    uint64_t number = rf_ask_frame(ask, RF_FRAME_STATE, NULL, 0);
    (void)note_question(ask, RF_FRAME_STATE, 0);
    return number;
}

uint64_t
rf_ask_end_instance(struct rf_ask *ask)
{
    uint64_t number = rf_ask_frame(ask, RF_FRAME_END, NULL, 0);
    (void)note_question(ask, RF_FRAME_END, 0);
    return number;
}

uint64_t
rf_ask_command(struct rf_ask *ask, const struct rf_talk_record *record, const char *data,
               size_t bytes)
{
    uint64_t number = open_frame(ask, RF_FRAME_COMMAND);
    put_record(ask, record, data, bytes);
    rf_talk_frame_close(&ask->wire.out, ask->frame);
    (void)note_question(ask, RF_FRAME_COMMAND, 0);
    return number;
}

uint64_t
rf_ask_identify(struct rf_ask *ask, uint32_t aggregate, const struct rf_buf *payloads, size_t count)
{
    struct rf_buf *out = &ask->wire.out;
    uint64_t number = open_frame(ask, RF_FRAME_IDENTIFY);
    rf_put_u32(out, aggregate);
    rf_put_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        rf_put_u32(out, (uint32_t)payloads[i].used);
        rf_buf_add(out, payloads[i].bytes, payloads[i].used);
    }
    rf_talk_frame_close(out, ask->frame);
    (void)note_question(ask, RF_FRAME_IDENTIFY, (uint32_t)count);
    return number;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static struct rf_question *
find_question(struct rf_ask *ask, uint64_t number)
{
    size_t low = 0;
    size_t high = ask->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ask->questions[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    RF_VERIFY(low < ask->count && ask->questions[low].number == number);
    return &ask->questions[low];
}

/** Waits for what comes next, and judges it. False where nothing whole came in time. */
static bool
take_arrival(struct rf_ask *ask, int wait_ms, struct rf_arrival *arrival, bool *ret_good)
{
    switch (rf_wire_next(&ask->wire, wait_ms, arrival)) {
    case RF_WIRE_FRAME:
        *ret_good = rf_judge_frame(ask, arrival);
        return true;
    case RF_WIRE_GARBLED:
        *ret_good = rf_judge_garbled(ask, arrival);
        return true;
    case RF_WIRE_CLOSED:
        *ret_good = rf_judge_closed(ask);
        return true;
    case RF_WIRE_LATE:
        break;
    }
    return false;
}

/** Takes the next frame, and judges it. False where the conversation is broken. */
static bool
take_one(struct rf_ask *ask)
{
    struct rf_arrival arrival;
    bool good;
    if (take_arrival(ask, ask->kit->patience_ms, &arrival, &good)) {
        return good;
    }
    size_t part = arrival.count;
    /* Would it have come with more input? Then it lay there all the time. */
    size_t unread = rf_wire_unread(&ask->wire);
    int last_call_ms = ask->kit->patience_ms < LAST_CALL_MS ? ask->kit->patience_ms : LAST_CALL_MS;
    rf_wire_hang_up(&ask->wire);
    bool came = rf_wire_next(&ask->wire, last_call_ms, &arrival) == RF_WIRE_FRAME;
    return rf_judge_late(ask, unread, part, came ? &arrival : NULL);
}

const struct rf_answer *
rf_ask_await(struct rf_ask *ask, uint64_t number)
{
    struct rf_question *question = ask->broken ? NULL : find_question(ask, number);
    while (!ask->broken && !question->answered && !question->passed_over) {
        (void)take_one(ask);
    }
    if (ask->broken) {
        return NULL;
    }
    question->answer.passed_over = question->passed_over;
    return &question->answer;
}

bool
rf_ask_await_all(struct rf_ask *ask)
{
    for (size_t i = ask->front; i < ask->count && !ask->broken; i++) {
        (void)rf_ask_await(ask, ask->questions[i].number);
    }
    return !ask->broken;
}

bool
rf_ask_quiet(struct rf_ask *ask, int ms)
{
    struct rf_arrival arrival;
    bool good;
    if (ask->broken) {
        return false;
    }
    if (take_arrival(ask, ms, &arrival, &good)) {
        return good;
    }
    return arrival.count == 0 || rf_judge_garbled(ask, &arrival);
}

bool
rf_ask_end(struct rf_ask *ask)
{
    if (!rf_ask_await_all(ask)) {
        return false;
    }
    rf_wire_hang_up(&ask->wire);
    return rf_judge_end(ask);
}
