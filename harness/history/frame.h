/* SPDX-License-Identifier: MIT */
/* Frames: runs of events in a file, compressed, and exact when they come back. */
#ifndef RF_HISTORY_FRAME_H
#define RF_HISTORY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/** Events are put together to about so many bytes: above it compression gains little more. */
#define RF_FRAME_BYTES ((size_t)256 << 10)

struct rf_frame;

/** Where a run of whole events lies. */
struct rf_frame {
    const char *where;     /**< the file's name, for messages; borrowed */
    int file;              /**< borrowed */
    uint32_t stored_bytes; /**< in the file: LZ4 (one block), or plain where they are `bytes` */
    uint64_t offset;       /**< in the file */
    uint64_t hash;         /**< rf_hash of the events, seed 0 */
    uint32_t bytes;        /**< of the events */
    bool is_stowed;        /**< the events are (stow.h); else they are packed */
    uint64_t packed_bytes; /**< of the events in a window: set by who adds the frame */
    /** How it is read, where it was not written by rf_frame_write: the rest is not looked at then.
     * @room  frame->bytes of them, aligned to 8. Threads: any. */
    rf_code (*read)(const struct rf_frame *frame, void *room, struct rf_err *reterr);
    const void *context; /**< of `read` */
};

/** Frames of a bucket. All zero is none. */
struct rf_frames {
    struct rf_frame *items;
    size_t count;
    size_t room;
    uint64_t packed_bytes; /**< of their events in a window */
};

void rf_frames_add(struct rf_frames *frames, const struct rf_frame *frame);
void rf_frames_done(struct rf_frames *frames);

/**
 * Write events behind each other into a file.
 * @file    writable; each frame is put at *used, which moves behind it
 * @scratch reused memory
 * @return  false where the file does not take it, and errno
 */
bool rf_frame_write(int file, const char *where, uint64_t *used, const void *events, size_t bytes,
                    struct rf_buf *scratch, struct rf_frame *ret);

/**
 * Read a frame's events into `room`, which holds frame->bytes, and check them.
 * @return  RF_OK; RF_ERR_INTERNAL: the file cannot be read, or what stands there is not what was
 *          written; what the frame's own `read` returns
 */
RF_MUST_USE rf_code rf_frame_read(const struct rf_frame *frame, void *room, struct rf_buf *scratch,
                                  struct rf_err *reterr);

#endif
