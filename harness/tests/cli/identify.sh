# SPDX-License-Identifier: MIT
# Payloads that are no JSON are asked of aggregates that identify: exactly one must know what it is.
. "$ROOT/harness/tests/cli/identify.inc"
so=$PLUGINS/payloads.so
{ payload 001 'a|1|Noted'; payload 001 'a|2|Noted'; payload 001 'b||Noted'; } | object good.json
echo "--- nobody is asked"
status refold types h | brief
status refold run -q --no-compare -a "$AGGREGATES/order.so" h
echo "--- one is"
status refold run --no-compare -v -a "$so" h | sed 's/sha256 [0-9a-f]*/sha256 SHA256/; s/^proof.*/proof/' | brief
status refold cat -a "$so" h
status refold show -q --at 2 -a "$so" a h
status refold doctor -a "$so" h
echo "--- what is none of its own, or cannot be read"
{
    payload 013 whose
    payload 004 broken
    payload 001 '|1|Noted'
    payload 001 'c|1|'
    payload 010 emitted
    payload 001 'a|3|Noted'
} | object wrong.json
status refold run --no-compare -a "$so" h | brief
status refold cat -a "$so" h
echo "--- joined: nothing tells one from the next"
{
    printf '\001joinedx|1|Noted' | base64 -w0
    payload 001 'joinedx|2|Noted'
} | object wrong.json
status refold doctor -a "$so" h | grep wrong
echo "--- two say that it is theirs"
variant first 'NAME "first"'
variant second 'NAME "second"' 'OF 9'
variant third 'NAME "third"'
rm h/2026/07/01/00/wrong.json
payload 011 'n|1|Noted' | object nine.json
status refold run -q --no-compare -a first.c -a second.c h
status refold run --no-compare -a first.c -a second.c -a third.c h | brief
echo "--- some say that it is theirs, and some that it should be, and cannot be read"
variant fourth 'NAME "fourth"' 'OF 4'
variant fifth 'NAME "fifth"' 'OF 4'
mkdir kept
mv h/2026/07/01/00/*.json kept
payload 004 'n|1|Noted' | object four.json
status refold run --no-compare -a first.c -a "$so" h | grep ':0:\|exit'
status refold run --no-compare -a fourth.c -a "$so" h | grep ':0:\|exit'
status refold run --no-compare -a fifth.c -a "$so" -a fourth.c h | grep ':0:\|exit'
rm h/2026/07/01/00/four.json
mv kept/*.json h/2026/07/01/00
echo "--- BASE and HEAD"
variant same
variant data 'DATA "[1]"'
variant other 'OF 9'
status refold compare -q same.c "$so" h
status refold compare same.c data.c h | brief
status refold compare same.c other.c h | brief
