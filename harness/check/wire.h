/* SPDX-License-Identifier: MIT */
/* A speaker that was started, and the bytes to and from it. No byte is judged here but those that
 * make a frame a frame. */
#ifndef RF_CHECK_WIRE_H
#define RF_CHECK_WIRE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "host/ward.h"
#include "program/frame.h"

/** A frame that came. `payload` is borrowed until the next call. */
struct rf_arrival {
    struct rf_talk_frame frame;
    const char *bytes; /**< header and payload; where it is none, all that there is */
    size_t count;
    const char *payload;
};

enum rf_wired {
    RF_WIRE_FRAME,
    RF_WIRE_LATE,   /**< nothing whole came in time; `count` bytes of it did */
    RF_WIRE_CLOSED, /**< its standard output is at its end */
    RF_WIRE_GARBLED /**< what came is no frame: it lacks the letters, or is longer than one can be
                     */
};

struct rf_wire {
    pid_t pid;               /**< 0: none */
    int64_t until_ms;        /**< by rf_clock_ms: from then on nothing is waited for; 0: no end */
    const atomic_bool *stop; /**< the same once it is set; or NULL */
    int to, from;
    int ready;   /**< an epoll of both */
    bool listed; /**< `to` is in it */
    struct rf_ward ward;
    struct rf_buf out; /**< to be written, from `written` on */
    size_t written;
    size_t piece;     /**< write so many bytes at once, each once the one before was read; 0: all */
    int64_t piece_ms; /**< when the last piece was written */
    struct rf_buf in; /**< what came, from `taken` on */
    size_t taken;
    bool hangs_up; /**< `to` is closed once all is written */
    bool closed;   /**< `from` is at its end */
    bool refuses;  /**< `to` has no reader */
};

/** @worker   refold-worker's path; `file` is started by it, in its sandbox
 *  @program  else a shared object
 *  @return   RF_OK or RF_ERR_USAGE, RF_ERR_INTERNAL; `ret` is for rf_wire_close in any case */
RF_MUST_USE rf_code rf_wire_open(const char *worker, const char *file, bool program,
                                 struct rf_wire *ret, struct rf_err *reterr);

/** Close its input, once all of `out` is written. */
void rf_wire_hang_up(struct rf_wire *wire);

/** Write and read until a whole frame is there, for at most so long since it was asked for, or
 * since a byte was written; however many of its own bytes drip. */
enum rf_wired rf_wire_next(struct rf_wire *wire, int timeout_ms, struct rf_arrival *ret);

/** Write and read, and keep what comes, until it has ended; for at most so long in all.
 * @return  whether it has; *ret_status is its wait status then */
bool rf_wire_await_end(struct rf_wire *wire, int timeout_ms, int *ret_status);

/** Whether all is written, or never will be. */
static inline bool
rf_wire_is_written(const struct rf_wire *wire)
{
    return wire->written == wire->out.used;
}

/** Whether the time is up for all that could be waited for. */
bool rf_wire_is_over(const struct rf_wire *wire);

/** Bytes of its input that are written and that it has not read. */
size_t rf_wire_unread(const struct rf_wire *wire);

/** What it said last on standard error, or "". */
void rf_wire_words(const struct rf_wire *wire, char *text, size_t room);

/** Ends what has not ended. */
void rf_wire_close(struct rf_wire *wire);

#endif
