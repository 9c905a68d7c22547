/* SPDX-License-Identifier: MIT */
/* An aggregate of another ABI. */
#include <refold/aggregate.h>

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

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = 1,
    .size = sizeof(refold_aggregate),
    .name = "wrong_abi",
    .state_version = 1,
    .state_size = 8,
    .types = types,
    .type_count = 1,
    .fields = fields,
    .field_count = 1,
    .apply = apply,
};
