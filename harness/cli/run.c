/* SPDX-License-Identifier: MIT */
/* refold run: replay, compare with the golden, report. */
#include "cli/replay.h"
#include "cli/verbs.h"

/** Flags from what the comparison found. */
static void
judge(struct rf_replay *replay)
{
    const struct rf_findings *findings = &replay->findings;
    uint64_t judged = 0;
    uint64_t unblessed = 0;
    uint64_t refused = 0;
    for (size_t i = 0; i < findings->tally_count; i++) {
        const struct rf_tally *tally = &findings->tallies[i];
        judged += tally->compared + tally->missing + tally->rejected + tally->crashed +
                  tally->hung + tally->impure;
        unblessed += tally->unblessed;
        refused += tally->refused;
    }
    rf_replay_warn_refused(replay, refused);
    rf_replay_warn_unloaded(replay);
    if (unblessed > 0 && replay->settings->config.unblessed == RF_POLICY_WARN) {
        rf_replay_warn(replay, "%llu instance%s without a golden line",
                       (unsigned long long)unblessed, unblessed == 1 ? "" : "s");
    }
    if (findings->differences_total > 0) {
        replay->flags.changed = true;
    }
    /* Missing lines are judged too, but where no event matched, nothing was replayed. */
    if (replay->folded.counts.instances == 0 || rf_replay_is_idle(replay) ||
        (!replay->settings->no_compare && judged == 0)) {
        replay->flags.nothing = true;
    }
    rf_replay_judge_damage(replay);
}

/** Everything up to the verdict. */
static rf_code
replay_and_compare(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    RF_TRY(rf_replay_goldens(replay, reterr));
    struct rf_compare_request request = rf_replay_compare_request(replay);
    struct rf_comparison *comparison = rf_comparison_new(&request);
    rf_code code = rf_replay_fold(replay, rf_comparison_sink(comparison), reterr);
    request.events_left_out = rf_replay_left_events_out(replay);
    if (code == RF_OK) {
        rf_comparison_finish(comparison, &replay->findings, &replay->damages);
        replay->compared = request.goldens != NULL;
        code = rf_replay_check_lines(replay, reterr);
    }
    rf_comparison_free(comparison);
    return code;
}

int
rf_run(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    rf_code code = replay_and_compare(&replay, &err);
    if (code == RF_OK || replay.compared) {
        judge(&replay);
    }
    if (code != RF_OK) {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_replay_report(&replay, NULL);
    rf_replay_done(&replay);
    return status;
}
