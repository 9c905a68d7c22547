/* SPDX-License-Identifier: MIT */
/* The way of the data that the verbs share, from begin to done; its parts: replay_builds.c,
 * replay_identify.c, replay_early.c, replay_goldens.c, replay_walk.c, replay_streams.c,
 * replay_pointers.c, replay_specimen.c, replay_guess.c, replay_unclaimed.c, replay_unseen.c,
 * replay_fold.c, replay_report.c. */
#include "cli/replay.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/stopwatch.h"
#include "cli/audit.h"
#include "cli/certify.h"
#include "cli/from.h"
#include "cli/interrupt.h"
#include "cli/known.h"
#include "cli/names.h"
#include "cli/private.h"
#include "cli/replay_internal.h"
#include "cli/say.h"
#include "host/limits.h"

static void
select_shard(void *shards, const char *id, size_t bytes)
{
    ((bool *)shards)[rf_shard_of(id, bytes)] = true;
}

void
rf_replay_begin(struct rf_replay *replay, struct rf_settings *settings)
{
    *replay = (struct rf_replay){.settings = settings, .started = rf_clock_seconds()};
    bool compares = settings->verb == RF_VERB_RUN || settings->verb == RF_VERB_COMPARE ||
                    rf_runs_subcommand(settings, RF_SUBCOMMAND_PROVE);
    replay->flags.no_compare = settings->no_compare || !compares;
    rf_worker_set_memory(settings->aggregate_memory_bytes);
    if (settings->stats) {
        rf_stopwatch_start();
    }
    replay->selects = rf_replay_selects(replay);
    replay->select_context = settings->ids;
    if (settings->ids != NULL) {
        rf_ids_each(settings->ids, select_shard, replay->selected_shards);
    }
}

double
rf_replay_seconds(const struct rf_replay *replay)
{
    return rf_clock_seconds() - replay->started;
}

void
rf_replay_warn(struct rf_replay *replay, const char *format, ...)
{
    struct rf_buf text = {0};
    va_list args;
    va_start(args, format);
    char line[1024];
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    rf_buf_format(&text, "warning: %s", line);
    rf_say(rf_buf_text(&text));
    rf_buf_done(&text);
    replay->warnings =
        rf_realloc(replay->warnings, replay->warning_count + 1, sizeof(*replay->warnings));
    replay->warnings[replay->warning_count++] = rf_strdup(line);
}

/** How far it came: objects, and once all are read the events that are done. */
static void
add_reached(const struct rf_replay *replay, struct rf_buf *text)
{
    const struct rf_progress *progress = &replay->progress;
    uint64_t total = atomic_load(&progress->events_total);
    if (!replay->opened) {
        rf_buf_string(text, ", before anything was read");
        return;
    }
    rf_buf_format(text, ", %" PRIu64 " of %zu object%s read",
                  (uint64_t)atomic_load(&progress->counts.objects_done), replay->objects.count,
                  replay->objects.count == 1 ? "" : "s");
    if (total > 0) {
        rf_buf_format(text, ", %" PRIu64 " of %" PRIu64 " events done",
                      (uint64_t)atomic_load(&progress->counts.events_folded), total);
    }
}

/** Where a signal came, what failed then did so for it: workers are killed first. */
static void
end_by_signal(struct rf_replay *replay, int signal_number)
{
    struct rf_buf text = {0};
    replay->flags.signal = signal_number;
    replay->ended_early = false;
    rf_buf_format(&text, "ended by signal %d", signal_number);
    add_reached(replay, &text);
    free(replay->error);
    replay->error = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    rf_say(replay->error);
}

static void
keep_error(struct rf_replay *replay, const struct rf_err *err)
{
    if (replay->error == NULL) {
        replay->error =
            rf_format("%s%s%s", err->where, err->where[0] == '\0' ? "" : ": ", err->text);
    }
}

void
rf_replay_fail(struct rf_replay *replay, const struct rf_err *err)
{
    int signal_number = rf_interrupt_signal();
    rf_progress_stop(&replay->progress);
    if (signal_number != 0 && err->code != RF_ERR_OUTPUT) {
        end_by_signal(replay, signal_number);
        return;
    }
    switch (err->code) {
    case RF_ERR_USAGE:
        replay->flags.nothing = true;
        replay->ended_early = true;
        break;
    case RF_ERR_SOURCE:
        replay->flags.incomplete = true;
        break;
    case RF_ERR_OUTPUT:
        replay->flags.unwritten = true;
        break;
    case RF_ERR_CORRUPT:
    case RF_ERR_TRUNCATED:
    case RF_ERR_MALFORMED:
    case RF_ERR_LIMIT:
        replay->flags.damaged = true;
        break;
    case RF_OK:
    case RF_ERR_INTERNAL:
    case RF_ERR_INTERRUPTED:
        replay->flags.internal = true;
        break;
    }
    keep_error(replay, err);
    rf_say_error(err);
}

/* ---- before anything is read ----------------------------------------------------------------- */

