/* SPDX-License-Identifier: MIT */
/* Requests to events, events to states, states to answers. */
#include "worker/fold_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "worker/answers.h"
#include "worker/protocol.h"
#include "worker/values.h"

/* Events that apply_batch gets at once. */
#define BATCH_EVENTS 256
/* An event's memory is asked for so many events before it is needed: events of an instance lie
 * strewn over the arenas, and none is in the processor's cache. */
#define AHEAD_EVENTS 16

/* A mapped file. */
struct view {
    const unsigned char *bytes;
    uint64_t size;
};

/* What is known of a name as an event type; found out when it first comes. */
struct known_type {
    int32_t kind;
    enum { TYPE_NEW, TYPE_DECLARED, TYPE_UNDECLARED } state;
};

struct loop {
    const struct rf_plugin *plugin;
    struct view *arenas;
    size_t arena_count;
    struct view names;
    uint64_t name_count;
    struct known_type *types; /* by name number */
    struct view requests;
    struct rf_answers answers;
    struct rf_buf text;     /* of the state at hand */
    struct rf_buf previous; /* of the last TRACE */
    uint32_t previous_status;
    struct rf_buf why;     /* why there is no text */
    struct rf_buf message; /* of a rejection */
    refold_event events[BATCH_EVENTS];
    const refold_event *event_list[BATCH_EVENTS];
    const struct rf_packed_event *packed[BATCH_EVENTS];
};

/* The instance at hand. */
struct instance {
    const struct rf_request *request;
    const struct rf_request_event *events; /* request->count */
    uint64_t number;                       /* in the batch */
    refold_string aggregate;
    void *state;
    uint64_t applied;
    uint64_t digest; /* of the applied events */
};

/* ---- mapped files ---------------------------------------------------------------------------- */

static struct view
map_file(int fd, uint64_t size)
{
    struct view view = {NULL, size};
    if (size > 0) {
        void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED) {
            rf_worker_fail("cannot map file descriptor %d: %s", fd, strerror(errno));
        }
        view.bytes = bytes;
    }
    return view;
}

/* Maps the whole file; the descriptor is not needed any more. */
static struct view
take_file(int fd)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0) {
        rf_worker_fail("file descriptor %d is missing: %s", fd, strerror(errno));
    }
    struct view view = map_file(fd, (uint64_t)stat.st_size);
    (void)close(fd);
    return view;
}

static void
map_requests(struct loop *loop, uint64_t file_bytes)
{
    if (file_bytes == loop->requests.size) {
        return;
    }
    if (loop->requests.bytes != NULL) {
        (void)munmap((void *)(uintptr_t)loop->requests.bytes, (size_t)loop->requests.size);
    }
    loop->requests = map_file(RF_FD_REQUESTS, file_bytes);
}

static const struct rf_names_entry *
name_entry(const struct loop *loop, uint32_t number)
{
    if (number >= loop->name_count) {
        rf_worker_fail("a request has name %u, and there are %llu", number,
                       (unsigned long long)loop->name_count);
    }
    const struct rf_names_header *header = (const void *)loop->names.bytes;
    return (const struct rf_names_entry *)(header + 1) + number;
}

static refold_string
name_text(const struct loop *loop, uint32_t number)
{
    const struct rf_names_entry *entry = name_entry(loop, number);
    return (refold_string){(const char *)loop->names.bytes + entry->offset, entry->bytes};
}

static void
open_names(struct loop *loop)
{
    loop->names = take_file(RF_FD_NAMES);
    uint64_t size = loop->names.size;
    const struct rf_names_header *header = (const void *)loop->names.bytes;
    if (size < sizeof(*header) ||
        header->count > (size - sizeof(*header)) / sizeof(struct rf_names_entry)) {
        rf_worker_fail("the names file is too short");
    }
    loop->name_count = header->count;
    for (uint32_t i = 0; i < loop->name_count; i++) {
        const struct rf_names_entry *entry = name_entry(loop, i);
        if (entry->offset > size || entry->bytes > size - entry->offset) {
            rf_worker_fail("name %u lies outside of the names file", i);
        }
    }
    loop->types = rf_calloc((size_t)loop->name_count, sizeof(*loop->types));
}

/* ---- requests and events --------------------------------------------------------------------- */

/* The request at `offset`, checked; the next one follows it. */
static const struct rf_request *
request_at(const struct loop *loop, uint64_t offset)
{
    uint64_t size = loop->requests.size;
    if (offset > size || size - offset < sizeof(struct rf_request) || offset % 8 != 0) {
        rf_worker_fail("a request lies outside of the request file");
    }
    const struct rf_request *request = (const void *)(loop->requests.bytes + offset);
    uint64_t room = size - offset - sizeof(*request);
    if (request->count > room / sizeof(struct rf_request_event) ||
        request->bytes != sizeof(*request) + request->count * sizeof(struct rf_request_event) ||
        request->snapshot_after > request->count) {
        rf_worker_fail("a request contradicts itself");
    }
    return request;
}

