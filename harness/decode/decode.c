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
#include "decode/bare.h"
#include "decode/base64.h"
#include "decode/blank.h"
#include "decode/bounds.h"
#include "decode/decoder.h"
#include "decode/form.h"
#include "decode/frame.h"
#include "decode/record.h"
#include "decode/table.h"
#include "decode/unpack.h"
#include "decode/wrapped.h"

/** What is no part of a batch, but the record itself. */
#define NO_BATCH UINT32_MAX

static rf_code take_batch(struct rf_decoder *decoder, uint32_t array, struct rf_err *reterr);

struct rf_level *
rf_decoder_level(struct rf_decoder *decoder, size_t depth)
{
    struct rf_level *level = decoder->levels[depth];
    if (level == NULL) {
        level = decoder->levels[depth] = rf_calloc(1, sizeof(*level));
        level->unpack = rf_unpack_new();
        rf_frame_init(&level->frame);
    }
    return level;
}

static void
level_free(struct rf_level *level)
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
    decoder->now = rf_decoder_level(decoder, 0);
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

/** Where in the object's record that at hand lies what is at hand. */
static const char *
say_place(struct rf_decoder *decoder)
{
    size_t used = 0;
    decoder->place[0] = '\0';
    if (decoder->depth == 0 && decoder->now->at == 0) {
        return decoder->place;
    }
    for (size_t i = 0; i <= decoder->depth; i++) {
        int printed = snprintf(decoder->place + used, sizeof(decoder->place) - used, "%s%" PRIu64,
                               i == 0 ? "" : "/", decoder->levels[i]->at);
        RF_VERIFY(printed > 0 && (size_t)printed < sizeof(decoder->place) - used);
        used += (size_t)printed;
    }
    return decoder->place;
}

void
rf_decoder_malformed(struct rf_decoder *decoder, const char *text)
{
    char inner[sizeof(decoder->text) + 64];
    const struct rf_malformed malformed = {
        .offset = decoder->offset,
        .part = next_part(decoder),
        .place = say_place(decoder),
        .bytes = decoder->now->bytes,
        .text = say_where(decoder, text, inner, sizeof(inner)),
    };
    decoder->counts->malformed++;
    decoder->sink->malformed(decoder->sink->context, &malformed);
}

/** What is wrong with the object at hand, be it an element of a batch. */
void
rf_decoder_malformed_object(struct rf_decoder *decoder, const char *wrong)
{
    if (decoder->now->element != NO_BATCH) {
        (void)snprintf(decoder->text, sizeof(decoder->text), "part %" PRIu32 " of the batch: %s",
                       decoder->now->element, wrong);
        wrong = decoder->text;
    }
    decoder->counts->alien++;
    rf_decoder_malformed(decoder, wrong);
}

void
rf_decoder_empty(struct rf_decoder *decoder)
{
    (void)next_part(decoder);
    decoder->counts->empty++;
}

/** Of pointers of the user's own it is told which ones no event has. */
static void
count_lacking(const struct rf_event *event, struct rf_decode_counts *counts)
{
    counts->pointed++;
    counts->lacking[RF_PART_AGGREGATE] += event->aggregate == NULL;
    counts->lacking[RF_PART_VERSION] += !event->has_version;
    counts->lacking[RF_PART_DATA] += !event->has_data;
    counts->lacking[RF_PART_EID] += event->eid == NULL;
}

static rf_code
give_event(struct rf_decoder *decoder, struct rf_event *event, enum rf_envelope_kind kind,
           struct rf_err *reterr)
{
    struct rf_decode_counts *counts = decoder->counts;
    event->offset = decoder->offset;
    event->part = next_part(decoder);
    rf_code code = decoder->sink->event(decoder->sink->context, event, reterr);
    if (code != RF_OK) { /* nobody has it: it is none of the sums */
        decoder->parts--;
        counts->expanded -= decoder->parts > 0;
        return code;
    }
    counts->events++;
    counts->envelopes[decoder->in_message ? RF_ENVELOPE_CLOUDWATCH : kind]++;
    counts->repeated_keys += event->repeats;
    counts->laden[kind] += event->has_data;
    counts->bare[kind] += event->bare;
    counts->texts[kind] += rf_is_object_in_string(event->data, event->data_bytes);
    counts->unversioned += kind == RF_ENVELOPE_FLAT && !event->has_version;
    if (kind == RF_ENVELOPE_CUSTOM) {
        count_lacking(event, counts);
    }
    return RF_OK;
}

