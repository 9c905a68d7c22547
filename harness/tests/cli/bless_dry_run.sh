# SPDX-License-Identifier: MIT
# A dry run tells what a bless would write, and with which keys a part of it can be had; no byte changes.
. "$ROOT/harness/tests/cli/history.inc"
facts() { find golden -type f -exec stat -c '%n %Y %i' {} + -exec cksum {} + 2>&1 | sort; }
same() { if [ "$(facts)" = "$kept" ]; then echo "golden untouched"; else echo "golden CHANGED"; fi; }
counts() { pick r.json blessed; }
{ for id in a b c d; do life $id 3; done; life e 4; life x 1; } | into 00
echo '# the first golden: not even its folder is made'
status refold bless -q --dry-run -r text -r json=r.json h -a "$order"
ls
bless h -a "$order"
golden_edit '/"id":"[abc]"/s/"approved"/"paid"/'
rm -r h
{ for id in a b c; do life $id 3; done; life d 4; life n 2; life e 4; event e 5 OrderPaid; } | into 00
kept=$(facts)
echo '# what differs, and what is only further on (d)'
status refold bless --dry-run -r text -r json=r.json h -a "$order"
same
counts > dry
pick r.json verb verdict clusters.*.key clusters.*.kind clusters.*.count
echo '# CI writes nothing, and this is nothing'
CI=1 code refold bless --dry-run h -a "$order"
same
echo '# the bless itself: the same counts'
status refold bless -q -r text -r json=r.json h -a "$order"
counts | sed 's/"dry_run": false/"dry_run": true/' | cmp - dry && echo "counts agree"
kept=$(facts)
echo '# nothing to do'
status refold bless --dry-run -q h -a "$order"
same
