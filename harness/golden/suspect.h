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

/** Watch where these changes lie: a changed value itself; of an element that is new or gone, the
 * array that holds it, since behind it all indexes shift. `changes` is not used afterwards. */
struct rf_watch *rf_watch_new(const struct rf_changes *changes, const char *old, size_t old_bytes,
                              const char *fresh, size_t fresh_bytes);
void rf_watch_free(struct rf_watch *watch);

/** The state behind `applied` events; the empty state (0) first. NULL where it has no JSON: then
 * nothing is known of that step. `doc` is scratch memory. */
void rf_watch_state(struct rf_watch *watch, struct rf_json *doc, uint64_t applied,
                    const char *state, size_t state_bytes);

/** The number of events that were applied when a watched value changed last; 0: none did. */
uint64_t rf_watch_last(const struct rf_watch *watch);

#endif
