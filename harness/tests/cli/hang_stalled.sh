# SPDX-License-Identifier: MIT
# A batch hangs, and none of its instances does alone, nor one at a time: the first one stands for it.
. "$ROOT/harness/tests/cli/history.inc"
cat > stalls.c <<'C'
#include <refold/aggregate.h>
struct stalls { int64_t count; };
static const refold_type types[] = {REFOLD_TYPE("Add", 1)};
static const refold_field fields[] = {REFOLD_INT(struct stalls, count, "count")};
static int left;
static uint64_t stalls_apply(void *state, const refold_event *const *events, uint64_t count)
{
    struct stalls *stalls = state;
    (void)events;
    for (volatile int turns = 0; left && count > 1;) {
        turns = 1 - turns;
    }
    left = 1;
    stalls->count += (int64_t)count;
    return count;
}
extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION, .size = sizeof(refold_aggregate), .name = "stalls", .state_version = 1,
    .state_size = sizeof(struct stalls), .types = types, .type_count = 1, .fields = fields, .field_count = 1,
    .apply_batch = stalls_apply,
};
C
for id in a z; do event $id 1 Add; event $id 2 Add; done | into 00
status refold run --no-compare --timeout 1 -j 1 -r json=r.json -q h -a stalls.c 2>&1
pick r.json differences.*.kind differences.*.id differences.*.message
tallies r.json
echo '# a bless gives it no line'
status refold bless --timeout 1 --purity=off -j 1 -q h -a stalls.c 2>&1
