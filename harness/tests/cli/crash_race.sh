# SPDX-License-Identifier: MIT
# One that prints what a race detector prints is named, and no other: workers that are forked afterwards share where
# they print, and not what was said there before.
. "$ROOT/harness/tests/cli/history.inc"
cat >racer.c <<'C'
#include <refold/aggregate.h>
#include <stdio.h>
struct s { int64_t n; };
enum { GOOD = 1, WHOLE, HALF };
static const refold_type types[] = {
    REFOLD_TYPE("Good", GOOD), REFOLD_TYPE("Whole", WHOLE), REFOLD_TYPE("Half", HALF)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    struct s *s = state;
    if (event->kind != GOOD) {
        fprintf(stderr, "WARNING: DATA RACE\nRead at 0x00c0 by goroutine 7:\n  main.f()\n      /p/a.go:1 +0x76\n\n");
    }
    if (event->kind == WHOLE) {
        fprintf(stderr, "==================\n");
    }
    s->n++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("racer", struct s, types, fields, apply)
C
tell() {
    { for i in 1 2 3 4 5 6 7 8 9; do event "x$i" 1 Good; done; event a 1 "$@"; event r 1 "$@"; event y 1 Good; } | into 00
    for purity in off all; do
        status refold run --no-compare -q -j 1 --purity=$purity -r json=r.json h -a racer.c
        tallies r.json
        pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
    done
    status refold bless -q -g "$1" -j 1 --purity=off h -a racer.c
}
echo "# a report to its end"
tell Whole
echo "# its beginning"
tell Half
