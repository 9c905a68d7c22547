/* SPDX-License-Identifier: MIT */
/* What an object is packed with, told by its first bytes; and the bytes without that. */
#include "decode/unpack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/stopwatch.h"
#include "decode/form.h"
#include "decode/gzip.h"
#include "decode/stored.h"

enum { FORMS_MOST = 8 };

/** A form's decoder, made when the first object needs it. */
struct decoder {
    const struct rf_form *form;
    void *state;
};

/** One packing around the others: it reads `stored`, and its bytes are the next layer's input. */
struct layer {
    struct rf_unpack *unpack; /**< the whole */
    size_t depth;             /**< 0: the outermost */
    struct rf_stored stored;
    struct rf_decode_input input; /**< where `stored` reads: of all but the outermost */
    struct decoder decoders[FORMS_MOST];
    struct decoder *now; /**< of the object at hand */
    uint64_t bytes;      /**< that came out */
    rf_code code;        /**< why nothing comes out any more */
    struct rf_err err;
};

/**
 * Invariants: layers[0..count) unpack the object at hand, none where it is plain; head[head_begin
 * .. head_end) came out of the last of them and was not yet handed out.
 */
struct rf_unpack {
    struct layer layers[RF_LIMIT_LAYERS];
    size_t count;
    bool begun;
    bool inner;     /**< the bytes of a record */
    bool told;      /**< the error says within which layers */
    uint64_t bytes; /**< handed out */
    unsigned char head[RF_FORM_SNIFF_BYTES];
    size_t head_begin;
    size_t head_end;
};

struct rf_unpack *
rf_unpack_new(void)
{
    struct rf_unpack *unpack = rf_calloc(1, sizeof(*unpack));
    for (size_t i = 0; i < RF_LIMIT_LAYERS; i++) {
        unpack->layers[i].unpack = unpack;
        unpack->layers[i].depth = i;
    }
    rf_stored_init(&unpack->layers[0].stored);
    return unpack;
}

void
rf_unpack_free(struct rf_unpack *unpack)
{
    if (unpack == NULL) {
        return;
    }
    for (size_t i = 0; i < RF_LIMIT_LAYERS; i++) {
        struct layer *layer = &unpack->layers[i];
        for (size_t j = 0; j < FORMS_MOST && layer->decoders[j].form != NULL; j++) {
            layer->decoders[j].form->free(layer->decoders[j].state);
        }
        rf_stored_done(&layer->stored);
    }
    free(unpack);
}

void
rf_unpack_begin(struct rf_unpack *unpack, const struct rf_decode_input *input)
{
    rf_stored_begin(&unpack->layers[0].stored, input);
    unpack->count = 0;
    unpack->begun = false;
    unpack->inner = false;
    unpack->told = false;
    unpack->bytes = 0;
    unpack->head_begin = 0;
    unpack->head_end = 0;
}

void
rf_unpack_begin_inner(struct rf_unpack *unpack, const struct rf_decode_input *input)
{
    rf_unpack_begin(unpack, input);
    unpack->inner = true;
}

uint64_t
rf_unpack_stored_bytes(const struct rf_unpack *unpack)
{
    const struct rf_stored *stored = &unpack->layers[0].stored;
    return stored->base + stored->end;
}

uint64_t
rf_unpack_bytes(const struct rf_unpack *unpack)
{
    return unpack->bytes;
}

uint64_t
rf_unpack_members(const struct rf_unpack *unpack)
{
    uint64_t members = 0;
    for (size_t i = 0; i < unpack->count; i++) {
        const struct decoder *now = unpack->layers[i].now;
        members += now->form == &rf_form_gzip ? rf_gzip_members(now->state) : 0;
    }
    return members;
}

bool
rf_unpack_packed(const struct rf_unpack *unpack)
{
    return unpack->count > 0;
}

bool
rf_unpack_checked(const struct rf_unpack *unpack)
{
    for (size_t i = 0; i < unpack->count; i++) {
        const struct decoder *now = unpack->layers[i].now;
        if (now->form->checked(now->state)) {
            return true;
        }
    }
    return false;
}

/* ---- one layer ------------------------------------------------------------------------------- */

/** Says within what it broke: offsets are then those of what is in there. */
static void
tell(struct layer *layer)
{
    struct rf_unpack *unpack = layer->unpack;
    if (layer->code == RF_OK || unpack->told) {
        return;
    }
    unpack->told = true;
    bool damage = rf_code_is_damage(layer->code);
    for (size_t i = layer->depth; i-- > 0 && damage;) {
        char text[sizeof(layer->err.text) + 32];
        (void)snprintf(text, sizeof(text), "inside %s: %s", unpack->layers[i].now->form->name,
                       layer->err.text);
        memcpy(layer->err.text, text, sizeof(layer->err.text) - 1);
        layer->err.text[sizeof(layer->err.text) - 1] = '\0';
    }
}

