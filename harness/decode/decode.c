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
#include "decode/table.h"
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
    uint64_t offset;        /**< of the record at hand */
    uint32_t parts;         /**< of it, that were told */
    uint32_t element;       /**< the batch's that is at hand, or NO_BATCH */
    struct rf_table_reader table;
    /* of the object at hand, borrowed */
    const struct rf_envelope *envelope;
    const struct rf_decode_sink *sink;
    struct rf_decode_counts *counts;
};

/** What is no part of a batch, but the record itself. */
#define NO_BATCH UINT32_MAX

struct rf_decoder *
rf_decoder_new(void)
{
    struct rf_decoder *decoder = rf_calloc(1, sizeof(*decoder));
    decoder->unpack = rf_unpack_new();
    rf_frame_init(&decoder->frame);
    rf_record_init(&decoder->reader);
    rf_table_init(&decoder->table);
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
    rf_table_done(&decoder->table);
    rf_json_done(&decoder->doc);
    rf_buf_done(&decoder->decoded);
    free(decoder);
}

/** Another part of the record at hand: an event, or malformed, or empty. Parts are counted one by
 * one, so that the sums hold where the sink ends the decoding. */
static uint32_t
next_part(struct rf_decoder *decoder)
{
    decoder->counts->expanded += decoder->parts > 0;
    return decoder->parts++;
}

static void
report_malformed(struct rf_decoder *decoder, const char *text)
{
    (void)next_part(decoder);
    decoder->counts->malformed++;
    decoder->sink->malformed(decoder->sink->context, decoder->offset, text);
}

/** What is wrong with the object at hand, be it an element of a batch. */
static void
report_object(struct rf_decoder *decoder, const char *wrong)
{
    if (decoder->element != NO_BATCH) {
        (void)snprintf(decoder->text, sizeof(decoder->text), "part %" PRIu32 " of the batch: %s",
                       decoder->element, wrong);
        wrong = decoder->text;
    }
    report_malformed(decoder, wrong);
}

static void
count_empty(struct rf_decoder *decoder)
{
    (void)next_part(decoder);
    decoder->counts->empty++;
}

static rf_code
give_event(struct rf_decoder *decoder, struct rf_event *event, enum rf_envelope_kind kind,
           struct rf_err *reterr)
{
    struct rf_decode_counts *counts = decoder->counts;
    event->offset = decoder->offset;
    event->part = next_part(decoder);
    counts->events++;
    counts->envelopes[kind]++;
    counts->repeated_keys += event->repeats;
    return decoder->sink->event(decoder->sink->context, event, reterr);
}

/** What DynamoDB tells: as many events as there are attributes that are news. */
static rf_code
take_table(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_table_reader *table = &decoder->table;
    const char *wrong = rf_table_read(table, &decoder->doc, node);
    if (wrong != NULL) {
        report_object(decoder, wrong);
        return RF_OK;
    }
    if (table->count == 0) {
        count_empty(decoder);
    }
    for (size_t i = 0; i < table->count; i++) {
        struct rf_event event;
        wrong = rf_table_event(table, &decoder->doc, &table->changes[i], &event);
        if (wrong != NULL) {
            report_object(decoder, wrong);
        } else {
            RF_TRY(give_event(decoder, &event, RF_ENVELOPE_DYNAMODB, reterr));
        }
    }
    return RF_OK;
}

static rf_code take_batch(struct rf_decoder *decoder, uint32_t array, struct rf_err *reterr);

/** An object that fits no envelope with pointers: DynamoDB's, or malformed. */
static rf_code
take_other(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    enum rf_envelope_kind kind = decoder->envelope->kind;
    const char *wrong = rf_record_fits_none;
    if (kind == RF_ENVELOPE_AUTO || kind == RF_ENVELOPE_DYNAMODB) {
        uint32_t records = rf_table_batch(&decoder->doc, node);
        if (records != RF_JSON_NONE && decoder->element == NO_BATCH) {
            return take_batch(decoder, records, reterr);
        }
        if (rf_table_fits(&decoder->doc, node)) {
            return take_table(decoder, node, reterr);
        }
    }
    if (kind == RF_ENVELOPE_DYNAMODB) {
        wrong = "is none of DynamoDB's: it has neither dynamodb, Item, Keys nor an attribute "
                "_<version>";
    }
    report_object(decoder, wrong);
    return RF_OK;
}

