/* SPDX-License-Identifier: MIT */
/* Bytes to events: unpack an object, find its records, read their envelopes. */
#include "decode/decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "decode/base64.h"
#include "decode/bounds.h"
#include "decode/form.h"
#include "decode/frame.h"
#include "decode/record.h"
#include "decode/table.h"
#include "decode/unpack.h"
#include "decode/wrapped.h"

/** The shortest line that is taken for base64 (contract.md, "Records and envelopes"). */
#define BASE64_LINE_BYTES 8

/** Bytes that are framed: the object's, and below these what one of its records holds of records.
 */
struct level {
    struct rf_unpack *unpack;
    struct rf_frame frame;
    struct rf_json doc;               /**< the record at hand */
    struct rf_json scalars;           /**< … where it was recognized: its scalars; borrowed */
    struct rf_buf decoded;            /**< of a line of base64 */
    struct rf_buf wrapped;            /**< of a record around others */
    struct rf_recognizer *recognizer; /**< NULL: no event may stand here by itself */
    uint32_t element;                 /**< the batch's that is at hand, or NO_BATCH */
    const char *what;                 /**< what its bytes are, for messages; NULL: the object */
};

struct rf_decoder {
    struct level *levels[RF_LIMIT_NESTED]; /**< made as they are needed; [0] is the object's */
    struct level *now;
    size_t depth; /**< of it */
    struct rf_record_reader reader;
    struct rf_table_reader table;
    char text[768];        /**< why a record is malformed */
    uint64_t offset;       /**< of the object's record at hand */
    uint32_t parts;        /**< of it, that were told */
    bool in_message;       /**< what is read was a log event of CloudWatch's */
    bool errors;           /**< records of objects are those of an error prefix */
    uint64_t inner_bytes;  /**< unpacked below the object's own level */
    uint64_t looked_again; /**< at all levels, see RF_LIMIT_RECOVERY_BYTES */
    /* of the object at hand, borrowed */
    const struct rf_envelope *envelope;
    const struct rf_decode_sink *sink;
    struct rf_decode_counts *counts;
};

/** What is no part of a batch, but the record itself. */
#define NO_BATCH UINT32_MAX

static struct level *
level_at(struct rf_decoder *decoder, size_t depth)
{
    struct level *level = decoder->levels[depth];
    if (level == NULL) {
        level = decoder->levels[depth] = rf_calloc(1, sizeof(*level));
        level->unpack = rf_unpack_new();
        rf_frame_init(&level->frame);
    }
    return level;
}

static void
level_free(struct level *level)
{
    if (level != NULL) {
        rf_unpack_free(level->unpack);
        rf_frame_done(&level->frame);
        rf_json_done(&level->doc);
        rf_buf_done(&level->decoded);
        rf_buf_done(&level->wrapped);
        free(level);
    }
}

struct rf_decoder *
rf_decoder_new(void)
{
    struct rf_decoder *decoder = rf_calloc(1, sizeof(*decoder));
    decoder->now = level_at(decoder, 0);
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
    for (size_t i = 0; i < RF_LIMIT_NESTED; i++) {
        level_free(decoder->levels[i]);
    }
    rf_record_done(&decoder->reader);
    rf_table_done(&decoder->table);
    free(decoder);
}

void
rf_decoder_errors(struct rf_decoder *decoder, bool errors)
{
    decoder->errors = errors;
}

/** Another part of the record at hand: an event, or malformed, or empty. Parts are counted one by
 * one, so that the sums hold where the sink ends the decoding. */
static uint32_t
next_part(struct rf_decoder *decoder)
{
    decoder->counts->expanded += decoder->parts > 0;
    return decoder->parts++;
}

/** What is wrong, of a record within another with that one in front. */
static const char *
say_where(const struct rf_decoder *decoder, const char *text, char *inner, size_t room)
{
    if (decoder->now->what == NULL) {
        return text;
    }
    (void)snprintf(inner, room, "in %s: %s", decoder->now->what, text);
    return inner;
}

