/* SPDX-License-Identifier: MIT */
/* refold pack: history in its packed form. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/libzstd.h"
#include "cli/interrupt.h"
#include "cli/outside.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "history/pack_write.h"

/* ---- where it goes --------------------------------------------------------------------------- */

static rf_code
fail_output(const struct rf_settings *settings, struct rf_err *reterr, const char *text)
{
    return rf_fail(reterr, RF_ERR_USAGE, rf_argument(settings->arguments, RF_OPT_OUTPUT), "%s",
                   text);
}

/** Nothing but a pack is ever replaced. */
static rf_code
check_output(const struct rf_settings *settings, struct rf_err *reterr)
{
    const char *file = rf_argument(settings->arguments, RF_OPT_OUTPUT);
    struct stat facts;
    if (file == NULL || strcmp(file, "-") == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, "-o", "name the file that the pack is written to");
    }
    if (stat(file, &facts) == 0) {
        if (!S_ISREG(facts.st_mode)) {
            return fail_output(settings, reterr, "is no file: name one");
        }
    } else if (errno != ENOENT) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, file, "what lies there cannot be seen");
    }
    return rf_check_outside(settings, file, reterr);
}

/* ---- what comes of it ------------------------------------------------------------------------ */

/** What is damaged is packed as it is: who replays it is told again. */
static void
say_damages(struct rf_replay *replay)
{
    rf_replay_say_damages(replay);
    rf_replay_judge_damage(replay);
    if (replay->flags.damaged) {
        rf_say("the history is damaged, and is packed so: a run from the pack ends as one from the "
               "objects would");
    }
}

static uint64_t
stored_bytes(const struct rf_objects *objects)
{
    uint64_t total = 0;
    for (size_t i = 0; i < objects->count; i++) {
        uint64_t bytes = objects->items[i].bytes;
        total += bytes == RF_BYTES_UNKNOWN ? 0 : bytes;
    }
    return total;
}

static rf_code
print(const struct rf_replay *replay, struct rf_err *reterr)
{
    const char *file = rf_argument(replay->settings->arguments, RF_OPT_OUTPUT);
    struct rf_buf text = {0};
    struct stat facts = {0};
    if (stat(file, &facts) != 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, file, "what was written cannot be seen");
    }
    size_t objects = replay->objects.count;
    rf_buf_string(&text, "written: ");
    rf_escape_shell(&text, file, strlen(file));
    rf_buf_format(
        &text, " with %zu object%s, %" PRIu64 " event%s; %" PRIu64 " bytes instead of %" PRIu64,
        objects, objects == 1 ? "" : "s", replay->sums.events, replay->sums.events == 1 ? "" : "s",
        (uint64_t)facts.st_size, stored_bytes(&replay->objects));
    if (replay->objects.known > 0) {
        rf_buf_format(&text, "; %" PRIu64 " known object%s left out", replay->objects.known,
                      replay->objects.known == 1 ? "" : "s");
    }
    rf_buf_byte(&text, '\n');
    rf_code code = rf_say_whole(STDOUT_FILENO, "standard output", "summary", &text, reterr);
    rf_buf_done(&text);
    return code;
}

/* ---- the way of the data --------------------------------------------------------------------- */

static rf_code
write_pack(struct rf_replay *replay, int64_t began, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    struct rf_ingest_request rules = {
        .envelope = &settings->envelope,
        .streams = settings->config.streams,
        .stream_count = settings->config.stream_count,
        .errors = settings->errors,
        .identifiers = replay->identifiers,
    };
    struct rf_pack_request request = {
        .history = replay->history,
        .facts = replay->facts,
        .ingest = &rules,
        .began = began,
        .jobs = settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    rf_progress_events(&replay->progress, "packing", replay->sums.events);
    return rf_pack_write(&request, rf_argument(settings->arguments, RF_OPT_OUTPUT), reterr);
}

static rf_code
pack(struct rf_replay *replay, struct rf_err *reterr)
{
    int64_t began = (int64_t)time(NULL);
    replay->keeps_facts = true;
    RF_TRY(check_output(replay->settings, reterr));
    RF_TRY(rf_libzstd_load("refold pack", reterr));
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    if (replay->sums.events == 0 && replay->objects.known == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "no event in %zu object%s: nothing is packed",
                       replay->objects.count, replay->objects.count == 1 ? "" : "s");
    }
    RF_TRY(write_pack(replay, began, reterr));
    rf_progress_stop(&replay->progress);
    say_damages(replay);
    return replay->settings->verbosity < 0 ? RF_OK : print(replay, reterr);
}

int
rf_pack(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    if (pack(&replay, &err) != RF_OK) {
        rf_replay_fail(&replay, &err);
    }
    int status = rf_verdict_exit(&replay.flags);
    rf_replay_done(&replay);
    return status;
}
