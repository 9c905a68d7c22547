/* SPDX-License-Identifier: MIT */
/* A replay's objects: what is asked of the walk, and what of the sources it leaves out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stopwatch.h"
#include "cli/from.h"
#include "cli/interrupt.h"
#include "cli/replay_internal.h"
#include "cli/say.h"
#include "decode/gunzip.h"
#include "golden/own.h"

/** The ids that are wanted alone, for sources that can be asked for them; none: all are. */
struct wanted_ids {
    char **ids; /* owned */
    size_t count, room;
    bool odd; /* one holds a NUL byte, and cannot be asked for */
};

static void
add_wanted(void *context, const char *id, size_t bytes)
{
    struct wanted_ids *wanted = context;
    RF_GROW(wanted->ids, wanted->room, wanted->count + 1);
    wanted->ids[wanted->count++] = rf_strndup(id, bytes);
    wanted->odd = wanted->odd || memchr(id, '\0', bytes) != NULL;
}

static void
free_wanted(struct wanted_ids *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        free(wanted->ids[i]);
    }
    free(wanted->ids);
    *wanted = (struct wanted_ids){0};
}

static void
find_wanted(const struct rf_replay *replay, struct wanted_ids *ret)
{
    if (replay->only_id != NULL) {
        add_wanted(ret, replay->only_id, strlen(replay->only_id));
    } else if (replay->settings->ids != NULL) {
        rf_ids_each(replay->settings->ids, add_wanted, ret);
    }
    if (ret->odd) {
        free_wanted(ret);
    }
}

/** With -v: how a bucket was listed, for that costs requests. */
static void
say_listed(const struct rf_listed_counts *listed)
{
    struct rf_buf text = {0};
    uint64_t passed_over = listed->before + listed->behind;
    rf_buf_format(&text, "listing took %" PRIu64 " request%s", listed->requests,
                  listed->requests == 1 ? "" : "s");
    if (passed_over > 0) {
        rf_buf_format(&text, "; folders passed over by their hours: %" PRIu64, passed_over);
    }
    if (listed->unpruned > 0) {
        rf_buf_format(&text,
                      "; folders listed whole, for the time stands behind too much in them: "
                      "%" PRIu64,
                      listed->unpruned);
    }
    if (listed->markers > 0) {
        rf_buf_format(&text, "; folder markers left out: %" PRIu64, listed->markers);
    }
    rf_say(rf_buf_text(&text));
    rf_buf_done(&text);
}

/** Of a folder that a fetch did not bring all into it is known that it is a part of the history:
 * nothing may be said of all of it, and nothing that stands for it be written. Who looks at an
 * object or an instance is told. */
static rf_code
check_finished(struct rf_replay *replay, struct rf_err *reterr)
{
    static const char text[] = "a fetch into it left out objects, or did not come to its end, so "
                               "that this is only a part of the history: fetch again, to its "
                               "end; a key that fetch refuses never comes: read the server itself "
                               "then, or fetch a source without it";
    const char *folder = replay->objects.unfinished;
    if (folder == NULL) {
        return RF_OK;
    }
    if ((replay->settings->verb & (RF_VERB_LS | RF_VERB_SHOW)) == 0) {
        return rf_fail(reterr, RF_ERR_SOURCE, folder, "%s", text);
    }
    rf_replay_warn(replay, "%s: %s", folder, text);
    return RF_OK;
}

static void
warn_left_out(struct rf_replay *replay)
{
    if (replay->objects.hourless > 0) {
        bool alone = replay->objects.hourless == 1;
        const char *fate = !replay->only_lists ? "must hold no events"
                           : alone             ? "was left out"
                                               : "were left out";
        rf_replay_warn(replay, "%llu object%s no hour folder and %s%s %s",
                       (unsigned long long)replay->objects.hourless,
                       alone ? " lies in" : "s lie in", fate, alone ? ":" : ", the first is",
                       replay->objects.hourless_sample);
    }
    if (replay->objects.astray > 0) {
        rf_replay_warn(
            replay, "%llu of the files that 'refold fetch' keeps for itself %s left out%s %s",
            (unsigned long long)replay->objects.astray,
            replay->objects.astray == 1 ? "was" : "were",
            replay->objects.astray == 1 ? ":" : ", the first is", replay->objects.astray_sample);
    }
}

/** What lies in a source and is refold's own: left out of it, which -v tells. */
static void
say_own(const struct rf_replay *replay)
{
    uint64_t files = replay->objects.golden_files;
    if (replay->settings->verbosity <= 0) {
        return;
    }
    if (replay->objects.config_files > 0) {
        char *text = rf_format("%s: the config lies in a source and is left out of it",
                               replay->settings->config.path);
        rf_say(text);
        free(text);
    }
    if (files > 0) {
        char *text = rf_format("%s: the golden folder lies in a source and is left out of it: "
                               "%" PRIu64 " file%s",
                               replay->settings->golden, files, files == 1 ? "" : "s");
        rf_say(text);
        free(text);
    }
}

/** Folders of a bucket that only the first date on their way leaves out, which -v tells: copies lie
 * like this, and so does a stream that is idle. */
static void
say_passed(const struct rf_replay *replay)
{
    uint64_t folders = replay->objects.passed;
    if (replay->settings->verbosity <= 0 || folders == 0) {
        return;
    }
    char *text =
        rf_format("%" PRIu64 " folder%s other hours only, by the first date on %s way%s %s",
                  folders, folders == 1 ? " holds" : "s hold", folders == 1 ? "its" : "their",
                  folders == 1 ? ":" : "; the first:", replay->objects.passed_sample);
    rf_say(text);
    free(text);
}

rf_code
rf_replay_walk(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    struct wanted_ids wanted = {0};
    find_wanted(replay, &wanted);
    struct rf_walk_request request = {
        .sources = settings->sources,
        .source_count = settings->source_count,
        .pendings = rf_from_pendings(replay->from),
        .pending_count = rf_from_pending_count(replay->from),
        .golden =
            (settings->verb & (RF_VERB_GOLDENS | RF_VERB_GOLDEN)) != 0 ? settings->golden : NULL,
        .golden_owns = rf_golden_owns,
        .config = settings->config.path,
        .keys = settings->keys,
        .since = settings->since,
        .until = settings->until,
        .ids = (const char *const *)wanted.ids,
        .id_count = wanted.count,
        .without = settings->arguments->given[RF_OPT_WITHOUT].values,
        .without_count = settings->arguments->given[RF_OPT_WITHOUT].count,
        .verify = settings->verify || (rf_in_ci() && !replay->only_lists),
        .verify_asked = settings->verify,
        .reads = !replay->only_lists,
        .jobs = settings->jobs,
        .hours = replay->wants_hours,
        .layout = settings->config.layout,
        .net = &settings->net,
        .gunzip = &rf_gunzip,
        .stop = &rf_interrupted,
    };
    enum rf_station before = rf_station_enter(RF_STATION_WALK);
    rf_code code = rf_walk(&request, &replay->objects, reterr);
    (void)rf_station_enter(before);
    free_wanted(&wanted);
    RF_TRY(code);
    RF_TRY(check_finished(replay, reterr));
    if (settings->verbosity > 0 && replay->objects.listed.requests > 0) {
        say_listed(&replay->objects.listed);
    }
    warn_left_out(replay);
    say_own(replay);
    say_passed(replay);
    return RF_OK;
}
