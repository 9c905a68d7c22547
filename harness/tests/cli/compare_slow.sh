# SPDX-License-Identifier: MIT
# Builds that are slow, not stuck: what changed is shown, also where a whole instance takes longer than one call may.
. "$ROOT/harness/tests/cli/history.inc"
cat > base.c <<'C'
#define _POSIX_C_SOURCE 200809L
#include <refold/aggregate.h>
#include <time.h>
#ifndef BY
#define BY 1
#endif
struct slow { int64_t sum; };
static const refold_type types[] = {REFOLD_TYPE("Add", 1)};
static const refold_field fields[] = {REFOLD_INT(struct slow, sum, "sum")};
static int32_t slow_apply(void *state, const refold_event *event)
{
    struct slow *slow = state;
    struct timespec pause = {0, 80000000};
    (void)event;
    (void)nanosleep(&pause, NULL);
    slow->sum += slow->sum == 7 ? BY : 1;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("slow", struct slow, types, fields, slow_apply)
C
{ echo '#define BY 2'; cat base.c; } > head.c
for version in 1 2 3 4 5 6 7 8; do event a $version Add; done | into 00
status refold compare --timeout 0.2 base.c head.c h -q -r json=r.json
pick r.json differences.*.id differences.*.version differences.*.changes differences.*.message
