/* SPDX-License-Identifier: MIT */
/* A stage for tests of the golden station: a golden folder, a history's names, and a fold that
 * plays instances whose states are given. */
#ifndef RF_TESTS_GOLDEN_SCENE_H
#define RF_TESTS_GOLDEN_SCENE_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/files.h"
#include "fold/fold.h"
#include "golden/bless.h"
#include "golden/compare.h"
#include "golden/golden.h"
#include "worker/protocol.h"

#define UNUSED     __attribute__((unused))
#define MOST_STEPS 12
#define VERSION_0  INT64_MIN

struct scene {
    char folder[64];
    struct rf_object object;
    struct rf_objects objects;
    struct rf_history *history;
    struct rf_build build;
    struct rf_build *builds[1];
    struct rf_goldens goldens;
    struct rf_damages damages;
};

/** One instance: its events, and the state after each; states[0] is the empty one. */
struct play {
    const char *aggregate; /* NULL: order */
    const char *id;
    size_t count; /* steps */
    const char *states[MOST_STEPS + 1];
    const char *types[MOST_STEPS + 1]; /* of step i, from 1; NULL: "Event" */
    size_t type_bytes[MOST_STEPS + 1]; /* of step i, from 1; 0: up to the NUL */
    int64_t versions[MOST_STEPS + 1];  /* of step i, from 1; 0: i; VERSION_0 */
    int64_t last_version;              /* 0: the last step's */
    uint64_t salt;                     /* other contents */
    enum rf_ending ending;
    size_t fails_at; /* the step that is refused or at which it dies, from 1 */
    const char *message;
    const char *nonfinite; /* of the state at the snapshot, once it is behind step nonfinite_from */
    size_t nonfinite_from;
    uint64_t likeness; /* of that state; 0: 0xab */
    bool shortened;
    bool lost_trace;
    size_t thread;
};

static inline UNUSED void
write_text(const struct scene *scene, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", scene->folder, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file != NULL);
    cr_assert(fwrite(text, 1, strlen(text), file) == strlen(text));
    cr_assert(fclose(file) == 0);
}

/** Owned; NULL where there is no such file. */
static inline UNUSED char *
read_text_file(const struct scene *scene, const char *name)
{
    char path[256];
    struct rf_buf buf = {0};
    (void)snprintf(path, sizeof(path), "%s/%s", scene->folder, name);
    if (rf_file_read(path, &buf, NULL) != RF_OK) {
        return NULL;
    }
    char *text = rf_strndup(buf.used == 0 ? "" : buf.bytes, buf.used);
    rf_buf_done(&buf);
    return text;
}

static inline UNUSED size_t
count_files(const char *folder, const char *part)
{
    size_t count = 0;
    DIR *open_folder = opendir(folder);
    cr_assert(open_folder != NULL);
    for (struct dirent *entry; (entry = readdir(open_folder)) != NULL;) {
        bool dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        count += !dots && strstr(entry->d_name, part) != NULL ? 1 : 0;
    }
    closedir(open_folder);
    return count;
}

static inline UNUSED void
scene_open(struct scene *scene)
{
    static char object_name[] = "2024/01/02/03/stream-1";
    static char build_name[] = "order";
    memset(scene, 0, sizeof(*scene));
    (void)snprintf(scene->folder, sizeof(scene->folder), "%s/refold-golden-XXXXXX",
                   getenv("TMPDIR") == NULL || strlen(getenv("TMPDIR")) > 30 ? "/tmp"
                                                                             : getenv("TMPDIR"));
    cr_assert(mkdtemp(scene->folder) != NULL);
    scene->object.key = object_name;
    scene->object.name = object_name;
    scene->objects.items = &scene->object;
    scene->objects.count = 1;
    scene->history = rf_history_new(&scene->objects, 1);
    scene->build.name = build_name;
    scene->builds[0] = &scene->build;
}

static inline UNUSED void
scene_load(struct scene *scene)
{
    struct rf_err err;
    rf_goldens_done(&scene->goldens);
    rf_damages_done(&scene->damages);
    rf_code code = rf_goldens_open(scene->folder, &scene->goldens, &scene->damages, &err);
    cr_assert(code == RF_OK, "%s: %s", err.where, err.text);
}

static inline UNUSED void
scene_done(struct scene *scene)
{
    DIR *open_folder = opendir(scene->folder);
    for (struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
        if (unlinkat(dirfd(open_folder), entry->d_name, 0) != 0) {
            (void)unlinkat(dirfd(open_folder), entry->d_name, AT_REMOVEDIR);
        }
    }
    if (open_folder != NULL) {
        closedir(open_folder);
    }
    (void)rmdir(scene->folder);
    rf_goldens_done(&scene->goldens);
    rf_damages_done(&scene->damages);
    rf_history_free(scene->history);
}

