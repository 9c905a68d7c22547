# SPDX-License-Identifier: MIT
# What counts and is not listed, waived damage before it or not, is not accepted, and that is why.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c; do event $id 1 OrderCreated; event $id 3 OrderApproved; done; event a 3 OrderShipped; } | into 00
status bless -q h -a "$order" --accept-damage lost --limit listed=2
echo '{"policy":{"gap":"count"}}' > refold.json
status bless -q h -a "$order" --accept-damage lost --limit listed=2
status bless -q h -a "$order" --accept-damage lost --limit listed=4
