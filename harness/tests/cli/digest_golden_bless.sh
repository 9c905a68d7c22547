# SPDX-License-Identifier: MIT
# Blessing a digest golden: what is written, what stays, and what happens without the old lines.
. "$ROOT/harness/tests/cli/history.inc"
facts() { find golden -type f -exec stat -c '%n %Y %i' {} + -exec cksum {} + 2>&1 | sort; }
same() { if [ "$(facts)" = "$kept" ]; then echo "golden untouched"; else echo "golden CHANGED"; fi; }
{ for id in a b c d e f g h; do life $id 3; done; } | into 00
echo '# a dry run makes nothing'
status refold bless -q --dry-run --digest h -a "$order"
ls
bless --digest h -a "$order"
{ event a 4 OrderPaid '"AmountCents":500'; event b 4 OrderPaid '"AmountCents":500'; life n 1; } | into 01
kept=$(facts)
echo '# tell first'
status refold bless --dry-run h -a "$order"
same
echo '# one instance: its line, and one file more; the old one stays for other branches'
status refold bless -q --id a h -a "$order"
find golden/.lines/order -name '01f-*' | wc -l
echo '# all: the others too'
status refold bless -q h -a "$order"
code refold run -q h -a "$order"
echo '# without the old lines, a bless of some ids cannot keep the others of their shards'
rm -r golden/.lines/order
{ event a 5 OrderShipped; } | into 02
kept=$(facts)
status refold bless -q --id a h -a "$order"
same
status refold bless -q --dry-run h -a "$order"
same
echo '# a bless of all writes what is missing, and says what it could not count'
status refold bless -q h -a "$order"
find golden/.lines/order -type f | wc -l
echo '# damaged history: nothing is written'
event c 9 OrderShipped | into 03
kept=$(facts)
code refold bless -q h -a "$order"
same
find golden -name '.*.tmp' | wc -l
rm -r h/2026/07/01/03
echo '# lines that are gone from history go from their shard'
rm -r h/2026/07/01/01 h/2026/07/01/02
{ for id in a b c d; do life $id 3; done; } | into 00
status refold bless -q h -a "$order"
