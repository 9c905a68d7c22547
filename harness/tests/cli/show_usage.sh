# SPDX-License-Identifier: MIT
# What cannot be asked, and what is not there: a sentence each.
. "$ROOT/harness/tests/cli/history.inc"
{ life 6f1c 3; life 6f1d 1; life b 1; event gap 1 OrderCreated; event gap 4 OrderPaid; } | into 00
flat payment 6f1c-2 1 Paid | into 01
try() { echo "refold show $*"; code refold show "$@"; }
exec 2>&1
try
try 6f1c
try '' h
try h 6f1c -a "$order"
try h "6f1c it's" -a "$order"
mkdir 6f1c-2
try 6f1c-2 h -a "$order"
try --at h
try --diff 1
try --diff
try --at now 6f1c h -a "$order"
try --at 2026-07-01 6f1c h -a "$order"
try --at 99999999999999999999 6f1c h -a "$order"
try --at +1 6f1c h -a "$order"
try --diff 1 next 6f1c h -a "$order"
REFOLD_DIFF=3 try 6f1c h -a "$order"
try --path status 6f1c h -a "$order"
try --path /a~b 6f1c h -a "$order"
try --path '' 6f1c h -a "$order"
try --at 1 --blame 6f1c h -a "$order"
try --path /items --diff 1 2 6f1c h -a "$order"
try --at 1 --at 2 6f1c h -a "$order"
try --at 4 6f1c h -a "$order"
try --at -1 6f1c h -a "$order"
try --at 2026-07-01T00:00:00Z 6f1c h -a "$order"
try --at 2 gap h -a "$order"
try --path /statsu 6f1c h -a "$order"
try --as-of 2020-01-01T00:00:00Z 6f1c h -a "$order"
try --id 6f1c h -a "$order"
try -r json 6f1c h -a "$order"
try 6F1C h -a "$order"
try 6f1e h -a "$order"
try 6f1 h -a "$order"
try c h -a "$order"
try --until 2026-07-01T00 6f1c h -a "$order"
try --at 1 6f1c h
try --blame 6f1c-2 h -a "$order"
try 6f1c none
