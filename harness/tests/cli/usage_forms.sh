# SPDX-License-Identifier: MIT
# Options may stand before and behind sources, joined or apart, letters together; -- ends them.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
refold bless -qa "$order" h
status refold run -qj1 -a"$order" h
status refold run h --aggregate="$order" --quiet -j 2
life a 1 > -odd
status refold run -q -a "$order" -- -odd
