/* SPDX-License-Identifier: MIT */
/* The JSON report: contract.md, "JSON report"; schema/report.schema.json. */
#include "reports/json_list.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/limits.h"

/* Written by hand, member by member in the contract's order, so that the text is the same for every
 * library version, one entry stands on one line, and states pass through as they are: no number is
 * read and printed again. What does not apply is left out. */

void
rf_json_multiset(struct list *list, const char *name, const struct rf_multiset *set)
{
    name_item(list, name);
    rf_buf_format(list->out, "\"%016" PRIx64 "%016" PRIx64 "\"", set->sum, set->mixed);
}

void
rf_json_hex(struct list *list, const char *name, uint64_t hash)
{
    name_item(list, name);
    rf_buf_format(list->out, "\"%016" PRIx64 "\"", hash);
}

void
rf_json_texts(struct list *list, const char *name, const char *const *texts, size_t count,
              const char *lead, const char *end)
{
    name_item(list, name);
    struct list items = list_begin(list->out, '[', lead);
    for (size_t i = 0; i < count; i++) {
        next_item(&items);
        rf_escape_json(items.out, texts[i], strlen(texts[i]));
    }
    list_end(&items, ']', end);
}

/* ---- the verdict ---- */

static void
put_verdict(struct list *top, const struct rf_report *report)
{
    const struct rf_flags *flags = &report->flags;
    put_count(top, "format", 1);
    put_text(top, "verb", report->verb);
    put_text(top, "verdict", rf_verdict_name(flags));
    put_integer(top, "exit", rf_verdict_exit(flags));
    put_flag(top, "changed", flags->changed);
    put_flag(top, "damaged", flags->damaged);
    put_flag(top, "incomplete", flags->incomplete);
    put_flag(top, "nothing", flags->nothing);
    put_flag(top, "untrusted", flags->untrusted);
    put_flag(top, "unwritten", flags->unwritten);
    put_flag(top, "internal", flags->internal);
    put_text(top, "error", report->error);
}

/* `role` may be NULL. */
static void
put_build(struct list *builds, const char *role, const struct rf_build *build)
{
    next_item(builds);
    struct list entry = list_begin(builds->out, '{', LEAD_NONE);
    put_text(&entry, "role", role);
    put_text(&entry, "aggregate", build->name);
    /* As it was given: what was compiled from it lies in a folder that differs each run. */
    put_text(&entry, "file", build->path);
    put_text(&entry, "sha256", build->sha256);
    list_end(&entry, '}', LEAD_NONE);
}

void
rf_json_builds(struct list *list, const struct rf_report *report)
{
    name_item(list, "builds");
    struct list builds = list_begin(list->out, '[', LEAD_NONE);
    for (size_t i = 0; i < report->build_count; i++) {
        put_build(&builds, report->rivals == NULL ? NULL : "base", report->builds[i]);
        if (report->rivals != NULL && report->rivals[i] != NULL) {
            put_build(&builds, "head", report->rivals[i]);
        }
    }
    list_end(&builds, ']', LEAD_NONE);
}

static void
put_proof(struct list *top, const struct rf_report *report)
{
    name_item(top, "proof");
    struct list proof = list_begin(top->out, '{', LEAD_INNER);
    put_text(&proof, "refold", report->version);
    rf_json_builds(&proof, report);
    rf_json_held(&proof, report->builds, report->rivals, report->build_count);
    if (report->golden_digest[0] != '\0') {
        put_text(&proof, "golden", report->golden_digest);
    }
    rf_json_multiset(&proof, "history", &report->findings->history);
    rf_json_multiset(&proof, "compared", &report->findings->compared);
    list_end(&proof, '}', LEAD_TOP);
}

/** Of digest goldens: how much of their lines was needed. */
static void
put_golden_lines(struct list *top, const struct rf_report *report)
{
    const struct rf_lines_use *lines = &report->findings->lines;
    if (lines->shards == 0) {
        return;
    }
    name_item(top, "golden_lines");
    struct list entry = list_begin(top->out, '{', LEAD_NONE);
    put_count(&entry, "shards", lines->shards);
    put_count(&entry, "shards_read", lines->shards_read);
    put_count(&entry, "shards_unread", lines->shards_unread);
    put_count(&entry, "lines", lines->lines);
    put_count(&entry, "lines_read", lines->lines_read);
    put_count(&entry, "bytes_read", lines->bytes_read);
    list_end(&entry, '}', LEAD_NONE);
}

