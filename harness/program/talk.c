/* SPDX-License-Identifier: MIT */
/* One conversation with a program: frames out, answers in. */
#include "program/talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/json.h"
#include "program/check.h"

/** What is read at once; a pipe holds 64 KiB, or a megabyte where that was asked for. */
#define READ_BYTES ((size_t)256 << 10)
/** A buffer with more room than this is given back once it is empty. */
#define KEPT_ROOM ((size_t)4 << 20)

void
rf_talk_done(struct rf_talk *talk)
{
    rf_buf_done(&talk->out);
    rf_buf_done(&talk->in);
    rf_buf_done(&talk->words);
    free(talk->due);
    free(talk->receipts);
    free(talk->came);
    *talk = (struct rf_talk){.to = talk->to, .from = talk->from};
}

/* ---- what is due ----------------------------------------------------------------------------- */

/** Moves a queue, which is an array, to the front of it once most of it is behind. */
static void
settle(void *items, size_t item_bytes, size_t *front, size_t *count)
{
    if (*front >= 64 && *front * 2 >= *count) {
        *count -= *front;
        memmove(items, (char *)items + *front * item_bytes, *count * item_bytes);
        *front = 0;
    }
}

static void
add_due(struct rf_talk *talk, uint16_t kind, uint32_t count)
{
    settle(talk->due, sizeof(*talk->due), &talk->due_front, &talk->due_count);
    RF_GROW(talk->due, talk->due_room, talk->due_count + 1);
    talk->due[talk->due_count++] = (struct rf_due){
        .number = talk->last,
        .applied = talk->applied,
        .receipt = talk->receipt,
        .count = count,
        .kind = kind,
    };
}

static inline void
add_receipt(struct rf_talk *talk, uint32_t receipt)
{
    RF_GROW(talk->receipts, talk->receipts_room, talk->receipts_count + 1);
    talk->receipts[talk->receipts_count++] = receipt;
}

static void
settle_receipts(struct rf_talk *talk)
{
    settle(talk->receipts, sizeof(*talk->receipts), &talk->receipts_front, &talk->receipts_count);
}

/* ---- frames ---------------------------------------------------------------------------------- */

/** Begins a frame behind what is not written yet. Returns its place. */
static size_t
open_frame(struct rf_talk *talk, uint16_t kind)
{
    if (talk->written == talk->out.used || talk->written >= READ_BYTES) {
        talk->out.used -= talk->written;
        if (talk->out.used > 0) {
            memmove(talk->out.bytes, talk->out.bytes + talk->written, talk->out.used);
        }
        talk->written = 0;
    }
    talk->last++;
    return rf_talk_frame_open(&talk->out, kind, talk->last);
}

/** A frame without a payload. */
static uint64_t
ask(struct rf_talk *talk, uint16_t kind)
{
    rf_talk_frame_close(&talk->out, open_frame(talk, kind));
    add_due(talk, kind, 0);
    return talk->last;
}

uint64_t
rf_talk_hello(struct rf_talk *talk, const char *refold_version)
{
    size_t place = open_frame(talk, RF_FRAME_HELLO);
    rf_buf_format(&talk->out, "{\"protocol\":%d,\"refold\":", RF_SPOKEN_PROTOCOL);
    rf_canon_string(&talk->out, refold_version, strlen(refold_version));
    rf_buf_byte(&talk->out, '}');
    rf_talk_frame_close(&talk->out, place);
    add_due(talk, RF_FRAME_HELLO, 0);
    return talk->last;
}

void
rf_talk_type(struct rf_talk *talk, uint32_t number, const char *name, size_t bytes)
{
    size_t place = open_frame(talk, RF_FRAME_TYPE);
    rf_put_u32(&talk->out, number);
    rf_buf_add(&talk->out, name, bytes);
    rf_talk_frame_close(&talk->out, place);
}

uint64_t
rf_talk_begin(struct rf_talk *talk, uint32_t aggregate, const char *name, size_t name_bytes,
              const char *id, size_t id_bytes, const char *snapshot, size_t snapshot_bytes)
{
    size_t place = open_frame(talk, RF_FRAME_BEGIN);
    rf_put_u32(&talk->out, aggregate);
    rf_put_u32(&talk->out, snapshot == NULL ? 0 : RF_BEGIN_SNAPSHOT);
    rf_put_u32(&talk->out, (uint32_t)name_bytes);
    rf_put_u32(&talk->out, (uint32_t)id_bytes);
    rf_buf_add(&talk->out, name, name_bytes);
    rf_buf_add(&talk->out, id, id_bytes);
    if (snapshot != NULL) {
        rf_buf_add(&talk->out, snapshot, snapshot_bytes);
    }
    rf_talk_frame_close(&talk->out, place);
    talk->applied = 0;
    talk->receipt = 0;
    if (snapshot != NULL) {
        add_due(talk, RF_FRAME_BEGIN, 0);
    }
    return talk->last;
}

