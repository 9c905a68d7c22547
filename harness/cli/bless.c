/* SPDX-License-Identifier: MIT */
/* refold bless: replay, accept the states as the new golden. */
#include "golden/bless.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "cli/accept.h"
#include "cli/certify.h"
#include "cli/from.h"
#include "cli/interrupt.h"
#include "cli/known.h"
#include "cli/outside.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "walk/select.h"

#define SECONDS_PER_HOUR 3600

/** What a bless works with. */
struct bless {
    struct rf_bless_request request;
    struct rf_blessing *blessing;
    struct rf_bless_summary summary;
    struct rf_pendings *pendings; /**< what is kept beside the golden, or NULL */
    struct rf_golden_hold *hold;  /**< of the golden folder; NULL with --dry-run */
    struct rf_buf known;          /**< known-damage.json anew, or empty */
    char closed[RF_TIME_TEXT_BYTES + 1];
};

/** The hour that the bless closes, as the meta file has it; "" where it closes none. */
static void
name_close(const struct rf_settings *settings, char ret[RF_TIME_TEXT_BYTES + 1])
{
    int64_t hour = 0;
    ret[0] = '\0';
    if (settings->until != NULL && settings->as_of_text == NULL &&
        rf_select_hour("--until", settings->until, &hour, NULL) == RF_OK) {
        struct rf_time at = {.seconds = hour * SECONDS_PER_HOUR};
        ret[rf_time_print(at, ret)] = '\0';
    }
}

static struct rf_bless_request
bless_request(const struct rf_replay *replay, const struct bless *bless)
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
        .closed = bless->closed[0] == '\0' ? NULL : bless->closed,
        .rules = rf_from_rules,
        .rules_context = settings,
        .pendings = bless->pendings,
        .dry_run = settings->dry_run,
        .digest = settings->digest,
        .lines = settings->lines,
        .hides_lines = settings->lines_hidden,
        .selected_shards = settings->ids == NULL ? NULL : replay->selected_shards,
        .privacy = replay->privacy,
        .hold = bless->hold,
        .stop = &rf_interrupted,
    };
}

static bool
accepts_a_part(const struct rf_settings *settings)
{
    return settings->review || settings->cluster_count > 0;
}

/** Whether lines of the old golden stay. */
static bool
keeps_lines(const struct rf_settings *settings)
{
    return settings->ids != NULL || settings->until != NULL || settings->as_of_text != NULL ||
           accepts_a_part(settings);
}

static rf_code
check_ci(const struct rf_settings *settings, struct rf_err *reterr)
{
    if (!rf_in_ci() || settings->ci_allowed || settings->dry_run) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, "bless",
                   "CI is set, and CI does not write goldens; call 'refold bless --ci' if it "
                   "really should");
}

