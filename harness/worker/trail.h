/* SPDX-License-Identifier: MIT */
/* A trail: a hash of the state behind each event, so that two builds can be compared event by event
 * without a state ever leaving its worker. */
#ifndef RF_WORKER_TRAIL_H
#define RF_WORKER_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_mask.h"
#include "worker/plugin.h"

/** The bit that marks a hash which is not that of a state, but of why it cannot be told: such a
 * state is the same as no other one, whatever the hashes. */
#define RF_TRAIL_UNTOLD UINT64_C(1)

/** Hashes that are collected before they are sent: 32 KiB. */
#define RF_TRAIL_HASHES 4096

/** All zero, but for the ignore rules, is valid. One thread. */
struct rf_trail {
    const char *const *ignores; /**< as a worker is told them (protocol.h, "Fold"); borrowed */
    size_t ignore_count;
    const char **pointers; /**< of these, what holds for the instance at hand */
    size_t pointer_count;
    const char *const *group; /**< of these, where what is private of it begins, or NULL */
    struct rf_mask *mask;     /**< of it, or NULL */
    struct rf_buf hashes;     /**< le64 each: not sent yet */
    struct rf_buf text, why, stripped;
    struct rf_json doc;
};

/** The next instance is one of this aggregate. */
void rf_trail_begin(struct rf_trail *trail, refold_string aggregate);

/** The hash of a state's JSON, as it is in a trail: marked, where that cannot be read, and so not
 * be told without what is ignored. */
uint64_t rf_trail_hash(struct rf_trail *trail, const char *text, size_t bytes);
void rf_trail_done(struct rf_trail *trail);

/**
 * Append the hash of a state. NaN and infinity are values like others, and so is what
 * rf_plugin_likeness writes besides; of what else has no JSON the reason is hashed, and marked.
 * @return  whether the hashes should be sent now
 */
bool rf_trail_note(struct rf_trail *trail, const struct rf_plugin *plugin, const void *state);

#endif
