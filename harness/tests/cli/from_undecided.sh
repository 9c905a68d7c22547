# SPDX-License-Identifier: MIT
# Whose an id is that begins behind a gap may show later: no hour is closed before it, whether nobody takes it or what declares `*`.
. "$ROOT/harness/tests/cli/history.inc"
counter=$AGGREGATES/file.so
star=$AGGREGATES/case.so
{ event x 2 OrderBogus; event y 1 Odd; life b 1; } | into 00
event x 1 OrderCreated | into 01
early() { # AGGREGATE: blesses the first hour with it, and goes on behind it
    status refold bless -q h -g early --until 2026-07-01T01 -a "$order" -a "$1"
    status refold run -q h --from early --since 2026-07-01T01 --no-compare -a "$order" -a "$1"
    rm -r early
}
early "$counter"
early "$star"
echo "--- an id that begins with its first event is no matter"
{ event x 1 OrderBogus; life b 1; } | into 00
event x 2 OrderCreated | into 01
early "$star"
