/* SPDX-License-Identifier: MIT */
/* refold merge: the JSON reports of all shards, as one run would have told it. */
#include "reports/shard_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/day.h"
#include "cli/replay_internal.h"
#include "cli/verbs.h"

/** What the whole run would propose; the shards' commands are all the same. */
static void
take_commands(struct rf_settings *settings, const struct rf_shard_file *first)
{
    char **const commands[] = {&settings->again,        &settings->again_run,
                               &settings->again_bless,  &settings->again_show,
                               &settings->again_review, &settings->again_types};
    const char *const texts[] = {first->again,      first->again_run,    first->again_bless,
                                 first->again_show, first->again_review, first->again_types};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        free(*commands[i]);
        *commands[i] = rf_strdup(texts[i]);
    }
}

/** What the shards' config said, and their options. */
static void
take_settings(struct rf_settings *settings, const struct rf_shard_file *first)
{
    struct rf_config *config = &settings->config;
    memcpy(config->damage_policies, first->damage_policies, sizeof(config->damage_policies));
    config->unblessed = first->shard.unblessed;
    config->unclaimed = first->shard.unclaimed;
    settings->no_compare = first->flags.no_compare;
    settings->purity.mode = first->purity ? RF_PURITY_ALL : RF_PURITY_OFF;
    take_commands(settings, first);
}

/** What is the same in all shards: the first one's. */
static void
take_first(struct rf_replay *replay, struct rf_shard_file *first)
{
    replay->builds = first->builds;
    replay->build_count = first->build_count;
    replay->claims = rf_calloc(first->build_count + 1, sizeof(*replay->claims));
    first->builds = NULL;
    first->build_count = 0;
    replay->ingested = first->ingested;
    replay->ingested.counts = first->counts;
    first->ingested = (struct rf_ingest_result){0};
    memcpy(replay->golden_digest, first->golden_digest, sizeof(replay->golden_digest));
    replay->envelope_hint = first->envelope_hint;
    first->envelope_hint = NULL;
    for (size_t i = 0; i < first->shard.warnings; i++) {
        rf_replay_warn(replay, "%s", first->warnings.items[i]);
    }
}

static bool
is_taken(const struct rf_replay *replay, const char *warning)
{
    for (size_t i = 0; i < replay->taken_count; i++) {
        if (strcmp(replay->taken[i], warning) == 0) {
            return true;
        }
    }
    return false;
}

/** What shards have said of their config and builds, which is not here to be looked at again. */
static void
take_warnings(struct rf_replay *replay, const struct rf_shard_file *file)
{
    for (size_t i = file->shard.warnings; i < file->warnings.count; i++) {
        const char *warning = file->warnings.items[i];
        if (strstr(warning, RF_TAKEN_SAYS_NOTHING) != NULL && !is_taken(replay, warning)) {
            replay->taken =
                rf_realloc(replay->taken, replay->taken_count + 1, sizeof(*replay->taken));
            replay->taken[replay->taken_count++] = rf_strdup(warning);
        }
    }
}

/** Rules and entries, which the shards' config and golden folder gave. */
static void
take_audit(struct rf_replay *replay, struct rf_shard_audit *audit)
{
    struct rf_settings *settings = replay->settings;
    settings->ignores = audit->ignores;
    settings->ignore_count = audit->ignore_count;
    settings->narrowed = audit->narrowed;
    if (audit->today != NULL && rf_day_valid(audit->today)) {
        replay->merged_last_day = true;
        memcpy(settings->today, audit->today, sizeof(settings->today));
    }
    replay->known = audit->known;
    replay->skips = audit->skips;
    replay->skip_count = audit->skip_count;
    audit->ignores = NULL;
    audit->ignore_count = 0;
    audit->known = NULL;
    audit->skips = NULL;
    audit->skip_count = 0;
}

static void
take_merged(struct rf_replay *replay, struct rf_merged *merged)
{
    replay->merged = true;
    take_audit(replay, &merged->audit);
    replay->sums = merged->sums;
    replay->folded.counts = merged->gathered;
    replay->folded.unclaimed = merged->unclaimed;
    merged->unclaimed = (struct rf_unclaimed){0};
    replay->folded.examined = merged->examined;
    replay->findings = merged->findings;
    merged->findings = (struct rf_findings){0};
    replay->damages = merged->damages;
    merged->damages = (struct rf_damages){0};
    replay->flags = merged->flags;
    replay->absent = merged->absent;
    replay->merged_seconds = merged->seconds;
    replay->merged_peak_bytes = merged->peak_bytes;
}

static rf_code
read_files(const struct rf_settings *settings, struct rf_shard_file *files, struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->operand_count; i++) {
        RF_TRY(rf_shard_file_read(settings->operands[i], &files[i], reterr));
    }
    return RF_OK;
}

/** From here on it is the whole run's report. */
static rf_code
merge(struct rf_replay *replay, struct rf_settings *settings, struct rf_shard_file *files,
      struct rf_err *reterr)
{
    struct rf_merged merged;
    RF_TRY(read_files(settings, files, reterr));
    RF_TRY(rf_shards_merge(files, settings->operand_count, &merged, reterr));
    settings->verb = RF_VERB_RUN;
    take_settings(settings, &files[0]);
    take_first(replay, &files[0]);
    for (size_t i = 0; i < settings->operand_count; i++) {
        take_warnings(replay, &files[i]);
    }
    take_merged(replay, &merged);
    replay->opened = true;
    rf_replay_judge_late(replay);
    rf_replay_warn_absent(replay);
    rf_run_judge(replay);
    rf_merged_done(&merged);
    return RF_OK;
}

int
rf_merge(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    struct rf_shard_file *files = rf_calloc(settings->operand_count, sizeof(*files));
    rf_replay_begin(&replay, settings);
    if (merge(&replay, settings, files, &err) != RF_OK) {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_replay_report(&replay, NULL);
    for (size_t i = 0; i < settings->operand_count; i++) {
        rf_shard_file_done(&files[i]);
    }
    rf_replay_done(&replay);
    free(files);
    return status;
}
