# SPDX-License-Identifier: MIT
# A state that holds NaN has no JSON, and is compared all the same: by the hash of what else it holds.
. "$ROOT/harness/tests/cli/history.inc"
cat > one.c << 'END'
#include <refold/aggregate.h>
struct tally { int64_t n; double real; };
static const refold_type types[] = {REFOLD_TYPE("Add", 1), REFOLD_TYPE("Nan", 2), REFOLD_TYPE("Refuse", 3)};
static const refold_field fields[] = {REFOLD_INT(struct tally, n, "n"), REFOLD_REAL(struct tally, real, "real")};
static int32_t count(void *state, const refold_event *event)
{
    struct tally *tally = state;
    if (event->kind == 3) return refold_reject(event, "no");
    tally->n += 1;
    tally->real = event->kind == 2 ? 0.0 / tally->real : 0.0;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("tally", struct tally, types, fields, count)
END
sed 's/n += 1/n += 2/' one.c > two.c
{ event k 1 Nan; event k 2 Refuse; event m 1 Add; event n 1 Add; event n 2 Nan; } | into 00
bless h -a one.c
cat golden/tally.ndjson
status refold run -q h -a one.c
status refold run -q h -a two.c -r json=r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.message
status refold bless -q h -a two.c -g two
cat two/tally.ndjson
# A line that does not tell what else the state held is the same as none, until it is blessed again.
golden_edit 's/"likeness":"[0-9a-f]*",//' tally
status refold run -q h -a one.c -r json=r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.message
bless h -a one.c
status refold run -q h -a one.c
# It stays with an instance of which no more events come, and is that of the state before a refusal.
status refold bless -q h -g early --until 2026-07-01T01 -a one.c
{ event m 2 Nan; event m 3 Refuse; } | into 01
status refold bless -q h -g later --from early --since 2026-07-01T01 -a one.c
cat later/tally.ndjson
bless h -a one.c
cat golden/tally.ndjson
status refold run -q h -a one.c
status refold run -q h -a two.c
# An enum without a name, a time out of range and NaN beside them: in compare the states part there too.
cat > base.c << 'END'
#include <refold/aggregate.h>
struct odd { int64_t n; int32_t mood; double real; };
static const char *const names[] = {"", "good"};
static const refold_type types[] = {REFOLD_TYPE("Add", 1), REFOLD_TYPE("Odd", 2)};
static const refold_field fields[] = {REFOLD_INT(struct odd, n, "n"), REFOLD_ENUM(struct odd, mood, "mood", names)};
static int32_t count(void *state, const refold_event *event)
{
    struct odd *odd = state;
    odd->mood = event->kind == 2 ? 5 : 1;
    odd->n = event->kind == 2 ? 100 : 3;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("odd", struct odd, types, fields, count)
END
sed 's/100/200/' base.c > head.c
rm -r h
{ event o 1 Add; event o 2 Odd; event o 3 Add; } | into 00
status refold compare base.c base.c h -q
status refold compare base.c head.c h -q -r json=r.json
pick r.json differences.*.id differences.*.version differences.*.message differences.*.meets_again
