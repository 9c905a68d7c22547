/* SPDX-License-Identifier: MIT */
/* The comparison: folded states against golden lines. */
#include "golden/compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "golden/notes.h"
#include "golden/suspect.h"

/** What a thread must know of an aggregate, found once. */
struct view {
    const struct rf_golden *golden; /* or NULL */
    unsigned char *seen;            /* of the golden's lines, or NULL */
    const struct rf_shape *shape;   /* or NULL */
    struct rf_tally *tally;
};

/** A changed instance whose suspect is not known yet. */
struct pending {
    const struct rf_instance *instance; /* NULL once it is done */
    struct rf_difference difference;
    char **patterns;
    size_t pattern_count;
    struct rf_watch *watch;
};

/** What one thread writes to. */
struct lane {
    struct rf_notes notes;
    struct view **views; /* all that were made */
    size_t view_count;
    size_t view_room;
    struct view **by_number; /* by the aggregate name's number; NULL: not yet looked up */
    size_t number_room;
    struct pending *pending; /* in the order in which traces were asked for */
    size_t pending_first;
    size_t pending_count;
    size_t pending_room;
    struct rf_json doc;
};

struct rf_comparison {
    const struct rf_compare_request *request;
    struct rf_fold_sink sink;
    struct lane **lanes;
    size_t lane_count;
    unsigned char **seen; /* for each golden, a byte for each line */
};

/* ---- views ----------------------------------------------------------------------------------- */

static struct view *
make_view(const struct rf_comparison *comparison, struct lane *lane,
          const struct rf_instance *instance)
{
    const struct rf_compare_request *request = comparison->request;
    struct view *view = rf_calloc(1, sizeof(*view));
    view->tally = rf_notes_tally(&lane->notes, instance->aggregate_name);
    if (request->goldens != NULL) {
        view->golden = rf_goldens_find(request->goldens, instance->aggregate_name);
        view->seen =
            view->golden == NULL ? NULL : comparison->seen[view->golden - request->goldens->items];
    }
    if (instance->claim < request->build_count) {
        view->shape = &request->builds[instance->claim]->shape;
    }
    RF_GROW(lane->views, lane->view_room, lane->view_count + 1);
    lane->views[lane->view_count++] = view;
    return view;
}

static struct view *
find_view(const struct rf_comparison *comparison, struct lane *lane,
          const struct rf_instance *instance)
{
    size_t number = instance->aggregate;
    if (number < lane->number_room && lane->by_number[number] != NULL &&
        strcmp(lane->by_number[number]->tally->name, instance->aggregate_name) == 0) {
        return lane->by_number[number];
    }
    struct view *view = NULL;
    for (size_t i = 0; i < lane->view_count && view == NULL; i++) {
        if (strcmp(lane->views[i]->tally->name, instance->aggregate_name) == 0) {
            view = lane->views[i];
        }
    }
    if (view == NULL) {
        view = make_view(comparison, lane, instance);
    }
    if (number < RF_LIMIT_NAMES) {
        size_t before = lane->number_room;
        RF_GROW(lane->by_number, lane->number_room, number + 1);
        for (size_t i = before; i < lane->number_room; i++) {
            lane->by_number[i] = NULL;
        }
        lane->by_number[number] = view;
    }
    return view;
}

static const struct rf_golden_line *
find_line(const struct view *view, const struct rf_instance *instance)
{
    return view->golden == NULL ? NULL
                                : rf_golden_find(view->golden, instance->id, instance->id_bytes);
}

/* ---- the class of an instance ---------------------------------------------------------------- */

/** One instance's judging. */
struct trial {
    const struct rf_comparison *comparison;
    struct lane *lane;
    struct view *view;
    const struct rf_outcome *outcome;
    const struct rf_golden_line *line; /* or NULL */
    struct rf_buf nan_message;         /* used while it is not empty */
};

/** An event that was refused; a state that has no JSON is laid to its last event. */
struct rejection {
    bool is;
    int64_t version;
    const struct rf_packed_event *event; /* NULL: the empty state */
    const char *type;
    size_t type_bytes;
    const char *message;
    size_t message_bytes;
};