rf_code
rf_decoder_payload(struct rf_decoder *decoder, struct rf_payload *payload, struct rf_err *reterr)
{
    char inner[sizeof(decoder->text) + 64];
    payload->wrong = say_where(decoder, payload->wrong, inner, sizeof(inner));
    payload->offset = decoder->offset;
    payload->part = next_part(decoder);
    payload->place = say_place(decoder);
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
    return rf_decoder_payload(decoder, &payload, reterr);
}

/** What DynamoDB tells: as many events as there are attributes that are news. */
static rf_code
take_table(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_table_reader *table = &decoder->table;
    const char *wrong = rf_table_read(table, &decoder->now->doc, node);
    if (wrong != NULL) {
        rf_decoder_malformed_object(decoder, wrong);
        return RF_OK;
    }
    if (table->count == 0) {
        rf_decoder_empty(decoder);
    }
    for (size_t i = 0; i < table->count; i++) {
        struct rf_event event;
        wrong = rf_table_event(table, &decoder->now->doc, &table->changes[i], &event);
        if (wrong != NULL) {
            rf_decoder_at(decoder, table->changes[i].value);
        }
        if (wrong != NULL && table->opaque && rf_decoder_takes_payloads(decoder)) {
            RF_TRY(give_attribute(decoder, &table->changes[i], wrong, reterr));
        } else if (wrong != NULL) {
            rf_decoder_malformed_object(decoder, wrong);
        } else {
            event.record = rf_json_token(&decoder->now->doc, node, &event.record_bytes);
            RF_TRY(give_event(decoder, &event, RF_ENVELOPE_DYNAMODB, reterr));
        }
    }
    return RF_OK;
}

/* ---- objects --------------------------------------------------------------------------------- */

/** Whether an event may stand here by itself: else only what holds some. */
static bool
takes_events(const struct rf_decoder *decoder)
{
    bool wrapped = decoder->in_message || decoder->envelope->kind != RF_ENVELOPE_CLOUDWATCH;
    return wrapped && !rf_decoder_takes_errors(decoder);
}

/** Whether what stands beside an object's Records would be lost. A Lambda that is called for
 * windows of time gets its state beside them, and no Records with the last call of a window. */
static bool
hides_beside_records(const struct rf_json *doc, uint32_t node)
{
    static const char *const batch[] = {"Records", NULL};
    static const char *const window[] = {"Records", "window", "state", NULL};
    bool windowed = rf_json_member(doc, node, "window", strlen("window"), NULL) != RF_JSON_NONE &&
                    rf_json_member(doc, node, "isFinalInvokeForWindow",
                                   strlen("isFinalInvokeForWindow"), NULL) != RF_JSON_NONE;
    return rf_hides_more(doc, node, windowed ? window : batch);
}

/** The Records of an object that is a batch, or RF_JSON_NONE. Pointers of the user's own lead into
 * the elements, and nowhere else; nothing says what an empty one is to them. What has no Records in
 * it and is another envelope's is no batch.
 * @ret_wrong  NULL, or why it is malformed */
static uint32_t
find_batch(const struct rf_json *doc, uint32_t node, bool pointed, const char **ret_wrong)
{
    uint32_t records = rf_table_batch(doc, node);
    bool empty = records != RF_JSON_NONE && doc->nodes[records].count == 0;
    *ret_wrong = NULL;
    if (records == RF_JSON_NONE || pointed) {
        return empty ? RF_JSON_NONE : records;
    }
    bool other =
        rf_table_fits(doc, node) || rf_cloudwatch_fits(doc, node) || rf_sns_fits(doc, node);
    if (empty && other) {
        return RF_JSON_NONE;
    }
    if (other || hides_beside_records(doc, node)) {
        *ret_wrong = empty ? "its Records are empty, and what stands beside them is none of the "
                             "known envelopes"
                           : "what stands beside its Records would not be read";
    }
    return records;
}

/** An object that is no event of an envelope with pointers: DynamoDB's, CloudWatch's, SNS's, or
 * malformed.
 *  @fits_none  it has the members of none of them
 *  @wrong      why it is malformed, if it is nothing else */
