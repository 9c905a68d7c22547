/* SPDX-License-Identifier: MIT */
/* An aggregate whose state tells how its events were cut into batches: only the fold of a run,
 * where apply_batch gets many at once, is unlike the others. */
#include <refold/aggregate.h>

struct cuts {
    int64_t events;
    int64_t batches;
};

static uint64_t
cuts_apply_batch(void *state, const refold_event *const *events, uint64_t count)
{
    struct cuts *cuts = state;
    (void)events;
    cuts->events += (int64_t)count;
    cuts->batches++;
    return count;
}

static const refold_type types[] = {REFOLD_TYPE("Count", 1)};
static const refold_field fields[] = {
    REFOLD_INT(struct cuts, events, "events"),
    REFOLD_INT(struct cuts, batches, "batches"),
};

REFOLD_TABLE_ = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "cuts",
    .state_version = 1,
    .state_size = sizeof(struct cuts),
    .types = types,
    .type_count = 1,
    .fields = fields,
    .field_count = 2,
    .apply_batch = cuts_apply_batch,
};
