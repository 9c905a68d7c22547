/* SPDX-License-Identifier: MIT */
/* What an aggregate emitted as its state: checked and made canonical. */
#ifndef RF_WORKER_OWN_STATE_H
#define RF_WORKER_OWN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/**
 * Append what host->emit was given in this call as canonical JSON. A number that is no finite
 * double (1e999) tells that there is a NaN or infinity.
 * @loose    such numbers are written too (rf_json_likeness): for hashes
 * @ret_why  cleared; of RF_STATUS_NONFINITE the JSON pointer, of RF_STATUS_BROKEN a sentence
 * @return   RF_STATUS_OK, or one of these, with `out` as it was
 */
uint32_t rf_own_state_take(bool loose, struct rf_buf *out, struct rf_buf *ret_why);

/**
 * Whether canonical text, which was just made of `doc`, tells this state from all others: it holds
 * no number with more digits than 64 bits or a double hold, and no key twice in an object. Else two
 * states that differ would be the same; `ret_why` has a sentence.
 */
bool rf_own_state_is_exact(const struct rf_json *doc, struct rf_buf *ret_why);

#endif
