/* SPDX-License-Identifier: MIT */
/* A conversation in which the types of all samples are told, and instances made of samples. */
#ifndef RF_CHECK_SCENE_H
#define RF_CHECK_SCENE_H

#include "check/samples.h"

struct rf_scene {
    struct rf_ask ask;
    uint32_t *first;   /**< by aggregate: number of its samples' first type */
    uint32_t unknown;  /**< number of a name that nobody has … */
    bool unknown_told; /**< … once it is told */
};

/** What no aggregate has. */
#define RF_KIT_UNKNOWN "refold.worker-check.unknown"

/** Learns the samples first, where that was not done. For rf_scene_done in any case. */
bool rf_scene_begin(struct rf_kit *kit, struct rf_scene *ret);
/** Ends it; returns `good`, unless the conversation is broken. */
bool rf_scene_done(struct rf_scene *scene, bool good);

static inline struct rf_descriptor_member *
rf_scene_member(const struct rf_scene *scene, uint32_t aggregate)
{
    return &scene->ask.kit->described.members[aggregate];
}

static inline uint32_t
rf_scene_aggregates(const struct rf_scene *scene)
{
    return (uint32_t)scene->ask.kit->described.member_count;
}

/** Whether one of its names is "*". */
bool rf_names_all(char *const *names, size_t count);

/** BEGIN, with an id made of `number`. @snapshot  or NULL */
uint64_t rf_scene_open(struct rf_scene *scene, uint32_t aggregate, size_t number,
                       const struct rf_buf *snapshot);
/** EVENTS of samples, from `place` on. */
uint64_t rf_scene_events(struct rf_scene *scene, uint32_t aggregate, size_t place, size_t count);
/** A whole instance of `count` events; returns the number of its STATE. */
uint64_t rf_scene_fold(struct rf_scene *scene, uint32_t aggregate, size_t number, size_t count);

/** The same, awaited: the state's canonical JSON in ret_state, which is left empty where it has
 * none. False where the conversation is broken. */
bool rf_scene_state(struct rf_scene *scene, uint32_t aggregate, size_t number, size_t count,
                    struct rf_buf *ret_state);

/** An event of a type, or a command, that the aggregate does not name. */
uint64_t rf_scene_unknown_event(struct rf_scene *scene);
uint64_t rf_scene_unknown_command(struct rf_scene *scene);

/** End the instance at hand early, and await it: with such an event or, where the aggregate takes
 * all, such a command. False where the conversation is broken, or (*ret_over) it takes both. */
bool rf_scene_break(struct rf_scene *scene, uint32_t aggregate, bool *ret_over);

/** Two states are the same, or `culprit` is wrong: "… as …". */
bool rf_scene_same(struct rf_scene *scene, enum rf_check_id culprit, const struct rf_buf *expected,
                   const struct rf_buf *seen, const char *what);

#endif
