# SPDX-License-Identifier: MIT
# A word that --sandbox does not know; the config knows none at all.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
code refold run --sandbox=on -a "$order" h
code env REFOLD_SANDBOX=1 refold run -a "$order" h
code refold scenario --sandbox -a "$order" x.scenario
echo '{"sandbox": "off"}' > refold.json
code refold run -a "$order" h
