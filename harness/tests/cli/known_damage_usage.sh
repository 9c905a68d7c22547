# SPDX-License-Identifier: MIT
# --accept-damage is told by hand, with a reason; what cannot be told exactly is not accepted.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; } | into 00
try() { status refold bless -q h -a "$order" "$@"; }
try --accept-damage
try --accept-damage ''
try --accept-damage ' '
try --accept-damage "$(printf '\377')"
try --accept-damage --purity=off
try --accept-damage -q
try --accept-damage=--
try --last-day 2026-12-31
try --accept-damage lost --last-day tomorrow
try --accept-damage lost --last-day 2026-02-29
try --accept-damage lost --last-day 2026-11-24 --today 2026-11-25
try --accept-damage lost --today 2026-11-31
REFOLD_ACCEPT_DAMAGE=lost try
CI=true try --accept-damage lost
status refold run -q h -a "$order" --accept-damage lost
ls golden 2> /dev/null || echo 'no golden'
echo '# in CI, where it really should'
CI=true try --ci --accept-damage lost
echo '# --dry-run writes nothing'
mv golden/known-damage.json kept
try --dry-run --accept-damage lost
ls golden
mv kept golden/known-damage.json
echo '# nothing to accept'
try --accept-damage lost
echo '# a damaged golden is mended, not accepted'
echo '=======' >> golden/order.ndjson
status refold bless -q h -a "$order" --id a --accept-damage lost
try --accept-damage lost
echo '# an archive that is cut has no bytes that tell what is lost'
(cd h && tar -cf ../h.tar 2026)
head -c 700 h.tar > cut.tar
rm -r golden
status refold bless -q cut.tar -a "$order" --accept-damage lost
echo '# events of an aggregate that is not loaded, where these count'
echo '{"policy":{"unclaimed":"error"}}' > refold.json
{ life a 1; flat other b 1 Opened; } | into 01 2
try --accept-damage lost
echo '# and where there are none'
rm -r h/2026/07/01/01
life a 2 | into 01 2
try --accept-damage lost
ls golden
rm -r golden
echo '# waived damage is not accepted, for it does not count'
echo '{"policy":{"gap":"warn"}}' > refold.json
try --accept-damage lost
ls golden
