/* SPDX-License-Identifier: MIT */
/*
 * The JSON form: the lines of the text form as objects (reports/schema/scenario.schema.json).
 *
 *     {"scenarios": [{"scenario": "a shipped order cannot be approved",
 *                     "steps": [{"given": "OrderCreated", "at": "2017-06-22T10:11:12Z"},
 *                               {"when": "ApproveOrder", "data": {"By": "ann"}},
 *                               {"refused": "order is not created"}]}]}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/typo.h"
#include "scenario/forms.h"

struct reader {
    const char *file;
    struct rf_json doc;
    struct rf_buf scratch;
    size_t number; /* of the line on which byte `counted` stands */
    size_t counted;
    struct rf_scenarios *scenarios;
    char *aggregate; /* of all that name none */
    struct rf_err *reterr;
};

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Nodes are asked for in their order, so that the text is counted once. */
static size_t
number_of(struct reader *reader, uint32_t node)
{
    size_t start = reader->doc.nodes[node].start;
    if (start < reader->counted) {
        return rf_scenario_line_of(reader->doc.text, start);
    }
    reader->number +=
        rf_scenario_line_of(reader->doc.text + reader->counted, start - reader->counted) - 1;
    reader->counted = start;
    return reader->number;
}

#define FAIL(reader, node, ...)                                                                    \
    rf_scenario_fail((reader)->reterr, (reader)->file, number_of((reader), (node)), __VA_ARGS__)

static int
kind_of(const struct reader *reader, uint32_t node)
{
    return reader->doc.nodes[node].kind;
}

static uint32_t
find(const struct reader *reader, uint32_t object, const char *name)
{
    return rf_json_member(&reader->doc, object, name, strlen(name), NULL);
}

/* A string's content, borrowed until the next one. */
static const char *
text_of(struct reader *reader, uint32_t node, size_t *ret_bytes)
{
    const char *text;
    rf_json_string(&reader->doc, node, &reader->scratch, &text, ret_bytes);
    return text;
}

/* Refuses what is no object, keys that stand twice, and keys that are not in `known`. */
static rf_code
check_keys(struct reader *reader, uint32_t object, const char *what, const char *const *known)
{
    if (kind_of(reader, object) != RF_JSON_OBJECT) {
        return FAIL(reader, object, "%s is an object", what);
    }
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < reader->doc.nodes[object].count; i++) {
        size_t bytes;
        bool repeated;
        const char *text = text_of(reader, key, &bytes);
        char *name = rf_strndup(text, bytes);
        size_t k = 0;
        while (known[k] != NULL && (strcmp(known[k], name) != 0 || strlen(name) != bytes)) {
            k++;
        }
        const char *nearest = rf_typo_nearest(name, known);
        rf_code code = RF_OK;
        (void)rf_json_member(&reader->doc, object, name, bytes, &repeated);
        if (repeated) {
            code = FAIL(reader, key, "\"%.100s\" stands twice in %s", name, what);
        } else if (known[k] == NULL && nearest != NULL) {
            code = FAIL(reader, key, "%s has no \"%.100s\"; did you mean \"%s\"?", what, name,
                        nearest);
        } else if (known[k] == NULL) {
            code = FAIL(reader, key, "%s has no \"%.100s\"", what, name);
        }
        free(name);
        RF_TRY(code);
        key = reader->doc.nodes[key + 1].next;
    }
    return RF_OK;
}

