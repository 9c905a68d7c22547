/* SPDX-License-Identifier: MIT */
/* What contradicts itself in one instance, as damage: gaps, conflicts, malformed events. */
#ifndef RF_HISTORY_FLAW_H
#define RF_HISTORY_FLAW_H

#include <stdbool.h>
#include <stdint.h>

#include "history/damage.h"
#include "history/group.h"
#include "history/instance.h"
#include "history/known.h"
#include "history/order.h"
#include "walk/walk.h"

/** Where flaws go. All is borrowed; the objects give events the name of where they lie. */
struct rf_flaws {
    const struct rf_objects *objects;
    struct rf_damages *damages;
    const char *kept;              /**< what becomes of the first event of a version: "folded" */
    struct rf_known_damage *known; /**< what was accepted, or NULL */
    struct rf_comparer *comparer;  /**< of the thread; for what is to be told exactly */
};

/** Takes over `message`. */
void rf_flaw_malformed(const struct rf_flaws *flaws, const struct rf_instance *instance,
                       const struct rf_entry *entry, char *message);

/** `other` has the version of `kept`, and is not equal to it. */
void rf_flaw_conflict(const struct rf_flaws *flaws, const struct rf_instance *instance,
                      const struct rf_entry *kept, const struct rf_entry *other,
                      enum rf_unlike unlike);

/** Versions from `missing` on are not there, up to the one before `next`; `front`: nor is any
 * before. */
void rf_flaw_gap(const struct rf_flaws *flaws, const struct rf_instance *instance, bool front,
                 int64_t missing, int64_t next);

/** The events that the instance's start covers are not those that it was made of.
 * @found  the digest of those that are there
 * @none   none of them is there */
void rf_flaw_covered(const struct rf_flaws *flaws, const struct rf_instance *instance,
                     uint64_t found, bool none);

#endif
