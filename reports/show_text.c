/* SPDX-License-Identifier: MIT */
/* One id as a person reads it in a terminal: what `refold show` prints. */
#include "reports/show.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/names.h"
#include "reports/text_internal.h"

/* As in the other text reports nothing out of an event, an id, a file's name or a message is
 * printed unescaped, nor at the front of a line. */

/* Shown characters of an event's data, and changes of one event, without -v. */
#define DATA_WIDTH    1000
#define CHANGES_SHOWN 50
#define PASSED_SHOWN  20
#define INDENT        "    "

static struct rf_page
open_page(const struct rf_show *show)
{
    return rf_page_open(show->report, show->out);
}

static bool
is_quiet(const struct rf_page *page)
{
    return page->report->verbosity < 0;
}

/* A value in full with -v. */
static size_t
width(const struct rf_page *page, size_t usual)
{
    return page->verbose ? SIZE_MAX : usual;
}

/* ---- parts ---- */

static void
put_type(const struct rf_page *page, const struct rf_show *show, uint32_t type)
{
    size_t bytes;
    const char *text = rf_names_text(rf_history_names(show->history), type, &bytes);
    rf_paint_name(page, text, bytes);
}

/* An event's time, where it has one, behind `before`. */
static void
put_instant(const struct rf_page *page, const char *before, const struct rf_packed_event *event)
{
    struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
    if ((event->flags & RF_EVENT_AT) != 0 && rf_time_valid(at)) {
        char text[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(at, text);
        rf_buf_format(page->out, "%s%s", before, text);
    }
}

static void
put_place(const struct rf_page *page, const struct rf_show *show,
          const struct rf_packed_event *event)
{
    rf_buf_string(page->out, "in ");
    rf_paint_word(page, rf_history_objects(show->history)->items[event->object].name);
    rf_buf_format(page->out, ":%" PRIu64, event->offset);
    if (event->part > 0) {
        rf_buf_format(page->out, " (place %" PRIu32 " of its batch)", event->part + 1);
    }
}

/* "@3 OrderApproved, 2026-07-01T00:00:03Z" */
static void
put_event_name(const struct rf_page *page, const struct rf_show *show,
               const struct rf_packed_event *event, int64_t version)
{
    rf_buf_format(page->out, "@%" PRId64 " ", version);
    put_type(page, show, event->type);
    put_instant(page, ", ", event);
}

static void
put_data(const struct rf_page *page, const struct rf_show *show,
         const struct rf_packed_event *event)
{
    size_t bytes;
    const char *data = rf_show_data(show, event, &bytes);
    rf_buf_string(page->out, "data ");
    rf_escape_json_shown(page->out, data, bytes, 0, width(page, DATA_WIDTH));
    rf_buf_byte(page->out, '\n');
}

/* "- /status "created"" */
static void
put_side(const struct rf_page *page, bool fresh, const char *path, const char *json, size_t bytes)
{
    rf_buf_string(page->out, INDENT);
    rf_paint_color(page, fresh ? RF_GREEN : RF_RED);
    rf_buf_string(page->out, fresh ? "+ " : "- ");
    rf_paint_path(page, path);
    rf_buf_byte(page->out, ' ');
    rf_escape_json_shown(page->out, json, bytes, 0, width(page, RF_VALUE_WIDTH));
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

static void
put_changes(const struct rf_page *page, const struct rf_changes *changes)
{
    size_t shown = changes->count < width(page, CHANGES_SHOWN) ? changes->count : CHANGES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct rf_change *change = &changes->items[i];
        if (change->old != NULL) {
            put_side(page, false, change->path, change->old, strlen(change->old));
        }
        if (change->value != NULL) {
            put_side(page, true, change->path, change->value, strlen(change->value));
        }
    }
    if (shown < changes->count) {
        rf_buf_string(page->out, INDENT "and ");
        rf_paint_counted(page, changes->count - shown, "more change", "more changes");
        rf_buf_string(page->out, ", shown with -v\n");
    }
}

static void
put_message(const struct rf_page *page, const char *message)
{
    rf_escape_shown(page->out, message, strlen(message), width(page, RF_MESSAGE_WIDTH));
}

/* ---- the head ---- */

static void
put_withdrawn(const struct rf_page *page, const struct rf_show *show)
{
    const struct rf_timelines *timelines = show->timelines;
    uint64_t count = timelines == NULL ? 0 : timelines->terms[RF_TERM_WITHDRAWN];
    if (count == 0) {
        return;
    }
    rf_paint_color(page, RF_RED);
    rf_buf_string(page->out, "withdrawn: ");
    rf_paint_counted(page, count, "event of this id lies in an object",
                     "events of this id lie in objects");
    rf_buf_string(page->out, " that could not be read to the end; --keep-partial keeps what was "
                             "read\n");
    rf_paint_color(page, RF_PLAIN);
    size_t shown = 0;
    for (size_t i = 0; i < timelines->passed_count && shown < width(page, PASSED_SHOWN); i++) {
        const struct rf_passed *passed = &timelines->passed[i];
        if (passed->term == RF_TERM_WITHDRAWN) {
            rf_buf_string(page->out, INDENT);
            put_event_name(page, show, passed->event, passed->version);
            rf_buf_string(page->out, ", ");
            put_place(page, show, passed->event);
            rf_buf_byte(page->out, '\n');
            shown++;
        }
    }
    if (shown < count) {
        rf_buf_string(page->out, INDENT "and ");
        rf_paint_number(page, count - shown);
        rf_buf_string(page->out, " more\n");
    }
}

/* Whether an object, or a record, that no one could read may hold events of this id. */
static bool
may_lack_events(const struct rf_page *page)
{
    const uint64_t *totals = page->report->damages->totals;
    return totals[RF_DAMAGE_UNREADABLE] + totals[RF_DAMAGE_TRUNCATED] +
               totals[RF_DAMAGE_MALFORMED] + totals[RF_DAMAGE_ERRORS] >
           0;
}

static void
begin(struct rf_show *show)
{
    struct rf_page page = open_page(show);
    if (is_quiet(&page)) {
        return;
    }
    rf_text_damages(&page);
    if (may_lack_events(&page) && show->timelines != NULL && show->timelines->count > 0) {
        rf_paint_color(&page, RF_RED);
        rf_buf_string(page.out, "what could not be read may hold events of this id: all that "
                                "follows is told without them\n");
        rf_paint_color(&page, RF_PLAIN);
    }
    put_withdrawn(&page, show);
    show->any_item = page.out->used > page.start;
}

/* ---- an instance ---- */

static void
put_instance_name(const struct rf_page *page, const struct rf_timeline *timeline)
{
    const struct rf_instance *instance = &timeline->instance;
    if (instance->aggregate_name_bytes == 0) {
        rf_buf_string(page->out, "instance");
    } else {
        rf_paint_name(page, instance->aggregate_name, instance->aggregate_name_bytes);
    }
    rf_buf_byte(page->out, ' ');
    rf_paint_name(page, instance->id, instance->id_bytes);
}

/* "5 events, @1 to @5, 2026-07-01T00:00:01Z to 2026-07-01T00:00:05Z" */
static void
put_extent(const struct rf_page *page, const struct rf_timeline *timeline)
{
    const struct rf_moment *first = &timeline->moments[0];
    const struct rf_moment *last = &timeline->moments[timeline->count - 1];
    rf_paint_counted(page, timeline->count, "event", "events");
    rf_buf_format(page->out, ", @%" PRId64, first->version);
    if (timeline->count > 1) {
        rf_buf_format(page->out, " to @%" PRId64, last->version);
    }
    put_instant(page, ", ", first->event);
    if (timeline->count > 1) {
        put_instant(page, " to ", last->event);
    }
}

static void
put_left_out(const struct rf_page *page, const struct rf_timeline *timeline)
{
    const uint64_t *terms = timeline->terms;
    rf_paint_part(page, terms[RF_TERM_DUPLICATES], "duplicate dropped", "duplicates dropped");
    rf_paint_part(page, terms[RF_TERM_CONFLICTS], "conflict", "conflicts");
    rf_paint_part(page, terms[RF_TERM_SKIPPED], "skipped", "skipped");
    rf_paint_part(page, terms[RF_TERM_UNSELECTED], "more not selected", "more not selected");
}

static const char *
ending_words(const struct rf_timeline *timeline)
{
    switch (timeline->ending) {
    case RF_ENDED_REJECTED:
        return "rejected";
    case RF_ENDED_CRASHED:
        return "crashed";
    case RF_ENDED_HUNG:
        return "hung";
    case RF_ENDED_IMPURE:
        return "impure";
    case RF_ENDED_FOLDED:
    case RF_ENDED_UNCLAIMED:
    case RF_ENDED_UNTRIED:
        break;
    }
    return NULL;
}

/* Where the fold ended before the events did. */
static void
put_ending(const struct rf_page *page, const struct rf_timeline *timeline)
{
    const char *words = ending_words(timeline);
    if (words == NULL) {
        return;
    }
    rf_buf_string(page->out, INDENT);
    rf_paint_color(page, RF_RED);
    rf_buf_string(page->out, words);
    if (timeline->has_at && timeline->end < timeline->count) {
        rf_buf_format(page->out, " at @%" PRId64, timeline->moments[timeline->end].version);
    } else {
        rf_buf_string(page->out, " before the first event");
    }
    if (timeline->message != NULL) {
        rf_buf_string(page->out, ": ");
        put_message(page, timeline->message);
    }
    if (timeline->terms[RF_TERM_UNFOLDED] > 0) {
        rf_buf_string(page->out, "; ");
        rf_paint_counted(page, timeline->terms[RF_TERM_UNFOLDED], "event is", "events are");
        rf_buf_string(page->out, " not folded");
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

static void
put_remarks(const struct rf_page *page, const struct rf_timeline *timeline)
{
    put_ending(page, timeline);
    if (timeline->nonfinite != NULL) {
        rf_buf_string(page->out, INDENT "its last state has no JSON: NaN or infinity at ");
        rf_paint_path(page, timeline->nonfinite);
        rf_buf_byte(page->out, '\n');
    }
    if (timeline->ending == RF_ENDED_UNCLAIMED) {
        rf_buf_string(page->out,
                      INDENT "no aggregate is loaded for it, so no states: -a FILE loads one\n");
    }
}

/* Any object may hold any instance: so many were read for this one. */
static void
put_searched(const struct rf_page *page)
{
    rf_buf_string(page->out, INDENT "searched: ");
    rf_paint_counted(page, page->report->sums->objects, "object", "objects");
    rf_buf_string(page->out, " with ");
    rf_paint_counted(page, page->report->sums->events, "event", "events");
    rf_buf_byte(page->out, '\n');
}

static void
instance(struct rf_show *show, const struct rf_timeline *timeline)
{
    struct rf_page page = open_page(show);
    bool is_state = show->view == RF_SHOW_STATE;
    if (is_quiet(&page) && is_state) {
        return; /* the state alone, for other programs */
    }
    rf_buf_string(page.out, show->any_instance || show->any_item ? "\n" : "");
    rf_paint_color(&page, RF_YELLOW);
    put_instance_name(&page, timeline);
    rf_paint_color(&page, RF_PLAIN);
    rf_buf_string(page.out, ": ");
    put_extent(&page, timeline);
    put_left_out(&page, timeline);
    rf_buf_byte(page.out, '\n');
    if (!is_quiet(&page)) {
        put_remarks(&page, timeline);
        if (!show->any_instance) {
            put_searched(&page);
        }
    }
    show->any_instance = true;
    show->any_item = false;
}

/* ---- events ---- */

static void
put_gap(const struct rf_page *page, const struct rf_show *show, const struct rf_timeline *timeline,
        size_t moment)
{
    int64_t from;
    int64_t to;
    int64_t first = show->rules->claims[timeline->instance.claim].first_version;
    if (!rf_timeline_gap(timeline, moment, first, &from, &to)) {
        return;
    }
    rf_buf_string(page->out, is_quiet(page) ? "" : "\n");
    rf_paint_color(page, RF_RED);
    if (from == to) {
        rf_buf_format(page->out, "@%" PRId64 " is missing", from);
    } else {
        rf_buf_format(page->out, "@%" PRId64 " to @%" PRId64 " are missing", from, to);
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

/* What is said of an event behind its name. */
static const char *
taken_words(enum rf_taken taken)
{
    switch (taken) {
    case RF_TAKEN_FOLDED:
    case RF_TAKEN_UNCLAIMED:
        break;
    case RF_TAKEN_SKIPPED:
        return "skipped, as the config has it";
    case RF_TAKEN_REJECTED:
        return "refused: the fold ends here";
    case RF_TAKEN_UNHANDLED:
        return "of a type that the aggregate does not declare: the fold ends here";
    case RF_TAKEN_CRASHED:
        return "crashed: the fold ends here";
    case RF_TAKEN_HUNG:
        return "hung: the fold ends here";
    case RF_TAKEN_UNFOLDED:
        return "not folded";
    }
    return NULL;
}

/* The event's line, up to its end. */
static void
put_headline(const struct rf_page *page, const struct rf_show *show, const struct rf_moment *moment)
{
    const char *words = taken_words(moment->taken);
    rf_paint_color(page, RF_YELLOW);
    put_event_name(page, show, moment->event, moment->version);
    rf_paint_color(page, RF_PLAIN);
    if (words != NULL) {
        rf_paint_color(page, moment->taken == RF_TAKEN_SKIPPED ? RF_YELLOW : RF_RED);
        rf_buf_format(page->out, " (%s)", words);
        rf_paint_color(page, RF_PLAIN);
    }
    rf_buf_byte(page->out, '\n');
}

static void
put_passed(const struct rf_page *page, const struct rf_show *show, const struct rf_passed *passed)
{
    bool conflict = passed->term == RF_TERM_CONFLICTS;
    rf_buf_string(page->out, INDENT);
    if (!conflict) {
        rf_buf_string(page->out, "duplicate, dropped: ");
        put_place(page, show, passed->event);
        rf_buf_byte(page->out, '\n');
        return;
    }
    rf_paint_color(page, RF_RED);
    rf_buf_string(page->out, "conflict, not folded: ");
    put_event_name(page, show, passed->event, passed->version);
    rf_paint_color(page, RF_PLAIN);
    rf_buf_string(page->out, "\n" INDENT INDENT);
    put_place(page, show, passed->event);
    rf_buf_string(page->out, "\n" INDENT INDENT);
    put_data(page, show, passed->event);
}

/* Duplicates and conflicts of one version; they lie in order of their versions. */
static void
put_copies(const struct rf_page *page, const struct rf_show *show,
           const struct rf_timeline *timeline, int64_t version)
{
    size_t count;
    const struct rf_passed *copies = rf_timeline_copies(timeline, version, &count);
    size_t most = width(page, PASSED_SHOWN);
    for (size_t i = 0; i < count && i < most; i++) {
        put_passed(page, show, &copies[i]);
    }
    if (count > most) {
        rf_buf_string(page->out, INDENT "and ");
        rf_paint_counted(page, count - most, "more copy", "more copies");
        rf_buf_string(page->out, ", shown with -v\n");
    }
}

static void
put_effect(const struct rf_page *page, const struct rf_effect *effect)
{
    switch (effect->kind) {
    case RF_EFFECT_NONE:
        return;
    case RF_EFFECT_CHANGES:
        if (effect->changes->count > 0) {
            put_changes(page, effect->changes);
        } else {
            rf_buf_string(page->out, INDENT "no change\n");
        }
        return;
    case RF_EFFECT_UNKNOWN:
        rf_buf_string(page->out, INDENT "the state behind it has no JSON\n");
        return;
    case RF_EFFECT_LOST:
        rf_buf_string(page->out, INDENT "the state behind it is not known\n");
        return;
    }
}

static void
event(struct rf_show *show, const struct rf_timeline *timeline, size_t at,
      const struct rf_effect *effect)
{
    struct rf_page page = open_page(show);
    const struct rf_moment *moment = &timeline->moments[at];
    put_gap(&page, show, timeline, at);
    if (is_quiet(&page)) {
        put_headline(&page, show, moment);
        return;
    }
    rf_buf_byte(page.out, '\n');
    put_headline(&page, show, moment);
    rf_buf_string(page.out, INDENT);
    put_place(&page, show, moment->event);
    rf_buf_string(page.out, "\n" INDENT);
    put_data(&page, show, moment->event);
    bool is_end = timeline->has_at && at == timeline->end;
    if (is_end && timeline->message != NULL) {
        rf_buf_string(page.out, INDENT "reason: ");
        put_message(&page, timeline->message);
        rf_buf_byte(page.out, '\n');
    }
    put_effect(&page, effect);
    put_copies(&page, show, timeline, moment->version);
}

/* ---- states ---- */

/* Each member and element on a line of its own. Recursion ends at rf_limits.json_depth. */
static void
put_tree(struct rf_buf *out, const struct rf_json *doc, uint32_t node, size_t depth)
{
    const struct rf_json_node *value = &doc->nodes[node];
    size_t bytes;
    if (value->count == 0) {
        const char *token = rf_json_token(doc, node, &bytes);
        rf_escape_json_shown(out, token, bytes, 0, SIZE_MAX);
        return;
    }
    bool is_object = value->kind == RF_JSON_OBJECT;
    rf_buf_byte(out, is_object ? '{' : '[');
    const char *between = "\n";
    for (uint32_t at = node + 1; at < value->next; at = doc->nodes[at].next) {
        rf_buf_format(out, "%s%*s", between, (int)(2 * depth + 2), "");
        if (is_object) {
            const char *key = rf_json_token(doc, at, &bytes);
            rf_escape_json_shown(out, key, bytes, 0, SIZE_MAX);
            rf_buf_string(out, ": ");
            at++; /* to the value */
        }
        put_tree(out, doc, at, depth + 1);
        between = ",\n";
    }
    rf_buf_format(out, "\n%*s%c", (int)(2 * depth), "", is_object ? '}' : ']');
}

/* "@3 OrderApproved, 2026-…", or the state in front of all events in words. */
static void
put_moment(const struct rf_page *page, const struct rf_show *show,
           const struct rf_timeline *timeline, size_t at)
{
    if (at == RF_MOMENT_NONE) {
        rf_buf_string(page->out, "before the first event");
    } else {
        put_event_name(page, show, timeline->moments[at].event, timeline->moments[at].version);
    }
}

static void
state(struct rf_show *show, const struct rf_timeline *timeline, size_t at, const char *text,
      size_t bytes)
{
    struct rf_page page = open_page(show);
    if (!is_quiet(&page)) {
        rf_buf_string(page.out, at == RF_MOMENT_NONE ? "\nthe state " : "\nthe state behind ");
        rf_paint_color(&page, RF_YELLOW);
        put_moment(&page, show, timeline, at);
        rf_paint_color(&page, RF_PLAIN);
        rf_buf_byte(page.out, '\n');
    }
    if (text == NULL) {
        rf_buf_string(page.out, "has no JSON\n");
        return;
    }
    struct rf_state read = {0};
    rf_state_read(&read, text, bytes);
    put_tree(page.out, &read.doc, 0, 0);
    rf_buf_byte(page.out, '\n');
    rf_state_done(&read);
}

static void
diff(struct rf_show *show, const struct rf_timeline *timeline, size_t from, size_t to,
     const struct rf_changes *changes)
{
    struct rf_page page = open_page(show);
    rf_buf_string(page.out, is_quiet(&page) ? "" : "\n");
    rf_buf_string(page.out, "from ");
    rf_paint_color(&page, RF_YELLOW);
    put_moment(&page, show, timeline, from);
    rf_paint_color(&page, RF_PLAIN);
    rf_buf_string(page.out, "\nto   ");
    rf_paint_color(&page, RF_YELLOW);
    put_moment(&page, show, timeline, to);
    rf_paint_color(&page, RF_PLAIN);
    rf_buf_byte(page.out, '\n');
    if (changes == NULL) {
        rf_buf_string(page.out, INDENT "a state of these has no JSON\n");
    } else if (changes->count == 0) {
        rf_buf_string(page.out, INDENT "no change\n");
    } else {
        put_changes(&page, changes);
    }
}

/* ---- values ---- */

static void
blame(struct rf_show *show, const struct rf_timeline *timeline, size_t at, const char *path,
      const char *value, size_t value_bytes)
{
    struct rf_page page = open_page(show);
    bool first = !show->any_item;
    show->any_item = true;
    rf_buf_string(page.out, first && !is_quiet(&page) ? "\n" : "");
    rf_paint_path(&page, path);
    rf_buf_byte(page.out, ' ');
    rf_escape_json_shown(page.out, value, value_bytes, 0, width(&page, RF_VALUE_WIDTH));
    rf_buf_string(page.out, is_quiet(&page) ? "  " : "\n" INDENT);
    rf_paint_color(&page, RF_YELLOW);
    put_moment(&page, show, timeline, at);
    rf_paint_color(&page, RF_PLAIN);
    rf_buf_byte(page.out, '\n');
    if (at != RF_MOMENT_NONE && !is_quiet(&page)) {
        rf_buf_string(page.out, INDENT);
        put_place(&page, show, timeline->moments[at].event);
        rf_buf_byte(page.out, '\n');
    }
}

static void
put_touch_side(const struct rf_page *page, const struct rf_touch *touch, bool fresh)
{
    const struct rf_touch_value *value = fresh ? &touch->now : &touch->before;
    if (value->is_there) {
        put_side(page, fresh, touch->path, value->json.bytes, value->json.used);
    }
}

static void
touch(struct rf_show *show, const struct rf_timeline *timeline, size_t at,
      const struct rf_touch *touched)
{
    struct rf_page page = open_page(show);
    rf_buf_string(page.out, is_quiet(&page) ? "" : "\n");
    rf_paint_color(&page, RF_YELLOW);
    put_moment(&page, show, timeline, at);
    rf_paint_color(&page, RF_PLAIN);
    rf_buf_byte(page.out, '\n');
    if (at == RF_MOMENT_NONE) {
        put_touch_side(&page, touched, true);
        rf_buf_string(page.out, touched->now.is_there ? "" : INDENT "nothing stands there\n");
        return;
    }
    if (!is_quiet(&page)) {
        rf_buf_string(page.out, INDENT);
        put_place(&page, show, timeline->moments[at].event);
        rf_buf_byte(page.out, '\n');
    }
    put_touch_side(&page, touched, false);
    put_touch_side(&page, touched, true);
}

/* ---- the end ---- */

static void
instance_end(struct rf_show *show, const struct rf_timeline *timeline, const char *broken)
{
    struct rf_page page = open_page(show);
    if (broken != NULL) {
        rf_buf_string(page.out, "\n");
        rf_paint_color(&page, RF_RED);
        rf_buf_string(page.out, "not whole: ");
        put_message(&page, broken);
        rf_paint_color(&page, RF_PLAIN);
        rf_buf_byte(page.out, '\n');
    }
    uint64_t later = timeline->terms[RF_TERM_UNSELECTED];
    if (later > 0 && show->view == RF_SHOW_EVENTS) {
        rf_buf_string(page.out, is_quiet(&page) ? "" : "\n");
        rf_paint_counted(&page, later, "later event is", "later events are");
        rf_buf_string(page.out, " not selected\n");
    }
    show->any_item = false;
}

static void
end(struct rf_show *show)
{
    (void)show;
}

const struct rf_show_format rf_show_text = {
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
