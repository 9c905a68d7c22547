/* SPDX-License-Identifier: MIT */
/* The golden that a replay goes on from (--from): read, checked, and made into starts. */
#include "cli/from.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "golden/meta.h"
#include "golden/pending.h"
#include "history/start.h"
#include "walk/select.h"

struct rf_from {
    const char *folder; /**< borrowed */
    bool edited_too;    /**< a golden that was edited by hand is taken as well */
    struct rf_goldens goldens;
    struct rf_starts *starts;
    struct rf_envelope envelope; /**< of pending files */
    char **pendings;             /**< their paths */
    struct rf_buf *texts;        /**< and what stands in them */
    const struct rf_golden **pending_goldens;
    size_t pending_count;
};

void
rf_from_free(struct rf_from *from)
{
    if (from == NULL) {
        return;
    }
    for (size_t i = 0; i < from->pending_count; i++) {
        free(from->pendings[i]);
        rf_buf_done(&from->texts[i]);
    }
    free(from->pendings);
    free(from->texts);
    free(from->pending_goldens);
    rf_envelope_done(&from->envelope);
    rf_starts_free(from->starts);
    rf_goldens_done(&from->goldens);
    free(from);
}

/* ---- which builds go on from which goldens --------------------------------------------------- */

/** The build that folds an aggregate of this name, or NULL. */
static const struct rf_build *
find_build(const struct rf_replay *replay, const char *aggregate)
{
    const struct rf_build *taker = NULL;
    for (size_t i = 0; i < replay->build_count; i++) {
        const struct rf_build *build = replay->builds[i];
        if (strcmp(build->name, aggregate) == 0) {
            return build;
        }
        taker = build->takes_all ? build : taker;
    }
    return taker;
}

static rf_code
check_seal(const struct rf_from *from, const struct rf_golden *golden, struct rf_err *reterr)
{
    if (golden->meta == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "has no meta file, so nothing tells which code made its states; bless it to "
                       "go on from it");
    }
    if (golden->edited && !from->edited_too) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "was edited by hand: its digest is not the one in its meta file; restore it "
                       "from git, or bless again");
    }
    if (golden->meta->seal == RF_META_EDITED) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "its meta file was edited by hand: its seal is not that of what it says, "
                       "and the hour in it may be another; restore it from git, or bless again");
    }
    if (golden->meta->seal == RF_META_UNSEALED && !from->edited_too) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "its meta file has no seal (an older refold wrote it), so nothing tells "
                       "whether the hour in it is the one that was closed; bless it anew to go on "
                       "from it");
    }
    return RF_OK;
}

void
rf_from_rules(const void *settings, const struct rf_build *build, char ret[RF_META_RULES_BYTES])
{
    const struct rf_config *config = &((const struct rf_settings *)settings)->config;
    const struct rf_aggregate_config *found = rf_config_aggregate(config, build->name);
    size_t count = found == NULL ? 0 : found->skip_count;
    const char **skips = rf_calloc(count + 1, sizeof(*skips));
    for (size_t i = 0; i < count; i++) {
        skips[i] = found->skips[i].type;
    }
    rf_meta_rules(found == NULL ? 1 : found->first, skips, count, ret);
    free(skips);
}

/** With --since nothing tells which events were left out in front of it: where all of the history
 * is read, the hash of those that were folded does. */
static rf_code
check_rules(const struct rf_settings *settings, const struct rf_golden *golden,
            const struct rf_build *build, struct rf_err *reterr)
{
    char rules[RF_META_RULES_BYTES];
    rf_from_rules(settings, build, rules);
    if (settings->since == NULL || strcmp(rules, golden->meta->rules) == 0) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                   "was closed when the config had another \"first\" or \"skip\" for %s: leave "
                   "--since out, so that all of the history tells whether that changes anything",
                   build->name);
}

