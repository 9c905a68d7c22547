/* SPDX-License-Identifier: MIT */
/* A record becomes an event: its envelope's parts are found and checked. */
#include "decode/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"
#include "decode/bare.h"
#include "decode/base64.h"
#include "decode/bounds.h"

static const char fits_none[] = RF_RECORD_NO_ENVELOPE
    ": neither the members t and d (eventsource), aggregateId and type (flat), "
    "specversion (cloudevents) nor detail-type and detail (eventbridge) are there";

/** What `auto` decides between, by precedence, and the two members by which each is told. */
static const struct {
    enum rf_envelope_kind kind;
    enum rf_envelope_part marks[2];
} KNOWN[RF_PLAN_ENVELOPES] = {
    {RF_ENVELOPE_EVENTSOURCE, {RF_PART_TYPE, RF_PART_DATA}},
    {RF_ENVELOPE_FLAT, {RF_PART_ID, RF_PART_TYPE}},
    {RF_ENVELOPE_CLOUDEVENTS, {RF_PART_SPECVERSION, RF_PART_SPECVERSION}},
    {RF_ENVELOPE_EVENTBRIDGE, {RF_PART_TYPE, RF_PART_DATA}},
};

/** Of a value that a message names. */
#define VALUE_SHOWN 40

/** So many digits are below 2^63, whatever they are. */
#define SAFE_DIGITS 18

/* ---- the reader ---- */

void
rf_record_init(struct rf_record_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
    for (int i = 0; i < RF_PLAN_ENVELOPES; i++) {
        const char *name = rf_envelope_name(KNOWN[i].kind);
        RF_VERIFY(rf_envelope_parse(name, &reader->known[i], NULL) == RF_OK);
    }
    struct rf_json doc = {0};
    rf_code code = rf_json_read_whole(&doc, "{}", 2, NULL);
    RF_VERIFY(code == RF_OK);
    reader->empty_hash = rf_json_hash(&doc, 0, NULL);
    rf_json_done(&doc);
    reader->recognizer = rf_recognizer_new();
}

void
rf_record_done(struct rf_record_reader *reader)
{
    rf_recognizer_free(reader->recognizer);
    for (int i = 0; i < RF_PLAN_ENVELOPES; i++) {
        rf_envelope_done(&reader->known[i]);
    }
    rf_buf_done(&reader->id);
    rf_buf_done(&reader->aggregate);
    rf_buf_done(&reader->type);
    rf_buf_done(&reader->eid);
    rf_buf_done(&reader->other);
    rf_buf_done(&reader->payload);
    rf_json_done(&reader->inner);
}

void
rf_record_begin(struct rf_record_reader *reader, const struct rf_envelope *envelope)
{
    struct rf_plan *plan = &reader->plan;
    bool is_auto = envelope->kind == RF_ENVELOPE_AUTO || envelope->kind == RF_ENVELOPE_CLOUDWATCH;
    if (is_auto && reader->plan_is_auto) {
        return;
    }
    reader->plan_is_auto = is_auto;
    rf_plan_clear(plan);
    if (is_auto) {
        for (int i = 0; i < RF_PLAN_ENVELOPES; i++) {
            rf_plan_add(plan, &reader->known[i]);
        }
    } else if (envelope->kind != RF_ENVELOPE_DYNAMODB) {
        rf_plan_add(plan, envelope);
    }
    uint64_t print = rf_plan_print(plan);
    if (print != reader->plan_print) {
        rf_recognizer_clear(reader->recognizer);
        reader->plan_print = print;
    }
}

/* ---- what is wrong ---- */

/** "/d/ID is missing" */
static const char *
say(struct rf_record_reader *reader, uint16_t step, const char *what)
{
    rf_buf_clear(&reader->other);
    rf_plan_pointer(&reader->plan, step, &reader->other);
    (void)snprintf(reader->text, sizeof(reader->text), "%s %s", rf_buf_text(&reader->other), what);
    return reader->text;
}

