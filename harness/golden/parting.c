/* SPDX-License-Identifier: MIT */
/* Where two builds part. */
#include "golden/parting.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "golden/notes.h"
#include "worker/trail.h"

/** What is shown of one build's own words. */
#define MESSAGE_BYTES 300

/** A difference whose changes are not known yet: the states are on their way. */
struct pending {
    const struct rf_instance *instance;
    struct rf_difference difference;
    bool untold; /* whether they differ at all */
};

/** What one thread writes to. */
struct lane {
    struct rf_notes notes;
    struct pending *pending; /* in the order in which states were asked for */
    size_t pending_first;
    size_t pending_count;
    size_t pending_room;
};

struct rf_parting {
    const struct rf_parting_request *request;
    struct rf_pair_sink sink;
    struct lane *lanes;
    size_t lane_count;
};

/** One instance, and what both builds made of it. */
struct trial {
    struct rf_parting *parting;
    struct lane *lane;
    struct rf_tally *tally;
    const struct rf_outcome *base, *head;
};

/* ---- words ----------------------------------------------------------------------------------- */

/** How an ending is called: "refuses it", … */
static const char *
ending_words(enum rf_ending ending)
{
    switch (ending) {
    case RF_ENDED_CRASHED:
        return "crashes there";
    case RF_ENDED_HUNG:
        return "hangs there";
    case RF_ENDED_REJECTED:
        return "refuses it";
    case RF_ENDED_IMPURE:
    case RF_ENDED_FOLDED:
    case RF_ENDED_UNCLAIMED:
    case RF_ENDED_UNTRIED:
        break;
    }
    return "folds it";
}

static void
add_message(struct rf_buf *text, const char *message)
{
    size_t bytes = message == NULL ? 0 : strlen(message);
    if (bytes > 0) {
        rf_buf_string(text, " (");
        rf_buf_add(text, message,
                   bytes > MESSAGE_BYTES ? rf_utf8_valid(message, MESSAGE_BYTES) : bytes);
        rf_buf_byte(text, ')');
    }
}

/** "BASE refuses it (…), HEAD folds it"; owned by the caller. */
static char *
describe_endings(const struct rf_outcome *base, const struct rf_outcome *head, bool base_ended,
                 bool head_ended)
{
    struct rf_buf text = {0};
    rf_buf_format(&text, "BASE %s", base_ended ? ending_words(base->ending) : "folds it");
    add_message(&text, base_ended ? base->message : NULL);
    rf_buf_format(&text, ", HEAD %s", head_ended ? ending_words(head->ending) : "folds it");
    add_message(&text, head_ended ? head->message : NULL);
    (void)rf_buf_text(&text);
    return text.bytes;
}

static void
add_absence(struct rf_buf *text, const char *build, const struct rf_pair_state *state)
{
    if (state->text != NULL) {
        return;
    }
    rf_buf_format(text, "%s%s: ", text->used == 0 ? "" : "; ", build);
    if (state->nonfinite != NULL) {
        rf_nonfinite_message(text, state->nonfinite);
    } else {
        rf_buf_string(text, state->message);
    }
}

/* ---- differences ----------------------------------------------------------------------------- */

