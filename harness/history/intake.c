/* SPDX-License-Identifier: MIT */
/* One object: read, decoded into the history, and its fate settled. */
#include "history/intake_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stopwatch.h"
#include "walk/export.h"

void
rf_intake_init(struct rf_intake *intake, const struct rf_ingest_request *request,
               const struct rf_intake_end *end, struct rf_history *history,
               const struct rf_packs *packs, struct rf_writer *writer)
{
    *intake = (struct rf_intake){
        .request = request,
        .end = end,
        .history = history,
        .packs = packs,
        .decoder = rf_decoder_new(),
        .asking = request->identifiers == NULL ? NULL : rf_asking_new(request->identifiers),
        .writer = writer,
        .stored = request->shard.n > 0 ? rf_hasher_new() : NULL,
    };
    intake->found.pointed_count = request->stream_count + 1;
    intake->found.pointed = rf_calloc(intake->found.pointed_count, sizeof(*intake->found.pointed));
    RF_VERIFY(rf_envelope_parse("dynamodb-stream", &intake->tables, NULL) == RF_OK);
}

void
rf_intake_done(struct rf_intake *intake)
{
    rf_decoder_free(intake->decoder);
    rf_asking_free(intake->asking);
    rf_hasher_free(intake->stored);
    rf_envelope_done(&intake->tables);
    rf_buf_done(&intake->front);
    free(intake->found.pointed);
}

static bool
is_selected(const struct rf_ingest_request *request, const struct rf_event *event)
{
    return request->selects == NULL ||
           request->selects(request->select_context, event->id, event->id_bytes);
}

static rf_code
on_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    struct rf_intake *intake = context;
    bool named = event->aggregate != NULL;
    if (!rf_run_shard_has(intake->request->shard, event->id, event->id_bytes)) {
        intake->elsewhere++;
    } else if (is_selected(intake->request, event)) {
        RF_TRY(rf_writer_add(intake->writer, intake->object->number, event,
                             named ? event->aggregate : intake->aggregate,
                             named ? event->aggregate_bytes : intake->aggregate_bytes, reterr));
    } else {
        intake->unselected++;
    }
    intake->facts.events++;
    if (event->has_at) {
        rf_intake_widen(event->at, event->at, &intake->facts.has_first, &intake->facts.first,
                        &intake->facts.last);
    }
    return RF_OK;
}

static void
on_malformed(void *context, const struct rf_malformed *malformed)
{
    struct rf_intake *intake = context;
    struct rf_damage damage =
        rf_intake_damage(intake, RF_DAMAGE_MALFORMED, rf_strdup(malformed->text));
    damage.has_offset = true;
    damage.offset = malformed->offset;
    damage.part = malformed->part;
    damage.place = malformed->place[0] == '\0' ? NULL : rf_strdup(malformed->place);
    damage.bytes = malformed->bytes;
    rf_damages_add(&intake->facts.damages, damage);
}

static rf_code
on_payload(void *context, const struct rf_payload *payload, struct rf_err *reterr)
{
    struct rf_intake *intake = context;
    return rf_asking_add(intake->asking, payload, reterr);
}

/** What the object is read with: its stream's rule, or else what holds for all. */
static const struct rf_envelope *
pick_rule(struct rf_intake *intake)
{
    const struct rf_ingest_request *request = intake->request;
    const struct rf_envelope *envelope = request->envelope;
    intake->aggregate = request->only_aggregate;
    if (intake->object->pending) {
        intake->aggregate = NULL; /* each event names its own */
        envelope = request->pending_envelope;
    } else if (intake->rule > 0) {
        const struct rf_stream_rule *rule = &request->streams[intake->rule - 1];
        intake->aggregate = rule->aggregate != NULL ? rule->aggregate : intake->aggregate;
        envelope = rule->has_envelope ? &rule->envelope : envelope;
    }
    intake->aggregate_bytes = intake->aggregate == NULL ? 0 : strlen(intake->aggregate);
    return intake->object->of_table ? &intake->tables : envelope;
}

/** Decodes, and has all settled that was found in front of the object's end, or its break. */
static rf_code
decode_stored(struct rf_intake *intake, const struct rf_envelope *envelope, struct rf_err *broken)
{
    struct rf_decode_counts *counts = &intake->facts.counts;
    const struct rf_decode_input input = {.context = intake, .read = rf_intake_read};
    const struct rf_decode_sink sink = {
        .context = intake,
        .event = on_event,
        .malformed = on_malformed,
        .payload = intake->asking == NULL ? NULL : on_payload,
    };
    if (intake->asking != NULL) {
        rf_asking_begin(intake->asking, &sink, counts);
    }
    rf_decoder_errors(intake->decoder, intake->object->errors);
    rf_code code = rf_decode_object(intake->decoder, &input, envelope, &sink, counts, broken);
    if (intake->asking != NULL && (code == RF_OK || rf_code_is_damage(code))) {
        struct rf_err err;
        rf_code settled = rf_asking_settle(intake->asking, &err);
        if (settled != RF_OK) {
            *broken = err;
            return settled;
        }
    }
    return code;
}