static const struct rf_packed_event *
last_event(const struct rf_outcome *outcome)
{
    uint64_t steps = outcome->state_steps;
    bool known = steps > 0 && steps <= outcome->instance->step_count;
    return known ? outcome->instance->steps[steps - 1].event : NULL;
}

static struct rejection
find_rejection(struct trial *trial)
{
    const struct rf_outcome *outcome = trial->outcome;
    struct rejection found = {.type = "", .message = ""};
    if (outcome->ending == RF_ENDED_REJECTED) {
        found.is = true;
        found.event = outcome->at;
        found.version = outcome->at_version;
        found.message = outcome->message == NULL ? "" : outcome->message;
    } else if (outcome->nonfinite != NULL) {
        rf_buf_clear(&trial->nan_message);
        rf_nonfinite_message(&trial->nan_message, outcome->nonfinite);
        found.is = true;
        found.event = last_event(outcome);
        found.version = outcome->state_version;
        found.message = rf_buf_text(&trial->nan_message);
    }
    found.message_bytes = strlen(found.message);
    if (found.event != NULL) {
        const struct rf_names *names = rf_history_names(trial->comparison->request->history);
        found.type = rf_names_text(names, found.event->type, &found.type_bytes);
    }
    return found;
}

static bool
is_same_bytes(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    return a_bytes == b_bytes && (a_bytes == 0 || memcmp(a, b, a_bytes) == 0);
}

/** Whether the golden knows of no refusal there: then this one is a class of its own. */
static bool
is_new_rejection(const struct trial *trial, const struct rejection *rejection, bool is_short)
{
    const struct rf_golden_line *line = trial->line;
    if (!rejection->is) {
        return false;
    }
    if (trial->outcome->ending != RF_ENDED_REJECTED) {
        /* Not a number: it may come and go, so only the state at the golden's version counts. */
        if (is_short) {
            return false;
        }
        if (trial->comparison->request->at_head && line != NULL && line->state == NULL) {
            return false;
        }
    }
    return line == NULL || !line->rejected || line->rejected_version != rejection->version;
}

