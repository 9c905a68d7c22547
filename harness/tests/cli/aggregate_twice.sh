# SPDX-License-Identifier: MIT
# Two builds of one aggregate, or two that take all types, are bad usage.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
cp "$order" copy.so
status refold run --no-compare h -a "$order" -a copy.so
echo '# also where the config skips types of it: the room for them is for one of each'
skip() { printf '{"type":"%s","reason":"x"}' "$1"; }
printf '{"aggregates":{"order":{"skip":[%s,%s,%s]}}}\n' "$(skip A)" "$(skip B)" "$(skip C)" > refold.json
for verb in 'run --no-compare' types cat; do
    code refold $verb h -a "$order" -a copy.so
done
