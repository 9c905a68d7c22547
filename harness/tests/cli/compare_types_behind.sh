# SPDX-License-Identifier: MIT
# A build that refuses a type which the other declares never comes to the type behind it that neither does.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 add add; event a 2 OnlyBase; event a 3 Neither; } | into 00
status refold compare -q "$twin_base" "$twin_head" h -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
sums r.json