static struct rf_difference
start_difference(const struct trial *trial, enum rf_difference_kind kind, int64_t version)
{
    const struct rf_instance *instance = trial->outcome->instance;
    return (struct rf_difference){
        .aggregate = rf_strdup(instance->aggregate_name),
        .id = rf_strndup(instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
        .version = version,
        .kind = kind,
    };
}

static void
note_end(struct trial *trial, enum rf_difference_kind kind)
{
    struct rf_difference difference =
        rf_difference_of_end(trial->comparison->request->history, trial->outcome, kind);
    rf_notes_add(&trial->lane->notes, &difference, NULL, 0);
}

static void
note_rejected(struct trial *trial, const struct rejection *rejection)
{
    struct rf_difference difference =
        start_difference(trial, RF_DIFFERENCE_REJECTED, rejection->version);
    difference.cause = RF_CAUSE_CODE;
    difference.suspect = rf_suspect_make(trial->comparison->request->history, RF_BASIS_TRACE,
                                         rejection->event, rejection->version);
    difference.message = rf_strdup(rejection->message);
    trial->view->tally->rejected++;
    rf_notes_add(&trial->lane->notes, &difference, NULL, 0);
}

static void
note_unblessed(struct trial *trial)
{
    const struct rf_compare_request *request = trial->comparison->request;
    if (request->goldens == NULL) {
        return; /* nothing is compared: nothing is missed */
    }
    trial->view->tally->unblessed++;
    if (request->require_golden) {
        struct rf_difference difference =
            start_difference(trial, RF_DIFFERENCE_UNBLESSED, trial->outcome->state_version);
        rf_notes_add(&trial->lane->notes, &difference, NULL, 0);
    }
}

static void
note_short(struct trial *trial, int64_t pin)
{
    const struct rf_instance *instance = trial->outcome->instance;
    if (trial->comparison->request->selected_by_time || instance->shortened) {
        trial->view->tally->uncompared++;
        return;
    }
    trial->view->tally->cut_short++;
    rf_damages_add(
        &trial->lane->notes.damages,
        (struct rf_damage){
            .kind = RF_DAMAGE_CUT_SHORT,
            .aggregate = rf_strdup(instance->aggregate_name),
            .id = rf_strndup(instance->id, instance->id_bytes),
            .id_bytes = instance->id_bytes,
            .has_version = true,
            .version = instance->last_version,
            .message = rf_format("ends with version %" PRId64 ", the golden has version %" PRId64,
                                 instance->last_version, pin),
        });
}

/* ---- same or changed ------------------------------------------------------------------------- */

/** How an instance differs from its golden line. */
struct contrast {
    bool state;  /* the state, ignored pointers aside */
    bool digest; /* the events up to there */
    size_t changes_total;
    size_t ignored;
    struct rf_changes changes;
    char *message; /* what is to be said of the rejection, or NULL: it is the same */
};

/** Whether the instance is compared at a later version than the line's: other events are then what
 * --at-head asks for. */
static bool
is_ahead(const struct trial *trial)
{
    return trial->comparison->request->at_head &&
           trial->outcome->state_version > rf_golden_pin(trial->line);
}

static void
contrast_states(const struct trial *trial, struct contrast *contrast)
{
    const struct rf_compare_request *request = trial->comparison->request;
    const struct rf_golden_line *line = trial->line;
    const struct rf_outcome *outcome = trial->outcome;
    if (line->state == NULL && outcome->state == NULL) {
        contrast->state = outcome->nonfinite == NULL; /* no state at all is equal to nothing */
        return;
    }
    if (line->state != NULL && outcome->state != NULL &&
        is_same_bytes(line->state, line->state_bytes, outcome->state, outcome->state_bytes)) {
        return;
    }
    rf_diff_some(line->state, line->state_bytes, outcome->state, outcome->state_bytes,
                 request->ignores, request->ignore_count, outcome->instance->aggregate_name,
                 RF_LIMIT_CHANGES, &contrast->changes, &contrast->changes_total,
                 &contrast->ignored);
    /* The bytes differ: only ignored pointers can make that the same, never a diff that saw
     * nothing. */
    contrast->state = contrast->changes_total > 0 || contrast->ignored == 0;
}

static char *
describe_missing_rejection(const struct trial *trial)
{
    const struct rf_golden_line *line = trial->line;
    struct rf_buf text = {0};
    if (trial->outcome->state_version < line->rejected_version) {
        rf_buf_format(&text, "version %" PRId64 ", refused in the golden, is not in the history: ",
                      line->rejected_version);
    } else {
        rf_buf_string(&text, "no longer refused: ");
    }
    rf_buf_add_shown(&text, line->rejected_message,
                     line->rejected_message_bytes > 300 ? 300 : line->rejected_message_bytes);
    (void)rf_buf_text(&text);
    return text.bytes;
}

static char *
contrast_rejections(const struct trial *trial, const struct rejection *rejection)
{
    const struct rf_golden_line *line = trial->line;
    if (!line->rejected) {
        return NULL;
    }
    if (!rejection->is) {
        return describe_missing_rejection(trial);
    }
    bool same_type = is_same_bytes(rejection->type, rejection->type_bytes, line->rejected_type,
                                   line->rejected_type_bytes);
    bool same_message = is_same_bytes(rejection->message, rejection->message_bytes,
                                      line->rejected_message, line->rejected_message_bytes);
    bool refused = trial->outcome->ending == RF_ENDED_REJECTED && trial->outcome->state != NULL;
    if (same_type && same_message && refused && trial->outcome->state_version != line->version) {
        return rf_format("the state before the refused event is that of version %" PRId64
                         ", in the golden of version %" PRId64,
                         trial->outcome->state_version, line->version);
    }
    if (same_type && same_message) {
        return NULL;
    }
    struct rf_buf text = {0};
    rf_buf_string(&text, "refused as ");
    rf_buf_add_shown(&text, rejection->type, rejection->type_bytes);
    rf_buf_string(&text, ": ");
    rf_buf_add_shown(&text, rejection->message, rejection->message_bytes);
    rf_buf_string(&text, "; in the golden as ");
    rf_buf_add_shown(&text, line->rejected_type, line->rejected_type_bytes);
    rf_buf_string(&text, ": ");
    rf_buf_add_shown(&text, line->rejected_message, line->rejected_message_bytes);
    (void)rf_buf_text(&text);
    return text.bytes;
}

static struct contrast
contrast_all(const struct trial *trial, const struct rejection *rejection)
{
    const struct rf_outcome *outcome = trial->outcome;
    struct contrast contrast = {0};
    uint64_t digest = outcome->ending == RF_ENDED_REJECTED && trial->line->rejected &&
                              outcome->at_version == trial->line->rejected_version
                          ? outcome->at_digest
                          : outcome->state_digest;
    contrast.digest = trial->line->has_digest && digest != trial->line->digest;
    contrast.message = contrast_rejections(trial, rejection);
    contrast_states(trial, &contrast);
    return contrast;
}

/** Keeps a changed instance until its trace tells who wrote what differs. */
static void
add_pending(struct trial *trial, struct rf_difference *difference)
{
    struct lane *lane = trial->lane;
    const struct rf_golden_line *line = trial->line;
    const struct rf_outcome *outcome = trial->outcome;
    struct pending pending = {.instance = outcome->instance, .difference = *difference};
    pending.patterns = rf_changes_patterns(&difference->changes, trial->view->shape, line->state,
                                           line->state_bytes, outcome->state, outcome->state_bytes,
                                           &pending.pattern_count);
    pending.watch = rf_watch_new(&difference->changes, line->state, line->state_bytes,
                                 outcome->state, outcome->state_bytes);
    RF_GROW(lane->pending, lane->pending_room, lane->pending_count + 1);
    lane->pending[lane->pending_count++] = pending;
}

/** Returns whether a trace is wanted. */
static bool
note_changed(struct trial *trial, const struct rejection *rejection, struct contrast *contrast)
{
    const struct rf_compare_request *request = trial->comparison->request;
    int64_t pin = rf_golden_pin(trial->line);
    struct rf_difference difference = start_difference(
        trial, RF_DIFFERENCE_CHANGED, request->at_head ? trial->outcome->state_version : pin);
    if (!is_ahead(trial)) { /* ahead of the golden, grown history and changed code look alike */
        difference.cause = contrast->digest ? RF_CAUSE_DATA : RF_CAUSE_CODE;
    }
    difference.changes = contrast->changes;
    difference.changes_total = contrast->changes_total;
    difference.message = contrast->message;
    if (difference.message == NULL && !contrast->state) {
        difference.message =
            rf_format("the events up to version %" PRId64 " are not those that were blessed", pin);
    } else if (difference.message == NULL && contrast->changes_total == 0) {
        difference.message = rf_strdup("there is no state to compare");
    }
    trial->view->tally->changed++;
    if (difference.changes.count > 0) {
        add_pending(trial, &difference);
        return true;
    }
    if (contrast->message != NULL) {
        const struct rf_packed_event *event =
            rejection->is ? rejection->event : last_event(trial->outcome);
        difference.suspect =
            rf_suspect_make(request->history, RF_BASIS_TRACE, event,
                            rejection->is ? rejection->version : trial->outcome->state_version);
    }
    rf_notes_add(&trial->lane->notes, &difference, NULL, 0);
    return false;
}

/** Whether the golden's version lies in front of the first event that is folded: the empty state is
 * no proof of anything. */
static bool
is_before_the_first(const struct trial *trial)
{
    return !trial->line->rejected && trial->outcome->state_steps == 0 &&
           trial->outcome->instance->step_count > 0;
}

static bool
compare_instance(struct trial *trial, const struct rejection *rejection)
{
    const struct rf_outcome *outcome = trial->outcome;
    if (!rejection->is && is_before_the_first(trial)) {
        trial->view->tally->uncompared++;
        return false;
    }
    struct contrast contrast = contrast_all(trial, rejection);
    uint64_t state_hash =
        outcome->state == NULL ? 0 : rf_hash(outcome->state, outcome->state_bytes, 13);
    rf_notes_multiset(&trial->lane->notes.compared, outcome->instance->aggregate_name,
                      outcome->instance->id, outcome->instance->id_bytes,
                      (uint64_t)rf_golden_pin(trial->line), state_hash);
    trial->view->tally->compared++;
    bool other_events = contrast.digest && !is_ahead(trial);
    if (contrast.state || contrast.message != NULL || other_events) {
        return note_changed(trial, rejection, &contrast);
    }
    trial->view->tally->same++;
    trial->view->tally->ignored_only += contrast.ignored > 0 ? 1 : 0;
    rf_changes_done(&contrast.changes);
    return false;
}

static bool
judge_instance(struct trial *trial)
{
    switch (trial->outcome->ending) {
    case RF_ENDED_CRASHED:
        trial->view->tally->crashed++;
        note_end(trial, RF_DIFFERENCE_CRASHED);
        return false;
    case RF_ENDED_HUNG:
        trial->view->tally->hung++;
        note_end(trial, RF_DIFFERENCE_HUNG);
        return false;
    default:
        break;
    }
    struct rejection rejection = find_rejection(trial);
    bool is_short =
        trial->line != NULL && trial->outcome->instance->last_version < rf_golden_pin(trial->line);
    if (is_new_rejection(trial, &rejection, is_short)) {
        note_rejected(trial, &rejection);
        return false;
    }
    if (trial->line == NULL) {
        note_unblessed(trial);
        return false;
    }
    if (is_short) {
        note_short(trial, rf_golden_pin(trial->line));
        return false;
    }
    return compare_instance(trial, &rejection);
}

/* ---- the sink -------------------------------------------------------------------------------- */

/** Events above the golden's version; mostly none, so they are looked for from the end. */
static uint64_t
count_beyond(const struct rf_instance *instance, int64_t pin)
{
    uint64_t beyond = 0;
    for (size_t i = 0; i < instance->skipped_count && instance->skipped[i].version > pin; i++) {
        beyond++;
    }
    for (size_t i = instance->behind_count; i > 0 && instance->behind[i - 1].version > pin; i--) {
        beyond++;
    }
    if (instance->unhandled != NULL && instance->unhandled_version > pin) {
        beyond++;
    }
    for (size_t i = instance->step_count; i > 0 && instance->steps[i - 1].version > pin; i--) {
        beyond++;
    }
    return beyond;
}

static struct rf_pin
sink_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    struct rf_comparison *comparison = context;
    struct rf_pin pin = {.wanted = false};
    RF_VERIFY(thread < comparison->lane_count);
    const struct view *view = find_view(comparison, comparison->lanes[thread], instance);
    const struct rf_golden_line *line = find_line(view, instance);
    pin.token = line;
    if (line != NULL && !comparison->request->at_head) {
        pin.wanted = true;
        pin.version = rf_golden_pin(line);
    }
    return pin;
}

