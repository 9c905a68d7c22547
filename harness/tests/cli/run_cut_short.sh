# SPDX-License-Identifier: MIT
# An instance that ends before the golden's version is damage.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 5; life c 4; } | into 00
bless h -a "$order"
{ life a 3; life b 2; life c 4; } | into 00
status refold run -r text -r json=r.json h -a "$order"
tallies r.json
pick r.json damage.*.kind damage.*.id damage.*.version differences_total
