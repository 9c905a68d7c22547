/* SPDX-License-Identifier: MIT */
/* What a command made, against what was expected of it. */
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "scenario/judge_internal.h"

/** The types of events as a JSON array. */
static void
add_made_types(struct rf_buf *out, const struct rf_dispatch_step *step)
{
    rf_buf_byte(out, '[');
    for (size_t i = 0; i < step->made_count; i++) {
        rf_buf_string(out, i == 0 ? "" : ",");
        rf_canon_string(out, step->made[i].type, step->made[i].type_bytes);
    }
    rf_buf_byte(out, ']');
}

static void
add_wanted_types(struct rf_buf *out, const struct rf_scenario_lines *thens)
{
    rf_buf_byte(out, '[');
    for (size_t i = 0; i < thens->count; i++) {
        if (thens->items[i].word == RF_SCENARIO_THEN) {
            rf_buf_string(out, i == 0 ? "" : ",");
            rf_canon_string(out, thens->items[i].name, thens->items[i].name_bytes);
        }
    }
    rf_buf_byte(out, ']');
}

static void
judge_other_events(struct rf_judge *judge, const struct rf_act *act,
                   const struct rf_dispatch_step *step, const struct rf_scenario_line *line)
{
    struct rf_buf message = {0};
    struct rf_buf wanted = {0};
    struct rf_buf got = {0};
    rf_judge_name(&message, act->command);
    rf_buf_string(&message, step->made_count == 0               ? " made nothing"
                            : line->word == RF_SCENARIO_NOTHING ? " made something"
                                                                : " made other events");
    add_wanted_types(&wanted, &act->thens);
    add_made_types(&got, step);
    rf_contrasts_add(&rf_judge_fail(judge, line, &message)->contrasts, "", wanted.bytes,
                     wanted.used, got.bytes, got.used);
    rf_buf_done(&wanted);
    rf_buf_done(&got);
}

static bool
is_of_type(const struct rf_dispatch_event *event, const struct rf_scenario_line *line)
{
    return rf_bytes_same(event->type, event->type_bytes, line->name, line->name_bytes);
}

/** Canonical, but for the numbers: they stand as they were written. */
static void
add_data(struct rf_buf *out, const char *text, size_t bytes)
{
    struct rf_json doc = {0};
    RF_VERIFY(rf_json_read_whole(&doc, text, bytes, NULL) == RF_OK &&
              rf_json_canonical(&doc, 0, true, out, NULL) == RF_OK);
    rf_json_done(&doc);
}

/** The data of one event of the right type. */
static void
judge_data(struct rf_judge *judge, const struct rf_act *act, size_t place,
           const struct rf_dispatch_event *event, const struct rf_scenario_line *line)
{
    struct rf_buf wanted = {0};
    struct rf_buf got = {0};
    struct rf_contrasts found = {0};
    if (line->data == NULL && !line->exactly) {
        return;
    }
    const char *text = line->data == NULL ? "{}" : line->data;
    add_data(&wanted, text, strlen(text));
    add_data(&got, event->data, event->data_bytes);
    rf_contrast(wanted.bytes, wanted.used, got.bytes, got.used, line->exactly, judge->beside, 3,
                &found);
    if (found.total > 0) {
        struct rf_buf message = {0};
        rf_buf_format(&message, "event %zu of %zu that ", place + 1, act->thens.count);
        rf_judge_name(&message, act->command);
        rf_buf_string(&message, " made has other data");
        rf_judge_fail(judge, line, &message)->contrasts = found;
    }
    rf_buf_done(&wanted);
    rf_buf_done(&got);
}

static void
judge_events(struct rf_judge *judge, const struct rf_act *act, const struct rf_dispatch_step *step)
{
    const struct rf_scenario_lines *thens = &act->thens;
    size_t same = 0;
    judge->outcome->checked += thens->count;
    while (same < thens->count && same < step->made_count &&
           is_of_type(&step->made[same], &thens->items[same])) {
        same++;
    }
    if (same < thens->count || same < step->made_count) {
        judge_other_events(judge, act, step,
                           &thens->items[same < thens->count ? same : thens->count - 1]);
        return;
    }
    for (size_t i = 0; i < thens->count; i++) {
        judge_data(judge, act, i, &step->made[i], &thens->items[i]);
    }
}

