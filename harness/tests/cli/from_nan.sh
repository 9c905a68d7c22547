# SPDX-License-Identifier: MIT
# A state without JSON is in no golden: it stays as it is, and nothing goes on from there.
. "$ROOT/harness/tests/cli/history.inc"
cat > share.c << 'END'
#include <refold/aggregate.h>
struct share { double part; };
static const refold_type types[] = {REFOLD_TYPE("OrderCreated", 1), REFOLD_TYPE("OrderPaid", 2)};
static const refold_field fields[] = {REFOLD_REAL(struct share, part, "part")};
static int32_t divide(void *state, const refold_event *event)
{
    struct share *share = state;
    share->part = event->kind == 1 ? 0.0 / share->part : 0.5;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("order", struct share, types, fields, divide)
END
{ life a 1; life b 1; } | into 00
event b 2 OrderPaid | into 01
bless h -g early --until 2026-07-01T01 -a share.c
cat early/order.ndjson
bless h -a share.c
status refold run h --from early --since 2026-07-01T01 -a share.c