static __attribute__((noinline)) const char *
check_repeated(struct rf_record_reader *reader, int number)
{
    const struct rf_plan *plan = &reader->plan;
    for (uint16_t step = 1; step < plan->step_count; step++) {
        if (plan->repeated[step] && (plan->steps[step].envelopes & (1 << number)) != 0) {
            (void)snprintf(reader->text, sizeof(reader->text), "the key '%s' occurs twice",
                           plan->steps[step].key);
            return reader->text;
        }
    }
    return NULL;
}

/** Whether a step is one of those that lead to a part. */
static bool
leads_to(const struct rf_plan *plan, uint16_t step, uint16_t part)
{
    while (part != RF_PLAN_NO_STEP && part != 0 && part != step) {
        part = plan->steps[part].parent;
    }
    return part == step;
}

/** The element of an array that has others, in which both parts stand; 0: there is none. */
static uint16_t
element_of_several(const struct rf_plan *plan, const struct rf_json *doc, uint16_t part,
                   uint16_t other)
{
    for (uint16_t step = part == RF_PLAN_NO_STEP ? 0 : part; step != 0;
         step = plan->steps[step].parent) {
        uint32_t holder = plan->found[plan->steps[step].parent];
        if (holder != RF_JSON_NONE && doc->nodes[holder].kind == RF_JSON_ARRAY &&
            doc->nodes[holder].count > 1 && leads_to(plan, step, other)) {
            return step;
        }
    }
    return 0;
}

/** A record of several events, of which the pointers would read one. An id and a version in an
 * element, and nothing else, may be what an event refers to. */
static const char *
check_several(struct rf_record_reader *reader, const struct rf_json *doc, int number)
{
    static const enum rf_envelope_part pairs[][2] = {
        {RF_PART_TYPE, RF_PART_ID}, {RF_PART_TYPE, RF_PART_VERSION}, {RF_PART_TYPE, RF_PART_DATA},
        {RF_PART_DATA, RF_PART_ID}, {RF_PART_DATA, RF_PART_VERSION},
    };
    const uint16_t *parts = reader->plan.parts[number];
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uint16_t step =
            element_of_several(&reader->plan, doc, parts[pairs[i][0]], parts[pairs[i][1]]);
        if (step != 0) {
            return say(reader, step, "is one element of several, and the others would be lost");
        }
    }
    return NULL;
}

/* ---- the parts ---- */

/** A text, or an integer's digits; *ret_bytes NULL where it is missing or null. */
static const char *
read_id(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step,
        struct rf_buf *scratch, const char **ret_bytes, size_t *ret_count)
{
    *ret_bytes = NULL;
    *ret_count = 0;
    uint32_t node = step == RF_PLAN_NO_STEP ? RF_JSON_NONE : reader->plan.found[step];
    if (node == RF_JSON_NONE || doc->nodes[node].kind == RF_JSON_NULL) {
        return NULL;
    }
    const struct rf_json_node *value = &doc->nodes[node];
    if (value->kind == RF_JSON_STRING) {
        rf_json_string(doc, node, scratch, ret_bytes, ret_count);
    } else if (value->kind == RF_JSON_NUMBER && (value->flags & RF_JSON_REAL) == 0) {
        *ret_bytes = rf_json_token(doc, node, ret_count);
        if (*ret_count == 2 && memcmp(*ret_bytes, "-0", 2) == 0) {
            *ret_bytes += 1;
            *ret_count = 1;
        }
    } else {
        return say(reader, step, "is not an id (a string or an integer)");
    }
    if (*ret_count == 0) {
        return say(reader, step, "is empty");
    }
    if (*ret_count > rf_limits.id_bytes) {
        return say(reader, step, "is longer than an id may be " RF_LIMIT_SIZE_HINT("id"));
    }
    return NULL;
}

/** A string that is not empty; *ret_bytes NULL where it is missing. */
static const char *
read_name(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step,
          struct rf_buf *scratch, const char **ret_bytes, size_t *ret_count)
{
    *ret_bytes = NULL;
    *ret_count = 0;
    uint32_t node = step == RF_PLAN_NO_STEP ? RF_JSON_NONE : reader->plan.found[step];
    if (node == RF_JSON_NONE) {
        return NULL;
    }
    if (doc->nodes[node].kind != RF_JSON_STRING) {
        return say(reader, step, "is not a string");
    }
    rf_json_string(doc, node, scratch, ret_bytes, ret_count);
    if (*ret_count == 0) {
        return say(reader, step, "is empty");
    }
    if (*ret_count > RF_LIMIT_NAME_BYTES) {
        return say(reader, step, "is longer than a name may be (RF_LIMIT_NAME_BYTES)");
    }
    return NULL;
}

