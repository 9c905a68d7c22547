/* SPDX-License-Identifier: MIT */
/* refold run: replay, compare with the golden, report. */
#include "cli/audit.h"
#include "cli/certify.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"

/**
 * Whether a shard folded nothing because all there is to fold is in others. Where it has events of
 * its own that no one claims, lines of others tell that there is something, for of others' events
 * nobody knows here whether they are claimed: a history of other aggregates is nothing in any.
 */
static bool
is_empty_shard(const struct rf_replay *replay)
{
    const uint64_t *terms = replay->sums.terms;
    uint64_t own = replay->sums.events - terms[RF_TERM_ELSEWHERE] - terms[RF_TERM_UNSELECTED];
    bool unclaimed = own == terms[RF_TERM_UNCLAIMED] + terms[RF_TERM_WITHDRAWN];
    return terms[RF_TERM_ELSEWHERE] > 0 &&
           (own == 0 || (unclaimed && replay->findings.elsewhere > 0));
}

/**
 * Whether there was nothing to replay, or to compare. Of one shard that is no fault where there is
 * something in others: in a small history one may be empty. Merged they are judged as a whole.
 */
static bool
is_nothing(const struct rf_replay *replay, uint64_t judged, uint64_t fallen)
{
    bool folded = replay->folded.counts.instances > 0 || is_empty_shard(replay);
    /* Missing lines are judged too, but where no event matched, nothing was replayed. What fell as
     * it was restored was tried. */
    return !folded || (rf_replay_is_idle(replay) && fallen == 0) ||
           (!replay->settings->no_compare && judged == 0 && replay->findings.elsewhere == 0);
}

/** Aggregates of which no golden line was there, though there are lines of others: theirs were not
 * brought along, or had another name. Of one shard they may be elsewhere: that is told of all. */
static void
warn_without_lines(struct rf_replay *replay, uint64_t judged)
{
    const struct rf_findings *findings = &replay->findings;
    const char *first = NULL;
    size_t others = 0; /* as many as names come, where one declares `*` */
    if (replay->settings->no_compare || judged == 0 || findings->elsewhere > 0) {
        return;
    }
    for (size_t i = 0; i < findings->tally_count; i++) {
        const struct rf_tally *tally = &findings->tallies[i];
        uint64_t lines = tally->compared + tally->missing + tally->uncompared + tally->cut_short;
        if (tally->unblessed > 0 && lines == 0) {
            others += first != NULL;
            first = first != NULL ? first : tally->name;
        }
    }
    if (others > 0) {
        rf_replay_warn(replay,
                       "no golden line of %s is there, nor of %zu other aggregate%s; nothing of "
                       "them is compared",
                       first, others, others == 1 ? "" : "s");
    } else if (first != NULL) {
        rf_replay_warn(replay, "no golden line of %s is there; nothing of it is compared", first);
    }
}

void
rf_run_judge(struct rf_replay *replay)
{
    const struct rf_findings *findings = &replay->findings;
    uint64_t judged = 0;
    uint64_t fallen = 0;
    uint64_t unblessed = 0;
    uint64_t refused = 0;
    uint64_t by_none = 0; /* of the judged: no code made what was compared */
    for (size_t i = 0; i < findings->tally_count; i++) {
        const struct rf_tally *tally = &findings->tallies[i];
        judged += tally->compared + tally->missing + tally->rejected;
        fallen += tally->crashed + tally->hung + tally->impure;
        by_none += tally->as_snapshot;
        unblessed += tally->unblessed;
        refused += tally->refused;
    }
    rf_replay_warn_refused(replay, refused, "unchanged ");
    rf_replay_warn_unloaded(replay);
    warn_without_lines(replay, judged + fallen);
    if (unblessed > 0 && replay->settings->config.unblessed == RF_POLICY_WARN) {
        rf_replay_warn(replay, "%llu instance%s without a golden line",
                       (unsigned long long)unblessed, unblessed == 1 ? "" : "s");
    }
    if (findings->differences_total > 0) {
        replay->flags.changed = true;
    }
    if (is_nothing(replay, judged + fallen - by_none, fallen)) {
        replay->flags.nothing = true;
    }
    rf_replay_warn_idle_rules(replay);
    rf_replay_judge_damage(replay);
}

/** Everything up to the verdict. */
static rf_code
replay_and_compare(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_certify_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    RF_TRY(rf_replay_goldens(replay, reterr));
    struct rf_compare_request request = rf_replay_compare_request(replay);
    struct rf_comparison *comparison = rf_comparison_new(&request);
    rf_code code =
        rf_replay_fold_compared(replay, comparison, rf_comparison_sink(comparison), reterr);
    if (code == RF_OK) {
        rf_comparison_finish(comparison, &replay->findings, &replay->damages);
        if (request.goldens != NULL) {
            rf_goldens_digest(&replay->goldens, replay->golden_digest);
        }
        code = rf_replay_check_lines(replay, reterr);
    }
    rf_comparison_free(comparison);
    return code;
}

/** What would be read. Nobody must take it for a run: it is asked for where it is done, and leaves
 * no report of an earlier one beside it. */
static int
run_dry(struct rf_settings *settings)
{
    struct rf_err err = {0};
    if (settings->arguments->given[RF_OPT_REPORT].count > 0) {
        (void)rf_fail(&err, RF_ERR_USAGE, "--dry-run",
                      "of run gives no report: leave out --report; 'refold ls --json' lists what "
                      "would be read");
    } else {
        return rf_ls(settings);
    }
    rf_say_error(&err);
    return 2;
}

int
rf_run(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    if (settings->dry_run) {
        return run_dry(settings);
    }
    rf_replay_begin(&replay, settings);
    rf_code code = replay_and_compare(&replay, &err);
    if (code == RF_OK || replay.golden_digest[0] != '\0') {
        rf_run_judge(&replay);
        rf_certify_tell(&replay);
    }
    if (code != RF_OK) {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_replay_report(&replay, NULL);
    rf_replay_done(&replay);
    return status;
}
