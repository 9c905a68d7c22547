# SPDX-License-Identifier: MIT
# The golden's place: beside the config, by -g, by the environment, by the config's key.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
mkdir -p deep/er
echo '{ "source": ["h"] }' > refold.json
cd deep/er
status refold bless -q -a "$order"
ls ../..
status refold run -q -a "$order"
REFOLD_GOLDEN=../g2 status refold bless -q -a "$order"
status refold bless -q -g g3 -a "$order"
echo '{ "source": ["../h"], "golden": "g4" }' > ../refold.json
status refold bless -q -a "$order"
find ../.. -name order.ndjson | sort
REFOLD_GOLDEN=none code refold run -g g3 -a "$order"
REFOLD_GOLDEN=none code refold run -a "$order"
