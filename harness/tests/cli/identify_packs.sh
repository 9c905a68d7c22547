# SPDX-License-Identifier: MIT
# A pack holds for the builds that identified when it was made; pack and doctor take builds for nothing else.
. "$ROOT/harness/tests/cli/identify.inc"
so=$PLUGINS/payloads.so
shas() { sed 's, [0-9a-f]\{20\,64\}, SHA256,g'; }
{ payload 001 'a|1|Noted'; payload 001 'a|2|Noted'; } | object good.json
status refold pack -q h -o none.pack
status refold pack -q -a "$so" h -o h.pack
cp "$so" copy.so
echo "--- the same bytes are the same build"
status refold run -q --no-compare -a "$so" h.pack
status refold run -q --no-compare -a copy.so h.pack
status refold cat -a copy.so h.pack
echo "--- others are not"
echo >>copy.so
variant base
for arguments in "run --no-compare -a copy.so" "run --no-compare -a $AGGREGATES/order.so" "cat" "compare $so copy.so"; do
    status refold $arguments h.pack 2>&1 | shas
done
status refold compare -q "$so" "$so" h.pack
echo "--- who does not identify is of no use there"
status refold pack -a "$AGGREGATES/order.so" h -o x.pack
status refold doctor -a "$AGGREGATES/order.so" h
REFOLD_AGGREGATE="$AGGREGATES/order.so" status refold doctor -q h
