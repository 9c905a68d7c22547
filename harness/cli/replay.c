/* SPDX-License-Identifier: MIT */
/* The way of the data that run and bless share. */
#include "cli/replay.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/memfile.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/typo.h"

static double
monotonic_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void
rf_replay_begin(struct rf_replay *replay, struct rf_settings *settings)
{
    *replay = (struct rf_replay){.settings = settings, .started = monotonic_seconds()};
    replay->flags.no_compare = settings->no_compare || settings->verb == RF_VERB_BLESS;
}

double
rf_replay_seconds(const struct rf_replay *replay)
{
    return monotonic_seconds() - replay->started;
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

/** Where a signal came, what failed then did so for it: workers are killed first. */
static void
end_by_signal(struct rf_replay *replay, int signal_number)
{
    replay->flags.signal = signal_number;
    replay->ended_early = false;
    free(replay->error);
    replay->error = rf_format("ended by signal %d", signal_number);
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

/* ---- builds and claims ----------------------------------------------------------------------- */

/** What a claim's questions are answered from. */
struct claim_context {
    const struct rf_build *build;
    const struct rf_aggregate_config *config;
};

static bool
claim_declares(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    return rf_build_declares(claim->build, type, type_bytes);
}

static bool
claim_skips(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    for (size_t i = 0; claim->config != NULL && i < claim->config->skip_count; i++) {
        const char *skipped = claim->config->skips[i].type;
        if (strlen(skipped) == type_bytes && memcmp(skipped, type, type_bytes) == 0) {
            return true;
        }
    }
    return false;
}

static rf_code
check_builds(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct rf_build *a = replay->builds[j];
            const struct rf_build *b = replay->builds[i];
            if (strcmp(a->name, b->name) == 0) {
                return rf_fail(reterr, RF_ERR_USAGE, b->path,
                               "is aggregate '%s', and so is %s: load one of them", b->name,
                               a->path);
            }
            if (a->takes_all && b->takes_all) {
                return rf_fail(reterr, RF_ERR_USAGE, b->path,
                               "takes all types (\"*\"), and so does %s: load one of them",
                               a->path);
            }
        }
    }
    return RF_OK;
}

static rf_code
open_builds(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    replay->builds = rf_calloc(settings->plugin_count, sizeof(*replay->builds));
    replay->claims = rf_calloc(settings->plugin_count, sizeof(*replay->claims));
    for (size_t i = 0; i < settings->plugin_count; i++) {
        RF_TRY(rf_build_open(settings->plugins[i], &replay->builds[i], reterr));
        replay->build_count = i + 1;
        struct claim_context *context = rf_calloc(1, sizeof(*context));
        context->build = replay->builds[i];
        context->config = rf_config_aggregate(&settings->config, replay->builds[i]->name);
        replay->claims[i] = (struct rf_claim){
            .name = replay->builds[i]->name,
            .takes_all = replay->builds[i]->takes_all,
            .first_version = context->config == NULL ? 1 : context->config->first,
            .declares = claim_declares,
            .skips = claim_skips,
            .context = context,
        };
    }
    return check_builds(replay, reterr);
}

/* ---- before anything is read ----------------------------------------------------------------- */

/** A thread's work: the goldens are read while the objects are. */
struct rf_golden_reading {
    pthread_t thread;
    bool threaded; /**< else it was done at once, where no thread could be had */
    const char *folder;
    struct rf_goldens goldens;
    struct rf_damages damages;
    rf_code code;
    struct rf_err err;
};

static void *
read_goldens(void *context)
{
    struct rf_golden_reading *reading = context;
    reading->code =
        rf_goldens_open(reading->folder, &reading->goldens, &reading->damages, &reading->err);
    return NULL;
}

static rf_code
begin_goldens(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    size_t count = 0;
    if (settings->no_compare) {
        return RF_OK;
    }
    RF_TRY(rf_goldens_count(settings->golden, &count, reterr));
    if (settings->verb == RF_VERB_RUN && count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, settings->golden,
                       "no golden here to compare with; fold only, with --no-compare, or accept "
                       "today's states:  refold bless%s%s",
                       settings->again_bless[0] == '\0' ? "" : " ", settings->again_bless);
    }
    replay->reading = rf_calloc(1, sizeof(*replay->reading));
    replay->reading->folder = settings->golden;
    replay->reading->threaded =
        pthread_create(&replay->reading->thread, NULL, read_goldens, replay->reading) == 0;
    if (!replay->reading->threaded) {
        (void)read_goldens(replay->reading);
    }
    return RF_OK;
}

/** Takes over what the thread has read. */
static rf_code
end_goldens(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_golden_reading *reading = replay->reading;
    if (reading == NULL) {
        return RF_OK;
    }
    if (reading->threaded) {
        (void)pthread_join(reading->thread, NULL);
    }
    rf_code code = reading->code;
    *reterr = reading->err;
    replay->goldens = reading->goldens;
    rf_damages_join(&replay->damages, &reading->damages);
    rf_damages_done(&reading->damages);
    free(reading);
    replay->reading = NULL;
    return code;
}

