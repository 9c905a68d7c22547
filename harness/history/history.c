/* SPDX-License-Identifier: MIT */
/* Events by instance: packed events in arenas, strewn over buckets by a hash of the id. */
#include "history/history.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memfile.h"
#include "history/history_internal.h"

/**
 * A bucket's events are staged in ordinary memory and written to the arena in one go: a page that
 * is written costs half of one that is touched through a mapping (1.4 against 2.8 us in a small
 * virtual machine), and nothing is left unused. A small history touches few pages of few stages.
 */
#define STAGE_BYTES ((size_t)16 << 10)
/** A record longer than this part of a stage is written by itself. */
#define STAGE_SHARE 4
#define ALIGNMENT   8
/** A reference has 16 bits for the arena; a window's files need two. */
#define WRITERS_MOST (65535 - RF_WINDOW_FILES)

static rf_code
add_writer(struct rf_history *history, struct rf_err *reterr)
{
    struct rf_writer *writer = rf_calloc(1, sizeof(*writer));
    writer->history = history;
    writer->number = (uint32_t)history->writer_count;
    writer->reader = -1;
    writer->names = rf_names_cache_new(history->names);
    history->writers[history->writer_count++] = writer;
    return rf_memfile_open(&writer->arena, "refold-events", reterr);
}

rf_code
rf_history_new(const struct rf_objects *objects, size_t writers, struct rf_history **ret,
               struct rf_err *reterr)
{
    RF_VERIFY(writers > 0 && writers <= WRITERS_MOST);
    struct rf_history *history = rf_calloc(1, sizeof(*history));
    history->objects = objects;
    history->states = rf_calloc(objects->count, sizeof(*history->states));
    history->names = rf_names_new();
    history->names_reader = -1;
    history->writers = rf_calloc(writers, sizeof(*history->writers));
    history->arena_files = rf_calloc(writers, sizeof(*history->arena_files));
    history->memory_bytes = UINT64_MAX;
    history->arena_bytes = UINT64_MAX;
    history->stage_bytes = STAGE_BYTES;
    for (size_t i = 0; i < writers; i++) {
        rf_code code = add_writer(history, reterr);
        if (code != RF_OK) {
            rf_history_free(history);
            return code;
        }
    }
    *ret = history;
    return RF_OK;
}

void
rf_history_limit(struct rf_history *history, uint64_t bytes)
{
    uint64_t stage = RF_STAGES_SHARE(bytes) / history->writer_count / RF_BUCKET_COUNT;
    stage = stage < RF_STAGE_LEAST_BYTES ? RF_STAGE_LEAST_BYTES : stage;
    history->memory_bytes = bytes;
    history->arena_bytes = RF_ARENAS_SHARE(bytes) / history->writer_count;
    history->stage_bytes =
        stage < STAGE_BYTES ? (size_t)stage / ALIGNMENT * ALIGNMENT : STAGE_BYTES;
}

static void
free_writer(struct rf_writer *writer)
{
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        free(writer->parts[i].segments);
        free(writer->parts[i].stage);
        rf_frames_done(&writer->parts[i].frames);
    }
    rf_buf_done(&writer->large);
    if (writer->reader >= 0) {
        (void)close(writer->reader);
    }
    rf_memfile_done(&writer->arena);
    rf_spill_done(&writer->spill);
    rf_names_cache_free(writer->names);
    free(writer);
}

static void *
free_writer_thread(void *writer)
{
    free_writer(writer);
    return NULL;
}

/** Giving back gigabytes takes the system a while: each arena by a thread of its own, but the last.
 */