static bool
sink_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    struct rf_comparison *comparison = context;
    RF_VERIFY(thread < comparison->lane_count);
    struct lane *lane = comparison->lanes[thread];
    const struct rf_instance *instance = outcome->instance;
    struct view *view = find_view(comparison, lane, instance);
    struct trial trial = {
        .comparison = comparison,
        .lane = lane,
        .view = view,
        .outcome = outcome,
        .line = outcome->token != NULL ? outcome->token : find_line(view, instance),
    };
    view->tally->instances++;
    view->tally->events += outcome->applied;
    rf_notes_multiset(&lane->notes.history, instance->aggregate_name, instance->id,
                      instance->id_bytes, outcome->applied,
                      rf_folded_digest(comparison->request->history, outcome));
    if (trial.line != NULL) {
        unsigned char *seen = &view->seen[trial.line - view->golden->lines];
        RF_VERIFY(*seen == 0); /* each instance has exactly one outcome */
        *seen = 1;
        lane->notes.beyond += count_beyond(instance, rf_golden_pin(trial.line));
    }
    bool traced = judge_instance(&trial);
    rf_buf_done(&trial.nan_message);
    return traced;
}

/** Traces come in the order in which they were asked for. */
static struct pending *
find_pending(struct lane *lane, const struct rf_instance *instance)
{
    for (size_t i = lane->pending_first; i < lane->pending_count; i++) {
        if (lane->pending[i].instance == instance) {
            return &lane->pending[i];
        }
    }
    return NULL;
}

