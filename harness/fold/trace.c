/* SPDX-License-Identifier: MIT */
/* Traces: the states of an instance, event by event, for those that the sink asked for. */
#include "fold/trace.h"

/** The fold came to plan->count before: a trace that is refused earlier is not the fold's. */
static void
take_trace(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    if (answer->kind == RF_ANSWER_TRACE) {
        bool sound = answer->status == RF_STATUS_OK;
        sink->trace(sink->context, lane->thread, plan->instance, answer->applied,
                    sound ? answer->text : NULL, sound ? answer->text_bytes : 0);
    } else if (answer->kind == RF_ANSWER_END) {
        sink->traced(sink->context, lane->thread, plan->instance, answer->status == RF_STATUS_OK);
    }
}

rf_code
rf_trace_wanted(struct rf_lane *lane, struct rf_err *reterr)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    for (size_t at = 0; at < lane->wanted_count;) {
        struct rf_run run = {
            .plans = &lane->wanted[at],
            .count = rf_lane_batch(lane, lane->wanted, at, lane->wanted_count),
            .flags = RF_REQUEST_TRACE | RF_REQUEST_STEP,
            .take = take_trace,
        };
        struct rf_run_end end;
        RF_TRY(rf_lane_run(lane, &run, &end, reterr));
        at += end.done;
        if (end.event != RF_WORKER_BATCH && end.done < run.count) {
            sink->traced(sink->context, lane->thread, lane->wanted[at].instance, false);
            at++;
        }
    }
    lane->wanted_count = 0;
    return RF_OK;
}
