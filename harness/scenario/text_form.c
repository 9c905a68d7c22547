/* SPDX-License-Identifier: MIT */
/*
 * The text form: a line a step, its word in front.
 *
 *     scenario: a shipped order cannot be approved
 *     given OrderCreated at 2017-06-22T10:11:12Z
 *     given OrderShipped
 *     when ApproveOrder {"By": "ann"}
 *     then refused "order is not created"
 *
 * JSON may go on over several lines: it ends where its brackets say. A # in front of a line, or
 * behind the end of one that is no scenario, id or aggregate, begins a comment.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/typo.h"
#include "scenario/forms.h"

struct reader {
    const char *file;
    const char *text;
    size_t bytes;
    size_t at;
    size_t number; /* of the line that `at` is in */
    struct rf_json doc;
    struct rf_buf scratch;
    struct rf_scenarios *scenarios;
    struct rf_scenario *open; /* NULL: before the first */
    char *aggregate;          /* of all of the file's scenarios that name none, or NULL */
    struct rf_err *reterr;
};

#define FAIL(reader, ...)                                                                          \
    rf_scenario_fail((reader)->reterr, (reader)->file, (reader)->number, __VA_ARGS__)

/* ---- pieces of a line ------------------------------------------------------------------------ */

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The byte at hand; LF at the end of the text too. */
static char
peek(const struct reader *reader)
{
    return reader->at < reader->bytes ? reader->text[reader->at] : '\n';
}

static void
skip_blanks(struct reader *reader)
{
    while (is_blank(peek(reader))) {
        reader->at++;
    }
}

/* Whether nothing more is said on this line: a comment is nothing. */
static bool
at_end(const struct reader *reader)
{
    return peek(reader) == '\n' || peek(reader) == '#';
}

/* Up to a blank, the end of the line, or a bracket that begins JSON. */
static size_t
take_bare(struct reader *reader, const char **ret)
{
    size_t start = reader->at;
    while (!is_blank(peek(reader)) && peek(reader) != '\n' && peek(reader) != '{') {
        reader->at++;
    }
    *ret = reader->text + start;
    return reader->at - start;
}

/* The rest of the line without the blanks around it. */
static size_t
take_rest(struct reader *reader, const char **ret)
{
    skip_blanks(reader);
    size_t start = reader->at;
    while (peek(reader) != '\n') {
        reader->at++;
    }
    size_t end = reader->at;
    while (end > start && is_blank(reader->text[end - 1])) {
        end--;
    }
    *ret = reader->text + start;
    return end - start;
}

/* Whether this word comes next; it is taken then. */
static bool
take_keyword(struct reader *reader, const char *keyword)
{
    const char *bare;
    size_t start = reader->at;
    size_t bytes = take_bare(reader, &bare);
    if (bytes == strlen(keyword) && memcmp(bare, keyword, bytes) == 0) {
        skip_blanks(reader);
        return true;
    }
    reader->at = start;
    return false;
}

/* One JSON value into reader->doc, which may go on over several lines. */
static rf_code
take_value(struct reader *reader)
{
    struct rf_err err;
    size_t end;
    const char *text = reader->text + reader->at;
    rf_code code = rf_json_read(&reader->doc, text, reader->bytes - reader->at, &end, &err);
    if (code == RF_ERR_TRUNCATED) {
        return FAIL(reader, "the JSON that begins here does not end");
    }
    if (code != RF_OK) {
        size_t below = rf_scenario_line_of(text, (size_t)err.offset_bytes) - 1;
        reader->number += below;
        return FAIL(reader, "bad JSON%s: %s", below == 0 ? "" : " (it begins further up)",
                    err.text);
    }
    reader->at += end;
    reader->number += rf_scenario_line_of(text, end) - 1;
    return RF_OK;
}

/* Nothing may follow on this line. */
static rf_code
end_line(struct reader *reader)
{
    const char *rest;
    skip_blanks(reader);
    if (at_end(reader)) {
        (void)take_rest(reader, &rest);
        return RF_OK;
    }
    if (take_keyword(reader, "at")) {
        return FAIL(reader, "'at' stands in front of the JSON, of 'given' and 'when' only");
    }
    size_t bytes = take_rest(reader, &rest);
    return FAIL(reader, "this is too much at its end: %.*s", (int)(bytes < 100 ? bytes : 100),
                rest);
}

