/* SPDX-License-Identifier: MIT */
/* An aggregate with apply_batch only. */
#include <refold/aggregate.h>

struct batch {
    int64_t sum;
    int64_t events;
};

static uint64_t
batch_apply(void *state, const refold_event *const *events, uint64_t count)
{
    struct batch *batch = state;
    for (uint64_t i = 0; i < count; i++) {
        int64_t by;
        if (!refold_event_int(events[i], "By", &by)) {
            (void)refold_reject(events[i], "By is not an integer");
            return i;
        }
        if (by == -1) {
            return count + 1; /* more than there are */
        }
        batch->sum += by;
        batch->events++;
    }
    return count;
}

static const refold_type types[] = {REFOLD_TYPE("Added", 1)};
static const refold_field fields[] = {
    REFOLD_INT(struct batch, sum, "sum"),
    REFOLD_INT(struct batch, events, "events"),
};

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "batch",
    .state_version = 1,
    .state_size = sizeof(struct batch),
    .types = types,
    .type_count = 1,
    .fields = fields,
    .field_count = 2,
    .apply_batch = batch_apply,
};