/**
 * The ratio is looked at only at multiples of RF_LIMIT_RATIO_FROM_BYTES, and behind the bytes up to
 * there, so that the answer does not depend on how many bytes come at once. It is that to the bytes
 * of the object: layers multiply.
 */
static rf_code
check_ratio(const struct layer *layer, struct rf_err *reterr)
{
    uint64_t stored = rf_stored_offset(&layer->unpack->layers[0].stored);
    if (layer->bytes % RF_LIMIT_RATIO_FROM_BYTES != 0 || layer->bytes / rf_limits.ratio <= stored) {
        return RF_OK;
    }
    return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, stored,
                      "%s holds more than %" PRIu64
                      " times its stored bytes " RF_LIMIT_NUMBER_HINT("ratio") ", byte %" PRIu64,
                      layer->now->form->name, rf_limits.ratio, stored);
}

/** Members and blocks of nothing take time and give nothing that the ratio could be told by: what
 * lies within another form, and is many times what it holds, was made for that. */
static rf_code
check_worth(const struct layer *layer, struct rf_err *reterr)
{
    const struct rf_unpack *unpack = layer->unpack;
    bool is_input = layer->depth + 1 < unpack->count;
    uint64_t held = is_input ? layer[1].bytes : layer->bytes;
    if (layer->bytes <= RF_LIMIT_RATIO_FROM_BYTES || layer->bytes / RF_LIMIT_WORTH <= held) {
        return RF_OK;
    }
    return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, layer->bytes,
                      "%s of more than %" PRIu64 " bytes holds next to nothing (RF_LIMIT_WORTH)",
                      layer[1].now->form->name, RF_LIMIT_RATIO_FROM_BYTES);
}

static rf_code
fail_large(uint64_t bytes, struct rf_err *reterr)
{
    return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, bytes,
                      "object holds more than %" PRIu64 " bytes " RF_LIMIT_SIZE_HINT("object"),
                      rf_limits.object_bytes);
}

static rf_code
read_some(struct layer *layer, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    RF_TRY(check_ratio(layer, reterr));
    RF_TRY(check_worth(layer, reterr));
    uint64_t to_check = RF_LIMIT_RATIO_FROM_BYTES - layer->bytes % RF_LIMIT_RATIO_FROM_BYTES;
    size_t count = room < to_check ? room : (size_t)to_check;
    enum rf_station before = rf_station_enter(RF_STATION_INFLATE);
    rf_code code = layer->now->form->read(layer->now->state, bytes, count, ret_got, reterr);
    (void)rf_station_enter(before);
    if (code != RF_OK) {
        *ret_got = 0;
        return code;
    }
    if (*ret_got > rf_limits.object_bytes - layer->bytes) {
        *ret_got = 0;
        return fail_large(layer->bytes, reterr);
    }
    layer->bytes += *ret_got;
    return RF_OK;
}

/** What a layer's bytes are read by; an error is its last word. */
static rf_code
layer_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct layer *layer = context;
    *ret_got = 0;
    if (layer->code == RF_OK) {
        layer->code = read_some(layer, bytes, room, ret_got, &layer->err);
        tell(layer);
    }
    if (layer->code != RF_OK && reterr != NULL) {
        *reterr = layer->err;
    }
    return layer->code;
}

static struct decoder *
find_decoder(struct layer *layer, const struct rf_form *form)
{
    for (size_t i = 0; i < FORMS_MOST; i++) {
        struct decoder *decoder = &layer->decoders[i];
        if (decoder->form == NULL) {
            *decoder = (struct decoder){form, form->make()};
        }
        if (decoder->form == form) {
            return decoder;
        }
    }
    RF_VERIFY(false); /* there are no more forms */
    return NULL;
}

/* ---- all layers ------------------------------------------------------------------------------ */

/** One more layer; what was looked at of its bytes is its input again. */
static rf_code
add_layer(struct rf_unpack *unpack, const struct rf_form *form, struct rf_err *reterr)
{
    if (unpack->count == RF_LIMIT_LAYERS) {
        return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, 0,
                          "object is packed more than %d times over, at last with %s: more than "
                          "the producer's form within Firehose's (RF_LIMIT_LAYERS)",
                          RF_LIMIT_LAYERS, form->name);
    }
    struct layer *layer = &unpack->layers[unpack->count];
    if (unpack->count > 0) {
        layer->input = (struct rf_decode_input){.context = &unpack->layers[unpack->count - 1],
                                                .read = layer_read};
        if (layer->stored.bytes == NULL) {
            rf_stored_init(&layer->stored);
        }
        rf_stored_begin(&layer->stored, &layer->input);
        memcpy(layer->stored.bytes, unpack->head, unpack->head_end);
        layer->stored.end = unpack->head_end;
        unpack->head_end = 0;
    }
    layer->now = find_decoder(layer, form);
    layer->bytes = 0;
    layer->code = RF_OK;
    unpack->count++;
    return layer->now->form->begin(layer->now->state, &layer->stored, reterr);
}

