/* SPDX-License-Identifier: MIT */
/* An aggregate that owns its state: create, destroy, snapshot and restore are its own. */
#include <refold/aggregate.h>

#include <stdio.h>
#include <stdlib.h>

struct owned {
    int64_t sum;
    int64_t *seen; /* memory that only this aggregate knows how to free */
};

static void *
owned_create(void)
{
    struct owned *owned = calloc(1, sizeof(*owned));
    if (owned != NULL) {
        owned->seen = calloc(1, sizeof(*owned->seen));
    }
    return owned;
}

static void
owned_destroy(void *state)
{
    struct owned *owned = state;
    free(owned->seen);
    free(owned);
}

static int32_t
owned_apply(void *state, const refold_event *event)
{
    struct owned *owned = state;
    int64_t by;
    if (!refold_event_int(event, "By", &by)) {
        /* Half a change, which must not show. */
        owned->sum += 1000000;
        return refold_reject(event, "By is not an integer");
    }
    if (by == 13) {
        return 7; /* neither OK nor REJECTED */
    }
    if (by == 14) {
        return REFOLD_REJECTED; /* without a word */
    }
    owned->sum += by;
    ++*owned->seen;
    return REFOLD_OK;
}

/* With white space and its keys unsorted: the host makes it canonical. */
static int32_t
owned_snapshot(const void *state, const refold_host *host)
{
    const struct owned *owned = state;
    char text[128];
    int bytes =
        snprintf(text, sizeof(text), "{ \"sum\": %lld, \"seen\": %lld%s", (long long)owned->sum,
                 (long long)*owned->seen, owned->sum == 666 ? ", " : " }");
    host->emit(text, (uint64_t)bytes);
    if (owned->sum == 668) {
        host->reject(NULL, "not now", 7); /* and returns as if it had not */
    }
    return owned->sum == 667 ? 5 : REFOLD_OK;
}

static int32_t
owned_restore(void *state, const refold_value *snapshot, const refold_host *host)
{
    struct owned *owned = state;
    refold_value value;
    if (!host->member(snapshot, "sum", 3, &value) || !host->to_int64(&value, &owned->sum) ||
        !host->member(snapshot, "seen", 4, &value) || !host->to_int64(&value, owned->seen)) {
        return REFOLD_REJECTED;
    }
    if (owned->sum == 669) {
        host->reject(NULL, "not now", 7);
    }
    return REFOLD_OK;
}

static const refold_type types[] = {REFOLD_TYPE("Added", 1)};

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "owned",
    .state_version = 1,
    .types = types,
    .type_count = 1,
    .apply = owned_apply,
    .create = owned_create,
    .destroy = owned_destroy,
    .snapshot = owned_snapshot,
    .restore = owned_restore,
};