static void
sink_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
           const char *state, size_t state_bytes)
{
    struct rf_comparison *comparison = context;
    RF_VERIFY(thread < comparison->lane_count);
    struct lane *lane = comparison->lanes[thread];
    struct pending *pending = find_pending(lane, instance);
    if (pending != NULL) {
        rf_watch_state(pending->watch, &lane->doc, applied, state, state_bytes);
    }
}

static void
finish_pending(struct lane *lane, struct pending *pending)
{
    rf_notes_add(&lane->notes, &pending->difference, pending->patterns, pending->pattern_count);
    for (size_t i = 0; i < pending->pattern_count; i++) {
        free(pending->patterns[i]);
    }
    free(pending->patterns);
    rf_watch_free(pending->watch);
    memset(pending, 0, sizeof(*pending));
    while (lane->pending_first < lane->pending_count &&
           lane->pending[lane->pending_first].instance == NULL) {
        lane->pending_first++;
    }
    if (lane->pending_first == lane->pending_count) {
        lane->pending_first = 0;
        lane->pending_count = 0;
    }
}

static void
sink_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    struct rf_comparison *comparison = context;
    RF_VERIFY(thread < comparison->lane_count);
    struct lane *lane = comparison->lanes[thread];
    struct pending *pending = find_pending(lane, instance);
    if (pending == NULL) {
        return;
    }
    uint64_t last = rf_watch_last(pending->watch);
    if (whole && last > 0 && last <= instance->step_count) {
        const struct rf_step *step = &instance->steps[last - 1];
        pending->difference.suspect = rf_suspect_make(
            comparison->request->history, RF_BASIS_LAST_WRITER, step->event, step->version);
    }
    finish_pending(lane, pending);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_comparison *
