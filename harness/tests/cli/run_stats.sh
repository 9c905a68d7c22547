# SPDX-License-Identifier: MIT
# Where the CPU time went: a table on standard error, a member of the JSON report; without --stats neither.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; } | into 00
bless h -a "$order"
table() { sed 's/ *[0-9][0-9]*\.[0-9]* / N /g'; }
refold run --stats -q h -a "$order" -r text -r json=r.json 2> table
table < table
sed -n 's/[0-9][0-9]*/N/g; s/.*\("cpu_ms": {.*}\)}.*/\1/p' r.json
refold run -q h -a "$order" -r json=r.json
grep -c cpu_ms r.json || true
refold compare --stats -q "$order" "$order" h 2>&1 | table | wc -l
refold bless --stats --ci -q h -a "$order" 2>&1 | table | wc -l
echo '# the shares are of all, and the workers did something'
python3 -SEc 'import re, sys
rows = [line.split() for line in open("table").read().splitlines()[1:]]
assert len(rows) == 12, rows
assert 97 <= sum(float(row[2]) for row in rows) <= 100, rows
assert {row[0]: float(row[2]) for row in rows}["workers"] > 0, rows'
status refold types --stats h
