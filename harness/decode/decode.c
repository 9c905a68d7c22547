/* SPDX-License-Identifier: MIT */
/* Bytes to events: unpack an object, find its records, read their envelopes. */
#include "decode/decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "decode/base64.h"
#include "decode/bounds.h"
#include "decode/frame.h"
#include "decode/record.h"
#include "decode/unpack.h"

/** The shortest line that is taken for base64 (contract.md, "Records and envelopes"). */
#define BASE64_LINE_BYTES 8

struct rf_decoder {
    struct rf_unpack *unpack;
    struct rf_frame frame;
    struct rf_record_reader reader;
    struct rf_json doc;     /**< the record at hand */
    struct rf_json scalars; /**< … where it was recognized: its scalars; borrowed */
    struct rf_buf decoded;  /**< of a line of base64 */
    char text[768];         /**< why it is malformed */
    /* of the object at hand, borrowed */
    const struct rf_decode_sink *sink;
    struct rf_decode_counts *counts;
};

struct rf_decoder *
rf_decoder_new(void)
{
    struct rf_decoder *decoder = rf_calloc(1, sizeof(*decoder));
    decoder->unpack = rf_unpack_new();
    rf_frame_init(&decoder->frame);
    rf_record_init(&decoder->reader);
    return decoder;
}

void
rf_decoder_free(struct rf_decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    rf_unpack_free(decoder->unpack);
    rf_frame_done(&decoder->frame);
    rf_record_done(&decoder->reader);
    rf_json_done(&decoder->doc);
    rf_buf_done(&decoder->decoded);
    free(decoder);
}

static void
report_malformed(struct rf_decoder *decoder, uint64_t offset, const char *text)
{
    decoder->counts->malformed++;
    decoder->sink->malformed(decoder->sink->context, offset, text);
}

static rf_code
give_event(struct rf_decoder *decoder, struct rf_event *event, enum rf_envelope_kind kind,
           uint64_t offset, struct rf_err *reterr)
{
    struct rf_decode_counts *counts = decoder->counts;
    event->offset = offset;
    counts->events++;
    counts->envelopes[kind]++;
    return decoder->sink->event(decoder->sink->context, event, reterr);
}

/** @node  an object; the root, or an element of a batch
 *  @offset, @part  of the event, see decode.h */
static rf_code
take_event(struct rf_decoder *decoder, uint32_t node, uint64_t offset, uint32_t part,
           struct rf_err *reterr)
{
    struct rf_event event;
    enum rf_envelope_kind kind;
    uint64_t repeated;
    const char *wrong =
        rf_record_read(&decoder->reader, &decoder->doc, node, &event, &kind, &repeated);
    if (wrong != NULL && node != 0) {
        (void)snprintf(decoder->text, sizeof(decoder->text), "part %" PRIu32 " of the batch: %s",
                       part, wrong);
        wrong = decoder->text;
    }
    if (wrong != NULL) {
        report_malformed(decoder, offset, wrong);
        return RF_OK;
    }
    event.part = part;
    event.repeats = repeated > 0;
    decoder->counts->repeated_keys += event.repeats;
    return give_event(decoder, &event, kind, offset, reterr);
}

static rf_code
take_known(struct rf_decoder *decoder, struct rf_known *known, uint64_t offset,
           struct rf_err *reterr)
{
    struct rf_event event;
    enum rf_envelope_kind kind;
    const char *wrong =
        rf_record_read_known(&decoder->reader, known, &decoder->scalars, &event, &kind);
    if (wrong != NULL) {
        report_malformed(decoder, offset, wrong);
        return RF_OK;
    }
    event.part = 0;
    event.repeats = false;
    return give_event(decoder, &event, kind, offset, reterr);
}

/** The elements of the array that is the record, one level deep. */
static rf_code
take_batch(struct rf_decoder *decoder, uint64_t offset, struct rf_err *reterr)
{
    struct rf_json *doc = &decoder->doc;
    uint32_t count = doc->nodes[0].count;
    if (count == 0) {
        decoder->counts->empty++;
        return RF_OK;
    }
    uint32_t node = 1;
    for (uint32_t part = 0; part < count; part++) {
        /* One by one, so that the sums hold where the sink ends the decoding. */
        decoder->counts->expanded += part > 0;
        if (doc->nodes[node].kind == RF_JSON_OBJECT) {
            RF_TRY(take_event(decoder, node, offset, part, reterr));
        } else {
            (void)snprintf(decoder->text, sizeof(decoder->text),
                           "part %" PRIu32 " of the batch is not an object", part);
            report_malformed(decoder, offset, decoder->text);
        }
        node = doc->nodes[node].next;
    }
    return RF_OK;
}