static const char *
read_aggregate(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step,
               struct rf_event *ret)
{
    if (step != RF_PLAN_NO_STEP && reader->plan.found[step] != RF_JSON_NONE &&
        doc->nodes[reader->plan.found[step]].kind == RF_JSON_NULL) {
        ret->aggregate = NULL;
        ret->aggregate_bytes = 0;
        return NULL;
    }
    const char *wrong =
        read_name(reader, doc, step, &reader->aggregate, &ret->aggregate, &ret->aggregate_bytes);
    if (wrong == NULL && ret->aggregate != NULL &&
        !rf_aggregate_name_fits(ret->aggregate, ret->aggregate_bytes)) {
        return say(
            reader, step,
            "cannot name a golden file, as an aggregate's name must: " RF_AGGREGATE_NAME_RULE);
    }
    return wrong;
}

static bool
digits_to_version(const char *bytes, size_t count, int64_t *ret)
{
    int64_t version = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] < '0' || bytes[i] > '9' || __builtin_mul_overflow(version, 10, &version) ||
            __builtin_add_overflow(version, bytes[i] - '0', &version)) {
            return false;
        }
    }
    *ret = version;
    return count > 0;
}

static const char *
read_version(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step,
             struct rf_event *ret)
{
    ret->has_version = false;
    ret->version = 0;
    uint32_t node = step == RF_PLAN_NO_STEP ? RF_JSON_NONE : reader->plan.found[step];
    if (node == RF_JSON_NONE || doc->nodes[node].kind == RF_JSON_NULL) {
        return NULL;
    }
    if (doc->nodes[node].kind == RF_JSON_NUMBER) {
        ret->has_version = rf_json_int64(doc, node, &ret->version) && ret->version >= 0;
    } else if (doc->nodes[node].kind == RF_JSON_STRING) {
        const char *bytes;
        size_t count;
        rf_json_string(doc, node, &reader->other, &bytes, &count);
        ret->has_version = digits_to_version(bytes, count, &ret->version);
    }
    return ret->has_version ? NULL
                            : say(reader, step, "is not a version (an integer from 0 to 2^63-1)");
}

/** Which value it is: whoever has mistaken the pointer, or the unit, sees it. */
static __attribute__((noinline)) const char *
say_no_time(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step)
{
    size_t bytes;
    const char *token = rf_json_token(doc, reader->plan.found[step], &bytes);
    size_t shown = bytes < VALUE_SHOWN ? bytes : VALUE_SHOWN;
    char what[sizeof(RF_RECORD_NO_TIME) + VALUE_SHOWN + sizeof("…")];
    while (shown < bytes && ((unsigned char)token[shown] & 0xC0) == 0x80) {
        shown--; /* no character is cut in two */
    }
    (void)snprintf(what, sizeof(what), RF_RECORD_NO_TIME "%.*s%s", (int)shown, token,
                   shown < bytes ? "…" : "");
    return say(reader, step, what);
}

/** @optional  whether a record may lack it */
static const char *
read_at(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step, bool optional,
        struct rf_event *ret)
{
    ret->has_at = false;
    ret->at = (struct rf_time){0};
    if (step == RF_PLAN_NO_STEP) {
        return NULL;
    }
    uint32_t node = reader->plan.found[step];
    if (node == RF_JSON_NONE) {
        return optional ? NULL : say(reader, step, RF_RECORD_MISSING);
    }
    const char *bytes;
    size_t count;
    if (doc->nodes[node].kind == RF_JSON_STRING) {
        rf_json_string(doc, node, &reader->other, &bytes, &count);
        ret->has_at = rf_time_parse_wide(bytes, count, &ret->at);
    } else if (doc->nodes[node].kind == RF_JSON_NUMBER) {
        bytes = rf_json_token(doc, node, &count);
        ret->has_at = rf_time_from_number_wide(bytes, count, &ret->at);
    } else if (optional && doc->nodes[node].kind == RF_JSON_NULL) {
        return NULL;
    }
    return ret->has_at ? NULL : say_no_time(reader, doc, step);
}