/** @node  an object; the root, or an element of a batch */
static rf_code
take_object(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_event event;
    enum rf_envelope_kind kind;
    uint64_t repeated;
    const char *wrong =
        rf_record_read(&decoder->reader, &decoder->doc, node, &event, &kind, &repeated);
    if (wrong == rf_record_fits_none) {
        return take_other(decoder, node, reterr);
    }
    if (wrong != NULL) {
        report_object(decoder, wrong);
        return RF_OK;
    }
    event.repeats = repeated > 0;
    return give_event(decoder, &event, kind, reterr);
}

static rf_code
take_known(struct rf_decoder *decoder, struct rf_known *known, struct rf_err *reterr)
{
    struct rf_event event;
    enum rf_envelope_kind kind;
    const char *wrong =
        rf_record_read_known(&decoder->reader, known, &decoder->scalars, &event, &kind);
    if (wrong != NULL) {
        report_malformed(decoder, wrong);
        return RF_OK;
    }
    event.repeats = false;
    return give_event(decoder, &event, kind, reterr);
}

/** The elements of an array, one level deep: the record itself, or its `Records`. */
static rf_code
take_batch(struct rf_decoder *decoder, uint32_t array, struct rf_err *reterr)
{
    struct rf_json *doc = &decoder->doc;
    uint32_t count = doc->nodes[array].count;
    if (count == 0) {
        count_empty(decoder);
        return RF_OK;
    }
    uint32_t node = array + 1;
    for (uint32_t element = 0; element < count; element++) {
        decoder->element = element;
        if (doc->nodes[node].kind == RF_JSON_OBJECT) {
            RF_TRY(take_object(decoder, node, reterr));
        } else {
            (void)snprintf(decoder->text, sizeof(decoder->text),
                           "part %" PRIu32 " of the batch is not an object", element);
            report_malformed(decoder, decoder->text);
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
take_value(struct rf_decoder *decoder, struct rf_err *reterr)
{
    const char *wrong = rf_bounds_check(&decoder->doc, decoder->text, sizeof(decoder->text));
    if (wrong != NULL) {
        report_malformed(decoder, wrong);
        return RF_OK;
    }
    if (decoder->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return take_batch(decoder, 0, reterr);
    }
    return take_object(decoder, 0, reterr);
}

/** A line is base64 of one JSON object, or malformed. */
static rf_code
take_line(struct rf_decoder *decoder, const struct rf_record *record, struct rf_err *reterr)
{
    if (record->count < BASE64_LINE_BYTES ||
        !rf_base64_decode(record->bytes, record->count, &decoder->decoded)) {
        bool mark = record->count >= 3 && memcmp(record->bytes, "\xef\xbb\xbf", 3) == 0;
        report_malformed(decoder,
                         mark ? "a byte order mark begins the line; neither JSON nor base64 does"
                              : "the line is neither a JSON object or array nor base64");
        return RF_OK;
    }
    struct rf_known *known = recognize_line(decoder);
    if (known != NULL) {
        return take_known(decoder, known, reterr);
    }
    struct rf_err err;
    rf_code code =
        rf_json_read_whole(&decoder->doc, decoder->decoded.bytes, decoder->decoded.used, &err);
    if (code != RF_OK || decoder->doc.nodes[0].kind != RF_JSON_OBJECT) {
        (void)snprintf(decoder->text, sizeof(decoder->text),
                       "the line is base64, but not of a JSON object%s%s",
                       code == RF_OK ? "" : ": ", code == RF_OK ? "" : err.text);
        report_malformed(decoder, decoder->text);
        return RF_OK;
    }
    return take_value(decoder, reterr);
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
        decoder->offset = record.offset;
        decoder->parts = 0;
        decoder->element = NO_BATCH;
        if (record.kind == RF_FRAME_KNOWN) {
            RF_TRY(take_known(decoder, record.known, reterr));
        } else if (record.kind == RF_FRAME_LINE) {
            RF_TRY(take_line(decoder, &record, reterr));
        } else if (record.kind == RF_FRAME_MALFORMED) {
            report_malformed(decoder, record.text);
        } else {
            RF_TRY(take_value(decoder, reterr));
        }
    }
}

rf_code
rf_decode_object(struct rf_decoder *decoder, const struct rf_decode_input *input,
                 const struct rf_envelope *envelope, const struct rf_decode_sink *sink,
                 struct rf_decode_counts *counts, struct rf_err *reterr)
{
    decoder->envelope = envelope;
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