static rf_code
take_other(struct rf_decoder *decoder, uint32_t node, bool fits_none, const char *wrong,
           struct rf_err *reterr)
{
    enum rf_envelope_kind kind = decoder->envelope->kind;
    if (decoder->in_message && kind == RF_ENVELOPE_CLOUDWATCH) {
        kind = RF_ENVELOPE_AUTO; /* messages are read as that reads them */
    }
    const struct rf_json *doc = &decoder->now->doc;
    if (fits_none && decoder->now->element == NO_BATCH) {
        const char *hidden;
        uint32_t records = find_batch(doc, node, kind == RF_ENVELOPE_CUSTOM, &hidden);
        if (hidden != NULL) {
            rf_decoder_malformed_object(decoder, hidden);
            return RF_OK;
        }
        if (records != RF_JSON_NONE) {
            return take_batch(decoder, records, reterr);
        }
    }
    if (fits_none && kind != RF_ENVELOPE_CUSTOM && rf_table_fits(doc, node)) {
        return take_table(decoder, node, reterr);
    }
    if ((fits_none || kind != RF_ENVELOPE_AUTO) && rf_cloudwatch_fits(doc, node)) {
        return rf_nested_cloudwatch(decoder, node, reterr);
    }
    if ((fits_none || kind != RF_ENVELOPE_AUTO) && takes_events(decoder) &&
        rf_sns_fits(doc, node)) {
        return rf_nested_sns(decoder, node, reterr);
    }
    if (decoder->sink->alien != NULL) {
        size_t bytes;
        const char *record = rf_json_token(doc, node, &bytes);
        decoder->sink->alien(decoder->sink->context, record, bytes);
    }
    if (fits_none && kind == RF_ENVELOPE_DYNAMODB) {
        wrong = "is none of DynamoDB's: it has neither dynamodb, Item, Keys nor an attribute "
                "_<version>";
    }
    rf_decoder_malformed_object(decoder, wrong);
    return RF_OK;
}

/** @node  an object; the root, or an element of a batch */
static rf_code
take_object(struct rf_decoder *decoder, uint32_t node, struct rf_err *reterr)
{
    struct rf_event event;
    enum rf_envelope_kind kind;
    uint64_t repeated;
    if (rf_decoder_takes_errors(decoder)) {
        return rf_nested_error(decoder, node, reterr);
    }
    if (!takes_events(decoder)) {
        return take_other(decoder, node, false,
                          "is none of CloudWatch's: it has no messageType and logEvents", reterr);
    }
    const char *wrong =
        rf_record_read(&decoder->reader, &decoder->now->doc, node, &event, &kind, &repeated);
    if (wrong != NULL) {
        bool fits_none = kind == RF_ENVELOPE_AUTO ||
                         (kind == RF_ENVELOPE_CUSTOM && rf_record_found_none(&decoder->reader));
        return take_other(decoder, node, fits_none, wrong, reterr);
    }
    event.repeats = repeated > 0;
    event.record = rf_json_token(&decoder->now->doc, node, &event.record_bytes);
    return give_event(decoder, &event, kind, reterr);
}

/** What was passed over, or looked at: counted once found. */
static void
count_opening(struct rf_decoder *decoder)
{
    struct rf_opening *opening = &decoder->now->frame.opening;
    if (opening->found) {
        decoder->counts->alien++;
        memset(opening, 0, sizeof(*opening));
    }
}

/** Of a line, or an element of a batch, that is no record. What may be one in it (behind a word and
 * a colon, in a tag, a cell of a table, a string, in base64 that was cut or damaged) tells that the
 * object at hand is not foreign, which is asked only as long as nothing else tells. */
static void
look_for_opening(struct rf_decoder *decoder, const char *bytes, size_t count)
{
    struct rf_opening *opening = &decoder->now->frame.opening;
    if (decoder->counts->events == 0 && decoder->counts->alien == 0) {
        rf_opening_feed(opening, bytes, count);
        rf_opening_feed(opening, "\n", 1);
        opening->found = opening->found || (count > 2 && memcmp(bytes, "\"{", 2) == 0);
        count_opening(decoder);
    }
}

