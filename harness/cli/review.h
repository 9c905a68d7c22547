/* SPDX-License-Identifier: MIT */
/* The review at the terminal: group by group, and on request instance by instance. */
#ifndef RF_CLI_REVIEW_H
#define RF_CLI_REVIEW_H

#include "cli/replay.h"
#include "golden/review.h"

/**
 * Ask what is accepted, largest group first. Where it is left early (q, Ctrl-D), what was accepted
 * so far stays accepted only if that is asked for; all else is as if nothing had been accepted.
 * @blessing  has the lines that are asked for
 * @ret_left  it was left so: nothing at all may be written
 * @return    RF_OK; RF_ERR_INTERRUPTED: a signal came, nothing may be written
 */
RF_MUST_USE rf_code rf_review_walk(const struct rf_replay *replay, struct rf_review *review,
                                   struct rf_blessing *blessing, bool *ret_left,
                                   struct rf_err *reterr);

#endif
