/* SPDX-License-Identifier: MIT */
/* What is private in a worker's answer, masked. */
#ifndef RF_FOLD_MASKING_H
#define RF_FOLD_MASKING_H

#include "fold/lane.h"

/** Put another text in place of the answer's, where anything is private of the instance's
 * aggregate; it stays until the lane's next answer. */
void rf_masking_answer(struct rf_lane *lane, const struct rf_plan *plan,
                       struct rf_worker_answer *answer);

#endif