/* A member that is a string, into *ret; nothing where it is not there. `number` is the object's. */
static rf_code
take_word(struct reader *reader, uint32_t object, size_t number, const char *name, const char *what,
          size_t most, char **ret)
{
    uint32_t node = find(reader, object, name);
    if (node == RF_JSON_NONE) {
        return RF_OK;
    }
    if (kind_of(reader, node) != RF_JSON_STRING) {
        return FAIL(reader, node, "\"%s\" is a string", name);
    }
    size_t bytes;
    const char *text = text_of(reader, node, &bytes);
    return rf_scenario_take_word(reader->file, number, what, text, bytes, most, ret,
                                 reader->reterr);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* A word of a step, and the members that may stand beside it. */
struct word {
    const char *name;
    enum rf_scenario_word step;
    const char *members[5];
};

static const struct word words[] = {
    {"given", RF_SCENARIO_GIVEN, {"given", "at", "data", NULL}},
    {"when", RF_SCENARIO_WHEN, {"when", "at", "data", NULL}},
    {"then", RF_SCENARIO_THEN, {"then", "data", "exactly", NULL}},
    {"refused", RF_SCENARIO_REFUSED, {"refused", NULL}},
    {"nothing", RF_SCENARIO_NOTHING, {"nothing", NULL}},
    {"state", RF_SCENARIO_STATE, {"state", "exactly", NULL}},
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

/* What stands behind the step's own word. */
static rf_code
take_head(struct reader *reader, const struct word *word, uint32_t node,
          struct rf_scenario_line *line)
{
    size_t bytes;
    const char *text;
    int kind = kind_of(reader, node);
    switch (word->step) {
    case RF_SCENARIO_STATE:
        return rf_scenario_take_data(reader->file, line, &reader->doc, node, reader->reterr);
    case RF_SCENARIO_NOTHING:
        return kind == RF_JSON_TRUE ? RF_OK : FAIL(reader, node, "\"nothing\" is true");
    case RF_SCENARIO_REFUSED:
        if (kind == RF_JSON_TRUE) {
            return RF_OK;
        }
        if (kind != RF_JSON_STRING) {
            return FAIL(reader, node, "\"refused\" is the text of the refusal, or true");
        }
        text = text_of(reader, node, &bytes);
        line->name = rf_strndup(text, bytes);
        line->name_bytes = bytes;
        return RF_OK;
    default:
        if (kind != RF_JSON_STRING) {
            return FAIL(reader, node, "\"%s\" is a string", word->name);
        }
        text = text_of(reader, node, &bytes);
        return rf_scenario_take_name(reader->file, line,
                                     word->step == RF_SCENARIO_WHEN ? "a command's name"
                                                                    : "an event's type",
                                     text, bytes, reader->reterr);
    }
}

static rf_code
take_members(struct reader *reader, uint32_t step, struct rf_scenario_line *line)
{
    uint32_t at = find(reader, step, "at");
    uint32_t data = find(reader, step, "data");
    uint32_t exactly = find(reader, step, "exactly");
    if (at != RF_JSON_NONE) {
        size_t bytes = 0;
        const char *text = "";
        if (kind_of(reader, at) == RF_JSON_STRING) {
            text = text_of(reader, at, &bytes);
        }
        RF_TRY(rf_scenario_take_time(reader->file, line, text, bytes, reader->reterr));
    }
    if (exactly != RF_JSON_NONE) {
        if (kind_of(reader, exactly) != RF_JSON_TRUE && kind_of(reader, exactly) != RF_JSON_FALSE) {
            return FAIL(reader, exactly, "\"exactly\" is true or false");
        }
        line->exactly = kind_of(reader, exactly) == RF_JSON_TRUE;
    }
    return data == RF_JSON_NONE
               ? RF_OK
               : rf_scenario_take_data(reader->file, line, &reader->doc, data, reader->reterr);
}

static rf_code
find_word(struct reader *reader, uint32_t step, const struct word **ret)
{
    static const char *const all[] = {"given", "when", "then", "refused", "nothing",
                                      "state", "at",   "data", "exactly", NULL};
    RF_TRY(check_keys(reader, step, "a step", all));
    const struct word *word = NULL;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (find(reader, step, words[i].name) == RF_JSON_NONE) {
            continue;
        }
        if (word != NULL) {
            return FAIL(reader, step, "a step is one thing, and this one is \"%s\" and \"%s\"",
                        word->name, words[i].name);
        }
        word = &words[i];
    }
    if (word == NULL) {
        return FAIL(reader, step,
                    "a step has one of \"given\", \"when\", \"then\", \"refused\", \"nothing\", "
                    "\"state\"");
    }
    *ret = word;
    return RF_OK;
}

static rf_code
read_step(struct reader *reader, uint32_t step, struct rf_scenario *scenario)
{
    const struct word *word = NULL;
    RF_TRY(find_word(reader, step, &word));
    char what[32];
    (void)snprintf(what, sizeof(what), "a \"%s\"", word->name);
    RF_TRY(check_keys(reader, step, what, word->members));
    struct rf_scenario_line line = {.word = word->step, .number = number_of(reader, step)};
    rf_code code = take_head(reader, word, find(reader, step, word->name), &line);
    if (code == RF_OK) {
        code = take_members(reader, step, &line);
    }
    if (code == RF_OK) {
        return rf_scenario_add(scenario, &line, reader->reterr);
    }
    rf_scenario_line_done(&line);
    return code;
}

/* ---- scenarios ------------------------------------------------------------------------------- */

static rf_code
read_scenario(struct reader *reader, uint32_t node)
{
    static const char *const known[] = {"scenario", "aggregate", "id", "steps", NULL};
    RF_TRY(check_keys(reader, node, "a scenario", known));
    size_t number = number_of(reader, node);
    uint32_t steps = find(reader, node, "steps");
    char *name = NULL;
    RF_TRY(take_word(reader, node, number, "scenario", "a scenario's name", RF_LIMIT_NAME_BYTES,
                     &name));
    if (name == NULL) {
        return FAIL(reader, node, "a scenario needs a name: \"scenario\": \"what it shows\"");
    }
    struct rf_scenario *scenario = rf_scenarios_begin(reader->scenarios, number, name);
    free(name);
    RF_TRY(take_word(reader, node, number, "aggregate", "the aggregate", RF_LIMIT_NAME_BYTES,
                     &scenario->aggregate));
    RF_TRY(take_word(reader, node, number, "id", "the id", rf_limits.id_bytes, &scenario->id));
    if (scenario->aggregate == NULL && reader->aggregate != NULL) {
        scenario->aggregate = rf_strdup(reader->aggregate);
    }
    if (steps == RF_JSON_NONE || kind_of(reader, steps) != RF_JSON_ARRAY) {
        return FAIL(reader, node, "a scenario needs \"steps\", which is an array");
    }
    uint32_t step = steps + 1;
    for (uint32_t i = 0; i < reader->doc.nodes[steps].count; i++) {
        RF_TRY(read_step(reader, step, scenario));
        step = reader->doc.nodes[step].next;
    }
    return rf_scenario_end(scenario, reader->reterr);
}

static rf_code
read_root(struct reader *reader)
{
    static const char *const known[] = {"$schema", "aggregate", "scenarios", NULL};
    RF_TRY(check_keys(reader, 0, "a file of scenarios", known));
    RF_TRY(take_word(reader, 0, 1, "aggregate", "the aggregate", RF_LIMIT_NAME_BYTES,
                     &reader->aggregate));
    uint32_t list = find(reader, 0, "scenarios");
    if (list == RF_JSON_NONE || kind_of(reader, list) != RF_JSON_ARRAY) {
        return FAIL(reader, 0, "a file of scenarios needs \"scenarios\", which is an array");
    }
    uint32_t node = list + 1;
    for (uint32_t i = 0; i < reader->doc.nodes[list].count; i++) {
        RF_TRY(read_scenario(reader, node));
        node = reader->doc.nodes[node].next;
    }
    return RF_OK;
}

rf_code
rf_scenarios_parse_json(const char *text, size_t bytes, struct rf_scenarios *scenarios,
                        struct rf_err *reterr)
{
    struct reader reader = {
        .file = scenarios->files[scenarios->file_count - 1],
        .number = 1,
        .scenarios = scenarios,
        .reterr = reterr,
    };
    struct rf_err err;
    rf_code code = rf_json_read_whole(&reader.doc, text, bytes, &err);
    if (code != RF_OK) {
        code = rf_scenario_fail(reterr, reader.file,
                                rf_scenario_line_of(text, (size_t)err.offset_bytes), "bad JSON: %s",
                                err.text);
    } else {
        code = read_root(&reader);
    }
    rf_json_done(&reader.doc);
    rf_buf_done(&reader.scratch);
    free(reader.aggregate);
    return code;
}
