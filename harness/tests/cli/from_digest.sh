# SPDX-License-Identifier: MIT
# Digest goldens have no lines to go on from; what is gone on with may be compared with one.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d; do life $id 2; done; } | into 00
status refold bless -q --digest -g digest -a "$order" --until 2026/07/01/01 h
find digest -name '*.json*' | sort
grep -c closed digest/order.digest.json || true
status refold bless -q -g early -a "$order" --until 2026/07/01/01 h
echo '# refused, before anything is read'
status refold run -g early -a "$order" --from digest h
status refold golden prove -a "$order" digest h
echo '# the whole against a digest golden, whose lines are needed only where something differs'
{ event a 3 OrderApproved; event b 3 OrderApproved; life n 1; } | into 01
status refold bless -q --digest -g whole -a "$order" h
code refold run -q -g whole -a "$order" --from early --since 2026/07/01/01 h
status refold bless -q --digest -g went -a "$order" --from early --since 2026/07/01/01 h
cmp whole/order.digest.json went/order.digest.json && echo 'the same manifest'
status refold bless -q -g later -a "$order" --until 2026/07/01/02 h
{ event c 3 OrderApproved; event c 4 OrderPaid '"AmountCents":500'; } | into 02
status refold run -g whole -a "$order" --from early --since 2026/07/01/01 h
other bug.c 's/approved/agreed/'
code refold run -g whole -a bug.c --from early --since 2026/07/01/01 -r json=r.json h
pick r.json verdict golden_lines.shards_read differences.*.id aggregates.0.same aggregates.0.changed
echo '# a golden of an hour before the snapshot: nothing of what went on is compared with it'
status refold run -g digest -a "$order" --from later --since 2026/07/01/02 h
status refold run -g early -a "$order" --from later --since 2026/07/01/02 h
