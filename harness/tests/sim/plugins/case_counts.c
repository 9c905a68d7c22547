/* SPDX-License-Identifier: MIT */
/* Counts a type that comes twice in a row once. */
#include <refold/aggregate.h>

#undef REFOLD_AGGREGATE
#define REFOLD_AGGREGATE(...)
#include "aggregates/case.c"

static int32_t
apply(void *state, const refold_event *event)
{
    struct process_case *c = state;
    int again = c->last_type.ptr != NULL && c->last_type.len == event->type.len &&
                memcmp(c->last_type.ptr, event->type.ptr, (size_t)event->type.len) == 0;
    int32_t result = case_apply(state, event);
    if (result == REFOLD_OK && again) {
        struct type_count *entry =
            refold_map_put(event, &c->counts, sizeof(struct type_count), event->type);
        entry->count--;
    }
    return result;
}

REFOLD_AGGREGATE_VERSION("case", 1, struct process_case, types, fields, apply)
