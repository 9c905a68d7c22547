/* SPDX-License-Identifier: MIT */
/* Who is asked about a payload, and what of several answers counts. */
#include "key/identifiers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "decode/bounds.h"
#include "decode/record.h"
#include "key/asker.h"
#include "key/batch.h"
#include "key/told.h"

/** BASE and HEAD of compare, or one build; NULL where that one does not identify. */
enum { BASE, HEAD, SIDES };

/** An aggregate that is asked. */
struct aggregate {
    const char *name;
    bool paired; /**< both sides must say the same */
    struct rf_identifier sides[SIDES];
};

struct rf_identifiers {
    struct aggregate *aggregates;
    size_t count;
};

/** One side of an aggregate, as one thread asks it. */
struct side {
    struct rf_asker *asker; /**< NULL: it does not identify */
    struct rf_heard heard;
    struct rf_told told; /**< of the payload at hand */
};

struct rf_asking {
    const struct rf_identifiers *identifiers;
    struct side *sides; /**< SIDES for each aggregate */
    struct rf_batch batch;
    struct rf_buf record; /**< of the event at hand */
    struct rf_buf text;   /**< why the payload at hand is malformed */
    bool claimed;         /**< and not all said that it is nothing of theirs */
    struct rf_envelope envelope;
    struct rf_record_reader reader;
    struct rf_json doc;
    struct rf_json scalars;
    /* of the object at hand, borrowed */
    const struct rf_decode_sink *sink;
    struct rf_decode_counts *counts;
};

/* ---- who is asked ---------------------------------------------------------------------------- */

static void
add_side(const struct rf_identifiers_request *request, const struct rf_build *build,
         struct rf_identifier *ret)
{
    if (build != NULL && build->identifies) {
        ret->build = build;
        ret->timeout_ms = request->timeout_ms;
        ret->stop = request->stop;
    }
}

/** @head  NULL: it is not one of a pair */
static void
add_aggregate(struct rf_identifiers *identifiers, const struct rf_identifiers_request *request,
              const struct rf_build *base, const struct rf_build *head)
{
    if (!base->identifies && (head == NULL || !head->identifies)) {
        return;
    }
    struct aggregate *aggregate = &identifiers->aggregates[identifiers->count++];
    aggregate->name = base->name;
    aggregate->paired = head != NULL;
    add_side(request, base, &aggregate->sides[BASE]);
    add_side(request, head, &aggregate->sides[HEAD]);
}

struct rf_identifiers *
rf_identifiers_new(const struct rf_identifiers_request *request)
{
    struct rf_identifiers *identifiers = rf_calloc(1, sizeof(*identifiers));
    identifiers->aggregates =
        rf_calloc(request->count + request->unpaired_count, sizeof(*identifiers->aggregates));
    for (size_t i = 0; i < request->count; i++) {
        add_aggregate(identifiers, request, request->builds[i],
                      request->rivals == NULL ? NULL : request->rivals[i]);
    }
    for (size_t i = 0; i < request->unpaired_count; i++) {
        add_aggregate(identifiers, request, request->unpaired[i], NULL);
    }
    if (identifiers->count == 0) {
        rf_identifiers_free(identifiers);
        return NULL;
    }
    return identifiers;
}

void
rf_identifiers_free(struct rf_identifiers *identifiers)
{
    if (identifiers != NULL) {
        free(identifiers->aggregates);
        free(identifiers);
    }
}

void
rf_identifiers_put(const struct rf_identifiers *identifiers, struct rf_buf *out)
{
    for (size_t i = 0; identifiers != NULL && i < identifiers->count; i++) {
        const struct aggregate *aggregate = &identifiers->aggregates[i];
        rf_buf_format(out, "; identify %s", aggregate->name);
        for (int side = 0; side < SIDES; side++) {
            const struct rf_build *build = aggregate->sides[side].build;
            if (build != NULL &&
                (side == BASE || !aggregate->paired || aggregate->sides[BASE].build == NULL ||
                 strcmp(build->file_sha256, aggregate->sides[BASE].build->file_sha256) != 0)) {
                rf_buf_format(out, " %s", build->file_sha256);
            }
        }
    }
}

rf_code
rf_identifiers_check(const struct rf_identifiers *identifiers, struct rf_err *reterr)
{
    for (size_t i = 0; identifiers != NULL && i < identifiers->count; i++) {
        for (int side = 0; side < SIDES; side++) {
            const struct rf_build *build = identifiers->aggregates[i].sides[side].build;
            if (build != NULL) {
                RF_TRY(rf_build_check(build, reterr));
            }
        }
    }
    return RF_OK;
}

struct rf_asking *
rf_asking_new(struct rf_identifiers *identifiers)
{
    struct rf_asking *asking = rf_calloc(1, sizeof(*asking));
    asking->identifiers = identifiers;
    asking->sides = rf_calloc(identifiers->count * SIDES, sizeof(*asking->sides));
    for (size_t i = 0; i < identifiers->count * SIDES; i++) {
        struct rf_identifier *identifier = &identifiers->aggregates[i / SIDES].sides[i % SIDES];
        asking->sides[i].asker = identifier->build == NULL ? NULL : rf_asker_new(identifier);
    }
    RF_VERIFY(rf_envelope_parse("flat", &asking->envelope, NULL) == RF_OK);
    asking->envelope.may_lack_time = true;
    rf_record_init(&asking->reader);
    rf_record_begin(&asking->reader, &asking->envelope);
    return asking;
}

