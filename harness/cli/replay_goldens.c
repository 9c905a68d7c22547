/* SPDX-License-Identifier: MIT */
/* A replay's goldens: read by a thread of their own while the objects are. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stopwatch.h"
#include "base/threads.h"
#include "cli/private.h"
#include "cli/replay_internal.h"
#include "golden/meta.h"

/** A thread's work: the goldens are read while the objects are. */
struct rf_golden_reading {
    pthread_t thread;
    bool threaded; /**< else it was done at once, where no thread could be had */
    const char *folder;
    const char *lines; /**< of digest goldens */
    struct rf_goldens_anew anew;
    struct rf_goldens goldens;
    struct rf_damages damages;
    rf_code code;
    struct rf_err err;
};

static void *
read_goldens(void *context)
{
    struct rf_golden_reading *reading = context;
    enum rf_station before = rf_station_enter(RF_STATION_GOLDEN);
    reading->code = rf_goldens_open_digests(reading->folder, reading->lines, &reading->anew,
                                            &reading->goldens, &reading->damages, &reading->err);
    (void)rf_station_enter(before);
    return NULL;
}

/** --shard folds a part of each of a digest golden's shards: none of their digests could fit. */
static rf_code
check_shard(const struct rf_settings *settings, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    char *found = NULL;
    if (settings->shard.n == 0) {
        return RF_OK;
    }
    RF_TRY(rf_goldens_first(settings->golden, true, NULL, NULL, &found, reterr));
    if (found == NULL) {
        return RF_OK;
    }
    rf_code code = rf_fail(
        reterr, RF_ERR_USAGE, rf_option_origin(settings->arguments, RF_OPT_SHARD, origin),
        "does not go with a digest golden, as that of '%s' is: run all of it without --shard, or "
        "compare with a golden whose lines are in git",
        found);
    free(found);
    return code;
}

rf_code
rf_replay_begin_goldens(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    size_t count = 0;
    if (settings->no_compare || !(settings->verb & (RF_VERB_GOLDENS | RF_VERB_GOLDEN))) {
        return RF_OK;
    }
    RF_TRY(rf_goldens_count(settings->golden, &count, reterr));
    RF_TRY(check_shard(settings, reterr));
    if (settings->verb == RF_VERB_RUN && count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, settings->golden,
                       "no golden here to compare with; fold only, with --no-compare, or accept "
                       "today's states:  refold bless%s%s",
                       settings->again_bless[0] == '\0' ? "" : " ", settings->again_bless);
    }
    replay->reading = rf_calloc(1, sizeof(*replay->reading));
    replay->reading->folder = settings->golden;
    replay->reading->lines = settings->lines;
    replay->reading->anew = replay->anew;
    replay->reading->threaded =
        rf_thread_start(&replay->reading->thread, read_goldens, replay->reading);
    if (!replay->reading->threaded) {
        (void)read_goldens(replay->reading);
    }
    return RF_OK;
}

rf_code
rf_replay_end_goldens(struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_golden_reading *reading = replay->reading;
    if (reading == NULL) {
        return RF_OK;
    }
    if (reading->threaded) {
        (void)pthread_join(reading->thread, NULL);
    }
    rf_code code = reading->code;
    *reterr = reading->err;
    replay->goldens = reading->goldens;
    rf_damages_join(&replay->damages, &reading->damages);
    rf_damages_done(&reading->damages);
    free(reading);
    replay->reading = NULL;
    return code;
}

void
rf_replay_warn_waiting(struct rf_replay *replay, const struct rf_goldens *goldens)
{
    if (goldens->waiting > 0) { /* nobody who looks at the files by their names sees these */
        rf_replay_warn(replay,
                       "%s: a bless was cut off here; %zu of its files are read where it has left "
                       "them, as .refold-journal tells; 'refold golden verify --repair' puts them "
                       "into place",
                       goldens->folder, goldens->waiting);
    }
}

rf_code
rf_replay_goldens(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(rf_replay_end_goldens(replay, reterr));
    rf_replay_warn_waiting(replay, &replay->goldens);
    RF_TRY(rf_private_check_goldens(replay, reterr));
    for (size_t i = 0; i < replay->goldens.count; i++) {
        const struct rf_golden *golden = &replay->goldens.items[i];
        if (golden->edited) {
            rf_replay_warn(
                replay, "%s was edited by hand: its digest is not the one in its meta file%s",
                golden->path,
                golden->lost_lines == 0 ? "" : ", and lines are gone: whoever lacks one differs");
        } else if (!golden->damaged && golden->meta != NULL &&
                   golden->meta->seal == RF_META_EDITED) {
            rf_replay_warn(replay,
                           "%s: its meta file was edited by hand: its seal is not that of what it "
                           "says",
                           golden->path);
        } else if (!golden->damaged && !golden->sealed && !golden->is_digest) {
            rf_replay_warn(replay,
                           "%s has no meta file: nothing would tell that a line of it has gone",
                           golden->path);
        }
    }
    memcpy(replay->damages_of_all, replay->damages.totals, sizeof(replay->damages_of_all));
    memcpy(replay->known_of_all, replay->damages.known, sizeof(replay->known_of_all));
    replay->warnings_of_all = replay->warning_count;
    return RF_OK;
}