static void
report_malformed(struct rf_decoder *decoder, const char *text)
{
    (void)next_part(decoder);
    decoder->counts->malformed++;
    char inner[sizeof(decoder->text) + 64];
    text = say_where(decoder, text, inner, sizeof(inner));
    decoder->sink->malformed(decoder->sink->context, decoder->offset, text);
}

/** What is wrong with the object at hand, be it an element of a batch. */
static void
report_object(struct rf_decoder *decoder, const char *wrong)
{
    if (decoder->now->element != NO_BATCH) {
        (void)snprintf(decoder->text, sizeof(decoder->text), "part %" PRIu32 " of the batch: %s",
                       decoder->now->element, wrong);
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
    counts->envelopes[decoder->in_message ? RF_ENVELOPE_CLOUDWATCH : kind]++;
    counts->repeated_keys += event->repeats;
    return decoder->sink->event(decoder->sink->context, event, reterr);
}

/** Whether whoever takes the events also takes payloads that are no JSON. */
static bool
takes_payloads(const struct rf_decoder *decoder)
{
    return decoder->sink->payload != NULL;
}

/** Bytes that are no JSON: an aggregate may know what they are. `wrong` is why they are malformed
 * if none does. */
static rf_code
give_payload(struct rf_decoder *decoder, struct rf_payload *payload, struct rf_err *reterr)
{
    char inner[sizeof(decoder->text) + 64];
    payload->wrong = say_where(decoder, payload->wrong, inner, sizeof(inner));
    payload->offset = decoder->offset;
    payload->part = next_part(decoder);
    payload->kind = decoder->in_message ? RF_ENVELOPE_CLOUDWATCH : payload->kind;
    return decoder->sink->payload(decoder->sink->context, payload, reterr);
}

/** What an attribute holds, where that is no JSON. */
static rf_code
give_attribute(struct rf_decoder *decoder, const struct rf_table_change *change, const char *wrong,
               struct rf_err *reterr)
{
    struct rf_table_reader *table = &decoder->table;
    struct rf_payload payload = {
        .bytes = table->bytes.bytes,
        .count = table->bytes.used,
        .kind = RF_ENVELOPE_DYNAMODB,
        .wrong = wrong,
        .has_version = true,
        .version = change->version,
    };
    payload.ids = rf_table_ids(table, &decoder->now->doc, &payload.id_count);
    return give_payload(decoder, &payload, reterr);
}

/** What DynamoDB tells: as many events as there are attributes that are news. */
static rf_code
take_table(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_table_reader *table = &decoder->table;
    const char *wrong = rf_table_read(table, &decoder->now->doc, node);
    if (wrong != NULL) {
        report_object(decoder, wrong);
        return RF_OK;
    }
    if (table->count == 0) {
        count_empty(decoder);
    }
    for (size_t i = 0; i < table->count; i++) {
        struct rf_event event;
        wrong = rf_table_event(table, &decoder->now->doc, &table->changes[i], &event);
        if (wrong != NULL && table->opaque && takes_payloads(decoder)) {
            RF_TRY(give_attribute(decoder, &table->changes[i], wrong, reterr));
        } else if (wrong != NULL) {
            report_object(decoder, wrong);
        } else {
            RF_TRY(give_event(decoder, &event, RF_ENVELOPE_DYNAMODB, reterr));
        }
    }
    return RF_OK;
}

/* ---- records in records ---------------------------------------------------------------------- */

static rf_code take_records(struct rf_decoder *decoder, struct rf_err *reterr);
static rf_code take_batch(struct rf_decoder *decoder, uint32_t array, struct rf_err *reterr);

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

/**
 * Frames anew what a record holds of records; all of them are parts of it.
 * @bytes  not read, and not changed, by the level below
 * @what   for messages
 */
static rf_code
take_inner(struct rf_decoder *decoder, const void *bytes, size_t count, const char *what,
           struct rf_err *reterr)
{
    if (decoder->depth + 1 == RF_LIMIT_NESTED) {
        report_malformed(decoder, "records lie too deep within each other (RF_LIMIT_NESTED)");
        return RF_OK;
    }
    struct memory memory = {bytes, count};
    const struct rf_decode_input input = {.context = &memory, .read = read_memory};
    struct level *outer = decoder->now;
    decoder->now = level_at(decoder, ++decoder->depth);
    decoder->now->what = what;
    rf_unpack_begin_inner(decoder->now->unpack, &input);
    rf_frame_begin(&decoder->now->frame, decoder->now->unpack, &decoder->looked_again);
    rf_code code = take_records(decoder, reterr);
    if (code == RF_OK) {
        code = count_inner(decoder, reterr);
    }
    decoder->now = outer;
    decoder->depth--;
    return code;
}

/** Whether the whole of a value is bytes that neither text nor anything packed begins or goes on
 * with: a payload as it was put. */
static bool
is_opaque(const char *bytes, size_t count)
{
    size_t sniffed = count < RF_FORM_SNIFF_BYTES ? count : RF_FORM_SNIFF_BYTES;
    if (rf_form_find((const unsigned char *)bytes, sniffed) != NULL ||
        (count >= RF_KPL_MAGIC_BYTES && memcmp(bytes, RF_KPL_MAGIC, RF_KPL_MAGIC_BYTES) == 0)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '{' || byte == '[') { /* JSON begins so, whatever it is damaged by */
            return false;
        }
        if (byte != ' ' && (byte < '\t' || byte > '\r')) {
            break;
        }
    }
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < ' ' && (byte < '\t' || byte > '\r')) {
            return true;
        }
    }
    return rf_utf8_valid(bytes, count) != count;
}

