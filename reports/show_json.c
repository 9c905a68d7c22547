/* SPDX-License-Identifier: MIT */
/* One id as programs read it: `refold show --json`, schema/show.schema.json. */
#include "reports/show.h"

#include "base/limits.h"
#include "base/names.h"
#include "reports/json_list.h"

/* Written as it comes: an event, a value or a touch stands on one line, and no more than that is
 * ever held as text. What does not apply is left out. */

#define LEAD_ITEM "\n      "

/* ---- parts ---- */

/* An entry that was begun before and goes on. */
static struct list
go_on(struct rf_show *show)
{
    return (struct list){.out = show->out, .lead = LEAD_NONE, .any = true};
}

static void
put_raw(struct list *list, const char *name, const char *json, size_t bytes)
{
    name_item(list, name);
    rf_escape_json_text(list->out, json, bytes);
}

/* Which event: version, type, at, object, offset, part. */
static void
put_event(struct list *entry, const struct rf_show *show, const struct rf_packed_event *event,
          int64_t version)
{
    size_t bytes;
    const char *type = rf_names_text(rf_history_names(show->history), event->type, &bytes);
    struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
    put_integer(entry, "version", version);
    put_bytes(entry, "type", type, bytes);
    if ((event->flags & RF_EVENT_AT) != 0 && rf_time_valid(at)) {
        put_time(entry, "at", at);
    }
    put_text(entry, "object", rf_history_objects(show->history)->items[event->object].name);
    put_count(entry, "offset", event->offset);
    if (event->part > 0) {
        put_count(entry, "part", event->part);
    }
}

/* The same of a moment; of the state in front of all events nothing. */
static void
put_moment(struct list *entry, const struct rf_show *show, const struct rf_timeline *timeline,
           size_t at)
{
    if (at != RF_MOMENT_NONE) {
        put_event(entry, show, timeline->moments[at].event, timeline->moments[at].version);
    }
}

static void
put_moment_item(struct list *list, const char *name, const struct rf_show *show,
                const struct rf_timeline *timeline, size_t at)
{
    name_item(list, name);
    struct list entry = list_begin(list->out, '{', LEAD_NONE);
    put_moment(&entry, show, timeline, at);
    list_end(&entry, '}', LEAD_NONE);
}

static struct list
begin_item(struct rf_show *show)
{
    rf_buf_string(show->out, show->any_item ? "," LEAD_ITEM : LEAD_ITEM);
    show->any_item = true;
    return list_begin(show->out, '{', LEAD_NONE);
}

/* ---- the head ---- */

static const char *
view_name(enum rf_show_view view)
{
    static const char *const names[] = {
        [RF_SHOW_EVENTS] = "events", [RF_SHOW_STATE] = "state", [RF_SHOW_DIFF] = "diff",
        [RF_SHOW_BLAME] = "blame",   [RF_SHOW_PATH] = "path",
    };
    return names[view];
}

static void
begin(struct rf_show *show)
{
    struct list top = list_begin(show->out, '{', LEAD_TOP);
    put_count(&top, "format", 1);
    put_text(&top, "verb", "show");
    put_text(&top, "refold", show->report->version);
    put_text(&top, "id", show->id);
    put_text(&top, "view", view_name(show->view));
    put_text(&top, "pointer", show->view == RF_SHOW_PATH ? show->pointer : NULL);
    name_item(&top, "instances");
    rf_buf_byte(show->out, '[');
}

/* ---- an instance ---- */

static const char *
ending_name(enum rf_ending ending)
{
    static const char *const names[] = {
        [RF_ENDED_FOLDED] = "folded",    [RF_ENDED_REJECTED] = "rejected",
        [RF_ENDED_CRASHED] = "crashed",  [RF_ENDED_HUNG] = "hung",
        [RF_ENDED_IMPURE] = "impure",    [RF_ENDED_UNCLAIMED] = "unclaimed",
        [RF_ENDED_UNTRIED] = "unfolded",
    };
    return names[ending];
}

static void
put_terms(struct list *entry, const struct rf_timeline *timeline)
{
    name_item(entry, "terms");
    struct list terms = list_begin(entry->out, '{', LEAD_NONE);
    for (int term = 0; term < RF_TERM_COUNT_; term++) {
        if (timeline->terms[term] > 0) {
            put_count(&terms, rf_term_name((enum rf_term)term), timeline->terms[term]);
        }
    }
    list_end(&terms, '}', LEAD_NONE);
}