/* A type or command: bare, or a JSON string. */
static rf_code
take_name(struct reader *reader, struct rf_scenario_line *line, const char *what)
{
    const char *name;
    size_t bytes;
    if (peek(reader) != '"') {
        bytes = at_end(reader) ? 0 : take_bare(reader, &name);
        if (bytes == 0) {
            return FAIL(reader, "%s is missing", what);
        }
    } else {
        RF_TRY(take_value(reader));
        rf_json_string(&reader->doc, 0, &reader->scratch, &name, &bytes);
    }
    skip_blanks(reader);
    return rf_scenario_take_name(reader->file, line, what, name, bytes, reader->reterr);
}

/* [at TIME] [JSON] */
static rf_code
take_time_and_data(struct reader *reader, struct rf_scenario_line *line, bool may_have_time)
{
    if (may_have_time && take_keyword(reader, "at")) {
        const char *time;
        size_t bytes = take_bare(reader, &time);
        RF_TRY(rf_scenario_take_time(reader->file, line, time, bytes, reader->reterr));
        skip_blanks(reader);
    }
    if (at_end(reader)) {
        return RF_OK;
    }
    RF_TRY(take_value(reader));
    return rf_scenario_take_data(reader->file, line, &reader->doc, 0, reader->reterr);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static rf_code
read_then(struct reader *reader, struct rf_scenario_line *line)
{
    if (take_keyword(reader, "nothing")) {
        line->word = RF_SCENARIO_NOTHING;
        return RF_OK;
    }
    if (take_keyword(reader, "refused")) {
        line->word = RF_SCENARIO_REFUSED;
        if (at_end(reader)) {
            return RF_OK;
        }
        if (peek(reader) != '"') {
            return FAIL(reader, "the text of a refusal stands in \"quotes\"");
        }
        RF_TRY(take_value(reader));
        const char *text;
        rf_json_string(&reader->doc, 0, &reader->scratch, &text, &line->name_bytes);
        line->name = rf_strndup(text, line->name_bytes);
        return RF_OK;
    }
    line->exactly = take_keyword(reader, "exactly");
    RF_TRY(take_name(reader, line, "an event's type"));
    return take_time_and_data(reader, line, false);
}

static rf_code
read_state(struct reader *reader, struct rf_scenario_line *line)
{
    line->exactly = take_keyword(reader, "exactly");
    if (at_end(reader)) {
        return FAIL(reader, "the state's JSON is missing: state {\"status\": \"shipped\"}");
    }
    return take_time_and_data(reader, line, false);
}

static rf_code
read_step(struct reader *reader, enum rf_scenario_word word)
{
    struct rf_scenario_line line = {.word = word, .number = reader->number};
    rf_code code = RF_OK;
    switch (word) {
    case RF_SCENARIO_GIVEN:
    case RF_SCENARIO_WHEN:
        code = take_name(reader, &line,
                         word == RF_SCENARIO_GIVEN ? "an event's type" : "a command's name");
        if (code == RF_OK) {
            code = take_time_and_data(reader, &line, true);
        }
        break;
    case RF_SCENARIO_STATE:
        code = read_state(reader, &line);
        break;
    default:
        code = read_then(reader, &line);
        break;
    }
    if (code == RF_OK) {
        code = end_line(reader);
    }
    if (code == RF_OK) {
        return rf_scenario_add(reader->open, &line, reader->reterr);
    }
    rf_scenario_line_done(&line);
    return code;
}

static rf_code
end_scenario(struct reader *reader)
{
    if (reader->open == NULL) {
        return RF_OK;
    }
    if (reader->open->aggregate == NULL && reader->aggregate != NULL) {
        reader->open->aggregate = rf_strdup(reader->aggregate);
    }
    return rf_scenario_end(reader->open, reader->reterr);
}

static rf_code
begin_scenario(struct reader *reader)
{
    const char *name;
    RF_TRY(end_scenario(reader));
    size_t bytes = take_rest(reader, &name);
    if (bytes == 0) {
        return FAIL(reader, "a scenario needs a name: 'scenario: what it shows'");
    }
    char *copy = rf_strndup(name, bytes);
    reader->open = rf_scenarios_begin(reader->scenarios, reader->number, copy);
    free(copy);
    return RF_OK;
}

static rf_code
read_aggregate(struct reader *reader)
{
    const char *name;
    size_t bytes = take_rest(reader, &name);
    return rf_scenario_take_word(
        reader->file, reader->number, "the aggregate", name, bytes, RF_LIMIT_NAME_BYTES,
        reader->open == NULL ? &reader->aggregate : &reader->open->aggregate, reader->reterr);
}

static rf_code
read_id(struct reader *reader)
{
    const char *id;
    size_t bytes = take_rest(reader, &id);
    return rf_scenario_take_word(reader->file, reader->number, "the id", id, bytes,
                                 rf_limits.id_bytes, &reader->open->id, reader->reterr);
}

static rf_code
unknown_word(const struct reader *reader, const char *word, size_t bytes)
{
    static const char *const words[] = {"scenario:", "aggregate", "id",    "given",
                                        "when",      "then",      "state", NULL};
    char *copy = rf_strndup(word, bytes < 100 ? bytes : 100);
    const char *nearest = rf_typo_nearest(copy, words);
    rf_code code;
    for (size_t i = 0; words[i] != NULL; i++) {
        nearest = strcasecmp(copy, words[i]) == 0 ? words[i] : nearest;
    }
    if (strcasecmp(copy, "and") == 0 || strcasecmp(copy, "but") == 0) {
        code =
            FAIL(reader, "'%s' is no word of a scenario: repeat the one of the line above", copy);
    } else if (nearest != NULL) {
        code = FAIL(reader, "'%s' is no word of a scenario; did you mean '%s'?", copy, nearest);
    } else {
        code = FAIL(reader,
                    "'%s' is no word of a scenario: a line begins with scenario:, aggregate, id, "
                    "given, when, then, state or #",
                    copy);
    }
    free(copy);
    return code;
}

static rf_code
read_line(struct reader *reader)
{
    static const struct {
        const char *word;
        enum rf_scenario_word step;
    } steps[] = {{"given", RF_SCENARIO_GIVEN},
                 {"when", RF_SCENARIO_WHEN},
                 {"then", RF_SCENARIO_THEN},
                 {"state", RF_SCENARIO_STATE}};
    static const char opening[] = "scenario:";
    const char *word;
    if (reader->bytes - reader->at >= sizeof(opening) - 1 &&
        memcmp(reader->text + reader->at, opening, sizeof(opening) - 1) == 0) {
        reader->at += sizeof(opening) - 1;
        return begin_scenario(reader);
    }
    if (take_keyword(reader, "aggregate")) {
        return read_aggregate(reader);
    }
    size_t start = reader->at;
    size_t bytes = take_bare(reader, &word);
    bool is_id = bytes == 2 && memcmp(word, "id", 2) == 0;
    size_t i = 0;
    while (i < sizeof(steps) / sizeof(steps[0]) &&
           (strlen(steps[i].word) != bytes || memcmp(steps[i].word, word, bytes) != 0)) {
        i++;
    }
    if (!is_id && i == sizeof(steps) / sizeof(steps[0])) {
        /* JSON where a word should be is shown too. */
        reader->at = start;
        bytes = bytes == 0 ? take_rest(reader, &word) : bytes;
        return unknown_word(reader, word, bytes);
    }
    if (reader->open == NULL) {
        return FAIL(reader, "'%.*s' stands in front of the first 'scenario:'", (int)bytes, word);
    }
    skip_blanks(reader);
    return is_id ? read_id(reader) : read_step(reader, steps[i].step);
}

static rf_code
read_lines(struct reader *reader)
{
    while (reader->at < reader->bytes) {
        skip_blanks(reader);
        if (at_end(reader)) {
            RF_TRY(end_line(reader));
        } else {
            RF_TRY(read_line(reader));
        }
        reader->at++; /* the LF */
        reader->number++;
    }
    return end_scenario(reader);
}

rf_code
rf_scenarios_parse_text(const char *text, size_t bytes, struct rf_scenarios *scenarios,
                        struct rf_err *reterr)
{
    struct reader reader = {
        .file = scenarios->files[scenarios->file_count - 1],
        .text = text,
        .bytes = bytes,
        .number = 1,
        .scenarios = scenarios,
        .reterr = reterr,
    };
    rf_code code = read_lines(&reader);
    rf_json_done(&reader.doc);
    rf_buf_done(&reader.scratch);
    free(reader.aggregate);
    return code;
}