/** JSON that a record carries as bytes: cloudevents' data_base64. */
static __attribute__((noinline)) const char *
read_coded_data(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step,
                struct rf_event *ret, uint64_t *ret_repeated)
{
    const char *bytes;
    size_t count;
    rf_json_string(doc, reader->plan.found[step], &reader->other, &bytes, &count);
    if (!rf_base64_decode(bytes, count, &reader->payload)) {
        return say(reader, step, "is not base64");
    }
    if (rf_json_read_whole(&reader->inner, reader->payload.bytes, reader->payload.used, NULL) !=
        RF_OK) {
        return say(reader, step, "does not hold JSON; -e with data=/data_base64 takes it as text");
    }
    char text[sizeof(reader->text) / 2];
    const char *wrong = rf_bounds_check(&reader->inner, text, sizeof(text));
    if (wrong != NULL) {
        return say(reader, step, wrong);
    }
    ret->data = rf_json_token(&reader->inner, 0, &ret->data_bytes);
    ret->has_data = true;
    ret->bare = false;
    ret->content_hash = rf_json_hash(&reader->inner, 0, ret_repeated);
    return NULL;
}

/** @record  the node of the record
 *  @number  of the envelope in the plan */
static void
read_data(struct rf_record_reader *reader, struct rf_json *doc, uint32_t record, int number,
          struct rf_event *ret, uint64_t *ret_repeated)
{
    *ret_repeated = 0;
    uint16_t step = reader->plan.parts[number][RF_PART_DATA];
    uint32_t node = step == RF_PLAN_NO_STEP ? RF_JSON_NONE : reader->plan.found[step];
    ret->has_data = node != RF_JSON_NONE;
    ret->bare = !ret->has_data && rf_is_bare(&reader->plan, number, doc, record, &reader->other);
    if (!ret->has_data) {
        ret->data = "{}";
        ret->data_bytes = 2;
        ret->content_hash = reader->empty_hash;
        return;
    }
    ret->data = rf_json_token(doc, node, &ret->data_bytes);
    ret->content_hash = rf_json_hash(doc, node, ret_repeated);
}

/** The envelope to read with, or -1. Precedence is that of the plan; a record fits an envelope of
 * `auto` by the members that contract.md names. */
static int
choose_envelope(const struct rf_plan *plan)
{
    if (plan->envelope_count < 2) {
        return (int)plan->envelope_count - 1;
    }
    for (int i = 0; i < RF_PLAN_ENVELOPES; i++) {
        if (plan->found[plan->parts[i][KNOWN[i].marks[0]]] != RF_JSON_NONE &&
            plan->found[plan->parts[i][KNOWN[i].marks[1]]] != RF_JSON_NONE) {
            return i;
        }
    }
    return -1;
}

/** The value at a step; RF_JSON_NONE where it is missing or null. */
static uint32_t
value_at(const struct rf_record_reader *reader, const struct rf_json *doc, uint16_t step)
{
    uint32_t node = reader->plan.found[step];
    bool absent = node == RF_JSON_NONE || doc->nodes[node].kind == RF_JSON_NULL;
    return absent ? RF_JSON_NONE : node;
}

/** What CloudEvents 1.0 asks of an event beside what all envelopes do. Two events are one where
 * both their source and their id are the same, so the event id is made of both, told apart by the
 * first blank: a source has none. */
