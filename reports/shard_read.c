/* SPDX-License-Identifier: MIT */
/* A shard's JSON report, read back into what reports are made of; and whether it can be believed.
 */
#include "reports/shard_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/depth.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "host/conduct.h"
#include "reports/json_list.h"
#include "reports/shard_reading.h"

static const char *const policies[] = {"error", "warn", "count", NULL};

bool
rf_shard_owns(const struct rf_damage *damage)
{
    return damage->kind == RF_DAMAGE_GAP || damage->kind == RF_DAMAGE_CONFLICT ||
           damage->kind == RF_DAMAGE_CUT_SHORT ||
           (damage->kind == RF_DAMAGE_MALFORMED && damage->id != NULL);
}

/* ---- its parts ------------------------------------------------------------------------------- */

static void
read_flags(struct rf_reading *reading, struct rf_flags *flags)
{
    char *verdict = rf_reading_text(reading, 0, "verdict", true, NULL);
    flags->changed = rf_reading_flag(reading, 0, "changed");
    flags->damaged = rf_reading_flag(reading, 0, "damaged");
    flags->incomplete = rf_reading_flag(reading, 0, "incomplete");
    flags->nothing = rf_reading_flag(reading, 0, "nothing");
    flags->untrusted = rf_reading_flag(reading, 0, "untrusted");
    flags->unwritten = rf_reading_flag(reading, 0, "unwritten");
    flags->internal = rf_reading_flag(reading, 0, "internal");
    flags->signal = strcmp(verdict, "interrupted") == 0 ? 1 : 0;
    free(verdict);
}

static void
read_proof(struct rf_reading *reading, struct rf_shard_file *file)
{
    uint32_t proof = rf_reading_member(reading, 0, "proof", RF_JSON_OBJECT, true);
    size_t count;
    uint32_t node = rf_reading_objects(reading, proof, "builds", &count);
    file->builds = rf_calloc(count + 1, sizeof(*file->builds));
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        struct rf_build *build = rf_calloc(1, sizeof(*build));
        file->builds[file->build_count++] = build;
        build->name = rf_reading_text(reading, node, "aggregate", true, NULL);
        build->path = rf_reading_text(reading, node, "file", true, NULL);
        rf_reading_hex(reading, node, "sha256", RF_SHA256_HEX_BYTES - 1, build->sha256);
    }
    if (rf_reading_member(reading, proof, "golden", RF_JSON_STRING, false) != RF_JSON_NONE) {
        rf_reading_hex(reading, proof, "golden", sizeof(file->golden_digest) - 1,
                       file->golden_digest);
    }
    rf_reading_multiset(reading, proof, "history", &file->notes.history);
    rf_reading_multiset(reading, proof, "compared", &file->notes.compared);
}

static void
read_sums(struct rf_reading *reading, uint32_t history, struct rf_sums *sums)
{
    sums->objects = rf_reading_count(reading, history, "objects");
    sums->read = rf_reading_count(reading, history, "read");
    sums->unreadable = rf_reading_count(reading, history, "unreadable");
    sums->foreign = rf_reading_count(reading, history, "foreign");
    sums->records = rf_reading_count(reading, history, "records");
    sums->expanded = rf_reading_count(reading, history, "expanded");
    sums->events = rf_reading_count(reading, history, "events");
    sums->malformed = rf_reading_count(reading, history, "malformed");
    sums->empty = rf_reading_count(reading, history, "empty");
    for (int term = 0; term < RF_TERM_COUNT_; term++) {
        const char *name = rf_term_name((enum rf_term)term);
        sums->terms[term] = term == RF_TERM_ELSEWHERE ? rf_reading_count_if(reading, history, name)
                                                      : rf_reading_count(reading, history, name);
    }
    sums->seen.count = sums->events;
    sums->settled.count = sums->events;
}

