# SPDX-License-Identifier: MIT
# An aggregate that refuses an event without a word: the message says that it did.
. "$ROOT/harness/tests/cli/history.inc"
cat >mute.c <<'C'
#include <refold/aggregate.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Good", 1), REFOLD_TYPE("Bad", 2)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    ((struct s *)state)->n++;
    return event->kind == 2 ? REFOLD_REJECTED : REFOLD_OK;
}
REFOLD_AGGREGATE("mute", struct s, types, fields, apply)
C
{ event a 1 Good; event a 2 Bad; } | into 00
status refold bless -q h -a mute.c
cat golden/mute.ndjson
