/* SPDX-License-Identifier: MIT */
/*
 * Reading buckets: from the arenas, and from what lies elsewhere, into the thread's window, where
 * they become packed events. That leaves the bucket in the cache, and workers see no more than they
 * fold. Where a bucket is more than the window takes it is divided: a first look at all of it tells
 * how much there is of each class of ids, then come as many classes at a time as fit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stopwatch.h"
#include "history/history_internal.h"

/** A thread, be it with a worker, costs about as much as gathering so many events. */
#define EVENTS_PER_THREAD 4000

/* ---- windows ---------------------------------------------------------------------------------
 */

/** What a bucket's events take in a window. */
static uint64_t
bucket_bytes(const struct rf_history *history, size_t bucket)
{
    uint64_t bytes = history->buckets[bucket].frames.packed_bytes;
    for (size_t i = 0; i < history->writer_count; i++) {
        bytes += history->writers[i]->parts[bucket].packed_bytes;
    }
    return bytes;
}

uint64_t
rf_history_bytes(const struct rf_history *history)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        bytes += bucket_bytes(history, i);
    }
    return bytes;
}

static uint64_t
largest_bucket(const struct rf_history *history)
{
    uint64_t most = sizeof(struct rf_packed_event); /* an empty file cannot be mapped */
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        uint64_t bytes = bucket_bytes(history, i);
        most = bytes > most ? bytes : most;
    }
    return most;
}

/** What all windows may take of what the arenas leave. An arena that was spilled keeps its memory.
 */
static uint64_t
windows_share(const struct rf_history *history)
{
    uint64_t arenas = 0;
    for (size_t i = 0; i < history->writer_count; i++) {
        const struct rf_writer *writer = history->writers[i];
        arenas += writer->spill.is ? history->arena_bytes : writer->used;
    }
    return arenas < history->memory_bytes ? RF_WINDOWS_SHARE(history->memory_bytes - arenas) : 0;
}

rf_code
rf_history_open_windows(struct rf_history *history, size_t count, struct rf_err *reterr)
{
    RF_VERIFY(history->sealed);
    uint64_t most = largest_bucket(history);
    uint64_t limit = windows_share(history) / count;
    rf_history_close_readers(history);
    limit = limit < RF_WINDOW_LEAST_BYTES ? RF_WINDOW_LEAST_BYTES : limit;
    history->readers = rf_calloc(count, sizeof(*history->readers));
    while (history->reader_count < count) {
        struct rf_reader *reader = &history->readers[history->reader_count++];
        RF_TRY(rf_window_open(&reader->window, most, limit, reterr));
    }
    return RF_OK;
}

void
rf_history_close_readers(struct rf_history *history)
{
    for (size_t i = 0; i < history->reader_count; i++) {
        rf_window_close(&history->readers[i].window);
        free(history->readers[i].reading.tally);
    }
    free(history->readers);
    history->readers = NULL;
    history->reader_count = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        history->buckets[i].reading = NULL;
    }
}

const int *
rf_history_worker_files(const struct rf_history *history, size_t window, size_t *ret_count)
{
    RF_VERIFY(window < history->reader_count);
    *ret_count = history->readers[window].window.file_count;
    return history->readers[window].window.readers;
}

/* ---- events ----------------------------------------------------------------------------------
 */

void
rf_history_each(const struct rf_history *history, size_t bucket,
                void (*each)(void *context, const struct rf_packed_event *event, uint64_t ref),
                void *context)
{
    RF_VERIFY(history->sealed && bucket < RF_BUCKET_COUNT);
    const struct rf_reading *reading = history->buckets[bucket].reading;
    if (reading == NULL) {
        RF_VERIFY(bucket_bytes(history, bucket) == 0);
        return;
    }
    const struct rf_window *window = reading->window;
    const unsigned char *bytes = rf_window_bytes(window);
    for (uint64_t at = 0; at < window->used;) {
        const struct rf_packed_event *event = (const void *)(bytes + at);
        each(context, event, rf_ref_make((uint32_t)window->at, at));
        at += event->bytes;
    }
}

size_t
rf_history_bucket_events(const struct rf_history *history, size_t bucket)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    size_t events = history->buckets[bucket].frame_events;
    for (size_t i = 0; i < history->writer_count; i++) {
        events += history->writers[i]->parts[bucket].events;
    }
    return events;
}

size_t
rf_history_events(const struct rf_history *history)
{
    size_t events = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        events += rf_history_bucket_events(history, i);
    }
    return events;
}

size_t
rf_history_useful_threads(size_t events, size_t jobs)
{
    size_t useful = 1 + events / EVENTS_PER_THREAD;
    return jobs < useful ? jobs : useful;
}

size_t
rf_history_portion_events(const struct rf_history *history, size_t bucket)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    const struct rf_reading *reading = history->buckets[bucket].reading;
    return reading == NULL ? rf_history_bucket_events(history, bucket) : reading->events;
}

bool
rf_history_portion_holds(const struct rf_history *history, size_t bucket, const char *id,
                         size_t id_bytes)
{
    uint64_t hash = rf_history_id_hash(id, id_bytes);
    RF_VERIFY(bucket < RF_BUCKET_COUNT && hash % RF_BUCKET_COUNT == bucket);
    const struct rf_reading *reading = history->buckets[bucket].reading;
    uint32_t number = rf_class_of_hash(hash);
    return reading == NULL || (number >= reading->classes.from && number < reading->classes.behind);
}

bool
rf_history_portion_is_first(const struct rf_history *history, size_t bucket)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    const struct rf_reading *reading = history->buckets[bucket].reading;
    return reading == NULL || reading->classes.from == 0;
}

