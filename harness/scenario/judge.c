/* SPDX-License-Identifier: MIT */
/* From what a scenario's worker said to whether the scenario holds. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "scenario/judge_internal.h"

struct rf_failure *
rf_judge_fail(struct rf_judge *judge, const struct rf_scenario_line *line, struct rf_buf *message)
{
    struct rf_scenario_outcome *outcome = judge->outcome;
    RF_GROW(outcome->failures, outcome->failure_room, outcome->failure_count + 1);
    struct rf_failure *failure = &outcome->failures[outcome->failure_count++];
    *failure = (struct rf_failure){.line = line};
    struct rf_buf shown = {0};
    rf_buf_add_shown(&shown, message->bytes, message->used);
    failure->message = rf_strdup(rf_buf_text(&shown));
    rf_buf_done(&shown);
    rf_buf_done(message);
    if (outcome->verdict == RF_SCENARIO_HOLDS) {
        outcome->verdict = RF_SCENARIO_FAILS;
    }
    return failure;
}

void
rf_judge_name(struct rf_buf *out, const struct rf_scenario_line *line)
{
    rf_buf_add(out, line->name, line->name_bytes);
}

/* ---- states ---------------------------------------------------------------------------------- */

static void
judge_states(struct rf_judge *judge, const struct rf_scenario_lines *states,
             const struct rf_dispatch_step *step)
{
    for (size_t i = 0; i < states->count; i++) {
        const struct rf_scenario_line *line = &states->items[i];
        struct rf_json doc = {0};
        struct rf_buf wanted = {0};
        struct rf_contrasts found = {0};
        RF_VERIFY(rf_json_read_whole(&doc, line->data, line->data_bytes, NULL) == RF_OK &&
                  rf_json_canonical(&doc, 0, false, &wanted, NULL) == RF_OK);
        judge->outcome->checked++;
        rf_contrast(wanted.bytes, wanted.used, step->text, step->text_bytes, line->exactly, NULL, 0,
                    &found);
        if (found.total > 0) {
            struct rf_buf message = {0};
            rf_buf_string(&message, "the state is another one");
            rf_judge_fail(judge, line, &message)->contrasts = found;
        }
        rf_buf_done(&wanted);
        rf_json_done(&doc);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

/** Which line a step is. */
static const struct rf_scenario_line *
line_of(const struct rf_judge *judge, size_t wanted)
{
    const struct rf_scenario *scenario = judge->scenario;
    size_t step = scenario->given.count;
    if (wanted < step) {
        return &scenario->given.items[wanted];
    }
    for (size_t i = 0; i < scenario->act_count; i++) {
        const struct rf_act *act = &scenario->acts[i];
        if (act->command != NULL && step++ == wanted) {
            return act->command;
        }
        if (rf_act_has_state(scenario, i) && step++ == wanted) {
            return act->states.count > 0 ? &act->states.items[0] : act->command;
        }
    }
    rf_bug(__FILE__, __LINE__, "step %zu is none of the scenario's", wanted);
}

/** ", in apply, at event 2 of 3 that ShipOrder made" */
static void
add_place(struct rf_judge *judge, const struct rf_scenario_line *line, struct rf_buf *message)
{
    const struct rf_dispatch_result *result = judge->result;
    const struct rf_dispatch_step *step = &judge->steps[result->step];
    switch (result->place) {
    case RF_DISPATCH_AT_START:
        rf_buf_string(message, ", before the first step");
        break;
    case RF_DISPATCH_AT_HANDLE:
        rf_buf_string(message, ", in handle");
        break;
    case RF_DISPATCH_AT_STATE:
        rf_buf_string(message, ", while the state was written");
        break;
    case RF_DISPATCH_AT_APPLY:
        rf_buf_string(message, ", in apply");
        if (step->kind == RF_DISPATCH_COMMAND) {
            rf_buf_format(message, ", at event %zu of %zu that ", result->event + 1,
                          step->made_count);
            rf_judge_name(message, line);
            rf_buf_string(message, " made");
        }
        break;
    }
}

/** What kept the scenario from coming to its end. */
static void
judge_ending(struct rf_judge *judge)
{
    const struct rf_dispatch_result *result = judge->result;
    const struct rf_scenario_line *line = line_of(judge, result->step);
    struct rf_buf message = {0};
    switch (result->ending) {
    case RF_DISPATCH_WHOLE:
        return;
    case RF_DISPATCH_REFUSED:
        if (judge->steps[result->step].kind == RF_DISPATCH_COMMAND) {
            rf_buf_format(&message, "apply refused event %zu of %zu that ", result->event + 1,
                          judge->steps[result->step].made_count);
            rf_judge_name(&message, line);
            rf_buf_string(&message, " made: ");
        } else {
            rf_buf_string(&message, "apply refused it: ");
        }
        rf_buf_string(&message, result->message);
        break;
    case RF_DISPATCH_BROKEN:
        rf_buf_string(&message, result->message);
        break;
    case RF_DISPATCH_DIED:
    case RF_DISPATCH_LIED:
    case RF_DISPATCH_HUNG:
        rf_buf_string(&message, result->message);
        add_place(judge, line, &message);
        judge->outcome->verdict =
            result->ending == RF_DISPATCH_HUNG ? RF_SCENARIO_HUNG : RF_SCENARIO_CRASHED;
        break;
    }
    (void)rf_judge_fail(judge, line, &message);
}

/** In the order of the file. */
static void
sort_failures(struct rf_scenario_outcome *outcome)
{
    for (size_t i = 1; i < outcome->failure_count; i++) {
        struct rf_failure failure = outcome->failures[i];
        size_t place = i;
        while (place > 0 && outcome->failures[place - 1].line->number > failure.line->number) {
            outcome->failures[place] = outcome->failures[place - 1];
            place--;
        }
        outcome->failures[place] = failure;
    }
}

/** How many lines must have been held against an answer for the scenario to hold. */
static size_t
expectations(const struct rf_scenario *scenario)
{
    size_t count = 0;
    for (size_t i = 0; i < scenario->act_count; i++) {
        count += scenario->acts[i].thens.count + scenario->acts[i].states.count;
    }
    return count;
}

void
rf_scenario_judge(const struct rf_dispatch_step *steps, const struct rf_dispatch_result *result,
                  const struct rf_cast *cast, const struct rf_own_members *members,
                  struct rf_scenario_outcome *ret)
{
    const struct rf_scenario *scenario = ret->scenario;
    struct rf_judge judge = {
        .scenario = scenario,
        .steps = steps,
        .result = result,
        .beside = {members->id, members->version, members->at},
        .outcome = ret,
    };
    size_t given = scenario->given.count;
    size_t step = given;
    int64_t version =
        given == 0 ? cast->first_version - 1 : scenario->given.items[given - 1].version;
    for (size_t i = 0; i < scenario->act_count; i++) {
        const struct rf_act *act = &scenario->acts[i];
        if (act->command != NULL) {
            if (steps[step].answered) {
                rf_judge_command(&judge, act, &steps[step], &version);
            }
            step++;
        }
        if (rf_act_has_state(scenario, i)) {
            if (steps[step].answered) {
                judge_states(&judge, &act->states, &steps[step]);
            }
            step++;
        }
    }
    judge_ending(&judge);
    sort_failures(ret);
    RF_VERIFY(ret->verdict != RF_SCENARIO_HOLDS || ret->checked == expectations(scenario));
}