static inline UNUSED struct rf_packed_event
make_event(const struct scene *scene, const struct play *play, size_t step)
{
    const char *type = play->types[step] == NULL ? "Event" : play->types[step];
    size_t type_bytes = play->type_bytes[step] == 0 ? strlen(type) : play->type_bytes[step];
    return (struct rf_packed_event){
        .version = (int64_t)step,
        .at_seconds = 1000 + (int64_t)step,
        .content_hash = 77 * step + play->salt,
        .offset = 100 * step,
        .type = rf_names_number(rf_history_names(scene->history), type, type_bytes),
        .flags = RF_EVENT_VERSION | RF_EVENT_AT,
    };
}

static inline UNUSED int64_t
version_of(const struct play *play, size_t step)
{
    int64_t version = play->versions[step];
    return version == VERSION_0 ? 0 : version == 0 ? (int64_t)step : version;
}

/** The digest of the first `count` events, as the worker would give it. */
static inline UNUSED uint64_t
digest_of(const struct scene *scene, const struct play *play, size_t count)
{
    uint64_t digest = 0;
    for (size_t i = 1; i <= count; i++) {
        struct rf_packed_event event = make_event(scene, play, i);
        digest = rf_digest_event(digest, &event, version_of(play, i),
                                 rf_names_hash(rf_history_names(scene->history), event.type));
    }
    return digest;
}

static inline UNUSED void
play_trace(const struct rf_fold_sink *sink, const struct play *play,
           const struct rf_instance *instance, size_t steps)
{
    for (size_t i = 0; i <= steps; i++) {
        if (i == 0 || strcmp(play->states[i], play->states[i - 1]) != 0) {
            sink->trace(sink->context, play->thread, instance, i, play->states[i],
                        strlen(play->states[i]), 0);
        }
    }
    sink->traced(sink->context, play->thread, instance, !play->lost_trace);
}

/** Fold one instance for a sink, as a fold would. Returns whether a trace was asked for. */
static inline UNUSED bool
perform(const struct scene *scene, const struct rf_fold_sink *sink, const struct play *play)
{
    struct rf_packed_event events[MOST_STEPS + 1];
    struct rf_step steps[MOST_STEPS + 1];
    for (size_t i = 1; i <= play->count; i++) {
        events[i - 1] = make_event(scene, play, i);
        steps[i - 1] = (struct rf_step){.event = &events[i - 1],
                                        .ref = i,
                                        .version = version_of(play, i),
                                        .digest = digest_of(scene, play, i)};
    }
    struct rf_instance instance = {
        .aggregate = rf_names_number(rf_history_names(scene->history),
                                     play->aggregate == NULL ? "order" : play->aggregate,
                                     strlen(play->aggregate == NULL ? "order" : play->aggregate)),
        .aggregate_name = play->aggregate == NULL ? "order" : play->aggregate,
        .id = play->id,
        .id_bytes = strlen(play->id),
        .steps = steps,
        .step_count = play->count,
        .last_version = play->last_version != 0 ? play->last_version
                        : play->count == 0      ? 0
                                                : version_of(play, play->count),
        .shortened = play->shortened,
    };
    struct rf_pin pin = sink->pin(sink->context, play->thread, &instance);
    if (pin.passed) {
        return false;
    }
    size_t applied = play->fails_at == 0 ? play->count : play->fails_at - 1;
    size_t shown = applied;
    while (pin.wanted && shown > 0 && steps[shown - 1].version > pin.version) {
        shown--;
    }
    bool crashed = play->ending == RF_ENDED_CRASHED || play->ending == RF_ENDED_HUNG;
    bool nan = play->nonfinite != NULL && shown >= play->nonfinite_from;
    struct rf_outcome outcome = {
        .instance = &instance,
        .ending = play->ending,
        .applied = applied,
        .at = play->fails_at == 0 ? NULL : &events[play->fails_at - 1],
        .at_version = play->fails_at == 0 ? 0 : steps[play->fails_at - 1].version,
        .state = crashed || nan ? NULL : play->states[shown],
        .state_bytes = crashed || nan ? 0 : strlen(play->states[shown]),
        .state_steps = shown,
        .state_digest = digest_of(scene, play, shown),
        .state_version = shown == 0 ? 0 : steps[shown - 1].version,
        .at_digest = play->fails_at == 0 ? 0 : digest_of(scene, play, play->fails_at),
        .nonfinite = nan ? play->nonfinite : NULL,
        .likeness = !nan                  ? 0
                    : play->likeness == 0 ? 0xab
                                          : play->likeness,
        .message = play->message,
    };
    bool traced = sink->outcome(sink->context, play->thread, &outcome);
    if (traced) {
        play_trace(sink, play, &instance, play->ending == RF_ENDED_REJECTED ? applied : shown);
    }
    return traced;
}

#endif