static void
free_writers(struct rf_history *history)
{
    size_t count = history->writer_count;
    pthread_t *threads = rf_calloc(count, sizeof(*threads));
    bool *started = rf_calloc(count, sizeof(*started));
    for (size_t i = 0; i < count; i++) {
        started[i] = i + 1 < count && pthread_create(&threads[i], NULL, free_writer_thread,
                                                     history->writers[i]) == 0;
        if (!started[i]) {
            free_writer(history->writers[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (started[i]) {
            (void)pthread_join(threads[i], NULL);
        }
    }
    free(threads);
    free(started);
}

void
rf_history_free(struct rf_history *history)
{
    if (history == NULL) {
        return;
    }
    rf_history_close_readers(history);
    if (history->kept_done != NULL) {
        history->kept_done(history->kept);
    }
    free_writers(history);
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        rf_frames_done(&history->frames[i]);
    }
    if (history->names_reader >= 0) {
        (void)close(history->names_reader);
    }
    rf_memfile_done(&history->names_file);
    rf_names_free(history->names);
    free(history->writers);
    free(history->arena_files);
    free(history->states);
    free(history);
}

struct rf_writer *
rf_history_writer(struct rf_history *history, size_t number)
{
    RF_VERIFY(number < history->writer_count);
    return history->writers[number];
}

struct rf_names *
rf_history_names(struct rf_history *history)
{
    return history->names;
}

const struct rf_objects *
rf_history_objects(const struct rf_history *history)
{
    return history->objects;
}

struct rf_sums *
rf_writer_sums(struct rf_writer *writer)
{
    return &writer->sums;
}

/** Whether the arena may take so many more bytes. An event that is larger than all of it goes into
 * an empty one. */
static bool
has_room(const struct rf_writer *writer, size_t count)
{
    uint64_t room = writer->history->arena_bytes;
    return writer->used == 0 || (writer->used < room && count <= room - writer->used);
}

/** Writes packed events behind all others, as one segment of the part. */
static rf_code
write_segment(struct rf_writer *writer, struct rf_part *part, const void *bytes, size_t count,
              struct rf_err *reterr)
{
    if (!has_room(writer, count)) {
        RF_TRY(rf_writer_spill(writer, reterr));
    }
    rf_memfile_grow(&writer->arena, writer->used + count);
    if (!rf_fd_write_at(writer->arena.fd, bytes, count, writer->used)) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "history", "cannot write to a memory file");
    }
    RF_GROW(part->segments, part->segment_room, part->segment_count + 1);
    part->segments[part->segment_count++] =
        (struct rf_segment){.offset = writer->used, .bytes = count};
    writer->used += count;
    return RF_OK;
}

static rf_code
flush_part(struct rf_writer *writer, struct rf_part *part, struct rf_err *reterr)
{
    if (part->staged > 0) {
        RF_TRY(write_segment(writer, part, part->stage, part->staged, reterr));
        part->staged = 0;
    }
    return RF_OK;
}

static rf_code
find_name(struct rf_writer *writer, const char *name, size_t bytes, uint32_t *ret,
          struct rf_err *reterr)
{
    *ret = rf_names_cache_number(writer->names, name, bytes);
    if (*ret == UINT32_MAX) {
        return rf_fail(reterr, RF_ERR_LIMIT, NULL,
                       "more than %d different event types and aggregate names", RF_LIMIT_NAMES);
    }
    return RF_OK;
}

/** @place  of header->bytes bytes */
static void
pack_event(unsigned char *place, const struct rf_packed_event *header, const struct rf_event *event)
{
    memcpy(place, header, sizeof(*header));
    unsigned char *payload = place + sizeof(*header);
    if (!(header->flags & RF_EVENT_ID_IN_DATA)) {
        memcpy(payload, event->id, header->id_bytes);
        payload += header->id_bytes;
    }
    if (header->eid_bytes > 0) {
        memcpy(payload, event->eid, header->eid_bytes);
        payload += header->eid_bytes;
    }
    memcpy(payload, event->data, header->data_bytes);
    payload += header->data_bytes;
    memset(payload, 0, (size_t)(place + header->bytes - payload));
}

static rf_code
put_event(struct rf_writer *writer, struct rf_part *part, const struct rf_packed_event *header,
          const struct rf_event *event, struct rf_err *reterr)
{
    size_t bytes = (size_t)header->bytes;
    size_t room = writer->history->stage_bytes;
    if (bytes > room / STAGE_SHARE) {
        rf_buf_clear(&writer->large);
        rf_buf_reserve(&writer->large, bytes);
        pack_event((unsigned char *)writer->large.bytes, header, event);
        return write_segment(writer, part, writer->large.bytes, bytes, reterr);
    }
    if (part->stage == NULL) {
        part->stage = rf_alloc(room);
    }
    if (room - part->staged < bytes) {
        RF_TRY(flush_part(writer, part, reterr));
    }
    pack_event(part->stage + part->staged, header, event);
    part->staged += bytes;
    return RF_OK;
}

