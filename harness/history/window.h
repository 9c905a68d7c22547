/* SPDX-License-Identifier: MIT */
/*
 * A window: where a thread and its workers have the events of the bucket at hand.
 *
 * Workers map its files from their start; the events in them change from portion to portion. A
 * portion is what is there at once: events of some classes of ids, never a part of an instance. It
 * lies in memory while it is no longer than the window's limit. What is longer and cannot be
 * divided, one instance as a rule, lies in a file in $TMPDIR, whose pages the system takes from
 * memory as it needs to.
 */
#ifndef RF_HISTORY_WINDOW_H
#define RF_HISTORY_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memfile.h"
#include "base/time.h"
#include "history/frame.h"
#include "worker/protocol.h"

/** A bucket can be divided into so many classes of ids, by further bits of their hash. */
#define RF_CLASS_COUNT 1024

/** Files of a window: in memory, on disk. */
#define RF_WINDOW_FILES 2

/** Classes from `from` up to the one before `behind`. */
struct rf_classes {
    uint32_t from, behind;
};
#define RF_CLASSES_ALL ((struct rf_classes){0, RF_CLASS_COUNT})

/** What a bucket holds of each class. */
struct rf_class_tally {
    uint64_t events;
    uint64_t bytes; /**< of these */
};

struct rf_window {
    struct rf_memfile files[RF_WINDOW_FILES];
    int readers[RF_WINDOW_FILES]; /**< of these, read-only; or -1 */
    size_t file_count;
    uint64_t limit; /**< the most bytes of a portion in memory */
    struct rf_time_printer printer;
    struct rf_buf stowed; /**< of a frame, before they are taken out */
    struct rf_buf events; /**< those that are not in the window itself yet */
    struct rf_buf scratch;

    /* the portion at hand */
    size_t at; /**< which file it lies in */
    uint64_t used;
    uint64_t hash; /**< of what lies on disk, as it was written */
};

/**
 * Make a window's files.
 * @most   bytes of the longest portion that it may come to
 * @limit  of these so many may lie in memory
 * @return RF_OK; RF_ERR_INTERNAL: the system refuses; call rf_window_close all the same
 */
RF_MUST_USE rf_code rf_window_open(struct rf_window *window, uint64_t most, uint64_t limit,
                                   struct rf_err *reterr);
/** Accepts one that is all zero. */
void rf_window_close(struct rf_window *window);

/** Which class an event is of, and those of an id with this hash. */
uint32_t rf_class_of(const struct rf_packed_event *event);
uint32_t rf_class_of_hash(uint64_t id_hash);
/** Whether the event is of one of these classes. */
bool rf_classes_hold(struct rf_classes classes, const struct rf_packed_event *event);

/** Adds stowed events, or those of a bucket's frames, to a tally of all classes.
 * @packed_bytes  of the events in a window */
void rf_window_tally(struct rf_window *window, const unsigned char *stowed, size_t count,
                     uint64_t packed_bytes, struct rf_class_tally *tally);
RF_MUST_USE rf_code rf_window_tally_frames(struct rf_window *window, const struct rf_frames *frames,
                                           struct rf_class_tally *tally, struct rf_err *reterr);

/**
 * Bring in a portion, piece by piece; what the window held is lost.
 * @bytes    of the whole portion, as tallied
 * @classes  only events of these are brought in
 * @return   RF_OK; RF_ERR_INTERNAL: a frame cannot be read, or is not what was written; or $TMPDIR
 *           is full
 */
RF_MUST_USE rf_code rf_window_begin(struct rf_window *window, uint64_t bytes,
                                    struct rf_err *reterr);
RF_MUST_USE rf_code rf_window_put(struct rf_window *window, const unsigned char *stowed,
                                  size_t count, uint64_t packed_bytes, struct rf_classes classes,
                                  struct rf_err *reterr);
RF_MUST_USE rf_code rf_window_put_frames(struct rf_window *window, const struct rf_frames *frames,
                                         struct rf_classes classes, struct rf_err *reterr);
/** All is there. */
void rf_window_end(struct rf_window *window, uint64_t bytes);

/** The portion at hand, window->used bytes. */
static inline const unsigned char *
rf_window_bytes(const struct rf_window *window)
{
    return window->files[window->at].bytes;
}

/** Whether the portion at hand still is what was brought in: one on disk may have been out of
 * memory since. RF_OK, or RF_ERR_INTERNAL. */
RF_MUST_USE rf_code rf_window_verify(const struct rf_window *window, struct rf_err *reterr);

#endif
