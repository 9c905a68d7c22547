# SPDX-License-Identifier: MIT
# --ids: one id a line, CR before LF cut off, empty lines passed over; with --id they add up. - is standard input.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; life c 5; life d 2; } | into 00
bless h -a "$order"
printf 'a\r\n\n\nc' > ids
status refold run -q --ids ids --id d -r json=r.json h -a "$order"
sums r.json
tallies r.json
printf 'b\n' | status refold run -q --ids - -r json=r.json h -a "$order"
tallies r.json
: > ids
status refold run -q --ids ids h -a "$order"
status refold run -q --ids nowhere h -a "$order"
