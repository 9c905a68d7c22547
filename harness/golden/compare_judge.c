/* SPDX-License-Identifier: MIT */
/* The class of an instance: contract.md, "What a run compares". */
#include "golden/compare_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "history/identity.h"

/* ---- refusals -------------------------------------------------------------------------------- */

static const struct rf_packed_event *
last_event(const struct rf_outcome *outcome)
{
    uint64_t steps = outcome->state_steps;
    bool known = steps > 0 && steps <= outcome->instance->step_count;
    return known ? outcome->instance->steps[steps - 1].event : NULL;
}

static struct rf_rejection
find_rejection(struct rf_trial *trial)
{
    const struct rf_outcome *outcome = trial->outcome;
    struct rf_rejection found = {.type = "", .message = ""};
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
    } else if (found.is && rf_instance_is_over(outcome->instance)) {
        found.type = outcome->instance->start->refused_type;
        found.type_bytes = outcome->instance->start->refused_type_bytes;
    }
    return found;
}

static bool
is_new_rejection(const struct rf_trial *trial, const struct rf_rejection *rejection, bool is_short)
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
    return line == NULL || line->refusal == NULL || line->refusal->version != rejection->version;
}

/* ---- differences of every class but changed -------------------------------------------------- */

static struct rf_difference
start_difference(const struct rf_trial *trial, enum rf_difference_kind kind, int64_t version)
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
note_end(struct rf_trial *trial, enum rf_difference_kind kind)
{
    struct rf_difference difference =
        rf_difference_of_end(trial->comparison->request->history, trial->outcome, kind);
    rf_notes_add(&trial->lane->notes, &difference, NULL);
}

static void
note_rejected(struct rf_trial *trial, const struct rf_rejection *rejection)
{
    struct rf_difference difference =
        start_difference(trial, RF_DIFFERENCE_REJECTED, rejection->version);
    difference.cause = RF_CAUSE_CODE;
    difference.suspect = rf_suspect_make(trial->comparison->request->history, RF_BASIS_TRACE,
                                         rejection->event, rejection->version);
    difference.message = rf_strdup(rejection->message);
    difference.quotes = trial->outcome->quotes;
    trial->view->tally->rejected++;
    rf_notes_add(&trial->lane->notes, &difference, NULL);
}

static void
note_unblessed(struct rf_trial *trial)
{
    const struct rf_compare_request *request = trial->comparison->request;
    if (request->goldens == NULL) {
        return; /* nothing is compared: nothing is missed */
    }
    trial->view->tally->unblessed++;
    bool is_lost = trial->view->golden != NULL && trial->view->golden->lost_lines > 0;
    if (request->require_golden || is_lost) {
        struct rf_difference difference =
            start_difference(trial, RF_DIFFERENCE_UNBLESSED, trial->outcome->state_version);
        rf_notes_add(&trial->lane->notes, &difference, NULL);
    }
}

/** Whether only lines are asked about, and the refused event comes behind the version of this one,
 * or is of an instance that has none. */
static bool
is_behind_the_question(const struct rf_trial *trial, const struct rf_rejection *rejection)
{
    const struct rf_golden_line *line = trial->line;
    return trial->comparison->request->only_lines && rejection->is &&
           (line == NULL || (line->refusal == NULL && trial->outcome->ending == RF_ENDED_REJECTED &&
                             rejection->version > rf_golden_pin(line)));
}

/** Known is an end with these very events, in front of this very version of the golden. */
static void
judge_short(const struct rf_trial *trial, int64_t pin, struct rf_damage *damage)
{
    const struct rf_instance *instance = trial->outcome->instance;
    struct rf_known_damage *known = trial->comparison->request->known;
    char events[RF_HASH_HEX_BYTES];
    if (known == NULL) {
        return;
    }
    uint64_t digest =
        rf_outcome_digest(trial->outcome, rf_instance_digest(instance, instance->step_count));
    const struct rf_identity identity = {
        .kind = RF_DAMAGE_CUT_SHORT,
        .aggregate = damage->aggregate,
        .id = damage->id,
        .id_bytes = damage->id_bytes,
        .version = {true, damage->version},
        .golden = {true, pin},
        .events = rf_hash_hex(digest, events),
    };
    damage->identity = rf_identity_text(&identity);
    rf_known_judge(known, damage);
}

/** Whether the selection may have left out events of this very instance: what it lacks proves
 * nothing then. */
static bool
may_lack_events(const struct rf_trial *trial)
{
    return trial->comparison->request->selected_by_time || trial->outcome->instance->shortened;
}