static void
read_purity(struct rf_reading *reading, struct rf_shard_file *file)
{
    uint32_t purity = rf_reading_member(reading, 0, "purity", RF_JSON_OBJECT, false);
    if (purity != RF_JSON_NONE) {
        file->purity = true;
        file->examined = rf_reading_count(reading, purity, "examined");
    }
}

/** Of a row; the builds are read. */
static uint64_t
read_declaring(struct rf_reading *reading, uint32_t row, const struct rf_shard_file *file)
{
    static const char name[] = "declared_by";
    uint64_t fits = 0;
    if (rf_reading_member(reading, row, name, RF_JSON_ARRAY, false) == RF_JSON_NONE) {
        return 0;
    }
    struct rf_texts names = rf_reading_texts(reading, row, name);
    for (size_t i = 0; i < file->build_count && i < 64; i++) {
        for (size_t k = 0; k < names.count; k++) {
            bool same = strcmp(names.items[k], file->builds[i]->name) == 0;
            fits |= same ? UINT64_C(1) << i : 0;
        }
    }
    rf_texts_done(&names);
    return fits;
}

static void
read_unclaimed(struct rf_reading *reading, uint32_t history, struct rf_shard_file *file)
{
    struct rf_unclaimed *ret = &file->unclaimed;
    static const char name[] = "unclaimed_aggregates";
    size_t count;
    if (rf_reading_member(reading, history, name, RF_JSON_ARRAY, false) == RF_JSON_NONE) {
        return;
    }
    uint32_t node = rf_reading_objects(reading, history, name, &count);
    ret->rows = rf_calloc(count + 1, sizeof(*ret->rows));
    for (; ret->count < count; node = rf_reading_next(reading, node)) {
        struct rf_unclaimed_row *row = &ret->rows[ret->count++];
        row->name = rf_reading_text(reading, node, "name", true, NULL);
        row->events = rf_reading_count(reading, node, "events");
        row->fits = read_declaring(reading, node, file);
    }
}

static void
read_history(struct rf_reading *reading, struct rf_shard_file *file)
{
    struct rf_ingest_result *ingested = &file->ingested;
    uint32_t history = rf_reading_member(reading, 0, "history", RF_JSON_OBJECT, true);
    read_sums(reading, history, &file->sums);
    file->counts.bytes = rf_reading_count(reading, history, "bytes");
    file->notes.beyond = rf_reading_count(reading, history, "beyond");
    file->gathered.gaps = rf_reading_count(reading, history, "gaps");
    file->gathered.versionless = rf_reading_count_if(reading, history, "without_versions");
    file->gathered.timeless = rf_reading_count_if(reading, history, "without_times");
    file->gathered.tied = rf_reading_count_if(reading, history, "of_one_time");
    ingested->odd_names = rf_reading_count(reading, history, "odd_names");
    ingested->hollow = rf_reading_count_if(reading, history, "hollow");
    file->counts.repeated_keys = rf_reading_count(reading, history, "repeated_keys");
    uint32_t envelopes = rf_reading_member(reading, history, "envelopes", RF_JSON_OBJECT, true);
    for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
        file->counts.envelopes[kind] =
            rf_reading_count_if(reading, envelopes, rf_envelope_name((enum rf_envelope_kind)kind));
    }
    read_unclaimed(reading, history, file);
    ingested->has_first = rf_reading_time(reading, history, "first", &ingested->first);
    (void)rf_reading_time(reading, history, "last", &ingested->last);
    struct rf_texts foreign = rf_reading_texts(reading, history, "foreign_names");
    ingested->foreign = foreign.items;
    ingested->foreign_count = foreign.count;
}

static void
read_totals(struct rf_reading *reading, uint32_t shard, const char *name, uint64_t *totals)
{
    uint32_t node = rf_reading_member(reading, shard, name, RF_JSON_OBJECT, true);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        totals[kind] =
            rf_reading_count_if(reading, node, rf_damage_name((enum rf_damage_kind)kind));
    }
}

