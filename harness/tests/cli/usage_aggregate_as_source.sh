# SPDX-License-Identifier: MIT
# An aggregate among the sources: someone forgot -a.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
printf '\177ELF, and the rest of a compiled file' >order.so # any bytes: a real one differs from build to build
cp order.so order
code refold run --no-compare h order.so
code refold run --no-compare h order.c
code refold run --no-compare h ./order
mkdir folder.c
code refold run --no-compare folder.c
status refold run --no-compare -q h order.so -a "$order"
