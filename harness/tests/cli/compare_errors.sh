# SPDX-License-Identifier: MIT
# Bad usage ends with 2, and says what would be right.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
try() {
    code refold compare "$@" 2>&1
}
try
try "$order"
try "$order" h
try h "$order" h
try '' "$order" h
try "$order" "$order"
try nowhere.so "$order" h
try "$order" nowhere.so h
try "$order" h/2026 h
try "$order" "$AGGREGATES/case.so" h
try "$order" "$PLUGINS/no_symbol.so" h
try "$PLUGINS/exits_at_load.so" "$order" h
try "$order" "$ROOT/README.md" h
try -a "$order" "$order" "$order" h
try -g golden "$order" "$order" h
try --no-compare "$order" "$order" h
try --at-head "$order" "$order" h
try --require-golden "$order" "$order" h
try --since 2026-07-01 "$order" "$order" h
try --ci "$order" "$order" h
try --ignore items "$order" "$order" h
try -- -x.so "$order" h
try "$order" "$order" "$order" h
# What fails before anything is read is reported too: of the builds, those that there are.
for builds in "nowhere.so $order" "$order nowhere.so" "$order $AGGREGATES/case.so"; do
    # shellcheck disable=SC2086 # two words
    code refold compare -v -r json=r.json -r text=r.txt $builds h 2>&1
    pick r.json verdict exit error proof.builds.*.role
    grep -c '^BASE\|^HEAD' r.txt || true
done