/** The elements of an array, one level deep: the record itself, or its `Records`. */
static rf_code
take_batch(struct rf_decoder *decoder, uint32_t array, struct rf_err *reterr)
{
    struct rf_json *doc = &decoder->now->doc;
    uint32_t count = doc->nodes[array].count;
    if (count == 0) {
        rf_decoder_empty(decoder);
        return RF_OK;
    }
    uint32_t node = array + 1;
    for (uint32_t element = 0; element < count; element++) {
        decoder->now->element = element;
        rf_decoder_at(decoder, node);
        if (doc->nodes[node].kind == RF_JSON_OBJECT) {
            RF_TRY(take_object(decoder, node, reterr));
        } else {
            (void)snprintf(decoder->text, sizeof(decoder->text),
                           "part %" PRIu32 " of the batch is not an object", element);
            rf_decoder_malformed(decoder, decoder->text);
            size_t bytes;
            const char *token = rf_json_token(doc, node, &bytes);
            look_for_opening(decoder, token, bytes);
        }
        node = doc->nodes[node].next;
    }
    return RF_OK;
}

/** Whether what was decoded is one record that is like another, and nothing else. */
static struct rf_known *
recognize_line(struct rf_level *level)
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
        rf_decoder_malformed_object(decoder, wrong);
        return RF_OK;
    }
    if (decoder->now->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return take_batch(decoder, 0, reterr);
    }
    return take_object(decoder, 0, reterr);
}

/** A record that was recognized. Where it is none of the events that it is like, what it is instead
 * is for take_object to say: it is read as if it had not been recognized. */