/** Whether the id stands in the data as it is: then one copy serves both. */
static bool
id_in_data(const struct rf_event *event)
{
    uintptr_t id = (uintptr_t)event->id;
    uintptr_t data = (uintptr_t)event->data;
    return id >= data && id - data <= event->data_bytes &&
           event->id_bytes <= event->data_bytes - (id - data);
}

rf_code
rf_writer_add(struct rf_writer *writer, uint32_t object, const struct rf_event *event,
              const char *aggregate, size_t aggregate_bytes, struct rf_err *reterr)
{
    bool shared = id_in_data(event);
    /* An event id only tells duplicates apart where there is no version. */
    size_t eid_bytes = event->eid == NULL || event->has_version ? 0 : event->eid_bytes;
    uint64_t payload = (shared ? 0 : (uint64_t)event->id_bytes) + eid_bytes + event->data_bytes;
    uint64_t bytes =
        (sizeof(struct rf_packed_event) + payload + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    RF_VERIFY(payload <= UINT32_MAX && object < writer->history->objects->count);
    struct rf_packed_event header = {
        .bytes = bytes,
        .offset = event->offset,
        .version = event->has_version ? event->version : 0,
        .at_seconds = event->has_at ? event->at.seconds : INT64_MIN,
        .content_hash = event->content_hash,
        .id_hash = rf_hash(event->id, event->id_bytes, 0),
        .object = object,
        .part = event->part,
        .at_nanos = event->has_at ? event->at.nanos : 0,
        .aggregate = RF_NAME_NONE,
        .id_bytes = (uint32_t)event->id_bytes,
        .eid_bytes = (uint32_t)eid_bytes,
        .data_bytes = (uint32_t)event->data_bytes,
        .flags = (event->has_version ? (uint32_t)RF_EVENT_VERSION : 0) |
                 (event->has_at ? (uint32_t)RF_EVENT_AT : 0) |
                 (shared ? (uint32_t)RF_EVENT_ID_IN_DATA : 0) |
                 (event->repeats ? (uint32_t)RF_EVENT_REPEATS : 0),
        .id_start = shared ? (uint32_t)(eid_bytes + (size_t)(event->id - event->data)) : 0,
    };
    RF_TRY(find_name(writer, event->type, event->type_bytes, &header.type, reterr));
    if (aggregate != NULL) {
        RF_TRY(find_name(writer, aggregate, aggregate_bytes, &header.aggregate, reterr));
    }
    struct rf_part *part = &writer->parts[header.id_hash % RF_BUCKET_COUNT];
    RF_TRY(put_event(writer, part, &header, event, reterr));
    part->events++;
    rf_sums_see(&writer->sums, &header);
    return RF_OK;
}

rf_code
rf_writer_put(struct rf_writer *writer, const struct rf_packed_event *event, struct rf_err *reterr)
{
    struct rf_part *part = &writer->parts[event->id_hash % RF_BUCKET_COUNT];
    size_t bytes = (size_t)event->bytes;
    size_t room = writer->history->stage_bytes;
    part->events++;
    if (bytes > room / STAGE_SHARE) {
        return write_segment(writer, part, event, bytes, reterr);
    }
    if (part->stage == NULL) {
        part->stage = rf_alloc(room);
    }
    if (room - part->staged < bytes) {
        RF_TRY(flush_part(writer, part, reterr));
    }
    memcpy(part->stage + part->staged, event, bytes);
    part->staged += bytes;
    return RF_OK;
}

void
rf_history_settle(struct rf_history *history, uint32_t object, enum rf_object_fate fate,
                  bool withdrawn)
{
    RF_VERIFY(object < history->objects->count);
    history->states[object].fate = (uint8_t)fate;
    history->states[object].withdrawn = withdrawn;
}

enum rf_object_fate
rf_history_fate(const struct rf_history *history, uint32_t object)
{
    return (enum rf_object_fate)history->states[object].fate;
}

bool
rf_history_withdrawn(const struct rf_history *history, uint32_t object)
{
    return history->states[object].withdrawn != 0;
}

static void
fill_names(struct rf_history *history, size_t count)
{
    unsigned char *bytes = history->names_file.bytes;
    uint64_t place = sizeof(struct rf_names_header) + count * sizeof(struct rf_names_entry);
    memcpy(bytes, &(struct rf_names_header){.count = count}, sizeof(struct rf_names_header));
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *text = rf_names_text(history->names, (uint32_t)i, &length);
        struct rf_names_entry entry = {
            .offset = place,
            .bytes = length,
            .hash = rf_names_hash(history->names, (uint32_t)i),
        };
        memcpy(bytes + sizeof(struct rf_names_header) + i * sizeof(entry), &entry, sizeof(entry));
        memcpy(bytes + place, text, length);
        place += length;
    }
}

