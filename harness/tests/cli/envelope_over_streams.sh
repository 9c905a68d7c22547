# SPDX-License-Identifier: MIT
# An envelope that is given, by the option or its variable, holds in the place of those of the config's streams.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
flat order b 1 OrderCreated | into 00 1 others
echo '{"streams":[{"match":"orders","envelope":"eventsource"},{"match":"others","aggregate":"order","envelope":"flat"}]}' > refold.json
run() {
    code refold run -q --no-compare h -a "$order" -r json=r.json "$@"
    pick r.json history.envelopes history.malformed
}
run
run -e auto
run -e cloudevents
run -e eventsource
REFOLD_ENVELOPE=flat run
REFOLD_ENVELOPE=flat run -e eventsource
echo '# a pack is read as the command says, too'
refold pack -q h -o by_streams.pack
refold pack -q h -e auto -o auto.pack
code refold run -q --no-compare by_streams.pack -a "$order"
code refold run -q --no-compare by_streams.pack -a "$order" -e auto
code refold run -q --no-compare auto.pack -a "$order" -e auto