static void
judge_refusal(struct rf_judge *judge, const struct rf_act *act, const struct rf_dispatch_step *step)
{
    const struct rf_scenario_line *then = act->thens.count == 0 ? NULL : &act->thens.items[0];
    struct rf_buf message = {0};
    judge->outcome->checked += act->thens.count;
    rf_judge_name(&message, act->command);
    if (then == NULL || then->word != RF_SCENARIO_REFUSED) {
        rf_buf_string(&message, step->text_bytes == 0 ? " was refused" : " was refused: ");
        rf_buf_add(&message, step->text, step->text_bytes);
        (void)rf_judge_fail(judge, then == NULL ? act->command : then, &message);
        return;
    }
    if (then->name == NULL ||
        rf_bytes_same(then->name, then->name_bytes, step->text, step->text_bytes)) {
        rf_buf_done(&message);
        return;
    }
    struct rf_buf wanted = {0};
    struct rf_buf got = {0};
    rf_buf_string(&message, " was refused with another text");
    rf_canon_string(&wanted, then->name, then->name_bytes);
    rf_canon_string(&got, step->text, step->text_bytes);
    rf_contrasts_add(&rf_judge_fail(judge, then, &message)->contrasts, "", wanted.bytes,
                     wanted.used, got.bytes, got.used);
    rf_buf_done(&wanted);
    rf_buf_done(&got);
}

static void
judge_answer(struct rf_judge *judge, const struct rf_act *act, const struct rf_dispatch_step *step)
{
    const struct rf_scenario_line *then = act->thens.count == 0 ? NULL : &act->thens.items[0];
    if (step->refused) {
        judge_refusal(judge, act, step);
    } else if (then == NULL) {
        return; /* it was not refused: no more is asked of it */
    } else if (then->word == RF_SCENARIO_THEN) {
        judge_events(judge, act, step);
    } else {
        judge->outcome->checked++;
        if (then->word == RF_SCENARIO_REFUSED) {
            struct rf_buf message = {0};
            rf_judge_name(&message, act->command);
            rf_buf_string(&message, " was not refused: it made ");
            if (step->made_count == 0) {
                rf_buf_string(&message, "nothing");
            } else {
                add_made_types(&message, step);
            }
            (void)rf_judge_fail(judge, then, &message);
        } else if (step->made_count > 0) {
            judge_other_events(judge, act, step, then);
        }
    }
}

/* ---- what the envelope holds ----------------------------------------------------------------- */

enum own { OWN_ID, OWN_VERSION, OWN_AT };

/** Whether the value is what the event has, as production would read it: no `true` is an id, nor is
 * 1.5. */
static bool
is_own(enum own own, const struct rf_json *doc, uint32_t node, const char *id, int64_t version,
       struct rf_time at)
{
    struct rf_buf scratch = {0};
    struct rf_buf digits = {0};
    const char *text;
    size_t bytes;
    int64_t number;
    struct rf_time time;
    bool is_text = doc->nodes[node].kind == RF_JSON_STRING;
    bool same = false;
    if (!is_text && doc->nodes[node].kind != RF_JSON_NUMBER) {
        return false;
    }
    if (is_text) {
        rf_json_string(doc, node, &scratch, &text, &bytes);
    } else {
        text = rf_json_token(doc, node, &bytes);
    }
    switch (own) {
    case OWN_ID:
        same = (is_text || rf_json_int64(doc, node, &number)) &&
               rf_bytes_same(text, bytes, id, strlen(id));
        break;
    case OWN_VERSION:
        rf_canon_int64(&digits, version);
        same = rf_bytes_same(text, bytes, digits.bytes, digits.used);
        break;
    case OWN_AT:
        same = (is_text ? rf_time_parse(text, bytes, &time)
                        : rf_time_from_number(text, bytes, &time)) &&
               rf_time_compare(time, at) == 0;
        break;
    }
    rf_buf_done(&scratch);
    rf_buf_done(&digits);
    return same;
}

