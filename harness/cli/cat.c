/* SPDX-License-Identifier: MIT */
/* refold cat: the events of a history as JSON lines. */
#include <inttypes.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "cli/wanted_types.h"
#include "look/recital.h"

static rf_code
write_lines(void *context, const struct rf_buf *lines, struct rf_err *reterr)
{
    struct rf_replay *replay = context;
    rf_progress_stop(&replay->progress); /* lines and progress would go over each other */
    return rf_say_whole(STDOUT_FILENO, "standard output", "events", lines, reterr);
}

/** `wanted` is NULL where no type is asked for: all are. */
static rf_code
recite(struct rf_replay *replay, const struct rf_wanted_types *wanted, uint64_t *ret_lines,
       struct rf_err *reterr)
{
    struct rf_recital_request request = {
        .history = replay->history,
        .rules = &replay->rules,
        .privacy = replay->privacy,
        .wants = wanted == NULL ? NULL : rf_wanted_types_take,
        .wants_context = wanted,
        .write = write_lines,
        .context = replay,
        .jobs = replay->settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    struct rf_recital_result found;
    rf_code code = rf_recite(&request, &found, reterr);
    rf_progress_stop(&replay->progress);
    *ret_lines = found.lines;
    struct rf_fold_result result = {
        .sums = found.sums,
        .damages = found.damages,
        .counts = found.counts,
    };
    RF_TRY(rf_replay_looked(replay, &result, code, reterr));
    const uint64_t *terms = replay->sums.terms;
    uint64_t selected =
        terms[RF_TERM_FOLDED] + terms[RF_TERM_DUPLICATES] + terms[RF_TERM_CONFLICTS];
    if (wanted == NULL && selected != found.lines) {
        return rf_fail(reterr, RF_ERR_INTERNAL, NULL,
                       "%" PRIu64 " events were selected, and %" PRIu64 " written", selected,
                       found.lines);
    }
    return RF_OK;
}

static rf_code
cat(struct rf_replay *replay, struct rf_err *reterr)
{
    uint64_t lines = 0;
    bool selects = rf_flag(replay->settings->arguments, RF_OPT_TYPE);
    struct rf_wanted_types wanted = {0};
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    rf_progress_events(&replay->progress, "writing", replay->sums.events);
    if (selects) {
        rf_wanted_types_begin(&wanted, replay);
    }
    rf_code code = recite(replay, selects ? &wanted : NULL, &lines, reterr);
    if (code == RF_OK) {
        rf_wanted_types_warn(&wanted);
    }
    rf_wanted_types_done(&wanted);
    RF_TRY(code);
    replay->flags.nothing = lines == 0;
    if (lines == 0) {
        rf_replay_warn(replay, "no event matched, of %" PRIu64 " in %" PRIu64 " object%s",
                       replay->sums.events, replay->sums.objects,
                       replay->sums.objects == 1 ? "" : "s");
    }
    return RF_OK;
}

/** Under --until an instance ends in front of its first gap, which is no damage there. */
static void
warn_of_gaps(struct rf_replay *replay)
{
    uint64_t gaps = replay->folded.counts.gaps;
    if (replay->settings->until == NULL || gaps == 0) {
        return;
    }
    rf_replay_warn(replay,
                   "%" PRIu64 " instance%s in front of a version that is missing, as it may only "
                   "be late (--until): the events behind it are left out; without --until they are "
                   "written, and the gap%s told as damage",
                   gaps, gaps == 1 ? " ends" : "s end", gaps == 1 ? " is" : "s are");
}

/** What is not among the lines. */
static void
say_damages(struct rf_replay *replay)
{
    rf_replay_warn_conduct(replay);
    warn_of_gaps(replay);
    rf_replay_judge_damage(replay);
    rf_replay_say_damages(replay);
    if (replay->flags.damaged) {
        rf_say("the history is damaged: these may not be all of its events; 'refold doctor' tells "
               "more");
    }
}

int
rf_cat(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    if (cat(&replay, &err) == RF_OK) {
        say_damages(&replay);
    } else {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_verdict_exit(&replay.flags);
    rf_replay_done(&replay);
    return status;
}