static bool
is_loaded(const void *context, const char *aggregate)
{
    const struct rf_replay *replay = context;
    for (size_t i = 0; i < replay->build_count; i++) {
        if (replay->builds[i]->takes_all || strcmp(replay->builds[i]->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

/**
 * A golden that is damaged may be replaced whole: that is how it is repaired. Where lines of it
 * would stay its damage counts, and so does that of goldens which this bless leaves alone, and of
 * the journal, which tells which files belong together.
 */
static void
forgive_old_goldens(struct rf_replay *replay)
{
    if (!keeps_lines(replay->settings)) {
        replay->anew = (struct rf_goldens_anew){.takes = is_loaded, .context = replay};
    }
}

/** Once it is: what stops a bless leaves a damaged golden as it was. */
static void
warn_of_old_goldens(struct rf_replay *replay)
{
    if (replay->goldens.forgiven > 0) {
        rf_replay_warn(replay, "the golden that lies there is damaged; it %s written anew",
                       replay->settings->dry_run ? "would be" : "is");
    }
}

/** What a bless cannot do with digest goldens is refused before anything is read. */
static rf_code
check_forms(const struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    char *found = NULL;
    struct stat facts;
    rf_code code = RF_OK;
    RF_TRY(rf_goldens_first(settings->golden, !settings->digest,
                            settings->digest ? is_loaded : NULL, replay, &found, reterr));
    if (found != NULL && settings->digest) {
        code = rf_fail(reterr, RF_ERR_USAGE, "--digest",
                       "the golden of '%s' is there with its lines: remove %s/%s.ndjson* and "
                       "%s.meta.json from git, or leave --digest out",
                       found, settings->golden, found, found);
    } else if (accepts_a_part(settings) && (found != NULL || settings->digest)) {
        code =
            rf_fail(reterr, RF_ERR_USAGE, settings->review ? "--review" : "--cluster",
                    "%s: accept its changes by --id, or all of them",
                    found == NULL ? "goes with goldens whose lines are in git, not with --digest"
                                  : "the golden is a digest golden, whose lines are not at hand");
    } else if ((found != NULL || settings->digest) &&
               (strstr(settings->lines, "://") != NULL ||
                (stat(settings->lines, &facts) == 0 && !S_ISDIR(facts.st_mode)))) {
        code =
            rf_fail(reterr, RF_ERR_USAGE, settings->lines,
                    "is no folder, and a bless writes lines into one: name a folder with --lines, "
                    "and copy or archive it then");
    }
    free(found);
    return code;
}

/** What a run finds before the bless. Instances that end before their golden's version are no
 * damage here: their lines will be replaced. */
static rf_code
compare_first(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_damages cut_short = {0};
    struct rf_compare_request request = rf_replay_compare_request(replay);
    request.require_golden = true;
    request.known = NULL;
    struct rf_comparison *comparison = rf_comparison_new(&request);
    rf_code code =
        rf_replay_fold_compared(replay, comparison, rf_comparison_sink(comparison), reterr);
    if (code == RF_OK) {
        rf_comparison_finish(comparison, &replay->findings, &cut_short);
        code = rf_replay_check_lines(replay, reterr);
    }
    rf_damages_done(&cut_short);
    rf_comparison_free(comparison);
    return code;
}

/** A build that falls in one of two folds is never green. */
static bool
has_fallen(const struct rf_findings *findings)
{
    uint64_t fallen = 0;
    for (size_t i = 0; i < findings->tally_count; i++) {
        const struct rf_tally *tally = &findings->tallies[i];
        fallen += tally->crashed + tally->hung + tally->impure;
    }
    return fallen > 0;
}

static rf_code
fold(struct rf_replay *replay, struct bless *bless, struct rf_err *reterr)
{
    const struct rf_fold_sink *sink = rf_blessing_sink(bless->blessing);
    if (!replay->settings->dry_run) {
        RF_TRY(rf_replay_fold(replay, sink, reterr));
        rf_blessing_finish(bless->blessing, &replay->findings);
        return RF_OK;
    }
    RF_TRY(compare_first(replay, reterr));
    replay->flags.changed = replay->flags.changed || has_fallen(&replay->findings);
    if (bless->pendings != NULL) {
        rf_pendings_clear(bless->pendings);
    }
    return rf_replay_fold_again(replay, sink, reterr);
}

/** Whose the events of some ids are, only events that come late will tell: what goes on from here
 * would not know of them, so that no hour is closed. */
static void
leave_open(struct rf_replay *replay, struct bless *bless)
{
    unsigned long long ids = replay->folded.counts.undecided;
    if (bless->pendings != NULL && ids > 0) {
        rf_replay_warn(replay,
                       "%llu id%s of no aggregate here begin%s behind a gap: whose %s, late events "
                       "may tell, so that nothing goes on from this golden (--from) with --since; "
                       "say in the config's \"streams\" which stream holds which aggregate",
                       ids, ids == 1 ? "" : "s", ids == 1 ? "s" : "",
                       ids == 1 ? "it is" : "they are");
        bless->request.closed = NULL;
    }
}

static rf_code
accept_all(struct rf_replay *replay, struct bless *bless, struct rf_err *reterr)
{
    bless->blessing = rf_blessing_new(&bless->request);
    RF_TRY(fold(replay, bless, reterr));
    leave_open(replay, bless);
    replay->flags.nothing = replay->folded.counts.instances == 0;
    rf_replay_settle_known(replay);
    RF_TRY(rf_replay_accept_damage(replay, &bless->known, reterr));
    rf_known_with(replay, &bless->known, &bless->request);
    rf_certify_with(replay, &bless->request);
    rf_replay_judge_damage(replay);
    if (rf_replay_is_idle(replay)) {
        rf_replay_warn(replay, "no event was folded: the states are those of %s",
                       replay->settings->from);
    }
    if (replay->flags.damaged || replay->flags.nothing || replay->flags.untrusted) {
        return RF_OK; /* nothing is written */
    }
    RF_TRY(rf_blessing_write(bless->blessing, &bless->summary, reterr));
    warn_of_old_goldens(replay);
    replay->flags.changed = replay->flags.changed || bless->summary.unfit > 0;
    return RF_OK;
}

/** What the lines up to the hour do not hold is kept beside them. */
static void
keep_pendings(struct rf_replay *replay, struct bless *bless)
{
    const struct rf_settings *settings = replay->settings;
    name_close(settings, bless->closed);
    if (bless->closed[0] != '\0' && settings->ids == NULL && !accepts_a_part(settings)) {
        bless->pendings = rf_pendings_new(replay->history);
        rf_from_sources(replay, bless->pendings);
        replay->rules.passed = rf_pendings_pass;
        replay->rules.passed_context = bless->pendings;
    }
}

/** Before anything is read: who writes there has it alone, and nobody folds for nothing. */
static rf_code
take_hold(struct rf_replay *replay, struct bless *bless, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    if (settings->dry_run) {
        return RF_OK;
    }
    RF_TRY(rf_golden_hold(settings->golden, &bless->hold, reterr));
    if (rf_golden_hold_finished(bless->hold) > 0) {
        rf_replay_warn(replay, "%s: a bless was cut off here; %zu of its files are put into place",
                       settings->golden, rf_golden_hold_finished(bless->hold));
    }
    return RF_OK;
}

static rf_code
replay_and_write(struct rf_replay *replay, struct bless *bless, struct rf_err *reterr)
{
    RF_TRY(rf_accept_check(replay->settings, reterr));
    RF_TRY(check_ci(replay->settings, reterr));
    RF_TRY(rf_check_golden(replay->settings, reterr));
    RF_TRY(take_hold(replay, bless, reterr));
    forgive_old_goldens(replay);
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(check_forms(replay, reterr));
    RF_TRY(rf_certify_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    RF_TRY(rf_replay_goldens(replay, reterr));
    keep_pendings(replay, bless);
    bless->request = bless_request(replay, bless);
    return accepts_a_part(replay->settings)
               ? rf_accept_part(replay, &bless->request, &bless->blessing, &bless->known,
                                &bless->summary, reterr)
               : accept_all(replay, bless, reterr);
}

/** Of digest goldens: where their lines went, which no commit will carry. */
static void
tell_lines(struct rf_replay *replay, const struct rf_bless_summary *summary)
{
    const struct rf_settings *settings = replay->settings;
    if (summary->lost > 0) {
        rf_replay_warn(replay,
                       "%llu old line%s of digest goldens cannot be had in %s: %s as removed, the "
                       "new ones in their place as added",
                       (unsigned long long)summary->lost, summary->lost == 1 ? "" : "s",
                       settings->lines, summary->lost == 1 ? "it counts" : "they count");
    }
    if (summary->shards > 0 && settings->verbosity >= 0) {
        struct rf_buf text = {0};
        rf_buf_format(
            &text,
            "%llu file%s with lines written to %s%s: keep them where runs find them; a run "
            "reads only those that differ",
            (unsigned long long)summary->shards, summary->shards == 1 ? "" : "s", settings->lines,
            settings->lines_hidden ? ", which git passes over" : "");
        rf_say(rf_buf_text(&text));
        rf_buf_done(&text);
    }
}

int
rf_bless(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct bless bless = {0};
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    if (replay_and_write(&replay, &bless, &err) != RF_OK) {
        rf_replay_unaccept_damage(&replay);
        rf_replay_fail(&replay, &err);
        replay.ended_early = replay.ended_early && replay.folded.counts.instances == 0;
    } else if (bless.blessing != NULL) {
        replay.parts = rf_blessing_parts(bless.blessing, &replay.part_count);
    }
    if (bless.summary.rejected >
        0) { /* a state without JSON is one of these, and refuses nothing */
        rf_replay_warn_refused(
            &replay, replay.sums.terms[RF_TERM_REJECTED] + replay.sums.terms[RF_TERM_UNHANDLED],
            "");
    }
    if (bless.summary.exposed > 0) {
        rf_replay_warn(&replay,
                       "%llu instance%s crashed or hung and lost %s line: it was made when other "
                       "values were private, or with another key",
                       (unsigned long long)bless.summary.exposed,
                       bless.summary.exposed == 1 ? "" : "s",
                       bless.summary.exposed == 1 ? "its" : "their");
    }
    if (replay.error == NULL) {
        tell_lines(&replay, &bless.summary);
    }
    int status = rf_replay_report(&replay, &bless.summary);
    rf_blessing_free(bless.blessing);
    rf_golden_release(bless.hold);
    rf_pendings_free(bless.pendings);
    rf_buf_done(&bless.known);
    rf_replay_done(&replay);
    return status;
}
