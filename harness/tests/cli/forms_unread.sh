# SPDX-License-Identifier: MIT
# Of an object in a form that refold does not read another copy is no help; of one that is cut it is.
. "$ROOT/harness/tests/cli/history.inc"
advice() { status refold run h --no-compare -a "$order" | grep -E "^(damaged|to mend|to live|then|exit)"; }
only() { rm -rf h; into 00; }
{ printf 'PAR1'; head -c 64 /dev/zero; } | only
advice
printf 'BZh91AY&SYabcdefgh' | only
advice
{ event a 1 OrderCreated | iconv -t UTF-16; } | only
advice
event a 1 OrderCreated | gzip | head -c 40 | into 01
advice
