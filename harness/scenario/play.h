/* SPDX-License-Identifier: MIT */
/* Playing a scenario: what a worker is asked, and what its answers mean. */
#ifndef RF_SCENARIO_PLAY_H
#define RF_SCENARIO_PLAY_H

#include "base/buf.h"
#include "base/error.h"
#include "host/dispatch.h"
#include "scenario/outcome.h"
#include "scenario/settle.h"

/**
 * What a worker is asked (protocol.h, "Dispatch"): the given events; then for each act its command,
 * and the state (rf_act_has_state).
 * @ret_steps  owned by the caller; at least one
 */
void rf_scenario_plan(const struct rf_scenario *scenario, const struct rf_cast *cast,
                      const struct rf_own_members *members, struct rf_buf *ret_request,
                      struct rf_dispatch_step **ret_steps, size_t *ret_count);

/**
 * Play a settled scenario in a worker of its own, and judge it.
 * @ret     owned by the caller: rf_scenario_outcome_done; borrows scenario and build
 * @return  RF_OK, whatever came of it; RF_ERR_INTERNAL where no worker can be started
 */
RF_MUST_USE rf_code rf_scenario_play(const struct rf_scenario *scenario, const struct rf_cast *cast,
                                     const struct rf_own_members *members, int timeout_ms,
                                     struct rf_scenario_outcome *ret, struct rf_err *reterr);

#endif
