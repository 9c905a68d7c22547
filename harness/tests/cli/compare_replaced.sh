# SPDX-License-Identifier: MIT
# A build that is replaced while it is folded with: 4, for workers may have loaded two.
. "$ROOT/harness/tests/cli/history.inc"
i=0
while [ $i -lt 30 ]; do i=$((i + 1)); event a $i Slow '"By":1' 2026-07-01T00:00:00Z; done | into 00
for side in base head; do
    cp "$faller" base.so
    cp "$faller" head.so
    cp "$order" new.so
    (sleep 1; mv new.so $side.so) &
    status refold compare -q base.so head.so h -r json=r.json
    wait
    pick r.json verdict exit error
done
# A link is followed once, at the beginning: what it names then is what is folded with.
cp "$faller" real.so
ln -s real.so link.so
(sleep 1; ln -sfn "$order" link.so) &
status refold compare -q link.so "$faller" h
wait