/** @return  RF_OK or a break of the object (then `broken` says more), or what ends the ingest */
static rf_code
decode_object(struct rf_intake *intake, struct rf_err *broken, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    const struct rf_envelope *envelope = pick_rule(intake);
    rf_code code = rf_reader_open(intake->request->objects, object, &intake->reader, broken);
    intake->ended = code != RF_OK;
    if (code == RF_OK && rf_intake_is_suspect(object)) {
        code = rf_intake_look_at_front(intake, broken);
    }
    if (code == RF_OK && !intake->is_litter) {
        enum rf_station before = rf_station_enter(RF_STATION_DECODE);
        code = decode_stored(intake, envelope, broken);
        (void)rf_station_enter(before);
    }
    if (code == RF_OK && !intake->ended) {
        code = rf_fail(broken, RF_ERR_INTERNAL, object->name, "decoding left stored bytes behind");
    }
    if (!rf_code_is_damage(code)) {
        if (code != RF_OK) {
            *reterr = *broken;
        }
        return code;
    }
    if (!rf_intake_is_foreign(intake, code) || intake->sha != NULL) {
        rf_code drained = rf_intake_drain(intake, reterr);
        return drained == RF_OK || rf_code_is_damage(drained) ? code : drained;
    }
    return code;
}

/** An object that is not decoded: its bytes are done. A manifest was read when it was listed. */
static rf_code
pass_over(struct rf_intake *intake, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    intake->facts.fate = RF_FATE_FOREIGN;
    if ((object->errors || object->manifest) && !object->special) {
        RF_TRY(rf_intake_digest_stored(intake, reterr));
    }
    rf_intake_settle(intake);
    if (object->bytes != RF_BYTES_UNKNOWN && intake->reader == NULL) {
        rf_intake_show_progress(intake, object->bytes);
    }
    if (object->special || object->manifest) {
        return RF_OK;
    }
    char *message =
        object->bytes == RF_BYTES_UNKNOWN
            ? rf_strdup("events that never reached the main prefix (--errors reads them)")
            : rf_format("events that never reached the main prefix: %" PRIu64 " stored bytes "
                        "below an error prefix (--errors reads them)",
                        object->bytes);
    struct rf_damage damage = rf_intake_damage(intake, RF_DAMAGE_ERRORS, message);
    if (rf_intake_is_told(intake)) {
        rf_intake_judge_damage(intake, intake->facts.sha256, &damage);
    }
    rf_damages_add(&intake->found.damages, damage);
    return RF_OK;
}

/** An object whose events lie in a pack: what was found in it then is what it holds. */
static void
take_packed(struct rf_intake *intake)
{
    const struct rf_object *object = intake->object;
    struct rf_facts *facts = &intake->facts;
    rf_facts_copy(rf_packs_facts(intake->packs, object), object->name, facts);
    if (facts->fate == RF_FATE_FOREIGN) {
        rf_intake_settle(intake);
        return;
    }
    if (intake->request->selects == NULL) {
        intake->found.sums.events += facts->events;
        rf_multiset_join(&intake->found.sums.seen, &facts->seen);
    } else {
        intake->unselected = facts->events - rf_packs_kept(intake->packs, object->number);
    }
    rf_intake_show_progress(intake, object->bytes == RF_BYTES_UNKNOWN ? 0 : object->bytes);
    rf_intake_settle(intake);
}

static void
begin_object(struct rf_intake *intake, uint32_t number)
{
    intake->object = &intake->request->objects->items[number];
    intake->rule =
        rf_stream_rule_of(intake->request->streams, intake->request->stream_count, intake->object);
    intake->ended = false;
    intake->has_front = false;
    intake->is_record = false;
    intake->is_text = false;
    intake->is_aggregate = false;
    intake->is_litter = false;
    rf_buf_clear(&intake->front);
    intake->front_at = 0;
    intake->facts = (struct rf_facts){0};
    intake->seen_before = rf_writer_sums(intake->writer)->seen;
    intake->unselected = 0;
    intake->elsewhere = 0;
    if (intake->stored != NULL) {
        rf_hasher_begin(intake->stored);
    }
    intake->events_shown = 0;
    intake->found.sums.objects++;
}

