/* SPDX-License-Identifier: MIT */
/* Inflating for the station in front of this one. */
#include "decode/gunzip.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "decode/gzip.h"
#include "decode/stored.h"

struct rf_gunzip_stream {
    struct rf_decode_input input;
    struct rf_stored stored;
    struct rf_gzip *gzip;
};

static struct rf_gunzip_stream *
gunzip_open(rf_read_function *read, void *context)
{
    struct rf_gunzip_stream *stream = rf_calloc(1, sizeof(*stream));
    stream->input = (struct rf_decode_input){.context = context, .read = read};
    rf_stored_init(&stream->stored);
    rf_stored_begin(&stream->stored, &stream->input);
    stream->gzip = rf_gzip_new();
    rf_gzip_begin(stream->gzip, &stream->stored);
    return stream;
}

static rf_code
gunzip_read(struct rf_gunzip_stream *stream, void *bytes, size_t room, size_t *ret_got,
            struct rf_err *reterr)
{
    return rf_gzip_read(stream->gzip, bytes, room, ret_got, reterr);
}

static void
gunzip_close(struct rf_gunzip_stream *stream)
{
    rf_gzip_free(stream->gzip);
    rf_stored_done(&stream->stored);
    free(stream);
}

const struct rf_gunzip rf_gunzip = {
    .open = gunzip_open,
    .read = gunzip_read,
    .close = gunzip_close,
};
