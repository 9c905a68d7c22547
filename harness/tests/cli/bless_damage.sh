# SPDX-License-Identifier: MIT
# Over damage a bless writes nothing and ends with 3.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
cp -r golden before
{ life a 3; life b 1; event b 3 OrderShipped; } | into 00
status refold bless -q h -a "$order"
{ life a 3; echo 'no event'; } | into 00
status refold bless -q h -a "$order"
{ life a 3; life a 1; event a 1 OrderShipped; } | into 00
status refold bless -q h -a "$order"
life a 3 | member | head -c -3 | into 00
status refold bless -q h -a "$order"
status refold bless -q --keep-partial h -a "$order"
diff -r golden before && echo 'golden untouched'
life a 3 | into 00
echo '{"policy":{"gap":"count"}}' > refold.json
{ life a 3; event a 5 OrderShipped; } | into 00
status refold bless -q -r json=r.json h -a "$order"
pick r.json blessed
