# SPDX-License-Identifier: MIT
# --limit: what input may be too much of is said with the limit's name; values that are none are refused.
# fault: 5
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
life bbbbbbbbbbbbbbbbbbbb 1 | into 01
printf '{"t":"OrderCreated","d":{"ID":"c","Version":1,"At":"2026-07-01T00:00:00Z","x":[[[[[[[[]]]]]]]]}}\n' | into 02
ends() { "$@" || echo "exit $?"; }
ends refold run --no-compare -a "$order" --limit id=10,depth=8 h
ends refold run --no-compare -q -a "$order" --limit id=20 h
REFOLD_LIMIT=depth=8 ends refold run --no-compare -q -a "$order" h
for value in recrod=1M record record=2G depth=1 depth=1K xyz=1; do
    ends refold run --no-compare -a "$order" --limit "$value" h
done
printf '{"limits":{"record":"1","depth":9}}' > refold.json
ends refold run --no-compare -a "$order" h
printf '{"limits":{"recrod":"1M"}}' > refold.json
ends refold run --no-compare -a "$order" h
printf '{"limits":{"id":10}}' > refold.json
ends refold run --no-compare -q -a "$order" h
ends refold run --no-compare -q -a "$order" --limit id=20 h