/* ---- the history ---- */

void
rf_json_sums(struct list *history, const struct rf_sums *sums)
{
    put_count(history, "objects", sums->objects);
    put_count(history, "read", sums->read);
    put_count(history, "unreadable", sums->unreadable);
    put_count(history, "foreign", sums->foreign);
    put_count(history, "records", sums->records);
    put_count(history, "expanded", sums->expanded);
    put_count(history, "events", sums->events);
    put_count(history, "malformed", sums->malformed);
    put_count(history, "empty", sums->empty);
    for (int term = 0; term < RF_TERM_COUNT_; term++) {
        if (term != RF_TERM_ELSEWHERE || sums->terms[term] > 0) {
            put_count(history, rf_term_name((enum rf_term)term), sums->terms[term]);
        }
    }
}

void
rf_json_envelopes(struct list *history, const struct rf_decode_counts *counts)
{
    name_item(history, "envelopes");
    struct list envelopes = list_begin(history->out, '{', LEAD_NONE);
    for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
        if (counts->envelopes[kind] > 0) {
            put_count(&envelopes, rf_envelope_name((enum rf_envelope_kind)kind),
                      counts->envelopes[kind]);
        }
    }
    list_end(&envelopes, '}', LEAD_NONE);
}

static void
put_waived(struct list *history, const struct rf_report *report)
{
    name_item(history, "waived");
    struct list waived = list_begin(history->out, '{', LEAD_NONE);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        uint64_t count = rf_damages_new(report->damages, (enum rf_damage_kind)kind);
        if (report->damage_policies[kind] != RF_POLICY_ERROR && count > 0) {
            put_count(&waived, rf_damage_name((enum rf_damage_kind)kind), count);
        }
    }
    list_end(&waived, '}', LEAD_NONE);
}

void
rf_json_set_aside(struct list *history, const struct rf_report *report)
{
    rf_json_texts(history, "foreign_names", (const char *const *)report->ingested->foreign,
                  report->ingested->foreign_count, LEAD_NONE, LEAD_NONE);
    put_waived(history, report);
}

/** The loaded aggregates that declare every type of the events of a row, if there are such. */
static void
put_declaring(struct list *row, const struct rf_report *report, uint64_t fits)
{
    if (fits == 0) {
        return;
    }
    name_item(row, "declared_by");
    struct list names = list_begin(row->out, '[', LEAD_NONE);
    for (size_t i = 0; i < report->build_count && i < 64; i++) {
        if ((fits >> i & 1) != 0) {
            next_item(&names);
            rf_escape_json(names.out, report->builds[i]->name, strlen(report->builds[i]->name));
        }
    }
    list_end(&names, ']', LEAD_NONE);
}

/** Of a shard all: only a merge knows which are listed. */
static void
put_unclaimed(struct list *history, const struct rf_report *report)
{
    const struct rf_unclaimed *unclaimed = report->unclaimed;
    bool whole = report->shard.place.n > 0 || unclaimed->count < rf_limits.listed;
    size_t listed = whole ? unclaimed->count : (size_t)rf_limits.listed;
    if (unclaimed->count == 0) {
        return;
    }
    name_item(history, "unclaimed_aggregates");
    struct list rows = list_begin(history->out, '[', LEAD_NONE);
    for (size_t i = 0; i < listed; i++) {
        next_item(&rows);
        struct list row = list_begin(history->out, '{', LEAD_NONE);
        put_text(&row, "name", unclaimed->rows[i].name);
        put_count(&row, "events", unclaimed->rows[i].events);
        put_declaring(&row, report, unclaimed->rows[i].fits);
        list_end(&row, '}', LEAD_NONE);
    }
    list_end(&rows, ']', LEAD_NONE);
}