rf_comparison_new(const struct rf_compare_request *request)
{
    struct rf_comparison *comparison = rf_calloc(1, sizeof(*comparison));
    comparison->request = request;
    comparison->sink = (struct rf_fold_sink){
        .context = comparison,
        .pin = sink_pin,
        .outcome = sink_outcome,
        .trace = sink_trace,
        .traced = sink_traced,
    };
    comparison->lane_count = request->jobs == 0 ? 1 : request->jobs;
    comparison->lanes = rf_calloc(comparison->lane_count, sizeof(struct lane *));
    for (size_t i = 0; i < comparison->lane_count; i++) {
        comparison->lanes[i] = rf_calloc(1, sizeof(struct lane));
    }
    size_t goldens = request->goldens == NULL ? 0 : request->goldens->count;
    comparison->seen = rf_calloc(goldens + 1, sizeof(*comparison->seen));
    for (size_t i = 0; i < goldens; i++) {
        comparison->seen[i] = rf_calloc(request->goldens->items[i].count + 1, 1);
    }
    return comparison;
}

/** They point to tallies, which go with the notes. */
static void
drop_views(struct lane *lane)
{
    for (size_t i = 0; i < lane->view_count; i++) {
        free(lane->views[i]);
    }
    lane->view_count = 0;
    for (size_t i = 0; i < lane->number_room; i++) {
        lane->by_number[i] = NULL;
    }
}

static void
lane_free(struct lane *lane)
{
    while (lane->pending_count > 0) {
        finish_pending(lane, &lane->pending[lane->pending_first]);
    }
    drop_views(lane);
    free(lane->views);
    free(lane->by_number);
    free(lane->pending);
    rf_json_done(&lane->doc);
    rf_notes_done(&lane->notes);
    free(lane);
}

