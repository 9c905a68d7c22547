# SPDX-License-Identifier: MIT
# Many types: all are in the table, the most frequent have a section; -v shows all; -q one line.
. "$ROOT/harness/tests/cli/history.inc"
awk 'BEGIN {
    for (i = 1; i <= 43; i++)
        for (k = 1; k <= 44 - i; k++)
            printf "{\"aggregateType\":\"thing\",\"aggregateId\":\"%d\",\"version\":%d,\"type\":\"T%02d\",\"at\":\"2026-07-01T00:00:00Z\",\"data\":{}}\n", k, i, i
}' | into 00
refold types h > t
grep -c '^T' t
tail -n 8 t
refold types -v h | grep -c '^T'
refold types --type T43 h
refold types -q h