static const struct rf_request_event *
request_events(const struct rf_request *request)
{
    return (const struct rf_request_event *)(request + 1);
}

static const struct rf_packed_event *
packed_at(const struct loop *loop, uint64_t ref)
{
    uint32_t arena = rf_ref_arena(ref);
    uint64_t offset = rf_ref_offset(ref);
    if (arena >= loop->arena_count || offset % 8 != 0 || offset > loop->arenas[arena].size ||
        loop->arenas[arena].size - offset < sizeof(struct rf_packed_event)) {
        rf_worker_fail("an event lies outside of its arena");
    }
    const struct rf_packed_event *packed = (const void *)(loop->arenas[arena].bytes + offset);
    uint64_t front = (uint64_t)(rf_packed_data(packed) - (const char *)(packed + 1));
    uint64_t id_end = (uint64_t)packed->id_start + packed->id_bytes;
    uint64_t data_end = front + packed->data_bytes;
    uint64_t payload = id_end > data_end ? id_end : data_end;
    if (packed->bytes > loop->arenas[arena].size - offset ||
        packed->bytes < sizeof(*packed) + payload) {
        rf_worker_fail("an event reaches beyond its arena");
    }
    return packed;
}

/* Inlined always: gcc 12 takes a function that does nothing but this for one that does nothing, and
 * leaves its calls out. */
static inline __attribute__((always_inline)) void
ask_for(const struct loop *loop, uint64_t ref)
{
    uint32_t arena = rf_ref_arena(ref);
    uint64_t offset = rf_ref_offset(ref);
    if (arena < loop->arena_count && offset < loop->arenas[arena].size) {
        const unsigned char *event = loop->arenas[arena].bytes + offset;
        __builtin_prefetch(event);
        __builtin_prefetch(event + 64);
        __builtin_prefetch(event + 128);
        __builtin_prefetch(event + 192);
        __builtin_prefetch(event + 256);
        __builtin_prefetch(event + 320);
    }
}

static inline __attribute__((always_inline)) void
ask_for_first(const struct loop *loop, const struct rf_request *request)
{
    for (uint64_t i = 0; i < request->count && i < AHEAD_EVENTS; i++) {
        ask_for(loop, request_events(request)[i].ref);
    }
}

static bool
find_kind(struct loop *loop, uint32_t type, int32_t *ret)
{
    refold_string name = name_text(loop, type);
    struct known_type *known = &loop->types[type];
    if (known->state == TYPE_NEW) {
        known->state = rf_plugin_kind(loop->plugin, name.ptr, (size_t)name.len, &known->kind)
                           ? TYPE_DECLARED
                           : TYPE_UNDECLARED;
    }
    *ret = known->kind;
    return known->state == TYPE_DECLARED;
}

/* Fills place `place` of the loop's events with event `index` of the instance. False where the
 * aggregate does not declare its type. */
