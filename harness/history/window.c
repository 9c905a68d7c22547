/* SPDX-License-Identifier: MIT */
/* A window: where a thread and its workers have the events of the bucket at hand. */
#include "history/window.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/tmpfile.h"
#include "history/history.h"
#include "history/stow.h"

enum { IN_MEMORY, ON_DISK };

/** What lies on disk is hashed in pieces. */
#define PIECE_BYTES ((uint64_t)1 << 20)

/* ---- files -----------------------------------------------------------------------------------
 */

static rf_code
open_in_memory(struct rf_window *window, uint64_t bytes, struct rf_err *reterr)
{
    struct rf_memfile *file = &window->files[IN_MEMORY];
    RF_TRY(rf_memfile_open(file, "refold-window", reterr));
    rf_memfile_grow(file, bytes);
    return rf_memfile_guard(file, reterr);
}

static rf_code
fail_disk(struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_INTERNAL, rf_tmpfile_folder(),
                   "an instance is larger than its part of --memory, and this folder does not take "
                   "it (%s): set TMPDIR to one with room, or raise --memory",
                   strerror(errno));
}

/** Sparse, and written to by calls: those tell where the disk is full, a mapping cannot. */
static rf_code
open_on_disk(struct rf_window *window, uint64_t bytes, struct rf_err *reterr)
{
    struct rf_memfile *file = &window->files[ON_DISK];
    file->fd = rf_tmpfile_open();
    if (file->fd < 0 || ftruncate(file->fd, (off_t)bytes) != 0) {
        return fail_disk(reterr);
    }
    void *mapped = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, file->fd, 0);
    if (mapped == MAP_FAILED) {
        return fail_disk(reterr);
    }
    file->bytes = mapped;
    file->size = (size_t)bytes;
    return RF_OK;
}

rf_code
rf_window_open(struct rf_window *window, uint64_t most, uint64_t limit, struct rf_err *reterr)
{
    *window = (struct rf_window){.limit = limit, .readers = {-1, -1}};
    RF_TRY(open_in_memory(window, most < limit ? most : limit, reterr));
    window->file_count = 1;
    if (most > limit) {
        RF_TRY(open_on_disk(window, most, reterr));
        window->file_count = 2;
    }
    for (size_t i = 0; i < window->file_count; i++) {
        window->readers[i] = rf_memfile_reader(&window->files[i]);
        if (window->readers[i] < 0) {
            return rf_fail_errno(reterr, RF_ERR_INTERNAL, "history", "cannot open a window again");
        }
    }
    return RF_OK;
}

void
rf_window_close(struct rf_window *window)
{
    for (size_t i = 0; i < RF_WINDOW_FILES; i++) {
        if (i < window->file_count && window->readers[i] >= 0) {
            (void)close(window->readers[i]);
        }
        rf_memfile_done(&window->files[i]);
    }
    rf_buf_done(&window->stowed);
    rf_buf_done(&window->events);
    rf_buf_done(&window->scratch);
    memset(window, 0, sizeof(*window));
}

/* ---- classes ---------------------------------------------------------------------------------
 */

uint32_t
rf_class_of_hash(uint64_t id_hash)
{
    return (uint32_t)(id_hash / RF_BUCKET_COUNT % RF_CLASS_COUNT);
}

uint32_t
rf_class_of(const struct rf_packed_event *event)
{
    return rf_class_of_hash(event->id_hash);
}

bool
rf_classes_hold(struct rf_classes classes, const struct rf_packed_event *event)
{
    uint32_t number = rf_class_of(event);
    return number >= classes.from && number < classes.behind;
}

static bool
is_all(struct rf_classes classes)
{
    return classes.from == 0 && classes.behind == RF_CLASS_COUNT;
}

/* ---- events ----------------------------------------------------------------------------------
 */

/** Takes stowed events out.
 *  @place  gets packed_bytes */
