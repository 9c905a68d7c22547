/* SPDX-License-Identifier: MIT */
/* refold bless: replay, accept the states as the new golden. */
#include "golden/bless.h"

#include "cli/replay.h"
#include "cli/verbs.h"

static struct rf_bless_request
bless_request(const struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    return (struct rf_bless_request){
        .folder = settings->golden,
        .goldens = &replay->goldens,
        .history = replay->history,
        .builds = replay->builds,
        .build_count = replay->build_count,
        .jobs = settings->jobs,
        .selected_by_time = settings->until != NULL || settings->as_of_text != NULL,
        .selects = rf_replay_selects(replay),
        .select_context = settings->ids,
        .until = settings->until,
        .as_of = settings->as_of_text,
    };
}

static bool
selects_a_part(const struct rf_settings *settings)
{
    return settings->ids != NULL || settings->until != NULL || settings->as_of_text != NULL;
}

/**
 * A golden that is damaged may be replaced whole: that is how it is repaired. Where lines of it
 * would stay, its damage counts.
 */
static void
forgive_the_old_golden(struct rf_replay *replay)
{
    uint64_t *damages = &replay->damages.totals[RF_DAMAGE_GOLDEN];
    if (*damages > 0 && !selects_a_part(replay->settings)) {
        rf_replay_warn(replay, "the golden that lies there is damaged; it is written anew");
        rf_damages_drop(&replay->damages, RF_DAMAGE_GOLDEN);
    }
}

static rf_code
check_ci(const struct rf_settings *settings, struct rf_err *reterr)
{
    if (!rf_in_ci() || settings->ci_allowed) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, "bless",
                   "CI is set, and CI does not write goldens; call 'refold bless --ci' if it "
                   "really should");
}

static rf_code
replay_and_write(struct rf_replay *replay, struct rf_blessing **blessing,
                 struct rf_bless_summary *summary, struct rf_err *reterr)
{
    RF_TRY(check_ci(replay->settings, reterr));
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    RF_TRY(rf_replay_goldens(replay, reterr));
    forgive_the_old_golden(replay);
    struct rf_bless_request request = bless_request(replay);
    *blessing = rf_blessing_new(&request);
    RF_TRY(rf_replay_fold(replay, rf_blessing_sink(*blessing), reterr));
    rf_blessing_finish(*blessing, &replay->findings);
    rf_replay_judge_damage(replay);
    replay->flags.nothing = replay->folded.counts.instances == 0;
    if (replay->flags.damaged || replay->flags.nothing) {
        return RF_OK; /* nothing is written */
    }
    RF_TRY(rf_blessing_write(*blessing, summary, reterr));
    replay->flags.changed = summary->unfit > 0;
    return RF_OK;
}

int
rf_bless(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_blessing *blessing = NULL;
    struct rf_bless_summary summary = {0};
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    if (replay_and_write(&replay, &blessing, &summary, &err) != RF_OK) {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_replay_report(&replay, &summary);
    rf_blessing_free(blessing);
    rf_replay_done(&replay);
    return status;
}
