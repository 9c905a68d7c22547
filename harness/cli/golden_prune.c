/* SPDX-License-Identifier: MIT */
/* refold golden prune: removes the lines of instances that are gone from history. Nothing is
 * folded: which instances there are is all that is asked of it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "cli/golden_subcommands.h"
#include "cli/interrupt.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "golden/digest_unnamed.h"
#include "golden/meta.h"
#include "golden/presence.h"
#include "types/catalog.h"

/** So many foreign objects are named. */
#define FOREIGN_SHOWN 3

/** What goes. */
struct prune {
    struct rf_replay *replay;
    struct rf_golden_hold *hold; /**< NULL with --dry-run */
    struct rf_presence *presence;
    const char **left_alone; /**< goldens of which nothing goes; borrowed */
    size_t left_alone_count;
    struct rf_buf listed; /**< the lines that go, for whoever wants to see them */
    struct rf_bless_summary summary;
};

rf_code
rf_golden_check_ci(const struct rf_settings *settings, const char *what, struct rf_err *reterr)
{
    if (!rf_in_ci() || settings->ci_allowed || settings->dry_run) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, what,
                   "CI is set, and CI does not write goldens; add --ci if it really should");
}

/* ---- what is there --------------------------------------------------------------------------- */

static bool
wants_no_type(const void *context, uint32_t type)
{
    (void)context;
    (void)type;
    return false;
}

/** Lists the instances of the whole history. */
static rf_code
read_history(struct prune *prune, struct rf_err *reterr)
{
    struct rf_replay *replay = prune->replay;
    const struct rf_catalog_wish wish = {.wants = wants_no_type};
    struct rf_catalog *catalog = NULL;
    replay->surveys = true;
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    RF_TRY(rf_replay_goldens(replay, reterr));
    prune->presence = rf_presence_new(replay->settings->jobs);
    rf_code code =
        rf_replay_survey(replay, &wish, rf_presence_add, prune->presence, &catalog, reterr);
    rf_catalog_free(catalog);
    rf_presence_seal(prune->presence);
    return code;
}

/** Whatever cannot be read may hold the events of an instance that seems to be gone, be the damage
 * waived or not; so may have held an object that holds nothing, under a name that promises events.
 */
static bool
is_whole(struct rf_replay *replay)
{
    static const enum rf_damage_kind hiding[] = {RF_DAMAGE_UNREADABLE, RF_DAMAGE_TRUNCATED,
                                                 RF_DAMAGE_MALFORMED, RF_DAMAGE_ERRORS,
                                                 RF_DAMAGE_GOLDEN};
    rf_replay_judge_damage(replay);
    for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++) {
        replay->flags.damaged = replay->flags.damaged || replay->damages.totals[hiding[i]] > 0;
    }
    replay->flags.damaged = replay->flags.damaged || replay->ingested.hollow > 0;
    return !replay->flags.damaged;
}

/* ---- what goes ------------------------------------------------------------------------------- */

/** A golden stays as it is where this history has nothing to do with it, or where writing it would
 * make lines look blessed that are not. */
static void
leave_alone(struct prune *prune, const struct rf_golden *golden)
{
    const char *why = NULL;
    if (!rf_presence_knows(prune->presence, golden->aggregate)) {
        why = "is one of which this history has no event, as far as can be told: nothing of it is "
              "removed";
    } else if (golden->edited) {
        why = "was edited by hand: nothing of it is removed; bless it, or take the edit back";
    } else if (golden->meta != NULL && golden->meta->seal == RF_META_EDITED) {
        why =
            "has a meta file that was edited by hand: nothing of it is removed; bless it, or take "
            "the edit back";
    } else if (!golden->sealed) {
        why = "has no meta file: nothing of it is removed; bless it";
    }
    if (why != NULL) {
        prune->left_alone[prune->left_alone_count++] = golden->aggregate;
        rf_replay_warn(prune->replay, "%s %s", golden->path, why);
    }
}

