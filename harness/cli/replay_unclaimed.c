/* SPDX-License-Identifier: MIT */
/* Aggregate names of events that are not those of loaded ones: of a name that changed once, and of
 * what is folded by an aggregate that takes all. */
#include <inttypes.h>
#include <string.h>

#include "base/typo.h"
#include "cli/replay_internal.h"

/** So many names are looked at, those of the most events, and warned of. */
#define LOOKED_AT 100
#define WARNED_OF 3
/** In shorter names one letter makes another word. */
#define BYTES_PER_EDIT 5

/** The loaded aggregate whose name that is, nearly; or NULL. */
static const char *
find_meant(const struct rf_replay *replay, const char *name)
{
    size_t most = strlen(name) / BYTES_PER_EDIT;
    const char *meant = NULL;
    for (size_t i = 0; i < replay->build_count; i++) {
        const char *loaded = replay->builds[i]->name;
        if (rf_typo_same_word(name, loaded)) {
            return loaded;
        }
        if (meant == NULL && most > 0 && rf_typo_distance(name, loaded) <= most) {
            meant = loaded;
        }
    }
    return meant;
}

/** Whether compare has it on one side: it is told of there. */
static bool
is_unpaired(const struct rf_replay *replay, const char *name)
{
    for (size_t i = 0; i < replay->unpaired_count; i++) {
        if (strcmp(replay->unpaired[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

void
rf_replay_warn_unclaimed(struct rf_replay *replay)
{
    const struct rf_unclaimed *unclaimed = &replay->folded.unclaimed;
    size_t warned = 0;
    for (size_t i = 0; i < unclaimed->count && i < LOOKED_AT && warned < WARNED_OF; i++) {
        const struct rf_unclaimed_row *row = &unclaimed->rows[i];
        const char *meant = is_unpaired(replay, row->name) ? NULL : find_meant(replay, row->name);
        if (meant != NULL) {
            bool alone = row->events == 1;
            rf_replay_warn(replay,
                           "%" PRIu64 " event%s of the aggregate %s, and none of that name is "
                           "loaded: %s not folded; did you mean %s?",
                           row->events, alone ? " is" : "s are", row->name,
                           alone ? "it is" : "they are", meant);
            warned++;
        }
    }
}

static bool
has_events(const struct rf_replay *replay, const char *name)
{
    const struct rf_findings *findings = &replay->findings;
    for (size_t i = 0; i < findings->tally_count; i++) {
        if (findings->tallies[i].instances > 0 && strcmp(findings->tallies[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void
rf_replay_warn_taken(struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    const char *taker = NULL;
    for (size_t i = 0; i < replay->build_count; i++) {
        taker = replay->claims[i].takes_all ? replay->claims[i].name : taker;
    }
    for (size_t i = 0; taker != NULL && i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        bool loaded = is_unpaired(replay, aggregate->name);
        for (size_t j = 0; j < replay->build_count; j++) {
            loaded = loaded || strcmp(replay->builds[j]->name, aggregate->name) == 0;
        }
        bool says = aggregate->first != 1 || aggregate->skip_count > 0;
        if (!loaded && says && has_events(replay, aggregate->name)) {
            rf_replay_warn(replay,
                           "%s: /aggregates/%s: what it says of \"first\" and \"skip\" does "
                           "nothing: events of that name are folded by %s, which takes all types; "
                           "say it of %s",
                           config->path, aggregate->name, taker, taker);
        }
    }
}