static rf_code
check_code(const struct rf_golden *golden, const struct rf_build *build, struct rf_err *reterr)
{
    if (golden->meta->private_paths != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "holds hashes in place of what was private (%.200s): nothing can go on from "
                       "there; fold the whole history",
                       golden->meta->private_paths);
    }
    if (!build->restores) {
        return rf_fail(reterr, RF_ERR_USAGE, build->path,
                       "%s writes its snapshot itself and has no restore: it cannot go on from "
                       "one, only from its events",
                       build->name);
    }
    if (golden->meta->state_version == RF_META_MIXED) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "its lines were not all blessed by one version of %s: bless it whole",
                       build->name);
    }
    if (golden->meta->state_version != build->state_version) {
        return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                       "its states are of version %" PRIu32 ", those of %s are of version %" PRIu32
                       ": fold the whole history, and bless it",
                       golden->meta->state_version, build->path, build->state_version);
    }
    for (size_t i = 0; i < golden->count; i++) {
        if (!golden->lines[i].has_digest) {
            return rf_fail(reterr, RF_ERR_USAGE, golden->path,
                           "line %zu has no \"events\", so nothing tells which events it covers; "
                           "bless again",
                           i + 1);
        }
    }
    return RF_OK;
}

/** No hour may lie between what the golden holds and what is read. */
static rf_code
check_hours(const struct rf_settings *settings, const struct rf_golden *golden,
            struct rf_err *reterr)
{
    const char *closed = golden->meta->closed;
    int64_t end = 0;
    int64_t since = 0;
    int64_t until = 0;
    if (closed == NULL) {
        return settings->since == NULL
                   ? RF_OK
                   : rf_fail(reterr, RF_ERR_USAGE, "--since",
                             "%s is not closed at an hour, so it may lack events before %s: leave "
                             "--since out, or bless it whole with --until %s",
                             golden->path, settings->since, settings->since);
    }
    RF_TRY(rf_select_hour(golden->path, closed, &end, reterr));
    if (settings->since != NULL) {
        RF_TRY(rf_select_hour("--since", settings->since, &since, reterr));
        if (since > end) {
            return rf_fail(reterr, RF_ERR_USAGE, "--since",
                           "%s holds what came before %s: what came between would be lost; give "
                           "--since %s",
                           golden->path, closed, closed);
        }
    }
    if (settings->until != NULL) {
        RF_TRY(rf_select_hour("--until", settings->until, &until, reterr));
        if (until < end) {
            return rf_fail(reterr, RF_ERR_USAGE, "--until",
                           "%s holds what came before %s already, and --until %s lies before that",
                           golden->path, closed, settings->until);
        }
    }
    return RF_OK;
}

static rf_code
check_golden(struct rf_replay *replay, const struct rf_golden *golden, size_t *ret_used,
             struct rf_err *reterr)
{
    const struct rf_build *build = find_build(replay, golden->aggregate);
    if (build == NULL) {
        rf_replay_warn(replay, "no aggregate is loaded for %s; nothing goes on from there",
                       golden->path);
        return RF_OK;
    }
    *ret_used += 1;
    RF_TRY(check_seal(replay->from, golden, reterr));
    RF_TRY(check_code(golden, build, reterr));
    RF_TRY(check_rules(replay->settings, golden, build, reterr));
    return check_hours(replay->settings, golden, reterr);
}

/** Whether a golden there is one that the build goes on from. */
static bool
has_golden(const struct rf_replay *replay, const struct rf_build *build)
{
    const struct rf_goldens *goldens = &replay->from->goldens;
    for (size_t i = 0; i < goldens->count; i++) {
        if (find_build(replay, goldens->items[i].aggregate) == build) {
            return true;
        }
    }
    return false;
}

/** With --since only what has a golden there is known to be whole. What declares `*` has one of
 * each name that it met: without any, nothing tells that it was there when the hour was closed. */
