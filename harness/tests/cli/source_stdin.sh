# SPDX-License-Identifier: MIT
# - is standard input, gzip or plain, once.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | member | status refold bless -q - -a "$order"
life a 3 | status refold run -q -r json=r.json - -a "$order"
sums r.json
status refold run -q - - -a "$order" < /dev/null
echo "== a file that another source holds too is not read twice; a copy is another file"
life a 3 | into 00
life b 1 > one.events
status refold run -q h - -a "$order" < "h/$(key 00)"
status refold run -q - h/2026/07/01/00 -a "$order" < "h/$(key 00)"
status refold run -q one.events - -a "$order" < one.events
tar -cf h.tar h
status refold run -q h.tar - -a "$order" < h.tar
cp "h/$(key 00)" copy
status refold run -q h - -a "$order" < copy
status refold run -q h - -a "$order" < /dev/null
printf 'a\n' | status refold run -q --no-compare --ids - - -a "$order"
printf 'a\n' | status refold run -q --no-compare --ids - --keys - s3://bucket/ -a "$order"
