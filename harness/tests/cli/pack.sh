# SPDX-License-Identifier: MIT
# A history is read once, and replayed from its pack; what comes later is a pack of its own.
sizes() { sed 's/[0-9]* bytes instead of [0-9]*/N bytes instead of M/'; }
mkdir -p history/2017/03/01/00 history/2017/03/01/01
echo '{"t":"OrderCreated","d":{"ID":"a","Version":1,"At":"2017-03-01T00:00:00Z"}}' >history/2017/03/01/00/one.json
echo '{"t":"OrderApproved","d":{"ID":"a","Version":2,"At":"2017-03-01T01:00:00Z"}}' | gzip -n >history/2017/03/01/01/two.gz
refold pack history -o history.pack | sizes
echo "--- replayed, compared, shown, listed"
refold bless -q -a "$AGGREGATES/order.so" history
refold run -a "$AGGREGATES/order.so" history.pack
refold show -a "$AGGREGATES/order.so" a history.pack
refold types -q history.pack
echo "--- with the hours before one only"
refold run --until 2017-03-01T01 -a "$AGGREGATES/order.so" --no-compare history.pack | tail -1
refold pack --until 2017-03-01T01 history -o first.pack | sizes
refold pack --since 2017-03-01T01 history -o second.pack | sizes
refold run -a "$AGGREGATES/order.so" first.pack second.pack | tail -1
echo "--- what came since"
mkdir history/2017/03/01/02
echo '{"t":"OrderCreated","d":{"ID":"b","Version":1,"At":"2017-03-01T02:00:00Z"}}' >history/2017/03/01/02/three.json
refold pack history --without history.pack -o today.pack | sizes
refold run -a "$AGGREGATES/order.so" history.pack today.pack
refold run -a "$AGGREGATES/order.so" history.pack history | tail -1
refold pack history --without history.pack --without today.pack -o none.pack | sizes
echo "--- two packs as one, in place of the first"
refold pack history.pack today.pack -o history.pack | sizes
CI=1 refold run -a "$AGGREGATES/order.so" history.pack history | tail -1
echo "--- by a config, whose aggregates a pack does not need"
echo '{"source": ["history.pack"], "golden": "golden", "aggregates": {"order": {"skip": [{"type": "OrderApproved", "reason": "a test"}]}}}' >refold.json
refold pack -q history -o history.pack
refold run -q -a "$AGGREGATES/order.so" --no-compare
