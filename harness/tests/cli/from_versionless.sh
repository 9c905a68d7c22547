# SPDX-License-Identifier: MIT
# Places shift where an event comes late: what has no versions is folded from the beginning.
. "$ROOT/harness/tests/cli/history.inc"
visit() { printf '{"id":"%s","type":"Seen","at":"2026-07-01T00:00:%02dZ","eid":"%s"}\n' "$1" "$2" "$1$2"; }
cat > seen.c << 'END'
#include <refold/aggregate.h>
struct seen { int64_t times; };
static const refold_type types[] = {REFOLD_TYPE("Seen", 1)};
static const refold_field fields[] = {REFOLD_INT(struct seen, times, "times")};
static int32_t see(void *state, const refold_event *event)
{
    (void)event;
    ((struct seen *)state)->times++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("seen", struct seen, types, fields, see)
END
{ visit a 1; visit a 2; } | into 00
visit a 3 | into 01
envelope=id=/id,type=/type,at=/at,eid=/eid
bless h -e "$envelope" -g early --until 2026-07-01T01 -a seen.c
bless h -e "$envelope" -a seen.c
status refold run -q h -e "$envelope" --from early --since 2026-07-01T01 -a seen.c
status refold run -q h -e "$envelope" --from early -a seen.c