rf_code
rf_replay_goldens(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(end_goldens(replay, reterr));
    for (size_t i = 0; i < replay->goldens.count; i++) {
        if (replay->goldens.items[i].edited) {
            rf_replay_warn(replay,
                           "%s was edited by hand: its digest is not the one in its meta file",
                           replay->goldens.items[i].path);
        }
    }
    return RF_OK;
}

static rf_code
walk(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    struct rf_walk_request request = {
        .sources = settings->sources,
        .source_count = settings->source_count,
        .until = settings->until,
        .layout = settings->config.layout,
    };
    RF_TRY(rf_walk(&request, &replay->objects, reterr));
    if (replay->objects.hourless > 0) {
        bool alone = replay->objects.hourless == 1;
        rf_replay_warn(replay, "%llu object%s no hour folder and %s left out%s %s",
                       (unsigned long long)replay->objects.hourless,
                       alone ? " lies in" : "s lie in", alone ? "was" : "were",
                       alone ? ":" : ", the first is", replay->objects.hourless_sample);
    }
    return RF_OK;
}

rf_selects_function *
rf_replay_selects(const struct rf_replay *replay)
{
    return replay->settings->ids == NULL ? NULL : rf_ids_has;
}

static void
make_rules(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    replay->rules = (struct rf_gather_rules){
        .claims = replay->claims,
        .claim_count = replay->build_count,
        .has_as_of = settings->as_of_text != NULL,
        .as_of = settings->as_of,
        .until = settings->until != NULL,
        .selects = settings->ids == NULL ? NULL : rf_ids_meet,
        .select_context = settings->ids,
        .everything = settings->verb == RF_VERB_TYPES,
    };
}

/** Someone may have forgotten -a. */
static void
warn_sources(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    for (size_t i = 0; i < settings->source_count; i++) {
        if (rf_looks_like_aggregate(settings->sources[i])) {
            rf_replay_warn(replay,
                           "%s looks like an aggregate; it is read as history, put -a in "
                           "front to load it",
                           settings->sources[i]);
        }
    }
}

