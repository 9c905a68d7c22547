/* SPDX-License-Identifier: MIT */
/* Changed instances wait until their traces tell who wrote what differs. */
#include "golden/compare_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
rf_pending_add(struct rf_trial *trial, struct rf_difference *difference,
               struct rf_diff_paths *paths)
{
    struct rf_compare_lane *lane = trial->lane;
    struct rf_pending pending = {
        .instance = trial->outcome->instance,
        .difference = *difference,
        .patterns = paths->patterns,
        .watch = rf_watch_new(paths),
    };
    memset(&paths->patterns, 0, sizeof(paths->patterns));
    rf_paths_end(&pending.patterns);
    RF_GROW(lane->pending, lane->pending_room, lane->pending_count + 1);
    lane->pending[lane->pending_count++] = pending;
}

/** Traces come in the order in which they were asked for. */
static struct rf_pending *
find_pending(struct rf_compare_lane *lane, const struct rf_instance *instance)
{
    for (size_t i = lane->pending_first; i < lane->pending_count; i++) {
        if (lane->pending[i].instance == instance) {
            return &lane->pending[i];
        }
    }
    return NULL;
}

void
rf_pending_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
                 const char *state, size_t state_bytes, uint64_t likeness)
{
    struct rf_comparison *comparison = context;
    (void)likeness;
    RF_VERIFY(thread < comparison->lane_count);
    struct rf_compare_lane *lane = comparison->lanes[thread];
    struct rf_pending *pending = find_pending(lane, instance);
    if (pending != NULL) {
        rf_watch_state(pending->watch, &lane->doc, applied, state, state_bytes);
    }
}

static void
finish_pending(struct rf_compare_lane *lane, struct rf_pending *pending)
{
    rf_notes_add(&lane->notes, &pending->difference, &pending->patterns);
    rf_paths_done(&pending->patterns);
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

void
rf_pending_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    struct rf_comparison *comparison = context;
    RF_VERIFY(thread < comparison->lane_count);
    struct rf_compare_lane *lane = comparison->lanes[thread];
    struct rf_pending *pending = find_pending(lane, instance);
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

void
rf_pending_flush(struct rf_compare_lane *lane)
{
    while (lane->pending_count > 0) {
        finish_pending(lane, &lane->pending[lane->pending_first]);
    }
}
