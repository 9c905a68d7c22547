# SPDX-License-Identifier: MIT
# More types than are kept: one that is asked for is listed all the same, and only what is not there is called absent.
. "$ROOT/harness/tests/cli/history.inc"
awk 'BEGIN {
    for (i = 1; i <= 20007; i++)
        printf "{\"aggregateType\":\"thing\",\"aggregateId\":\"a\",\"version\":%d,\"type\":\"T%05d\",\"at\":\"2026-07-01T00:00:00Z\",\"data\":{}}\n", i, i
}' | into 00
refold types -q h
refold types --type T20005 --type T00001 --type T30005 h
listing --type T20005 h
pick r.json types_total unlisted_events
