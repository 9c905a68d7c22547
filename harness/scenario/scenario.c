/* SPDX-License-Identifier: MIT */
/* Scenarios as they are written, and which line may follow which. */
#include "scenario/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

rf_code
rf_scenario_fail(struct rf_err *reterr, const char *file, size_t number, const char *format, ...)
{
    char text[sizeof(reterr->text)];
    char where[sizeof(reterr->where)];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    /* Of a long path the end is what tells. */
    size_t bytes = strlen(file);
    const char *shown = bytes > 200 ? file + bytes - 200 : file;
    (void)snprintf(where, sizeof(where), "%s%s:%zu", shown == file ? "" : "...", shown, number);
    return rf_fail(reterr, RF_ERR_USAGE, where, "%s", text);
}

/* ---- owning ---------------------------------------------------------------------------------- */

void
rf_scenario_line_done(struct rf_scenario_line *line)
{
    free(line->name);
    free(line->data);
    *line = (struct rf_scenario_line){0};
}

static void
lines_done(struct rf_scenario_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        rf_scenario_line_done(&lines->items[i]);
    }
    free(lines->items);
}

static void
scenario_done(struct rf_scenario *scenario)
{
    for (size_t i = 0; i < scenario->act_count; i++) {
        struct rf_act *act = &scenario->acts[i];
        if (act->command != NULL) {
            rf_scenario_line_done(act->command);
            free(act->command);
        }
        lines_done(&act->thens);
        lines_done(&act->states);
    }
    free(scenario->acts);
    lines_done(&scenario->given);
    free(scenario->name);
    free(scenario->aggregate);
    free(scenario->id);
}

void
rf_scenarios_done(struct rf_scenarios *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++) {
        scenario_done(&scenarios->items[i]);
    }
    for (size_t i = 0; i < scenarios->file_count; i++) {
        free(scenarios->files[i]);
    }
    free(scenarios->items);
    free(scenarios->files);
    *scenarios = (struct rf_scenarios){0};
}

/* ---- adding ---------------------------------------------------------------------------------- */

static struct rf_act *
begin_act(struct rf_scenario *scenario)
{
    RF_GROW(scenario->acts, scenario->act_room, scenario->act_count + 1);
    struct rf_act *act = &scenario->acts[scenario->act_count++];
    *act = (struct rf_act){0};
    return act;
}

struct rf_scenario *
rf_scenarios_begin(struct rf_scenarios *scenarios, size_t number, const char *name)
{
    RF_GROW(scenarios->items, scenarios->room, scenarios->count + 1);
    struct rf_scenario *scenario = &scenarios->items[scenarios->count++];
    *scenario = (struct rf_scenario){
        .file = scenarios->files[scenarios->file_count - 1],
        .number = number,
        .name = rf_strdup(name),
    };
    (void)begin_act(scenario);
    return scenario;
}

static void
append(struct rf_scenario_lines *lines, struct rf_scenario_line *line)
{
    RF_GROW(lines->items, lines->room, lines->count + 1);
    lines->items[lines->count++] = *line;
    *line = (struct rf_scenario_line){0};
}

/** What is wrong with a `then` of the last act, or NULL. */
static const char *
check_then(const struct rf_act *act, const struct rf_scenario_line *line)
{
    if (act->command == NULL) {
        return "'then' needs a 'when' in front of it; what given events make is a 'state'";
    }
    if (act->thens.count == 0) {
        return NULL;
    }
    if (act->thens.items[0].word == RF_SCENARIO_NOTHING) {
        return "'then nothing' stands alone: the command can make no event and this too";
    }
    if (act->thens.items[0].word == RF_SCENARIO_REFUSED || line->word == RF_SCENARIO_REFUSED) {
        return "'then refused' stands alone: a command that is refused makes no event";
    }
    return line->word == RF_SCENARIO_NOTHING
               ? "'then nothing' stands alone: the events in front of it are something"
               : NULL;
}

rf_code
rf_scenario_add(struct rf_scenario *scenario, struct rf_scenario_line *line, struct rf_err *reterr)
{
    struct rf_act *act = &scenario->acts[scenario->act_count - 1];
    const char *wrong = NULL;
    switch (line->word) {
    case RF_SCENARIO_GIVEN:
        if (act->command != NULL || act->states.count > 0) {
            wrong = "'given' stands in front of 'when' and 'state'; a new scenario begins with "
                    "'scenario:'";
            break;
        }
        append(&scenario->given, line);
        return RF_OK;
    case RF_SCENARIO_WHEN:
        act = begin_act(scenario);
        act->command = rf_alloc(sizeof(*act->command));
        *act->command = *line;
        *line = (struct rf_scenario_line){0};
        return RF_OK;
    case RF_SCENARIO_STATE:
        if (line->hollow && !line->exactly) { /* every state has nothing in it, and more */
            wrong = "this 'state' tests nothing: no value is written in its JSON, and what is not "
                    "written is not compared; write values, or 'exactly'";
            break;
        }
        append(&act->states, line);
        return RF_OK;
    default:
        wrong = check_then(act, line);
        if (wrong == NULL) {
            append(&act->thens, line);
            return RF_OK;
        }
        break;
    }
    rf_code code = rf_scenario_fail(reterr, scenario->file, line->number, "%s", wrong);
    rf_scenario_line_done(line);
    return code;
}

rf_code
rf_scenario_end(const struct rf_scenario *scenario, struct rf_err *reterr)
{
    const struct rf_act *last = &scenario->acts[scenario->act_count - 1];
    if (last->thens.count > 0 || last->states.count > 0) {
        return RF_OK;
    }
    size_t number = last->command == NULL ? scenario->number : last->command->number;
    return rf_scenario_fail(reterr, scenario->file, number, "%s",
                            last->command == NULL
                                ? "the scenario tests nothing: it has neither 'then' nor 'state'"
                                : "nothing is expected behind the last 'when': write 'then' or "
                                  "'state'");
}

bool
rf_act_has_state(const struct rf_scenario *scenario, size_t act)
{
    return scenario->acts[act].states.count > 0 || act + 1 == scenario->act_count;
}
