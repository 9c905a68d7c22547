/* SPDX-License-Identifier: MIT */
/* A request that goes on from a snapshot: where it lies, and a state made of it. */
#include "worker/resume.h"

#include <string.h>

#include "base/bytes.h"

/** What of a snapshot is shown in a sentence. */
#define SHOWN_BYTES 60

static uint64_t
padded(uint64_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

uint64_t
rf_resume_bytes(uint64_t text_bytes)
{
    return sizeof(struct rf_request_start) + padded(text_bytes);
}

void
rf_resume_write(void *place, uint64_t digest, const char *text, uint64_t text_bytes)
{
    struct rf_request_start *start = place;
    *start = (struct rf_request_start){.digest = digest, .text_bytes = text_bytes};
    memcpy(start + 1, text, (size_t)text_bytes);
}

uint64_t
rf_resume_id_bytes(uint64_t id_bytes)
{
    return sizeof(struct rf_request_id) + padded(id_bytes);
}

void
rf_resume_write_id(void *place, const char *id, uint64_t id_bytes)
{
    struct rf_request_id *header = place;
    *header = (struct rf_request_id){.bytes = id_bytes};
    memcpy(header + 1, id, (size_t)id_bytes);
}

static uint64_t
events_bytes(const struct rf_request *request)
{
    return sizeof(*request) + request->count * sizeof(struct rf_request_event);
}

static const void *
behind(const struct rf_request *request, uint64_t bytes)
{
    return (const unsigned char *)request + bytes;
}

/** Whether a header of so many bytes and the text of which it tells fit into this room. */
static bool
text_fits(uint64_t header_bytes, uint64_t text_bytes, uint64_t room)
{
    return text_bytes <= room - header_bytes && padded(text_bytes) <= room - header_bytes;
}

bool
rf_resume_fits(const struct rf_request *request, uint64_t room)
{
    if (room < sizeof(*request) ||
        request->count > (room - sizeof(*request)) / sizeof(struct rf_request_event)) {
        return false;
    }
    uint64_t front = events_bytes(request);
    if ((request->flags & RF_REQUEST_FROM) != 0) {
        const struct rf_request_start *start = rf_resume_start(request);
        if (room - front < sizeof(*start) ||
            !text_fits(sizeof(*start), start->text_bytes, room - front)) {
            return false;
        }
        front += rf_resume_bytes(start->text_bytes);
    }
    if ((request->flags & RF_REQUEST_ID) != 0) {
        const struct rf_request_id *id = behind(request, front);
        if (room - front < sizeof(*id) || !text_fits(sizeof(*id), id->bytes, room - front)) {
            return false;
        }
        front += rf_resume_id_bytes(id->bytes);
    }
    return request->bytes == front;
}

const struct rf_request_start *
rf_resume_start(const struct rf_request *request)
{
    return (request->flags & RF_REQUEST_FROM) != 0 ? behind(request, events_bytes(request)) : NULL;
}

refold_string
rf_resume_id(const struct rf_request *request)
{
    if ((request->flags & RF_REQUEST_ID) == 0) {
        return (refold_string){"", 0};
    }
    const struct rf_request_start *start = rf_resume_start(request);
    uint64_t front = start == NULL ? 0 : rf_resume_bytes(start->text_bytes);
    const struct rf_request_id *id = behind(request, events_bytes(request) + front);
    return (refold_string){(const char *)(id + 1), id->bytes};
}

/** The first bytes that two texts do not share, and a few more. */
static void
show_difference(struct rf_buf *out, const char *before, size_t before_bytes,
                const struct rf_buf *behind)
{
    size_t at = 0;
    while (at < before_bytes && at < behind->used && before[at] == behind->bytes[at]) {
        at++;
    }
    /* Not within a character. */
    while (at > 0 && at < before_bytes && ((unsigned char)before[at] & 0xc0) == 0x80) {
        at--;
    }
    size_t old_bytes = before_bytes - at < SHOWN_BYTES ? before_bytes - at : SHOWN_BYTES;
    size_t new_bytes = behind->used - at < SHOWN_BYTES ? behind->used - at : SHOWN_BYTES;
    rf_buf_format(out, "byte %zu: ", at);
    rf_buf_add_shown(out, before + at, old_bytes);
    rf_buf_string(out, " became ");
    rf_buf_add_shown(out, behind->bytes + at, new_bytes);
}

bool
rf_resume_state(const struct rf_plugin *plugin, const struct rf_request_start *start, void *state,
                struct rf_buf *scratch, struct rf_buf *ret_why)
{
    const char *text = (const char *)(start + 1);
    size_t bytes = (size_t)start->text_bytes;
    struct rf_err err;
    rf_buf_clear(scratch);
    rf_buf_clear(ret_why);
    if (rf_plugin_restore(plugin, state, text, bytes, &err) != RF_OK) {
        rf_buf_format(ret_why, "its snapshot cannot be restored: %s%s%s", err.where,
                      err.where[0] == '\0' ? "" : ": ", err.text);
        return false;
    }
    struct rf_buf why = {0};
    uint32_t status = rf_plugin_snapshot(plugin, state, scratch, &why);
    bool same = status == RF_STATUS_OK && rf_bytes_same(scratch->bytes, scratch->used, text, bytes);
    if (status != RF_STATUS_OK) {
        rf_buf_string(ret_why, "its restored snapshot cannot be written: ");
        rf_buf_add(ret_why, why.bytes, why.used);
    } else if (!same) {
        rf_buf_string(ret_why, "its restored snapshot is written as another, ");
        show_difference(ret_why, text, bytes, scratch);
    }
    rf_buf_done(&why);
    return same;
}
