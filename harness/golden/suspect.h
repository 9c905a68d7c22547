/* SPDX-License-Identifier: MIT */
/* Which event wrote a differing value last: told by the states behind each event. */
#ifndef RF_GOLDEN_SUSPECT_H
#define RF_GOLDEN_SUSPECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "golden/diff.h"

/** The values at which an instance differs, watched while it is folded once more. */
struct rf_watch;

/** Watch these places; where there are more than RF_LIMIT_CLUSTER_PATHS, the value around them. Not
 * used afterwards. */
struct rf_watch *rf_watch_new(const struct rf_diff_paths *paths);
void rf_watch_free(struct rf_watch *watch);

/** The state behind `applied` events; the empty state (0) first. NULL where it has no JSON: then
 * nothing is known of that step. `doc` is scratch memory. */
void rf_watch_state(struct rf_watch *watch, struct rf_json *doc, uint64_t applied,
                    const char *state, size_t state_bytes);

/** The number of events that were applied when a watched value changed last; 0: none did. */
uint64_t rf_watch_last(const struct rf_watch *watch);

#endif
