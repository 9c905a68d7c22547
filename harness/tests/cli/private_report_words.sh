# SPDX-License-Identifier: MIT
# In CI, reports with listed values tell none of the aggregate's own words either: of impure code, of a crash, of a
# state that is none, of what was refused when a snapshot was made, or printed.
. "$ROOT/harness/tests/cli/private.inc"
config '"report_values":["/kept/plan"]'
{ flat keeper a 1 Refuse '{"email":"ann@example.org"}'; flat keeper b 1 Fall '{"email":"bob@example.org"}'
  flat keeper c 1 Odd '{"email":"cem@example.org"}'; } | into 00
words() {
    status refold run h --no-compare -q -r json=r.json "$@" > /dev/null
    pick r.json differences.*.message conduct.*.printed
    grep -c '"dropped_bytes": *[1-9]' r.json
    for format in text json junit tap markdown github; do
        refold run h --no-compare -v -r $format "$@" 2>&1 | grep -c '@example' || true
    done
}
CI=true words
CI=true words --purity=all
CI=true refold run h --no-compare -q || true
refold run h --no-compare -q --purity=all -r json | grep -c '@example'

# Refused when its snapshot was made: the text is the golden's.
rm -r h
printf '{"aggregates":{"order":{"report_values":["/status"]}}}' > refold.json
{ event a 1 OrderCreated; event a 2 OrderItemAdded; } | into 00
bless h -g day --until 2026-07-01T01 -a "$order"
event a 3 OrderShipped | into 01
for ci in '' true; do
    CI=$ci status refold run h --no-compare -q --from day --since 2026-07-01T01 -a "$order" -r json=r.json
    pick r.json differences.*.message
done

# Compared, a state on the way that is none.
rm -r h
config '"report_values":["/kept/plan"]'
sed 's/kind == ODD/kind == 99/' "$ROOT/harness/tests/worker/plugins/keeper.c" > head.c
{ person a ann@example.org free; flat keeper a 2 Odd '{"email":"ann@example.org"}'; flat keeper a 3 Set; } | into 00
for ci in '' true; do
    CI=$ci status refold compare -q keeper.so head.c h -r json=r.json
    pick r.json differences.*.message
done
