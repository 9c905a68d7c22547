/* SPDX-License-Identifier: MIT */
/* One object: read, decoded into the history, and its fate settled. */
#include "history/intake.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stopwatch.h"
#include "decode/base64.h"
#include "decode/kpl.h"
#include "history/identity.h"
#include "history/known.h"
#include "walk/digest.h"
#include "walk/export.h"

/** How much is read at a time of what only the end of an object's reading needs. */
#define DRAIN_BYTES ((size_t)64 << 10)

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
    RF_VERIFY(rf_envelope_parse("dynamodb-stream", &intake->tables, NULL) == RF_OK);
}

void
rf_intake_done(struct rf_intake *intake)
{
    rf_decoder_free(intake->decoder);
    rf_asking_free(intake->asking);
    rf_hasher_free(intake->stored);
    rf_envelope_done(&intake->tables);
}

static void
widen(struct rf_time first, struct rf_time last, bool *has, struct rf_time *ret_first,
      struct rf_time *ret_last)
{
    if (!*has || rf_time_compare(first, *ret_first) < 0) {
        *ret_first = first;
    }
    if (!*has || rf_time_compare(last, *ret_last) > 0) {
        *ret_last = last;
    }
    *has = true;
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
        widen(event->at, event->at, &intake->facts.has_first, &intake->facts.first,
              &intake->facts.last);
    }
    return RF_OK;
}

static struct rf_damage
object_damage(const struct rf_intake *intake, enum rf_damage_kind kind, char *message)
{
    return (struct rf_damage){
        .kind = kind,
        .object = rf_strdup(intake->object->name),
        .message = message,
    };
}

static void
on_malformed(void *context, uint64_t offset, const char *text)
{
    struct rf_intake *intake = context;
    struct rf_damage damage = object_damage(intake, RF_DAMAGE_MALFORMED, rf_strdup(text));
    damage.has_offset = true;
    damage.offset = offset;
    rf_damages_add(&intake->facts.damages, damage);
}

static rf_code
on_payload(void *context, const struct rf_payload *payload, struct rf_err *reterr)
{
    struct rf_intake *intake = context;
    return rf_asking_add(intake->asking, payload, reterr);
}

static void
show_progress(struct rf_intake *intake, uint64_t bytes)
{
    struct rf_progress_counts *progress = intake->request->progress;
    if (progress == NULL) {
        return;
    }
    atomic_fetch_add_explicit(&progress->bytes_done, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&progress->events_read, intake->facts.events - intake->events_shown,
                              memory_order_relaxed);
    intake->events_shown = intake->facts.events;
}

bool
rf_intake_stopped(const struct rf_intake_end *end)
{
    return end->stop != NULL && atomic_load_explicit(end->stop, memory_order_relaxed);
}

/** Whether nothing that comes of this object can matter any more. */
static bool
is_pointless(const struct rf_intake *intake)
{
    return atomic_load_explicit(&intake->end->ended, memory_order_relaxed) ||
           atomic_load_explicit(&intake->end->failed_object, memory_order_relaxed) <
               intake->object->number;
}

/** Remembers how the object begins, for only that tells what a broken one may be: text, unless an
 * object comes first, or one in an array, as records do. */
static void
note_front(struct rf_intake *intake, const unsigned char *bytes, size_t count)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF}; /* of UTF-8 */
    size_t at = count >= sizeof(mark) && memcmp(bytes, mark, sizeof(mark)) == 0 ? sizeof(mark) : 0;
    while (at < count &&
           (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r') || bytes[at] == '[')) {
        at++;
    }
    intake->is_aggregate = at < count && bytes[at] == (unsigned char)RF_KPL_MAGIC[0];
    intake->is_text = at < count && bytes[at] >= ' ' && bytes[at] != 0x7f && bytes[at] != '{' &&
                      !intake->is_aggregate;
    intake->has_front = true;
}

static bool
is_break(rf_code code)
{
    return code == RF_ERR_CORRUPT || code == RF_ERR_TRUNCATED || code == RF_ERR_MALFORMED ||
           code == RF_ERR_LIMIT;
}

static rf_code
on_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct rf_intake *intake = context;
    if (rf_intake_stopped(intake->end) || is_pointless(intake)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, intake->object->name, "interrupted");
    }
    enum rf_station before = rf_station_enter(RF_STATION_READ);
    rf_code code = rf_reader_read(intake->reader, bytes, room, ret_got, reterr);
    (void)rf_station_enter(before);
    if (intake->sha != NULL && (code == RF_OK || is_break(code))) {
        rf_digest_read(intake->sha, code, bytes, *ret_got, reterr);
    }
    /* Damage is the reader's last word too: it has looked if the source is what was listed. */
    intake->ended = is_break(code) || *ret_got == 0;
    RF_TRY(code);
    if (intake->md5 != NULL) {
        rf_md5_add(intake->md5, bytes, *ret_got);
    }
    if (!intake->has_front) {
        note_front(intake, bytes, *ret_got);
    }
    if (intake->stored != NULL) {
        rf_hasher_add(intake->stored, bytes, *ret_got);
    }
    show_progress(intake, *ret_got);
    return RF_OK;
}