static bool
is_left_alone(const struct prune *prune, const char *aggregate)
{
    for (size_t i = 0; i < prune->left_alone_count; i++) {
        if (strcmp(prune->left_alone[i], aggregate) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_loaded(const struct prune *prune, const char *aggregate)
{
    for (size_t i = 0; i < prune->replay->build_count; i++) {
        if (strcmp(prune->replay->builds[i]->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether there is an event that is of the instance, or may be: types tell only of what is loaded
 * whose the unnamed ones are. */
static bool
is_there(const struct prune *prune, const char *aggregate, const char *id, size_t id_bytes)
{
    const struct rf_presence *presence = prune->presence;
    return rf_presence_has(presence, aggregate, id, id_bytes) ||
           (!is_loaded(prune, aggregate) && rf_presence_has_unnamed(presence, id, id_bytes));
}

static bool
is_gone(const void *context, const char *aggregate, const char *id, size_t id_bytes)
{
    struct prune *prune = (struct prune *)(uintptr_t)context;
    if (is_left_alone(prune, aggregate) || is_there(prune, aggregate, id, id_bytes)) {
        return false;
    }
    rf_escape_terminal(&prune->listed, aggregate, strlen(aggregate));
    rf_buf_byte(&prune->listed, ' ');
    rf_escape_terminal(&prune->listed, id, id_bytes);
    rf_buf_byte(&prune->listed, '\n');
    return true;
}

static rf_code
remove_lines(struct prune *prune, struct rf_err *reterr)
{
    const struct rf_replay *replay = prune->replay;
    const struct rf_settings *settings = replay->settings;
    const struct rf_bless_request request = {
        .folder = settings->golden,
        .goldens = &replay->goldens,
        .jobs = 1,
        .accepts = is_gone,
        .accept_context = prune,
        .prunes = true,
        .dry_run = settings->dry_run,
        .lines = settings->lines,
        .hides_lines = settings->lines_hidden,
        .hold = prune->hold,
        .stop = &rf_interrupted,
    };
    struct rf_blessing *blessing = rf_blessing_new(&request);
    rf_code code = rf_blessing_prune(blessing, reterr);
    if (code == RF_OK) {
        code = rf_blessing_write(blessing, &prune->summary, reterr);
    }
    rf_blessing_free(blessing);
    return code;
}

/** No one knows what is in them, and lines go: whoever takes one for history is to see its name. */
static void
warn_foreign(struct rf_replay *replay)
{
    const struct rf_ingest_result *ingested = &replay->ingested;
    uint64_t count = ingested->sums.foreign;
    bool many = ingested->foreign_count > FOREIGN_SHOWN;
    size_t named = many ? FOREIGN_SHOWN : ingested->foreign_count; /* "listed" may keep fewer */
    struct rf_buf names = {0};
    for (size_t i = 0; i < named; i++) {
        rf_buf_string(&names, i == 0 ? "" : ", ");
        rf_buf_add_shown(&names, ingested->foreign[i], strlen(ingested->foreign[i]));
    }
    if (count > named) {
        rf_buf_format(&names, " and %" PRIu64 " more, which 'refold doctor -v' names",
                      count - named);
    }
    if (count > 0) {
        rf_replay_warn(replay, "%" PRIu64 " object%s foreign, and keep%s no line: %s", count,
                       count == 1 ? " is" : "s are", count == 1 ? "s" : "", rf_buf_text(&names));
    }
    rf_buf_done(&names);
}

static rf_code
prune_lines(struct prune *prune, struct rf_err *reterr)
{
    struct rf_replay *replay = prune->replay;
    RF_TRY(read_history(prune, reterr));
    if (replay->goldens.count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, replay->settings->golden,
                       "no golden here to remove lines from");
    }
    if (replay->folded.counts.instances + rf_presence_nameless(prune->presence) == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "no event in this history: nothing is removed");
    }
    if (!is_whole(replay)) {
        return RF_OK; /* and nothing is written */
    }
    prune->left_alone = rf_calloc(replay->goldens.count, sizeof(*prune->left_alone));
    for (size_t i = 0; i < replay->goldens.count; i++) {
        leave_alone(prune, &replay->goldens.items[i]);
    }
    uint64_t nameless = rf_presence_nameless(prune->presence);
    if (nameless > 0) {
        rf_replay_warn(replay,
                       "%" PRIu64 " instance%s events whose aggregate no name and no type tells: "
                       "no line with such an id is removed; load with -a what folds them, or say "
                       "in the config's \"streams\" whose they are",
                       nameless, nameless == 1 ? " has" : "s have");
    }
    RF_TRY(remove_lines(prune, reterr));
    if (prune->summary.removed > 0) {
        warn_foreign(replay);
    }
    return RF_OK;
}

/* ---- files of lines -------------------------------------------------------------------------- */

/** Each file on its own: nobody reads them, and one that stays does no harm. */
static rf_code
prune_files(struct prune *prune, struct rf_err *reterr)
{
    const struct rf_settings *settings = prune->replay->settings;
    struct rf_unnamed unnamed = {0};
    rf_code code = rf_unnamed_find(settings->golden, settings->lines, &unnamed, reterr);
    for (size_t i = 0; i < unnamed.count && code == RF_OK; i++) {
        if (!settings->dry_run && unlink(unnamed.paths[i]) != 0) {
            code = rf_fail_errno(reterr, RF_ERR_OUTPUT, unnamed.paths[i], "cannot be removed");
            break;
        }
        rf_escape_terminal(&prune->listed, unnamed.paths[i], strlen(unnamed.paths[i]));
        rf_buf_byte(&prune->listed, '\n');
        prune->summary.files++;
    }
    rf_unnamed_done(&unnamed);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static rf_code
do_prune(struct prune *prune, bool old_lines, struct rf_err *reterr)
{
    const struct rf_settings *settings = prune->replay->settings;
    RF_TRY(rf_golden_check_ci(settings, "golden prune", reterr));
    if (!settings->dry_run) {
        RF_TRY(rf_golden_hold(settings->golden, &prune->hold, reterr));
    }
    return old_lines ? prune_files(prune, reterr) : prune_lines(prune, reterr);
}

/** What went, each on a line, and how many. */
static rf_code
print(struct prune *prune, bool old_lines, struct rf_err *reterr)
{
    const struct rf_settings *settings = prune->replay->settings;
    uint64_t count = old_lines ? prune->summary.files : prune->summary.removed;
    struct rf_buf text = {0};
    if (settings->verbosity >= 0) {
        rf_buf_add(&text, prune->listed.bytes, prune->listed.used);
    }
    rf_buf_format(&text, "%s: %" PRIu64 " %s%s %s",
                  settings->dry_run ? "would be pruned" : "pruned", count,
                  old_lines ? "file" : "line", count == 1 ? "" : "s",
                  old_lines ? "with lines that no manifest here names"
                            : "of instances that are gone from history");
    if (!old_lines) {
        rf_buf_format(&text, ", %" PRIu64 " kept", prune->summary.kept);
    }
    rf_buf_string(&text, settings->dry_run ? "; --dry-run: nothing is written\n" : "\n");
    rf_code code = rf_say_whole(STDOUT_FILENO, "standard output", "summary", &text, reterr);
    rf_buf_done(&text);
    return code;
}

static void
tell(struct prune *prune, bool old_lines)
{
    struct rf_replay *replay = prune->replay;
    struct rf_err err;
    rf_progress_stop(&replay->progress);
    if (replay->flags.damaged) {
        rf_replay_say_damages(replay);
        rf_say(
            "nothing is removed: what cannot be read may be of an instance that seems to be gone");
    } else if (replay->error == NULL && print(prune, old_lines, &err) != RF_OK) {
        rf_replay_fail(replay, &err);
    }
}

int
rf_golden_prune(struct rf_settings *settings)
{
    bool old_lines = rf_flag(settings->arguments, RF_OPT_OLD_LINES);
    struct rf_replay replay;
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    struct prune prune = {.replay = &replay};
    if (do_prune(&prune, old_lines, &err) != RF_OK) {
        rf_replay_fail(&replay, &err);
    }
    tell(&prune, old_lines);
    int status = rf_verdict_exit(&replay.flags);
    rf_golden_release(prune.hold);
    rf_presence_free(prune.presence);
    rf_buf_done(&prune.listed);
    free(prune.left_alone);
    rf_replay_done(&replay);
    return status;
}