/** The first bytes that come out of the last layer: they tell if there is a further one. An error
 * behind them comes again. */
static rf_code
read_head(struct rf_unpack *unpack, struct rf_err *reterr)
{
    struct layer *last = &unpack->layers[unpack->count - 1];
    rf_code code = RF_OK;
    size_t got = 1;
    while (unpack->head_end < sizeof(unpack->head) && got > 0 && code == RF_OK) {
        code = layer_read(last, unpack->head + unpack->head_end,
                          sizeof(unpack->head) - unpack->head_end, &got, reterr);
        unpack->head_end += got;
    }
    return unpack->head_end > 0 ? RF_OK : code;
}

/** The form of what begins with these bytes; NULL: it is plain. */
static rf_code
find_form(const struct rf_unpack *unpack, const unsigned char *bytes, size_t count,
          const struct rf_form **ret, struct rf_err *reterr)
{
    if (unpack->inner) {
        *ret = rf_form_find_inner(bytes, count);
        return RF_OK;
    }
    RF_TRY(rf_form_refuse(bytes, count, reterr));
    *ret = rf_form_find(bytes, count);
    return RF_OK;
}

/** Finds out what the object is packed with, layer by layer. */
static rf_code
begin(struct rf_unpack *unpack, struct rf_err *reterr)
{
    struct rf_stored *stored = &unpack->layers[0].stored;
    const struct rf_form *form;
    unpack->begun = true;
    RF_TRY(rf_stored_need(stored, RF_FORM_SNIFF_BYTES, reterr));
    RF_TRY(
        find_form(unpack, stored->bytes + stored->begin, rf_stored_ahead(stored), &form, reterr));
    while (form != NULL) {
        RF_TRY(add_layer(unpack, form, reterr));
        RF_TRY(read_head(unpack, reterr));
        RF_TRY(find_form(unpack, unpack->head, unpack->head_end, &form, reterr));
    }
    return RF_OK;
}

static rf_code
read_plain(struct rf_unpack *unpack, void *bytes, size_t room, size_t *ret_got,
           struct rf_err *reterr)
{
    struct rf_stored *stored = &unpack->layers[0].stored;
    size_t ahead = rf_stored_ahead(stored);
    if (ahead == 0) {
        RF_TRY(rf_stored_pass(stored, bytes, room, ret_got, reterr));
    } else {
        *ret_got = ahead < room ? ahead : room;
        memcpy(bytes, stored->bytes + stored->begin, *ret_got);
        stored->begin += *ret_got;
    }
    return *ret_got > rf_limits.object_bytes - unpack->bytes ? fail_large(unpack->bytes, reterr)
                                                             : RF_OK;
}

/** Hands out what `begin` looked at, and goes on behind that; an error comes again at the next
 * call, where there were bytes in front of it. */
static rf_code
read_packed(struct rf_unpack *unpack, char *bytes, size_t room, size_t *ret_got,
            struct rf_err *reterr)
{
    size_t head = unpack->head_end - unpack->head_begin;
    head = head < room ? head : room;
    memcpy(bytes, unpack->head + unpack->head_begin, head);
    unpack->head_begin += head;
    *ret_got = head;
    if (head == room) {
        return RF_OK;
    }
    size_t more;
    struct layer *last = &unpack->layers[unpack->count - 1];
    rf_code code = layer_read(last, bytes + head, room - head, &more, reterr);
    *ret_got += more;
    return head > 0 ? RF_OK : code;
}

rf_code
rf_unpack_read(struct rf_unpack *unpack, void *bytes, size_t room, size_t *ret_got,
               struct rf_err *reterr)
{
    RF_VERIFY(room > 0);
    *ret_got = 0;
    if (!unpack->begun) {
        RF_TRY(begin(unpack, reterr));
    }
    size_t got = 0;
    if (unpack->count == 0) {
        RF_TRY(read_plain(unpack, bytes, room, &got, reterr));
    } else {
        RF_TRY(read_packed(unpack, bytes, room, &got, reterr));
    }
    unpack->bytes += got;
    *ret_got = got;
    return RF_OK;
}
