/* SPDX-License-Identifier: MIT */
/* Unpacking for the station in front of this one. */
#include "decode/gunzip.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "decode/form.h"
#include "decode/stored.h"

struct rf_gunzip_stream {
    struct rf_decode_input input;
    struct rf_stored stored;
    const struct rf_form *form;
    void *state; /**< the form's */
};

static rf_code
gunzip_open(bool zstd, rf_read_function *read, void *context, struct rf_gunzip_stream **ret,
            struct rf_err *reterr)
{
    struct rf_gunzip_stream *stream = rf_calloc(1, sizeof(*stream));
    stream->input = (struct rf_decode_input){.context = context, .read = read};
    rf_stored_init(&stream->stored);
    rf_stored_begin(&stream->stored, &stream->input);
    stream->form = zstd ? &rf_form_zstd : &rf_form_gzip;
    stream->state = stream->form->make();
    *ret = stream;
    return stream->form->begin(stream->state, &stream->stored, reterr);
}

static rf_code
gunzip_read(struct rf_gunzip_stream *stream, void *bytes, size_t room, size_t *ret_got,
            struct rf_err *reterr)
{
    return stream->form->read(stream->state, bytes, room, ret_got, reterr);
}

static void
gunzip_close(struct rf_gunzip_stream *stream)
{
    stream->form->free(stream->state);
    rf_stored_done(&stream->stored);
    free(stream);
}

const struct rf_gunzip rf_gunzip = {
    .open = gunzip_open,
    .read = gunzip_read,
    .close = gunzip_close,
};
