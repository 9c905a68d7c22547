/* SPDX-License-Identifier: MIT */
/* What is private in a replay. */
#include "cli/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/journal.h"
#include "base/path.h"
#include "base/typo.h"
#include "cli/names.h"
#include "cli/private_key.h"
#include "cli/say.h"
#include "decode/record.h"
#include "golden/digest_manifest.h"
#include "golden/listing.h"
#include "golden/private_seal.h"

/* ---- rules ----------------------------------------------------------------------------------- */

static bool
is_configured(const struct rf_config *config)
{
    for (size_t i = 0; i < config->aggregate_count; i++) {
        if (config->aggregates[i].private_count > 0) {
            return true;
        }
    }
    return false;
}

/** Whether states come at all. */
static bool
folds(const struct rf_settings *settings)
{
    return (settings->verb & (RF_VERB_FOLDS | RF_VERB_CAT)) != 0 &&
           (settings->verb != RF_VERB_GOLDEN || rf_runs_subcommand(settings, RF_SUBCOMMAND_PROVE));
}

/** Whether the config lists values, and reports may show no others here. */
static bool
is_veiled(const struct rf_settings *settings)
{
    bool listed = false;
    for (size_t i = 0; i < settings->config.aggregate_count; i++) {
        listed = listed || settings->config.aggregates[i].has_report_values;
    }
    bool reports = settings->verb == RF_VERB_RUN || settings->verb == RF_VERB_BLESS ||
                   settings->verb == RF_VERB_COMPARE;
    return listed && reports && rf_in_ci();
}

const struct rf_build *
rf_private_taker(const struct rf_replay *replay)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        bool rival_takes = replay->rivals != NULL && replay->rivals[i]->takes_all;
        if (replay->builds[i]->takes_all || rival_takes) {
            return replay->builds[i];
        }
    }
    return NULL;
}