void
rf_asking_free(struct rf_asking *asking)
{
    if (asking == NULL) {
        return;
    }
    for (size_t i = 0; i < asking->identifiers->count * SIDES; i++) {
        rf_asker_free(asking->sides[i].asker);
        rf_buf_done(&asking->sides[i].heard.texts);
        rf_told_done(&asking->sides[i].told);
    }
    free(asking->sides);
    rf_batch_done(&asking->batch);
    rf_buf_done(&asking->record);
    rf_buf_done(&asking->text);
    rf_record_done(&asking->reader);
    rf_envelope_done(&asking->envelope);
    rf_json_done(&asking->doc);
    free(asking);
}

void
rf_asking_begin(struct rf_asking *asking, const struct rf_decode_sink *sink,
                struct rf_decode_counts *counts)
{
    asking->sink = sink;
    asking->counts = counts;
    rf_batch_clear(&asking->batch);
}

/* ---- what counts of the answers -------------------------------------------------------------- */

/** Reads what one side said of payload `place`. */
static void
hear(struct side *side, size_t place)
{
    if (side->asker == NULL) {
        rf_told_read(&side->told, NULL, 0);
        return;
    }
    const struct rf_heard_item *item = &side->heard.items[place];
    const char *text = item->text.bytes == 0 ? NULL : side->heard.texts.bytes + item->text.at;
    if (!item->died) {
        rf_told_read(&side->told, text, item->text.bytes);
        return;
    }
    rf_told_fail(&side->told, "its identify died of it: ");
    rf_buf_add(&side->told.why, text, item->text.bytes);
}

/** What an aggregate says of payload `place`: of a pair both sides, which must agree. */
static struct rf_told *
hear_aggregate(struct rf_asking *asking, size_t index, size_t place)
{
    struct side *base = &asking->sides[index * SIDES + BASE];
    struct side *head = &asking->sides[index * SIDES + HEAD];
    hear(base, place);
    hear(head, place);
    if (asking->identifiers->aggregates[index].paired && !rf_told_same(&base->told, &head->told)) {
        rf_told_fail(&base->told, "BASE and HEAD identify it differently");
    }
    return &base->told;
}

static const struct rf_told *
told_by(const struct rf_asking *asking, size_t index)
{
    return &asking->sides[index * SIDES + BASE].told;
}

/** Names those who know the payload as an event of theirs; there is one at least, and it is not
 * alone. */
static void
name_claimants(struct rf_asking *asking, size_t events)
{
    size_t named = 0;
    rf_buf_string(&asking->text, "; ");
    for (size_t i = 0; i < asking->identifiers->count; i++) {
        if (told_by(asking, i)->kind == RF_TOLD_EVENT) {
            rf_buf_string(&asking->text, named == 0 ? "" : named + 1 == events ? " and " : ", ");
            rf_buf_string(&asking->text, asking->identifiers->aggregates[i].name);
            named++;
        }
    }
    rf_buf_string(&asking->text, events == 1 ? " identifies it, and no other may claim it"
                                             : " identify it, and only one may");
}

/** Says what each makes of it who does not leave it to others, nor knows what it is. */
static void
add_complaints(struct rf_asking *asking)
{
    for (size_t i = 0; i < asking->identifiers->count; i++) {
        const struct rf_told *told = told_by(asking, i);
        if (told->kind == RF_TOLD_WRONG) {
            rf_buf_format(&asking->text, "; %s: ", asking->identifiers->aggregates[i].name);
            rf_buf_add(&asking->text, told->why.bytes, told->why.used);
        }
    }
}

/** The one aggregate whose event payload `place` is; SIZE_MAX: it is malformed, `text` says why. */
static size_t
judge(struct rf_asking *asking, size_t place)
{
    const struct rf_batch_item *item = &asking->batch.items[place];
    size_t claims = 0;
    size_t events = 0;
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < asking->identifiers->count; i++) {
        enum rf_told_kind kind = hear_aggregate(asking, i, place)->kind;
        claims += kind != RF_TOLD_NOTHING;
        events += kind == RF_TOLD_EVENT;
        found = kind == RF_TOLD_EVENT ? i : found;
    }
    rf_buf_clear(&asking->text);
    asking->claimed = claims > 0;
    if (claims == 1 && events == 1) {
        return found;
    }
    rf_buf_add(&asking->text, asking->batch.texts.bytes + item->wrong.at, item->wrong.bytes);
    if (claims == 0) {
        rf_buf_string(&asking->text, ", and no aggregate identifies it");
    }
    if (events > 0) {
        name_claimants(asking, events);
    }
    add_complaints(asking);
    return SIZE_MAX;
}

