/* SPDX-License-Identifier: MIT */
/* Aggregate names of events that are not those of loaded ones: of a name that changed once, and of
 * what is folded by an aggregate that takes all. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
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

/** The one loaded aggregate that declares all types of the events of a row; or NULL. One that has
 * events of its own may well share types with another: it is asked about only where the policy
 * makes unclaimed events a matter. */
static const char *
find_fitting(const struct rf_replay *replay, const struct rf_unclaimed_row *row)
{
    bool alone = row->fits != 0 && (row->fits & (row->fits - 1)) == 0;
    for (size_t i = 0; alone && i < replay->build_count && i < 64; i++) {
        if (row->fits >> i == 1) {
            const char *name = replay->builds[i]->name;
            bool matters = replay->settings->config.unclaimed != RF_POLICY_COUNT;
            return matters || !has_events(replay, name) ? name : NULL;
        }
    }
    return NULL;
}

static void
warn_of(struct rf_replay *replay, const struct rf_unclaimed_row *row, const char *hint)
{
    bool alone = row->events == 1;
    rf_replay_warn(replay,
                   "%" PRIu64 " event%s of the aggregate %s, and none of that name is loaded: %s "
                   "not folded; %s",
                   row->events, alone ? " is" : "s are", row->name, alone ? "it is" : "they are",
                   hint);
}

void
rf_replay_warn_unclaimed(struct rf_replay *replay)
{
    const struct rf_unclaimed *unclaimed = &replay->folded.unclaimed;
    size_t warned = 0;
    for (size_t i = 0; i < unclaimed->count && i < LOOKED_AT && warned < WARNED_OF; i++) {
        const struct rf_unclaimed_row *row = &unclaimed->rows[i];
        bool told = is_unpaired(replay, row->name);
        const char *meant = told ? NULL : find_meant(replay, row->name);
        const char *fitting = told || meant != NULL ? NULL : find_fitting(replay, row);
        char *hint = meant != NULL ? rf_format("did you mean %s?", meant)
                     : fitting != NULL
                         ? rf_format("%s declares every type there: if these are its events, its "
                                     "name must be the one that they carry (in C the one in "
                                     "REFOLD_AGGREGATE)",
                                     fitting)
                         : NULL;
        if (hint != NULL) {
            warn_of(replay, row, hint);
            warned++;
        }
        free(hint);
    }
}

void
rf_replay_warn_taken(struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    const char *taker = NULL;
    for (size_t i = 0; i < replay->taken_count; i++) {
        rf_replay_warn(replay, "%s", replay->taken[i]);
    }
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
                           "%s: /aggregates/%s: " RF_TAKEN_SAYS_NOTHING
                           ": events of that name are folded by %s, which takes all types; say it "
                           "of %s",
                           config->path, aggregate->name, taker, taker);
        }
    }
}