static void
note_short(struct rf_trial *trial, int64_t pin)
{
    const struct rf_instance *instance = trial->outcome->instance;
    if (may_lack_events(trial)) {
        trial->view->tally->uncompared++;
        return;
    }
    trial->view->tally->cut_short++;
    struct rf_damage damage = {
        .kind = RF_DAMAGE_CUT_SHORT,
        .aggregate = rf_strdup(instance->aggregate_name),
        .id = rf_strndup(instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
        .has_version = true,
        .version = instance->last_version,
        .message = rf_format("ends with version %" PRId64 ", the golden has version %" PRId64,
                             instance->last_version, pin),
    };
    judge_short(trial, pin, &damage);
    rf_damages_add(&trial->lane->notes.damages, damage);
}

/* ---- same or changed ------------------------------------------------------------------------- */

/** Whether the instance is compared at a later version than the line's: other events are then what
 * --at-head asks for. */
static bool
is_ahead(const struct rf_trial *trial)
{
    return trial->comparison->request->at_head &&
           trial->outcome->state_version > rf_golden_pin(trial->line);
}

/** Returns whether a trace is wanted. */
static bool
note_changed(struct rf_trial *trial, const struct rf_rejection *rejection,
             struct rf_contrast *contrast)
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
    difference.quotes = contrast->message != NULL;
    if (difference.message == NULL && !contrast->state) {
        difference.message =
            rf_format("the events up to version %" PRId64 " are not those that were blessed", pin);
    } else if (difference.message == NULL && contrast->changes_total == 0) {
        difference.message = rf_strdup("there is no state to compare");
    }
    trial->view->tally->changed++;
    if (difference.changes_total > 0) {
        rf_pending_add(trial, &difference, &contrast->paths);
        return true;
    }
    if (contrast->message != NULL) {
        const struct rf_packed_event *event =
            rejection->is ? rejection->event : last_event(trial->outcome);
        difference.suspect =
            rf_suspect_make(request->history, RF_BASIS_TRACE, event,
                            rejection->is ? rejection->version : trial->outcome->state_version);
    }
    rf_notes_add(&trial->lane->notes, &difference, NULL);
    return false;
}

/** Whether the golden's version lies in front of the first event that the selection left, or of the
 * snapshot that it goes on from: the state there is no proof of anything. Where nothing was left
 * out, the state in front of the first event is the empty one, and is compared as any. */
static bool
is_before_the_first(const struct rf_trial *trial)
{
    const struct rf_instance *instance = trial->outcome->instance;
    if (instance->start != NULL) { /* what it was before its start is not known */
        return rf_golden_pin(trial->line) < instance->start->covered;
    }
    return trial->line->refusal == NULL && trial->outcome->state_steps == 0 &&
           instance->step_count > 0 && may_lack_events(trial);
}

static bool
compare_instance(struct rf_trial *trial, const struct rf_rejection *rejection)
{
    const struct rf_outcome *outcome = trial->outcome;
    if (!rejection->is && is_before_the_first(trial)) {
        trial->view->tally->uncompared++;
        return false;
    }
    struct rf_contrast contrast = rf_contrast_make(trial, rejection);
    uint64_t state_hash =
        outcome->state == NULL ? 0 : rf_hash(outcome->state, outcome->state_bytes, 13);
    rf_notes_multiset_of(&trial->lane->notes.compared, trial->view->name_hash,
                         outcome->instance->id, outcome->instance->id_bytes,
                         (uint64_t)rf_golden_pin(trial->line), state_hash);
    trial->view->tally->compared++;
    trial->view->tally->as_snapshot += rf_outcome_is_of_start(outcome);
    bool other_events = contrast.digest && !is_ahead(trial);
    bool differs = contrast.state || contrast.message != NULL || other_events;
    rf_notes_swallowed(&trial->lane->notes, contrast.uses, trial->comparison->request->ignore_count,
                       !differs);
    free(contrast.uses);
    if (differs) {
        bool traced = note_changed(trial, rejection, &contrast);
        rf_diff_paths_done(&contrast.paths);
        return traced;
    }
    trial->view->tally->same++;
    trial->view->tally->refused += outcome->ending == RF_ENDED_REJECTED;
    trial->view->tally->ignored_only += contrast.ignored > 0 ? 1 : 0;
    rf_changes_done(&contrast.changes);
    rf_diff_paths_done(&contrast.paths);
    return false;
}

bool
rf_trial_judge(struct rf_trial *trial)
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
    case RF_ENDED_IMPURE:
        trial->view->tally->impure++;
        note_end(trial, RF_DIFFERENCE_IMPURE);
        return false;
    case RF_ENDED_UNTRIED:
        trial->view->tally->uncompared++;
        return false;
    default:
        break;
    }
    if (trial->view->unread) {
        trial->view->tally->uncompared++;
        return false;
    }
    struct rf_rejection rejection = find_rejection(trial);
    bool is_short =
        trial->line != NULL && trial->outcome->instance->last_version < rf_golden_pin(trial->line);
    if (is_behind_the_question(trial, &rejection)) {
        rejection = (struct rf_rejection){0};
    }
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