static void
read_policies(struct rf_reading *reading, uint32_t shard, struct rf_shard_file *file)
{
    uint32_t node = rf_reading_member(reading, shard, "policy", RF_JSON_OBJECT, true);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        file->damage_policies[kind] = (enum rf_policy)rf_reading_word(
            reading, node, rf_damage_name((enum rf_damage_kind)kind), policies);
    }
    file->shard.unblessed = (enum rf_policy)rf_reading_word(reading, node, "unblessed", policies);
    file->shard.unclaimed = (enum rf_policy)rf_reading_word(reading, node, "unclaimed", policies);
}

static void
read_absent(struct rf_reading *reading, uint32_t shard, struct rf_shard_file *file)
{
    struct rf_absent_ids *absent = &file->shard.absent;
    uint32_t node = rf_reading_member(reading, shard, "absent", RF_JSON_OBJECT, true);
    absent->count = rf_reading_count(reading, node, "count");
    absent->until = rf_reading_flag(reading, node, "until");
    file->absent = rf_reading_texts(reading, node, "ids");
    uint32_t item = rf_reading_member(reading, node, "ids", RF_JSON_ARRAY, true) + 1;
    for (size_t i = 0; i < file->absent.count && i < RF_ABSENT_SHOWN; i++) {
        const char *same;
        absent->ids[i] = file->absent.items[i];
        if (reading->doc->nodes[item].kind == RF_JSON_STRING) { /* it may hold a NUL */
            rf_json_string(reading->doc, item, &reading->scratch, &same, &absent->bytes[i]);
        }
        item = rf_reading_next(reading, item);
    }
}

static void
read_commands(struct rf_reading *reading, uint32_t shard, struct rf_shard_file *file)
{
    uint32_t node = rf_reading_member(reading, shard, "commands", RF_JSON_OBJECT, true);
    file->again = rf_reading_text(reading, node, "again", true, NULL);
    file->again_run = rf_reading_text(reading, node, "run", true, NULL);
    file->again_bless = rf_reading_text(reading, node, "bless", true, NULL);
    file->again_show = rf_reading_text(reading, node, "show", true, NULL);
    file->again_review = rf_reading_text(reading, node, "review", true, NULL);
    file->again_types = rf_reading_text(reading, node, "types", true, NULL);
}

/** What is listed holds here as it held there: the whole run would have listed as many. */
static void
take_listed(struct rf_reading *reading, uint32_t shard)
{
    uint64_t most = rf_limit_find("listed", strlen("listed"))->most;
    uint64_t listed = rf_reading_count_if(reading, shard, "listed");
    rf_limits.listed = listed == 0 ? RF_LIMIT_LISTED : listed < most ? listed : most;
}

static void
read_shard(struct rf_reading *reading, uint32_t shard, struct rf_shard_file *file)
{
    struct rf_report_shard *facts = &file->shard;
    facts->place.k = (uint32_t)rf_reading_count(reading, shard, "k");
    facts->place.n = (uint32_t)rf_reading_count(reading, shard, "n");
    facts->decoded = rf_reading_count(reading, shard, "decoded");
    take_listed(reading, shard);
    file->options = rf_reading_text(reading, shard, "options", true, NULL);
    file->flags.no_compare = rf_reading_flag(reading, shard, "no_compare");
    read_policies(reading, shard, file);
    read_totals(reading, shard, "damage_of_all", file->damages_of_all);
    read_totals(reading, shard, "damage_of_own", file->damages_of_own);
    read_totals(reading, shard, "known_of_all", file->known_of_all);
    read_totals(reading, shard, "known_of_own", file->known_of_own);
    file->golden_elsewhere = rf_reading_count(reading, shard, "golden_elsewhere");
    file->refused = rf_reading_count(reading, shard, "refused");
    file->gathered.untold = rf_reading_count(reading, shard, "untold");
    read_absent(reading, shard, file);
    facts->warnings = rf_reading_count(reading, shard, "warnings_of_all");
    file->warnings = rf_reading_texts(reading, 0, "warnings");
    file->envelope_hint = rf_reading_text(reading, shard, "envelope_hint", false, NULL);
    read_commands(reading, shard, file);
    file->loaded = rf_reading_texts(reading, shard, "loaded");
}