bool
rf_private_is_loaded(const struct rf_replay *replay, const char *name)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        if (strcmp(replay->builds[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_plugin_loaded(const struct rf_settings *settings, const char *plugin)
{
    bool loaded = settings->rivals != NULL && rf_path_are_one(settings->rivals[0], plugin);
    for (size_t i = 0; i < settings->plugin_count && !loaded; i++) {
        loaded = rf_path_are_one(settings->plugins[i], plugin);
    }
    return loaded;
}

/** The member of the config that would hide nothing under a wrong name, where values are shown, or
 * NULL. `types` has the events of those that are loaded in the open; all others are nobody's. */
static const char *
find_cover(const struct rf_replay *replay, const struct rf_aggregate_config *aggregate)
{
    const struct rf_settings *settings = replay->settings;
    bool lists = settings->verb == RF_VERB_TYPES && replay->build_count > 0;
    if (aggregate->private_count > 0 && (folds(settings) || lists)) {
        return "private";
    }
    return aggregate->has_report_values && is_veiled(settings) ? "report_values" : NULL;
}

/** One with a plugin of its own that is not loaded is meant for another day. But where what is
 * loaded is none that the config knows, it may be the same under another name. */
static bool
is_for_another_day(struct rf_replay *replay, const struct rf_aggregate_config *aggregate,
                   const char *cover)
{
    const char **names = rf_names_loaded(replay, false);
    bool likely = rf_typo_nearest(aggregate->name, names) != NULL;
    if (!likely && names[0] != NULL) {
        rf_replay_warn(replay,
                       "%s: /aggregates/%s/%s holds for no aggregate that is loaded, and of %s, "
                       "which the config does not name, nothing is hidden",
                       replay->settings->config.path, aggregate->name, cover, names[0]);
    }
    free(names);
    return !likely;
}

static rf_code
fail_cover(const struct rf_replay *replay, const struct rf_aggregate_config *aggregate,
           const char *cover, struct rf_err *reterr)
{
    char *member = rf_format("/%s", cover);
    rf_code code = rf_names_fail(replay, aggregate, member, "nothing would be hidden", reterr);
    free(member);
    return code;
}

/** A name that no aggregate has would leave everything in the open. */
static rf_code
check_names(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_config *config = &replay->settings->config;
    const struct rf_build *taker = rf_private_taker(replay);
    bool taker_known = taker != NULL && rf_config_aggregate(config, taker->name) != NULL;
    for (size_t i = 0; i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        const char *cover = find_cover(replay, aggregate);
        if (cover == NULL || rf_private_is_loaded(replay, aggregate->name)) {
            continue;
        }
        bool has_plugin = aggregate->plugin != NULL;
        bool held = has_plugin && is_plugin_loaded(replay->settings, aggregate->plugin);
        if (taker != NULL && (taker_known || !held)) {
            continue; /* who takes all has such rules for what events name */
        }
        if (held || !has_plugin || !is_for_another_day(replay, aggregate, cover)) {
            return fail_cover(replay, aggregate, cover, reterr);
        }
    }
    return RF_OK;
}

/** An entry that is silent of private values says nothing of a name that is not loaded: who takes
 * all has it, or nobody, and nobody's data is hidden. */
static void
add_rules(const struct rf_replay *replay, struct rf_privacy *privacy)
{
    const struct rf_config *config = &replay->settings->config;
    const struct rf_build *taker = rf_private_taker(replay);
    for (size_t i = 0; i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        if (!aggregate->has_private && !rf_private_is_loaded(replay, aggregate->name)) {
            continue;
        }
        struct rf_private_rules rules = {
            .aggregate = aggregate->name,
            .state = aggregate->privates,
            .state_count = aggregate->private_count,
            .has_data = aggregate->has_private_data,
            .data = aggregate->private_data,
            .data_count = aggregate->private_data_count,
        };
        rf_privacy_add(privacy, &rules);
    }
    for (size_t i = 0; i < replay->build_count; i++) {
        struct rf_private_rules none = {.aggregate = replay->builds[i]->name};
        rf_privacy_add(privacy, &none); /* where the config has said something, that stands */
    }
    if (taker != NULL) {
        rf_privacy_set_taker(privacy, taker->name);
    }
}

/** Whether a state of something private may come: only then there must be a key. */
static bool
needs_key(const struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    if (!folds(replay->settings)) {
        return false;
    }
    for (size_t i = 0; i < config->aggregate_count; i++) {
        if (config->aggregates[i].private_count > 0 &&
            (rf_private_is_loaded(replay, config->aggregates[i].name) ||
             rf_private_taker(replay) != NULL)) {
            return true;
        }
    }
    return false;
}

/** Whoever identifies is shown every payload, also those that are another's. */
static bool
may_quote(const struct rf_replay *replay, const struct rf_build *build)
{
    const struct rf_aggregate_config *own =
        rf_config_aggregate(&replay->settings->config, build->name);
    return build->takes_all || build->identifies ||
           rf_privacy_find(replay->privacy, build->name) != NULL ||
           (own != NULL && own->has_report_values && is_veiled(replay->settings));
}

/** What their code prints, and names where it tries something, may quote values too. */
static void
hide_conduct(const struct rf_replay *replay)
{
    if (!is_configured(&replay->settings->config) && !is_veiled(replay->settings)) {
        return;
    }
    for (size_t i = 0; i < replay->build_count; i++) {
        const struct rf_build *build = replay->builds[i];
        const struct rf_build *rival = replay->rivals == NULL ? NULL : replay->rivals[i];
        if (may_quote(replay, build) || (rival != NULL && may_quote(replay, rival))) {
            rf_conduct_hide(build->conduct);
            rf_conduct_hide(rival == NULL ? NULL : rival->conduct);
        }
    }
    for (size_t i = 0; i < replay->asked_count; i++) {
        rf_conduct_hide(replay->asked[i]->conduct);
    }
}

static rf_code
make_privacy(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_buf key = {0};
    bool needed = needs_key(replay);
    RF_TRY(check_names(replay, reterr));
    if (!is_configured(&replay->settings->config)) {
        return RF_OK;
    }
    rf_code code = needed ? rf_private_key_read(replay->settings, &key, reterr) : RF_OK;
    if (code == RF_OK) {
        replay->privacy = rf_privacy_new(needed ? key.bytes : NULL, key.used);
        add_rules(replay, replay->privacy);
    }
    rf_private_key_wipe(&key);
    return code;
}

/* ---- goldens --------------------------------------------------------------------------------- */

/** A golden of hashes is none to go on from. What it was blessed with is told by its own meta file,
 * and read with it (cli/from.c). */
static rf_code
check_from(const struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    bool proves = rf_runs_subcommand(settings, RF_SUBCOMMAND_PROVE);
    if (!needs_key(replay) || (settings->from == NULL && !proves)) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, proves ? "prove" : "--from",
                   "goes on from the states of a golden, which hold hashes where values are "
                   "private: fold the whole history, with 'refold run'");
}

static bool
is_claimed(const struct rf_replay *replay, const char *aggregate)
{
    return rf_private_taker(replay) != NULL || rf_private_is_loaded(replay, aggregate);
}

static rf_code
check_meta(const struct rf_replay *replay, const char *path, const char *aggregate,
           const struct rf_meta *meta, struct rf_err *reterr)
{
    struct rf_buf why = {0};
    rf_code code = RF_OK;
    if (!rf_private_fits(replay->privacy, aggregate, meta, &why)) {
        code = rf_fail(reterr, RF_ERR_USAGE, path,
                       "%s; or accept today's states anew:  refold bless", rf_buf_text(&why));
    }
    rf_buf_done(&why);
    return code;
}

/** One that cannot be read is damage, which the golden's reader tells. */
static rf_code
check_golden(const struct rf_replay *replay, const struct rf_journal *journal,
             const struct rf_golden_file *file, struct rf_err *reterr)
{
    char *name = rf_format("%s.%s.json", file->aggregate, file->digest ? "digest" : "meta");
    char *path = rf_journal_place(journal, replay->settings->golden, name);
    struct rf_buf text = {0};
    struct rf_meta meta = {0};
    bool there = file->digest || file->meta;
    bool read = there && rf_file_read(path, &text, NULL) == RF_OK &&
                rf_meta_read(text.used == 0 ? "" : text.bytes, text.used, &meta, NULL) == RF_OK;
    rf_code code = read || !there
                       ? check_meta(replay, path, file->aggregate, read ? &meta : NULL, reterr)
                       : RF_OK;
    rf_meta_done(&meta);
    rf_buf_done(&text);
    free(name);
    free(path);
    return code;
}

/** Whether old lines are looked at, or stay. */
static bool
meets_lines(const struct rf_settings *settings)
{
    if (settings->verb == RF_VERB_BLESS) {
        return settings->compares || settings->ids != NULL || settings->until != NULL ||
               settings->as_of_text != NULL;
    }
    return settings->verb == RF_VERB_RUN && !settings->no_compare;
}

static rf_code
check_goldens(const struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_golden_files files = {0};
    struct rf_journal journal = {0};
    if (!meets_lines(replay->settings)) {
        return RF_OK;
    }
    rf_code ignored = rf_journal_read(replay->settings->golden, &journal, reterr);
    (void)ignored; /* one that cannot be believed is told of by whoever reads the files */
    rf_code code = rf_golden_files_list(replay->settings->golden, &journal, &files, reterr);
    for (size_t i = 0; i < files.count && code == RF_OK; i++) {
        if (is_claimed(replay, files.items[i].aggregate)) {
            code = check_golden(replay, &journal, &files.items[i], reterr);
        }
    }
    rf_golden_files_done(&files);
    rf_journal_done(&journal);
    return code;
}

/* ---- all of it ------------------------------------------------------------------------------- */

rf_code
rf_private_open(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(make_privacy(replay, reterr));
    hide_conduct(replay);
    RF_TRY(check_from(replay, reterr));
    return check_goldens(replay, reterr);
}

rf_code
rf_private_check_goldens(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; meets_lines(replay->settings) && i < replay->goldens.count; i++) {
        const struct rf_golden *golden = &replay->goldens.items[i];
        const struct rf_meta *meta =
            golden->manifest != NULL ? &golden->manifest->meta : golden->meta;
        bool is_torn = meta == NULL && (golden->sealed || golden->is_digest);
        if (is_claimed(replay, golden->aggregate) && !is_torn) {
            RF_TRY(check_meta(replay, golden->path, golden->aggregate, meta, reterr));
        }
    }
    return RF_OK;
}

static void
tell_idle(void *context, const char *aggregate, const char *pointer)
{
    struct rf_buf text = {0};
    (void)context;
    rf_buf_format(&text,
                  "warning: private %s:%s met no value in any state: is it spelt as the states "
                  "have it?",
                  aggregate, pointer);
    rf_say(rf_buf_text(&text));
    rf_buf_done(&text);
}

void
rf_private_tell_idle(const struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    if (settings->ids == NULL && settings->shard.n == 0 && settings->verb != RF_VERB_SHOW) {
        rf_privacy_each_idle(replay->privacy, tell_idle, NULL);
    }
}

bool
rf_private_is_veiled(const struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    for (size_t i = 0; i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        if (aggregate->private_count > 0 || (aggregate->has_report_values && rf_in_ci())) {
            return true;
        }
    }
    return false;
}

/* An envelope's pointer may be mistaken, and lead to any value. */
void
rf_private_hide_values(struct rf_replay *replay)
{
    bool hides = rf_private_is_veiled(replay);
    for (size_t i = 0; hides && i < replay->damages.count; i++) {
        char **message = &replay->damages.items[i].message;
        char *front = *message == NULL ? NULL : strstr(*message, RF_RECORD_NO_TIME);
        if (front != NULL) {
            char *shown =
                rf_format("%.*s(not told: values are private)",
                          (int)(front - *message) + (int)strlen(RF_RECORD_NO_TIME), *message);
            free(*message);
            *message = shown;
        }
    }
}
