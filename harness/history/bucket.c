/* SPDX-License-Identifier: MIT */
/*
 * Reading buckets. What lies in the arenas is read there; what lies elsewhere comes into the
 * thread's window. Where a bucket is more than the window takes it is divided: a first look at all
 * of it tells how much there is of each class of ids, then come as many classes at a time as fit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "history/history_internal.h"

/** Events are looked at once, from memory that is in no cache: so far ahead it is asked for. */
#define AHEAD_BYTES ((uint64_t)2048)
#define LINE_BYTES  64

/* ---- windows ---------------------------------------------------------------------------------
 */

static uint64_t
largest_bucket(const struct rf_history *history)
{
    uint64_t most = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        most = history->frames[i].bytes > most ? history->frames[i].bytes : most;
    }
    return most;
}

static rf_code
open_reader(const struct rf_history *history, struct rf_reader *reader, uint64_t most,
            uint64_t limit, struct rf_err *reterr)
{
    size_t arenas = history->writer_count;
    RF_TRY(rf_window_open(&reader->window, most, limit, (uint32_t)arenas, reterr));
    reader->files = rf_calloc(arenas + RF_WINDOW_FILES, sizeof(*reader->files));
    memcpy(reader->files, history->arena_files, arenas * sizeof(*reader->files));
    memcpy(reader->files + arenas, reader->window.readers, sizeof(reader->window.readers));
    reader->file_count = arenas + reader->window.file_count;
    return RF_OK;
}

rf_code
rf_history_open_windows(struct rf_history *history, size_t count, struct rf_err *reterr)
{
    RF_VERIFY(history->sealed && count > 0);
    uint64_t most = largest_bucket(history);
    uint64_t limit = RF_WINDOWS_SHARE(history->memory_bytes) / count;
    rf_history_close_readers(history);
    if (most == 0) {
        return RF_OK;
    }
    limit = limit < RF_WINDOW_LEAST_BYTES ? RF_WINDOW_LEAST_BYTES : limit;
    history->readers = rf_calloc(count, sizeof(*history->readers));
    while (history->reader_count < count) {
        struct rf_reader *reader = &history->readers[history->reader_count++];
        RF_TRY(open_reader(history, reader, most, limit, reterr));
    }
    return RF_OK;
}

void
rf_history_close_readers(struct rf_history *history)
{
    for (size_t i = 0; i < history->reader_count; i++) {
        rf_window_close(&history->readers[i].window);
        free(history->readers[i].reading.tally);
        free(history->readers[i].files);
    }
    free(history->readers);
    history->readers = NULL;
    history->reader_count = 0;
    memset(history->readings, 0, sizeof(history->readings));
}

const int *
rf_history_worker_files(const struct rf_history *history, size_t window, size_t *ret_count)
{
    if (history->readers == NULL) {
        return rf_history_arena_files(history, ret_count);
    }
    RF_VERIFY(window < history->reader_count);
    *ret_count = history->readers[window].file_count;
    return history->readers[window].files;
}

/* ---- events ----------------------------------------------------------------------------------
 */

/** Whom events are handed to. */
struct visit {
    const struct rf_reading *reading; /**< with `divided`: only events of its classes; or NULL */
    void (*each)(void *context, const struct rf_packed_event *event, uint64_t ref);
    void *context;
};

/** Events that lie one behind the other. */
static void
walk_run(const struct visit *visit, const unsigned char *bytes, uint64_t count, uint64_t ref)
{
    bool some = visit->reading != NULL && visit->reading->divided;
    for (uint64_t offset = 0; offset < count;) {
        const struct rf_packed_event *event = (const void *)(bytes + offset);
        for (uint64_t ahead = 0; ahead < event->bytes && ahead < AHEAD_BYTES; ahead += LINE_BYTES) {
            __builtin_prefetch(bytes + offset + AHEAD_BYTES + ahead);
        }
        if (!some || rf_classes_hold(visit->reading->classes, event)) {
            visit->each(visit->context, event, ref + offset);
        }
        offset += event->bytes;
    }
}

static void
walk_arenas(const struct rf_history *history, size_t bucket, const struct visit *visit)
{
    for (size_t i = 0; i < history->writer_count; i++) {
        const struct rf_writer *writer = history->writers[i];
        const struct rf_part *part = &writer->parts[bucket];
        for (size_t j = 0; j < part->segment_count; j++) {
            struct rf_segment segment = part->segments[j];
            walk_run(visit, writer->arena.bytes + segment.offset, segment.bytes,
                     rf_ref_make(writer->number, segment.offset));
        }
    }
}

