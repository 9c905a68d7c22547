/* SPDX-License-Identifier: MIT */
/* What a history is made of: for the files that write its buckets and read them. */
#ifndef RF_HISTORY_HISTORY_INTERNAL_H
#define RF_HISTORY_HISTORY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/extents.h"
#include "base/memfile.h"
#include "history/frame.h"
#include "history/history.h"
#include "history/stow.h"
#include "history/window.h"

/**
 * What of the memory (--memory) is whose: up to five eighths are the arenas'. A third of what they
 * leave is the windows', and two thirds are for gathering, which takes up to twice as much as the
 * windows (136 bytes for an event of at least 80).
 */
#define RF_ARENAS_SHARE(bytes) ((bytes) / 8 * 5)
#define RF_WINDOWS_SHARE(left) ((left) / 3)
/** No window is smaller: who gives so little memory gets so much more used. */
#define RF_WINDOW_LEAST_BYTES ((uint64_t)256 << 10)

/**
 * A part's next events are stowed side by side with those of all other parts, and go to its segment
 * a few at a time: that is a place in no cache, and on a page that no one has at hand.
 */
#define RF_STAGE_BYTES ((size_t)1 << 10)

/** A run of memory with stowed events (stow.h), one behind the other. */
struct rf_segment {
    unsigned char *bytes;
    size_t used;
    size_t room;
    uint64_t packed_bytes; /**< of its events in a window */
};

/** One writer's part of one bucket. */
struct rf_part {
    struct rf_segment *segments;
    size_t segment_count;
    size_t segment_room;
    size_t bytes;          /**< of the events in the segments */
    uint64_t packed_bytes; /**< of these in a window */
    size_t staged;         /**< bytes of its stage */
    uint64_t staged_packed_bytes;
    size_t events;           /**< frames included */
    struct rf_frames frames; /**< those that went to disk; the history's once sealed */
};

/** Where a writer's events go when its arena is full; made when that happens first. */
struct rf_spill {
    bool is;
    int file;
    uint64_t used;
    struct rf_buf events;
    uint64_t packed_bytes; /**< of these in a window */
    struct rf_buf scratch;
};

struct rf_writer {
    struct rf_history *history;
    uint32_t number;
    struct rf_extents arena;
    uint64_t used;         /**< bytes of the arena that are segments */
    unsigned char *stages; /**< RF_STAGE_BYTES for each part; gone when sealed */
    struct rf_names_cache *names;
    struct rf_time_printer printer;
    struct rf_buf stowed; /**< the event at hand */
    struct rf_sums sums;
    struct rf_spill spill;
    struct rf_part parts[RF_BUCKET_COUNT];
};

/** A byte for each object, so that threads that settle different objects share nothing. */
struct rf_object_state {
    uint8_t fate;
    uint8_t withdrawn;
};

/** A bucket that is open. */
struct rf_reading {
    struct rf_window *window;
    bool divided; /**< into portions: `tally` is filled */
    struct rf_classes classes;
    struct rf_class_tally *tally; /**< RF_CLASS_COUNT, once a bucket was divided */
    size_t events;                /**< in the portion at hand */
};

/** A thread's: its window and what it reads there. */
struct rf_reader {
    struct rf_window window;
    struct rf_reading reading;
};

/** What of a bucket lies elsewhere than in the arenas. */
struct rf_bucket {
    struct rf_frames frames;
    size_t frame_events;        /**< of frames that no writer counts */
    struct rf_reading *reading; /**< while it is open; or NULL */
};

struct rf_history {
    const struct rf_objects *objects; /**< borrowed */
    struct rf_object_state *states;
    struct rf_names *names;
    struct rf_memfile names_file;
    int names_reader;
    struct rf_writer **writers;
    size_t writer_count;
    uint64_t memory_bytes;
    uint64_t arena_bytes; /**< the most that each writer keeps in memory */
    bool sealed;

    struct rf_bucket *buckets; /**< RF_BUCKET_COUNT */
    struct rf_reader *readers;
    size_t reader_count;
    void *kept; /**< what frames are read with: rf_history_keep */
    void (*kept_done)(void *kept);
};

/* ---- spill.c ---------------------------------------------------------------------------------
 */

/** Everything that a writer has in its arena goes to disk, bucket by bucket; the arena is empty
 * then. RF_OK, or RF_ERR_INTERNAL: $TMPDIR has no room. */
RF_MUST_USE rf_code rf_writer_spill(struct rf_writer *writer, struct rf_err *reterr);
void rf_spill_done(struct rf_spill *spill);

/* ---- bucket.c --------------------------------------------------------------------------------
 */

void rf_history_close_readers(struct rf_history *history);

/** An id's bucket and class are told by this. */
uint64_t rf_history_id_hash(const char *id, size_t id_bytes);

#endif