static bool
is_loaded(const struct rf_replay *replay, const char *name)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        if (replay->builds[i]->takes_all || strcmp(replay->builds[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/** @where  what names it: for the message */
static void
warn_name(struct rf_replay *replay, const char *where, const char *name, bool only_typos)
{
    const char **names = rf_calloc(replay->build_count + 1, sizeof(*names));
    for (size_t i = 0; i < replay->build_count; i++) {
        names[i] = replay->builds[i]->name;
    }
    const char *nearest = rf_typo_nearest(name, names);
    if (nearest != NULL) {
        rf_replay_warn(replay, "%s%s: no such aggregate is loaded; did you mean %s?", where, name,
                       nearest);
    } else if (!only_typos) {
        rf_replay_warn(replay, "%s%s: no such aggregate is loaded", where, name);
    }
    free(names);
}

static bool
is_plugin_used(const struct rf_settings *settings, const char *plugin)
{
    for (size_t i = 0; i < settings->plugin_count; i++) {
        if (settings->plugins[i] == plugin) {
            return true;
        }
    }
    return false;
}

/** Names of aggregates in the config and in --ignore that do nothing. A part of the config whose
 * plugin -a has put aside is meant for another day. */
static void
warn_names(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    const struct rf_config *config = &settings->config;
    for (size_t i = 0; i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        if (!is_loaded(replay, aggregate->name)) {
            char *where = rf_format("%s: /aggregates/", config->path);
            warn_name(replay, where, aggregate->name,
                      aggregate->plugin != NULL && !is_plugin_used(settings, aggregate->plugin));
            free(where);
        }
    }
    for (size_t i = 0; i < settings->ignore_count; i++) {
        const char *name = settings->ignores[i].aggregate;
        if (name != NULL && rf_config_aggregate(config, name) == NULL && !is_loaded(replay, name)) {
            warn_name(replay, "--ignore ", name, false);
        }
    }
}

/** A variable that someone set long ago may narrow what is compared: that is said each time. */
static void
warn_of_environment(struct rf_replay *replay)
{
    static const enum rf_option_id narrowing[] = {RF_OPT_UNTIL, RF_OPT_AS_OF,  RF_OPT_ID,
                                                  RF_OPT_IDS,   RF_OPT_IGNORE, RF_OPT_NO_COMPARE,
                                                  RF_OPT_TYPE};
    const char *done = replay->settings->verb == RF_VERB_TYPES ? "listed" : "compared";
    for (size_t i = 0; i < sizeof(narrowing) / sizeof(narrowing[0]); i++) {
        if (replay->settings->arguments->given[narrowing[i]].from_environment) {
            rf_replay_warn(replay, "--%s comes from the environment and narrows what is %s",
                           rf_options[narrowing[i]].name, done);
        }
    }
}

rf_code
rf_replay_open(struct rf_replay *replay, struct rf_err *reterr)
{
    warn_of_environment(replay);
    rf_memfile_set_budget(replay->settings->memory_bytes);
    warn_sources(replay);
    RF_TRY(open_builds(replay, reterr));
    warn_names(replay);
    make_rules(replay);
    RF_TRY(begin_goldens(replay, reterr));
    RF_TRY(walk(replay, reterr));
    replay->opened = true;
    return RF_OK;
}

/* ---- reading and folding --------------------------------------------------------------------- */

static uint64_t
total_bytes(const struct rf_objects *objects)
{
    uint64_t total = 0;
    for (size_t i = 0; i < objects->count; i++) {
        total += objects->items[i].bytes == RF_BYTES_UNKNOWN ? 0 : objects->items[i].bytes;
    }
    return total;
}

rf_code
rf_replay_ingest(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    rf_progress_start(&replay->progress, settings->progress, replay->objects.count,
                      total_bytes(&replay->objects));
    const char **names = rf_calloc(replay->build_count, sizeof(*names));
    for (size_t i = 0; i < replay->build_count; i++) {
        names[i] = replay->builds[i]->name;
    }
    struct rf_ingest_request request = {
        .objects = &replay->objects,
        .envelope = &settings->envelope,
        .streams = settings->config.streams,
        .stream_count = settings->config.stream_count,
        .only_aggregate = replay->build_count == 1 ? replay->builds[0]->name : NULL,
        .aggregates = names,
        .aggregate_count = replay->build_count,
        .keep_partial = settings->keep_partial,
        .jobs = settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    rf_code code = rf_ingest(&request, &replay->history, &replay->ingested, reterr);
    free(names);
    rf_sums_join(&replay->sums, &replay->ingested.sums);
    rf_damages_join(&replay->damages, &replay->ingested.damages);
    return code;
}

/** An id that was asked for, and is not there, is a typo as a rule. */
static void
warn_absent_ids(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    struct rf_buf sample = {0};
    size_t absent = settings->ids == NULL ? 0 : rf_ids_unmet(settings->ids, &sample);
    const char *part = settings->until == NULL ? "" : " that --until selects";
    if (absent == 1) {
        rf_replay_warn(replay, "no instance %s in the history%s", rf_buf_text(&sample), part);
    } else if (absent > 1) {
        rf_replay_warn(replay, "%zu of the ids asked for are not in the history%s: %s", absent,
                       part, rf_buf_text(&sample));
    }
    rf_buf_done(&sample);
}

/** What was found in all events, added to what was found in all objects. */
static void
join_folded(struct rf_replay *replay)
{
    rf_sums_join(&replay->sums, &replay->folded.sums);
    rf_damages_join(&replay->damages, &replay->folded.damages);
}

/** Whether it can be believed. */
static rf_code
check_folded(struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        RF_TRY(rf_build_check(replay->builds[i], reterr));
    }
    RF_TRY(rf_sums_check(&replay->sums, reterr));
    warn_absent_ids(replay);
    return RF_OK;
}

rf_code
rf_replay_fold(struct rf_replay *replay, const struct rf_fold_sink *sink, struct rf_err *reterr)
{
    rf_progress_events(&replay->progress, "folding", replay->sums.events);
    struct rf_fold_request request = {
        .history = replay->history,
        .rules = &replay->rules,
        .builds = replay->builds,
        .sink = sink,
        .jobs = replay->settings->jobs,
        .timeout_ms = replay->settings->timeout_ms,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    rf_code code = rf_fold(&request, &replay->folded, reterr);
    rf_progress_stop(&replay->progress);
    join_folded(replay);
    RF_TRY(code);
    return check_folded(replay, reterr);
}

rf_code
rf_replay_survey(struct rf_replay *replay, const struct rf_catalog_wish *wish,
                 struct rf_catalog **ret, struct rf_err *reterr)
{
    rf_progress_events(&replay->progress, "listing", replay->sums.events);
    struct rf_survey_request request = {
        .history = replay->history,
        .rules = &replay->rules,
        .wish = *wish,
        .jobs = replay->settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    struct rf_survey_result found;
    rf_code code = rf_survey(&request, &found, reterr);
    rf_progress_stop(&replay->progress);
    *ret = found.catalog;
    replay->folded = (struct rf_fold_result){
        .sums = found.sums,
        .damages = found.damages,
        .counts = found.counts,
    };
    join_folded(replay);
    RF_TRY(code);
    return check_folded(replay, reterr);
}

/* ---- judging and reporting ------------------------------------------------------------------- */

void
rf_replay_judge_damage(struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        uint64_t total = replay->damages.totals[i];
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
    rf_code unread = end_goldens(replay, &ignored);
    (void)unread; /* the run has failed before; only the thread must end */
    rf_findings_done(&replay->findings);
    rf_damages_done(&replay->damages);
    rf_damages_done(&replay->folded.damages);
    rf_ingest_result_done(&replay->ingested);
    rf_history_free(replay->history);
    rf_objects_done(&replay->objects);
    rf_goldens_done(&replay->goldens);
    for (size_t i = 0; i < replay->build_count; i++) {
        rf_build_free(replay->builds[i]);
        free((void *)(uintptr_t)replay->claims[i].context);
    }
    free(replay->builds);
    free(replay->claims);
    for (size_t i = 0; i < replay->warning_count; i++) {
        free(replay->warnings[i]);
    }
    free(replay->warnings);
    free(replay->error);
}
