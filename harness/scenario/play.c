/* SPDX-License-Identifier: MIT */
/* Playing a scenario: what a worker is asked, and what its answers mean. */
#include "scenario/play.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "scenario/judge.h"

/* ---- the request ----------------------------------------------------------------------------- */

struct plan {
    struct rf_buf *request;
    struct rf_dispatch_step *steps;
    size_t count;
    size_t room;
};

static void
add_member(struct rf_buf *out, const char *key, const char *text, size_t bytes, const char *lead)
{
    rf_buf_format(out, "%s\"%s\":", lead, key);
    rf_canon_string(out, text, bytes);
}

static void
begin_step(struct plan *plan, enum rf_dispatch_kind kind)
{
    RF_GROW(plan->steps, plan->room, plan->count + 1);
    rf_buf_string(plan->request, plan->count == 0 ? "{" : ",{");
    plan->steps[plan->count++] = (struct rf_dispatch_step){.kind = kind};
}

/** Type or name, time and data of an event or command. */
static void
add_line(struct plan *plan, enum rf_dispatch_kind kind, const struct rf_scenario_line *line)
{
    char at[RF_TIME_TEXT_BYTES];
    size_t at_bytes = rf_time_print(line->at, at);
    begin_step(plan, kind);
    add_member(plan->request, kind == RF_DISPATCH_EVENT ? "event" : "command", line->name,
               line->name_bytes, "");
    if (kind == RF_DISPATCH_EVENT) {
        rf_buf_format(plan->request, ",\"version\":%lld", (long long)line->version);
    }
    add_member(plan->request, "at", at, at_bytes, ",");
    rf_buf_string(plan->request, ",\"data\":");
    rf_buf_add(plan->request, line->data == NULL ? "{}" : line->data,
               line->data == NULL ? 2 : line->data_bytes);
    rf_buf_byte(plan->request, '}');
}

static void
add_state(struct plan *plan)
{
    begin_step(plan, RF_DISPATCH_STATE);
    rf_buf_string(plan->request, "\"state\":true}");
}

static void
add_members(struct rf_buf *out, const struct rf_own_members *members)
{
    const char *const names[] = {"id", "version", "at"};
    const char *const values[] = {members->id, members->version, members->at};
    const char *lead = "";
    rf_buf_string(out, ",\"members\":{");
    for (size_t i = 0; i < 3; i++) {
        if (values[i] != NULL) {
            add_member(out, names[i], values[i], strlen(values[i]), lead);
            lead = ",";
        }
    }
    rf_buf_string(out, "},\"steps\":[");
}

void
rf_scenario_plan(const struct rf_scenario *scenario, const struct rf_cast *cast,
                 const struct rf_own_members *members, struct rf_buf *ret_request,
                 struct rf_dispatch_step **ret_steps, size_t *ret_count)
{
    struct plan plan = {.request = ret_request};
    add_member(ret_request, "aggregate", cast->build->name, strlen(cast->build->name), "{");
    add_member(ret_request, "id", scenario->id, strlen(scenario->id), ",");
    rf_buf_format(ret_request, ",\"version\":%lld", (long long)cast->first_version - 1);
    add_members(ret_request, members);
    for (size_t i = 0; i < scenario->given.count; i++) {
        add_line(&plan, RF_DISPATCH_EVENT, &scenario->given.items[i]);
    }
    for (size_t i = 0; i < scenario->act_count; i++) {
        const struct rf_act *act = &scenario->acts[i];
        if (act->command != NULL) {
            add_line(&plan, RF_DISPATCH_COMMAND, act->command);
        }
        if (rf_act_has_state(scenario, i)) {
            add_state(&plan);
        }
    }
    rf_buf_string(ret_request, "]}");
    *ret_steps = plan.steps;
    *ret_count = plan.count;
}

/* ---- playing --------------------------------------------------------------------------------- */

rf_code
rf_scenario_play(const struct rf_scenario *scenario, const struct rf_cast *cast,
                 const struct rf_own_members *members, int timeout_ms,
                 struct rf_scenario_outcome *ret, struct rf_err *reterr)
{
    struct rf_buf request = {0};
    struct rf_dispatch_step *steps = NULL;
    size_t count = 0;
    struct rf_dispatch_result result;
    const struct rf_dispatch_limits limits = rf_dispatch_limits(timeout_ms);
    *ret = (struct rf_scenario_outcome){.scenario = scenario, .build = cast->build};
    rf_scenario_plan(scenario, cast, members, &request, &steps, &count);
    rf_code code = rf_dispatch(cast->build, request.bytes, request.used, steps, count, &limits,
                               &result, reterr);
    if (code == RF_OK) {
        rf_scenario_judge(steps, &result, cast, members, ret);
    }
    rf_dispatch_steps_done(steps, count);
    free(steps);
    rf_buf_done(&request);
    return code;
}