/** A pack is read by buckets, whole: no event of it would be another shard's. */
static rf_code
check_packs(const struct rf_replay *replay, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const struct rf_settings *settings = replay->settings;
    for (size_t i = 0; settings->shard.n > 0 && i < replay->objects.count; i++) {
        if (replay->objects.items[i].pack != NULL) {
            return rf_fail(reterr, RF_ERR_USAGE,
                           rf_option_origin(settings->arguments, RF_OPT_SHARD, origin),
                           "does not go with a packed history: name the sources that it was made "
                           "of, or run all of it without --shard");
        }
    }
    return RF_OK;
}

rf_selects_function *
rf_replay_selects(const struct rf_replay *replay)
{
    return replay->settings->ids == NULL ? NULL : rf_ids_has;
}

rf_code
rf_replay_open(struct rf_replay *replay, struct rf_err *reterr)
{
    rf_replay_warn_early(replay);
    for (size_t i = 0; i < replay->settings->source_count; i++) {
        RF_TRY(rf_walk_check(replay->settings->sources[i], reterr));
    }
    RF_TRY(rf_replay_open_builds(replay, reterr));
    rf_names_warn(replay);
    rf_replay_warn_expired(replay);
    RF_TRY(rf_replay_open_known(replay, reterr));
    RF_TRY(rf_private_open(replay, reterr));
    RF_TRY(rf_names_check(replay, reterr));
    RF_TRY(rf_from_open(replay, reterr));
    RF_TRY(rf_replay_begin_goldens(replay, reterr));
    RF_TRY(rf_replay_walk(replay, reterr));
    rf_replay_check_streams(replay);
    RF_TRY(check_packs(replay, reterr));
    replay->opened = true;
    return RF_OK;
}

/* ---- reading --------------------------------------------------------------------- */

static uint64_t
total_bytes(const struct rf_objects *objects)
{
    uint64_t total = 0;
    for (size_t i = 0; i < objects->count; i++) {
        total += objects->items[i].bytes == RF_BYTES_UNKNOWN ? 0 : objects->items[i].bytes;
    }
    return total;
}

/** What was asked of servers that charge for it. */
static void
say_spent(const struct rf_replay *replay)
{
    for (size_t i = 0; i < replay->objects.source_count; i++) {
        const char *name;
        char *spent = rf_objects_spent(&replay->objects, i, &name);
        if (spent != NULL && replay->settings->verbosity >= 0) {
            char *line = rf_format("%s: %s", name, spent);
            rf_say(line);
            free(line);
        }
        free(spent);
    }
}

/** The names of all aggregates that may be told apart: an array of the caller's, of names that are
 * borrowed. */
static const char **
aggregate_names(const struct rf_replay *replay, size_t *ret_count)
{
    size_t claims = replay->rules.claim_count + replay->rules.unfolded_count;
    size_t count = claims + rf_from_name_count(replay->from);
    const char **names = rf_calloc(count, sizeof(*names));
    for (size_t i = 0; i < count; i++) {
        names[i] = i < claims ? replay->claims[i].name : rf_from_name(replay->from, i - claims);
    }
    *ret_count = count;
    return names;
}

/** The one whose events all are that name none. Who removes what has no events is not to take the
 * one that happens to be loaded for that. */
static const char *
only_aggregate(const struct rf_replay *replay)
{
    bool alone = replay->build_count == 1 && replay->unpaired_count == 0;
    return alone && !replay->surveys ? replay->builds[0]->name : NULL;
}