static void
instance(struct rf_show *show, const struct rf_timeline *timeline)
{
    static const char *const items[] = {
        [RF_SHOW_EVENTS] = "events", [RF_SHOW_BLAME] = "values", [RF_SHOW_PATH] = "touches"};
    const struct rf_instance *which = &timeline->instance;
    rf_buf_string(show->out, show->any_instance ? "," LEAD_INNER : LEAD_INNER);
    show->any_instance = true;
    show->any_item = false;
    struct list entry = list_begin(show->out, '{', LEAD_NONE);
    if (which->aggregate_name_bytes > 0) {
        put_bytes(&entry, "aggregate", which->aggregate_name, which->aggregate_name_bytes);
    }
    put_bytes(&entry, "id", which->id, which->id_bytes);
    put_text(&entry, "ending", ending_name(timeline->ending));
    if (timeline->has_at && timeline->end < timeline->count) {
        put_moment_item(&entry, "ended_at", show, timeline, timeline->end);
    }
    put_text(&entry, "message", timeline->message);
    put_text(&entry, "nonfinite", timeline->nonfinite);
    put_integer(&entry, "first_version", timeline->moments[0].version);
    put_integer(&entry, "last_version", timeline->moments[timeline->count - 1].version);
    put_terms(&entry, timeline);
    if (show->view != RF_SHOW_STATE && show->view != RF_SHOW_DIFF) {
        name_item(&entry, items[show->view]);
        rf_buf_byte(show->out, '[');
    }
}

/* ---- events ---- */

static void
put_gap(struct list *entry, const struct rf_show *show, const struct rf_timeline *timeline,
        size_t at)
{
    int64_t from;
    int64_t to;
    int64_t first = show->rules->claims[timeline->instance.claim].first_version;
    if (rf_timeline_gap(timeline, at, first, &from, &to)) {
        name_item(entry, "missing_before");
        struct list gap = list_begin(entry->out, '{', LEAD_NONE);
        put_integer(&gap, "from", from);
        put_integer(&gap, "to", to);
        list_end(&gap, '}', LEAD_NONE);
    }
}

static void
put_data(struct list *list, const struct rf_show *show, const struct rf_packed_event *event)
{
    size_t bytes;
    const char *data = rf_show_data(show, event, &bytes);
    put_raw(list, "data", data, bytes);
}

static void
put_copy(struct list *list, const struct rf_show *show, const struct rf_passed *passed)
{
    next_item(list);
    struct list copy = list_begin(list->out, '{', LEAD_NONE);
    put_event(&copy, show, passed->event, passed->version);
    put_data(&copy, show, passed->event);
    list_end(&copy, '}', LEAD_NONE);
}

/* The copies of one version and one kind, rf_limits.listed of them; none: no member. */
static void
put_copies(struct list *entry, const char *name, const struct rf_show *show,
           const struct rf_timeline *timeline, int64_t version, enum rf_term term)
{
    size_t count;
    size_t found = 0;
    const struct rf_passed *copies = rf_timeline_copies(timeline, version, &count);
    struct list list = {0};
    for (size_t i = 0; i < count; i++) {
        if (copies[i].term != term) {
            continue;
        }
        if (found == 0) {
            name_item(entry, name);
            list = list_begin(entry->out, '[', LEAD_NONE);
        }
        if (found < rf_limits.listed) {
            put_copy(&list, show, &copies[i]);
        }
        found++;
    }
    if (found > 0) {
        list_end(&list, ']', LEAD_NONE);
    }
}

static void
event(struct rf_show *show, const struct rf_timeline *timeline, size_t at,
      const struct rf_effect *effect)
{
    const struct rf_moment *moment = &timeline->moments[at];
    struct list entry = begin_item(show);
    put_moment(&entry, show, timeline, at);
    put_data(&entry, show, moment->event);
    put_text(&entry, "taken", rf_taken_name(moment->taken));
    if (effect->kind == RF_EFFECT_CHANGES) {
        rf_json_changes(&entry, effect->changes);
    } else if (effect->kind != RF_EFFECT_NONE) {
        put_text(&entry, "no_state", effect->kind == RF_EFFECT_UNKNOWN ? "no JSON" : "not known");
    }
    put_gap(&entry, show, timeline, at);
    put_copies(&entry, "duplicates", show, timeline, moment->version, RF_TERM_DUPLICATES);
    put_copies(&entry, "conflicts", show, timeline, moment->version, RF_TERM_CONFLICTS);
    list_end(&entry, '}', LEAD_NONE);
}

