/* SPDX-License-Identifier: MIT */
/* Frames: runs of events in a file, compressed, and exact when they come back. */
#include "history/frame.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hash.h"
#include "history/lz4.h"

void
rf_frames_add(struct rf_frames *frames, const struct rf_frame *frame)
{
    RF_GROW(frames->items, frames->room, frames->count + 1);
    frames->items[frames->count++] = *frame;
    frames->packed_bytes += frame->packed_bytes;
}

void
rf_frames_done(struct rf_frames *frames)
{
    free(frames->items);
    memset(frames, 0, sizeof(*frames));
}

/** The compressed bytes in `scratch`; 0 where that would gain nothing, or there is no LZ4. */
static size_t
compress(const void *events, size_t bytes, struct rf_buf *scratch)
{
    const struct rf_lz4 *lz4 = rf_lz4();
    if (lz4 == NULL || bytes > LZ4_MAX_INPUT_SIZE) {
        return 0;
    }
    rf_buf_clear(scratch);
    rf_buf_reserve(scratch, bytes);
    int got = lz4->LZ4_compress_default(events, scratch->bytes, (int)bytes, (int)bytes - 1);
    return got > 0 ? (size_t)got : 0;
}

bool
rf_frame_write(int file, const char *where, uint64_t *used, const void *events, size_t bytes,
               struct rf_buf *scratch, struct rf_frame *ret)
{
    RF_VERIFY(bytes > 0 && bytes <= INT32_MAX);
    size_t compressed = compress(events, bytes, scratch);
    size_t stored = compressed > 0 ? compressed : bytes;
    *ret = (struct rf_frame){
        .where = where,
        .file = file,
        .stored_bytes = (uint32_t)stored,
        .offset = *used,
        .hash = rf_hash(events, bytes, 0),
        .bytes = (uint32_t)bytes,
    };
    *used += stored;
    return rf_fd_write_at(file, compressed > 0 ? scratch->bytes : events, stored, ret->offset);
}

static bool
decompress(const struct rf_frame *frame, const char *stored, void *room)
{
    const struct rf_lz4 *lz4 = rf_lz4();
    return lz4 != NULL && lz4->LZ4_decompress_safe(stored, room, (int)frame->stored_bytes,
                                                   (int)frame->bytes) == (int)frame->bytes;
}

rf_code
rf_frame_read(const struct rf_frame *frame, void *room, struct rf_buf *scratch,
              struct rf_err *reterr)
{
    if (frame->read != NULL) {
        return frame->read(frame, room, reterr);
    }
    bool plain = frame->stored_bytes == frame->bytes;
    rf_buf_clear(scratch);
    if (!plain) {
        rf_buf_reserve(scratch, frame->stored_bytes);
    }
    char *stored = plain ? room : scratch->bytes;
    size_t got;
    if (!rf_fd_read_at(frame->file, stored, frame->stored_bytes, frame->offset, &got)) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, frame->where,
                             "cannot read the events that were put there");
    }
    if (got < frame->stored_bytes || (!plain && !decompress(frame, stored, room)) ||
        rf_hash(room, frame->bytes, 0) != frame->hash) {
        return rf_fail(reterr, RF_ERR_INTERNAL, frame->where,
                       "events do not come back as they were put there (%" PRIu32
                       " bytes at %" PRIu64 "): a disk or memory of this machine fails, or another "
                       "program has written there",
                       frame->stored_bytes, frame->offset);
    }
    return RF_OK;
}
