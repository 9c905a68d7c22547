/* SPDX-License-Identifier: MIT */
/* Folding what a replay has read, by one build or two, and seeing that all of it adds up. */
#include "cli/replay_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/stopwatch.h"
#include "cli/interrupt.h"
#include "cli/private.h"

/** An id that was asked for, and is not there, is a typo as a rule. */
static void
find_absent_ids(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    if (settings->ids != NULL) {
        replay->absent = rf_ids_unmet(settings->ids, settings->shard);
        replay->absent.until = settings->until != NULL;
    }
    rf_replay_warn_absent(replay);
}

void
rf_replay_warn_absent(struct rf_replay *replay)
{
    const struct rf_absent_ids *absent = &replay->absent;
    const char *part = absent->until ? " that --until selects" : "";
    struct rf_buf sample = {0};
    for (size_t i = 0; i < absent->count && i < RF_ABSENT_SHOWN; i++) {
        rf_buf_string(&sample, i == 0 ? "" : ", ");
        rf_buf_add_name(&sample, absent->ids[i], absent->bytes[i]);
    }
    if (absent->count > RF_ABSENT_SHOWN) {
        rf_buf_format(&sample, " and %" PRIu64 " more", absent->count - RF_ABSENT_SHOWN);
    }
    if (absent->count == 1) {
        rf_replay_warn(replay, "no instance %s in the history%s", rf_buf_text(&sample), part);
    } else if (absent->count > 1) {
        rf_replay_warn(replay, "%" PRIu64 " of the ids asked for are not in the history%s: %s",
                       absent->count, part, rf_buf_text(&sample));
    }
    rf_buf_done(&sample);
}

/** The ignore rules in force as workers take them, and what these do not reach into; owned by the
 * caller, with the strings. */
static char **
list_ignores(const struct rf_replay *replay, size_t *ret_count)
{
    const struct rf_settings *settings = replay->settings;
    size_t room = settings->ignore_count + 1;
    char **list = rf_calloc(room, sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < settings->ignore_count; i++) {
        const struct rf_ignore *ignore = &settings->ignores[i];
        if (!ignore->expired) {
            list[count++] = ignore->aggregate == NULL
                                ? rf_strdup(ignore->pointer)
                                : rf_format("%s:%s", ignore->aggregate, ignore->pointer);
        }
    }
    if (count > 0) {
        rf_privacy_words(replay->privacy, &list, &count, &room);
    }
    *ret_count = count;
    return list;
}

static void
drop_ignores(char *const *ignores, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(ignores[i]);
    }
    free((void *)(uintptr_t)ignores);
}

static struct rf_fold_request
fold_request(const struct rf_replay *replay)
{
    size_t ignore_count;
    char **ignores = list_ignores(replay, &ignore_count); /* drop_ignores */
    return (struct rf_fold_request){
        .history = replay->history,
        .rules = &replay->rules,
        .builds = replay->builds,
        .privacy = replay->privacy,
        .jobs = replay->settings->jobs,
        .timeout_ms = replay->settings->timeout_ms,
        .ignores = ignores,
        .ignore_count = ignore_count,
        .purity = replay->settings->purity,
        .stop = &rf_interrupted,
    };
}

static rf_code
check_builds_again(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        RF_TRY(rf_build_check(replay->builds[i], reterr));
        if (replay->rivals != NULL) {
            RF_TRY(rf_build_check(replay->rivals[i], reterr));
        }
    }
    return RF_OK;
}

/** What was found in all events, added to what was found in all objects. */
static void
join_folded(struct rf_replay *replay)
{
    rf_sums_join(&replay->sums, &replay->folded.sums);
    rf_damages_join(&replay->damages, &replay->folded.damages);
}

/** Whether it can be believed. */
static rf_code
check_folded(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(check_builds_again(replay, reterr));
    RF_TRY(rf_sums_check(&replay->sums, reterr));
    find_absent_ids(replay);
    return RF_OK;
}

/** Of an aggregate that hangs again and again the rest is not folded: that is said, and never
 * green.
 */
