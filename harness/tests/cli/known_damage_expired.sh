# SPDX-License-Identifier: MIT
# An entry whose last day is over counts no more, and is named with its day; it can be accepted once more.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; } | into 00
status refold bless -q --accept-damage 'until it is found' --last-day 2026-11-25 --today 2026-11-01 h -a "$order"
status refold run -q --today 2026-11-25 h -a "$order"
status refold run -r text -r json=r.json --today 2026-11-26 h -a "$order"
pick r.json today known_damage.*.state damage.*.known
REFOLD_TODAY=2026-11-26 status refold run -q h -a "$order"
status refold bless -q --today 2026-11-26 h -a "$order"
status refold bless -q --accept-damage 'it was not found' --last-day 2026-11-30 --today 2026-11-26 h -a "$order"
cat golden/known-damage.json
status refold run -q --today 2026-11-26 h -a "$order"
