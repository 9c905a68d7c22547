/* SPDX-License-Identifier: MIT */
/* Requests to events: what the host handed over, as an aggregate is given it. */
#ifndef RF_WORKER_EVENTS_H
#define RF_WORKER_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stencil.h"
#include "worker/input.h"
#include "worker/plugin.h"
#include "worker/values.h"

/** Events that are at hand at once. */
#define RF_EVENTS_ROOM 256

/** What is known of a name as an event type; found out when it first comes. */
struct rf_known_type {
    refold_string name;
    int32_t kind;
    enum { RF_TYPE_NEW, RF_TYPE_DECLARED, RF_TYPE_UNDECLARED } state;
};

/** One thread. */
struct rf_events {
    const struct rf_plugin *plugin;
    struct rf_input input;
    struct rf_known_type *types; /**< by name number */
    struct rf_mould **moulds;    /**< by name number; NULL where it was not needed yet */
    struct rf_stencils stencils;
    refold_event events[RF_EVENTS_ROOM];
    struct rf_event_values values[RF_EVENTS_ROOM]; /**< of the events */
    const refold_event *list[RF_EVENTS_ROOM];      /**< of them, in order */
    const struct rf_packed_event *packed[RF_EVENTS_ROOM];
};

/** Map what is inherited (input.h). */
void rf_events_open(struct rf_events *events, const struct rf_plugin *plugin, size_t arena_count);

/** A name by its number; borrowed for ever. */
refold_string rf_events_name(const struct rf_events *events, uint32_t number);

/** Under which name a request is folded, and whose it is: its first event has the id; one without
 * events has none here. */
refold_string rf_events_aggregate(const struct rf_events *events, const struct rf_request *request);
refold_string rf_events_id(const struct rf_events *events, const struct rf_request *request);

/** Fill place `place` with event `index` of a request. False where the aggregate does not declare
 * its type; it is filled all the same. */
bool rf_events_take(struct rf_events *events, const struct rf_request *request, uint64_t index,
                    size_t place);

/** Fill up to `limit` places (at least 1, at most RF_EVENTS_ROOM) with a request's events from
 * `index` on, up to the first that is not declared; that one is filled too. Returns how many are
 * declared. */
uint64_t rf_events_take_some(struct rf_events *events, const struct rf_request *request,
                             uint64_t index, uint64_t limit);

/** The digest of an instance's events, one event further. */
uint64_t rf_events_digest(const struct rf_events *events, uint64_t digest,
                          const struct rf_packed_event *packed, int64_t version);

/** How many events may be folded at once, `applied` of them being applied: none of these needs an
 * answer before the last. `end` is a bound of the caller's. */
uint64_t rf_events_step(const struct rf_request *request, uint64_t applied, uint64_t end);

#endif
