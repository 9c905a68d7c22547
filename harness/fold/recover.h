/* SPDX-License-Identifier: MIT */
/* Who died: the instance that the worker was at, or one that is found by trying. */
#ifndef RF_FOLD_RECOVER_H
#define RF_FOLD_RECOVER_H

#include <stddef.h>

#include "fold/lane.h"

/**
 * A batch's worker was lost with the plans from `from` to before `end` unanswered; what it left is
 * lane->wreck. Names the culprit, and concludes it and all before it.
 *
 * @lost      how the batch's worker was lost
 * @ret_next  the first plan that is not yet concluded
 * @return    as rf_lane_run
 */
RF_MUST_USE rf_code rf_recover(struct rf_lane *lane, size_t from, size_t end,
                               enum rf_worker_event lost, size_t *ret_next, struct rf_err *reterr);

#endif
