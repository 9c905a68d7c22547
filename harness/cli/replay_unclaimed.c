/* SPDX-License-Identifier: MIT */
/* Aggregate names of events that nearly are those of loaded ones: of a name that changed once. */
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
