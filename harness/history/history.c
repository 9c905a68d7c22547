/* SPDX-License-Identifier: MIT */
/* Events by instance: stowed in arenas, strewn over buckets by a hash of the id. */
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
#include "base/threads.h"
#include "history/history_internal.h"

/** Segments of a part: the first is small, for most buckets of a small history hold little; then as
 * much as there is already, up to a size of which what is left at the end is a trifle. */
#define SEGMENT_LEAST_BYTES ((size_t)256)
#define SEGMENT_MOST_BYTES  ((size_t)16 << 10)
/** A thread's events are numbered by 16 bits elsewhere. */
#define WRITERS_MOST 65535

static void
add_writer(struct rf_history *history)
{
    struct rf_writer *writer = rf_calloc(1, sizeof(*writer));
    writer->history = history;
    writer->number = (uint32_t)history->writer_count;
    writer->names = rf_names_cache_new(history->names);
    writer->stages = rf_alloc(RF_BUCKET_COUNT * RF_STAGE_BYTES);
    history->writers[history->writer_count++] = writer;
}

struct rf_history *
rf_history_new(const struct rf_objects *objects, size_t writers)
{
    RF_VERIFY(writers > 0 && writers <= WRITERS_MOST);
    struct rf_history *history = rf_calloc(1, sizeof(*history));
    history->objects = objects;
    history->states = rf_calloc(objects->count, sizeof(*history->states));
    history->names = rf_names_new();
    history->names_reader = -1;
    history->writers = rf_calloc(writers, sizeof(*history->writers));
    history->buckets = rf_calloc(RF_BUCKET_COUNT, sizeof(*history->buckets));
    history->memory_bytes = UINT64_MAX;
    history->arena_bytes = UINT64_MAX;
    for (size_t i = 0; i < writers; i++) {
        add_writer(history);
    }
    return history;
}

void
rf_history_limit(struct rf_history *history, uint64_t bytes)
{
    history->memory_bytes = bytes;
    history->arena_bytes = RF_ARENAS_SHARE(bytes) / history->writer_count;
}

static void
free_writer(struct rf_writer *writer)
{
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        free(writer->parts[i].segments);
        rf_frames_done(&writer->parts[i].frames);
    }
    free(writer->stages);
    rf_buf_done(&writer->stowed);
    rf_extents_done(&writer->arena);
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
        started[i] =
            i + 1 < count && rf_thread_start(&threads[i], free_writer_thread, history->writers[i]);
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
        rf_frames_done(&history->buckets[i].frames);
    }
    if (history->names_reader >= 0) {
        (void)close(history->names_reader);
    }
    rf_memfile_done(&history->names_file);
    rf_names_free(history->names);
    free(history->writers);
    free(history->buckets);
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
rf_history_names(const struct rf_history *history)
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