static rf_code
check_builds(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; replay->settings->since != NULL && i < replay->build_count; i++) {
        const struct rf_build *build = replay->builds[i];
        if (!has_golden(replay, build)) {
            return rf_fail(reterr, RF_ERR_USAGE, replay->from->folder,
                           "holds no golden of %s%s, whose events before --since would be lost; "
                           "leave --since out, or bless it there with --until",
                           build->takes_all ? "any name that * stands for in " : "", build->name);
        }
    }
    return RF_OK;
}

/** A golden would be compared with itself. */
static rf_code
check_folders(const struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    struct stat from;
    struct stat golden;
    bool compares = settings->verb == RF_VERB_RUN && !settings->no_compare;
    if (!compares || stat(settings->from, &from) != 0 || stat(settings->golden, &golden) != 0 ||
        from.st_dev != golden.st_dev || from.st_ino != golden.st_ino) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, "--from",
                   "%s is the golden that is compared with too, and would be the same as itself; "
                   "compare with another (-g), or nothing (--no-compare)",
                   settings->from);
}

/* ---- reading --------------------------------------------------------------------------------- */

static rf_code
read_goldens(struct rf_from *from, struct rf_err *reterr)
{
    struct rf_damages damages = {0};
    rf_code code = rf_goldens_open(from->folder, &from->goldens, &damages, reterr);
    rf_damages_sort(&damages);
    if (code == RF_OK && damages.count > 0) {
        const struct rf_damage *first = &damages.items[0];
        char *where = first->has_offset ? rf_format("%s:%" PRIu64, first->object, first->offset)
                                        : rf_strdup(first->object);
        code = rf_fail(reterr, RF_ERR_CORRUPT, where, "%s", first->message);
        free(where);
    }
    rf_damages_done(&damages);
    return code;
}

static void
add_pending(struct rf_from *from, const struct rf_golden *golden)
{
    size_t count = from->pending_count + 1;
    from->pendings = rf_realloc(from->pendings, count, sizeof(*from->pendings));
    from->texts = rf_realloc(from->texts, count, sizeof(*from->texts));
    from->pending_goldens =
        rf_realloc(from->pending_goldens, count, sizeof(*from->pending_goldens));
    from->pendings[from->pending_count] = rf_pending_path(from->folder, golden->aggregate);
    from->texts[from->pending_count] = (struct rf_buf){0};
    from->pending_goldens[from->pending_count] = golden;
    from->pending_count = count;
}

/** What the files hold lies in the history too, where all of it is read. */
static rf_code
find_pendings(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_from *from = replay->from;
    for (size_t i = 0; i < from->goldens.count; i++) {
        const struct rf_golden *golden = &from->goldens.items[i];
        struct rf_buf text = {0};
        if (find_build(replay, golden->aggregate) == NULL) {
            continue;
        }
        rf_code code = rf_pending_read(from->folder, golden, &text, reterr);
        if (code == RF_OK && text.used > 0 && replay->settings->since != NULL) {
            add_pending(from, golden);
        }
        rf_buf_done(&text);
        RF_TRY(code);
    }
    RF_TRY(rf_envelope_parse(RF_PENDING_ENVELOPE, &from->envelope, reterr));
    from->envelope.may_lack_time = true;
    from->envelope.is_kept = true;
    return RF_OK;
}

static rf_code
open_golden(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_from *from = replay->from;
    size_t used = 0;
    RF_TRY(read_goldens(from, reterr));
    if (!from->edited_too) { /* else it is told of once more */
        rf_replay_warn_waiting(replay, &from->goldens);
    }
    for (size_t i = 0; i < from->goldens.count; i++) {
        RF_TRY(check_golden(replay, &from->goldens.items[i], &used, reterr));
    }
    if (used == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, from->folder,
                       "no golden of a loaded aggregate to go on from");
    }
    RF_TRY(check_builds(replay, reterr));
    return find_pendings(replay, reterr);
}

