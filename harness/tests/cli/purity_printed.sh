# SPDX-License-Identifier: MIT
# What an aggregate prints is told of the run alone, and not of the worlds that are made for purity: of workers that
# are forked, because others died, neither.
. "$ROOT/harness/tests/cli/history.inc"
cat >teller.c <<'C'
#include <refold/aggregate.h>
#include <stdio.h>
#include <stdlib.h>
struct s { int64_t n; };
enum { TELL = 1, FALL };
static const refold_type types[] = {REFOLD_TYPE("Tell", TELL), REFOLD_TYPE("Fall", FALL)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    struct s *s = state;
    const char *zone = getenv("TZ");
    if (event->kind == FALL) {
        abort();
    }
    fprintf(stderr, "zone %s\n", zone == NULL ? "-" : zone);
    s->n++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("teller", struct s, types, fields, apply)
C
{ for i in 1 2 3 4 5 6; do event "a$i" 1 Tell; done; event f 1 Fall; event g 1 Fall; } | into 00
for purity in off all; do
    status refold run --no-compare -q -j 1 --purity=$purity -r json=r.json h -a teller.c
    pick r.json differences.*.id differences.*.message conduct.*.printed | sed 's/\(zone -\\n\)\1*/\1/'
done
