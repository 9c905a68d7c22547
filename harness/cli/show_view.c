/* SPDX-License-Identifier: MIT */
/* From the states of an instance to what is shown of it, state by state: only the last one is kept.
 */
#include "cli/show_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/hash.h"
#include "cli/interrupt.h"
#include "golden/blame.h"

/* ---- which states ---------------------------------------------------------------------------- */

/** "order a", for the message's front. Owned by the caller. */
static char *
name_instance(const struct rf_timeline *timeline)
{
    const struct rf_instance *instance = &timeline->instance;
    struct rf_buf text = {0};
    if (instance->aggregate_name_bytes == 0) {
        rf_buf_string(&text, "instance");
    } else {
        rf_buf_add_shown(&text, instance->aggregate_name, instance->aggregate_name_bytes);
    }
    rf_buf_byte(&text, ' ');
    rf_buf_add_name(&text, instance->id, instance->id_bytes);
    char *name = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return name;
}

static rf_code
fail_version(const char *name, const struct rf_timeline *timeline, int64_t version,
             struct rf_err *reterr)
{
    int64_t first = timeline->moments[0].version;
    int64_t last = timeline->moments[timeline->count - 1].version;
    if (version < first || version > last) {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "has no version %" PRId64 ": it has %" PRId64 " to %" PRId64, version, first,
                       last);
    }
    return rf_fail(reterr, RF_ERR_USAGE, name,
                   "version %" PRId64 " is missing in the history; ask for one in front of the gap",
                   version);
}

static rf_code
fail_end(const char *name, const struct rf_timeline *timeline, const struct rf_when *when,
         struct rf_err *reterr)
{
    static const char *const words[] = {
        [RF_ENDED_FOLDED] = "ended",     [RF_ENDED_REJECTED] = "was rejected",
        [RF_ENDED_CRASHED] = "crashed",  [RF_ENDED_HUNG] = "hung",
        [RF_ENDED_IMPURE] = "is impure", [RF_ENDED_UNCLAIMED] = "ended",
        [RF_ENDED_UNTRIED] = "ended",
    };
    if (timeline->has_at) {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "has no state at %s: its fold %s at version %" PRId64, when->text,
                       words[timeline->ending], timeline->moments[timeline->end].version);
    }
    return rf_fail(reterr, RF_ERR_USAGE, name,
                   "has no state at %s: its fold %s before the first event", when->text,
                   words[timeline->ending]);
}

static rf_code
fail_early(const char *name, const struct rf_timeline *timeline, const struct rf_when *when,
           struct rf_err *reterr)
{
    const struct rf_packed_event *first = timeline->moments[0].event;
    char begin[RF_TIME_TEXT_BYTES];
    (void)rf_time_print((struct rf_time){first->at_seconds, first->at_nanos}, begin);
    return rf_fail(reterr, RF_ERR_USAGE, name, "has no state at %s: it begins at %s", when->text,
                   begin);
}

static rf_code
find_moment(const struct rf_when *when, const char *name, const struct rf_timeline *timeline,
            size_t *ret, struct rf_err *reterr)
{
    if (when->is_time) {
        size_t count = rf_timeline_until(timeline, when->time);
        *ret = count - 1; /* RF_MOMENT_NONE, where that is none */
        return count > 0 ? RF_OK : fail_early(name, timeline, when, reterr);
    }
    *ret = rf_timeline_find(timeline, when->version);
    if (*ret < timeline->count) {
        return RF_OK;
    }
    *ret = RF_MOMENT_NONE;
    bool is_front = when->version == 0 && timeline->moments[0].version > 0;
    return is_front ? RF_OK : fail_version(name, timeline, when->version, reterr);
}

static rf_code
resolve_one(const struct rf_when *when, const char *name, const struct rf_timeline *timeline,
            struct rf_place *ret, struct rf_err *reterr)
{
    RF_TRY(find_moment(when, name, timeline, &ret->moment, reterr));
    if (ret->moment == RF_MOMENT_NONE) {
        ret->applied = 0;
        return RF_OK;
    }
    if (ret->moment >= timeline->end) {
        return fail_end(name, timeline, when, reterr);
    }
    ret->applied = timeline->moments[ret->moment].applied;
    return RF_OK;
}

