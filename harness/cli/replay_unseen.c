/* SPDX-License-Identifier: MIT */
/* What may be missing, and no damage tells of it. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/replay_internal.h"

void
rf_replay_warn_hollow(struct rf_replay *replay)
{
    const struct rf_ingest_result *ingested = &replay->ingested;
    if (ingested->hollow == 0) {
        return;
    }
    bool alone = ingested->hollow == 1;
    rf_replay_warn(replay, "%" PRIu64 " object%s nothing%s %s: Firehose seldom writes such; %s?",
                   ingested->hollow, alone ? " holds" : "s hold", alone ? ":" : ", the first is",
                   replay->objects.items[ingested->hollow_first].name,
                   alone ? "a copy that broke off" : "copies that broke off");
}

void
rf_replay_warn_versionless(struct rf_replay *replay)
{
    const struct rf_gather_counts *counts = &replay->folded.counts;
    if (counts->versionless == 0 || replay->settings->verb != RF_VERB_BLESS) {
        return;
    }
    char *timeless =
        counts->timeless == 0
            ? rf_strdup("")
            : rf_format("; %" PRIu64 " of them without times too: in the order of keys "
                        "and offsets",
                        counts->timeless);
    rf_replay_warn(replay,
                   "%" PRIu64 " instance%s without versions: an event of %s that is missing cannot "
                   "be seen%s",
                   counts->versionless, counts->versionless == 1 ? "" : "s",
                   counts->versionless == 1 ? "it" : "them", timeless);
    free(timeless);
}
