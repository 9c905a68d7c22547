/* SPDX-License-Identifier: MIT */
/* Who died: instances one at a time, with steps, until the culprit is found. */
#ifndef RF_FOLD_RECOVER_H
#define RF_FOLD_RECOVER_H

#include <stddef.h>

#include "fold/lane.h"

/**
 * A batch's worker was lost with the plans from `from` to before `end` unanswered. Folds these one
 * at a time and names the culprit; behind one, some more are folded so, because where one instance
 * falls others often do, and every fall in a batch costs a worker more than one by itself.
 *
 * @lost      how the batch's worker was lost
 * @ret_next  the first plan that is not yet concluded
 * @return    as rf_lane_run
 */
RF_MUST_USE rf_code rf_recover(struct rf_lane *lane, size_t from, size_t end,
                               enum rf_worker_event lost, size_t *ret_next, struct rf_err *reterr);

#endif
