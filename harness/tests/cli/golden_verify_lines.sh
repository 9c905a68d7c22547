# SPDX-License-Identifier: MIT
# Lines of a digest golden that are there and cannot be read are not taken for lines that nobody brought; and of
# several files of one name that which is right is taken.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c; do life $id 3; done; } | into 00
bless --digest h -a "$order"
mv golden/.lines lines
verify() {
    echo "== $1"
    shift
    status refold golden verify -q "$@"
}
verify 'not at hand'
verify 'no such place' --lines nowhere
mkdir empty; verify 'an empty place' --lines empty
verify 'at hand' --lines lines
verify 'what is no place' --lines golden/order.digest.json
tar --format=ustar -cf lines.tar lines
verify 'in an archive' --lines lines.tar
head -c 2500 lines.tar > cut.tar; verify 'in one that is cut' --lines cut.tar
yes 'no archive' | head -c 3000 > junk.tar; verify 'in one that is none' --lines junk.tar
file=$(echo lines/order/01f-*)
for f in lines/order/*; do mkdir -p lines/aaa/order; echo broken > "lines/aaa/$(expr "$f" : 'lines/\(.*\)')"; done
verify 'beside broken copies' --lines lines
other bug.c 's/order->items++/order->items += event->version/'
code refold run -q --lines lines h -a bug.c
tar --format=ustar -cf joined.tar lines; verify 'the same in an archive' --lines joined.tar
echo broken > "$file"; verify 'one of which all copies are broken' --lines lines
tar --format=ustar -cf joined.tar lines; verify 'the same in an archive' --lines joined.tar
rm -r lines/aaa "$file"; verify 'one that is gone' --lines lines
mkdir "$file"; verify 'a folder in its place' --lines lines
rmdir "$file"; mkfifo "$file"; verify 'a fifo in its place' --lines lines
