/* SPDX-License-Identifier: MIT */
/* What an aggregate emitted as its state: checked and made canonical. */
#ifndef RF_WORKER_OWN_STATE_H
#define RF_WORKER_OWN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/**
 * Append what host->emit was given in this call as canonical JSON. A number that is no finite
 * double (1e999) tells that there is a NaN or infinity.
 * @loose    such numbers stay as they were written: for hashes
 * @ret_why  cleared; of RF_STATUS_NONFINITE the JSON pointer, of RF_STATUS_BROKEN a sentence
 * @return   RF_STATUS_OK, or one of these, with `out` as it was
 */
uint32_t rf_own_state_take(bool loose, struct rf_buf *out, struct rf_buf *ret_why);

#endif
