# SPDX-License-Identifier: MIT
# An aggregate among the sources: someone forgot -a.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
cp "$order" order.so
cp "$order" order
code refold run --no-compare h order.so
code refold run --no-compare h order.c
code refold run --no-compare h ./order
mkdir folder.c
code refold run --no-compare folder.c
status refold run --no-compare -q h order.so -a "$order"