static void
unstow(struct rf_window *window, const unsigned char *stowed, size_t count, unsigned char *place,
       uint64_t packed_bytes)
{
    const unsigned char *end = stowed + count;
    uint64_t at = 0;
    while (stowed < end) {
        stowed = rf_unstow(&window->printer, stowed, end, place + at, packed_bytes - at);
        at += ((const struct rf_packed_event *)(const void *)(place + at))->bytes;
    }
    RF_VERIFY(stowed == end && at == packed_bytes);
}

/** The same into window->events. */
static void
unstow_aside(struct rf_window *window, const unsigned char *stowed, size_t count,
             uint64_t packed_bytes)
{
    rf_buf_clear(&window->events);
    rf_buf_reserve(&window->events, (size_t)packed_bytes);
    unstow(window, stowed, count, (unsigned char *)window->events.bytes, packed_bytes);
    window->events.used = (size_t)packed_bytes;
}

static rf_code
read_frame(struct rf_window *window, const struct rf_frame *frame, struct rf_buf *ret,
           struct rf_err *reterr)
{
    rf_buf_clear(ret);
    rf_buf_reserve(ret, frame->bytes);
    ret->used = frame->bytes;
    return rf_frame_read(frame, ret->bytes, &window->scratch, reterr);
}

/** Reads a frame into window->events. */
static rf_code
read_aside(struct rf_window *window, const struct rf_frame *frame, struct rf_err *reterr)
{
    if (!frame->is_stowed) {
        return read_frame(window, frame, &window->events, reterr);
    }
    RF_TRY(read_frame(window, frame, &window->stowed, reterr));
    unstow_aside(window, (const unsigned char *)window->stowed.bytes, window->stowed.used,
                 frame->packed_bytes);
    return RF_OK;
}

/** Adds window->events to the tally. */
static void
tally_events(const struct rf_window *window, struct rf_class_tally *tally)
{
    for (size_t at = 0; at < window->events.used;) {
        const struct rf_packed_event *event = (const void *)(window->events.bytes + at);
        struct rf_class_tally *of = &tally[rf_class_of(event)];
        of->events++;
        of->bytes += event->bytes;
        at += event->bytes;
    }
}

void
rf_window_tally(struct rf_window *window, const unsigned char *stowed, size_t count,
                uint64_t packed_bytes, struct rf_class_tally *tally)
{
    unstow_aside(window, stowed, count, packed_bytes);
    tally_events(window, tally);
}

rf_code
rf_window_tally_frames(struct rf_window *window, const struct rf_frames *frames,
                       struct rf_class_tally *tally, struct rf_err *reterr)
{
    for (size_t i = 0; i < frames->count; i++) {
        RF_TRY(read_aside(window, &frames->items[i], reterr));
        tally_events(window, tally);
    }
    return RF_OK;
}

/* ---- portions --------------------------------------------------------------------------------
 */

/** Leaves those events in window->events that are of these classes. */
static void
keep_classes(struct rf_window *window, struct rf_classes classes)
{
    char *bytes = window->events.bytes;
    size_t kept = 0;
    for (size_t at = 0; at < window->events.used;) {
        const struct rf_packed_event *event = (const void *)(bytes + at);
        size_t count = event->bytes;
        if (rf_classes_hold(classes, event)) {
            memmove(bytes + kept, bytes + at, count);
            kept += count;
        }
        at += count;
    }
    window->events.used = kept;
}

/** Room for so many bytes behind the portion. */
static unsigned char *
find_room(struct rf_window *window, uint64_t bytes)
{
    struct rf_memfile *file = &window->files[window->at];
    RF_VERIFY(bytes <= file->size - window->used);
    return file->bytes + window->used;
}

