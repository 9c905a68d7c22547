# SPDX-License-Identifier: MIT
# A program that looks at its environment is impure; private values of its states are hashes.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
{ add a 1; add a 2; add b 1; add b 2 home; } | into 00
status refold bless -q --purity=all -a "$counter" h -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.message
REFOLD_PRIVATE_KEY=$(printf counter | sha256sum | cut -c 1-64)
export REFOLD_PRIVATE_KEY
cat > refold.json << END
{"aggregates": {"counter": {"plugin": "$counter", "private": ["/sum"]}}}
END
status refold bless -q h --purity=off
cut -d , -f 2- golden/counter.ndjson
add c 1 exit7 | into 01
status refold run h -q -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.message