/** Whether what was decoded is one record that is like another, and nothing else. */
static struct rf_known *
recognize_line(struct rf_decoder *decoder)
{
    size_t end = 0;
    struct rf_json *scalars = &decoder->scalars;
    struct rf_known *known = rf_recognize(decoder->reader.recognizer, decoder->decoded.bytes,
                                          decoder->decoded.used, &end, &scalars->nodes);
    scalars->text = decoder->decoded.bytes;
    scalars->used = known == NULL ? 0 : known->scalars;
    return end == decoder->decoded.used ? known : NULL;
}

static rf_code
take_value(struct rf_decoder *decoder, uint64_t offset, struct rf_err *reterr)
{
    const char *wrong = rf_bounds_check(&decoder->doc, decoder->text, sizeof(decoder->text));
    if (wrong != NULL) {
        report_malformed(decoder, offset, wrong);
        return RF_OK;
    }
    if (decoder->doc.nodes[0].kind == RF_JSON_OBJECT) {
        return take_event(decoder, 0, offset, 0, reterr);
    }
    return take_batch(decoder, offset, reterr);
}

/** A line is base64 of one JSON object, or malformed. */
static rf_code
take_line(struct rf_decoder *decoder, const struct rf_record *record, struct rf_err *reterr)
{
    if (record->count < BASE64_LINE_BYTES ||
        !rf_base64_decode(record->bytes, record->count, &decoder->decoded)) {
        bool mark = record->count >= 3 && memcmp(record->bytes, "\xef\xbb\xbf", 3) == 0;
        report_malformed(decoder, record->offset,
                         mark ? "a byte order mark begins the line; neither JSON nor base64 does"
                              : "the line is neither a JSON object or array nor base64");
        return RF_OK;
    }
    struct rf_known *known = recognize_line(decoder);
    if (known != NULL) {
        return take_known(decoder, known, record->offset, reterr);
    }
    struct rf_err err;
    rf_code code =
        rf_json_read_whole(&decoder->doc, decoder->decoded.bytes, decoder->decoded.used, &err);
    if (code != RF_OK || decoder->doc.nodes[0].kind != RF_JSON_OBJECT) {
        (void)snprintf(decoder->text, sizeof(decoder->text),
                       "the line is base64, but not of a JSON object%s%s",
                       code == RF_OK ? "" : ": ", code == RF_OK ? "" : err.text);
        report_malformed(decoder, record->offset, decoder->text);
        return RF_OK;
    }
    return take_value(decoder, record->offset, reterr);
}

static rf_code
take_records(struct rf_decoder *decoder, struct rf_err *reterr)
{
    for (;;) {
        struct rf_record record;
        RF_TRY(rf_frame_next(&decoder->frame, decoder->reader.recognizer, &decoder->doc,
                             &decoder->scalars, &record, reterr));
        if (record.kind == RF_FRAME_END) {
            return RF_OK;
        }
        decoder->counts->records++;
        if (record.kind == RF_FRAME_KNOWN) {
            RF_TRY(take_known(decoder, record.known, record.offset, reterr));
        } else if (record.kind == RF_FRAME_LINE) {
            RF_TRY(take_line(decoder, &record, reterr));
        } else if (record.kind == RF_FRAME_MALFORMED) {
            report_malformed(decoder, record.offset, record.text);
        } else {
            RF_TRY(take_value(decoder, record.offset, reterr));
        }
    }
}

rf_code
rf_decode_object(struct rf_decoder *decoder, const struct rf_decode_input *input,
                 const struct rf_envelope *envelope, const struct rf_decode_sink *sink,
                 struct rf_decode_counts *counts, struct rf_err *reterr)
{
    decoder->sink = sink;
    decoder->counts = counts;
    rf_unpack_begin(decoder->unpack, input);
    rf_frame_begin(&decoder->frame, decoder->unpack);
    rf_record_begin(&decoder->reader, envelope);

    rf_code code = take_records(decoder, reterr);
    counts->stored_bytes += rf_unpack_stored_bytes(decoder->unpack);
    counts->bytes += rf_unpack_bytes(decoder->unpack);
    counts->members += rf_unpack_members(decoder->unpack);
    if (rf_unpack_packed(decoder->unpack)) {
        bool checked = rf_unpack_checked(decoder->unpack);
        counts->checked += checked ? 1 : 0;
        counts->unchecked += checked ? 0 : 1;
    }
    return code;
}
