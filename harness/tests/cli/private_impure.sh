# SPDX-License-Identifier: MIT
# Where values are private, on what impure code depends is told with the functions that it called: they are none.
. "$ROOT/harness/tests/cli/private.inc"
printf '{"envelope":"flat","aggregates":{"impure":{"private":["/value"]}}}\n' > refold.json
{ flat impure clock-1 1 Count; flat impure clock-1 2 Look; flat impure getenv-1 1 Look; flat impure rand-1 1 Look; } | into 00
status refold run --no-compare -q --purity=all -a "$PLUGINS/impure.so" h -r json=r.json
pick r.json differences.*.message
