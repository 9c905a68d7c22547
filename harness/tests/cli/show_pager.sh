# SPDX-License-Identifier: MIT
# In a terminal: colour, and a pager as git has it. Never without a terminal, in CI, or for --json.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/terminal.inc"
life a 2 | into 00
echo "-- a command with options"
terminal PAGER="sed 's/^/| /'" refold show a h -a "$order"
echo "-- less, with its defaults"
mkdir bin
printf '#!/bin/sh\necho "less $*, LESS=$LESS, LV=$LV"\ncat > /dev/null\n' > bin/less
chmod +x bin/less
terminal -u PAGER PATH="$PWD/bin:$PATH" refold show -q a h -a "$order"
terminal -u PAGER PATH="$PWD/bin:$PATH" LESS=R refold show -q a h -a "$order"
echo "-- none"
for none in PAGER= PAGER=cat TERM=dumb CI=1; do terminal PAGER=tac "$none" NO_COLOR=1 refold show -q a h -a "$order"; done
terminal PAGER=tac refold show --json a h -a "$order" | head -n 3
PAGER=tac refold show -q a h -a "$order" | head -n 1
echo "-- no less here"
terminal -u PAGER PATH="$(dirname "$(command -v refold)"):/nowhere" NO_COLOR=1 "$(command -v refold)" show -q a h -a "$order"
echo "-- it cannot be run"
terminal PAGER=no-such-pager refold show -q a h -a "$order" | sed 's/.*no-such-pager:.*/(the shell says so)/'
echo "-- whoever leaves early has seen enough"
terminal PAGER="head -n 1" refold show a h -a "$order"
echo "-- nothing to page"
terminal PAGER=tac refold show b h -a "$order"
