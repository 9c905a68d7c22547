/* SPDX-License-Identifier: MIT */
/* Requests to events, events to states, states to answers. */
#ifndef RF_WORKER_FOLD_LOOP_H
#define RF_WORKER_FOLD_LOOP_H

#include <stddef.h>

#include "worker/plugin.h"

/**
 * Fold batch after batch until the host is done (protocol.h, "Fold"). Takes over the inherited file
 * descriptors. Where something other than the aggregate fails, the worker ends with status 3.
 *
 * How an instance is answered, in this order:
 * - with RF_REQUEST_TRAIL, hashes of the states as they come, many in one TRAIL; the last one
 * before END. `ignores` (protocol.h, "Fold") are left out of them;
 * - with RF_REQUEST_TRACE, a TRACE for the empty state and behind each event that changed it, up to
 *   snapshot_after;
 * - one STATE: at snapshot_after, or before the refused event where that comes first. To that end
 *   the events before it are folded again, since a refused event may leave half a change;
 * - with RF_REQUEST_CALLS, what the aggregate called (world.h), not in the BROKEN case below;
 * - END: all events are applied, or the one at `applied` was refused.
 * The empty state is that of the snapshot with RF_REQUEST_FROM; where it cannot be made, STATE and
 * END are RF_STATUS_BROKEN.
 *
 * With any of the RF_REQUEST_ flags the aggregate gets its events one by one, else
 * apply_batch (where there is one) gets up to 256 of them, never across snapshot_after.
 *
 * @await_channels  or NULL: returns once the channels are there, names and arenas being mapped
 */
void rf_fold_loop(const struct rf_plugin *plugin, size_t arena_count, const char *const *ignores,
                  size_t ignore_count, void (*await_channels)(void));

#endif