/** What the event has, as JSON. */
static void
add_own(struct rf_buf *out, enum own own, const char *id, int64_t version, struct rf_time at)
{
    char time[RF_TIME_TEXT_BYTES];
    switch (own) {
    case OWN_ID:
        rf_canon_string(out, id, strlen(id));
        break;
    case OWN_VERSION:
        rf_canon_int64(out, version);
        break;
    case OWN_AT:
        rf_canon_string(out, time, rf_time_print(at, time));
        break;
    }
}

/** "the data of the event OrderShipped " */
static void
add_whose(struct rf_buf *out, const struct rf_dispatch_event *event)
{
    rf_buf_string(out, "the data of the event ");
    rf_buf_add(out, event->type, event->type_bytes);
    rf_buf_byte(out, ' ');
}

static void
fail_other(struct rf_judge *judge, const struct rf_act *act, const struct rf_dispatch_event *event,
           enum own own, int64_t version, const char *token, size_t bytes)
{
    struct rf_buf message = {0};
    struct rf_buf wanted = {0};
    struct rf_buf path = {0};
    add_whose(&message, event);
    rf_buf_format(&message, "says another %s than the event has", judge->beside[own]);
    rf_buf_format(&path, "/%s", judge->beside[own]);
    add_own(&wanted, own, judge->scenario->id, version, act->command->at);
    rf_contrasts_add(&rf_judge_fail(judge, act->command, &message)->contrasts, rf_buf_text(&path),
                     wanted.bytes, wanted.used, token, bytes);
    rf_buf_done(&wanted);
    rf_buf_done(&path);
}

static void
fail_repeated(struct rf_judge *judge, const struct rf_act *act,
              const struct rf_dispatch_event *event, const char *name)
{
    struct rf_buf message = {0};
    add_whose(&message, event);
    rf_buf_format(&message, "has %s twice: such a record is malformed where it is read back", name);
    (void)rf_judge_fail(judge, act->command, &message);
}

/** What has no members has no place for those that the envelope holds there. */
static void
fail_formless(struct rf_judge *judge, const struct rf_act *act,
              const struct rf_dispatch_event *event, const char *name)
{
    struct rf_buf message = {0};
    add_whose(&message, event);
    rf_buf_format(&message,
                  "is no object, and the envelope has %s in it: such a record is malformed where "
                  "it is read back",
                  name);
    (void)rf_judge_fail(judge, act->command, &message);
}

/** Where an event's data names an id, version or time, production would read it there: it must be
 * the one that the event has, and stand there once. Without one it is filled in, where there is
 * room for it. */
static void
judge_own_members(struct rf_judge *judge, const struct rf_act *act,
                  const struct rf_dispatch_event *event, int64_t version)
{
    struct rf_json doc = {0};
    RF_VERIFY(rf_json_read_whole(&doc, event->data, event->data_bytes, NULL) == RF_OK);
    bool is_object = doc.nodes[0].kind == RF_JSON_OBJECT;
    for (int own = OWN_ID; own <= OWN_AT && !is_object; own++) {
        if (judge->beside[own] != NULL) {
            fail_formless(judge, act, event, judge->beside[own]);
            break;
        }
    }
    for (int own = OWN_ID; own <= OWN_AT; own++) {
        const char *name = judge->beside[own];
        bool repeated = false;
        uint32_t node =
            name == NULL ? RF_JSON_NONE : rf_json_member(&doc, 0, name, strlen(name), &repeated);
        if (repeated) {
            fail_repeated(judge, act, event, name);
        } else if (node != RF_JSON_NONE && !is_own((enum own)own, &doc, node, judge->scenario->id,
                                                   version, act->command->at)) {
            size_t bytes;
            const char *token = rf_json_token(&doc, node, &bytes);
            fail_other(judge, act, event, (enum own)own, version, token, bytes);
        }
    }
    rf_json_done(&doc);
}

void
rf_judge_command(struct rf_judge *judge, const struct rf_act *act,
                 const struct rf_dispatch_step *step, int64_t *version)
{
    judge_answer(judge, act, step);
    for (size_t i = 0; i < step->made_count; i++) {
        *version += 1;
        judge_own_members(judge, act, &step->made[i], *version);
    }
}