static struct rf_ingest_request
ingest_request(struct rf_replay *replay, const char *const *names, size_t name_count)
{
    const struct rf_settings *settings = replay->settings;
    return (struct rf_ingest_request){
        .objects = &replay->objects,
        .envelope = &settings->envelope,
        .pending_envelope = rf_from_envelope(replay->from),
        .streams = settings->config.streams,
        .stream_count = settings->config.stream_count,
        .only_aggregate = only_aggregate(replay),
        .aggregates = names,
        .aggregate_count = name_count,
        .selects = replay->selects,
        .select_context = replay->select_context,
        .shard = settings->shard,
        .only_id = replay->only_id,
        .facts = replay->facts,
        .identifiers = replay->identifiers,
        .keep_partial = settings->keep_partial,
        .errors = settings->errors,
        .known = replay->known,
        .memory_bytes = settings->memory_bytes,
        .jobs = settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
}

rf_code
rf_replay_ingest(struct rf_replay *replay, struct rf_err *reterr)
{
    rf_progress_start(&replay->progress, replay->settings->progress, replay->objects.count,
                      total_bytes(&replay->objects));
    RF_TRY(rf_from_check_pendings(replay->from, reterr));
    if (replay->keeps_facts) {
        replay->facts = rf_calloc(replay->objects.count, sizeof(*replay->facts));
    }
    size_t name_count;
    const char **names = aggregate_names(replay, &name_count);
    const struct rf_ingest_request request = ingest_request(replay, names, name_count);
    rf_code code = rf_ingest(&request, &replay->history, &replay->ingested, reterr);
    free(names);
    if (code == RF_OK) {
        code = rf_identifiers_check(replay->identifiers, reterr);
    }
    if (code == RF_OK) {
        code = rf_replay_check_pointers(replay, reterr);
    }
    if (code == RF_OK) {
        rf_from_begin(replay);
    }
    rf_sums_join(&replay->sums, &replay->ingested.sums);
    rf_damages_join(&replay->damages, &replay->ingested.damages);
    rf_private_hide_values(replay);
    if (code == RF_OK) {
        rf_replay_find_hint(replay);
        say_spent(replay);
    }
    rf_replay_warn_hollow(replay);
    rf_replay_warn_bare(replay);
    rf_replay_warn_texts(replay);
    rf_replay_warn_unproven(replay);
    return code;
}

/* ---- judging and reporting ------------------------------------------------------------------- */

void
rf_replay_judge_damage(struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    rf_replay_settle_known(replay);
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        uint64_t total = rf_damages_new(&replay->damages, (enum rf_damage_kind)i);
        if (total == 0) {
            continue;
        }
        if (config->damage_policies[i] == RF_POLICY_ERROR) {
            replay->flags.damaged = true;
        } else if (config->damage_policies[i] == RF_POLICY_WARN) {
            rf_replay_warn(replay, "damage of kind %s is waived by the config's policy; %llu found",
                           rf_damage_name((enum rf_damage_kind)i), (unsigned long long)total);
        }
    }
    uint64_t unclaimed = replay->sums.terms[RF_TERM_UNCLAIMED];
    if (unclaimed > 0 && config->unclaimed == RF_POLICY_ERROR) {
        replay->flags.damaged = true;
    }
    if (unclaimed > 0 && config->unclaimed != RF_POLICY_COUNT) {
        rf_replay_warn(replay, "%llu event%s of aggregates that are not loaded%s",
                       (unsigned long long)unclaimed, unclaimed == 1 ? "" : "s",
                       config->unclaimed == RF_POLICY_ERROR
                           ? "; the config's policy takes that for damage"
                           : "");
    }
    uint64_t unverified = replay->folded.counts.unverified;
    if (unverified > 0) {
        rf_replay_warn(
            replay,
            "%llu event%s at a version that the snapshot covers: whether it is a copy of "
            "the one that was folded only the whole history tells ('refold golden "
            "prove')",
            (unsigned long long)unverified, unverified == 1 ? "" : "s");
    }
    rf_replay_warn_unclaimed(replay);
    rf_replay_warn_taken(replay);
    rf_replay_warn_versionless(replay);
    rf_replay_warn_singles(replay);
    uint64_t half_named = replay->folded.counts.half_named;
    if (half_named > 0 && replay->rules.everything) {
        rf_replay_warn(replay,
                       "%llu id%s some events that name an aggregate and some that name none: they "
                       "are taken for two instances; say in the config's \"streams\" whose they "
                       "are",
                       (unsigned long long)half_named, half_named == 1 ? " has" : "s have");
    }
    uint64_t untold = replay->folded.counts.untold;
    if (untold > 0) {
        rf_replay_warn(replay,
                       "%llu instance%s with neither versions nor event ids: duplicates among the "
                       "events cannot be told",
                       (unsigned long long)untold, untold == 1 ? "" : "s");
    }
}

void
rf_replay_done(struct rf_replay *replay)
{
    struct rf_err ignored;
    rf_progress_stop(&replay->progress);
    rf_code unread = rf_replay_end_goldens(replay, &ignored);
    (void)unread; /* the run has failed before; only the thread must end */
    rf_findings_done(&replay->findings);
    rf_damages_done(&replay->damages);
    rf_damages_done(&replay->folded.damages);
    rf_unclaimed_done(&replay->folded.unclaimed);
    rf_ingest_result_done(&replay->ingested);
    rf_history_free(replay->history);
    free(replay->idle_streams);
    for (size_t i = 0; replay->facts != NULL && i < replay->objects.count; i++) {
        rf_facts_done(&replay->facts[i]);
    }
    free(replay->facts);
    rf_objects_done(&replay->objects);
    rf_goldens_done(&replay->goldens);
    rf_from_free(replay->from);
    rf_known_free(replay->known);
    rf_certify_free(replay->certify);
    rf_privacy_free(replay->privacy);
    rf_replay_close_identifiers(replay);
    for (size_t i = 0; i < replay->build_count; i++) {
        rf_build_free(replay->builds[i]);
        if (replay->rivals != NULL) {
            rf_build_free(replay->rivals[i]);
        }
        free((void *)(uintptr_t)replay->claims[i].context);
    }
    for (size_t i = 0; i < replay->unpaired_count; i++) {
        rf_build_free(replay->unpaired[i]);
        free((void *)(uintptr_t)replay->claims[replay->build_count + i].context);
    }
    free(replay->builds);
    free(replay->rivals);
    free(replay->unpaired);
    free(replay->claims);
    rf_skip_audits_free(replay->skips, replay->skip_count);
    for (size_t i = 0; i < replay->warning_count; i++) {
        free(replay->warnings[i]);
    }
    free(replay->warnings);
    free(replay->envelope_hint);
    for (size_t i = 0; i < replay->taken_count; i++) {
        free(replay->taken[i]);
    }
    free(replay->taken);
    free(replay->error);
}
