/* SPDX-License-Identifier: MIT */
/* What the host hands to a worker, mapped: events, names and requests. */
#ifndef RF_WORKER_INPUT_H
#define RF_WORKER_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "worker/answers.h"
#include "worker/protocol.h"

/** An event's memory is asked for so many events before it is needed: events of an instance lie
 * strewn over the arenas, and none is in the processor's cache. */
#define RF_INPUT_AHEAD 16

/** A mapped file. */
struct rf_view {
    const unsigned char *bytes;
    uint64_t size;
};

/** All of it is read-only, and was written by the host: where it contradicts itself the worker ends
 * (rf_worker_fail). One thread. */
struct rf_input {
    struct rf_view *arenas;
    size_t arena_count;
    struct rf_view names;
    uint64_t name_count;
    struct rf_view requests;
};

/** Map names and arenas, and check the names; their descriptors are closed. */
void rf_input_open(struct rf_input *input, size_t arena_count);

/** Map the request file again where it has grown. Requests of former batches are stale. */
void rf_input_map_requests(struct rf_input *input, uint64_t file_bytes);

/** The request at `offset`, checked; the next one follows it. */
const struct rf_request *rf_input_request(const struct rf_input *input, uint64_t offset);

/** Its events: `count` of them. */
static inline const struct rf_request_event *
rf_request_events(const struct rf_request *request)
{
    return (const struct rf_request_event *)(request + 1);
}

/** An event of a request, checked. */
const struct rf_packed_event *rf_input_event(const struct rf_input *input, uint64_t ref);

/** An event that rf_input_event has checked. */
static inline const struct rf_packed_event *
rf_input_again(const struct rf_input *input, uint64_t ref)
{
    return (const void *)(input->arenas[rf_ref_arena(ref)].bytes + rf_ref_offset(ref));
}

/** A name by its number. Inlined, as it is needed several times for each event. */
static inline const struct rf_names_entry *
rf_input_name(const struct rf_input *input, uint32_t number)
{
    if (number >= input->name_count) {
        rf_worker_fail("a request has name %u, and there are %llu", number,
                       (unsigned long long)input->name_count);
    }
    const struct rf_names_header *header = (const void *)input->names.bytes;
    return (const struct rf_names_entry *)(header + 1) + number;
}

/** Ask for an event's memory, which is needed soon. Inlined always: gcc 12 takes a function that
 * does nothing but this for one that does nothing, and leaves its calls out. */
static inline __attribute__((always_inline)) void
rf_input_ask(const struct rf_input *input, uint64_t ref)
{
    uint32_t arena = rf_ref_arena(ref);
    uint64_t offset = rf_ref_offset(ref);
    if (arena < input->arena_count && offset < input->arenas[arena].size) {
        const unsigned char *event = input->arenas[arena].bytes + offset;
        __builtin_prefetch(event);
        __builtin_prefetch(event + 64);
        __builtin_prefetch(event + 128);
        __builtin_prefetch(event + 192);
        __builtin_prefetch(event + 256);
        __builtin_prefetch(event + 320);
    }
}

/** The same for the first events of an instance. */
static inline __attribute__((always_inline)) void
rf_input_ask_first(const struct rf_input *input, const struct rf_request *request)
{
    for (uint64_t i = 0; i < request->count && i < RF_INPUT_AHEAD; i++) {
        rf_input_ask(input, rf_request_events(request)[i].ref);
    }
}

#endif