static __attribute__((noinline)) const char *
check_cloudevent(struct rf_record_reader *reader, const struct rf_json *doc, const uint16_t *parts,
                 struct rf_event *ret)
{
    uint32_t data = reader->plan.found[parts[RF_PART_DATA]];
    uint32_t coded = value_at(reader, doc, parts[RF_PART_DATA_BASE64]);
    uint32_t version = reader->plan.found[parts[RF_PART_SPECVERSION]];
    const char *bytes;
    size_t count;
    if (version == RF_JSON_NONE || doc->nodes[version].kind != RF_JSON_STRING) {
        return say(reader, parts[RF_PART_SPECVERSION], "is missing, or no string");
    }
    rf_json_string(doc, version, &reader->other, &bytes, &count);
    if (count != 3 || memcmp(bytes, "1.0", 3) != 0) {
        return say(reader, parts[RF_PART_SPECVERSION], "is not 1.0, the version that is read");
    }
    if (ret->eid == NULL) {
        return say(reader, parts[RF_PART_EID], RF_RECORD_MISSING);
    }
    if (data != RF_JSON_NONE && coded != RF_JSON_NONE) {
        return say(reader, parts[RF_PART_DATA_BASE64], "stands beside data");
    }
    if (coded != RF_JSON_NONE && doc->nodes[coded].kind != RF_JSON_STRING) {
        return say(reader, parts[RF_PART_DATA_BASE64], "is not a string");
    }
    const char *wrong =
        read_name(reader, doc, parts[RF_PART_SOURCE], &reader->payload, &bytes, &count);
    if (wrong == NULL && bytes == NULL) {
        wrong = say(reader, parts[RF_PART_SOURCE], RF_RECORD_MISSING);
    } else if (wrong == NULL && memchr(bytes, ' ', count) != NULL) {
        wrong = say(reader, parts[RF_PART_SOURCE], "holds a blank, which no URI reference does");
    }
    if (wrong != NULL) {
        return wrong;
    }
    rf_buf_clear(&reader->other);
    rf_buf_add(&reader->other, bytes, count);
    rf_buf_byte(&reader->other, ' ');
    rf_buf_add(&reader->other, ret->eid, ret->eid_bytes);
    rf_buf_clear(&reader->eid);
    rf_buf_add(&reader->eid, reader->other.bytes, reader->other.used);
    ret->eid = reader->eid.bytes;
    ret->eid_bytes = reader->eid.used;
    return NULL;
}

/** All but the data.
 *  @number  of the envelope in the plan */
static const char *
read_parts(struct rf_record_reader *reader, const struct rf_json *doc, int number,
           struct rf_event *ret)
{
    const uint16_t *parts = reader->plan.parts[number];
    bool timeless = reader->plan.envelopes[number]->may_lack_time;
    const char *wrong =
        read_id(reader, doc, parts[RF_PART_ID], &reader->id, &ret->id, &ret->id_bytes);
    if (wrong == NULL && ret->id == NULL) {
        wrong = say(reader, parts[RF_PART_ID], RF_RECORD_MISSING);
    }
    if (wrong == NULL) {
        wrong = read_aggregate(reader, doc, parts[RF_PART_AGGREGATE], ret);
    }
    if (wrong == NULL) {
        wrong = read_version(reader, doc, parts[RF_PART_VERSION], ret);
    }
    if (wrong == NULL) {
        wrong = read_name(reader, doc, parts[RF_PART_TYPE], &reader->type, &ret->type,
                          &ret->type_bytes);
        if (wrong == NULL && ret->type == NULL) {
            wrong = say(reader, parts[RF_PART_TYPE], RF_RECORD_MISSING);
        }
    }
    if (wrong == NULL) {
        wrong = read_at(reader, doc, parts[RF_PART_AT], timeless, ret);
    }
    if (wrong == NULL) {
        wrong = read_id(reader, doc, parts[RF_PART_EID], &reader->eid, &ret->eid, &ret->eid_bytes);
    }
    if (wrong == NULL && reader->plan.envelopes[number]->kind == RF_ENVELOPE_CLOUDEVENTS) {
        wrong = check_cloudevent(reader, doc, parts, ret);
    }
    return wrong;
}

