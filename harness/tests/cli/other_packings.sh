# SPDX-License-Identifier: MIT
# A form that is not read yet is unreadable, with a sentence.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00 1
printf '(\265/\375zstd' | into 00 2
printf 'PK\003\004zip.' | into 00 3
printf '\377\006\000\000sNaPpY' | into 00 4
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.message
