/* SPDX-License-Identifier: MIT */
/* Ends its process, as if all were well, while it is being loaded. */
#include <refold/aggregate.h>

#include <stdlib.h>

static int32_t
apply(void *state, const refold_event *event)
{
    (void)state;
    (void)event;
    return REFOLD_OK;
}

static const refold_type types[] = {REFOLD_TYPE("Added", 1)};
static const refold_field fields[] = {
    {"total", REFOLD_F_INT64, 0, 0, REFOLD_NO_PRESENCE, 0, 0, NULL, NULL},
};

__attribute__((constructor)) static void
exit_at_load(void)
{
    exit(0);
}

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "exits_at_load",
    .state_version = 1,
    .state_size = 8,
    .types = types,
    .type_count = 1,
    .fields = fields,
    .field_count = 1,
    .apply = apply,
};
