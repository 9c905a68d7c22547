/* SPDX-License-Identifier: MIT */
/* Traces: the states of an instance, event by event, for those that the sink asked for. */
#ifndef RF_FOLD_TRACE_H
#define RF_FOLD_TRACE_H

#include "fold/lane.h"

/** Folds lane->wanted again and hands the traces to the sink; the list is empty afterwards. A
 * worker that dies here costs the trace at hand, nothing else. @return as rf_lane_run */
RF_MUST_USE rf_code rf_trace_wanted(struct rf_lane *lane, struct rf_err *reterr);

#endif