static void
put_history(struct list *top, const struct rf_report *report)
{
    const struct rf_ingest_result *ingested = report->ingested;
    name_item(top, "history");
    struct list history = list_begin(top->out, '{', LEAD_INNER);
    rf_json_sums(&history, report->sums);
    put_count(&history, "bytes", report->counts->bytes);
    put_count(&history, "beyond", report->findings->beyond);
    put_count(&history, "gaps", report->gathered->gaps);
    put_count(&history, "odd_names", ingested->odd_names);
    if (ingested->hollow > 0) {
        put_count(&history, "hollow", ingested->hollow);
    }
    put_count(&history, "repeated_keys", ingested->counts.repeated_keys);
    if (report->gathered->versionless > 0) {
        put_count(&history, "without_versions", report->gathered->versionless);
        put_count(&history, "without_times", report->gathered->timeless);
        put_count(&history, "of_one_time", report->gathered->tied);
    }
    if (report->gathered->started > 0) {
        put_count(&history, "started", report->gathered->started);
        put_count(&history, "idle", report->gathered->idle);
        put_count(&history, "unverified", report->gathered->unverified);
    }
    rf_json_envelopes(&history, report->counts);
    put_unclaimed(&history, report);
    if (ingested->has_first) {
        put_time(&history, "first", ingested->first);
        put_time(&history, "last", ingested->last);
    }
    rf_json_set_aside(&history, report);
    list_end(&history, '}', LEAD_TOP);
}

/** How much was folded in other worlds too; left out where none was to be. */
static void
put_purity(struct list *top, const struct rf_report *report)
{
    if (report->purity == RF_PURITY_OFF) {
        return;
    }
    name_item(top, "purity");
    struct list purity = list_begin(top->out, '{', LEAD_NONE);
    put_text(&purity, "mode", rf_purity_name(report->purity));
    put_count(&purity, "examined", report->examined);
    put_count(&purity, "instances", report->gathered->instances);
    list_end(&purity, '}', LEAD_NONE);
}

/* ---- what was found ---- */