static void
learn(struct rf_record_reader *reader, const struct rf_json *doc, uint16_t envelope)
{
    const struct rf_plan *plan = &reader->plan;
    uint16_t step = plan->parts[envelope][RF_PART_DATA];
    uint16_t coded = plan->parts[envelope][RF_PART_DATA_BASE64];
    if (step == RF_PLAN_NO_STEP || plan->found[step] == RF_JSON_NONE ||
        (coded != RF_PLAN_NO_STEP && plan->found[coded] != RF_JSON_NONE)) {
        return;
    }
    /* The envelope's parts in front, so that each is at hand; then the plan's steps, for
     * read_parts. */
    uint32_t nodes[RF_PART_COUNT_ + RF_PLAN_STEPS];
    for (int part = 0; part < RF_PART_COUNT_; part++) {
        uint16_t of_part = plan->parts[envelope][part];
        nodes[part] = of_part == RF_PLAN_NO_STEP ? RF_JSON_NONE : plan->found[of_part];
    }
    memcpy(nodes + RF_PART_COUNT_, plan->found, plan->step_count * sizeof(*nodes));
    struct rf_lesson lesson = {
        .doc = doc,
        .envelope = envelope,
        .nodes = nodes,
        .node_count = RF_PART_COUNT_ + plan->step_count,
        .data = plan->found[step],
    };
    rf_recognizer_learn(reader->recognizer, &lesson);
}

const char *
rf_record_read(struct rf_record_reader *reader, struct rf_json *doc, uint32_t node,
               struct rf_event *ret, enum rf_envelope_kind *ret_kind, uint64_t *ret_repeated)
{
    struct rf_plan *plan = &reader->plan;
    ret->known = NULL;
    rf_plan_find(plan, doc, node, &reader->other);

    int number = choose_envelope(plan);
    if (number < 0) {
        *ret_kind = RF_ENVELOPE_AUTO;
        return fits_none;
    }
    *ret_kind = plan->envelopes[number]->kind;
    if (plan->any_repeated) {
        const char *wrong = check_repeated(reader, number);
        if (wrong != NULL) {
            return wrong;
        }
    }
    const char *wrong = read_parts(reader, doc, number, ret);
    if (wrong == NULL) {
        wrong = check_several(reader, doc, number);
    }
    if (wrong != NULL) {
        return wrong;
    }
    uint16_t coded = plan->parts[number][RF_PART_DATA_BASE64];
    if (coded != RF_PLAN_NO_STEP && value_at(reader, doc, coded) != RF_JSON_NONE) {
        *ret_repeated = 0;
        return read_coded_data(reader, doc, coded, ret, ret_repeated);
    }
    read_data(reader, doc, node, number, ret, ret_repeated);
    if (node == 0 && !plan->any_repeated && *ret_repeated == 0) {
        learn(reader, doc, (uint16_t)number);
    }
    return NULL;
}

bool
rf_record_found_none(const struct rf_record_reader *reader)
{
    const struct rf_plan *plan = &reader->plan;
    for (uint16_t step = 1; step < plan->step_count; step++) {
        if (plan->steps[step].parent == 0 && plan->found[step] != RF_JSON_NONE) {
            return false;
        }
    }
    return true;
}

/* ---- records that are like another ------------------------------------------------------------
 *
 * Most parts of most records are plain strings and small integers. take_parts reads such, without a
 * look at anything else that a part may be; where one is something else, or is wrong, read_parts
 * reads all of them anew. What both read is the same. Neither judges: a record in which something
 * is wrong is read in full by whoever asked, for it may be another's than this envelope's.
 */

/** The scalar that is a part; NULL where there is none. */
static inline const struct rf_json_node *
scalar_of(const struct rf_known *known, enum rf_envelope_part part, const struct rf_json *scalars)
{
    uint32_t place = known->places[part];
    return place == RF_JSON_NONE ? NULL : &scalars->nodes[place];
}

/** A plain string of at least one byte and at most so many. */
static inline bool
take_text(const struct rf_json *scalars, const struct rf_json_node *scalar, size_t most,
          const char **ret_bytes, size_t *ret_count)
{
    *ret_bytes = scalars->text + scalar->start + 1;
    *ret_count = scalar->end - scalar->start - 2;
    return scalar->kind == RF_JSON_STRING && scalar->flags == 0 && *ret_count - 1 < most;
}

/** As take_text, where there is one. */
static inline bool
take_optional_text(const struct rf_json *scalars, const struct rf_json_node *scalar, size_t most,
                   const char **ret_bytes, size_t *ret_count)
{
    if (scalar == NULL) {
        *ret_bytes = NULL;
        *ret_count = 0;
        return true;
    }
    return take_text(scalars, scalar, most, ret_bytes, ret_count);
}

