/* SPDX-License-Identifier: MIT */
/* What the host hands to a worker, mapped: events, names and requests. */
#include "worker/input.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "worker/resume.h"

static struct rf_view
map_file(int fd, uint64_t size)
{
    struct rf_view view = {NULL, size};
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
static struct rf_view
take_file(int fd)
{
    /* Not fstat: to the sandbox (calls.h) that is a question about a path. */
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0) {
        rf_worker_fail("file descriptor %d is missing: %s", fd, strerror(errno));
    }
    struct rf_view view = map_file(fd, (uint64_t)size);
    (void)close(fd);
    return view;
}

static void
open_names(struct rf_input *input)
{
    input->names = take_file(RF_FD_NAMES);
    uint64_t size = input->names.size;
    const struct rf_names_header *header = (const void *)input->names.bytes;
    if (size < sizeof(*header) ||
        header->count > (size - sizeof(*header)) / sizeof(struct rf_names_entry)) {
        rf_worker_fail("the names file is too short");
    }
    input->name_count = header->count;
    for (uint32_t i = 0; i < input->name_count; i++) {
        const struct rf_names_entry *entry = rf_input_name(input, i);
        if (entry->offset > size || entry->bytes > size - entry->offset) {
            rf_worker_fail("name %u lies outside of the names file", i);
        }
    }
}

void
rf_input_open(struct rf_input *input, size_t arena_count)
{
    *input = (struct rf_input){.arena_count = arena_count};
    open_names(input);
    input->arenas = rf_calloc(arena_count, sizeof(*input->arenas));
    for (size_t i = 0; i < arena_count; i++) {
        input->arenas[i] = take_file(RF_FD_ARENAS + (int)i);
    }
}

void
rf_input_map_requests(struct rf_input *input, uint64_t file_bytes)
{
    if (file_bytes == input->requests.size) {
        return;
    }
    if (input->requests.bytes != NULL) {
        (void)munmap((void *)(uintptr_t)input->requests.bytes, (size_t)input->requests.size);
    }
    input->requests = map_file(RF_FD_REQUESTS, file_bytes);
}

const struct rf_request *
rf_input_request(const struct rf_input *input, uint64_t offset)
{
    uint64_t size = input->requests.size;
    if (offset > size || size - offset < sizeof(struct rf_request) || offset % 8 != 0) {
        rf_worker_fail("a request lies outside of the request file");
    }
    const struct rf_request *request = (const void *)(input->requests.bytes + offset);
    if (!rf_resume_fits(request, size - offset) || request->snapshot_after > request->count) {
        rf_worker_fail("a request contradicts itself");
    }
    return request;
}

const struct rf_packed_event *
rf_input_event(const struct rf_input *input, uint64_t ref)
{
    uint32_t arena = rf_ref_arena(ref);
    uint64_t offset = rf_ref_offset(ref);
    if (arena >= input->arena_count || offset % 8 != 0 || offset > input->arenas[arena].size ||
        input->arenas[arena].size - offset < sizeof(struct rf_packed_event)) {
        rf_worker_fail("an event lies outside of its arena");
    }
    const struct rf_packed_event *packed = (const void *)(input->arenas[arena].bytes + offset);
    uint64_t front = (uint64_t)(rf_packed_tokens(packed) - (const char *)(packed + 1));
    uint64_t id_end = (uint64_t)packed->id_start + packed->id_bytes;
    uint64_t data_end = front + packed->data_bytes;
    uint64_t payload = id_end > data_end ? id_end : data_end;
    if (packed->bytes > input->arenas[arena].size - offset ||
        packed->bytes < sizeof(*packed) + payload ||
        (packed->holes > 0 && rf_packed_ends(packed)[packed->holes - 1] != packed->data_bytes)) {
        rf_worker_fail("an event reaches beyond its arena");
    }
    return packed;
}
