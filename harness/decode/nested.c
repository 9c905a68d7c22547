/* SPDX-License-Identifier: MIT */
/* Records that hold others: framed anew, one level down. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/kpl.h"
#include "decode/opaque.h"
#include "decode/wrapped.h"

/** Bytes that lie in memory, as an input. */
struct memory {
    const char *bytes;
    size_t left;
};

static rf_code
read_memory(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct memory *memory = context;
    (void)reterr;
    *ret_got = memory->left < room ? memory->left : room;
    if (*ret_got > 0) {
        memcpy(bytes, memory->bytes, *ret_got);
        memory->bytes += *ret_got;
        memory->left -= *ret_got;
    }
    return RF_OK;
}

/** Many records may each unpack to as much as an object may; plain ones are no more than what they
 * lie in. */
static rf_code
count_inner(struct rf_decoder *decoder, struct rf_err *reterr)
{
    const struct rf_unpack *unpack = decoder->now->unpack;
    decoder->inner_bytes += rf_unpack_packed(unpack) ? rf_unpack_bytes(unpack) : 0;
    if (decoder->inner_bytes > rf_limits.object_bytes) {
        return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, decoder->offset,
                          "records within records hold more than %" PRIu64
                          " bytes " RF_LIMIT_SIZE_HINT("object"),
                          rf_limits.object_bytes);
    }
    return RF_OK;
}

rf_code
rf_nested_take(struct rf_decoder *decoder, const void *bytes, size_t count, const char *what,
               struct rf_err *reterr)
{
    if (decoder->depth + 1 == RF_LIMIT_NESTED) {
        rf_decoder_malformed(decoder, "records lie too deep within each other (RF_LIMIT_NESTED)");
        return RF_OK;
    }
    struct memory memory = {bytes, count};
    const struct rf_decode_input input = {.context = &memory, .read = read_memory};
    struct rf_level *outer = decoder->now;
    decoder->now = rf_decoder_level(decoder, ++decoder->depth);
    decoder->now->what = what;
    rf_unpack_begin_inner(decoder->now->unpack, &input);
    rf_frame_begin(&decoder->now->frame, decoder->now->unpack, &decoder->looked_again);
    rf_code code = rf_decoder_records(decoder, reterr);
    if (code == RF_OK) {
        code = count_inner(decoder, reterr);
    }
    decoder->now = outer;
    decoder->depth--;
    return code;
}

/** What stands whole in a record of others: one payload, or what is framed anew. */
static rf_code
take_value_of(struct rf_decoder *decoder, const void *bytes, size_t count, const char *what,
              struct rf_err *reterr)
{
    if (!rf_decoder_takes_payloads(decoder) || !rf_opaque_is(bytes, count)) {
        return rf_nested_take(decoder, bytes, count, what, reterr);
    }
    (void)snprintf(decoder->text, sizeof(decoder->text),
                   "in %s: a value of %zu bytes that are no JSON", what, count);
    struct rf_payload payload = {
        .bytes = bytes,
        .count = count,
        .kind = RF_ENVELOPE_FLAT,
        .wrong = decoder->text,
    };
    return rf_decoder_payload(decoder, &payload, reterr);
}

/** The same of one among several: where it holds no record, it counts all the same. */
static rf_code
take_part(struct rf_decoder *decoder, const void *bytes, size_t count, const char *what,
          struct rf_err *reterr)
{
    uint32_t before = decoder->parts;
    RF_TRY(take_value_of(decoder, bytes, count, what, reterr));
    if (decoder->parts == before) {
        rf_decoder_empty(decoder);
    }
    return RF_OK;
}

rf_code
rf_nested_cloudwatch(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    uint32_t events;
    const char *wrong = decoder->in_message ? "a record of CloudWatch's in one of its messages"
                                            : rf_cloudwatch_read(&level->doc, node, &events);
    if (wrong != NULL) {
        rf_decoder_malformed_object(decoder, wrong);
        return RF_OK;
    }
    uint32_t left = events == RF_JSON_NONE ? 0 : level->doc.nodes[events].count;
    if (left == 0) {
        rf_decoder_empty(decoder);
    }
    for (uint32_t at = events + 1; left > 0; left--) {
        wrong = rf_cloudwatch_message(&level->doc, at, &level->wrapped);
        rf_decoder_at(decoder, at);
        if (wrong != NULL) {
            rf_decoder_malformed_object(decoder, wrong);
        } else {
            decoder->in_message = true;
            rf_code code = take_part(decoder, level->wrapped.bytes, level->wrapped.used,
                                     "a log event of CloudWatch's", reterr);
            decoder->in_message = false;
            RF_TRY(code);
        }
        at = level->doc.nodes[at].next;
    }
    return RF_OK;
}

rf_code
rf_nested_sns(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    bool empty;
    const char *wrong = rf_sns_read(&level->doc, node, &level->wrapped, &empty);
    if (wrong != NULL) {
        rf_decoder_malformed_object(decoder, wrong);
        return RF_OK;
    }
    if (empty) {
        rf_decoder_empty(decoder);
        return RF_OK;
    }
    return take_part(decoder, level->wrapped.bytes, level->wrapped.used, "a message of SNS's",
                     reterr);
}

rf_code
rf_nested_error(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    const char *wrong = rf_error_record_read(&level->doc, node, &level->wrapped);
    if (wrong != NULL) {
        rf_decoder_malformed_object(decoder, wrong);
        return RF_OK;
    }
    uint32_t before = decoder->parts;
    RF_TRY(take_value_of(decoder, level->wrapped.bytes, level->wrapped.used, "rawData", reterr));
    if (decoder->parts == before) { /* it failed as something: this is not what was put */
        rf_decoder_malformed_object(decoder, "rawData holds no record");
    }
    return RF_OK;
}

/** It is so many bytes of an aggregate that are at hand, so far behind its fields' begin. */
static void
be_within(struct rf_decoder *decoder, ptrdiff_t offset, size_t bytes)
{
    decoder->now->at = decoder->now->begin + RF_KPL_MAGIC_BYTES + (uint64_t)offset;
    decoder->now->bytes = bytes;
}

rf_code
rf_nested_aggregate(struct rf_decoder *decoder, const struct rf_record *record,
                    struct rf_err *reterr)
{
    if (rf_decoder_takes_errors(decoder)) {
        rf_decoder_malformed(decoder, "a KPL aggregate is no error record");
        return RF_OK;
    }
    const unsigned char *fields = (const unsigned char *)record->bytes;
    struct rf_kpl_records records = {fields, fields + record->count};
    for (;;) {
        const unsigned char *begin = records.at;
        const unsigned char *data;
        size_t count;
        if (!rf_kpl_next(&records, &data, &count)) {
            be_within(decoder, begin - fields, 0); /* the rest of the aggregate may be whole */
            rf_decoder_malformed(decoder,
                                 "a record of a KPL aggregate is none, though its MD5 fits");
        } else if (data == NULL) {
            return RF_OK;
        } else {
            be_within(decoder, data - fields, count);
            RF_TRY(take_part(decoder, data, count, "a KPL aggregate", reterr));
        }
    }
}