/** Another segment of the part, for at least this many bytes. */
static rf_code
add_segment(struct rf_writer *writer, struct rf_part *part, size_t bytes, struct rf_err *reterr)
{
    size_t room = part->bytes / SEGMENT_LEAST_BYTES * SEGMENT_LEAST_BYTES;
    room = room < SEGMENT_LEAST_BYTES ? SEGMENT_LEAST_BYTES : room;
    room = room > SEGMENT_MOST_BYTES ? SEGMENT_MOST_BYTES : room;
    room = room < bytes ? bytes : room;
    if (!has_room(writer, room)) {
        RF_TRY(rf_writer_spill(writer, reterr));
    }
    RF_GROW(part->segments, part->segment_room, part->segment_count + 1);
    part->segments[part->segment_count++] =
        (struct rf_segment){.bytes = rf_extents_take(&writer->arena, room), .room = room};
    writer->used += room;
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

/** Puts stowed events behind the part's last one.
 *  @packed_bytes  of them in a window */
static rf_code
put_events(struct rf_writer *writer, struct rf_part *part, const void *events, size_t bytes,
           uint64_t packed_bytes, struct rf_err *reterr)
{
    struct rf_segment *last =
        part->segment_count == 0 ? NULL : &part->segments[part->segment_count - 1];
    if (last == NULL || last->room - last->used < bytes) {
        RF_TRY(add_segment(writer, part, bytes, reterr));
        last = &part->segments[part->segment_count - 1];
    }
    memcpy(last->bytes + last->used, events, bytes);
    last->used += bytes;
    last->packed_bytes += packed_bytes;
    part->bytes += bytes;
    part->packed_bytes += packed_bytes;
    return RF_OK;
}

static unsigned char *
stage_of(const struct rf_writer *writer, const struct rf_part *part)
{
    return writer->stages + (size_t)(part - writer->parts) * RF_STAGE_BYTES;
}

static rf_code
flush_stage(struct rf_writer *writer, struct rf_part *part, struct rf_err *reterr)
{
    if (part->staged > 0) {
        RF_TRY(put_events(writer, part, stage_of(writer, part), part->staged,
                          part->staged_packed_bytes, reterr));
        part->staged = 0;
        part->staged_packed_bytes = 0;
    }
    return RF_OK;
}

/** The event that is stowed in writer->stowed becomes the part's next one. */
static rf_code
put_stowed(struct rf_writer *writer, struct rf_part *part, uint64_t packed_bytes,
           struct rf_err *reterr)
{
    const struct rf_buf *stowed = &writer->stowed;
    part->events++;
    if (stowed->used > RF_STAGE_BYTES) {
        return put_events(writer, part, stowed->bytes, stowed->used, packed_bytes, reterr);
    }
    if (part->staged + stowed->used > RF_STAGE_BYTES) {
        RF_TRY(flush_stage(writer, part, reterr));
    }
    memcpy(stage_of(writer, part) + part->staged, stowed->bytes, stowed->used);
    part->staged += stowed->used;
    part->staged_packed_bytes += packed_bytes;
    return RF_OK;
}

/** The data as tokens of a stencil, where it is like others.
 *  @header  gets stencil, holes and data_bytes; these of plain text otherwise */
static void
choose_form(struct rf_writer *writer, const struct rf_event *event, struct rf_packed_event *header)
{
    struct rf_known *known = event->known;
    header->stencil = RF_NAME_NONE;
    header->data_bytes = (uint32_t)event->data_bytes;
    if (known == NULL || event->data_bytes > UINT16_MAX) {
        return;
    }
    if (known->stencil_number == RF_NAME_NONE) {
        known->stencil_number =
            rf_names_cache_number(writer->names, known->stencil.bytes, known->stencil.used);
    }
    if (known->stencil_number == RF_NAME_NONE) {
        return; /* no room for names: as text */
    }
    header->stencil = known->stencil_number;
    header->holes = (uint8_t)known->data_scalars;
    header->data_bytes -= (uint32_t)(known->stencil.used - known->data_scalars);
}

/** Where an id that stands in the data as it is lies in tokens or text; false where it does not:
 * then it needs a copy of its own. */
static bool
find_id(const struct rf_event *event, const struct rf_packed_event *header, size_t *ret_start)
{
    uintptr_t id = (uintptr_t)event->id;
    if (header->holes == 0) {
        *ret_start = id - (uintptr_t)event->data;
        return id >= (uintptr_t)event->data && *ret_start <= event->data_bytes &&
               event->id_bytes <= event->data_bytes - *ret_start;
    }
    const struct rf_json_node *scalar = event->scalars->nodes + event->known->data_scalar;
    uintptr_t text = (uintptr_t)event->scalars->text;
    size_t before = 0;
    for (uint32_t i = 0; i < header->holes; i++, scalar++) {
        if (id >= text + scalar->start && id + event->id_bytes <= text + scalar->end) {
            *ret_start = before + (id - (text + scalar->start));
            return true;
        }
        before += scalar->end - scalar->start;
    }
    return false;
}

/** What the payload is made of: of the header its form, the id's place and all lengths. */
static void
lay_out(struct rf_writer *writer, const struct rf_event *event, struct rf_packed_event *header)
{
    choose_form(writer, event, header);
    /* An event id only tells duplicates apart where there is no version. */
    header->id_bytes = (uint16_t)event->id_bytes;
    header->eid_bytes = event->eid == NULL || event->has_version ? 0 : (uint16_t)event->eid_bytes;
    size_t start;
    size_t front = header->holes * sizeof(uint16_t);
    bool shared = find_id(event, header, &start) && front + header->eid_bytes + start <= UINT16_MAX;
    if (shared) {
        header->flags |= RF_EVENT_ID_IN_DATA;
    }
    header->id_start = (uint16_t)(front + (shared ? header->eid_bytes + start : 0));
}

static struct rf_stow_parts
parts_of(const struct rf_event *event, const struct rf_packed_event *header)
{
    struct rf_stow_parts parts = {.id = event->id, .eid = event->eid, .data = event->data};
    if (header->holes > 0) {
        parts.text = event->scalars->text;
        parts.tokens = event->scalars->nodes + event->known->data_scalar;
    }
    return parts;
}

rf_code
rf_writer_add(struct rf_writer *writer, uint32_t object, const struct rf_event *event,
              const char *aggregate, size_t aggregate_bytes, struct rf_err *reterr)
{
    struct rf_packed_event header = {
        .offset = event->offset,
        .version = event->has_version ? event->version : 0,
        .at_seconds = event->has_at ? event->at.seconds : INT64_MIN,
        .content_hash = event->content_hash,
        .id_hash = rf_history_id_hash(event->id, event->id_bytes),
        .object = object,
        .part = event->part,
        .at_nanos = event->has_at ? event->at.nanos : 0,
        .aggregate = RF_NAME_NONE,
        .flags =
            (uint8_t)((event->has_version ? RF_EVENT_VERSION : 0) |
                      (event->has_at ? RF_EVENT_AT : 0) | (event->repeats ? RF_EVENT_REPEATS : 0)),
    };
    lay_out(writer, event, &header);
    uint64_t packed_bytes = rf_packed_bytes(&header);
    RF_VERIFY(packed_bytes <= UINT32_MAX && object < writer->history->objects->count);
    RF_TRY(find_name(writer, event->type, event->type_bytes, &header.type, reterr));
    if (aggregate != NULL) {
        RF_TRY(find_name(writer, aggregate, aggregate_bytes, &header.aggregate, reterr));
    }
    struct rf_stow_parts parts = parts_of(event, &header);
    rf_stow(&writer->printer, &header, &parts, &writer->stowed);
    RF_TRY(
        put_stowed(writer, &writer->parts[header.id_hash % RF_BUCKET_COUNT], packed_bytes, reterr));
    rf_sums_see(&writer->sums, &header);
    return RF_OK;
}

rf_code
rf_writer_put(struct rf_writer *writer, const struct rf_packed_event *event, struct rf_err *reterr)
{
    struct rf_json_node tokens[RF_STENCIL_HOLES];
    struct rf_stow_parts parts = {
        .id = rf_packed_id(event),
        .eid = rf_packed_eid(event),
        .data = rf_packed_tokens(event),
        .text = rf_packed_tokens(event),
        .tokens = tokens,
    };
    uint32_t end = 0;
    for (size_t i = 0; i < event->holes; i++) {
        tokens[i].start = end;
        end = rf_packed_ends(event)[i];
        tokens[i].end = end;
    }
    rf_stow(&writer->printer, event, &parts, &writer->stowed);
    return put_stowed(writer, &writer->parts[event->id_hash % RF_BUCKET_COUNT], event->bytes,
                      reterr);
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
    rf_frames_add(&history->buckets[bucket].frames, frame);
    history->buckets[bucket].frame_events += events;
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
        RF_TRY(flush_stage(writer, &writer->parts[i], reterr));
    }
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        hand_over_frames(writer, i); /* the last one that was flushed may have sent all to disk */
    }
    free(writer->stages);
    writer->stages = NULL;
    return RF_OK;
}