/** What the object is read with: its stream's rule, or else what holds for all. */
static const struct rf_envelope *
pick_rule(struct rf_intake *intake)
{
    const struct rf_ingest_request *request = intake->request;
    const struct rf_envelope *envelope = request->envelope;
    intake->aggregate = request->only_aggregate;
    if (intake->object->pending) { /* each event names its own */
        intake->aggregate = NULL;
        intake->aggregate_bytes = 0;
        return request->pending_envelope;
    }
    for (size_t i = 0; i < request->stream_count && intake->object->stream != NULL; i++) {
        const struct rf_stream_rule *rule = &request->streams[i];
        if (fnmatch(rule->match, intake->object->stream, 0) == 0) {
            intake->aggregate = rule->aggregate != NULL ? rule->aggregate : intake->aggregate;
            envelope = rule->has_envelope ? &rule->envelope : envelope;
            break;
        }
    }
    intake->aggregate_bytes = intake->aggregate == NULL ? 0 : strlen(intake->aggregate);
    return intake->object->of_table ? &intake->tables : envelope;
}

/** Reads what decoding left, for only at the end is it known that the object did not change under
 * the reader: then its damage is none of the history's. */
static rf_code
drain(struct rf_intake *intake, struct rf_err *reterr)
{
    char *bytes = rf_alloc(DRAIN_BYTES);
    rf_code code = RF_OK;
    while (code == RF_OK && !intake->ended) {
        size_t got;
        code = on_read(intake, bytes, DRAIN_BYTES, &got, reterr);
    }
    free(bytes);
    return code;
}

/**
 * Whether an object without events is none of the history's. One that the user named is; so is one
 * that promises events by its name, that a table's export names, that lies below an error prefix
 * that was asked for, or begins as an aggregate does. Of what broke while it was read no one can
 * say that it holds no events, but for text that is plainly something else (a README whose brackets
 * do not close).
 */
static bool
is_foreign(const struct rf_intake *intake, rf_code code)
{
    const struct rf_object *object = intake->object;
    if (intake->facts.events > 0 || object->packer_name || object->named || object->errors ||
        object->of_table || intake->is_aggregate) {
        return false;
    }
    const struct rf_decode_counts *counts = &intake->facts.counts;
    bool is_text =
        intake->is_text && counts->checked + counts->unchecked == 0; /* a zip begins "PK" */
    return code == RF_OK || ((code == RF_ERR_TRUNCATED || code == RF_ERR_LIMIT) && is_text);
}