static rf_code
take_known(struct rf_decoder *decoder, struct rf_known *known, size_t bytes, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    struct rf_event event;
    enum rf_envelope_kind kind;
    if (rf_record_read_known(&decoder->reader, known, &level->scalars, &event, &kind)) {
        event.repeats = false;
        event.record = level->scalars.text;
        event.record_bytes = bytes;
        return give_event(decoder, &event, kind, reterr);
    }
    rf_code code = rf_json_read_whole(&level->doc, level->scalars.text, bytes, reterr);
    RF_VERIFY(code == RF_OK); /* see recognize.h */
    return take_value(decoder, reterr);
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

/** Whether what was decoded of a line begins with one JSON object, and another one follows, behind
 * blanks or none: texts of base64 that were joined, each of which may have had a line's end. */
static bool
holds_several(struct rf_level *level)
{
    const char *bytes = level->decoded.bytes;
    size_t count = level->decoded.used;
    size_t at;
    if (rf_json_read(&level->doc, bytes, count, &at, NULL) != RF_OK ||
        level->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return false;
    }
    while (at < count && rf_is_blank(bytes[at])) {
        at++;
    }
    return at < count && bytes[at] == '{';
}

/** A line of base64 that is not of JSON. Where texts of base64 were joined nothing tells where one
 * payload ends.
 *  @why  it is no JSON */
static rf_code
take_opaque_line(struct rf_decoder *decoder, const struct rf_record *record, const char *why,
                 struct rf_err *reterr)
{
    const char *hint = "";
    struct rf_level *level = decoder->now;
    bool joined = !rf_base64_decode(record->bytes, record->count, &level->decoded);
    bool asks = rf_decoder_takes_payloads(decoder);
    if (joined) {
        hint = "; it is several texts of base64 in a row, and payloads that are no JSON need a "
               "line each";
    } else if (!asks) {
        hint = "; an aggregate that identifies such payloads can read it (-a)";
    }
    (void)snprintf(decoder->text, sizeof(decoder->text),
                   "the line is base64, but not of a JSON object: %.400s%s", why, hint);
    if (joined || !asks || !takes_events(decoder)) {
        rf_decoder_malformed(decoder, decoder->text);
        return RF_OK;
    }
    struct rf_payload payload = {
        .bytes = level->decoded.bytes,
        .count = level->decoded.used,
        .kind = RF_ENVELOPE_FLAT,
        .wrong = decoder->text,
    };
    return rf_decoder_payload(decoder, &payload, reterr);
}

/** A line is base64 of one JSON object, or of several that were joined, or of a payload that is no
 * JSON, or malformed. */
static rf_code
take_line(struct rf_decoder *decoder, const struct rf_record *record, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    bool torn = false;
    if (record->count < RF_BASE64_LINE_BYTES ||
        (!rf_base64_decode(record->bytes, record->count, &level->decoded) &&
         !rf_base64_decode_joined(record->bytes, record->count, &level->decoded, &torn))) {
        rf_decoder_malformed(decoder, why_no_line(record));
        return RF_OK;
    }
    struct rf_known *known = torn ? NULL : recognize_line(level);
    if (known != NULL) {
        return take_known(decoder, known, level->decoded.used, reterr);
    }
    struct rf_err err;
    rf_code code = rf_json_read_whole(&level->doc, level->decoded.bytes, level->decoded.used, &err);
    bool object = code == RF_OK && level->doc.nodes[0].kind == RF_JSON_OBJECT;
    if (torn && (object || holds_several(level))) {
        rf_decoder_malformed(decoder, "the line is several texts of base64 in a row, and one of "
                                      "them ends within a JSON object: a byte of it is damaged");
        return RF_OK;
    }
    if (object) {
        return take_value(decoder, reterr);
    }
    if (holds_several(level) && rf_decoder_takes_errors(decoder)) {
        rf_decoder_malformed(decoder, "a line of base64 is no error record");
        return RF_OK;
    }
    if (holds_several(level)) {
        return rf_nested_take(decoder, level->decoded.bytes, level->decoded.used,
                              "a line of base64", reterr);
    }
    if (code != RF_OK) {
        return take_opaque_line(decoder, record, err.text, reterr);
    }
    rf_decoder_malformed(decoder, "the line is base64, but not of a JSON object");
    return RF_OK;
}

/** It is all of a record that is at hand, up to where reading goes on. */
static void
be_at_record(struct rf_decoder *decoder, const struct rf_record *record)
{
    struct rf_level *level = decoder->now;
    level->begin = decoder->depth == 0 ? 0 : record->offset; /* else it is the finding's offset */
    level->at = level->begin;
    level->bytes = level->frame.base + level->frame.begin - record->offset;
}

/** What the framing of a record's own bytes came to: they are damaged, or cut, and the record is
 * malformed there. Where they are packed, and that broke, nothing of it can be believed. What was
 * looked at again counts for the object, and ends it. */
static rf_code
end_inner(struct rf_decoder *decoder, rf_code code, const struct rf_record *record,
          struct rf_err *err, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    bool damage = code == RF_ERR_TRUNCATED || code == RF_ERR_MALFORMED || code == RF_ERR_LIMIT;
    bool exhausted = decoder->looked_again > RF_LIMIT_RECOVERY_BYTES;
    if (damage && level->frame.code == RF_OK && !exhausted) {
        be_at_record(decoder, record);
        rf_decoder_malformed(decoder, err->text);
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
    be_at_record(decoder, record);
    switch (record->kind) {
    case RF_FRAME_KNOWN:
        return take_known(decoder, record->known, record->count, reterr);
    case RF_FRAME_LINE:
        RF_TRY(take_line(decoder, record, reterr));
        look_for_opening(decoder, record->bytes, record->count);
        return RF_OK;
    case RF_FRAME_AGGREGATE:
        count_opening(decoder);
        return rf_nested_aggregate(decoder, record, reterr);
    case RF_FRAME_MALFORMED:
        count_opening(decoder);
        rf_decoder_malformed(decoder, record->text);
        return RF_OK;
    default:
        return take_value(decoder, reterr);
    }
}

/** All records of a level. */
rf_code
rf_decoder_records(struct rf_decoder *decoder, struct rf_err *reterr)
{
    struct rf_level *level = decoder->now;
    bool outermost = decoder->depth == 0;
    level->recognizer = takes_events(decoder) ? decoder->reader.recognizer : NULL;
    for (;;) {
        struct rf_record record;
        struct rf_err err;
        rf_code code = rf_frame_next(&level->frame, level->recognizer, &level->doc, &level->scalars,
                                     &record, outermost ? reterr : &err);
        if (code != RF_OK) {
            count_opening(decoder);
            decoder->counts->unended += outermost && level->frame.code == RF_OK;
            return outermost ? code : end_inner(decoder, code, &record, &err, reterr);
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
                rf_decoder_empty(decoder);
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
    decoder->now->frame.most += envelope->is_kept ? RF_LIMIT_KEPT_BYTES : 0;
    decoder->now->doc.deeper = envelope->is_kept;
    rf_record_begin(&decoder->reader, envelope);

    bool opens = rf_frame_opens(&decoder->now->frame);
    rf_code code = rf_decoder_records(decoder, reterr);
    /* A packed object's own front says nothing: this tells that it is no other text. */
    counts->alien += opens && counts->events == 0;
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
