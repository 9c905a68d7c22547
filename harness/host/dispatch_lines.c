/* SPDX-License-Identifier: MIT */
/*
 * What a worker says of its scenario.
 *
 * Its lines are input like any other: each is parsed, and must be one that may come now
 * (protocol.h, "Dispatch"). What it announces last before it dies tells where it died.
 */
#include "host/dispatch_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "worker/protocol.h"

/* ---- lines ----------------------------------------------------------------------------------- */

static uint32_t
member(const struct rf_dispatch_play *play, uint32_t object, const char *name)
{
    return rf_json_member(&play->doc, object, name, strlen(name), NULL);
}

/** A string's content, owned, with a NUL behind it; NULL where the member is none. */
static char *
copy_string(const struct rf_dispatch_play *play, uint32_t node, size_t *ret_bytes)
{
    if (node == RF_JSON_NONE || play->doc.nodes[node].kind != RF_JSON_STRING) {
        return NULL;
    }
    struct rf_buf scratch = {0};
    const char *bytes;
    rf_json_string(&play->doc, node, &scratch, &bytes, ret_bytes);
    char *copy = rf_strndup(bytes, *ret_bytes);
    rf_buf_done(&scratch);
    return copy;
}

static bool
is_number(const struct rf_dispatch_play *play, const char *name, uint64_t wanted)
{
    uint64_t number;
    uint32_t node = member(play, 0, name);
    return node != RF_JSON_NONE && rf_json_uint64(&play->doc, node, &number) && number == wanted;
}

void
rf_dispatch_end(struct rf_dispatch_play *play, enum rf_dispatch_ending ending, const char *message)
{
    play->over = true;
    play->result->ending = ending;
    (void)snprintf(play->result->message, sizeof(play->result->message), "%s", message);
}

/** The same with a string of the worker's. False where the node is none. */
static bool
end_with(struct rf_dispatch_play *play, enum rf_dispatch_ending ending, uint32_t node)
{
    struct rf_buf shown = {0};
    size_t bytes;
    char *text = copy_string(play, node, &bytes);
    if (text == NULL) {
        return false;
    }
    rf_buf_add_shown(&shown, text, bytes);
    rf_dispatch_end(play, ending, rf_buf_text(&shown));
    rf_buf_done(&shown);
    free(text);
    return true;
}

/** Whether the step at hand may be followed by the next one. */
static bool
is_through(const struct rf_dispatch_play *play)
{
    const struct rf_dispatch_step *step = &play->steps[play->step];
    switch (play->phase) {
    case RF_PHASE_APPLYING:
        return step->kind == RF_DISPATCH_EVENT || play->event + 1 == step->made_count;
    case RF_PHASE_MADE:
        return step->made_count == 0;
    default:
        return play->phase == RF_PHASE_OVER;
    }
}

/** {"step", "event"}, and "refused" where apply did. */
static bool
take_event(struct rf_dispatch_play *play)
{
    const struct rf_dispatch_step *step = &play->steps[play->step];
    uint32_t refused = member(play, 0, "refused");
    if (refused != RF_JSON_NONE) {
        return play->phase == RF_PHASE_APPLYING && is_number(play, "event", play->event) &&
               end_with(play, RF_DISPATCH_REFUSED, refused);
    }
    size_t next = play->phase == RF_PHASE_APPLYING ? play->event + 1 : 0;
    bool room = step->kind == RF_DISPATCH_EVENT
                    ? play->phase == RF_PHASE_OPEN
                    : (play->phase == RF_PHASE_MADE || play->phase == RF_PHASE_APPLYING) &&
                          next < step->made_count;
    if (!room || !is_number(play, "event", next)) {
        return false;
    }
    play->phase = RF_PHASE_APPLYING;
    play->event = next;
    return true;
}

/** Whether all its numbers are finite as doubles, as those of history must be. */
static bool
is_finite(struct rf_dispatch_play *play, uint32_t node)
{
    struct rf_buf canonical = {0};
    bool finite = rf_json_canonical(&play->doc, node, false, &canonical, NULL) == RF_OK;
    rf_buf_done(&canonical);
    return finite;
}

/** One of the events that a command made. */
static bool
take_one_made(struct rf_dispatch_play *play, uint32_t node, struct rf_dispatch_event *ret)
{
    uint32_t data = member(play, node, "data");
    ret->type = copy_string(play, member(play, node, "type"), &ret->type_bytes);
    if (ret->type == NULL || data == RF_JSON_NONE) {
        return false;
    }
    if (!is_finite(play, data)) {
        rf_dispatch_end(play, RF_DISPATCH_BROKEN,
                        "handle emitted a number that is not finite as a double");
    }
    const char *token = rf_json_token(&play->doc, data, &ret->data_bytes);
    ret->data = rf_strndup(token, ret->data_bytes);
    return true;
}

static bool
take_made(struct rf_dispatch_play *play, uint32_t list)
{
    struct rf_dispatch_step *step = &play->steps[play->step];
    uint32_t count = play->doc.nodes[list].count;
    if (play->phase != RF_PHASE_HANDLING || play->doc.nodes[list].kind != RF_JSON_ARRAY ||
        count > RF_LIMIT_COMMAND_EVENTS) {
        return false;
    }
    step->made = rf_calloc(count + 1, sizeof(*step->made));
    uint32_t node = list + 1;
    for (uint32_t i = 0; i < count; i++) {
        step->made_count = i + 1;
        if (!take_one_made(play, node, &step->made[i])) {
            return false;
        }
        node = play->doc.nodes[node].next;
    }
    step->answered = true;
    play->phase = RF_PHASE_MADE;
    return true;
}

