# SPDX-License-Identifier: MIT
# A selection that comes from the environment is said; a flag there is yes or no, or refused.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
REFOLD_ID=a status refold run -q h -a "$order"
REFOLD_NO_COMPARE=off status refold run -q h -a "$order"
REFOLD_NO_COMPARE=no status refold run -q h -a "$order"
REFOLD_NO_COMPARE=yes status refold run -q h -a "$order"
REFOLD_NO_COMPARE=yes status refold run -q h -a "$order" --require-golden
status refold run -q h -a "$order" --at-head --no-compare
REFOLD_REQUIRE_GOLDEN=yes status refold run -q h -a "$order" --no-compare