/** An integer that is far from any bound. */
static inline bool
take_version(const struct rf_json *scalars, const struct rf_json_node *scalar, struct rf_event *ret)
{
    ret->version = 0;
    ret->has_version = scalar != NULL;
    if (scalar == NULL) {
        return true;
    }
    const char *at = scalars->text + scalar->start;
    const char *end = scalars->text + scalar->end;
    if (scalar->kind != RF_JSON_NUMBER || scalar->flags != 0 || *at == '-' ||
        end - at > SAFE_DIGITS) {
        return false;
    }
    int64_t version = 0;
    do {
        version = version * 10 + (*at++ - '0');
    } while (at < end);
    ret->version = version;
    return true;
}

static inline bool
take_at(const struct rf_json *scalars, const struct rf_json_node *scalar, struct rf_event *ret)
{
    ret->has_at = scalar != NULL;
    if (scalar == NULL) {
        ret->at = (struct rf_time){0};
        return true;
    }
    const char *bytes;
    size_t count;
    return take_text(scalars, scalar, SIZE_MAX, &bytes, &count) &&
           rf_time_parse_wide(bytes, count, &ret->at);
}

/** All parts, if they are what they are most often; not those of cloudevents, which has more. */
static inline bool
take_parts(const struct rf_known *known, const struct rf_json *scalars, struct rf_event *ret)
{
    const struct rf_json_node *id = scalar_of(known, RF_PART_ID, scalars);
    const struct rf_json_node *type = scalar_of(known, RF_PART_TYPE, scalars);
    return id != NULL && take_text(scalars, id, rf_limits.id_bytes, &ret->id, &ret->id_bytes) &&
           type != NULL &&
           take_text(scalars, type, RF_LIMIT_NAME_BYTES, &ret->type, &ret->type_bytes) &&
           take_version(scalars, scalar_of(known, RF_PART_VERSION, scalars), ret) &&
           take_at(scalars, scalar_of(known, RF_PART_AT, scalars), ret) &&
           take_optional_text(scalars, scalar_of(known, RF_PART_EID, scalars), rf_limits.id_bytes,
                              &ret->eid, &ret->eid_bytes) &&
           take_optional_text(scalars, scalar_of(known, RF_PART_AGGREGATE, scalars),
                              RF_AGGREGATE_NAME_BYTES, &ret->aggregate, &ret->aggregate_bytes) &&
           (ret->aggregate == NULL || rf_aggregate_name_fits(ret->aggregate, ret->aggregate_bytes));
}

/** Where the data lies: its text, and its scalars for whoever keeps them apart. */
static inline void
point_at_data(const struct rf_known *known, const struct rf_json *doc, struct rf_event *ret)
{
    const struct rf_json_node *scalars = doc->nodes + known->data_scalar;
    uint32_t start = scalars[0].start - known->data_lead;
    uint32_t end = scalars[known->data_scalars - 1].end + known->data_tail;
    ret->data = doc->text + start;
    ret->data_bytes = end - start;
    ret->has_data = true; /* no record without is learned */
    ret->bare = false;
}

bool
rf_record_read_known(struct rf_record_reader *reader, struct rf_known *known,
                     const struct rf_json *scalars, struct rf_event *ret,
                     enum rf_envelope_kind *ret_kind)
{
    struct rf_plan *plan = &reader->plan;
    *ret_kind = plan->envelopes[known->envelope]->kind;
    if (*ret_kind == RF_ENVELOPE_CLOUDEVENTS || !take_parts(known, scalars, ret)) {
        memcpy(plan->found, known->places + RF_PART_COUNT_,
               plan->step_count * sizeof(plan->found[0]));
        if (read_parts(reader, scalars, known->envelope, ret) != NULL) {
            return false;
        }
    }
    point_at_data(known, scalars, ret);
    ret->content_hash = rf_recognizer_hash(reader->recognizer, known);
    ret->known = known;
    ret->scalars = scalars;
    return true;
}
