/* SPDX-License-Identifier: MIT */
/* Which instances a history has: for whoever removes the lines of all others. */
#ifndef RF_GOLDEN_PRESENCE_H
#define RF_GOLDEN_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/instance.h"

/** Eight bytes for an instance: a hash of its id. Two ids with one hash are taken for one; then a
 * line stays that could go. */
struct rf_presence;
struct rf_presence *rf_presence_new(size_t threads);
/** Accepts NULL. */
void rf_presence_free(struct rf_presence *presence);

/** There is such an instance; where some of its events are only taken for its own (`lent`), there
 * is also one whose aggregate nobody can tell. Threads: each with its own number. */
void rf_presence_add(void *presence, size_t thread, const struct rf_instance *instance);
/** After the last one. */
void rf_presence_seal(struct rf_presence *presence);

/** Whether there is any instance of this aggregate. */
bool rf_presence_knows(const struct rf_presence *presence, const char *aggregate);
/** Whether there is this instance, or one with its id whose aggregate nobody can tell. */
bool rf_presence_has(const struct rf_presence *presence, const char *aggregate, const char *id,
                     size_t id_bytes);
/** Whether an event with this id names no aggregate: only those that are loaded can be told. */
bool rf_presence_has_unnamed(const struct rf_presence *presence, const char *id, size_t id_bytes);
/** Instances of which nobody can tell the aggregate. */
uint64_t rf_presence_nameless(const struct rf_presence *presence);

#endif