/* ---- states and values ---- */

static void
state(struct rf_show *show, const struct rf_timeline *timeline, size_t at, const char *text,
      size_t bytes)
{
    struct list entry = go_on(show);
    put_moment_item(&entry, "behind", show, timeline, at);
    if (text != NULL) {
        put_raw(&entry, "state", text, bytes);
    }
}

static void
diff(struct rf_show *show, const struct rf_timeline *timeline, size_t from, size_t to,
     const struct rf_changes *changes)
{
    struct list entry = go_on(show);
    put_moment_item(&entry, "from", show, timeline, from);
    put_moment_item(&entry, "to", show, timeline, to);
    if (changes != NULL) {
        rf_json_changes(&entry, changes);
    }
}

static void
blame(struct rf_show *show, const struct rf_timeline *timeline, size_t at, const char *path,
      const char *value, size_t value_bytes)
{
    struct list entry = begin_item(show);
    put_text(&entry, "path", path);
    put_raw(&entry, "value", value, value_bytes);
    put_moment(&entry, show, timeline, at);
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_side(struct list *entry, const char *name, const struct rf_touch_value *value)
{
    if (value->is_there) {
        put_raw(entry, name, value->json.bytes, value->json.used);
    }
}

static void
touch(struct rf_show *show, const struct rf_timeline *timeline, size_t at,
      const struct rf_touch *touched)
{
    struct list entry = begin_item(show);
    put_moment(&entry, show, timeline, at);
    if (at != RF_MOMENT_NONE) {
        put_side(&entry, "old", &touched->before);
    }
    put_side(&entry, "value", &touched->now);
    list_end(&entry, '}', LEAD_NONE);
}

static void
instance_end(struct rf_show *show, const struct rf_timeline *timeline, const char *broken)
{
    (void)timeline;
    if (show->view != RF_SHOW_STATE && show->view != RF_SHOW_DIFF) {
        rf_buf_string(show->out, show->any_item ? LEAD_INNER "]" : "]");
    }
    struct list entry = go_on(show);
    put_text(&entry, "broken", broken);
    list_end(&entry, '}', LEAD_NONE);
}

/* ---- the end ---- */

static void
put_withdrawn(struct list *top, const struct rf_show *show)
{
    name_item(top, "withdrawn");
    struct list list = list_begin(top->out, '[', LEAD_INNER);
    size_t count = show->timelines == NULL ? 0 : show->timelines->passed_count;
    count = count < rf_limits.listed ? count : rf_limits.listed; /* withdrawn ones come first */
    for (size_t i = 0; i < count; i++) {
        const struct rf_passed *passed = &show->timelines->passed[i];
        if (passed->term == RF_TERM_WITHDRAWN) {
            next_item(&list);
            struct list entry = list_begin(list.out, '{', LEAD_NONE);
            put_event(&entry, show, passed->event, passed->version);
            list_end(&entry, '}', LEAD_NONE);
        }
    }
    list_end(&list, ']', LEAD_TOP);
}

static void
end(struct rf_show *show)
{
    const struct rf_report *report = show->report;
    rf_buf_string(show->out, show->any_instance ? LEAD_TOP "]" : "]");
    struct list top = {.out = show->out, .lead = LEAD_TOP, .any = true};
    put_withdrawn(&top, show);
    name_item(&top, "history");
    struct list history = list_begin(top.out, '{', LEAD_INNER);
    rf_json_sums(&history, report->sums);
    list_end(&history, '}', LEAD_TOP);
    rf_json_damages(&top, report);
    rf_json_texts(&top, "warnings", report->warnings, report->warning_count, LEAD_INNER, LEAD_TOP);
    put_text(&top, "error", report->error);
    put_flag(&top, "damaged", report->flags.damaged);
    put_flag(&top, "incomplete", report->flags.incomplete);
    put_flag(&top, "nothing", report->flags.nothing);
    put_flag(&top, "internal", report->flags.internal);
    put_integer(&top, "exit", rf_verdict_exit(&report->flags));
    list_end(&top, '}', "\n");
    rf_buf_string(show->out, "\n");
}

const struct rf_show_format rf_show_json = {
    .begin = begin,
    .instance = instance,
    .event = event,
    .state = state,
    .diff = diff,
    .blame = blame,
    .touch = touch,
    .instance_end = instance_end,
    .end = end,
};
