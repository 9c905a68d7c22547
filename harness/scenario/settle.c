/* SPDX-License-Identifier: MIT */
/* Scenarios made ready to be played. */
#include "scenario/settle.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/typo.h"

/** The versions behind it must have room. */
#define VERSION_MAX (INT64_MAX / 2)

/* ---- members --------------------------------------------------------------------------------- */

/** The member of the data that a part of the envelope is; NULL where it lies elsewhere, or deeper.
 */
static char *
member_of_data(const struct rf_envelope *envelope, enum rf_envelope_part part)
{
    const struct rf_pointer *data = &envelope->parts[RF_PART_DATA];
    const struct rf_pointer *own = &envelope->parts[part];
    if (!own->set || own->count != data->count + 1) {
        return NULL;
    }
    for (uint32_t i = 0; i < data->count; i++) {
        if (strcmp(own->steps[i], data->steps[i]) != 0) {
            return NULL;
        }
    }
    return rf_strdup(own->steps[data->count]);
}

void
rf_own_members_make(const struct rf_envelope *envelope, struct rf_own_members *ret)
{
    struct rf_envelope fallback = {0};
    if (envelope->kind == RF_ENVELOPE_AUTO || envelope->kind == RF_ENVELOPE_CLOUDWATCH) {
        RF_VERIFY(rf_envelope_parse("eventsource", &fallback, NULL) == RF_OK);
        envelope = &fallback;
    }
    *ret = (struct rf_own_members){
        .id = member_of_data(envelope, RF_PART_ID),
        .version = member_of_data(envelope, RF_PART_VERSION),
        .at = member_of_data(envelope, RF_PART_AT),
    };
    rf_envelope_done(&fallback);
}

void
rf_own_members_done(struct rf_own_members *members)
{
    free(members->id);
    free(members->version);
    free(members->at);
    *members = (struct rf_own_members){0};
}

/* ---- names ----------------------------------------------------------------------------------- */

