/* SPDX-License-Identifier: MIT */
/* A table without apply. */
#include <refold/aggregate.h>

static const refold_type types[] = {REFOLD_TYPE("Added", 1)};
static const refold_field fields[] = {
    {"total", REFOLD_F_INT64, 0, 0, REFOLD_NO_PRESENCE, 0, 0, NULL, NULL},
};

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "no_apply",
    .state_version = 1,
    .state_size = 8,
    .types = types,
    .type_count = 1,
    .fields = fields,
    .field_count = 1,
};