static void
put_tally(struct list *tallies, const struct rf_tally *tally)
{
    next_item(tallies);
    struct list entry = list_begin(tallies->out, '{', LEAD_NONE);
    put_text(&entry, "name", tally->name);
    put_count(&entry, "instances", tally->instances);
    put_count(&entry, "events", tally->events);
    put_count(&entry, "compared", tally->compared);
    put_count(&entry, "same", tally->same);
    put_count(&entry, "changed", tally->changed);
    put_count(&entry, "unblessed", tally->unblessed);
    put_count(&entry, "missing", tally->missing);
    put_count(&entry, "uncompared", tally->uncompared);
    put_count(&entry, "cut_short", tally->cut_short);
    put_count(&entry, "rejected", tally->rejected);
    put_count(&entry, "crashed", tally->crashed);
    put_count(&entry, "hung", tally->hung);
    put_count(&entry, "impure", tally->impure);
    put_count(&entry, "ignored_only", tally->ignored_only);
    if (tally->as_snapshot > 0) {
        put_count(&entry, "as_snapshot", tally->as_snapshot);
    }
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_cluster(struct list *clusters, const struct rf_cluster *cluster)
{
    next_item(clusters);
    struct list entry = list_begin(clusters->out, '{', LEAD_NONE);
    put_text(&entry, "key", cluster->key);
    put_text(&entry, "aggregate", cluster->aggregate);
    put_text(&entry, "kind", rf_difference_name(cluster->kind));
    put_bytes(&entry, "event", cluster->event, cluster->event_bytes);
    rf_json_texts(&entry, "paths", (const char *const *)cluster->paths, cluster->path_count,
                  LEAD_NONE, LEAD_NONE);
    put_value(&entry, "from", cluster->from);
    put_value(&entry, "to", cluster->to);
    put_count(&entry, "count", cluster->count);
    name_item(&entry, "samples");
    struct list samples = list_begin(entry.out, '[', LEAD_NONE);
    for (size_t i = 0; i < cluster->sample_count; i++) {
        next_item(&samples);
        rf_escape_json(samples.out, cluster->samples[i], cluster->sample_bytes[i]);
    }
    list_end(&samples, ']', LEAD_NONE);
    if (cluster->data_count > 0) {
        put_count(&entry, "data", cluster->data_count);
    }
    list_end(&entry, '}', LEAD_NONE);
}

void
rf_json_changes(struct list *entry, const struct rf_changes *changes)
{
    name_item(entry, "changes");
    struct list list = list_begin(entry->out, '[', LEAD_NONE);
    for (size_t i = 0; i < changes->count; i++) {
        const struct rf_change *change = &changes->items[i];
        next_item(&list);
        struct list one = list_begin(list.out, '{', LEAD_NONE);
        put_text(&one, "op", rf_change_name(change->op));
        put_text(&one, "path", change->path);
        put_value(&one, "value", change->value);
        put_value(&one, "old", change->old);
        list_end(&one, '}', LEAD_NONE);
    }
    list_end(&list, ']', LEAD_NONE);
}

static void
put_suspect(struct list *entry, const struct rf_suspect *suspect)
{
    if (suspect->basis == RF_BASIS_NONE) {
        return;
    }
    name_item(entry, "suspect");
    struct list one = list_begin(entry->out, '{', LEAD_NONE);
    put_text(&one, "basis", rf_basis_name(suspect->basis));
    put_integer(&one, "version", suspect->version);
    put_bytes(&one, "type", suspect->type, suspect->type_bytes);
    if (suspect->has_at) {
        put_time(&one, "at", suspect->at);
    }
    put_text(&one, "object", suspect->object);
    put_count(&one, "offset", suspect->offset);
    list_end(&one, '}', LEAD_NONE);
}

static void
put_difference(struct list *differences, const struct rf_difference *difference)
{
    next_item(differences);
    struct list entry = list_begin(differences->out, '{', LEAD_NONE);
    put_text(&entry, "aggregate", difference->aggregate);
    put_bytes(&entry, "id", difference->id, difference->id_bytes);
    put_integer(&entry, "version", difference->version);
    put_text(&entry, "kind", rf_difference_name(difference->kind));
    if (difference->cause != RF_CAUSE_NONE) {
        put_text(&entry, "cause", difference->cause == RF_CAUSE_CODE ? "code" : "data");
    }
    put_text(&entry, "cluster", difference->cluster[0] == '\0' ? NULL : difference->cluster);
    rf_json_changes(&entry, &difference->changes);
    if (difference->changes_total > difference->changes.count) {
        put_count(&entry, "changes_total", difference->changes_total);
    }
    put_suspect(&entry, &difference->suspect);
    if (difference->meets_again) {
        put_integer(&entry, "meets_again", difference->meets_version);
    }
    put_text(&entry, "message", difference->message);
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_damage(struct list *list, const struct rf_report *report, const struct rf_damage *damage)
{
    next_item(list);
    struct list entry = list_begin(list->out, '{', LEAD_NONE);
    put_text(&entry, "kind", rf_damage_name(damage->kind));
    put_flag(&entry, "known", damage->known);
    put_text(&entry, "reason", damage->reason);
    if (!damage->known && report->damage_policies[damage->kind] != RF_POLICY_ERROR) {
        put_flag(&entry, "waived", true);
    }
    put_text(&entry, "object", damage->object);
    if (damage->has_offset) {
        put_count(&entry, "offset", damage->offset);
    }
    put_text(&entry, "aggregate", damage->aggregate);
    put_bytes(&entry, "id", damage->id, damage->id_bytes);
    if (damage->has_version) {
        put_integer(&entry, "version", damage->version);
    }
    put_text(&entry, "message", damage->message);
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_findings(struct list *top, const struct rf_report *report)
{
    const struct rf_findings *findings = report->findings;
    name_item(top, "aggregates");
    struct list list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < findings->tally_count; i++) {
        put_tally(&list, &findings->tallies[i]);
    }
    list_end(&list, ']', LEAD_TOP);
    name_item(top, "clusters");
    list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < findings->cluster_count; i++) {
        put_cluster(&list, &findings->clusters[i]);
    }
    list_end(&list, ']', LEAD_TOP);
    put_count(top, "differences_total", findings->differences_total);
    name_item(top, "differences");
    list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < findings->difference_count; i++) {
        put_difference(&list, &findings->differences[i]);
    }
    list_end(&list, ']', LEAD_TOP);
}

void
rf_json_damages(struct list *top, const struct rf_report *report)
{
    uint64_t total = 0;
    uint64_t known = 0;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        total += report->damages->totals[kind];
        known += report->damages->known[kind];
    }
    put_count(top, "damage_total", total);
    if (known > 0) {
        put_count(top, "damage_known", known);
    }
    name_item(top, "damage");
    struct list list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < report->damages->count; i++) {
        put_damage(&list, report, &report->damages->items[i]);
    }
    list_end(&list, ']', LEAD_TOP);
}

/* ---- the rest ---- */