uint64_t
rf_talk_state(struct rf_talk *talk)
{
    return ask(talk, RF_FRAME_STATE);
}

uint64_t
rf_talk_end(struct rf_talk *talk)
{
    return ask(talk, RF_FRAME_END);
}

/** The open frame's kind. */
static uint16_t
open_kind(const struct rf_talk *talk)
{
    return (uint16_t)rf_get_u32(talk->out.bytes + talk->frame + 4);
}

void
rf_talk_open(struct rf_talk *talk, uint16_t kind)
{
    talk->frame = open_frame(talk, kind);
    talk->records = 0;
    talk->counts = kind == RF_FRAME_EVENTS;
    if (talk->counts) {
        settle_receipts(talk);
        add_due(talk, kind, 0);
        rf_put_u32(&talk->out, 0);
    }
}

void
rf_talk_open_record(struct rf_talk *talk, const struct rf_talk_record *record)
{
    talk->record = rf_talk_record_open(&talk->out, record);
}

void
rf_talk_close_record(struct rf_talk *talk)
{
    rf_talk_record_close(&talk->out, talk->record);
    talk->records++;
    if (talk->counts) {
        const char *record = talk->out.bytes + talk->record;
        talk->receipt = rf_crc32c_add(talk->receipt, record, talk->out.used - talk->record);
        talk->applied++;
        add_receipt(talk, talk->receipt);
    }
}

/** Sets the count in front of what is listed. */
static void
set_count(struct rf_talk *talk, size_t place)
{
    for (int i = 0; i < 4; i++) {
        talk->out.bytes[place + (size_t)i] = (char)(talk->records >> (8 * i));
    }
    talk->due[talk->due_count - 1].count = talk->records;
}

uint64_t
rf_talk_close(struct rf_talk *talk)
{
    uint16_t kind = open_kind(talk);
    if (kind == RF_FRAME_COMMAND) {
        add_due(talk, kind, 0);
    } else {
        size_t front = RF_FRAME_HEADER_BYTES + (kind == RF_FRAME_IDENTIFY ? 4 : 0);
        set_count(talk, talk->frame + front);
    }
    rf_talk_frame_close(&talk->out, talk->frame);
    return talk->last;
}

void
rf_talk_open_identify(struct rf_talk *talk, uint32_t aggregate)
{
    talk->frame = open_frame(talk, RF_FRAME_IDENTIFY);
    talk->records = 0;
    add_due(talk, RF_FRAME_IDENTIFY, 0);
    rf_put_u32(&talk->out, aggregate);
    rf_put_u32(&talk->out, 0);
}

void
rf_talk_payload(struct rf_talk *talk, const void *bytes, size_t count)
{
    rf_put_u32(&talk->out, (uint32_t)count);
    rf_buf_add(&talk->out, bytes, count);
    talk->records++;
}

/* ---- writing and reading --------------------------------------------------------------------- */

/** Returns whether anything was. */
static bool
write_some(struct rf_talk *talk)
{
    ssize_t got = write(talk->to, talk->out.bytes + talk->written, rf_talk_unwritten(talk));
    if (got > 0) {
        talk->written += (size_t)got;
        if (rf_talk_unwritten(talk) == 0 && talk->out.room > KEPT_ROOM) {
            rf_buf_done(&talk->out);
            talk->written = 0;
        }
        return true;
    }
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
        talk->refuses = true; /* what it said before is still there to be read */
    }
    return false;
}

