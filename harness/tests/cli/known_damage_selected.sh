# SPDX-License-Identifier: MIT
# What a selection left out, or may have left some of, stays as it was accepted; its last day may be over.
. "$ROOT/harness/tests/cli/history.inc"
entries() { sed 's/"\([a-z]*\)":"[0-9a-f]\{64\}",//g' golden/known-damage.json; }
accept() { status refold bless -q h -a "$order" --accept-damage "$@"; entries; }
{ life a 2; life z 1; event z 3 OrderApproved; } | into 00
event a 2 OrderShipped | into 01
event a 2 OrderShipped | into 02
accept first --last-day 2026-11-01 --today 2026-11-01
echo '# up to an hour in front of one of the two'
accept second --until 2026-07-01T02 --today 2026-11-01
status refold run -q h -a "$order" --today 2026-11-01
echo '# one order, and the last day is over: what is of another stays'
accept third --id a --today 2026-11-02
status refold run -q h -a "$order" --today 2026-11-02
echo '# there is one of the two, and all was looked for'
rm "h/$(key 02)"
accept fourth --id a --today 2026-11-02
echo '# there is none of the other, whose last day is over, and all was looked for'
{ life a 2; life z 3; } | into 00
accept fifth --today 2026-11-02
status refold run -q h -a "$order" --today 2026-11-02
echo '# there is one more: all of it is accepted anew'
event a 2 OrderShipped | into 02
status refold run -q h -a "$order" --today 2026-11-02
accept sixth --today 2026-11-02