rf_code
rf_show_resolve(const struct rf_show_request *request, const struct rf_timeline *timeline,
                struct rf_place ret[2], struct rf_err *reterr)
{
    rf_code code = RF_OK;
    char *name = name_instance(timeline);
    if (request->view != RF_SHOW_EVENTS && timeline->ending == RF_ENDED_UNCLAIMED) {
        code = rf_fail(reterr, RF_ERR_USAGE, name,
                       "has no states, for no aggregate is loaded for it: give -a FILE (a .so, .c "
                       "or .cpp, a program, or its folder in Go or Rust), or \"plugin\" in "
                       "refold.json");
    }
    for (size_t i = 0; i < request->at_count && code == RF_OK; i++) {
        code = resolve_one(&request->at[i], name, timeline, &ret[i], reterr);
    }
    free(name);
    return code;
}

/* ---- state by state -------------------------------------------------------------------------- */

/** A state that is kept; without JSON where it has none. */
struct kept {
    bool has_json;
    struct rf_buf text;
};

/** A trace on its way; the sink's context. */
struct trace {
    struct rf_showing *showing;
    bool seen;             /**< any state */
    uint64_t applied;      /**< of the last state */
    bool is_json;          /**< the last state has JSON */
    uint64_t state_hash;   /**< of the last state */
    bool refused;          /**< the trace ended at an event that had been taken before */
    size_t next;           /**< RF_SHOW_EVENTS: the moment to be shown next */
    struct kept last;      /**< RF_SHOW_EVENTS: the last state that has JSON */
    struct kept wanted[2]; /**< RF_SHOW_STATE, RF_SHOW_DIFF */
    struct rf_blame *blame;
    struct rf_touch touch;
};

static void
keep(struct kept *kept, const char *state, size_t bytes)
{
    rf_buf_clear(&kept->text);
    kept->has_json = state != NULL;
    if (state != NULL) {
        rf_buf_add(&kept->text, state, bytes);
    }
}

