/* SPDX-License-Identifier: MIT */
/* Scenarios as they are written: given events, when a command, then events or a refusal. */
#ifndef RF_SCENARIO_SCENARIO_H
#define RF_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"

/** What a line says. */
enum rf_scenario_word {
    RF_SCENARIO_GIVEN,
    RF_SCENARIO_WHEN,
    RF_SCENARIO_THEN,    /**< an event */
    RF_SCENARIO_REFUSED, /**< then refused */
    RF_SCENARIO_NOTHING, /**< then nothing */
    RF_SCENARIO_STATE,
};

/** A line, and what stands behind its word. Strings are owned. */
struct rf_scenario_line {
    enum rf_scenario_word word;
    size_t number; /**< in the file, from 1 */
    char *name;    /**< type, command, or a refusal's text; NULL: there is none */
    size_t name_bytes;
    char *data; /**< JSON as it was written; NULL: there is none */
    size_t data_bytes;
    bool hollow;  /**< `data` holds no value: nothing but objects, the innermost empty */
    bool exactly; /**< then, state: what is not written must not be there */
    bool timed;   /**< `at` is set; after rf_scenarios_settle that of all events and commands is */
    bool versioned;  /**< the same for `version`, of events */
    int64_t version; /**< given */
    struct rf_time at;
};

struct rf_scenario_lines {
    struct rf_scenario_line *items;
    size_t count;
    size_t room;
};

/** A command and what is expected behind it. The first act of a scenario has no command. */
struct rf_act {
    struct rf_scenario_line *command; /**< owned; NULL: the first act */
    struct rf_scenario_lines thens; /**< events in order; or one line, refused or nothing; none: the
                                         command is only not to be refused */
    struct rf_scenario_lines states;
};

struct rf_scenario {
    const char *file; /**< borrowed from the list */
    size_t number;    /**< of its first line */
    char *name;
    char *aggregate; /**< NULL: the one that is loaded */
    char *id;        /**< NULL until rf_scenarios_settle, unless it is written */
    struct rf_scenario_lines given;
    struct rf_act *acts; /**< at least one */
    size_t act_count;
    size_t act_room;
};

/** All scenarios that were read, in their order. All zero is a valid empty list. */
struct rf_scenarios {
    struct rf_scenario *items;
    size_t count;
    size_t room;
    char **files;
    size_t file_count;
};

void rf_scenarios_done(struct rf_scenarios *scenarios);
void rf_scenario_line_done(struct rf_scenario_line *line);

/** Begin a scenario of the file that was added last. Valid until the next one begins. */
struct rf_scenario *rf_scenarios_begin(struct rf_scenarios *scenarios, size_t number,
                                       const char *name);

/**
 * Add a line; what it owns is taken over, or freed on failure.
 * @return  RF_OK, or RF_ERR_USAGE with file:line where the line cannot stand there
 */
RF_MUST_USE rf_code rf_scenario_add(struct rf_scenario *scenario, struct rf_scenario_line *line,
                                    struct rf_err *reterr);

/** Whether the state behind this act is asked for: where a line wants it, and at the end in any
 * case, for a state without JSON is no good end. */
bool rf_act_has_state(const struct rf_scenario *scenario, size_t act);

/** Its last line came. RF_ERR_USAGE where it tests nothing. */
RF_MUST_USE rf_code rf_scenario_end(const struct rf_scenario *scenario, struct rf_err *reterr);

/** As rf_fail, with RF_ERR_USAGE and "file:line". */
rf_code rf_scenario_fail(struct rf_err *reterr, const char *file, size_t number, const char *format,
                         ...) RF_PRINTF(4, 5);

#endif
