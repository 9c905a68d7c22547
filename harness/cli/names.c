/* SPDX-License-Identifier: MIT */
/* Names of aggregates in the config and in --ignore that no aggregate has that is loaded. */
#include "cli/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/typo.h"

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

const char **
rf_names_loaded(const struct rf_replay *replay, bool known)
{
    const char **names = rf_calloc(replay->build_count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < replay->build_count; i++) {
        const char *name = replay->builds[i]->name;
        if (known || rf_config_aggregate(&replay->settings->config, name) == NULL) {
            names[count++] = name;
        }
    }
    return names;
}

/* ---- what fails ------------------------------------------------------------------------------ */

rf_code
rf_names_fail(const struct rf_replay *replay, const struct rf_aggregate_config *aggregate,
              const char *member, const char *so, struct rf_err *reterr)
{
    const char **names = rf_names_loaded(replay, true);
    const char *nearest = rf_typo_nearest(aggregate->name, names);
    struct rf_buf advice = {0};
    if (nearest != NULL) {
        rf_buf_format(&advice, "; did you mean %s", nearest);
    } else if (aggregate->plugin == NULL) {
        rf_buf_string(&advice, "; give it its \"plugin\"");
    } else {
        rf_buf_string(&advice, "; its settings belong under the name of the aggregate; loaded: ");
        for (size_t i = 0; names[i] != NULL; i++) {
            rf_buf_format(&advice, "%s%s", i == 0 ? "" : ", ", names[i]);
        }
    }
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, replay->settings->config.path,
                           "/aggregates/%s%s: no such aggregate is loaded, so %s%s",
                           aggregate->name, member, so, rf_buf_text(&advice));
    rf_buf_done(&advice);
    free(names);
    return code;
}

/** Whether all that the config names is loaded, or nothing may be called the same. */
static bool
needs_all(const struct rf_settings *settings)
{
    return (settings->verb & RF_VERB_REPORTS) != 0 && settings->rivals == NULL &&
           settings->arguments->given[RF_OPT_AGGREGATE].count == 0;
}

rf_code
rf_names_check(const struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_config *config = &replay->settings->config;
    for (size_t i = 0; needs_all(replay->settings) && i < config->aggregate_count; i++) {
        if (!is_loaded(replay, config->aggregates[i].name)) {
            return rf_names_fail(replay, &config->aggregates[i], "",
                                 "nothing of it would be folded or compared", reterr);
        }
    }
    return RF_OK;
}

/* ---- what is said ---------------------------------------------------------------------------- */

/** @where  what names it: for the message */
static void
warn_name(struct rf_replay *replay, const char *where, const char *name, bool only_typos)
{
    const char **names = rf_names_loaded(replay, true);
    const char *nearest = rf_typo_nearest(name, names);
    if (nearest != NULL) {
        rf_replay_warn(replay, "%s%s: no such aggregate is loaded; did you mean %s?", where, name,
                       nearest);
    } else if (!only_typos) {
        rf_replay_warn(replay, "%s%s: no such aggregate is loaded", where, name);
    }
    free(names);
}

void
rf_names_warn(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    const struct rf_config *config = &settings->config;
    bool loads = (settings->verb & RF_VERB_LOADLESS) == 0 && !needs_all(settings);
    for (size_t i = 0; loads && i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        if (!is_loaded(replay, aggregate->name)) {
            char *where = rf_format("%s: /aggregates/", config->path);
            warn_name(replay, where, aggregate->name,
                      aggregate->plugin != NULL &&
                          !rf_settings_has_plugin(settings, aggregate->plugin));
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