/** Puts those of window->events behind the portion that are of these classes. */
static rf_code
put_events(struct rf_window *window, struct rf_classes classes, struct rf_err *reterr)
{
    struct rf_buf *events = &window->events;
    if (!is_all(classes)) {
        keep_classes(window, classes);
    }
    unsigned char *room = find_room(window, events->used);
    if (window->at == ON_DISK) {
        if (!rf_fd_write_at(window->files[ON_DISK].fd, events->bytes, events->used, window->used)) {
            return fail_disk(reterr);
        }
    } else if (events->used > 0) {
        memcpy(room, events->bytes, events->used);
    }
    window->used += events->used;
    return RF_OK;
}

/** Whether all events go to where they stay without a stop on the way. */
static bool
go_straight(const struct rf_window *window, struct rf_classes classes)
{
    return window->at == IN_MEMORY && is_all(classes);
}

static rf_code
put_frame(struct rf_window *window, const struct rf_frame *frame, struct rf_classes classes,
          struct rf_err *reterr)
{
    if (frame->is_stowed) {
        RF_TRY(read_frame(window, frame, &window->stowed, reterr));
        return rf_window_put(window, (const unsigned char *)window->stowed.bytes,
                             window->stowed.used, frame->packed_bytes, classes, reterr);
    }
    if (!go_straight(window, classes)) {
        RF_TRY(read_aside(window, frame, reterr));
        return put_events(window, classes, reterr);
    }
    RF_TRY(rf_frame_read(frame, find_room(window, frame->bytes), &window->scratch, reterr));
    window->used += frame->bytes;
    return RF_OK;
}

/** The former portion gives its room on disk back. */
static rf_code
empty_disk(const struct rf_window *window, struct rf_err *reterr)
{
    const struct rf_memfile *file = &window->files[ON_DISK];
    if (ftruncate(file->fd, 0) != 0 || ftruncate(file->fd, (off_t)file->size) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, rf_tmpfile_folder(),
                             "cannot empty a file there");
    }
    return RF_OK;
}

static uint64_t
hash_portion(const struct rf_window *window)
{
    uint64_t hash = 0;
    for (uint64_t at = 0; at < window->used; at += PIECE_BYTES) {
        uint64_t left = window->used - at;
        hash = rf_hash(rf_window_bytes(window) + at, left < PIECE_BYTES ? left : PIECE_BYTES, hash);
    }
    return hash;
}

rf_code
rf_window_begin(struct rf_window *window, uint64_t bytes, struct rf_err *reterr)
{
    if (window->at == ON_DISK) {
        RF_TRY(empty_disk(window, reterr));
    }
    window->at = bytes > window->limit ? ON_DISK : IN_MEMORY;
    window->used = 0;
    return RF_OK;
}

rf_code
rf_window_put(struct rf_window *window, const unsigned char *stowed, size_t count,
              uint64_t packed_bytes, struct rf_classes classes, struct rf_err *reterr)
{
    if (!go_straight(window, classes)) {
        unstow_aside(window, stowed, count, packed_bytes);
        return put_events(window, classes, reterr);
    }
    unstow(window, stowed, count, find_room(window, packed_bytes), packed_bytes);
    window->used += packed_bytes;
    return RF_OK;
}

rf_code
rf_window_put_frames(struct rf_window *window, const struct rf_frames *frames,
                     struct rf_classes classes, struct rf_err *reterr)
{
    for (size_t i = 0; i < frames->count; i++) {
        RF_TRY(put_frame(window, &frames->items[i], classes, reterr));
    }
    return RF_OK;
}

void
rf_window_end(struct rf_window *window, uint64_t bytes)
{
    RF_VERIFY(window->used == bytes);
    window->hash = window->at == ON_DISK ? hash_portion(window) : 0;
}

rf_code
rf_window_verify(const struct rf_window *window, struct rf_err *reterr)
{
    if (window->at == ON_DISK && hash_portion(window) != window->hash) {
        return rf_fail(reterr, RF_ERR_INTERNAL, rf_tmpfile_folder(),
                       "events do not come back as they were put there: a disk or memory of this "
                       "machine fails, or another program has written there");
    }
    return RF_OK;
}