/* ---- portions --------------------------------------------------------------------------------
 */

static rf_code
divide(const struct rf_history *history, size_t bucket, struct rf_reading *reading,
       struct rf_err *reterr)
{
    if (reading->tally == NULL) {
        reading->tally = rf_calloc(RF_CLASS_COUNT, sizeof(*reading->tally));
    }
    memset(reading->tally, 0, RF_CLASS_COUNT * sizeof(*reading->tally));
    for (size_t i = 0; i < history->writer_count; i++) {
        const struct rf_part *part = &history->writers[i]->parts[bucket];
        for (size_t j = 0; j < part->segment_count; j++) {
            const struct rf_segment *segment = &part->segments[j];
            rf_window_tally(reading->window, segment->bytes, segment->used, segment->packed_bytes,
                            reading->tally);
        }
    }
    return rf_window_tally_frames(reading->window, &history->buckets[bucket].frames, reading->tally,
                                  reterr);
}

/** Whether a class of so many bytes must wait for the next portion. An empty one never does: each
 * class is of one portion, for there may be instances to start from that have no events. */
static bool
must_wait(const struct rf_reading *reading, uint64_t taken, uint64_t bytes)
{
    uint64_t limit = reading->window->limit;
    return taken > 0 && bytes > 0 && (taken >= limit || bytes > limit - taken);
}

/** The next classes that fit into the window together, or one that does not. */
static struct rf_class_tally
next_classes(struct rf_reading *reading)
{
    struct rf_class_tally sum = {0};
    uint32_t at = reading->classes.behind;
    reading->classes.from = at;
    for (; at < RF_CLASS_COUNT; at++) {
        const struct rf_class_tally *one = &reading->tally[at];
        if (must_wait(reading, sum.bytes, one->bytes)) {
            break;
        }
        sum.events += one->events;
        sum.bytes += one->bytes;
    }
    reading->classes.behind = at;
    return sum;
}

/** Brings those classes into the window that are the portion at hand. */
static rf_code
bring(const struct rf_history *history, size_t bucket, struct rf_reading *reading, uint64_t bytes,
      struct rf_err *reterr)
{
    struct rf_window *window = reading->window;
    RF_TRY(rf_window_begin(window, bytes, reterr));
    for (size_t i = 0; i < history->writer_count; i++) {
        const struct rf_part *part = &history->writers[i]->parts[bucket];
        for (size_t j = 0; j < part->segment_count; j++) {
            const struct rf_segment *segment = &part->segments[j];
            RF_TRY(rf_window_put(window, segment->bytes, segment->used, segment->packed_bytes,
                                 reading->classes, reterr));
        }
    }
    RF_TRY(
        rf_window_put_frames(window, &history->buckets[bucket].frames, reading->classes, reterr));
    rf_window_end(window, bytes);
    return RF_OK;
}

static rf_code
bring_next(const struct rf_history *history, size_t bucket, struct rf_reading *reading,
           bool *ret_more, struct rf_err *reterr)
{
    struct rf_class_tally sum = next_classes(reading);
    *ret_more = sum.events > 0;
    reading->events = (size_t)sum.events;
    RF_VERIFY(*ret_more || reading->classes.from == RF_CLASS_COUNT); /* all of them have come */
    return *ret_more ? bring(history, bucket, reading, sum.bytes, reterr) : RF_OK;
}

/** The first portion: all of the bucket, if it fits. */
static rf_code
bring_first(const struct rf_history *history, size_t bucket, struct rf_reading *reading,
            struct rf_err *reterr)
{
    uint64_t bytes = bucket_bytes(history, bucket);
    reading->divided = bytes > reading->window->limit;
    if (!reading->divided) {
        reading->classes = RF_CLASSES_ALL;
        reading->events = rf_history_bucket_events(history, bucket);
        return bring(history, bucket, reading, bytes, reterr);
    }
    bool more;
    reading->classes = (struct rf_classes){0, 0};
    RF_TRY(divide(history, bucket, reading, reterr));
    RF_TRY(bring_next(history, bucket, reading, &more, reterr));
    RF_VERIFY(more);
    return RF_OK;
}

rf_code
rf_history_open_bucket(struct rf_history *history, size_t bucket, size_t window,
                       struct rf_err *reterr)
{
    RF_VERIFY(history->sealed && bucket < RF_BUCKET_COUNT);
    if (bucket_bytes(history, bucket) == 0) {
        return RF_OK; /* and the window keeps what it holds */
    }
    RF_VERIFY(window < history->reader_count && history->buckets[bucket].reading == NULL);
    struct rf_reader *reader = &history->readers[window];
    reader->reading.window = &reader->window;
    enum rf_station before = rf_station_enter(RF_STATION_GATHER);
    rf_code code = bring_first(history, bucket, &reader->reading, reterr);
    (void)rf_station_enter(before);
    RF_TRY(code);
    history->buckets[bucket].reading = &reader->reading;
    return RF_OK;
}

rf_code
rf_history_next_portion(struct rf_history *history, size_t bucket, bool *ret_more,
                        struct rf_err *reterr)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    struct rf_reading *reading = history->buckets[bucket].reading;
    *ret_more = false;
    if (reading == NULL) {
        return RF_OK;
    }
    enum rf_station before = rf_station_enter(RF_STATION_GATHER);
    rf_code code = rf_window_verify(reading->window, reterr);
    if (code == RF_OK && reading->divided) {
        code = bring_next(history, bucket, reading, ret_more, reterr);
    }
    (void)rf_station_enter(before);
    RF_TRY(code);
    if (!*ret_more) {
        history->buckets[bucket].reading = NULL;
    }
    return RF_OK;
}