/* ---- the event ------------------------------------------------------------------------------- */

/** Reads the record that was made of an answer. Returns why it is none, or NULL. */
static const char *
read_record(struct rf_asking *asking, struct rf_event *ret, char *text, size_t room)
{
    struct rf_record_reader *reader = &asking->reader;
    const struct rf_buf *record = &asking->record;
    enum rf_envelope_kind kind;
    uint64_t repeated = 0;
    size_t end = 0;
    struct rf_err err;
    struct rf_known *known =
        rf_recognize(reader->recognizer, record->bytes, record->used, &end, &asking->scalars.nodes);
    *ret = (struct rf_event){0};
    if (known != NULL && end == record->used) {
        asking->scalars.text = record->bytes;
        asking->scalars.used = known->scalars;
        if (rf_record_read_known(reader, known, &asking->scalars, ret, &kind)) {
            return NULL;
        }
    }
    if (rf_json_read_whole(&asking->doc, record->bytes, record->used, &err) != RF_OK) {
        (void)snprintf(text, room, "%s", err.text);
        return text;
    }
    const char *wrong = rf_bounds_check(&asking->doc, text, room);
    if (wrong == NULL) {
        wrong = rf_record_read(reader, &asking->doc, 0, ret, &kind, &repeated);
    }
    ret->repeats = repeated > 0;
    return wrong;
}

/** What stands beside a payload must be what it says itself. */
static const char *
check_attribute(const struct rf_asking *asking, const struct rf_batch_item *item,
                struct rf_event *event)
{
    if (!item->has_version) {
        return NULL;
    }
    if (event->has_version && event->version != item->version) {
        return "its version is not that of the attribute";
    }
    event->version = item->version;
    event->has_version = true;
    return rf_batch_fits_id(&asking->batch, item, event->id, event->id_bytes)
               ? NULL
               : "its id is not the item's key";
}

/** A payload whose event was lost makes its object damage, whatever that is called. */
static void
report(struct rf_asking *asking, const struct rf_batch_item *item)
{
    asking->counts->malformed++;
    asking->counts->alien += asking->claimed;
    const struct rf_malformed malformed = {
        .offset = item->offset,
        .part = item->part,
        .place = asking->batch.texts.bytes + item->place.at,
        .bytes = item->payload.bytes,
        .text = rf_buf_text(&asking->text),
    };
    asking->sink->malformed(asking->sink->context, &malformed);
}

static rf_code
settle_one(struct rf_asking *asking, size_t place, struct rf_err *reterr)
{
    const struct rf_batch_item *item = &asking->batch.items[place];
    struct rf_decode_counts *counts = asking->counts;
    size_t found = judge(asking, place);
    if (found == SIZE_MAX) {
        report(asking, item);
        return RF_OK;
    }
    struct rf_event event;
    char text[512];
    const char *name = asking->identifiers->aggregates[found].name;
    rf_buf_clear(&asking->record);
    rf_told_put(&asking->sides[found * SIDES + BASE].told, name,
                asking->batch.bytes.bytes + item->payload.at, item->payload.bytes, &asking->record);
    const char *wrong = read_record(asking, &event, text, sizeof(text));
    if (wrong == NULL) {
        wrong = check_attribute(asking, item, &event);
    }
    if (wrong != NULL) {
        rf_buf_add(&asking->text, asking->batch.texts.bytes + item->wrong.at, item->wrong.bytes);
        rf_buf_format(&asking->text, "; what %s identified: %s", name, wrong);
        report(asking, item);
        return RF_OK;
    }
    event.offset = item->offset;
    event.part = item->part;
    RF_TRY(asking->sink->event(asking->sink->context, &event, reterr));
    counts->events++;
    counts->envelopes[item->kind]++;
    counts->repeated_keys += event.repeats;
    return RF_OK;
}

rf_code
rf_asking_settle(struct rf_asking *asking, struct rf_err *reterr)
{
    if (asking->batch.count == 0) {
        return RF_OK;
    }
    for (size_t i = 0; i < asking->identifiers->count * SIDES; i++) {
        struct side *side = &asking->sides[i];
        if (side->asker != NULL) {
            const struct rf_build *build =
                asking->identifiers->aggregates[i / SIDES].sides[i % SIDES].build;
            side->told.hides = rf_conduct_hides(build->conduct);
            RF_TRY(rf_asker_ask(side->asker, &asking->batch, &side->heard, reterr));
        }
    }
    rf_code code = RF_OK;
    for (size_t i = 0; i < asking->batch.count && code == RF_OK; i++) {
        code = settle_one(asking, i, reterr);
        if (code != RF_OK) { /* each is a part of a record: those that nobody has are no events */
            asking->counts->malformed += asking->batch.count - i;
        }
    }
    rf_batch_clear(&asking->batch);
    return code;
}

rf_code
rf_asking_add(struct rf_asking *asking, const struct rf_payload *payload, struct rf_err *reterr)
{
    rf_batch_add(&asking->batch, payload);
    return rf_batch_full(&asking->batch) ? rf_asking_settle(asking, reterr) : RF_OK;
}