static bool
take_refusal(struct rf_dispatch_play *play, uint32_t node)
{
    struct rf_dispatch_step *step = &play->steps[play->step];
    if (play->phase != RF_PHASE_HANDLING) {
        return false;
    }
    step->text = copy_string(play, node, &step->text_bytes);
    step->refused = true;
    step->answered = true;
    play->phase = RF_PHASE_OVER;
    return step->text != NULL;
}

static bool
take_broken(struct rf_dispatch_play *play, uint32_t node)
{
    return (play->phase == RF_PHASE_HANDLING || play->phase == RF_PHASE_WRITING) &&
           end_with(play, RF_DISPATCH_BROKEN, node);
}

static bool
take_state(struct rf_dispatch_play *play, uint32_t node)
{
    struct rf_dispatch_step *step = &play->steps[play->step];
    struct rf_buf canonical = {0};
    if (play->phase != RF_PHASE_WRITING ||
        rf_json_canonical(&play->doc, node, false, &canonical, NULL) != RF_OK) {
        rf_buf_done(&canonical);
        return false;
    }
    step->text = rf_strndup(canonical.bytes, canonical.used);
    step->text_bytes = canonical.used;
    step->answered = true;
    play->phase = RF_PHASE_OVER;
    rf_buf_done(&canonical);
    return true;
}

/** {"step", "handle"} or {"step", "snapshot"}: the first line of a step of this kind. */
static bool
take_beginning(struct rf_dispatch_play *play, enum rf_dispatch_kind kind,
               enum rf_dispatch_phase phase)
{
    if (play->phase != RF_PHASE_OPEN || play->steps[play->step].kind != kind) {
        return false;
    }
    play->phase = phase;
    return true;
}

/** A line of the step at hand. */
static bool
take_step_line(struct rf_dispatch_play *play)
{
    uint32_t node;
    if (member(play, 0, "event") != RF_JSON_NONE) {
        return take_event(play);
    }
    if (member(play, 0, "handle") != RF_JSON_NONE) {
        return take_beginning(play, RF_DISPATCH_COMMAND, RF_PHASE_HANDLING);
    }
    if (member(play, 0, "snapshot") != RF_JSON_NONE) {
        return take_beginning(play, RF_DISPATCH_STATE, RF_PHASE_WRITING);
    }
    if ((node = member(play, 0, "made")) != RF_JSON_NONE) {
        return take_made(play, node);
    }
    if ((node = member(play, 0, "refused")) != RF_JSON_NONE) {
        return take_refusal(play, node);
    }
    if ((node = member(play, 0, "broken")) != RF_JSON_NONE) {
        return take_broken(play, node);
    }
    node = member(play, 0, "state");
    return node != RF_JSON_NONE && take_state(play, node);
}

/** Whether this line is one that may come now. */
static bool
take_line(struct rf_dispatch_play *play, const char *text, size_t bytes)
{
    if (rf_json_read_whole(&play->doc, text, bytes, NULL) != RF_OK ||
        play->doc.nodes[0].kind != RF_JSON_OBJECT) {
        return false;
    }
    if (!play->greeted) {
        play->greeted = is_number(play, "hello", RF_HOST_PROTOCOL);
        return play->greeted;
    }
    bool last = play->step + 1 == play->step_count;
    if (last && is_through(play) && is_number(play, "end", play->step_count)) {
        rf_dispatch_end(play, RF_DISPATCH_WHOLE, "");
        return true;
    }
    if (!last && is_through(play) && is_number(play, "step", play->step + 1)) {
        play->step++;
        play->phase = RF_PHASE_OPEN;
    } else if (!is_number(play, "step", play->step)) {
        return false;
    }
    return take_step_line(play);
}

bool
rf_dispatch_take_lines(struct rf_dispatch_play *play, size_t fresh)
{
    const char *from = play->line.bytes;
    const char *end_of_all = play->line.bytes + play->line.used;
    const char *look = end_of_all - fresh;
    const char *feed;
    while (!play->over && look < end_of_all &&
           (feed = memchr(look, '\n', (size_t)(end_of_all - look))) != NULL) {
        if (!take_line(play, from, (size_t)(feed - from))) {
            return false;
        }
        from = feed + 1;
        look = from;
    }
    size_t left = (size_t)(end_of_all - from);
    memmove(play->line.bytes, from, left);
    play->line.used = left;
    return left <= RF_DISPATCH_LINE_BYTES;
}

/* ---- where it ended -------------------------------------------------------------------------- */

void
rf_dispatch_note_place(const struct rf_dispatch_play *play)
{
    static const enum rf_dispatch_place places[] = {
        [RF_PHASE_OPEN] = RF_DISPATCH_AT_START,    [RF_PHASE_HANDLING] = RF_DISPATCH_AT_HANDLE,
        [RF_PHASE_MADE] = RF_DISPATCH_AT_HANDLE,   [RF_PHASE_APPLYING] = RF_DISPATCH_AT_APPLY,
        [RF_PHASE_WRITING] = RF_DISPATCH_AT_STATE, [RF_PHASE_OVER] = RF_DISPATCH_AT_STATE,
    };
    enum rf_dispatch_phase phase = play->phase;
    bool refused = phase == RF_PHASE_OVER && play->steps[play->step].kind == RF_DISPATCH_COMMAND;
    play->result->step = play->step;
    play->result->event = play->event;
    play->result->place = refused ? RF_DISPATCH_AT_HANDLE : places[phase];
}

void
rf_dispatch_play_done(struct rf_dispatch_play *play)
{
    rf_json_done(&play->doc);
    rf_buf_done(&play->line);
}
