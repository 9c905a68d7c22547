/* SPDX-License-Identifier: MIT */
/* What a worker says of its batch, taken out of its answer file and checked. */
#include "host/replies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/limits.h"

void
rf_replies_done(struct rf_replies *replies)
{
    rf_buf_done(&replies->stream);
    free(replies->expected);
}

void
rf_replies_begin(struct rf_replies *replies, const unsigned char *requests, size_t bytes,
                 uint64_t instances)
{
    const unsigned char *at = requests;
    const unsigned char *end = requests + bytes;
    RF_GROW(replies->expected, replies->expected_room, instances);
    replies->expected_count = (size_t)instances;
    for (size_t i = 0; i < instances; i++) {
        struct rf_request request;
        RF_VERIFY((size_t)(end - at) >= sizeof(request));
        memcpy(&request, at, sizeof(request));
        RF_VERIFY(request.bytes >= sizeof(request) && request.bytes <= (size_t)(end - at));
        RF_VERIFY(request.snapshot_after <= request.count);
        replies->expected[i] =
            (struct rf_expected){request.count, request.snapshot_after, request.flags};
        at += request.bytes;
    }
    replies->instance = 0;
    replies->has_state = false;
    replies->broken = false;
    replies->has_trace = false;
    replies->trail_hashes = 0;
    replies->has_calls = false;
    replies->stepped = false;
    replies->rebuilding = false;
}

/* ---- answers --------------------------------------------------------------------------------- */

/** Whether the end of an instance fits what came of it. NULL, or what is wrong with it. */
static const char *
check_end(const struct rf_replies *replies, const struct rf_answer *answer,
          const struct rf_expected *expected)
{
    if (answer->status == RF_STATUS_BROKEN) { /* what its STATE has said: nothing was applied */
        return (expected->flags & RF_REQUEST_FROM) != 0 && answer->applied == 0 &&
                       replies->broken && replies->state_applied == 0
                   ? NULL
                   : "is a broken end of a sound start";
    }
    if ((expected->flags & RF_REQUEST_TRAIL) != 0 && replies->trail_hashes != answer->applied + 1) {
        return "is an end with a part of its trail missing";
    }
    if (!replies->has_state) {
        return "is an end without a state";
    }
    if (answer->status == RF_STATUS_OK) {
        return answer->applied == expected->count &&
                       replies->state_applied == expected->snapshot_after
                   ? NULL
                   : "is an end with too few events";
    }
    if (answer->status != RF_STATUS_REJECTED || answer->applied >= expected->count) {
        return "is an end of no known status";
    }
    /* The state is at the pin, or before the refused event where that comes first. */
    return replies->state_applied == (answer->applied < expected->snapshot_after
                                          ? answer->applied
                                          : expected->snapshot_after)
               ? NULL
               : "is an end that does not fit its state";
}

/** Whether the answer is one that may come now. NULL, or what is wrong with it. */
static const char *
check_answer(const struct rf_replies *replies, const struct rf_answer *answer, const char *text)
{
    if (answer->checksum != rf_answer_checksum(answer, text)) {
        return "has a wrong checksum";
    }
    if (answer->sequence != replies->sequence) {
        return "is out of sequence";
    }
    if (answer->instance != replies->instance || replies->instance >= replies->expected_count) {
        return "is for another instance";
    }
    const struct rf_expected *expected = &replies->expected[replies->instance];
    if (answer->applied > expected->count) {
        return "has more events than the instance";
    }
    switch (answer->kind) {
    case RF_ANSWER_TRACE:
        if ((expected->flags & RF_REQUEST_TRACE) == 0 || answer->status == RF_STATUS_REJECTED ||
            answer->status > RF_STATUS_BROKEN || answer->applied > expected->snapshot_after ||
            (replies->has_trace && answer->applied <= replies->trace_applied)) {
            return "is a trace out of turn";
        }
        return NULL;
    case RF_ANSWER_STATE:
        if (replies->has_state || answer->status == RF_STATUS_REJECTED ||
            answer->status > RF_STATUS_BROKEN || answer->applied > expected->snapshot_after) {
            return "is a state out of turn";
        }
        return NULL;
    case RF_ANSWER_TRAIL:
        if ((expected->flags & RF_REQUEST_TRAIL) == 0 || answer->status != RF_STATUS_OK ||
            answer->text_bytes == 0 || answer->text_bytes % RF_TRAIL_HASH_BYTES != 0 ||
            replies->trail_hashes + answer->text_bytes / RF_TRAIL_HASH_BYTES !=
                answer->applied + 1) {
            return "is a part of a trail out of turn";
        }
        return NULL;
    case RF_ANSWER_CALLS:
        return (expected->flags & RF_REQUEST_CALLS) != 0 && answer->status == RF_STATUS_OK &&
                       replies->has_state && !replies->has_calls
                   ? NULL
                   : "is a list of calls out of turn";
    case RF_ANSWER_END:
        return check_end(replies, answer, expected);
    default:
        return "is of an unknown kind";
    }
}

