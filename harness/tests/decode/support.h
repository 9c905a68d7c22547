/* SPDX-License-Identifier: MIT */
/* For the tests of decoding: bytes as input, events as text. */
#ifndef RF_TESTS_DECODE_SUPPORT_H
#define RF_TESTS_DECODE_SUPPORT_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "decode/decode.h"

/** Bytes that are read in pieces of at most `step`. */
struct bytes_input {
    const char *bytes;
    size_t count;
    size_t step;
};

static inline rf_code
bytes_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    (void)reterr;
    struct bytes_input *input = context;
    size_t count = input->count < room ? input->count : room;
    count = count < input->step ? count : input->step;
    if (count > 0) {
        memcpy(bytes, input->bytes, count);
        input->bytes += count;
    }
    input->count -= count;
    *ret_got = count;
    return RF_OK;
}

/** What decoding one object gave. `log` has a line an event, `!offset text` for a malformed one. */
struct outcome {
    rf_code code;
    struct rf_err err;
    struct rf_decode_counts counts;
    struct rf_buf log;
    struct rf_buf lost; /**< "offset.part@place+bytes " for each malformed one */
    uint64_t hashes;    /**< sum of the content hashes */
};

static inline rf_code
log_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    (void)reterr;
    struct outcome *outcome = context;
    struct rf_buf *log = &outcome->log;
    rf_buf_format(log, "%" PRIu64 ".%" PRIu32 " ", event->offset, event->part);
    if (event->aggregate != NULL) {
        rf_buf_add(log, event->aggregate, event->aggregate_bytes);
        rf_buf_byte(log, '/');
    }
    rf_buf_add(log, event->id, event->id_bytes);
    if (event->has_version) {
        rf_buf_format(log, " v%" PRId64, event->version);
    }
    rf_buf_byte(log, ' ');
    rf_buf_add(log, event->type, event->type_bytes);
    if (event->has_at) {
        rf_buf_format(log, " @%" PRId64 ".%09" PRId32, event->at.seconds, event->at.nanos);
    }
    if (event->eid != NULL) {
        rf_buf_byte(log, '#');
        rf_buf_add(log, event->eid, event->eid_bytes);
    }
    rf_buf_byte(log, ' ');
    rf_buf_add(log, event->data, event->data_bytes);
    rf_buf_byte(log, '\n');
    outcome->hashes += event->content_hash;
    return RF_OK;
}

static inline void
log_malformed(void *context, const struct rf_malformed *malformed)
{
    struct outcome *outcome = context;
    rf_buf_format(&outcome->log, "!%" PRIu64 " %s\n", malformed->offset, malformed->text);
    rf_buf_format(&outcome->lost, "%" PRIu64 ".%" PRIu32 "@%s+%" PRIu64 " ", malformed->offset,
                  malformed->part, malformed->place, malformed->bytes);
}

/** Decode `bytes`, read in pieces of `step`. Freed with outcome_done. */
static inline struct outcome
decode_with(struct rf_decoder *decoder, const struct rf_envelope *envelope, const void *bytes,
            size_t count, size_t step)
{
    struct outcome outcome = {0};
    struct bytes_input memory = {bytes, count, step};
    struct rf_decode_input input = {&memory, bytes_read};
    struct rf_decode_sink sink = {
        .context = &outcome, .event = log_event, .malformed = log_malformed};
    outcome.code =
        rf_decode_object(decoder, &input, envelope, &sink, &outcome.counts, &outcome.err);
    (void)rf_buf_text(&outcome.log);
    return outcome;
}

/** The same with a decoder of its own. @envelope  as -e has it */
static inline struct outcome
decode_bytes(const char *envelope_spec, const void *bytes, size_t count, size_t step)
{
    struct rf_envelope envelope;
    rf_code code = rf_envelope_parse(envelope_spec, &envelope, NULL);
    RF_VERIFY(code == RF_OK);
    struct rf_decoder *decoder = rf_decoder_new();
    struct outcome outcome = decode_with(decoder, &envelope, bytes, count, step);
    rf_decoder_free(decoder);
    rf_envelope_done(&envelope);
    return outcome;
}

static inline void
outcome_done(struct outcome *outcome)
{
    rf_buf_done(&outcome->log);
    rf_buf_done(&outcome->lost);
}

/** Whether the sum of decode.h holds. */
static inline int
sums_hold(const struct rf_decode_counts *counts)
{
    uint64_t by_envelope = 0;
    for (int i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        by_envelope += counts->envelopes[i];
    }
    return counts->records + counts->expanded ==
               counts->events + counts->malformed + counts->empty &&
           by_envelope == counts->events;
}

/** Appends one gzip member. */
static inline void
gzip_member(struct rf_buf *out, const void *bytes, size_t count, int level)
{
    z_stream stream = {0};
    RF_VERIFY(deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) ==
              Z_OK);
    rf_buf_reserve(out, deflateBound(&stream, count) + 32);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (unsigned)count;
    stream.next_out = (unsigned char *)out->bytes + out->used;
    stream.avail_out = (unsigned)(out->room - out->used);
    RF_VERIFY(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out->used = out->room - stream.avail_out;
    (void)deflateEnd(&stream);
}

/** Appends `count` records of envelope `eventsource`, ids e0, e1, … and something of everything. */
static inline void
make_records(struct rf_buf *out, unsigned count, const char *between)
{
    for (unsigned i = 0; i < count; i++) {
        rf_buf_format(
            out,
            "{\"t\":\"Order%s\",\"d\":{\"ID\":\"e%u\",\"Version\":%u,"
            "\"At\":\"2017-06-22T10:%02u:12.123Z\",\"Note\":\"}]{[\\\" \\\\ \\u00e9 %c%u\"}}",
            i % 3 == 0 ? "Created" : "Paid", i, i * 7 % 11 + 1, i % 60, (int)('a' + i * 5 % 26),
            i * 2654435761u);
        rf_buf_string(out, between);
    }
}

#endif