static rf_code
write_names(struct rf_history *history, struct rf_err *reterr)
{
    size_t count = rf_names_count(history->names);
    uint64_t size = sizeof(struct rf_names_header) + count * sizeof(struct rf_names_entry);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        (void)rf_names_text(history->names, (uint32_t)i, &length);
        size += length;
    }
    RF_TRY(rf_memfile_open(&history->names_file, "refold-names", reterr));
    rf_memfile_grow(&history->names_file, size);
    fill_names(history, count);
    return rf_memfile_seal(&history->names_file, reterr);
}

static rf_code
open_reader(const struct rf_memfile *file, int *ret, struct rf_err *reterr)
{
    *ret = rf_memfile_reader(file);
    if (*ret < 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "history", "cannot open a memory file again");
    }
    return RF_OK;
}

void
rf_history_add_frame(struct rf_history *history, size_t bucket, const struct rf_frame *frame,
                     size_t events)
{
    RF_VERIFY(!history->sealed && bucket < RF_BUCKET_COUNT);
    rf_frames_add(&history->frames[bucket], frame);
    history->frame_events[bucket] += events;
}

/** A writer counts the events of its frames itself. */
static void
hand_over_frames(struct rf_writer *writer, size_t bucket)
{
    struct rf_frames *frames = &writer->parts[bucket].frames;
    for (size_t i = 0; i < frames->count; i++) {
        rf_history_add_frame(writer->history, bucket, &frames->items[i], 0);
    }
    rf_frames_done(frames);
}

static rf_code
seal_writer(struct rf_writer *writer, struct rf_err *reterr)
{
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        struct rf_part *part = &writer->parts[i];
        RF_TRY(flush_part(writer, part, reterr));
        free(part->stage);
        part->stage = NULL;
    }
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        hand_over_frames(writer, i);
    }
    /* An empty file cannot be mapped: workers need not tell the two apart. */
    rf_memfile_grow(&writer->arena, ALIGNMENT);
    RF_TRY(rf_memfile_seal(&writer->arena, reterr));
    return open_reader(&writer->arena, &writer->reader, reterr);
}

rf_code
rf_history_seal(struct rf_history *history, struct rf_err *reterr)
{
    RF_VERIFY(!history->sealed);
    RF_TRY(write_names(history, reterr));
    RF_TRY(open_reader(&history->names_file, &history->names_reader, reterr));
    for (size_t i = 0; i < history->writer_count; i++) {
        RF_TRY(seal_writer(history->writers[i], reterr));
        history->arena_files[i] = history->writers[i]->reader;
    }
    history->sealed = true;
    return RF_OK;
}

int
rf_history_names_file(const struct rf_history *history)
{
    return history->names_reader;
}

const int *
rf_history_arena_files(const struct rf_history *history, size_t *ret_count)
{
    *ret_count = history->writer_count;
    return history->arena_files;
}

const struct rf_packed_event *
rf_history_event(const struct rf_history *history, uint64_t ref)
{
    uint32_t arena = rf_ref_arena(ref);
    RF_VERIFY(history->sealed && arena < history->writer_count &&
              rf_ref_offset(ref) < history->writers[arena]->used);
    return (const struct rf_packed_event *)(const void *)(history->writers[arena]->arena.bytes +
                                                          rf_ref_offset(ref));
}

uint64_t
rf_history_bytes(const struct rf_history *history)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < history->writer_count; i++) {
        bytes += history->writers[i]->used;
    }
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        bytes += history->frames[i].bytes;
    }
    return bytes;
}

void
rf_history_keep(struct rf_history *history, void *what, void (*done)(void *what))
{
    RF_VERIFY(history->kept == NULL);
    history->kept = what;
    history->kept_done = done;
}