/** Decodes, and has all settled that was found in front of the object's end, or its break. */
static rf_code
decode_stored(struct rf_intake *intake, const struct rf_envelope *envelope, struct rf_err *broken)
{
    struct rf_decode_counts *counts = &intake->facts.counts;
    const struct rf_decode_input input = {.context = intake, .read = on_read};
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
    if (intake->asking != NULL && (code == RF_OK || is_break(code))) {
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
    if (code == RF_OK) {
        enum rf_station before = rf_station_enter(RF_STATION_DECODE);
        code = decode_stored(intake, envelope, broken);
        (void)rf_station_enter(before);
    }
    if (code == RF_OK && !intake->ended) {
        code = rf_fail(broken, RF_ERR_INTERNAL, object->name, "decoding left stored bytes behind");
    }
    if (!is_break(code)) {
        if (code != RF_OK) {
            *reterr = *broken;
        }
        return code;
    }
    if (!is_foreign(intake, code) || intake->sha != NULL) {
        rf_code drained = drain(intake, reterr);
        return drained == RF_OK || is_break(drained) ? code : drained;
    }
    return code;
}

static void
add_decode_counts(struct rf_decode_counts *counts, const struct rf_decode_counts *more)
{
    counts->stored_bytes += more->stored_bytes;
    counts->bytes += more->bytes;
    counts->members += more->members;
    counts->checked += more->checked;
    counts->unchecked += more->unchecked;
    counts->records += more->records;
    counts->expanded += more->expanded;
    counts->events += more->events;
    counts->malformed += more->malformed;
    counts->empty += more->empty;
    counts->repeated_keys += more->repeated_keys;
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        counts->envelopes[i] += more->envelopes[i];
    }
}

/** Shards must have read the same objects: those with the same keys and bytes. */
static void
count_stored(struct rf_intake *intake)
{
    const char *key = intake->object->key;
    if (intake->stored != NULL) {
        rf_multiset_add(&intake->found.objects,
                        rf_hash(key, strlen(key), rf_hasher_end(intake->stored)));
    }
}

/** Counts what the object held; it is not foreign. */
static void
count_object(struct rf_intake *intake, bool withdrawn)
{
    const struct rf_facts *facts = &intake->facts;
    struct rf_sums *sums = &intake->found.sums;
    sums->records += facts->counts.records;
    sums->expanded += facts->counts.expanded;
    sums->malformed += facts->counts.malformed;
    sums->empty += facts->counts.empty;
    rf_sums_pass(sums, intake->elsewhere, RF_TERM_ELSEWHERE);
    rf_sums_pass(sums, intake->unselected, withdrawn ? RF_TERM_WITHDRAWN : RF_TERM_UNSELECTED);
    count_stored(intake);
    add_decode_counts(&intake->found.counts, &facts->counts);
    if (facts->events > 0 && intake->object->odd_name) {
        intake->found.odd_names++;
    }
    if (facts->has_first && !withdrawn) {
        widen(facts->first, facts->last, &intake->found.has_first, &intake->found.first,
              &intake->found.last);
    }
}

/** Whether the damage is known, which the object's key and bytes tell. */
static void
judge_damage(const struct rf_intake *intake, const char *sha256, struct rf_damage *damage)
{
    if (intake->request->known == NULL || sha256 == NULL) {
        return; /* no entry is of this object */
    }
    const struct rf_identity identity = {
        .kind = damage->kind,
        .object = intake->object->key,
        .digest = sha256,
        .has_offset = damage->has_offset,
        .offset = damage->offset,
    };
    damage->identity = rf_identity_text(&identity);
    rf_known_judge(intake->request->known, damage);
}

/** Whether damage of the object at hand can be told exactly, if there is any. What is broken in an
 * archive's own form has no bytes that would tell. */
static bool
is_told(const struct rf_intake *intake)
{
    return intake->object->flaw == NULL &&
           rf_known_wants(intake->request->known, intake->object->key);
}

static void
judge_damages(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    for (size_t i = 0; is_told(intake) && i < facts->damages.count; i++) {
        struct rf_damage *damage = &facts->damages.items[i];
        judge_damage(intake, facts->sha256, damage);
        facts->damages.known[damage->kind] += damage->known ? 1 : 0;
    }
}

/** Whether a digest is what a manifest has in base64. */
static bool
is_md5(const char *hex, const char *base64)
{
    struct rf_buf bytes = {0};
    struct rf_buf text = {0};
    if (rf_base64_decode(base64, strlen(base64), &bytes)) {
        for (size_t i = 0; i < bytes.used; i++) {
            rf_buf_format(&text, "%02x", (unsigned char)bytes.bytes[i]);
        }
    }
    bool same = strcmp(rf_buf_text(&text), hex) == 0;
    rf_buf_done(&bytes);
    rf_buf_done(&text);
    return same;
}

/** What an export's manifest promises of the object: so many lines are in it, or it is not the file
 * that was exported. Nothing says for certain of which bytes the MD5 is, so another is told, and no
 * damage. */
