/* SPDX-License-Identifier: MIT */
/*
 * One conversation with a program in the worker protocol (harness/docs/worker-protocol.md): frames
 * out, answers in, and nothing that it says is believed.
 *
 * Frames are sent ahead: rf_talk_… below only append them to what is to be written. rf_talk_await
 * writes and reads at the same time, so that neither side ever waits for the other to read, until
 * the wanted answer is there. Answers come in the order of the frames; those that came before they
 * are asked for are kept, up to RF_TALK_KEPT_BYTES.
 *
 * All checks of the page's "What goes wrong" are made here: kinds, numbers, order, statuses, counts
 * and receipts. Whoever takes an answer checks what only he can know: JSON.
 */
#ifndef RF_PROGRAM_TALK_H
#define RF_PROGRAM_TALK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "program/frame.h"

/** Of answers that wait to be taken, and of the one that is coming in. Three of the longest states:
 * whoever asks for more ahead than may come back reads it as RF_TALK_FULL. */
#define RF_TALK_KEPT_BYTES (UINT64_C(256) << 20)

/** An answer that is due. */
struct rf_due {
    uint64_t number;
    uint64_t applied; /**< events sent since BEGIN: before those of EVENTS itself */
    uint32_t receipt; /**< of these */
    uint32_t count;   /**< of the events of EVENTS, of the payloads of IDENTIFY */
    uint16_t kind;    /**< of the frame */
};

/** An answer that came: whole, checked, and not taken yet. */
struct rf_came {
    uint64_t number;
    size_t start; /**< of its payload, in `in` */
    uint32_t bytes;
    uint16_t kind;
    bool taken;
};

/** All zero but the two descriptors is a valid beginning. One thread. */
struct rf_talk {
    int to;   /**< the program's standard input; does not block */
    int from; /**< its standard output; does not block */
    /** As poll(2), for whoever has more to do while he waits; NULL: poll(2) itself. */
    int (*poll)(void *context, struct pollfd *ends, size_t count, int timeout_ms);
    void *poll_context;

    struct rf_buf out; /**< what is to be written … */
    size_t written;    /**< … and how much of it is */
    uint64_t last;     /**< number of the last frame */
    uint64_t applied;  /**< events sent since BEGIN … */
    uint32_t receipt;  /**< … and their receipt */
    size_t frame;      /**< of the EVENTS or COMMAND that is open: its place in `out` … */
    size_t record;     /**< … and the place of its open record */
    uint32_t records;
    bool counts; /* it is EVENTS */

    struct rf_due *due; /**< in order; from due_front on */
    size_t due_front, due_count, due_room;
    uint32_t *receipts; /**< behind each event of the EVENTS that are due; from receipts_front on */
    size_t receipts_front, receipts_count, receipts_room;
    bool over; /**< the instance that answers come of is over: only its END is answered */
    uint64_t over_applied;
    uint32_t over_receipt;

    struct rf_buf in;
    size_t read; /**< so far it is taken apart */
    struct rf_came *came;
    size_t came_front, came_count, came_room;
    bool closed;         /**< `from` is at its end */
    bool refuses;        /**< `to` has no reader any more */
    bool crashed;        /**< it said so: `words` */
    bool lied;           /**< `words` */
    struct rf_buf words; /**< of a crash as it came; of a lie: what was wrong, for people */
};

void rf_talk_done(struct rf_talk *talk);

/* ---- frames ---------------------------------------------------------------------------------- */

/* They return the frame's number, for rf_talk_await, where it is answered. */

uint64_t rf_talk_hello(struct rf_talk *talk, const char *refold_version);
void rf_talk_type(struct rf_talk *talk, uint32_t number, const char *name, size_t bytes);
/** @snapshot  or NULL: an empty state; then it is not answered */
uint64_t rf_talk_begin(struct rf_talk *talk, uint32_t aggregate, const char *name,
                       size_t name_bytes, const char *id, size_t id_bytes, const char *snapshot,
                       size_t snapshot_bytes);
uint64_t rf_talk_state(struct rf_talk *talk);
uint64_t rf_talk_end(struct rf_talk *talk);

/** EVENTS: opened, any number of records, closed. COMMAND: the same with one record. A record's
 * data is appended to `talk->out` between its two calls. */
void rf_talk_open(struct rf_talk *talk, uint16_t kind);
void rf_talk_open_record(struct rf_talk *talk, const struct rf_talk_record *record);
void rf_talk_close_record(struct rf_talk *talk);
uint64_t rf_talk_close(struct rf_talk *talk);

/** IDENTIFY: opened, payloads, closed by rf_talk_close. */
void rf_talk_open_identify(struct rf_talk *talk, uint32_t aggregate);
void rf_talk_payload(struct rf_talk *talk, const void *bytes, size_t count);

/** Bytes that are appended and not written. */
static inline size_t
rf_talk_unwritten(const struct rf_talk *talk)
{
    return talk->out.used - talk->written;
}

/** Write what is appended, as far as that goes without waiting. */
void rf_talk_push(struct rf_talk *talk);

/** Write until no more than `most_bytes` are left, and read meanwhile. False where that does not
 * come about: rf_talk_await says why. */
bool rf_talk_write(struct rf_talk *talk, size_t most_bytes, int timeout_ms);

/* ---- answers --------------------------------------------------------------------------------- */

enum rf_talk_end {
    RF_TALK_ANSWERED,
    RF_TALK_LATE,    /**< no sign of life for `timeout_ms` */
    RF_TALK_ENDED,   /**< its standard output is at its end, and the answer did not come */
    RF_TALK_CRASHED, /**< it said so: rf_talk_words */
    RF_TALK_LIED,    /**< it broke the protocol: rf_talk_words has a sentence */
    RF_TALK_FULL,    /**< more than RF_TALK_KEPT_BYTES came before they were taken */
};

struct rf_spoken {
    uint16_t kind; /**< RF_FRAME_ANSWER and that of the frame */
    uint32_t status;
    uint32_t receipt; /**< APPLIED, STATE, ENDED */
    uint64_t applied; /**< the same */
    uint32_t count;   /**< HANDLED, IDENTIFIED */
    const char *text; /**< what is behind that; borrowed until the next call */
    size_t text_bytes;
};

/**
 * Write and read until the answer to frame `number` is there; it can be taken once.
 * @timeout_ms  of no sign of life, neither read nor written; -1: for ever
 * @return      once it is not RF_TALK_ANSWERED or RF_TALK_LATE the conversation is over, but for
 *              answers that came before
 */
enum rf_talk_end rf_talk_await(struct rf_talk *talk, uint64_t number, int timeout_ms,
                               struct rf_spoken *ret);

/** How things stand between answers: RF_TALK_ANSWERED, or that it lied, crashed, or ended. */
enum rf_talk_end rf_talk_standing(const struct rf_talk *talk);

/** The same once what is there is read, without waiting. What rf_talk_await gave is gone. */
enum rf_talk_end rf_talk_look(struct rf_talk *talk);

/** What it said when it crashed, or what it lied about. Borrowed. */
const char *rf_talk_words(struct rf_talk *talk, size_t *ret_bytes);

/** The next of a list: events of HANDLED (type and data), answers of IDENTIFIED (only data).
 * rf_talk_await has checked that there are spoken->count of them. @at  0 at first */
void rf_spoken_next(const struct rf_spoken *spoken, size_t *at, const char **ret_type,
                    size_t *ret_type_bytes, const char **ret_data, size_t *ret_data_bytes);

#endif