rf_code
rf_from_open(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    bool proves = rf_runs_subcommand(settings, RF_SUBCOMMAND_PROVE);
    if (settings->from == NULL && !proves) {
        return RF_OK;
    }
    replay->from = rf_calloc(1, sizeof(*replay->from));
    replay->from->folder = proves ? settings->golden : settings->from;
    replay->from->edited_too = proves;
    if (!proves) {
        RF_TRY(check_folders(replay, reterr));
    }
    return open_golden(replay, reterr);
}

/* ---- once all is read ------------------------------------------------------------------------ */

const char *const *
rf_from_pendings(const struct rf_from *from)
{
    return from == NULL ? NULL : (const char *const *)from->pendings;
}

size_t
rf_from_pending_count(const struct rf_from *from)
{
    return from == NULL ? 0 : from->pending_count;
}

rf_code
rf_from_check_pendings(struct rf_from *from, struct rf_err *reterr)
{
    for (size_t i = 0; from != NULL && i < from->pending_count; i++) {
        RF_TRY(rf_pending_read(from->folder, from->pending_goldens[i], &from->texts[i], reterr));
    }
    return RF_OK;
}

const struct rf_envelope *
rf_from_envelope(const struct rf_from *from)
{
    return from == NULL ? NULL : &from->envelope;
}

size_t
rf_from_name_count(const struct rf_from *from)
{
    return from == NULL ? 0 : from->goldens.count;
}

const char *
rf_from_name(const struct rf_from *from, size_t index)
{
    return from->goldens.items[index].aggregate;
}

static struct rf_start
start_at(const struct rf_golden_line *line, uint32_t aggregate)
{
    struct rf_start start = {
        .aggregate = aggregate,
        .id = line->id,
        .id_bytes = line->id_bytes,
        .state = line->state,
        .state_bytes = line->state_bytes,
        .version = line->version,
        .covered = rf_golden_pin(line),
        .digest = line->digest,
        .refused = line->refusal != NULL,
    };
    if (line->refusal != NULL) {
        start.refused_type = line->refusal->type;
        start.refused_type_bytes = line->refusal->type_bytes;
        start.likeness = line->refusal->likeness;
        start.refused_message = line->refusal->message;
        start.refused_message_bytes = line->refusal->message_bytes;
    }
    return start;
}

void
rf_from_begin(struct rf_replay *replay)
{
    struct rf_from *from = replay->from;
    if (from == NULL) {
        return;
    }
    struct rf_names *names = rf_history_names(replay->history);
    from->starts = rf_starts_new();
    for (size_t i = 0; i < from->goldens.count; i++) {
        const struct rf_golden *golden = &from->goldens.items[i];
        uint32_t number = rf_names_find(names, golden->aggregate, strlen(golden->aggregate));
        for (size_t k = 0; number != RF_NAME_NONE && k < golden->count; k++) {
            struct rf_start start = start_at(&golden->lines[k], number);
            rf_starts_add(from->starts, &start);
        }
    }
    rf_starts_sort(from->starts);
    replay->rules.starts = from->starts;
    replay->rules.whole = replay->settings->since == NULL;
    for (size_t i = 0; replay->settings->until != NULL && i < from->goldens.count; i++) {
        const struct rf_golden *golden = &from->goldens.items[i];
        bool closed = golden->meta != NULL && golden->meta->closed != NULL;
        replay->rules.whole = replay->rules.whole && closed; /* --until lies behind: check_hours */
    }
}

void
rf_from_sources(const struct rf_replay *replay, struct rf_pendings *pendings)
{
    const struct rf_from *from = replay->from;
    size_t place = 0;
    for (size_t i = 0;
         from != NULL && i < replay->objects.count && replay->objects.items[i].pending; i++) {
        /* They are sorted by key, not as they were named. */
        const struct rf_object *object = &replay->objects.items[i];
        for (place = 0; place < from->pending_count; place++) {
            if (strcmp(object->name, from->pendings[place]) == 0) {
                rf_pendings_source(pendings, object->number, &from->texts[place]);
            }
        }
    }
}