void
rf_comparison_free(struct rf_comparison *comparison)
{
    if (comparison == NULL) {
        return;
    }
    const struct rf_goldens *goldens = comparison->request->goldens;
    for (size_t i = 0; goldens != NULL && i < goldens->count; i++) {
        free(comparison->seen[i]);
    }
    for (size_t i = 0; i < comparison->lane_count; i++) {
        lane_free(comparison->lanes[i]);
    }
    free(comparison->seen);
    free(comparison->lanes);
    free(comparison);
}

const struct rf_fold_sink *
rf_comparison_sink(struct rf_comparison *comparison)
{
    return &comparison->sink;
}

/* ---- what no instance came for --------------------------------------------------------------- */

static bool
is_claimed(struct rf_build *const *builds, size_t build_count, const char *aggregate)
{
    for (size_t i = 0; i < build_count; i++) {
        if (builds[i]->takes_all || strcmp(builds[i]->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

static void
note_missing(struct lane *lane, const struct rf_golden *golden, const struct rf_golden_line *line)
{
    struct rf_difference difference = {
        .aggregate = rf_strdup(golden->aggregate),
        .id = rf_strndup(line->id, line->id_bytes),
        .id_bytes = line->id_bytes,
        .version = rf_golden_pin(line),
        .kind = RF_DIFFERENCE_MISSING,
    };
    rf_notes_add(&lane->notes, &difference, NULL, 0);
}

static void
finish_golden(struct rf_comparison *comparison, size_t index, bool claimed)
{
    const struct rf_compare_request *request = comparison->request;
    const struct rf_golden *golden = &request->goldens->items[index];
    struct lane *lane = comparison->lanes[0];
    struct rf_tally *tally = rf_notes_tally(&lane->notes, golden->aggregate);
    for (size_t i = 0; i < golden->count; i++) {
        const struct rf_golden_line *line = &golden->lines[i];
        if (comparison->seen[index][i]) {
            continue;
        }
        bool selected = request->selects == NULL ||
                        request->selects(request->select_context, line->id, line->id_bytes);
        if (!claimed || !selected || request->selected_by_time || request->events_left_out) {
            tally->uncompared++;
        } else {
            tally->missing++;
            note_missing(lane, golden, line);
        }
    }
}

static void
add_unloaded(struct rf_findings *findings, size_t *room, const struct rf_golden *golden)
{
    RF_GROW(findings->unloaded, *room, findings->unloaded_count + 1);
    findings->unloaded[findings->unloaded_count++] = rf_format(
        "%s (%zu line%s)", golden->aggregate, golden->count, golden->count == 1 ? "" : "s");
}

void
rf_comparison_finish(struct rf_comparison *comparison, struct rf_findings *ret,
                     struct rf_damages *damages)
{
    const struct rf_compare_request *request = comparison->request;
    size_t golden_count = request->goldens == NULL ? 0 : request->goldens->count;
    struct rf_notes **notes = rf_calloc(comparison->lane_count, sizeof(struct rf_notes *));
    for (size_t i = 0; i < comparison->lane_count; i++) {
        struct lane *lane = comparison->lanes[i];
        while (lane->pending_count > 0) { /* the fold was stopped before their traces came */
            finish_pending(lane, &lane->pending[lane->pending_first]);
        }
        notes[i] = &lane->notes;
    }
    for (size_t i = 0; i < golden_count; i++) {
        finish_golden(comparison, i,
                      is_claimed(request->builds, request->build_count,
                                 request->goldens->items[i].aggregate));
    }
    for (size_t i = 0; i < request->build_count; i++) {
        (void)rf_notes_tally(notes[0], request->builds[i]->name);
    }
    for (size_t i = 0; i < comparison->lane_count; i++) {
        rf_damages_join(damages, &notes[i]->damages);
    }
    rf_notes_join(notes, comparison->lane_count, ret);
    size_t room = 0;
    for (size_t i = 0; i < golden_count; i++) {
        const struct rf_golden *golden = &request->goldens->items[i];
        if (!is_claimed(request->builds, request->build_count, golden->aggregate)) {
            add_unloaded(ret, &room, golden);
        }
    }
    for (size_t i = 0; i < comparison->lane_count; i++) {
        drop_views(comparison->lanes[i]);
    }
    free(notes);
}