static void
judge_untried(struct rf_replay *replay, struct rf_build *const *builds)
{
    for (size_t i = 0; builds != NULL && i < replay->build_count; i++) {
        unsigned long long untried = builds[i] == NULL ? 0 : atomic_load(&builds[i]->untried);
        if (untried > 0) {
            rf_replay_warn(
                replay,
                "%d or more instances of %s hang: %llu other%s not folded, nor compared; if they "
                "are only slow, --timeout gives them longer",
                RF_LIMIT_HANGS, builds[i]->name, untried, untried == 1 ? " was" : "s were");
            replay->flags.changed = true;
        }
    }
}

/** Of an aggregate with a data race no state can be trusted, also where no instance was at hand
 * when its race detector told of it; nor of one that died then. */
static void
judge_late_of(struct rf_replay *replay, struct rf_build *const *builds)
{
    for (size_t i = 0; builds != NULL && i < replay->build_count; i++) {
        const char *late = builds[i] == NULL ? NULL : rf_conduct_look(builds[i]->conduct).late;
        if (late != NULL) {
            rf_replay_warn(replay, "%s: %s; none of its states can be trusted", builds[i]->name,
                           late);
            replay->flags.untrusted = true;
        }
    }
}

void
rf_replay_judge_late(struct rf_replay *replay)
{
    judge_late_of(replay, replay->builds);
    judge_late_of(replay, replay->rivals);
}

/** Fold, and see that all of it adds up and the builds are still what they were. */
static rf_code
fold(struct rf_replay *replay, struct rf_fold_request *request, struct rf_err *reterr)
{
    struct rf_sums base_sums = replay->sums;
    request->progress = &replay->progress.counts;
    uint64_t before = rf_stopwatch_children();
    rf_code code = rf_fold(request, &replay->folded, reterr);
    rf_stopwatch_add(RF_STATION_WORKERS, rf_stopwatch_children() - before);
    rf_progress_stop(&replay->progress);
    join_folded(replay);
    RF_TRY(code);
    judge_untried(replay, replay->builds);
    judge_untried(replay, replay->rivals);
    rf_replay_judge_late(replay);
    if (replay->rivals != NULL) {
        rf_sums_join(&base_sums, &replay->folded.base_sums);
        RF_TRY(rf_sums_check(&base_sums, reterr));
    }
    rf_private_tell_idle(replay);
    return check_folded(replay, reterr);
}

rf_code
rf_replay_looked(struct rf_replay *replay, const struct rf_fold_result *found, rf_code code,
                 struct rf_err *reterr)
{
    replay->folded = *found;
    join_folded(replay);
    RF_TRY(code);
    return check_folded(replay, reterr);
}