static void
judge_promise(struct rf_intake *intake)
{
    const struct rf_promise *promise = intake->object->promise;
    struct rf_facts *facts = &intake->facts;
    if (facts->fate != RF_FATE_UNREADABLE && facts->counts.records != promise->items) {
        facts->fate = RF_FATE_UNREADABLE;
        char *message =
            rf_format("holds %" PRIu64 " record%s, and the export's manifest tells of "
                      "%" PRIu64 ": it is not whole, or not of this export",
                      facts->counts.records, facts->counts.records == 1 ? "" : "s", promise->items);
        rf_damages_add(&facts->damages, object_damage(intake, RF_DAMAGE_UNREADABLE, message));
    }
    if (intake->md5 != NULL) {
        char hex[RF_MD5_HEX_BYTES];
        rf_md5_finish(intake->md5, hex);
        intake->md5 = NULL;
        facts->odd_md5 = facts->fate == RF_FATE_READ && !is_md5(hex, promise->md5);
    }
}

/** Counts the object as its facts have it, which are whole now. */
static void
settle(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    const struct rf_object *object = intake->object;
    bool withdrawn = facts->fate == RF_FATE_UNREADABLE && !intake->request->keep_partial;
    rf_history_settle(intake->history, object->number, facts->fate, withdrawn);
    if (facts->fate == RF_FATE_FOREIGN) {
        rf_damages_done(&facts->damages);
        intake->found.sums.foreign++;
    } else if (facts->fate == RF_FATE_UNREADABLE) {
        intake->found.sums.unreadable++;
        count_object(intake, withdrawn);
    } else {
        intake->found.sums.read++;
        intake->found.odd_md5 += facts->odd_md5;
        const struct rf_decode_counts *counts = &facts->counts;
        intake->found.unverified +=
            object->unchecked && counts->bytes > 0 && counts->checked + counts->unchecked == 0;
        intake->found.unchecked += counts->bytes > 0 && counts->unchecked > 0;
        count_object(intake, false);
    }
    if (intake->request->facts != NULL) {
        rf_facts_copy(facts, object->name, &intake->request->facts[object->number]);
    }
    judge_damages(intake);
    rf_damages_join(&intake->found.damages, &facts->damages);
}

static void
judge_broken(struct rf_intake *intake, rf_code code, const struct rf_err *broken)
{
    if (is_foreign(intake, code)) {
        intake->facts.fate = RF_FATE_FOREIGN;
        return;
    }
    enum rf_damage_kind kind =
        code == RF_ERR_TRUNCATED ? RF_DAMAGE_TRUNCATED : RF_DAMAGE_UNREADABLE;
    struct rf_damage damage = object_damage(intake, kind, rf_strdup(broken->text));
    damage.has_offset = broken->has_offset != 0;
    damage.offset = broken->offset_bytes;
    rf_damages_add(&intake->facts.damages, damage);
    intake->facts.fate = RF_FATE_UNREADABLE;
}

static void
judge_read(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    const struct rf_decode_counts *counts = &facts->counts;
    bool all_empty = !intake->object->errors && counts->records > 0 &&
                     counts->empty == counts->records + counts->expanded;
    bool is_read = facts->events > 0 || counts->bytes == 0 || all_empty;
    if (is_read) {
        facts->fate = RF_FATE_READ;
    } else if (is_foreign(intake, RF_OK)) {
        facts->fate = RF_FATE_FOREIGN;
    } else {
        facts->fate = RF_FATE_UNREADABLE;
        rf_damages_add(&facts->damages,
                       object_damage(intake, RF_DAMAGE_UNREADABLE, rf_strdup("holds no events")));
    }
}

/** The digest of an object that is not decoded: its stored bytes are read for nothing else. */
static rf_code
digest_stored(struct rf_intake *intake, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    struct rf_facts *facts = &intake->facts;
    if (object->pack != NULL) {
        const char *sha256 = rf_packs_facts(intake->packs, object)->sha256;
        facts->sha256 = sha256 == NULL ? NULL : rf_strdup(sha256);
        return RF_OK;
    }
    if (intake->request->facts == NULL && !is_told(intake)) {
        return RF_OK;
    }
    facts->sha256 = rf_alloc(RF_SHA256_HEX_BYTES);
    return rf_object_digest(intake->request->objects, object, facts->sha256, reterr);
}

