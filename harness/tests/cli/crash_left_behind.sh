# SPDX-License-Identifier: MIT
# An instance that leaves its worker broken is named, not the one behind it that dies of it: that one is folded.
. "$ROOT/harness/tests/cli/history.inc"
cat >poison.c <<'C'
#include <refold/aggregate.h>
#include <stdlib.h>
struct s { int64_t n; };
enum { GOOD = 1, POISON };
static const refold_type types[] = {REFOLD_TYPE("Good", GOOD), REFOLD_TYPE("Poison", POISON)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    static int poisoned;
    struct s *s = state;
    if (poisoned && s->n == 0) {
        abort();
    }
    poisoned = poisoned || event->kind == POISON;
    s->n++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("poison", struct s, types, fields, apply)
C
# So many that some lie in one bucket with p, behind it.
{ python3 -SEc 'for i in range(5000): print("""{"t":"Good","d":{"ID":"x%d","Version":1,"At":"2026-07-01T00:00:00Z"}}""" % i)'; event p 1 Poison; } | into 00
status refold run --no-compare -q -j 1 -r json=r.json h -a poison.c
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
# Eight of them, some in the midst of a batch, behind others that live. (One that is the last of its batch has the next one
# blamed, at which no instance dies alone: who is blamed goes by what else is there.)
rm -r h
{ python3 -SEc 'for i in range(5000): print("""{"t":"Good","d":{"ID":"x%d","Version":1,"At":"2026-07-01T00:00:00Z"}}""" % i)'; for i in 1 2 3 4 5 6 7 8; do event x${i}5p 1 Poison; done; } | into 00
status refold run --no-compare -q -j 1 -r json=r.json h -a poison.c
sums r.json
tallies r.json