/** The moment of the event with which so many steps are applied. */
static size_t
moment_of(const struct rf_timeline *timeline, uint64_t applied)
{
    size_t low = 0;
    size_t high = timeline->count;
    if (applied == 0) {
        return RF_MOMENT_NONE;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (timeline->moments[middle].applied < applied) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
show_event(struct trace *trace, const struct rf_effect *effect)
{
    struct rf_showing *showing = trace->showing;
    showing->format->event(showing->show, showing->timeline, trace->next++, effect);
    showing->flush(showing->flush_context);
}

/** Shows the moments from the next one on that the state of now does not come from: those in front
 * of the one that applies step `applied`. */
static void
show_unchanged(struct trace *trace, uint64_t applied)
{
    static const struct rf_changes none;
    const struct rf_timeline *timeline = trace->showing->timeline;
    while (trace->next < timeline->count && timeline->moments[trace->next].applied < applied) {
        struct rf_effect effect = {.kind = RF_EFFECT_NONE};
        if (timeline->moments[trace->next].taken == RF_TAKEN_FOLDED) {
            effect.kind = trace->is_json ? RF_EFFECT_CHANGES : RF_EFFECT_UNKNOWN;
            effect.changes = &none;
        }
        show_event(trace, &effect);
    }
}

/** The next event that changed the state, and those in front of it that did not. */
static void
show_changed(struct trace *trace, uint64_t applied, const char *state, size_t bytes)
{
    struct rf_changes changes = {0};
    struct rf_effect effect = {.kind = RF_EFFECT_UNKNOWN};
    if (applied == 0) {
        keep(&trace->last, state, bytes);
        return;
    }
    show_unchanged(trace, applied);
    if (state != NULL) {
        size_t ignored;
        const struct kept *last = &trace->last;
        rf_diff(last->has_json ? rf_buf_text(&trace->last.text) : NULL, last->text.used, state,
                bytes, NULL, 0, NULL, &changes, &ignored);
        keep(&trace->last, state, bytes);
        effect = (struct rf_effect){.kind = RF_EFFECT_CHANGES, .changes = &changes};
    }
    show_event(trace, &effect);
    rf_changes_done(&changes);
}

static void
show_touch(struct trace *trace, uint64_t applied, const char *state, size_t bytes)
{
    struct rf_showing *showing = trace->showing;
    bool first = !trace->touch.begun;
    if (state == NULL) {
        return;
    }
    if (rf_touch_state(&trace->touch, state, bytes) || first) {
        showing->format->touch(showing->show, showing->timeline,
                               moment_of(showing->timeline, applied), &trace->touch);
        showing->flush(showing->flush_context);
    }
}

static void
take_state(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
           const char *state, size_t bytes, uint64_t likeness)
{
    (void)thread;
    (void)instance;
    (void)likeness;
    struct trace *trace = context;
    if (trace->seen && applied <= trace->applied) {
        return; /* once more, after a death */
    }
    switch (trace->showing->request->view) {
    case RF_SHOW_EVENTS:
        show_changed(trace, applied, state, bytes);
        break;
    case RF_SHOW_STATE:
    case RF_SHOW_DIFF:
        for (size_t i = 0; i < trace->showing->request->at_count; i++) {
            if (applied <= trace->showing->places[i].applied) {
                keep(&trace->wanted[i], state, bytes);
            }
        }
        break;
    case RF_SHOW_BLAME:
        rf_blame_state(trace->blame, applied, state, bytes);
        break;
    case RF_SHOW_PATH:
        show_touch(trace, applied, state, bytes);
        break;
    }
    trace->seen = true;
    trace->applied = applied;
    trace->is_json = state != NULL;
    trace->state_hash = state == NULL ? 0 : rf_hash(state, bytes, 0);
}

static void
end_trace(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    (void)thread;
    (void)instance;
    ((struct trace *)context)->refused = !whole;
}

/* ---- what is left when the trace is over ----------------------------------------------------- */

/** The events behind the last that changed the state. `known`: steps whose states were made. */
static void
show_rest(struct trace *trace, uint64_t known)
{
    const struct rf_timeline *timeline = trace->showing->timeline;
    show_unchanged(trace, known + 1);
    while (trace->next < timeline->count) {
        bool folded = timeline->moments[trace->next].taken == RF_TAKEN_FOLDED;
        struct rf_effect effect = {.kind = folded ? RF_EFFECT_LOST : RF_EFFECT_NONE};
        show_event(trace, &effect);
    }
}

static void
show_value(void *context, const char *path, const char *value, size_t value_bytes, uint64_t applied)
{
    struct rf_showing *showing = context;
    showing->format->blame(showing->show, showing->timeline, moment_of(showing->timeline, applied),
                           path, value, value_bytes);
    showing->flush(showing->flush_context);
}

static void
show_difference(struct trace *trace)
{
    struct rf_showing *showing = trace->showing;
    const struct kept *from = &trace->wanted[0];
    const struct kept *to = &trace->wanted[1];
    struct rf_changes changes = {0};
    bool known = from->has_json && to->has_json;
    if (known) {
        size_t ignored;
        rf_diff(from->text.bytes, from->text.used, to->text.bytes, to->text.used, NULL, 0, NULL,
                &changes, &ignored);
    }
    showing->format->diff(showing->show, showing->timeline, showing->places[0].moment,
                          showing->places[1].moment, known ? &changes : NULL);
    rf_changes_done(&changes);
}

static void
show_outcome(struct trace *trace, uint64_t known)
{
    struct rf_showing *showing = trace->showing;
    switch (showing->request->view) {
    case RF_SHOW_EVENTS:
        show_rest(trace, known);
        break;
    case RF_SHOW_STATE:
        showing->format->state(showing->show, showing->timeline, showing->places[0].moment,
                               trace->wanted[0].has_json ? trace->wanted[0].text.bytes : NULL,
                               trace->wanted[0].text.used);
        break;
    case RF_SHOW_DIFF:
        show_difference(trace);
        break;
    case RF_SHOW_BLAME:
        rf_blame_each(trace->blame, show_value, showing);
        break;
    case RF_SHOW_PATH:
        showing->path_met = trace->touch.ever_there;
        break;
    }
}

/** Why the trace does not tell all, or NULL. Owned by the caller. */
static char *
find_fault(const struct trace *trace, const struct rf_trace_death *death, uint64_t steps)
{
    const struct rf_timeline *timeline = trace->showing->timeline;
    if (death->died && death->at < timeline->applied) {
        size_t at = moment_of(timeline, death->at + 1);
        return rf_format("the worker died when the state behind @%" PRId64
                         " was made, though the fold went on behind it: %s",
                         timeline->moments[at].version, death->text);
    }
    if (death->died) {
        return rf_format("the worker died when the states were made once more: %s", death->text);
    }
    if (trace->refused) {
        return rf_strdup("folded once more, an event was refused that had been taken: the "
                         "aggregate is not pure");
    }
    if (steps == timeline->applied && timeline->has_state &&
        trace->state_hash != timeline->state_hash) {
        return rf_strdup("folded once more, the last state was another: the aggregate is not pure");
    }
    return NULL;
}

/** How many steps the trace must go. */
static uint64_t
steps_needed(const struct rf_showing *showing)
{
    uint64_t steps = showing->request->at_count > 0 ? 0 : showing->timeline->applied;
    for (size_t i = 0; i < showing->request->at_count; i++) {
        uint64_t applied = showing->places[i].applied;
        steps = applied > steps ? applied : steps;
    }
    return steps;
}

static rf_code
trace_instance(struct trace *trace, const struct rf_replay *replay, uint64_t steps,
               struct rf_trace_death *ret_death, struct rf_err *reterr)
{
    struct rf_fold_sink sink = {.context = trace, .trace = take_state, .traced = end_trace};
    struct rf_fold_request request = {
        .history = replay->history,
        .rules = &replay->rules,
        .builds = replay->builds,
        .sink = &sink,
        .privacy = replay->privacy,
        .jobs = 1,
        .timeout_ms = replay->settings->timeout_ms,
        .stop = &rf_interrupted,
    };
    memset(ret_death, 0, sizeof(*ret_death));
    if (trace->showing->timeline->ending == RF_ENDED_UNCLAIMED) {
        return RF_OK;
    }
    return rf_fold_trace(&request, &trace->showing->timeline->instance, steps, ret_death, reterr);
}

static void
trace_done(struct trace *trace)
{
    rf_buf_done(&trace->last.text);
    rf_buf_done(&trace->wanted[0].text);
    rf_buf_done(&trace->wanted[1].text);
    rf_blame_free(trace->blame);
    rf_touch_done(&trace->touch);
}

/** Of --path: as the states have it, in which keys may be masked. */
static const char *
find_pointer(const struct rf_showing *showing, const struct rf_replay *replay, struct rf_buf *ret)
{
    const char *pointer = showing->request->pointer;
    const struct rf_private *private =
        rf_privacy_find(replay->privacy, showing->timeline->instance.aggregate_name);
    if (pointer == NULL || private == NULL) {
        return pointer;
    }
    rf_private_pointer(private, pointer, strlen(pointer), ret);
    return rf_buf_text(ret);
}

rf_code
rf_show_instance(struct rf_showing *showing, const struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_buf pointer = {0};
    struct trace trace = {
        .showing = showing,
        .blame = rf_blame_new(),
        .touch = {.path = find_pointer(showing, replay, &pointer)},
    };
    struct rf_trace_death death;
    uint64_t steps = steps_needed(showing);
    const struct rf_instance *instance = &showing->timeline->instance;
    const struct rf_private *nowhere = showing->show->private;
    showing->show->private = rf_privacy_find_data(replay->privacy, instance->aggregate_name,
                                                  instance->aggregate_name_bytes);
    showing->format->instance(showing->show, showing->timeline);
    rf_code code = trace_instance(&trace, replay, steps, &death, reterr);
    if (code == RF_OK) {
        char *fault = find_fault(&trace, &death, steps);
        uint64_t known = death.died ? death.at : trace.refused ? trace.applied : steps;
        show_outcome(&trace, known);
        showing->format->instance_end(showing->show, showing->timeline, fault);
        showing->flush(showing->flush_context);
        showing->broken = fault != NULL;
        free(fault);
    }
    showing->show->private = nowhere;
    rf_buf_done(&pointer);
    trace_done(&trace);
    return code;
}