/** "order does not declare the event type OrderCreatd; did you mean OrderCreated?" */
static rf_code
unknown_name(const struct rf_scenario *scenario, const struct rf_scenario_line *line,
             const struct rf_build *build, const char *what, char *const *names, size_t count,
             struct rf_err *reterr)
{
    const char **candidates = rf_calloc(count + 1, sizeof(*candidates));
    for (size_t i = 0; i < count; i++) {
        candidates[i] = names[i];
    }
    const char *nearest = rf_typo_nearest(line->name, candidates);
    free(candidates);
    return rf_scenario_fail(reterr, scenario->file, line->number,
                            "%s does not declare the %s '%.100s'%s%s%s", build->name, what,
                            line->name, nearest == NULL ? "" : "; did you mean ",
                            nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
}

static rf_code
check_type(const struct rf_scenario *scenario, const struct rf_scenario_line *line,
           const struct rf_build *build, struct rf_err *reterr)
{
    return rf_build_declares(build, line->name, line->name_bytes)
               ? RF_OK
               : unknown_name(scenario, line, build, "event type", build->types, build->type_count,
                              reterr);
}

static rf_code
check_command(const struct rf_scenario *scenario, const struct rf_scenario_line *line,
              const struct rf_build *build, struct rf_err *reterr)
{
    if (!rf_build_handles(build)) {
        return rf_scenario_fail(reterr, scenario->file, line->number,
                                "%s takes no commands: it has no handle "
                                "(in C REFOLD_AGGREGATE_COMMANDS names one, in C++ "
                                "REFOLD_CLASS_COMMANDS, in Go refold.Handle, in Rust handles)",
                                build->name);
    }
    return rf_build_takes_command(build, line->name, line->name_bytes)
               ? RF_OK
               : unknown_name(scenario, line, build, "command", build->commands,
                              build->command_count, reterr);
}

static rf_code
check_names(const struct rf_scenario *scenario, const struct rf_build *build, struct rf_err *reterr)
{
    for (size_t i = 0; i < scenario->given.count; i++) {
        RF_TRY(check_type(scenario, &scenario->given.items[i], build, reterr));
    }
    for (size_t i = 1; i < scenario->act_count; i++) {
        const struct rf_act *act = &scenario->acts[i];
        RF_TRY(check_command(scenario, act->command, build, reterr));
        for (size_t j = 0; j < act->thens.count; j++) {
            if (act->thens.items[j].word == RF_SCENARIO_THEN) {
                RF_TRY(check_type(scenario, &act->thens.items[j], build, reterr));
            }
        }
    }
    return RF_OK;
}

static rf_code
find_cast(const struct rf_scenario *scenario, const struct rf_cast *casts, size_t count,
          const struct rf_cast **ret, struct rf_err *reterr)
{
    if (scenario->aggregate == NULL && count == 1) {
        *ret = &casts[0];
        return RF_OK;
    }
    if (scenario->aggregate == NULL) {
        return rf_scenario_fail(reterr, scenario->file, scenario->number,
                                "%zu aggregates are loaded: say which one, 'aggregate %s'", count,
                                casts[0].build->name);
    }
    const char **names = rf_calloc(count + 1, sizeof(*names));
    for (size_t i = 0; i < count; i++) {
        names[i] = casts[i].build->name;
        if (strcmp(names[i], scenario->aggregate) == 0) {
            *ret = &casts[i];
            free(names);
            return RF_OK;
        }
    }
    const char *nearest = rf_typo_nearest(scenario->aggregate, names);
    free(names);
    return rf_scenario_fail(reterr, scenario->file, scenario->number,
                            "aggregate '%.100s' is not loaded%s%s%s", scenario->aggregate,
                            nearest == NULL ? "" : "; did you mean ",
                            nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
}

/* ---- ids, versions, times -------------------------------------------------------------------- */

struct settling {
    struct rf_scenario *scenario;
    const struct rf_own_members *members;
    struct rf_json doc;
    struct rf_buf scratch;
    struct rf_time at;
    int64_t version;
    struct rf_err *reterr;
};

#define FAIL(settling, line, ...)                                                                  \
    rf_scenario_fail((settling)->reterr, (settling)->scenario->file, (line)->number, __VA_ARGS__)

static uint32_t
find(const struct settling *settling, const char *name)
{
    return name == NULL ? RF_JSON_NONE
                        : rf_json_member(&settling->doc, 0, name, strlen(name), NULL);
}

/** A string's content, or a number's token; false where it is neither. */
static bool
scalar(struct settling *settling, uint32_t node, const char **ret, size_t *ret_bytes)
{
    int kind = settling->doc.nodes[node].kind;
    if (kind == RF_JSON_STRING) {
        rf_json_string(&settling->doc, node, &settling->scratch, ret, ret_bytes);
    } else if (kind == RF_JSON_NUMBER) {
        *ret = rf_json_token(&settling->doc, node, ret_bytes);
    }
    return kind == RF_JSON_STRING || kind == RF_JSON_NUMBER;
}

static rf_code
take_id(struct settling *settling, const struct rf_scenario_line *line, uint32_t node)
{
    struct rf_scenario *scenario = settling->scenario;
    const char *text = "";
    size_t bytes = 0;
    int64_t number;
    bool is_id = scalar(settling, node, &text, &bytes) &&
                 (settling->doc.nodes[node].kind == RF_JSON_STRING ||
                  rf_json_int64(&settling->doc, node, &number)) &&
                 bytes > 0 && bytes <= rf_limits.id_bytes && memchr(text, '\0', bytes) == NULL;
    if (!is_id) {
        return FAIL(settling, line, "its %s is no id", settling->members->id);
    }
    if (scenario->id == NULL) {
        scenario->id = rf_strndup(text, bytes);
    }
    if (strlen(scenario->id) != bytes || memcmp(scenario->id, text, bytes) != 0) {
        return FAIL(settling, line,
                    "its %s is another one than '%.100s': a scenario is of one instance",
                    settling->members->id, scenario->id);
    }
    return RF_OK;
}

/** An integer's digits, as a number or as a string. */
static bool
is_integer(const char *text, size_t bytes)
{
    size_t sign = bytes > 0 && text[0] == '-';
    for (size_t i = sign; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return bytes > sign;
}

static rf_code
take_version(struct settling *settling, struct rf_scenario_line *line, uint32_t node)
{
    const char *text = "";
    size_t bytes = 0;
    bool is_version = scalar(settling, node, &text, &bytes);
    struct rf_json_node token = {.end = (uint32_t)bytes, .next = 1, .kind = RF_JSON_NUMBER};
    struct rf_json doc = {.text = text, .nodes = &token, .used = 1};
    if (!is_version || !is_integer(text, bytes) || !rf_json_int64(&doc, 0, &line->version)) {
        return FAIL(settling, line, "its %s is no version", settling->members->version);
    }
    line->versioned = true;
    return RF_OK;
}

static rf_code
take_at(struct settling *settling, struct rf_scenario_line *line, uint32_t node)
{
    const char *text = "";
    size_t bytes = 0;
    struct rf_time at;
    bool is_time =
        scalar(settling, node, &text, &bytes) &&
        (settling->doc.nodes[node].kind == RF_JSON_STRING ? rf_time_parse(text, bytes, &at)
                                                          : rf_time_from_number(text, bytes, &at));
    if (!is_time) {
        return FAIL(settling, line, "its %s is no time such as \"2015-04-27T13:00:00Z\"",
                    settling->members->at);
    }
    if (line->timed && rf_time_compare(at, line->at) != 0) {
        return FAIL(settling, line, "its %s and its 'at' are two times", settling->members->at);
    }
    line->timed = true;
    line->at = at;
    return RF_OK;
}

/** No history has an event without these members, where its envelope has them in the data. */
static rf_code
check_form(const struct settling *settling, const struct rf_scenario_line *line)
{
    const struct rf_own_members *members = settling->members;
    const char *name = members->id != NULL        ? members->id
                       : members->version != NULL ? members->version
                                                  : members->at;
    if (name == NULL || settling->doc.nodes[0].kind == RF_JSON_OBJECT) {
        return RF_OK;
    }
    return FAIL(settling, line,
                "its data is no object, and the envelope has %s in it; of another envelope tell "
                "with -e",
                name);
}

/** What the line's data says of its id, version and time. Commands have no version. */
static rf_code
take_members(struct settling *settling, struct rf_scenario_line *line)
{
    if (line->data == NULL) {
        return RF_OK;
    }
    RF_VERIFY(rf_json_read_whole(&settling->doc, line->data, line->data_bytes, NULL) == RF_OK);
    if (line->word == RF_SCENARIO_GIVEN) {
        RF_TRY(check_form(settling, line));
    }
    uint32_t id = find(settling, settling->members->id);
    uint32_t version = find(settling, settling->members->version);
    uint32_t at = find(settling, settling->members->at);
    if (id != RF_JSON_NONE) {
        RF_TRY(take_id(settling, line, id));
    }
    if (version != RF_JSON_NONE && line->word == RF_SCENARIO_GIVEN) {
        RF_TRY(take_version(settling, line, version));
    }
    return at == RF_JSON_NONE ? RF_OK : take_at(settling, line, at);
}

static void
fill_time(struct settling *settling, struct rf_scenario_line *line)
{
    if (!line->timed) {
        line->at = settling->at;
        line->timed = true;
    }
    settling->at = line->at;
}

static rf_code
fill_version(struct settling *settling, struct rf_scenario_line *line)
{
    if (!line->versioned) {
        line->version = settling->version + 1;
        line->versioned = true;
    }
    if (line->version > VERSION_MAX) {
        return FAIL(settling, line,
                    "its version is %lld, and %lld the highest that a scenario may begin with: the "
                    "ones behind it must have room",
                    (long long)line->version, (long long)VERSION_MAX);
    }
    if (line->version <= settling->version) {
        return FAIL(settling, line,
                    "its version is %lld, and %lld comes next: versions count upwards",
                    (long long)line->version, (long long)settling->version + 1);
    }
    settling->version = line->version;
    return RF_OK;
}

static rf_code
fill_in(struct settling *settling)
{
    struct rf_scenario *scenario = settling->scenario;
    for (size_t i = 0; i < scenario->given.count; i++) {
        struct rf_scenario_line *line = &scenario->given.items[i];
        RF_TRY(take_members(settling, line));
        RF_TRY(fill_version(settling, line));
        fill_time(settling, line);
    }
    for (size_t i = 1; i < scenario->act_count; i++) {
        struct rf_scenario_line *line = scenario->acts[i].command;
        RF_TRY(take_members(settling, line));
        fill_time(settling, line);
    }
    if (scenario->id == NULL) {
        scenario->id = rf_strdup(RF_SCENARIO_ID);
    }
    return RF_OK;
}

rf_code
rf_scenario_settle(struct rf_scenario *scenario, const struct rf_cast *casts, size_t cast_count,
                   const struct rf_own_members *members, const struct rf_cast **ret_cast,
                   struct rf_err *reterr)
{
    const struct rf_cast *cast = NULL;
    RF_TRY(find_cast(scenario, casts, cast_count, &cast, reterr));
    RF_TRY(check_names(scenario, cast->build, reterr));
    struct settling settling = {
        .scenario = scenario,
        .members = members,
        .version = cast->first_version - 1,
        .reterr = reterr,
    };
    RF_VERIFY(rf_time_parse(RF_SCENARIO_TIME, sizeof(RF_SCENARIO_TIME) - 1, &settling.at));
    rf_code code = fill_in(&settling);
    rf_json_done(&settling.doc);
    rf_buf_done(&settling.scratch);
    *ret_cast = cast;
    return code;
}
