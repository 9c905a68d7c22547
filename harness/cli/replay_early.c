/* SPDX-License-Identifier: MIT */
/* What can be said of a command line before anything is read: what looks like a slip. */
#include "cli/replay_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

/** Someone may have forgotten -a, or given compare a third build. */
static void
warn_sources(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    const char *what = settings->rivals == NULL ? "put -a in front to load it"
                                                : "builds are BASE and HEAD, the first two words";
    for (size_t i = 0; i < settings->source_count; i++) {
        if (rf_looks_like_aggregate(settings->sources[i])) {
            rf_replay_warn(replay, "%s looks like an aggregate; it is read as history, %s",
                           settings->sources[i], what);
        }
    }
}

/** The source beside a library, if that was changed after it; owned, or NULL. */
static char *
find_newer_source(const char *library)
{
    static const char *const ends[] = {".c", ".cpp", ".cc", ".cxx"};
    size_t bytes = strlen(library);
    struct stat made;
    if (bytes < 4 || strcmp(library + bytes - 3, ".so") != 0 || stat(library, &made) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char *source = rf_format("%.*s%s", (int)(bytes - 3), library, ends[i]);
        struct stat changed;
        if (stat(source, &changed) == 0 && S_ISREG(changed.st_mode) &&
            (changed.st_mtim.tv_sec > made.st_mtim.tv_sec ||
             (changed.st_mtim.tv_sec == made.st_mtim.tv_sec &&
              changed.st_mtim.tv_nsec > made.st_mtim.tv_nsec))) {
            return source;
        }
        free(source);
    }
    return NULL;
}

/** Whoever changes the source, and forgets to compile it, would be told that nothing changed. */
static void
warn_stale(struct rf_replay *replay, const char *library)
{
    char *source = find_newer_source(library);
    if (source != NULL) {
        rf_replay_warn(replay,
                       "%s is older than %s beside it, so that the code of before is folded with; "
                       "compile it, or name the source in its place",
                       library, source);
    }
    free(source);
}

static void
warn_libraries(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    bool tells = (settings->verb & RF_VERB_REPLAYS) != 0;
    for (size_t i = 0; tells && i < settings->plugin_count; i++) {
        warn_stale(replay, settings->plugins[i]);
        if (settings->rivals != NULL) {
            warn_stale(replay, settings->rivals[i]);
        }
    }
}

/** A variable that someone set long ago may narrow what is compared: that is said each time. */
static void
warn_of_environment(struct rf_replay *replay)
{
    static const enum rf_option_id narrowing[] = {
        RF_OPT_KEYS, RF_OPT_SINCE, RF_OPT_UNTIL,  RF_OPT_AS_OF,      RF_OPT_FROM,
        RF_OPT_ID,   RF_OPT_IDS,   RF_OPT_IGNORE, RF_OPT_NO_COMPARE, RF_OPT_TYPE};
    unsigned verb = replay->settings->verb;
    bool lists = (verb & (RF_VERB_TYPES | RF_VERB_LS)) != 0;
    const char *done = lists ? "listed" : (verb & RF_VERB_LOOKS) != 0 ? "looked at" : "compared";
    for (size_t i = 0; i < sizeof(narrowing) / sizeof(narrowing[0]); i++) {
        bool is_idle = narrowing[i] == RF_OPT_IGNORE && replay->settings->verb == RF_VERB_BLESS &&
                       !replay->settings->compares;
        if (replay->settings->arguments->given[narrowing[i]].from_environment && !is_idle) {
            rf_replay_warn(replay, "--%s comes from the environment and narrows what is %s",
                           rf_options[narrowing[i]].name, done);
        }
    }
}

void
rf_replay_warn_early(struct rf_replay *replay)
{
    warn_of_environment(replay);
    warn_sources(replay);
    warn_libraries(replay);
}