rf_code
rf_history_seal(struct rf_history *history, struct rf_err *reterr)
{
    RF_VERIFY(!history->sealed);
    RF_TRY(write_names(history, reterr));
    RF_TRY(open_reader(&history->names_file, &history->names_reader, reterr));
    for (size_t i = 0; i < history->writer_count; i++) {
        RF_TRY(seal_writer(history->writers[i], reterr));
    }
    history->sealed = true;
    return RF_OK;
}

int
rf_history_names_file(const struct rf_history *history)
{
    return history->names_reader;
}

void
rf_history_keep(struct rf_history *history, void *what, void (*done)(void *what))
{
    RF_VERIFY(history->kept == NULL);
    history->kept = what;
    history->kept_done = done;
}

uint64_t
rf_history_id_hash(const char *id, size_t id_bytes)
{
    return rf_hash(id, id_bytes, 0);
}

size_t
rf_history_bucket(const char *id, size_t id_bytes)
{
    return rf_history_id_hash(id, id_bytes) % RF_BUCKET_COUNT;
}

uint64_t
rf_history_rank(const char *id, size_t id_bytes)
{
    uint64_t hash = rf_history_id_hash(id, id_bytes);
    /* The class in front, then all of the hash but what names the bucket and the class. */
    return (uint64_t)rf_class_of_hash(hash) << 44 | hash >> 20;
}