static struct rf_difference
start_difference(const struct trial *trial, enum rf_difference_kind kind,
                 const struct rf_packed_event *event, int64_t version)
{
    const struct rf_instance *instance = trial->head->instance;
    return (struct rf_difference){
        .aggregate = rf_strdup(instance->aggregate_name),
        .id = rf_strndup(instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
        .version = version,
        .kind = kind,
        .cause = RF_CAUSE_CODE,
        .suspect =
            rf_suspect_make(trial->parting->request->history, RF_BASIS_COMPARE, event, version),
    };
}

/** It counts as compared: the states that HEAD gave it, up to the last, were held against BASE's.
 */
static void
count_compared(const struct trial *trial)
{
    const struct rf_outcome *head = trial->head;
    const struct rf_instance *instance = head->instance;
    uint64_t version =
        head->applied == 0 ? 0 : (uint64_t)instance->steps[head->applied - 1].version;
    trial->tally->compared++;
    rf_notes_multiset(
        &trial->lane->notes.compared, instance->aggregate_name, instance->id, instance->id_bytes,
        version,
        rf_outcome_digest(head, head->trail_count == 0 ? 0 : head->trail[head->trail_count - 1]));
}

/** One build comes to an end where the other does not, or to another one. */
static void
note_endings(struct trial *trial)
{
    const struct rf_outcome *base = trial->base;
    const struct rf_outcome *head = trial->head;
    bool base_ended = base->ending != RF_ENDED_FOLDED && base->applied <= head->applied;
    bool head_ended = head->ending != RF_ENDED_FOLDED && head->applied <= base->applied;
    const struct rf_outcome *first = head_ended ? head : base;
    enum rf_difference_kind kind = RF_DIFFERENCE_CHANGED;
    if (head_ended && !base_ended) {
        kind = RF_DIFFERENCE_REJECTED;
    }
    struct rf_difference difference = start_difference(trial, kind, first->at, first->at_version);
    difference.message = describe_endings(base, head, base_ended, head_ended);
    difference.quotes = base->quotes || head->quotes;
    if (kind == RF_DIFFERENCE_REJECTED) {
        trial->tally->rejected++;
    } else {
        trial->tally->changed++;
        count_compared(trial);
    }
    rf_notes_add(&trial->lane->notes, &difference, NULL);
}

static bool
is_fallen(const struct rf_outcome *outcome)
{
    return outcome->ending == RF_ENDED_CRASHED || outcome->ending == RF_ENDED_HUNG;
}

/** HEAD crashed or hung: its own class, whatever BASE did. */
static void
note_fall(struct trial *trial)
{
    bool crashed = trial->head->ending == RF_ENDED_CRASHED;
    struct rf_difference difference =
        rf_difference_of_end(trial->parting->request->history, trial->head,
                             crashed ? RF_DIFFERENCE_CRASHED : RF_DIFFERENCE_HUNG);
    if (is_fallen(trial->base)) {
        char *message =
            rf_format("%s; BASE %s too", difference.message == NULL ? "" : difference.message,
                      trial->base->ending == RF_ENDED_CRASHED ? "crashes" : "hangs");
        free(difference.message);
        difference.message = message;
    }
    trial->tally->crashed += crashed;
    trial->tally->hung += !crashed;
    rf_notes_add(&trial->lane->notes, &difference, NULL);
}

/** One of the builds comes to other states each time: nothing can be said of the other one. */
static void
note_impure(struct trial *trial)
{
    bool head = trial->head->ending == RF_ENDED_IMPURE;
    struct rf_difference difference = rf_difference_of_end(
        trial->parting->request->history, head ? trial->head : trial->base, RF_DIFFERENCE_IMPURE);
    char *message = rf_format("%s: %s", head ? "HEAD" : "BASE",
                              difference.message == NULL ? "" : difference.message);
    free(difference.message);
    difference.message = message;
    trial->tally->impure++;
    rf_notes_add(&trial->lane->notes, &difference, NULL);
}

/* ---- parting --------------------------------------------------------------------------------- */

/** Whether both came to the same state behind so many events. One that cannot be told (no JSON, and
 * no likeness) may be any. */
static bool
is_same_at(const struct rf_outcome *base, const struct rf_outcome *head, uint64_t after)
{
    return base->trail[after] == head->trail[after] && (base->trail[after] & RF_TRAIL_UNTOLD) == 0;
}

/** The number of events behind which the states first differ; false where they never do. */
static bool
find_parting(const struct rf_outcome *base, const struct rf_outcome *head, uint64_t *ret_after)
{
    uint64_t shared = base->trail_count < head->trail_count ? base->trail_count : head->trail_count;
    for (uint64_t i = 0; i < shared; i++) {
        if (!is_same_at(base, head, i)) {
            *ret_after = i;
            return true;
        }
    }
    return false;
}

static bool
is_same_ending(const struct rf_outcome *base, const struct rf_outcome *head)
{
    if (base->ending != head->ending || base->applied != head->applied) {
        return false;
    }
    const char *base_message = base->message == NULL ? "" : base->message;
    const char *head_message = head->message == NULL ? "" : head->message;
    return base->ending == RF_ENDED_FOLDED || strcmp(base_message, head_message) == 0;
}

/** The number of events behind which the states are the same again, to the end; false where they
 * are not. */
static bool
find_meeting(const struct rf_outcome *base, const struct rf_outcome *head, uint64_t *ret_after)
{
    uint64_t count = head->trail_count;
    if (!is_same_ending(base, head) || base->trail_count != count ||
        !is_same_at(base, head, count - 1)) {
        return false;
    }
    while (is_same_at(base, head, count - 1)) {
        count--; /* ends where they part, at the latest */
    }
    *ret_after = count;
    return true;
}

static void
note_parting(struct trial *trial, uint64_t after)
{
    const struct rf_instance *instance = trial->head->instance;
    const struct rf_step *step = after == 0 ? NULL : &instance->steps[after - 1];
    struct rf_difference difference =
        start_difference(trial, RF_DIFFERENCE_CHANGED, step == NULL ? NULL : step->event,
                         step == NULL ? 0 : step->version);
    uint64_t meeting;
    if (step == NULL) {
        difference.message = rf_strdup("the empty states differ");
    }
    if (find_meeting(trial->base, trial->head, &meeting)) {
        difference.meets_again = true;
        difference.meets_version = instance->steps[meeting - 1].version;
    }
    trial->tally->changed++;
    count_compared(trial);
    struct lane *lane = trial->lane;
    if (lane->pending_first == lane->pending_count) {
        lane->pending_first = 0;
        lane->pending_count = 0;
    }
    RF_GROW(lane->pending, lane->pending_room, lane->pending_count + 1);
    lane->pending[lane->pending_count++] = (struct pending){
        .instance = instance,
        .difference = difference,
        .untold = trial->base->trail[after] == trial->head->trail[after],
    };
}

static void
note_same(struct trial *trial)
{
    const struct rf_outcome *head = trial->head;
    trial->tally->same++;
    trial->tally->refused += head->ending == RF_ENDED_REJECTED;
    count_compared(trial);
    trial->tally->ignored_only += trial->base->state_hash != head->state_hash;
}

/** Returns whether states are wanted. */
static bool
judge(struct trial *trial, uint64_t *ret_after)
{
    if (trial->head->ending == RF_ENDED_UNTRIED ||
        (trial->base->ending == RF_ENDED_UNTRIED && !is_fallen(trial->head))) {
        trial->tally->uncompared++;
        return false;
    }
    if (is_fallen(trial->head)) {
        note_fall(trial);
        return false;
    }
    if (trial->head->ending == RF_ENDED_IMPURE || trial->base->ending == RF_ENDED_IMPURE) {
        note_impure(trial);
        return false;
    }
    if (is_fallen(trial->base)) {
        note_endings(trial);
        return false;
    }
    if (find_parting(trial->base, trial->head, ret_after)) {
        note_parting(trial, *ret_after);
        return true;
    }
    if (!is_same_ending(trial->base, trial->head)) {
        note_endings(trial);
        return false;
    }
    note_same(trial);
    return false;
}

/* ---- the sink -------------------------------------------------------------------------------- */

static bool
sink_pair(void *context, size_t thread, const struct rf_outcome *base,
          const struct rf_outcome *head, uint64_t *ret_after)
{
    struct rf_parting *parting = context;
    RF_VERIFY(thread < parting->lane_count);
    struct lane *lane = &parting->lanes[thread];
    const struct rf_instance *instance = head->instance;
    struct trial trial = {
        .parting = parting,
        .lane = lane,
        .tally = rf_notes_tally(&lane->notes, instance->aggregate_name),
        .base = base,
        .head = head,
    };
    trial.tally->instances++;
    trial.tally->events += head->applied;
    rf_notes_multiset(&lane->notes.history, instance->aggregate_name, instance->id,
                      instance->id_bytes, head->applied,
                      rf_outcome_digest(head, rf_instance_digest(instance, head->applied)));
    return judge(&trial, ret_after);
}

/** What is not told by changes: owned by the caller, or NULL. */
static char *
explain(const struct pending *pending, const struct rf_pair_state *base,
        const struct rf_pair_state *head)
{
    const struct rf_difference *difference = &pending->difference;
    struct rf_buf text = {0};
    rf_buf_string(&text, difference->message == NULL ? "" : difference->message);
    add_absence(&text, "BASE", base);
    add_absence(&text, "HEAD", head);
    if (pending->untold) {
        rf_buf_string(&text, "; whether these states are the same cannot be told");
    }
    if (text.used == 0 && difference->changes.count == 0) {
        /* None is known: what hashes see a diff sees too. If not, it is told all the same. */
        rf_buf_string(&text, "the hashes of these states differ, and no member that is compared");
    }
    if (text.used == 0) {
        return NULL;
    }
    (void)rf_buf_text(&text);
    return text.bytes;
}

static void
sink_states(void *context, size_t thread, const struct rf_instance *instance,
            const struct rf_pair_state *base, const struct rf_pair_state *head)
{
    struct rf_parting *parting = context;
    const struct rf_parting_request *request = parting->request;
    RF_VERIFY(thread < parting->lane_count);
    struct lane *lane = &parting->lanes[thread];
    RF_VERIFY(lane->pending_first < lane->pending_count);
    struct pending *pending = &lane->pending[lane->pending_first++];
    RF_VERIFY(pending->instance == instance); /* in the order in which they were asked for */
    struct rf_difference *difference = &pending->difference;
    const struct rf_shape *shape =
        instance->claim < request->build_count ? &request->builds[instance->claim]->shape : NULL;
    size_t ignored = 0;
    struct rf_diff_paths paths = {.shape = shape};
    if (base->text != NULL && head->text != NULL) {
        rf_diff_some(base->text, base->bytes, head->text, head->bytes, request->ignores,
                     request->ignore_count, instance->aggregate_name, rf_limits.changes,
                     &difference->changes, &difference->changes_total, &ignored, NULL, &paths);
        rf_paths_end(&paths.patterns);
    }
    char *message = explain(pending, base, head);
    free(difference->message);
    difference->message = message;
    difference->quotes = base->quotes || head->quotes;
    rf_notes_add(&lane->notes, difference, &paths.patterns);
    rf_diff_paths_done(&paths);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_parting *
rf_parting_new(const struct rf_parting_request *request)
{
    struct rf_parting *parting = rf_calloc(1, sizeof(*parting));
    parting->request = request;
    parting->sink =
        (struct rf_pair_sink){.context = parting, .pair = sink_pair, .states = sink_states};
    parting->lane_count = request->jobs == 0 ? 1 : request->jobs;
    parting->lanes = rf_calloc(parting->lane_count, sizeof(*parting->lanes));
    return parting;
}

void
rf_parting_free(struct rf_parting *parting)
{
    if (parting == NULL) {
        return;
    }
    for (size_t i = 0; i < parting->lane_count; i++) {
        struct lane *lane = &parting->lanes[i];
        for (size_t k = lane->pending_first; k < lane->pending_count; k++) {
            rf_difference_done(&lane->pending[k].difference); /* the fold ended early */
        }
        free(lane->pending);
        rf_notes_done(&lane->notes);
    }
    free(parting->lanes);
    free(parting);
}

const struct rf_pair_sink *
rf_parting_sink(struct rf_parting *parting)
{
    return &parting->sink;
}

void
rf_parting_finish(struct rf_parting *parting, struct rf_findings *ret)
{
    const struct rf_parting_request *request = parting->request;
    struct rf_notes **notes = rf_calloc(parting->lane_count, sizeof(struct rf_notes *));
    for (size_t i = 0; i < parting->lane_count; i++) {
        RF_VERIFY(parting->lanes[i].pending_first == parting->lanes[i].pending_count);
        notes[i] = &parting->lanes[i].notes;
    }
    for (size_t i = 0; i < request->build_count; i++) {
        (void)rf_notes_tally(notes[0], request->builds[i]->name);
    }
    rf_notes_join(notes, parting->lane_count, ret);
    free(notes);
}