/** What stands whole in a record of others: one payload, or what is framed anew. */
static rf_code
take_value_of(struct rf_decoder *decoder, const void *bytes, size_t count, const char *what,
              struct rf_err *reterr)
{
    if (!takes_payloads(decoder) || !is_opaque(bytes, count)) {
        return take_inner(decoder, bytes, count, what, reterr);
    }
    (void)snprintf(decoder->text, sizeof(decoder->text),
                   "in %s: a value of %zu bytes that are no JSON", what, count);
    struct rf_payload payload = {
        .bytes = bytes,
        .count = count,
        .kind = RF_ENVELOPE_FLAT,
        .wrong = decoder->text,
    };
    return give_payload(decoder, &payload, reterr);
}

/** The same of one among several: where it holds no record, it counts all the same. */
static rf_code
take_part(struct rf_decoder *decoder, const void *bytes, size_t count, const char *what,
          struct rf_err *reterr)
{
    uint32_t before = decoder->parts;
    RF_TRY(take_value_of(decoder, bytes, count, what, reterr));
    if (decoder->parts == before) {
        count_empty(decoder);
    }
    return RF_OK;
}

/** The log events of a record of CloudWatch's; a control message has none of the producer's. */
static rf_code
take_cloudwatch(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct level *level = decoder->now;
    uint32_t events;
    const char *wrong = decoder->in_message ? "a record of CloudWatch's in one of its messages"
                                            : rf_cloudwatch_read(&level->doc, node, &events);
    if (wrong != NULL) {
        report_object(decoder, wrong);
        return RF_OK;
    }
    uint32_t left = events == RF_JSON_NONE ? 0 : level->doc.nodes[events].count;
    if (left == 0) {
        count_empty(decoder);
    }
    for (uint32_t at = events + 1; left > 0; left--) {
        wrong = rf_cloudwatch_message(&level->doc, at, &level->wrapped);
        if (wrong != NULL) {
            report_object(decoder, wrong);
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

/** Whether only what Firehose writes below an error prefix may stand here. */
static bool
takes_errors(const struct rf_decoder *decoder)
{
    return decoder->errors && decoder->depth == 0;
}

/** A record that Firehose wrote below an error prefix: what it was handed is framed as ever. */
static rf_code
take_error(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct level *level = decoder->now;
    const char *wrong = rf_error_record_read(&level->doc, node, &level->wrapped);
    if (wrong != NULL) {
        report_object(decoder, wrong);
        return RF_OK;
    }
    uint32_t before = decoder->parts;
    RF_TRY(take_value_of(decoder, level->wrapped.bytes, level->wrapped.used, "rawData", reterr));
    if (decoder->parts == before) { /* it failed as something: this is not what was put */
        report_object(decoder, "rawData holds no record");
    }
    return RF_OK;
}

static rf_code
take_aggregate(struct rf_decoder *decoder, const struct rf_record *record, struct rf_err *reterr)
{
    if (takes_errors(decoder)) {
        report_malformed(decoder, "a KPL aggregate is no error record");
        return RF_OK;
    }
    const unsigned char *fields = (const unsigned char *)record->bytes;
    struct rf_kpl_records records = {fields, fields + record->count};
    for (;;) {
        const unsigned char *data;
        size_t count;
        if (!rf_kpl_next(&records, &data, &count)) {
            report_malformed(decoder, "a record of a KPL aggregate is none, though its MD5 fits");
        } else if (data == NULL) {
            return RF_OK;
        } else {
            RF_TRY(take_part(decoder, data, count, "a KPL aggregate", reterr));
        }
    }
}

/* ---- objects --------------------------------------------------------------------------------- */

/** An object that fits no envelope with pointers: DynamoDB's, CloudWatch's, or malformed. */
static rf_code
take_other(struct rf_decoder *decoder, uint32_t node, const char *wrong, struct rf_err *reterr)
{
    enum rf_envelope_kind kind = decoder->envelope->kind;
    if (decoder->in_message && kind == RF_ENVELOPE_CLOUDWATCH) {
        kind = RF_ENVELOPE_AUTO; /* messages are read as that reads them */
    }
    const struct rf_json *doc = &decoder->now->doc;
    bool fits_none = wrong == rf_record_fits_none;
    if (fits_none && (kind == RF_ENVELOPE_AUTO || kind == RF_ENVELOPE_DYNAMODB)) {
        uint32_t records = rf_table_batch(doc, node);
        if (records != RF_JSON_NONE && decoder->now->element == NO_BATCH) {
            return take_batch(decoder, records, reterr);
        }
        if (rf_table_fits(doc, node)) {
            return take_table(decoder, node, reterr);
        }
    }
    if ((fits_none || kind != RF_ENVELOPE_AUTO) && rf_cloudwatch_fits(doc, node)) {
        return take_cloudwatch(decoder, node, reterr);
    }
    if (fits_none && kind == RF_ENVELOPE_DYNAMODB) {
        wrong = "is none of DynamoDB's: it has neither dynamodb, Item, Keys nor an attribute "
                "_<version>";
    }
    report_object(decoder, wrong);
    return RF_OK;
}

/** Whether an event may stand here by itself: else only what holds some. */
static bool
takes_events(const struct rf_decoder *decoder)
{
    bool wrapped = decoder->in_message || decoder->envelope->kind != RF_ENVELOPE_CLOUDWATCH;
    return wrapped && !takes_errors(decoder);
}

/** @node  an object; the root, or an element of a batch */
static rf_code
take_object(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_event event;
    enum rf_envelope_kind kind;
    uint64_t repeated;
    if (takes_errors(decoder)) {
        return take_error(decoder, node, reterr);
    }
    if (!takes_events(decoder)) {
        return take_other(decoder, node,
                          "is none of CloudWatch's: it has no messageType and logEvents", reterr);
    }
    const char *wrong =
        rf_record_read(&decoder->reader, &decoder->now->doc, node, &event, &kind, &repeated);
    if (wrong != NULL) {
        return take_other(decoder, node, wrong, reterr);
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
        rf_record_read_known(&decoder->reader, known, &decoder->now->scalars, &event, &kind);
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
    struct rf_json *doc = &decoder->now->doc;
    uint32_t count = doc->nodes[array].count;
    if (count == 0) {
        count_empty(decoder);
        return RF_OK;
    }
    uint32_t node = array + 1;
    for (uint32_t element = 0; element < count; element++) {
        decoder->now->element = element;
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
recognize_line(struct level *level)
{
    size_t end = 0;
    struct rf_json *scalars = &level->scalars;
    struct rf_known *known = level->recognizer == NULL
                                 ? NULL
                                 : rf_recognize(level->recognizer, level->decoded.bytes,
                                                level->decoded.used, &end, &scalars->nodes);
    scalars->text = level->decoded.bytes;
    scalars->used = known == NULL ? 0 : known->scalars;
    return end == level->decoded.used ? known : NULL;
}

static rf_code
take_value(struct rf_decoder *decoder, struct rf_err *reterr)
{
    const char *wrong = rf_bounds_check(&decoder->now->doc, decoder->text, sizeof(decoder->text));
    if (wrong != NULL) {
        report_malformed(decoder, wrong);
        return RF_OK;
    }
    if (decoder->now->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return take_batch(decoder, 0, reterr);
    }
    return take_object(decoder, 0, reterr);
}

/** What a line is that is neither JSON nor base64. */
static const char *
why_no_line(const struct rf_record *record)
{
    static const char ion[] = "$ion_1_0";
    if (record->count >= sizeof(ion) - 1 && memcmp(record->bytes, ion, sizeof(ion) - 1) == 0) {
        return "the line is Amazon Ion, which refold does not read: export the table as DynamoDB "
               "JSON";
    }
    return "the line is neither a JSON object or array nor base64";
}

/** Whether what was decoded of a line begins with one JSON object, and another one follows: texts
 * of base64 that were joined. */
static bool
holds_several(struct level *level)
{
    const char *bytes = level->decoded.bytes;
    size_t end;
    return rf_json_read(&level->doc, bytes, level->decoded.used, &end, NULL) == RF_OK &&
           level->doc.nodes[0].kind == RF_JSON_OBJECT && end < level->decoded.used &&
           bytes[end] == '{';
}

/** A line of base64 that is not of JSON. Where texts of base64 were joined nothing tells where one
 * payload ends.
 *  @why  it is no JSON */
static rf_code
take_opaque_line(struct rf_decoder *decoder, const struct rf_record *record, const char *why,
                 struct rf_err *reterr)
{
    static const char *const hints[] = {
        "", "; an aggregate that identifies such payloads can read it (-a)",
        "; it is several texts of base64 in a row, and payloads that are no JSON need a line each"};
    struct level *level = decoder->now;
    bool joined = !rf_base64_decode(record->bytes, record->count, &level->decoded);
    bool asks = takes_payloads(decoder);
    (void)snprintf(decoder->text, sizeof(decoder->text),
                   "the line is base64, but not of a JSON object: %.400s%s", why,
                   hints[joined ? 2
                         : asks ? 0
                                : 1]);
    if (joined || !asks || !takes_events(decoder)) {
        report_malformed(decoder, decoder->text);
        return RF_OK;
    }
    struct rf_payload payload = {
        .bytes = level->decoded.bytes,
        .count = level->decoded.used,
        .kind = RF_ENVELOPE_FLAT,
        .wrong = decoder->text,
    };
    return give_payload(decoder, &payload, reterr);
}

/** A line is base64 of one JSON object, or of several that were joined, or of a payload that is no
 * JSON, or malformed. */
static rf_code
take_line(struct rf_decoder *decoder, const struct rf_record *record, struct rf_err *reterr)
{
    struct level *level = decoder->now;
    if (record->count < BASE64_LINE_BYTES ||
        (!rf_base64_decode(record->bytes, record->count, &level->decoded) &&
         !rf_base64_decode_joined(record->bytes, record->count, &level->decoded))) {
        report_malformed(decoder, why_no_line(record));
        return RF_OK;
    }
    struct rf_known *known = recognize_line(level);
    if (known != NULL) {
        return take_known(decoder, known, reterr);
    }
    struct rf_err err;
    rf_code code = rf_json_read_whole(&level->doc, level->decoded.bytes, level->decoded.used, &err);
    if (code == RF_OK && level->doc.nodes[0].kind == RF_JSON_OBJECT) {
        return take_value(decoder, reterr);
    }
    if (holds_several(level) && takes_errors(decoder)) {
        report_malformed(decoder, "a line of base64 is no error record");
        return RF_OK;
    }
    if (holds_several(level)) {
        return take_inner(decoder, level->decoded.bytes, level->decoded.used, "a line of base64",
                          reterr);
    }
    if (code != RF_OK) {
        return take_opaque_line(decoder, record, err.text, reterr);
    }
    report_malformed(decoder, "the line is base64, but not of a JSON object");
    return RF_OK;
}

/** What the framing of a record's own bytes came to: they are damaged, or cut, and the record is
 * malformed there. Where they are packed, and that broke, nothing of it can be believed. What was
 * looked at again counts for the object, and ends it. */
static rf_code
end_inner(struct rf_decoder *decoder, rf_code code, struct rf_err *err, struct rf_err *reterr)
{
    struct level *level = decoder->now;
    bool damage = code == RF_ERR_TRUNCATED || code == RF_ERR_MALFORMED || code == RF_ERR_LIMIT;
    bool exhausted = decoder->looked_again > RF_LIMIT_RECOVERY_BYTES;
    if (damage && level->frame.code == RF_OK && !exhausted) {
        report_malformed(decoder, err->text);
        return RF_OK;
    }
    if (damage || code == RF_ERR_CORRUPT) {
        return rf_fail_at(reterr, code, NULL, decoder->offset,
                          "in %s, in the record that begins at byte %" PRIu64 ": %.400s",
                          level->what, decoder->offset, err->text);
    }
    if (reterr != NULL) {
        *reterr = *err;
    }
    return code;
}

static rf_code
take_record(struct rf_decoder *decoder, const struct rf_record *record, struct rf_err *reterr)
{
    decoder->now->element = NO_BATCH;
    switch (record->kind) {
    case RF_FRAME_KNOWN:
        return take_known(decoder, record->known, reterr);
    case RF_FRAME_LINE:
        return take_line(decoder, record, reterr);
    case RF_FRAME_AGGREGATE:
        return take_aggregate(decoder, record, reterr);
    case RF_FRAME_MALFORMED:
        report_malformed(decoder, record->text);
        return RF_OK;
    default:
        return take_value(decoder, reterr);
    }
}

/** All records of a level. */
static rf_code
take_records(struct rf_decoder *decoder, struct rf_err *reterr)
{
    struct level *level = decoder->now;
    bool outermost = decoder->depth == 0;
    level->recognizer = takes_events(decoder) ? decoder->reader.recognizer : NULL;
    for (;;) {
        struct rf_record record;
        struct rf_err err;
        rf_code code = rf_frame_next(&level->frame, level->recognizer, &level->doc, &level->scalars,
                                     &record, outermost ? reterr : &err);
        if (code != RF_OK) {
            return outermost ? code : end_inner(decoder, code, &err, reterr);
        }
        if (record.kind == RF_FRAME_END) {
            return RF_OK;
        }
        if (outermost) {
            decoder->counts->records++;
            decoder->offset = record.offset;
            decoder->parts = 0;
        }
        code = take_record(decoder, &record, reterr);
        if (outermost && decoder->parts == 0) {
            if (code != RF_OK) {
                decoder->counts->records--; /* it broke before it was any part of the sums */
            } else {
                count_empty(decoder);
            }
        }
        RF_TRY(code);
    }
}

rf_code
rf_decode_object(struct rf_decoder *decoder, const struct rf_decode_input *input,
                 const struct rf_envelope *envelope, const struct rf_decode_sink *sink,
                 struct rf_decode_counts *counts, struct rf_err *reterr)
{
    struct rf_unpack *unpack = decoder->levels[0]->unpack;
    decoder->now = decoder->levels[0];
    decoder->depth = 0;
    decoder->in_message = false;
    decoder->inner_bytes = 0;
    decoder->looked_again = 0;
    decoder->envelope = envelope;
    decoder->sink = sink;
    decoder->counts = counts;
    rf_unpack_begin(unpack, input);
    rf_frame_begin(&decoder->now->frame, unpack, &decoder->looked_again);
    rf_record_begin(&decoder->reader, envelope);

    rf_code code = take_records(decoder, reterr);
    counts->stored_bytes += rf_unpack_stored_bytes(unpack);
    counts->bytes += rf_unpack_bytes(unpack);
    counts->members += rf_unpack_members(unpack);
    if (rf_unpack_packed(unpack)) {
        bool checked = rf_unpack_checked(unpack);
        counts->checked += checked ? 1 : 0;
        counts->unchecked += checked ? 0 : 1;
    }
    return code;
}
