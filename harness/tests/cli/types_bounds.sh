# SPDX-License-Identifier: MIT
# Bounds that are hit are told: keys of a map, many values, long ones, paths that are too long, more than is shown.
. "$ROOT/harness/tests/cli/history.inc"
awk 'BEGIN {
    for (i = 1; i <= 120; i++)
        printf "{\"aggregateType\":\"stock\",\"aggregateId\":\"s%d\",\"version\":1,\"type\":\"Counted\",\"at\":\"2026-07-01T00:00:00Z\",\"data\":{\"stores\":{\"store-%d\":{\"pieces\":%d}},\"few\":%d,\"many\":\"v%03d\",\"long\":\"%s%d\"}}\n", i, i, i % 5, i % 16, i, "1234567890123456789012345678901234567890123456789012345678901234567890", i
    deep = "1"
    for (i = 1; i <= 18; i++) deep = "[" deep "]"
    printf "{\"aggregateType\":\"stock\",\"aggregateId\":\"d\",\"version\":1,\"type\":\"Deep\",\"at\":\"2026-07-01T00:00:00Z\",\"data\":%s}\n", deep
    wide = ""
    for (i = 1; i <= 70; i++) wide = wide (i > 1 ? "," : "") sprintf("\"column%02d\":%d", i, i)
    printf "{\"aggregateType\":\"stock\",\"aggregateId\":\"w\",\"version\":1,\"type\":\"Wide\",\"at\":\"2026-07-01T00:00:00Z\",\"data\":{%s}}\n", wide
}' | into 00
status refold types h
refold types --type Wide h | grep -c column
