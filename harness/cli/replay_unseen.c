/* SPDX-License-Identifier: MIT */
/* What may be missing, or other than it was, and no damage tells of it. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/replay_internal.h"

/** So many instances that have one event each are no chance. */
#define SINGLES_LEAST 20

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
    struct rf_buf placed = {0};
    if (counts->timeless > 0) {
        rf_buf_format(&placed,
                      "; %" PRIu64 " of them without times too: in the order of keys and offsets",
                      counts->timeless);
    }
    if (counts->tied > 0) {
        rf_buf_format(&placed,
                      "; %" PRIu64
                      " of them with events of one time: these in the order of keys and offsets",
                      counts->tied);
    }
    rf_replay_add_likely_version(replay, &placed);
    rf_replay_warn(replay,
                   "%" PRIu64 " instance%s without versions: an event of %s that is missing cannot "
                   "be seen%s",
                   counts->versionless, counts->versionless == 1 ? "" : "s",
                   counts->versionless == 1 ? "it" : "them", rf_buf_text(&placed));
    rf_buf_done(&placed);
}

void
rf_replay_warn_unproven(struct rf_replay *replay)
{
    const struct rf_ingest_result *ingested = &replay->ingested;
    if (ingested->unverified > 0) {
        bool alone = ingested->unverified == 1;
        rf_replay_warn(replay,
                       "%llu object%s in a .tar %s plain: not verifiable, for nothing there has a "
                       "checksum; with gzip, around %s or the archive, there is one",
                       (unsigned long long)ingested->unverified, alone ? "" : "s",
                       alone ? "is" : "are", alone ? "it" : "them");
    }
    if (ingested->odd_md5 > 0) {
        bool alone = ingested->odd_md5 == 1;
        rf_replay_warn(
            replay,
            "%llu data file%s of a table's export %s another MD5 than %s manifest tells: "
            "other bytes than were exported, for all that is known",
            (unsigned long long)ingested->odd_md5, alone ? "" : "s", alone ? "has" : "have",
            alone ? "its" : "their");
    }
    if (ingested->unchecked > 0) {
        bool alone = ingested->unchecked == 1;
        rf_replay_warn(replay,
                       "%llu object%s packed without a checksum (Snappy, or zstd with none): a "
                       "damaged byte may pass for another there; gzip has one",
                       (unsigned long long)ingested->unchecked, alone ? " is" : "s are");
    }
}

void
rf_replay_warn_singles(struct rf_replay *replay)
{
    const struct rf_gather_counts *counts = &replay->folded.counts;
    bool is_whole = counts->started == 0 && replay->settings->since == NULL;
    if (replay->settings->verb != RF_VERB_BLESS || !is_whole || counts->instances < SINGLES_LEAST ||
        replay->sums.terms[RF_TERM_FOLDED] != counts->instances) {
        return;
    }
    rf_replay_warn(replay,
                   "each of the %" PRIu64 " instances has one event: where events of one instance "
                   "have ids of their own, name the instance's with -e id=/POINTER,…",
                   counts->instances);
}
