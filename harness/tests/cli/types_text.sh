# SPDX-License-Identifier: MIT
# Types of two aggregates: a table, a section for each, what their data looks like.
. "$ROOT/harness/tests/cli/history.inc"
{
    flat order a 1 Created '{"At":"2026-07-01T02:00:00+02:00","Channel":"web","Big":9007199254740993}'
    flat order a 2 ItemAdded '{"Qty":2,"Price":{"Cents":250,"Per":null},"Tags":["new","x"]}'
    flat order a 2 ItemAdded '{"Qty":2,"Price":{"Cents":250,"Per":null},"Tags":["new","x"]}'
    flat order a 3 ItemAdded '{"Qty":1.5,"Price":{"Cents":99},"Tags":[],"Gift":true}'
    flat order a 4 Paid '{"Cents":599}'
    flat order b 1 Created '{"At":"2026-07-01T00:00:03.5Z","Channel":"shop","Big":1}'
    flat order b 2 ItemAdded '{"Qty":"two","Price":{"Cents":-1},"Tags":["x"],"Gift":false}'
    flat order c 1 Created '{"At":"2026-07-01T00:00:04Z","Channel":"web","Big":2}'
} | into 00
{ flat stock s 1 Counted '[1,[2]]'; flat stock s 2 Paid; flat stock s 3 Paid; } | into 01
status refold types h