static void
put_blessed_part(struct list *list, const struct rf_bless_part *part)
{
    next_item(list);
    struct list entry = list_begin(list->out, '{', LEAD_NONE);
    put_text(&entry, "name", part->aggregate);
    put_count(&entry, "added", part->counts.added);
    put_count(&entry, "changed", part->counts.changed);
    put_count(&entry, "unchanged", part->counts.unchanged);
    put_count(&entry, "removed", part->counts.removed);
    put_count(&entry, "kept", part->counts.kept);
    put_count(&entry, "unfit", part->counts.unfit);
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_blessed(struct list *top, const struct rf_report *report)
{
    const struct rf_bless_summary *blessed = report->blessed;
    if (blessed == NULL) {
        return;
    }
    name_item(top, "blessed");
    struct list entry = list_begin(top->out, '{', LEAD_NONE);
    put_count(&entry, "added", blessed->added);
    put_count(&entry, "changed", blessed->changed);
    put_count(&entry, "unchanged", blessed->unchanged);
    put_count(&entry, "removed", blessed->removed);
    put_count(&entry, "kept", blessed->kept);
    put_count(&entry, "unfit", blessed->unfit);
    put_count(&entry, "files", blessed->files);
    put_count(&entry, "declined", blessed->declined);
    if (report->damages_accepted > 0) {
        put_count(&entry, "damage_accepted", report->damages_accepted);
    }
    put_flag(&entry, "dry_run", report->dry_run);
    name_item(&entry, "aggregates");
    struct list parts = list_begin(entry.out, '[', LEAD_NONE);
    for (size_t i = 0; i < report->part_count; i++) {
        put_blessed_part(&parts, &report->parts[i]);
    }
    list_end(&parts, ']', LEAD_NONE);
    list_end(&entry, '}', LEAD_NONE);
}

void
rf_json_warnings(struct list *top, const struct rf_report *report)
{
    rf_json_texts(top, "warnings", report->warnings, report->warning_count, LEAD_INNER, LEAD_TOP);
}

/** What servers were asked for: how often that had to be is no part of the result. */
static void
put_network(struct list *timing, const struct rf_net_counts *network)
{
    if (network->requests == 0) {
        return;
    }
    name_item(timing, "network");
    struct list counts = list_begin(timing->out, '{', LEAD_NONE);
    put_count(&counts, "requests", network->requests);
    put_count(&counts, "retries", network->retries);
    put_count(&counts, "bytes", network->bytes);
    list_end(&counts, '}', LEAD_NONE);
}

static void
put_stats(struct list *timing, const struct rf_report *report)
{
    if (!report->has_stats) {
        return;
    }
    name_item(timing, "cpu_ms");
    struct list stations = list_begin(timing->out, '{', LEAD_NONE);
    for (int i = 0; i < RF_STATION_COUNT_; i++) {
        put_count(&stations, rf_station_name((enum rf_station)i), report->stats[i] / 1000000);
    }
    list_end(&stations, '}', LEAD_NONE);
}

/* Milliseconds are written as integers: printf's decimal point depends on the locale. */
void
rf_json_timing(struct list *top, const struct rf_report *report)
{
    double seconds = report->seconds > 0 ? report->seconds : 0;
    double rate = seconds > 0 ? (double)report->sums->events / seconds : 0;
    uint64_t millis = (uint64_t)(seconds * 1000 + 0.5);
    name_item(top, "timing");
    struct list timing = list_begin(top->out, '{', LEAD_NONE);
    name_item(&timing, "seconds");
    rf_buf_format(timing.out, "%" PRIu64 ".%03" PRIu64, millis / 1000, millis % 1000);
    put_count(&timing, "events_per_second", rate < 1e18 ? (uint64_t)rate : 0);
    put_count(&timing, "peak_bytes", report->peak_bytes);
    put_network(&timing, &report->network);
    put_stats(&timing, report);
    list_end(&timing, '}', LEAD_NONE);
}

void
rf_report_json(const struct rf_report *given, struct rf_buf *out)
{
    const struct rf_report filled = rf_report_filled(given);
    const struct rf_report *report = &filled;
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_verdict(&top, report);
    put_proof(&top, report);
    put_golden_lines(&top, report);
    put_history(&top, report);
    put_purity(&top, report);
    put_findings(&top, report);
    rf_json_damages(&top, report);
    rf_json_texts(&top, "unloaded", (const char *const *)report->findings->unloaded,
                  report->findings->unloaded_count, LEAD_INNER, LEAD_TOP);
    rf_json_audit(&top, report);
    rf_json_conduct(&top, report->builds, report->rivals, report->build_count);
    rf_json_warnings(&top, report);
    put_blessed(&top, report);
    rf_json_shard(&top, report);
    rf_json_timing(&top, report);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}
