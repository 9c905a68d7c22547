/* SPDX-License-Identifier: MIT */
/* refold compare: two builds over the same history, no golden needed. */
#include "cli/replay.h"
#include "cli/verbs.h"
#include "golden/parting.h"

static struct rf_parting_request
parting_request(const struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    return (struct rf_parting_request){
        .history = replay->history,
        .builds = replay->rivals,
        .build_count = replay->build_count,
        .ignores = settings->ignores,
        .ignore_count = settings->ignore_count,
        .jobs = settings->jobs,
    };
}

static rf_code
replay_both(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    struct rf_parting_request request = parting_request(replay);
    struct rf_parting *parting = rf_parting_new(&request);
    rf_code code = rf_replay_fold_pairs(replay, rf_parting_sink(parting), reterr);
    if (code == RF_OK) {
        rf_parting_finish(parting, &replay->findings);
    }
    rf_parting_free(parting);
    return code;
}

int
rf_compare(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    if (replay_both(&replay, &err) == RF_OK) {
        replay.flags.changed = replay.flags.changed || replay.findings.differences_total > 0;
        for (size_t i = 0; i < replay.findings.tally_count; i++) {
            rf_replay_warn_refused(&replay, replay.findings.tallies[i].refused, "unchanged ");
        }
        replay.flags.nothing = replay.folded.counts.instances == 0;
        rf_replay_judge_damage(&replay);
    } else {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_replay_report(&replay, NULL);
    rf_replay_done(&replay);
    return status;
}
