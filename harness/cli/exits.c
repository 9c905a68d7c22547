/* SPDX-License-Identifier: MIT */
/* The exit statuses. A test holds them against contract.md. */
#include "cli/exits.h"

#include <stddef.h>

const struct rf_exit rf_exits[] = {
    {"0", "same", "everything was read, folded and compared, and is the same"},
    {"1", "something differs", "the verdict is sound, and something differs"},
    {"2", "nothing was replayed or compared",
     "nothing was replayed or compared: bad usage, bad config, a plugin that does not load, no "
     "such source, no event that matches, no golden, no instance compared "
     "that was folded"},
    {"3", "damage",
     "damage in the history or the golden that is not known damage: the verdict does not cover "
     "all of it"},
    {"4", "a source could not be read",
     "a source could not be read, or changed while it was read: a rerun may help"},
    {"5", "a report or golden could not be written",
     "the verdict is known, but a report or a golden could not be written"},
    {"70", "refold failed", "refold failed: its own sums do not add up, or memory ran out"},
    {"129, 130, 141, 143", NULL, "ended by a signal; goldens and caches are as they were before"},
    {NULL, NULL, NULL},
};
