# SPDX-License-Identifier: MIT
# At head a refusal is compared where it is; one behind the golden's version is rejected, and what ends before it is cut short.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event b 1 OrderPaid; life c 2; life d 3; } | into 00
bless h -a "$order"
status refold run -q --at-head -r json=r.json h -a "$order"
tallies r.json
{ life a 2; event a 3 OrderPaid; event b 1 OrderPaid; event b 2 OrderPaid; life c 4; life d 2; } | into 00
status refold run -q --at-head -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version damage.*.id
