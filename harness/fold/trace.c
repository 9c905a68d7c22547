/* SPDX-License-Identifier: MIT */
/* Traces: the states of an instance, event by event, for those that the sink asked for. */
#include "fold/trace.h"

#include <stdio.h>
#include <string.h>

/** The fold came to plan->count before: a trace that is refused earlier is not the fold's. */
static void
take_trace(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    const struct rf_fold_sink *sink = lane->request->sink;
    if (answer->kind == RF_ANSWER_TRACE) {
        bool sound = answer->status == RF_STATUS_OK;
        sink->trace(sink->context, lane->thread, plan->instance, answer->applied,
                    sound ? answer->text : NULL, sound ? answer->text_bytes : 0, answer->likeness);
    } else if (answer->kind == RF_ANSWER_END && sink->traced != NULL) {
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
    return RF_OK;
}

/** A trace of one instance. Where the worker dies, the answers that it had not yet handed over are
 * lost. */
static rf_code
trace_once(struct rf_lane *lane, const struct rf_plan *plan, struct rf_run_end *ret,
           struct rf_err *reterr)
{
    struct rf_run run = {
        .plans = plan,
        .count = 1,
        .flags = RF_REQUEST_TRACE | RF_REQUEST_STEP,
        .take = take_trace,
    };
    return rf_lane_run(lane, &run, ret, reterr);
}

rf_code
rf_fold_trace(const struct rf_fold_request *request, const struct rf_instance *instance,
              uint64_t steps, struct rf_trace_death *ret_death, struct rf_err *reterr)
{
    struct rf_lane lane;
    uint64_t deaths = 0;
    struct rf_plan plan = {.instance = instance, .count = steps, .snapshot_after = steps};
    struct rf_run_end end;
    rf_lane_init(&lane, request, 0, instance->claim, request->builds[instance->claim]);
    lane.deaths = &deaths;
    memset(ret_death, 0, sizeof(*ret_death));
    rf_code code = trace_once(&lane, &plan, &end, reterr);
    if (code == RF_OK && end.event != RF_WORKER_BATCH) {
        ret_death->died = true;
        ret_death->at = end.stepped ? end.step : 0;
        (void)snprintf(ret_death->text, sizeof(ret_death->text), "%s", lane.death);
        if (ret_death->at > 0) { /* what came before it is made once more */
            plan.count = plan.snapshot_after = ret_death->at;
            code = trace_once(&lane, &plan, &end, reterr);
        }
    }
    rf_lane_done(&lane);
    return code;
}
