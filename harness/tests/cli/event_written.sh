# SPDX-License-Identifier: MIT
# An aggregate that writes to the event that it is given spoils its own instance at most: the next event, and the next
# instance, get theirs as if it had not been.
. "$ROOT/harness/tests/cli/history.inc"
cat > writes.c <<'C'
#include <refold/aggregate.h>
#include <stdint.h>
struct writes { int64_t events, sum; };
static const refold_type types[] = {REFOLD_TYPE("Added", 1)};
static const refold_field fields[] = {REFOLD_INT(struct writes, events, "events"), REFOLD_INT(struct writes, sum, "sum")};
static int32_t writes_apply(void *state, const refold_event *event)
{
    struct writes *writes = state;
    int64_t by = 0;
    writes->events++;
    if (refold_event_int(event, "By", &by)) {
        writes->sum += by;
    }
    if (event->id.ptr[0] == 's') {
        ((refold_event *)(uintptr_t)event)->host = NULL;
        ((refold_event *)(uintptr_t)event)->size = 0;
    }
    return REFOLD_OK;
}
extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION, .size = sizeof(refold_aggregate), .name = "writes", .state_version = 1,
    .state_size = sizeof(struct writes), .types = types, .type_count = 1, .fields = fields, .field_count = 2,
    .apply = writes_apply,
};
C
for id in a b s1 s2 y z; do
    for version in 1 2 3; do
        printf '{"aggregateId":"%s","version":%d,"type":"Added","at":"2017-06-01T00:00:00Z","data":{"By":%d}}\n' $id $version $version
    done
done > events.ndjson
status refold bless -q -j 1 --purity=off -a writes.c -r text events.ndjson
cat golden/writes.ndjson