/** An object that is not decoded: its bytes are done. A manifest was read when it was listed. */
static rf_code
pass_over(struct rf_intake *intake, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    intake->facts.fate = RF_FATE_FOREIGN;
    if ((object->errors || object->manifest) && !object->special) {
        RF_TRY(digest_stored(intake, reterr));
    }
    settle(intake);
    if (object->bytes != RF_BYTES_UNKNOWN) {
        show_progress(intake, object->bytes);
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
    struct rf_damage damage = object_damage(intake, RF_DAMAGE_ERRORS, message);
    if (is_told(intake)) {
        judge_damage(intake, intake->facts.sha256, &damage);
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
        settle(intake);
        return;
    }
    if (intake->request->selects == NULL) {
        intake->found.sums.events += facts->events;
        rf_multiset_join(&intake->found.sums.seen, &facts->seen);
    } else {
        intake->unselected = facts->events - rf_packs_kept(intake->packs, object->number);
    }
    show_progress(intake, object->bytes == RF_BYTES_UNKNOWN ? 0 : object->bytes);
    settle(intake);
}

static void
begin_object(struct rf_intake *intake, uint32_t number)
{
    intake->object = &intake->request->objects->items[number];
    intake->ended = false;
    intake->has_front = false;
    intake->is_text = false;
    intake->is_aggregate = false;
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
    show_progress(intake, 0);
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

/** What only the whole object tells: its events as a set, and its digest. */
static void
complete_facts(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    const struct rf_multiset *now = &rf_writer_sums(intake->writer)->seen;
    facts->seen = (struct rf_multiset){
        .sum = now->sum - intake->seen_before.sum,
        .mixed = now->mixed - intake->seen_before.mixed,
        .count = now->count - intake->seen_before.count,
    };
    if (intake->sha != NULL) {
        facts->sha256 = rf_alloc(RF_SHA256_HEX_BYTES);
        rf_sha256_finish(intake->sha, facts->sha256);
        intake->sha = NULL;
    }
}

bool
rf_intake_reads(const struct rf_object *object)
{
    return !object->special && !object->errors && !object->manifest && object->pack == NULL;
}

/** Whether an object is not decoded. What is known not to be here is no object to pass over. */
static bool
is_passed_over(const struct rf_intake *intake)
{
    const struct rf_object *object = intake->object;
    bool is_absent = object->flaw != NULL && object->flaw_code == RF_ERR_SOURCE;
    return object->special || (object->errors && !intake->request->errors && !is_absent);
}

static rf_code
take_object(struct rf_intake *intake, struct rf_err *reterr)
{
    if (is_passed_over(intake)) {
        return pass_over(intake, reterr);
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
    intake->sha = intake->request->facts != NULL || is_told(intake) ? rf_sha256_new() : NULL;
    rf_code code = decode_object(intake, &broken, reterr);
    complete_facts(intake);
    if (is_break(code)) {
        judge_broken(intake, code, &broken);
    } else if (code == RF_OK) {
        judge_read(intake);
    } else {
        return code;
    }
    if (promise != NULL) {
        judge_promise(intake);
    }
    settle(intake);
    return RF_OK;
}

rf_code
rf_intake_object(struct rf_intake *intake, uint32_t number, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    begin_object(intake, number);
    if (rf_intake_stopped(intake->end)) {
        code = rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "interrupted");
    } else if (!is_pointless(intake)) {
        code = take_object(intake, reterr);
    }
    end_object(intake);
    return code;
}

void
rf_intake_join(struct rf_intake *intake, struct rf_ingest_result *result)
{
    struct rf_ingest_result *found = &intake->found;
    rf_sums_join(&result->sums, &found->sums);
    rf_sums_join(&result->sums, rf_writer_sums(intake->writer));
    add_decode_counts(&result->counts, &found->counts);
    rf_damages_join(&result->damages, &found->damages);
    rf_multiset_join(&result->objects, &found->objects);
    result->odd_names += found->odd_names;
    result->unverified += found->unverified;
    result->odd_md5 += found->odd_md5;
    result->unchecked += found->unchecked;
    if (found->has_first) {
        widen(found->first, found->last, &result->has_first, &result->first, &result->last);
    }
}
