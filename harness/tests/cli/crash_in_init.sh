# SPDX-License-Identifier: MIT
# An aggregate that dies while it makes an empty state: no event is to blame, and none is folded.
. "$ROOT/harness/tests/cli/history.inc"
cat >dead.c <<'C'
#include <refold/aggregate.h>
#include <stdlib.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Good", 1)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    (void)event;
    ((struct s *)state)->n++;
    return REFOLD_OK;
}
static void init(void *state)
{
    (void)state;
    abort();
}
extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION, .size = sizeof(refold_aggregate), .name = "dead", .state_version = 1,
    .state_size = sizeof(struct s), .types = types, .type_count = 1, .fields = fields, .field_count = 1,
    .apply = apply, .init = init,
};
C
{ event a 1 Good; event a 2 Good; event b 1 Good; event c 1 Good; } | into 00
status refold run --no-compare -q -r json=r.json h -a dead.c
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message differences.*.suspect
