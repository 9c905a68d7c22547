/* SPDX-License-Identifier: MIT */
/* The stored bytes of one object, in chunks. */
#include "decode/stored.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
rf_stored_init(struct rf_stored *stored)
{
    memset(stored, 0, sizeof(*stored));
    stored->bytes = rf_alloc(RF_STORED_CHUNK_BYTES);
}

void
rf_stored_done(struct rf_stored *stored)
{
    free(stored->bytes);
    memset(stored, 0, sizeof(*stored));
}

void
rf_stored_begin(struct rf_stored *stored, const struct rf_decode_input *input)
{
    stored->input = input;
    stored->begin = 0;
    stored->end = 0;
    stored->base = 0;
    stored->ended = false;
}

static void
move_to_front(struct rf_stored *stored)
{
    size_t ahead = rf_stored_ahead(stored);
    memmove(stored->bytes, stored->bytes + stored->begin, ahead);
    stored->base += stored->begin;
    stored->begin = 0;
    stored->end = ahead;
}

static rf_code
read_input(struct rf_stored *stored, void *bytes, size_t room, size_t *ret_got,
           struct rf_err *reterr)
{
    *ret_got = 0;
    if (stored->ended) {
        return RF_OK;
    }
    rf_code code = stored->input->read(stored->input->context, bytes, room, ret_got, reterr);
    if (code != RF_OK) {
        *ret_got = 0;
        stored->ended = true;
        return code;
    }
    RF_VERIFY(*ret_got <= room);
    stored->ended = *ret_got == 0;
    return RF_OK;
}

rf_code
rf_stored_need(struct rf_stored *stored, size_t want, struct rf_err *reterr)
{
    RF_VERIFY(want <= RF_STORED_CHUNK_BYTES);
    if (rf_stored_ahead(stored) < want && !stored->ended) {
        move_to_front(stored);
    }
    while (rf_stored_ahead(stored) < want && !stored->ended) {
        size_t got;
        RF_TRY(read_input(stored, stored->bytes + stored->end, RF_STORED_CHUNK_BYTES - stored->end,
                          &got, reterr));
        stored->end += got;
    }
    return RF_OK;
}

rf_code
rf_stored_pass(struct rf_stored *stored, void *bytes, size_t room, size_t *ret_got,
               struct rf_err *reterr)
{
    RF_VERIFY(rf_stored_ahead(stored) == 0);
    RF_TRY(read_input(stored, bytes, room, ret_got, reterr));
    stored->base += *ret_got;
    return RF_OK;
}

rf_code
rf_stored_take(struct rf_stored *stored, size_t count, struct rf_buf *spare,
               const unsigned char **ret, size_t *ret_got, struct rf_err *reterr)
{
    if (count <= RF_STORED_CHUNK_BYTES) {
        RF_TRY(rf_stored_need(stored, count, reterr));
        size_t ahead = rf_stored_ahead(stored);
        *ret = stored->bytes + stored->begin;
        *ret_got = ahead < count ? ahead : count;
        stored->begin += *ret_got;
        return RF_OK;
    }
    rf_buf_clear(spare);
    while (spare->used < count) {
        RF_TRY(rf_stored_need(stored, 1, reterr));
        size_t ahead = rf_stored_ahead(stored);
        size_t left = count - spare->used;
        size_t more = ahead < left ? ahead : left;
        if (more == 0) {
            break;
        }
        rf_buf_add(spare, stored->bytes + stored->begin, more);
        stored->begin += more;
    }
    *ret = (const unsigned char *)spare->bytes;
    *ret_got = spare->used;
    return RF_OK;
}