static bool
take_event(struct loop *loop, const struct instance *instance, uint64_t index, size_t place)
{
    if (index + AHEAD_EVENTS < instance->request->count) {
        ask_for(loop, instance->events[index + AHEAD_EVENTS].ref);
    }
    const struct rf_packed_event *packed = packed_at(loop, instance->events[index].ref);
    bool timed = (packed->flags & RF_EVENT_AT) != 0;
    refold_event *event = &loop->events[place];
    loop->packed[place] = packed;
    event->size = sizeof(*event);
    event->version = instance->events[index].version;
    event->at.seconds = timed ? packed->at_seconds : 0;
    event->at.nanos = timed ? packed->at_nanos : 0;
    event->at.set = timed;
    event->aggregate = instance->aggregate;
    event->id = (refold_string){rf_packed_id(packed), packed->id_bytes};
    event->type = name_text(loop, packed->type);
    event->data = (refold_string){rf_packed_data(packed), packed->data_bytes};
    event->host = rf_values_host();
    event->host_data = NULL;
    return find_kind(loop, packed->type, &event->kind);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void
answer(struct loop *loop, const struct instance *instance, uint32_t kind, uint32_t status,
       const struct rf_buf *text)
{
    struct rf_answer answer = {
        .kind = kind,
        .status = status,
        .instance = instance->number,
        .applied = instance->applied,
        .digest = instance->digest,
    };
    rf_answers_send(&loop->answers, &answer, text);
}

static bool
same_bytes(const struct rf_buf *a, const struct rf_buf *b)
{
    return a->used == b->used && (a->used == 0 || memcmp(a->bytes, b->bytes, a->used) == 0);
}

static void
answer_trace(struct loop *loop, const struct instance *instance, uint32_t status,
             const struct rf_buf *text)
{
    if (instance->applied > 0 && status == loop->previous_status &&
        same_bytes(text, &loop->previous)) {
        return;
    }
    answer(loop, instance, RF_ANSWER_TRACE, status, text);
    loop->previous_status = status;
    rf_buf_clear(&loop->previous);
    rf_buf_add(&loop->previous, text->bytes, text->used);
}

/* Gives the answers that are due once `applied` events are applied. */
static void
answer_applied(struct loop *loop, const struct instance *instance)
{
    const struct rf_request *request = instance->request;
    bool traced =
        (request->flags & RF_REQUEST_TRACE) && instance->applied <= request->snapshot_after;
    bool wanted = instance->applied == request->snapshot_after;
    if ((request->flags & RF_REQUEST_STEP) && instance->applied == request->count) {
        rf_notice_send(RF_NOTICE_STEP, instance->number, request->count);
    }
    if (!traced && !wanted) {
        return;
    }
    rf_buf_clear(&loop->text);
    rf_buf_clear(&loop->why);
    uint32_t status = rf_plugin_snapshot(loop->plugin, instance->state, &loop->text, &loop->why);
    const struct rf_buf *text = status == RF_STATUS_OK ? &loop->text : &loop->why;
    if (traced) {
        answer_trace(loop, instance, status, text);
    }
    if (wanted) {
        answer(loop, instance, RF_ANSWER_STATE, status, text);
    }
}

/* ---- folding --------------------------------------------------------------------------------- */

/* Sets the message for the event in this place: "<type>: <what refold_reject was called with>". */
static void
note_rejection(struct loop *loop, size_t place)
{
    const char *text;
    size_t bytes;
    refold_string type = loop->events[place].type;
    rf_buf_clear(&loop->message);
    rf_buf_add(&loop->message, type.ptr, (size_t)type.len);
    rf_buf_string(&loop->message, ": ");
    if (rf_values_rejection(&text, &bytes)) {
        rf_buf_add(&loop->message, text, bytes);
    } else {
        rf_buf_string(&loop->message, "refused");
    }
}

/* As note_rejection, where the aggregate gave no text that fits. */
static void
note_odd_result(struct loop *loop, size_t place, const char *function, long long result)
{
    refold_string type = loop->events[place].type;
    rf_buf_clear(&loop->message);
    rf_buf_add(&loop->message, type.ptr, (size_t)type.len);
    rf_buf_format(&loop->message, ": %s returned %lld", function, result);
}

static void
note_unhandled(struct loop *loop, size_t place)
{
    refold_string type = loop->events[place].type;
    rf_buf_clear(&loop->message);
    rf_buf_string(&loop->message, "unhandled type ");
    rf_buf_add(&loop->message, type.ptr, (size_t)type.len);
}

/* Calls the aggregate with the first `count` of the loop's events; returns how many it took. Where
 * that is fewer, the message is set. */
static uint64_t
apply_events(struct loop *loop, void *state, uint64_t count)
{
    const refold_aggregate *table = &loop->plugin->table;
    rf_values_begin_call();
    if (table->apply_batch != NULL) {
        uint64_t taken = table->apply_batch(state, loop->event_list, count);
        if (taken > count) {
            note_odd_result(loop, 0, "apply_batch", (long long)taken);
            return 0;
        }
        if (taken < count) {
            note_rejection(loop, (size_t)taken);
        }
        return taken;
    }
    int32_t result = table->apply(state, &loop->events[0]);
    if (result == REFOLD_OK) {
        return 1;
    }
    if (result == REFOLD_REJECTED) {
        note_rejection(loop, 0);
    } else {
        note_odd_result(loop, 0, "apply", result);
    }
    return 0;
}

/* Applies up to `limit` (at least 1) of the instance's next events. False where one was refused:
 * `applied` is its place then. */
static bool
fold_some(struct loop *loop, struct instance *instance, uint64_t limit)
{
    uint64_t count = 0;
    bool declared = true;
    while (count < limit && declared) {
        declared = take_event(loop, instance, instance->applied + count, (size_t)count);
        count += declared;
    }
    uint64_t taken = count == 0 ? 0 : apply_events(loop, instance->state, count);
    if (taken == count && !declared) {
        note_unhandled(loop, (size_t)count);
    }
    for (uint64_t i = 0; i < taken; i++) {
        const struct rf_packed_event *packed = loop->packed[i];
        instance->digest = rf_digest_event(instance->digest, packed, loop->events[i].version,
                                           name_entry(loop, packed->type)->hash);
    }
    instance->applied += taken;
    return taken == count && declared;
}

/* Applies events until `end` of them are applied, answering on the way where `answering`. */
static bool
fold_until(struct loop *loop, struct instance *instance, uint64_t end, bool answering)
{
    const struct rf_request *request = instance->request;
    bool single = loop->plugin->table.apply_batch == NULL ||
                  (request->flags & (RF_REQUEST_TRACE | RF_REQUEST_STEP)) != 0;
    uint64_t most = single ? 1 : BATCH_EVENTS;
    while (instance->applied < end) {
        uint64_t border =
            instance->applied < request->snapshot_after ? request->snapshot_after : request->count;
        border = border < end ? border : end;
        uint64_t left = border - instance->applied;
        if (answering && (request->flags & RF_REQUEST_STEP)) {
            rf_notice_send(RF_NOTICE_STEP, instance->number, instance->applied);
        }
        if (!fold_some(loop, instance, left < most ? left : most)) {
            return false;
        }
        if (answering) {
            answer_applied(loop, instance);
        }
    }
    return true;
}

static void
begin_state(struct loop *loop, struct instance *instance)
{
    rf_values_begin_instance();
    instance->applied = 0;
    instance->digest = 0;
    instance->state = rf_plugin_state_new(loop->plugin);
    if (instance->state == NULL) {
        rf_worker_fail("create returned NULL");
    }
}

/* The state before the refused event: what that event has changed must not show. */
static void
answer_rebuilt(struct loop *loop, struct instance *instance)
{
    struct rf_buf message = loop->message; /* kept from a second refusal */
    uint64_t refused = instance->applied;
    uint64_t digest = instance->digest;
    loop->message = (struct rf_buf){0};
    rf_plugin_state_free(loop->plugin, instance->state);
    begin_state(loop, instance);
    rf_buf_clear(&loop->text);
    rf_buf_clear(&loop->why);
    uint32_t status = RF_STATUS_BROKEN;
    if (fold_until(loop, instance, refused, false)) {
        status = rf_plugin_snapshot(loop->plugin, instance->state, &loop->text, &loop->why);
    } else {
        rf_buf_format(&loop->why,
                      "impure: event %llu was taken first, and refused when folded again",
                      (unsigned long long)instance->applied);
        instance->applied = refused;
        instance->digest = digest;
    }
    answer(loop, instance, RF_ANSWER_STATE, status,
           status == RF_STATUS_OK ? &loop->text : &loop->why);
    rf_buf_done(&loop->message);
    loop->message = message;
}

static void
fold_instance(struct loop *loop, const struct rf_request *request, uint64_t number)
{
    static const struct rf_buf nothing = {0};
    struct instance instance = {
        .request = request,
        .events = request_events(request),
        .number = number,
    };
    instance.aggregate = name_text(loop, request->aggregate);
    begin_state(loop, &instance);
    answer_applied(loop, &instance);
    if (fold_until(loop, &instance, request->count, true)) {
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_OK, &nothing);
    } else {
        if (instance.applied < request->snapshot_after) {
            answer_rebuilt(loop, &instance);
        }
        answer(loop, &instance, RF_ANSWER_END, RF_STATUS_REJECTED, &loop->message);
    }
    rf_plugin_state_free(loop->plugin, instance.state);
}

