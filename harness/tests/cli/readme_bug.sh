# SPDX-License-Identifier: MIT
# The README's chapter "A bug in production": which event gave an order a total below zero, and how it came to that.
. "$ROOT/harness/tests/cli/history.inc"
mkdir -p history/2026/07/01/00 history/2026/07/01/09
{ life 6f1b 4; life 6f1c 5; } > history/2026/07/01/00/orders
{ event 6f1c 6 OrderRefunded '"AmountCents":500' 2026-07-01T09:12:40Z; event 6f1c 7 OrderRefunded '"AmountCents":500' 2026-07-01T09:12:41Z; } > history/2026/07/01/09/orders
run() { echo "\$ refold $*"; refold "$@" -a "$order"; echo; }
run show --at 2026-07-02T00:00:00Z 6f1c history/
run show --blame -q 6f1c history/
run show --path /totalCents 6f1c history/
run show --diff 5 7 -q 6f1c history/
echo "\$ refold show 6f1c history/ | tail"
refold show 6f1c history/ -a "$order" | tail -n 17
