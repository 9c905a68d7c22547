# SPDX-License-Identifier: MIT
# A state that has no JSON (an enum value without a name) is a crash, laid to the last event folded.
. "$ROOT/harness/tests/cli/history.inc"
cat >status.c <<'C'
#include <refold/aggregate.h>
struct s { int32_t status; int64_t n; };
enum { GOOD = 1, BAD };
static const char *const names[] = {"", "good"};
static const refold_type types[] = {REFOLD_TYPE("Good", GOOD), REFOLD_TYPE("Bad", BAD)};
static const refold_field fields[] = {REFOLD_ENUM(struct s, status, "status", names),
                                      REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    struct s *s = state;
    s->status = event->kind == BAD ? 7 : 1;
    s->n++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("status", struct s, types, fields, apply)
C
{ event a 1 Good; event a 2 Good; event a 3 Bad; event b 1 Good; event b 2 Good; } | into 00
{ printf '{"id":"a","state":{"n":3,"status":"good"},"version":3}\n'
  printf '{"id":"b","state":{"n":2,"status":"good"},"version":2}\n'; } >golden.tmp
mkdir golden
mv golden.tmp golden/status.ndjson
status refold run -q -r json=r.json h -a status.c
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.message differences.*.suspect.version
