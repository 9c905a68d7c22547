/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's apply, and saying what it refused. */
#ifndef RF_WORKER_APPLY_H
#define RF_WORKER_APPLY_H

#include <stdint.h>

#include "base/buf.h"
#include "worker/plugin.h"

/**
 * Hand `count` (at least 1) events to the aggregate: all at once to apply_batch, where there is
 * one, else one after the other to apply. Where it has an upcast or a check, each goes through
 * upcast, apply and check; one that any of these refuses was not taken.
 *
 * @ret_message  set where fewer were taken: "<type>: <what refold_reject was called with>", or what
 *               the function returned, where that is no answer; the type is the stored event's
 * @return       how many it took; the next one was refused, and the state may be half changed
 */
uint64_t rf_apply_events(const struct rf_plugin *plugin, void *state,
                         const refold_event *const *events, uint64_t count,
                         struct rf_buf *ret_message);

/** The same of up to `limit` events that were sent ahead to a program (ahead.h); `*ret_count` is
 * how many were. Where fewer were taken, rf_apply_note says the rest, of the one that was refused.
 */
uint64_t rf_apply_followed(const struct rf_plugin *plugin, uint64_t limit, uint64_t *ret_count);
void rf_apply_note(const refold_event *event, struct rf_buf *ret_message);

/** "unhandled type <type>": an event of a type that the aggregate does not declare. */
void rf_apply_unhandled(const refold_event *event, struct rf_buf *ret_message);

#endif