static void
end_object(struct rf_intake *intake)
{
    rf_reader_close(intake->reader);
    intake->reader = NULL;
    rf_intake_show_progress(intake, 0);
    rf_facts_done(&intake->facts);
    if (intake->md5 != NULL) { /* reading did not come so far */
        char hex[RF_MD5_HEX_BYTES];
        rf_md5_finish(intake->md5, hex);
        intake->md5 = NULL;
    }
    if (intake->request->progress != NULL) {
        atomic_fetch_add_explicit(&intake->request->progress->objects_done, 1,
                                  memory_order_relaxed);
    }
}

bool
rf_intake_reads(const struct rf_object *object)
{
    return !object->special && !object->errors && !object->manifest && object->pack == NULL;
}

/** Whether an object is not decoded. One that was altered when it was packed was not passed over
 * then. */
static bool
is_passed_over(const struct rf_intake *intake)
{
    const struct rf_object *object = intake->object;
    bool was_altered =
        object->pack != NULL && rf_packs_facts(intake->packs, object)->fate == RF_FATE_UNREADABLE;
    return object->special || (object->errors && !intake->request->errors && !was_altered);
}

/** Whether an object that is not decoded is what was fetched: where a manifest tells what it must
 * be, all of it is read, and a break is judged.
 * @ret_same  false: it is settled */
static rf_code
hold_contents(struct rf_intake *intake, bool *ret_same, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    struct rf_err broken = {0};
    *ret_same = true;
    if (object->sha256 == NULL || object->pack != NULL) {
        return RF_OK;
    }
    intake->sha = rf_sha256_new();
    rf_code code = rf_reader_open(intake->request->objects, object, &intake->reader, &broken);
    intake->ended = code != RF_OK;
    if (code == RF_OK) {
        code = rf_intake_drain(intake, &broken);
    }
    rf_intake_complete_facts(intake);
    if (rf_code_is_damage(code)) {
        *ret_same = false;
        rf_intake_judge_broken(intake, code, &broken);
        rf_intake_settle(intake);
    } else if (code != RF_OK) {
        *reterr = broken;
        return code;
    }
    return RF_OK;
}

static rf_code
take_object(struct rf_intake *intake, struct rf_err *reterr)
{
    if (is_passed_over(intake)) {
        bool same;
        RF_TRY(hold_contents(intake, &same, reterr));
        return same ? pass_over(intake, reterr) : RF_OK;
    }
    if (intake->object->pack != NULL) {
        take_packed(intake);
        return RF_OK;
    }
    if (intake->object->manifest && intake->object->flaw == NULL) {
        return pass_over(intake, reterr);
    }
    const struct rf_promise *promise = intake->object->promise;
    struct rf_err broken = {0};
    intake->md5 = promise != NULL && promise->md5[0] != '\0' ? rf_md5_new() : NULL;
    intake->sha =
        intake->request->facts != NULL || rf_intake_is_told(intake) ? rf_sha256_new() : NULL;
    rf_code code = decode_object(intake, &broken, reterr);
    rf_intake_complete_facts(intake);
    if (rf_code_is_damage(code)) {
        rf_intake_judge_broken(intake, code, &broken);
    } else if (code == RF_OK) {
        rf_intake_judge_read(intake);
    } else {
        return code;
    }
    if (promise != NULL) {
        rf_intake_judge_promise(intake);
    }
    rf_intake_settle(intake);
    return RF_OK;
}

/** What --since and --until cannot place may be left out only where it holds no events. */
static rf_code
check_hour(const struct rf_intake *intake, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    if (!object->hourless || intake->facts.events == 0) {
        return RF_OK;
    }
    if (object->hour.grain != RF_GRAIN_NONE) {
        return rf_fail(reterr, RF_ERR_USAGE, object->name,
                       "it holds events, and its folder spans more than an hour: let --since and "
                       "--until not lie within that time");
    }
    return rf_fail(
        reterr, RF_ERR_USAGE, object->name,
        "it holds events, and its folders tell no hour by which --since and --until could "
        "place them: move it into the folder of its hour, or say how folders are named with "
        "\"layout\" in the config");
}

rf_code
rf_intake_object(struct rf_intake *intake, uint32_t number, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    begin_object(intake, number);
    if (rf_intake_stopped(intake->end)) {
        code = rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "interrupted");
    } else if (!rf_intake_is_pointless(intake)) {
        code = take_object(intake, reterr);
        code = code == RF_OK ? check_hour(intake, reterr) : code;
    }
    end_object(intake);
    return code;
}
