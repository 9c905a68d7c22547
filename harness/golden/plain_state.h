/* SPDX-License-Identifier: MIT */
/* Whether a state is canonical, where that can be seen at once: as it can of nearly all. */
#ifndef RF_GOLDEN_PLAIN_STATE_H
#define RF_GOLDEN_PLAIN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/**
 * Whether the value's text is known to be canonical (rf_json_canonical with its numbers made so),
 * without writing it anew: keys rise, there is no blank, no escape, and no number but short
 * integers. False says nothing: it may be canonical all the same.
 */
bool rf_state_is_plain(const struct rf_json *doc, uint32_t node);
/** The same of the scalars of a state of which all else is known to be so: `count` nodes, one
 * behind the other. */
bool rf_scalars_are_plain(const struct rf_json *doc, uint32_t first, uint32_t count);

#endif