void
rf_history_each(const struct rf_history *history, size_t bucket,
                void (*each)(void *context, const struct rf_packed_event *event, uint64_t ref),
                void *context)
{
    RF_VERIFY(history->sealed && bucket < RF_BUCKET_COUNT);
    const struct rf_reading *reading = history->readings[bucket];
    struct visit visit = {.reading = reading, .each = each, .context = context};
    walk_arenas(history, bucket, &visit);
    if (reading == NULL) {
        RF_VERIFY(history->frames[bucket].count == 0);
        return;
    }
    const struct rf_window *window = reading->window;
    visit.reading = NULL; /* the window holds nothing else */
    walk_run(&visit, rf_window_bytes(window), window->used,
             rf_ref_make(window->arena + (uint32_t)window->at, 0));
}

size_t
rf_history_bucket_events(const struct rf_history *history, size_t bucket)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    size_t events = history->frame_events[bucket];
    for (size_t i = 0; i < history->writer_count; i++) {
        events += history->writers[i]->parts[bucket].events;
    }
    return events;
}

size_t
rf_history_portion_events(const struct rf_history *history, size_t bucket)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    const struct rf_reading *reading = history->readings[bucket];
    return reading == NULL ? rf_history_bucket_events(history, bucket) : reading->events;
}

/* ---- portions --------------------------------------------------------------------------------
 */

static void
tally_event(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct rf_class_tally *of = (struct rf_class_tally *)context + rf_class_of(event);
    (void)ref;
    of->events++;
    of->bytes += event->bytes;
}

static uint64_t
bytes_in_arenas(const struct rf_history *history, size_t bucket)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < history->writer_count; i++) {
        const struct rf_part *part = &history->writers[i]->parts[bucket];
        for (size_t j = 0; j < part->segment_count; j++) {
            bytes += part->segments[j].bytes;
        }
    }
    return bytes;
}

static rf_code
divide(const struct rf_history *history, size_t bucket, struct rf_reading *reading,
       struct rf_err *reterr)
{
    struct visit visit = {.each = tally_event};
    if (reading->tally == NULL) {
        reading->tally = rf_calloc(RF_CLASS_COUNT, sizeof(*reading->tally));
    }
    memset(reading->tally, 0, RF_CLASS_COUNT * sizeof(*reading->tally));
    visit.context = reading->tally;
    walk_arenas(history, bucket, &visit);
    return rf_window_tally(reading->window, &history->frames[bucket], reading->tally, reterr);
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
        if (sum.bytes > 0 && one->bytes > reading->window->limit - sum.bytes) {
            break;
        }
        sum.events += one->events;
        sum.bytes += one->bytes;
        sum.stored += one->stored;
        if (sum.bytes > reading->window->limit) {
            at++;
            break;
        }
    }
    reading->classes.behind = at;
    return sum;
}

/** Brings the next classes of a divided bucket into the window. */
static rf_code
bring_next(const struct rf_history *history, size_t bucket, struct rf_reading *reading,
           bool *ret_more, struct rf_err *reterr)
{
    struct rf_class_tally sum = next_classes(reading);
    *ret_more = sum.events > 0;
    if (!*ret_more) {
        return RF_OK;
    }
    reading->events = (size_t)sum.events;
    return rf_window_fill(reading->window, &history->frames[bucket], reading->classes, sum.stored,
                          reterr);
}

/** The first portion: all of the bucket, if it fits. */
static rf_code
bring_first(const struct rf_history *history, size_t bucket, struct rf_reading *reading,
            struct rf_err *reterr)
{
    const struct rf_frames *frames = &history->frames[bucket];
    reading->divided = frames->bytes + bytes_in_arenas(history, bucket) > reading->window->limit;
    if (!reading->divided) {
        reading->events = rf_history_bucket_events(history, bucket);
        return rf_window_fill(reading->window, frames, RF_CLASSES_ALL, frames->bytes, reterr);
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
    if (history->frames[bucket].count == 0) {
        return RF_OK;
    }
    RF_VERIFY(window < history->reader_count && history->readings[bucket] == NULL);
    struct rf_reader *reader = &history->readers[window];
    reader->reading.window = &reader->window;
    RF_TRY(bring_first(history, bucket, &reader->reading, reterr));
    history->readings[bucket] = &reader->reading;
    return RF_OK;
}

rf_code
rf_history_next_portion(struct rf_history *history, size_t bucket, bool *ret_more,
                        struct rf_err *reterr)
{
    RF_VERIFY(bucket < RF_BUCKET_COUNT);
    struct rf_reading *reading = history->readings[bucket];
    *ret_more = false;
    if (reading == NULL) {
        return RF_OK;
    }
    RF_TRY(rf_window_verify(reading->window, reterr));
    if (reading->divided) {
        RF_TRY(bring_next(history, bucket, reading, ret_more, reterr));
    }
    if (!*ret_more) {
        history->readings[bucket] = NULL;
    }
    return RF_OK;
}
