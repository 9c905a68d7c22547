# SPDX-License-Identifier: MIT
# What the policy waives is counted as waived; warn says so; error is damage.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderShipped; event a 1 OrderApproved; echo '{"n":1}'; life b 1; event b 3 OrderShipped; } | into 00
try() {
    echo "{\"policy\":{$1}}" > refold.json
    status refold run --no-compare -q -r json=r.json h -a "$order"
    pick r.json damaged history.waived damage.*.kind damage.*.waived
}
try '"gap":"error","conflict":"error","malformed":"error"'
try '"gap":"warn","conflict":"warn"'
try '"gap":"count","conflict":"count","malformed":"count"'
try '"gap":"warn","conflict":"warn","malformed":"warn"'