static void
read_timing(struct rf_reading *reading, struct rf_shard_file *file)
{
    uint32_t timing = rf_reading_member(reading, 0, "timing", RF_JSON_OBJECT, true);
    uint32_t seconds = rf_reading_member(reading, timing, "seconds", RF_JSON_NUMBER, true);
    if (seconds != RF_JSON_NONE) {
        (void)rf_json_real(reading->doc, seconds, &file->seconds);
    }
    file->peak_bytes = rf_reading_count(reading, timing, "peak_bytes");
}

/* ---- whether it can be believed -------------------------------------------------------------- */

static uint64_t
sum(const uint64_t *items, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += items[i];
    }
    return total;
}

static size_t
listed(uint64_t total)
{
    return total < rf_limits.listed ? (size_t)total : rf_limits.listed;
}

/** What differs is in a class, in a cluster and, up to a limit, in the list; all of this shard. */
static const char *
find_flaw_in_differences(const struct rf_shard_file *file)
{
    const struct rf_notes *notes = &file->notes;
    uint64_t clustered = 0;
    uint64_t least = 0;
    uint64_t unblessed = 0;
    for (size_t i = 0; i < notes->clusters.count; i++) {
        clustered += notes->clusters.items[i].count;
    }
    for (size_t i = 0; i < notes->tally_count; i++) {
        const struct rf_tally *tally = notes->tallies[i];
        least += tally->changed + tally->missing + tally->rejected + tally->crashed + tally->hung +
                 tally->impure;
        unblessed += tally->unblessed;
        if (tally->compared != tally->same + tally->changed) {
            return "compared is not same + changed";
        }
    }
    uint64_t total = notes->differences_total;
    if (clustered != total || notes->difference_count != listed(total) || total < least ||
        total > least + unblessed) {
        return "its counts of differences contradict each other";
    }
    for (size_t i = 0; i < notes->difference_count; i++) {
        const struct rf_difference *difference = &notes->differences[i];
        if (!rf_run_shard_has(file->shard.place, difference->id, difference->id_bytes)) {
            return "a difference of it belongs to another shard";
        }
    }
    return NULL;
}

/** What is known is among what was found; all of it is listed, where all damage is. */
static bool
is_known_right(const struct rf_shard_file *file)
{
    const struct rf_damages *damages = &file->damages;
    uint64_t known = 0;
    uint64_t total = 0;
    bool right = true;
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        right = right && file->known_of_all[i] <= file->damages_of_all[i] &&
                file->known_of_own[i] <= file->damages_of_own[i];
        known += file->known_of_all[i] + file->known_of_own[i];
        total += file->damages_of_all[i] + file->damages_of_own[i];
    }
    return right && (total > damages->count || known == sum(damages->known, RF_DAMAGE_COUNT_));
}

static bool
has_late(const struct rf_shard_file *file)
{
    for (size_t i = 0; i < file->build_count; i++) {
        if (rf_conduct_look(file->builds[i]->conduct).late != NULL) {
            return true;
        }
    }
    return false;
}

static const char *
find_flaw(struct rf_reading *reading, const struct rf_shard_file *file)
{
    uint64_t damages =
        sum(file->damages_of_all, RF_DAMAGE_COUNT_) + sum(file->damages_of_own, RF_DAMAGE_COUNT_);
    if (file->shard.decoded < file->sums.terms[RF_TERM_ELSEWHERE]) {
        return "more events are elsewhere than were read";
    }
    if (damages != rf_reading_count(reading, 0, "damage_total") ||
        file->damages.count != listed(damages)) {
        return "its counts of damage contradict each other";
    }
    if (!is_known_right(file)) {
        return "its counts of known damage contradict each other";
    }
    if (file->loaded.count != file->build_count) {
        return "it does not tell what was loaded of each aggregate";
    }
    if (file->shard.warnings > file->warnings.count) {
        return "warnings are missing";
    }
    if (file->flags.changed != (file->notes.differences_total > 0) ||
        file->flags.untrusted != has_late(file) ||
        rf_reading_count(reading, 0, "exit") != (uint64_t)rf_verdict_exit(&file->flags)) {
        return "its exit status does not go with its flags";
    }
    return find_flaw_in_differences(file);
}