/** Forgets what is taken from the front of `in`. */
static void
drop_taken(struct rf_talk *talk)
{
    while (talk->came_front < talk->came_count && talk->came[talk->came_front].taken) {
        talk->came_front++;
    }
    bool none = talk->came_front == talk->came_count;
    size_t start = none ? talk->read : talk->came[talk->came_front].start;
    settle(talk->came, sizeof(*talk->came), &talk->came_front, &talk->came_count);
    if (start == talk->in.used && talk->in.room > KEPT_ROOM) {
        rf_buf_done(&talk->in);
    } else if (start < talk->in.used && (start < READ_BYTES || start * 2 < talk->in.used)) {
        return;
    } else if (start > 0) {
        memmove(talk->in.bytes, talk->in.bytes + start, talk->in.used - start);
        talk->in.used -= start;
    }
    talk->read -= start;
    for (size_t i = talk->came_front; i < talk->came_count; i++) {
        talk->came[i].start -= start;
    }
}

/** Returns whether anything was, its end included. */
static bool
read_some(struct rf_talk *talk)
{
    drop_taken(talk);
    rf_buf_reserve(&talk->in, READ_BYTES);
    ssize_t got = read(talk->from, talk->in.bytes + talk->in.used, READ_BYTES);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (got > 0) {
        talk->in.used += (size_t)got;
        rf_talk_take_apart(talk);
    } else {
        talk->closed = true;
        rf_talk_check_rest(talk);
    }
    return true;
}

/** Waits for something to do, and does it. False where nothing came of it in time. */
static bool
exchange(struct rf_talk *talk, int timeout_ms)
{
    bool writes = rf_talk_unwritten(talk) > 0 && !talk->refuses;
    struct pollfd ends[] = {
        {talk->from, POLLIN, 0},
        {talk->to, POLLOUT, 0},
    };
    size_t count = writes ? 2 : 1;
    int got = talk->poll != NULL ? talk->poll(talk->poll_context, ends, count, timeout_ms)
                                 : poll(ends, count, timeout_ms);
    if (got < 0 && errno == EINTR) {
        return true;
    }
    bool done = false;
    if (got > 0 && writes && ends[1].revents != 0) {
        done = write_some(talk);
    }
    if (got > 0 && ends[0].revents != 0) {
        done = read_some(talk) || done;
    }
    return done || got > 0;
}

void
rf_talk_push(struct rf_talk *talk)
{
    if (rf_talk_unwritten(talk) > 0 && !talk->refuses) {
        (void)write_some(talk);
    }
}

bool
rf_talk_write(struct rf_talk *talk, size_t most_bytes, int timeout_ms)
{
    while (rf_talk_unwritten(talk) > most_bytes) {
        if (talk->refuses || talk->closed || talk->lied || talk->crashed ||
            talk->in.used > RF_TALK_KEPT_BYTES || !exchange(talk, timeout_ms)) {
            return false;
        }
    }
    return true;
}

/* ---- answers --------------------------------------------------------------------------------- */

/** The answer to `number` that came and is not taken; or NULL. */
static struct rf_came *
find_came(const struct rf_talk *talk, uint64_t number)
{
    size_t low = talk->came_front;
    size_t high = talk->came_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (talk->came[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < talk->came_count && talk->came[low].number == number ? &talk->came[low] : NULL;
}

enum rf_talk_end
rf_talk_standing(const struct rf_talk *talk)
{
    if (talk->lied) {
        return RF_TALK_LIED;
    }
    if (talk->crashed) {
        return RF_TALK_CRASHED;
    }
    return talk->closed ? RF_TALK_ENDED : RF_TALK_ANSWERED;
}

enum rf_talk_end
rf_talk_look(struct rf_talk *talk)
{
    while (rf_talk_standing(talk) == RF_TALK_ANSWERED && read_some(talk)) {
    }
    return rf_talk_standing(talk);
}

enum rf_talk_end
rf_talk_await(struct rf_talk *talk, uint64_t number, int timeout_ms, struct rf_spoken *ret)
{
    for (;;) {
        struct rf_came *came = find_came(talk, number);
        if (came != NULL) {
            came->taken = true;
            rf_talk_part(talk, came, ret);
            return RF_TALK_ANSWERED;
        }
        enum rf_talk_end standing = rf_talk_standing(talk);
        if (standing != RF_TALK_ANSWERED) {
            return standing;
        }
        if (talk->in.used > RF_TALK_KEPT_BYTES) {
            return RF_TALK_FULL;
        }
        if (!exchange(talk, timeout_ms)) {
            return RF_TALK_LATE;
        }
    }
}

const char *
rf_talk_words(struct rf_talk *talk, size_t *ret_bytes)
{
    *ret_bytes = talk->words.used;
    return talk->words.used == 0 ? "" : talk->words.bytes;
}
