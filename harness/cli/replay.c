/* SPDX-License-Identifier: MIT */
/* The way of the data that run, bless and compare share. */
#include "cli/replay.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/memfile.h"
#include "base/typo.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "decode/gunzip.h"

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
    bool compares = settings->verb == RF_VERB_RUN || settings->verb == RF_VERB_COMPARE;
    replay->flags.no_compare = settings->no_compare || !compares;
    replay->selects = rf_replay_selects(replay);
    replay->select_context = settings->ids;
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
    const struct rf_build *rival; /**< or NULL: what only one build declares, the other refuses */
    const struct rf_aggregate_config *config;
};

static bool
claim_declares(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    return rf_build_declares(claim->build, type, type_bytes) ||
           (claim->rival != NULL && rf_build_declares(claim->rival, type, type_bytes));
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

/** A source is compiled: whoever interrupts that does not wait for the next one. */
static rf_code
open_build(const char *path, struct rf_build **ret, struct rf_err *reterr)
{
    if (atomic_load(&rf_interrupted)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    return rf_build_open(path, ret, reterr);
}

/** HEAD of compare, which takes BASE's place. */
static rf_code
open_rival(struct rf_replay *replay, size_t index, struct rf_err *reterr)
{
    const struct rf_build *base = replay->builds[index];
    RF_TRY(open_build(replay->settings->rivals[index], &replay->rivals[index], reterr));
    const struct rf_build *head = replay->rivals[index];
    if (strcmp(base->name, head->name) != 0) {
        return rf_fail(
            reterr, RF_ERR_USAGE, head->path,
            "is aggregate '%s', and %s is '%s': two builds of one aggregate are compared",
            head->name, base->path, base->name);
    }
    return RF_OK;
}

static rf_code
open_builds(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    /* One more: the claim without a build. */
    replay->builds = rf_calloc(settings->plugin_count + 1, sizeof(*replay->builds));
    replay->claims = rf_calloc(settings->plugin_count + 1, sizeof(*replay->claims));
    if (settings->rivals != NULL) {
        replay->rivals = rf_calloc(settings->plugin_count, sizeof(*replay->rivals));
    }
    for (size_t i = 0; i < settings->plugin_count; i++) {
        RF_TRY(open_build(settings->plugins[i], &replay->builds[i], reterr));
        replay->build_count = i + 1;
        if (replay->rivals != NULL) {
            RF_TRY(open_rival(replay, i, reterr));
        }
        struct claim_context *context = rf_calloc(1, sizeof(*context));
        context->build = replay->builds[i];
        context->rival = replay->rivals == NULL ? NULL : replay->rivals[i];
        context->config = rf_config_aggregate(&settings->config, replay->builds[i]->name);
        replay->claims[i] = (struct rf_claim){
            .name = replay->builds[i]->name,
            .takes_all = replay->builds[i]->takes_all ||
                         (context->rival != NULL && context->rival->takes_all),
            .first_version = context->config == NULL ? 1 : context->config->first,
            .declares = claim_declares,
            .skips = claim_skips,
            .context = context,
        };
    }
    return check_builds(replay, reterr);
}

static bool
declares_all(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return true;
}

static bool
skips_none(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return false;
}

/** Takes what no loaded aggregate claims; "" is the name of what stands under none. */
static const struct rf_claim unclaimed_claim = {
    .name = "",
    .takes_all = true,
    .first_version = 1,
    .may_begin_at_zero = true,
    .declares = declares_all,
    .skips = skips_none,
};

/** Whether something is left for that claim: an aggregate that declares "*" leaves nothing. */
static bool
orders_rest(const struct rf_replay *replay)
{
    bool all_taken = false;
    for (size_t i = 0; i < replay->build_count; i++) {
        all_taken = all_taken || replay->builds[i]->takes_all;
    }
    return replay->orders_unclaimed && !all_taken;
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
    if (settings->no_compare || !(settings->verb & RF_VERB_GOLDENS)) {
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
        .keys = settings->keys,
        .until = settings->until,
        .layout = settings->config.layout,
        .gunzip = &rf_gunzip,
        .stop = &rf_interrupted,
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
        .claim_count = replay->build_count + (orders_rest(replay) ? 1 : 0),
        .has_as_of = settings->as_of_text != NULL,
        .as_of = settings->as_of,
        .until = settings->until != NULL,
        .selects = settings->ids == NULL ? NULL : rf_ids_meet,
        .select_context = settings->ids,
        .everything = settings->verb == RF_VERB_TYPES,
    };
}

/** Someone may have forgotten -a, or given compare a third build. */
static void
warn_sources(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    const char *what = settings->rivals == NULL ? "put -a in front to load it"
                                                : "builds are BASE and HEAD, the first two words";
    for (size_t i = 0; i < settings->source_count; i++) {
        if (rf_looks_like_aggregate(settings->sources[i])) {
            rf_replay_warn(replay, "%s looks like an aggregate; it is read as history, %s",
                           settings->sources[i], what);
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
    static const enum rf_option_id narrowing[] = {RF_OPT_KEYS,       RF_OPT_UNTIL, RF_OPT_AS_OF,
                                                  RF_OPT_ID,         RF_OPT_IDS,   RF_OPT_IGNORE,
                                                  RF_OPT_NO_COMPARE, RF_OPT_TYPE};
    const char *done = replay->settings->verb == RF_VERB_TYPES ? "listed" : "compared";
    for (size_t i = 0; i < sizeof(narrowing) / sizeof(narrowing[0]); i++) {
        bool is_idle = narrowing[i] == RF_OPT_IGNORE && replay->settings->verb == RF_VERB_BLESS &&
                       !replay->settings->compares;
        if (replay->settings->arguments->given[narrowing[i]].from_environment && !is_idle) {
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
    replay->claims[replay->build_count] = unclaimed_claim;
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
    const char **names = rf_calloc(replay->rules.claim_count, sizeof(*names));
    for (size_t i = 0; i < replay->rules.claim_count; i++) {
        names[i] = replay->claims[i].name;
    }
    struct rf_ingest_request request = {
        .objects = &replay->objects,
        .envelope = &settings->envelope,
        .streams = settings->config.streams,
        .stream_count = settings->config.stream_count,
        .only_aggregate = replay->build_count == 1 ? replay->builds[0]->name : NULL,
        .aggregates = names,
        .aggregate_count = replay->rules.claim_count,
        .selects = replay->selects,
        .select_context = replay->select_context,
        .keep_partial = settings->keep_partial,
        .jobs = settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    rf_code code = rf_ingest(&request, &replay->history, &replay->ingested, reterr);
    free(names);
    rf_sums_join(&replay->sums, &replay->ingested.sums);
    rf_damages_join(&replay->damages, &replay->ingested.damages);
    if (replay->ingested.unverified > 0) {
        bool alone = replay->ingested.unverified == 1;
        rf_replay_warn(replay,
                       "%llu object%s in a .tar %s plain: not verifiable, for nothing there has a "
                       "checksum; with gzip, around %s or the archive, there is one",
                       (unsigned long long)replay->ingested.unverified, alone ? "" : "s",
                       alone ? "is" : "are", alone ? "it" : "them");
    }
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

static struct rf_fold_request
fold_request(const struct rf_replay *replay)
{
    return (struct rf_fold_request){
        .history = replay->history,
        .rules = &replay->rules,
        .builds = replay->builds,
        .jobs = replay->settings->jobs,
        .timeout_ms = replay->settings->timeout_ms,
        .stop = &rf_interrupted,
    };
}

static rf_code
check_builds_again(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        RF_TRY(rf_build_check(replay->builds[i], reterr));
        if (replay->rivals != NULL) {
            RF_TRY(rf_build_check(replay->rivals[i], reterr));
        }
    }
    return RF_OK;
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
    RF_TRY(check_builds_again(replay, reterr));
    RF_TRY(rf_sums_check(&replay->sums, reterr));
    warn_absent_ids(replay);
    return RF_OK;
}

/** Fold, and see that all of it adds up and the builds are still what they were. */
static rf_code
fold(struct rf_replay *replay, struct rf_fold_request *request, struct rf_err *reterr)
{
    struct rf_sums base_sums = replay->sums;
    request->progress = &replay->progress.counts;
    rf_code code = rf_fold(request, &replay->folded, reterr);
    rf_progress_stop(&replay->progress);
    join_folded(replay);
    RF_TRY(code);
    if (replay->rivals != NULL) {
        rf_sums_join(&base_sums, &replay->folded.base_sums);
        RF_TRY(rf_sums_check(&base_sums, reterr));
    }
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

rf_code
rf_replay_fold(struct rf_replay *replay, const struct rf_fold_sink *sink, struct rf_err *reterr)
{
    struct rf_fold_request request = fold_request(replay);
    request.sink = sink;
    rf_progress_events(&replay->progress, "folding", replay->sums.events);
    return fold(replay, &request, reterr);
}

rf_code
rf_replay_fold_again(struct rf_replay *replay, const struct rf_fold_sink *sink,
                     struct rf_err *reterr)
{
    struct rf_fold_result known; /* what the first time has told */
    struct rf_fold_request request = fold_request(replay);
    request.sink = sink;
    RF_TRY(rf_fold(&request, &known, reterr));
    rf_damages_done(&known.damages);
    return check_builds_again(replay, reterr);
}

/** The ignore rules as workers take them; owned by the caller, with the strings. */
static char **
list_ignores(const struct rf_settings *settings)
{
    char **list = rf_calloc(settings->ignore_count + 1, sizeof(*list));
    for (size_t i = 0; i < settings->ignore_count; i++) {
        const struct rf_ignore *ignore = &settings->ignores[i];
        list[i] = ignore->aggregate == NULL
                      ? rf_strdup(ignore->pointer)
                      : rf_format("%s:%s", ignore->aggregate, ignore->pointer);
    }
    return list;
}

rf_code
rf_replay_fold_pairs(struct rf_replay *replay, const struct rf_pair_sink *pairs,
                     struct rf_err *reterr)
{
    struct rf_fold_request request = fold_request(replay);
    char **ignores = list_ignores(replay->settings);
    request.rivals = replay->rivals;
    request.pairs = pairs;
    request.ignores = ignores;
    request.ignore_count = replay->settings->ignore_count;
    /* Each is folded twice. */
    rf_progress_events(&replay->progress, "folding", 2 * replay->sums.events);
    rf_code code = fold(replay, &request, reterr);
    for (size_t i = 0; i < request.ignore_count; i++) {
        free(ignores[i]);
    }
    free(ignores);
    return code;
}

/* ---- comparing ------------------------------------------------------------------------------- */

struct rf_compare_request
rf_replay_compare_request(const struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    return (struct rf_compare_request){
        .goldens = settings->no_compare ? NULL : &replay->goldens,
        .history = replay->history,
        .builds = replay->builds,
        .build_count = replay->build_count,
        .at_head = settings->at_head,
        .require_golden = settings->require_golden || settings->config.unblessed == RF_POLICY_ERROR,
        .ignores = settings->ignores,
        .ignore_count = settings->ignore_count,
        .selected_by_time = replay->objects.outside > 0,
        .selects = rf_replay_selects(replay),
        .select_context = settings->ids,
        .jobs = settings->jobs,
    };
}

bool
rf_replay_left_events_out(const struct rf_replay *replay)
{
    return (replay->settings->until != NULL || replay->settings->as_of_text != NULL) &&
           /* What --id leaves out is settled while it is read, and excuses no one. */
           replay->folded.sums.terms[RF_TERM_UNSELECTED] > 0;
}

void
rf_replay_warn_refused(struct rf_replay *replay, uint64_t refused)
{
    if (refused > 0) {
        rf_replay_warn(
            replay,
            "%llu instance%s at an event that the aggregate refuses: what lies behind it "
            "is not folded; 'refold run --no-compare' tells which",
            (unsigned long long)refused, refused == 1 ? " ends" : "s end");
    }
}

void
rf_replay_warn_unloaded(struct rf_replay *replay)
{
    for (size_t i = 0; i < replay->findings.unloaded_count; i++) {
        rf_replay_warn(replay,
                       "no aggregate is loaded for the golden of %s; nothing of it is compared",
                       replay->findings.unloaded[i]);
    }
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
        if (replay->rivals != NULL) {
            rf_build_free(replay->rivals[i]);
        }
        free((void *)(uintptr_t)replay->claims[i].context);
    }
    free(replay->builds);
    free(replay->rivals);
    free(replay->claims);
    for (size_t i = 0; i < replay->warning_count; i++) {
        free(replay->warnings[i]);
    }
    free(replay->warnings);
    free(replay->error);
}