static rf_code
fail_damaged(const struct rf_shard_file *file, const char *why, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, file->path,
                   "is damaged, or was changed: %s; run this shard again", why);
}

static rf_code
check_counts(struct rf_reading *reading, const struct rf_shard_file *file, struct rf_err *reterr)
{
    struct rf_err unequal;
    if (rf_sums_check(&file->sums, &unequal) != RF_OK) {
        return fail_damaged(file, unequal.text, reterr);
    }
    const char *flaw = find_flaw(reading, file);
    return flaw == NULL ? RF_OK : fail_damaged(file, flaw, reterr);
}

/** A run that ended early has found nothing that could be added to what others found. */
static rf_code
check_end(struct rf_reading *reading, const struct rf_shard_file *file, struct rf_err *reterr)
{
    const struct rf_flags *flags = &file->flags;
    char *error = rf_reading_text(reading, 0, "error", false, NULL);
    rf_code code = RF_OK;
    if (flags->signal != 0 || flags->internal || flags->incomplete ||
        (error != NULL && (!flags->unwritten || flags->nothing))) {
        code = rf_fail(reterr, RF_ERR_USAGE, file->path,
                       "the run of shard %" PRIu32 "/%" PRIu32
                       " did not come to its end (%s); run this shard again",
                       file->shard.place.k, file->shard.place.n,
                       error == NULL ? "no reason is given" : error);
    }
    free(error);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/** Whether it is the report of a shard at all; `ret_shard` is its member. */
static rf_code
check_kind(struct rf_reading *reading, const struct rf_shard_file *file, uint32_t *ret_shard,
           struct rf_err *reterr)
{
    uint64_t format = rf_reading_count(reading, 0, "format");
    char *verb = rf_reading_text(reading, 0, "verb", true, NULL);
    rf_code code = RF_OK;
    if (reading->flaw != NULL || format != 1) {
        code = rf_fail(reterr, RF_ERR_USAGE, file->path,
                       "is no JSON report of this refold ('refold run --shard K/N -r json=FILE' "
                       "writes one)");
    } else if (strcmp(verb, "run") != 0) {
        code =
            rf_fail(reterr, RF_ERR_USAGE, file->path,
                    "is the report of 'refold %s': only those of 'refold run' can be merged", verb);
    }
    free(verb);
    RF_TRY(code);
    *ret_shard = rf_reading_member(reading, 0, "shard", RF_JSON_OBJECT, false);
    if (*ret_shard != RF_JSON_NONE) {
        return RF_OK;
    }
    char *error = rf_reading_text(reading, 0, "error", false, NULL);
    code =
        error == NULL
            ? rf_fail(reterr, RF_ERR_USAGE, file->path,
                      "is the report of a whole run: only those of 'refold run --shard K/N' can "
                      "be merged")
            : rf_fail(reterr, RF_ERR_USAGE, file->path, "its run ended before it began: %s", error);
    free(error);
    return code;
}

/** Whether the text in front of the digest is the one that was written. */
static bool
is_as_written(struct rf_reading *reading, const struct rf_shard_file *file, uint32_t shard)
{
    char wanted[RF_SHA256_HEX_BYTES];
    char hex[RF_SHA256_HEX_BYTES];
    const size_t lead = strlen("," LEAD_INNER);
    uint32_t digest = rf_reading_member(reading, shard, "digest", RF_JSON_STRING, true);
    rf_reading_hex(reading, shard, "digest", RF_SHA256_HEX_BYTES - 1, wanted);
    size_t start = digest == RF_JSON_NONE ? 0 : file->doc.nodes[digest - 1].start; /* of its name */
    if (start < lead) {
        return false;
    }
    rf_sha256_make(file->text.bytes, start - lead, hex);
    return strcmp(hex, wanted) == 0;
}

static rf_code
read_all(struct rf_reading *reading, struct rf_shard_file *file, struct rf_err *reterr)
{
    uint32_t shard;
    RF_TRY(check_kind(reading, file, &shard, reterr));
    if (!is_as_written(reading, file, shard)) {
        return fail_damaged(file, "its digest is not that of its text", reterr);
    }
    read_flags(reading, &file->flags);
    read_shard(reading, shard, file);
    read_proof(reading, file);
    rf_reading_conduct(reading, file);
    read_history(reading, file);
    read_purity(reading, file);
    rf_reading_findings(reading, &file->notes);
    file->unloaded = rf_reading_texts(reading, 0, "unloaded");
    rf_reading_damages(reading, file);
    rf_reading_audit(reading, shard, &file->audit, &file->notes);
    read_timing(reading, file);
    if (reading->flaw != NULL) {
        char *why = rf_format("\"%s\" is missing, or is not what it should be", reading->flaw);
        rf_code code = fail_damaged(file, why, reterr);
        free(why);
        return code;
    }
    const struct rf_run_shard *place = &file->shard.place;
    if (place->k < 1 || place->k > place->n || place->n > RF_SHARDS_MOST) {
        return fail_damaged(file, "it is of no shard", reterr);
    }
    RF_TRY(check_end(reading, file, reterr));
    return check_counts(reading, file, reterr);
}

/** Values of states lie some values deep in a report, and states may be as deep as the limit. What
 * refold wrote itself is not held to the limit of records. */
static rf_code
read_document(struct rf_shard_file *file, struct rf_err *reterr)
{
    uint64_t depth = rf_limits.json_depth;
    enum rf_depth_raiser raiser = rf_depth_raiser;
    rf_limits.json_depth = RF_LIMIT_JSON_DEPTH_MOST;
    rf_depth_raiser = RF_DEPTH_NOTHING;
    rf_code code = rf_json_read_whole(&file->doc, file->text.bytes, file->text.used, reterr);
    rf_limits.json_depth = depth;
    rf_depth_raiser = raiser;
    return code;
}

rf_code
rf_shard_file_read(const char *path, struct rf_shard_file *ret, struct rf_err *reterr)
{
    struct rf_reading reading = {.doc = &ret->doc};
    struct rf_err broken;
    *ret = (struct rf_shard_file){.path = path};
    if (rf_file_read(path, &ret->text, &broken) != RF_OK) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "%s", broken.text);
    }
    if (read_document(ret, &broken) != RF_OK) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "is no JSON report: %s at byte %" PRIu64 "; run this shard again",
                       broken.text, broken.offset_bytes);
    }
    rf_code code = read_all(&reading, ret, reterr);
    rf_buf_done(&reading.scratch);
    return code;
}

void
rf_shard_file_done(struct rf_shard_file *file)
{
    for (size_t i = 0; i < file->build_count; i++) {
        rf_build_free(file->builds[i]);
    }
    free(file->builds);
    rf_ingest_result_done(&file->ingested);
    rf_notes_done(&file->notes);
    rf_unclaimed_done(&file->unclaimed);
    rf_texts_done(&file->unloaded);
    rf_texts_done(&file->loaded);
    rf_damages_done(&file->damages);
    rf_shard_audit_done(&file->audit);
    rf_texts_done(&file->absent);
    rf_texts_done(&file->warnings);
    free(file->envelope_hint);
    free(file->options);
    free(file->again);
    free(file->again_run);
    free(file->again_bless);
    free(file->again_show);
    free(file->again_review);
    free(file->again_types);
    rf_json_done(&file->doc);
    rf_buf_done(&file->text);
}
