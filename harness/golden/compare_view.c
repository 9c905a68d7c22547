/* SPDX-License-Identifier: MIT */
/* What a thread must know of an aggregate to compare its instances. */
#include "golden/compare_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

static struct rf_view *
make_view(const struct rf_comparison *comparison, struct rf_compare_lane *lane,
          const struct rf_instance *instance)
{
    const struct rf_compare_request *request = comparison->request;
    struct rf_view *view = rf_calloc(1, sizeof(*view));
    view->tally = rf_notes_tally(&lane->notes, instance->aggregate_name);
    view->name_hash = rf_notes_name_hash(instance->aggregate_name);
    if (request->goldens != NULL) {
        view->golden = rf_goldens_find(request->goldens, instance->aggregate_name);
        view->seen =
            view->golden == NULL ? NULL : comparison->seen[view->golden - request->goldens->items];
        if (view->golden != NULL && view->golden->manifest != NULL) {
            view->digest = view->golden;
            view->golden = NULL; /* until a shard of it is read */
        }
    }
    if (instance->claim < request->build_count) {
        view->shape = &request->builds[instance->claim]->shape;
    }
    RF_GROW(lane->views, lane->view_room, lane->view_count + 1);
    lane->views[lane->view_count++] = view;
    return view;
}

struct rf_view *
rf_view_find(const struct rf_comparison *comparison, struct rf_compare_lane *lane,
             const struct rf_instance *instance)
{
    size_t number = instance->aggregate;
    if (number < lane->number_room && lane->by_number[number] != NULL &&
        strcmp(lane->by_number[number]->tally->name, instance->aggregate_name) == 0) {
        return lane->by_number[number];
    }
    struct rf_view *view = NULL;
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

const struct rf_golden_line *
rf_view_line(const struct rf_view *view, const struct rf_instance *instance)
{
    return view->golden == NULL ? NULL
                                : rf_golden_find(view->golden, instance->id, instance->id_bytes);
}

void
rf_views_drop(struct rf_compare_lane *lane)
{
    for (size_t i = 0; i < lane->view_count; i++) {
        free(lane->views[i]);
    }
    lane->view_count = 0;
    for (size_t i = 0; i < lane->number_room; i++) {
        lane->by_number[i] = NULL;
    }
}