static void
note_answer(struct rf_replies *replies, const struct rf_answer *answer)
{
    replies->sequence++;
    switch (answer->kind) {
    case RF_ANSWER_STATE:
        replies->has_state = true;
        replies->broken = answer->status == RF_STATUS_BROKEN;
        replies->state_applied = answer->applied;
        break;
    case RF_ANSWER_TRACE:
        replies->has_trace = true;
        replies->trace_applied = answer->applied;
        break;
    case RF_ANSWER_TRAIL:
        replies->trail_hashes = answer->applied + 1;
        break;
    case RF_ANSWER_CALLS:
        replies->has_calls = true;
        break;
    default:
        replies->instance++;
        replies->has_calls = false;
        replies->has_state = false;
        replies->broken = false;
        replies->has_trace = false;
        replies->trail_hashes = 0;
        break;
    }
}

static size_t
padded(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

rf_code
rf_replies_take(struct rf_replies *replies, bool *ret_found, struct rf_worker_answer *ret,
                struct rf_err *reterr)
{
    size_t left = replies->stream.used - replies->taken;
    struct rf_answer answer;
    *ret_found = false;
    if (left < sizeof(answer)) {
        return RF_OK;
    }
    const char *at = replies->stream.bytes + replies->taken;
    memcpy(&answer, at, sizeof(answer));
    unsigned long long number = replies->sequence;
    if (answer.magic != RF_ANSWER_MAGIC) {
        return rf_fail(reterr, RF_ERR_CORRUPT, NULL, "answer %llu is garbled", number);
    }
    if (answer.text_bytes > RF_LIMIT_STATE_BYTES) {
        return rf_fail(reterr, RF_ERR_CORRUPT, NULL, "answer %llu is too long", number);
    }
    size_t bytes = sizeof(answer) + padded(answer.text_bytes);
    if (left < bytes) {
        return RF_OK;
    }
    const char *text = at + sizeof(answer);
    const char *wrong = check_answer(replies, &answer, text);
    if (wrong != NULL) {
        return rf_fail(reterr, RF_ERR_CORRUPT, NULL, "answer %llu %s", number, wrong);
    }
    note_answer(replies, &answer);
    replies->taken += bytes;
    *ret = (struct rf_worker_answer){
        .kind = answer.kind,
        .status = answer.status,
        .instance = answer.instance,
        .applied = answer.applied,
        .digest = answer.digest,
        .likeness = answer.likeness,
        .trail = answer.trail,
        .text = text,
        .text_bytes = answer.text_bytes,
    };
    *ret_found = true;
    return RF_OK;
}

bool
rf_replies_whole(const struct rf_replies *replies)
{
    return replies->instance == replies->expected_count && replies->taken == replies->stream.used;
}

/* ---- slots and steps ------------------------------------------------------------------------- */

/** What was taken is no longer needed; a long answer keeps its front. */
static void
drop_taken(struct rf_replies *replies)
{
    size_t left = replies->stream.used - replies->taken;
    if (replies->taken > 0) {
        if (left > 0) {
            memmove(replies->stream.bytes, replies->stream.bytes + replies->taken, left);
        }
        replies->stream.used = left;
        replies->taken = 0;
    }
}

rf_code
rf_replies_add_slot(struct rf_replies *replies, int file, const struct rf_notice *notice,
                    struct rf_err *reterr)
{
    if (notice->number != replies->slots || notice->value > RF_ANSWER_SLOT_BYTES) {
        return rf_fail(reterr, RF_ERR_CORRUPT, NULL, "a slot is out of turn");
    }
    size_t bytes = (size_t)notice->value;
    size_t got;
    replies->slots++;
    drop_taken(replies);
    rf_buf_reserve(&replies->stream, RF_ANSWER_SLOT_BYTES);
    if (!rf_fd_read_at(file, replies->stream.bytes + replies->stream.used, bytes,
                       notice->number % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES, &got)) {
        rf_bug(__FILE__, __LINE__, "the answer file cannot be read: %s", strerror(errno));
    }
    if (got < bytes) {
        return rf_fail(reterr, RF_ERR_CORRUPT, NULL, "the answer file is cut short");
    }
    replies->stream.used += bytes;
    return RF_OK;
}

/** How much of a slot was ever written to: a fresh worker's is a hole for the most part. */
static size_t
written_bytes(int file, uint64_t start)
{
#if defined(SEEK_HOLE)
    off_t hole = lseek(file, (off_t)start, SEEK_HOLE);
    if (hole >= (off_t)start && (uint64_t)hole - start < RF_ANSWER_SLOT_BYTES) {
        return (size_t)((uint64_t)hole - start);
    }
#endif
    return (size_t)RF_ANSWER_SLOT_BYTES;
}

void
rf_replies_add_rest(struct rf_replies *replies, int file)
{
    uint64_t start = replies->slots % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES;
    size_t bytes = written_bytes(file, start);
    size_t got;
    drop_taken(replies);
    rf_buf_reserve(&replies->stream, bytes);
    if (rf_fd_read_at(file, replies->stream.bytes + replies->stream.used, bytes, start, &got)) {
        replies->stream.used += got;
    }
}

static bool
step_fits(const struct rf_replies *replies, const struct rf_notice *notice)
{
    if (notice->number >= replies->expected_count ||
        (replies->expected[notice->number].flags & RF_REQUEST_STEP) == 0 ||
        notice->value > replies->expected[notice->number].count) {
        return false;
    }
    /* Forwards only: a worker that steps in a circle would never be seen to hang. */
    return !replies->stepped || notice->number > replies->step_instance ||
           (notice->number == replies->step_instance && notice->value > replies->step_event);
}

/** Of the instance at hand, up to the event that was refused; forwards only, too. */
static bool
rebuild_fits(const struct rf_replies *replies, const struct rf_notice *notice)
{
    return replies->stepped && notice->number == replies->step_instance &&
           notice->value < replies->step_event &&
           (!replies->rebuilding || notice->value > replies->rebuilt_event);
}

rf_code
rf_replies_step(struct rf_replies *replies, const struct rf_notice *notice, struct rf_err *reterr)
{
    bool again = notice->kind == RF_NOTICE_REBUILD;
    if (!(again ? rebuild_fits(replies, notice) : step_fits(replies, notice))) {
        return rf_fail(reterr, RF_ERR_CORRUPT, NULL, "a step is out of turn");
    }
    if (again) { /* what happens meanwhile is laid to the event that was refused */
        replies->rebuilding = true;
        replies->rebuilt_event = notice->value;
        return RF_OK;
    }
    replies->stepped = true;
    replies->rebuilding = false;
    replies->step_instance = notice->number;
    replies->step_event = notice->value;
    return RF_OK;
}