rf_code
rf_replay_survey(struct rf_replay *replay, const struct rf_catalog_wish *wish, rf_survey_each *each,
                 void *context, struct rf_catalog **ret, struct rf_err *reterr)
{
    rf_progress_events(&replay->progress, "listing", replay->sums.events);
    struct rf_survey_request request = {
        .history = replay->history,
        .rules = &replay->rules,
        .wish = *wish,
        .each = each,
        .context = context,
        .jobs = replay->settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    struct rf_survey_result found;
    rf_code code = rf_survey(&request, &found, reterr);
    rf_progress_stop(&replay->progress);
    *ret = found.catalog;
    struct rf_fold_result result = {
        .sums = found.sums,
        .damages = found.damages,
        .counts = found.counts,
    };
    return rf_replay_looked(replay, &result, code, reterr);
}

rf_code
rf_replay_fold(struct rf_replay *replay, const struct rf_fold_sink *sink, struct rf_err *reterr)
{
    struct rf_fold_request request = fold_request(replay);
    request.sink = sink;
    rf_progress_events(&replay->progress, "folding",
                       replay->sums.events - replay->sums.terms[RF_TERM_ELSEWHERE]);
    rf_code code = fold(replay, &request, reterr);
    drop_ignores(request.ignores, request.ignore_count);
    return code;
}

rf_code
rf_replay_fold_again(struct rf_replay *replay, const struct rf_fold_sink *sink,
                     struct rf_err *reterr)
{
    struct rf_fold_result known; /* what the first time has told */
    struct rf_fold_request request = fold_request(replay);
    request.sink = sink;
    struct rf_gather_rules rules = replay->rules;
    rules.known = NULL; /* each finding is counted once */
    request.rules = &rules;
    rf_code code = rf_fold(&request, &known, reterr);
    drop_ignores(request.ignores, request.ignore_count);
    RF_TRY(code);
    rf_damages_done(&known.damages);
    rf_unclaimed_done(&known.unclaimed);
    return check_builds_again(replay, reterr);
}

rf_code
rf_replay_fold_pairs(struct rf_replay *replay, const struct rf_pair_sink *pairs,
                     struct rf_err *reterr)
{
    struct rf_fold_request request = fold_request(replay);
    request.rivals = replay->rivals;
    request.pairs = pairs;
    /* Each is folded twice. */
    rf_progress_events(&replay->progress, "folding", 2 * replay->sums.events);
    rf_code code = fold(replay, &request, reterr);
    drop_ignores(request.ignores, request.ignore_count);
    return code;
}

/* ---- comparing ------------------------------------------------------------------------------- */

struct rf_compare_request
rf_replay_compare_request(const struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    return (struct rf_compare_request){
        .goldens = settings->no_compare ? NULL : &replay->goldens,
        .history = replay->history,
        .builds = replay->builds,
        .build_count = replay->build_count,
        .at_head = settings->at_head,
        .require_golden = settings->require_golden || settings->config.unblessed == RF_POLICY_ERROR,
        .ignores = settings->ignores,
        .ignore_count = settings->ignore_count,
        .selected_by_time = rf_objects_selected_by_time(&replay->objects),
        .selects = rf_replay_selects(replay),
        .select_context = settings->ids,
        .known = replay->known,
        .shard = settings->shard,
        .selected_shards = settings->ids == NULL ? NULL : replay->selected_shards,
        .jobs = settings->jobs,
    };
}

rf_code
rf_replay_check_lines(const struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_lines_use *lines = &replay->findings.lines;
    bool one = lines->shards_unread == 1;
    const char *why = replay->settings->ids != NULL ? "no digest tells of some instances"
                      : one                         ? "it is not as it was blessed"
                                                    : "they are not as they were blessed";
    if (lines->unread == NULL) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_SOURCE, lines->unread,
                   "of %llu shard%s the lines are needed and cannot be had, for %s; bring the "
                   "lines of that bless to %s, or name their place with --lines",
                   (unsigned long long)lines->shards_unread, one ? "" : "s", why,
                   replay->settings->lines);
}

rf_code
rf_replay_fold_compared(struct rf_replay *replay, struct rf_comparison *comparison,
                        const struct rf_fold_sink *sink, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    const struct rf_gather_rules before =
        replay->rules; /* someone else may be told of what passes */
    if (settings->until != NULL || settings->as_of_text != NULL) {
        replay->rules.passed = rf_comparison_passed;
        replay->rules.passed_context = comparison;
    }
    rf_code code = rf_replay_fold(replay, sink, reterr);
    replay->rules.passed = before.passed;
    replay->rules.passed_context = before.passed_context;
    return code;
}

bool
rf_replay_is_idle(const struct rf_replay *replay)
{
    const uint64_t *terms = replay->sums.terms;
    return replay->from != NULL && terms[RF_TERM_FOLDED] + terms[RF_TERM_REJECTED] +
                                           terms[RF_TERM_UNHANDLED] + terms[RF_TERM_UNFOLDED] ==
                                       0;
}

void
rf_replay_warn_refused(struct rf_replay *replay, uint64_t refused, const char *which)
{
    if (refused > 0) {
        rf_replay_warn(
            replay,
            "%llu %sinstance%s at an event that the aggregate refuses: what lies behind it "
            "is not folded; 'refold run --no-compare' tells which",
            (unsigned long long)refused, which, refused == 1 ? " ends" : "s end");
    }
}

void
rf_replay_warn_unloaded(struct rf_replay *replay)
{
    for (size_t i = 0; i < replay->findings.unloaded_count; i++) {
        rf_replay_warn(replay,
                       "no aggregate is loaded for the golden of %s; nothing of it is compared",
                       replay->findings.unloaded[i]);
    }
}