static void
fold_batch(struct loop *loop, const struct rf_command *command)
{
    map_requests(loop, command->file_bytes);
    uint64_t offset = command->offset;
    for (uint64_t i = 0; i < command->instances; i++) {
        const struct rf_request *request = request_at(loop, offset);
        offset += request->bytes;
        if (i + 1 < command->instances) {
            ask_for_first(loop, request_at(loop, offset));
        }
        fold_instance(loop, request, i);
    }
    rf_answers_end_batch(&loop->answers, command->batch);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void
keep_from_children(int fd)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void
open_files(struct loop *loop, size_t arena_count)
{
    open_names(loop);
    rf_answers_open(&loop->answers);
    loop->arenas = rf_calloc(arena_count, sizeof(*loop->arenas));
    loop->arena_count = arena_count;
    for (size_t i = 0; i < arena_count; i++) {
        loop->arenas[i] = take_file(RF_FD_ARENAS + (int)i);
    }
    keep_from_children(RF_FD_COMMANDS);
    keep_from_children(RF_FD_NOTICES);
    keep_from_children(RF_FD_REQUESTS);
}

void
rf_fold_loop(const struct rf_plugin *plugin, size_t arena_count)
{
    struct loop *loop = rf_calloc(1, sizeof(*loop));
    struct rf_command command;
    loop->plugin = plugin;
    for (size_t i = 0; i < BATCH_EVENTS; i++) {
        loop->event_list[i] = &loop->events[i];
    }
    open_files(loop, arena_count);
    rf_notice_send(RF_NOTICE_HELLO, RF_PROTOCOL_VERSION, 0);
    while (rf_answers_next_batch(&loop->answers, &command)) {
        fold_batch(loop, &command);
    }
}
