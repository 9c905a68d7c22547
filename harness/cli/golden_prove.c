/* SPDX-License-Identifier: MIT */
/* refold golden prove: whether a golden's lines are what its history folds to, and go on as it
 * does.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "cli/from.h"
#include "cli/golden_subcommands.h"
#include "cli/replay.h"
#include "golden/proof.h"

#define ID_SHOWN ((size_t)200)

/** Folds once more, to the end, and keeps the lines that come of it. */
static rf_code
fold_to_the_end(struct rf_replay *replay, struct rf_blessing *blessing, struct rf_findings *ret,
                struct rf_err *reterr)
{
    RF_TRY(rf_replay_fold_again(replay, rf_blessing_sink(blessing), reterr));
    rf_blessing_finish(blessing, ret);
    return RF_OK;
}

static rf_code
compare_lines(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_compare_request request = rf_replay_compare_request(replay);
    request.keeps_members = true;
    request.require_golden = false;
    request.only_lines = true;
    request.ignore_count = 0; /* who goes on from a state needs all of it */
    struct rf_comparison *comparison = rf_comparison_new(&request);
    rf_code code = rf_replay_fold(replay, rf_comparison_sink(comparison), reterr);
    if (code == RF_OK) {
        rf_comparison_finish(comparison, &replay->findings, &replay->damages);
        rf_goldens_digest(&replay->goldens, replay->golden_digest);
    }
    rf_comparison_free(comparison);
    return code;
}

/** Of an id that is long: so many bytes that it is cut between two characters. */
static size_t
shown_bytes(const struct rf_golden_line *line)
{
    size_t bytes = line->id_bytes < ID_SHOWN ? line->id_bytes : ID_SHOWN;
    while (bytes > 0 && bytes < line->id_bytes && ((unsigned char)line->id[bytes] & 0xc0) == 0x80) {
        bytes--;
    }
    return bytes;
}

static void
tell(struct rf_replay *replay, const struct rf_proof *proof)
{
    if (proof->lies == 0) {
        return;
    }
    const struct rf_golden_line *line = &proof->first->lines[proof->first_line];
    struct rf_buf id = {0};
    rf_buf_add_name(&id, line->id, shown_bytes(line));
    rf_replay_warn(replay, "%" PRIu64 " of %" PRIu64 " lines lie%s; the first is %s:%zu, %s %s: %s",
                   proof->lies, proof->lines, proof->lies == 1 ? "s" : "", proof->first->path,
                   proof->first_line + 1, proof->first->aggregate, rf_buf_text(&id), proof->why);
    rf_buf_done(&id);
}

static rf_code
prove_lines(struct rf_replay *replay, struct rf_blessing *whole, struct rf_blessing *rest,
            struct rf_findings *ends, struct rf_err *reterr)
{
    struct rf_starts *starts = replay->rules.starts;
    replay->rules.starts = NULL;
    RF_TRY(compare_lines(replay, reterr));
    RF_TRY(fold_to_the_end(replay, whole, &ends[0], reterr));
    replay->rules.starts = starts;
    RF_TRY(fold_to_the_end(replay, rest, &ends[1], reterr));
    struct rf_evidence evidence = {
        .goldens = &replay->goldens,
        .findings = &replay->findings,
        .whole = whole,
        .rest = rest,
        .rest_findings = &ends[1],
        .selects = rf_replay_selects(replay),
        .select_context = replay->settings->ids,
    };
    struct rf_proof proof;
    rf_prove(&evidence, &proof);
    tell(replay, &proof);
    return RF_OK;
}

/** Flags from what the proof found. */
static void
judge(struct rf_replay *replay)
{
    uint64_t judged = 0;
    for (size_t i = 0; i < replay->findings.tally_count; i++) {
        const struct rf_tally *tally = &replay->findings.tallies[i];
        judged += tally->compared + tally->missing + tally->rejected + tally->crashed + tally->hung;
    }
    rf_replay_warn_unloaded(replay);
    replay->flags.changed = replay->flags.changed || replay->findings.differences_total > 0;
    replay->flags.nothing = replay->folded.counts.instances == 0 || judged == 0;
    rf_replay_judge_damage(replay);
}

static rf_code
prove(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_findings ends[2] = {0};
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    RF_TRY(rf_replay_goldens(replay, reterr));
    const struct rf_bless_request request = {
        .history = replay->history,
        .builds = replay->builds,
        .build_count = replay->build_count,
        .jobs = replay->settings->jobs,
    };
    struct rf_blessing *whole = rf_blessing_new(&request);
    struct rf_blessing *rest = rf_blessing_new(&request);
    rf_code code = prove_lines(replay, whole, rest, ends, reterr);
    rf_blessing_free(whole);
    rf_blessing_free(rest);
    rf_findings_done(&ends[0]);
    rf_findings_done(&ends[1]);
    return code;
}

int
rf_golden_prove(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    if (prove(&replay, &err) == RF_OK) {
        judge(&replay);
    } else {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_replay_report(&replay, NULL);
    rf_replay_done(&replay);
    return status;
}
