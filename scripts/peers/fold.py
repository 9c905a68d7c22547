# SPDX-License-Identifier: MIT
"""The orders of a history, folded with Python's standard library: a peer of `make bench`.

    fold.py OUT FILE.gz...

Each file is read by one process, as many at once as there are processors; then the orders are folded. Does what
aggregates/order.c does, and writes refold's golden lines.
"""

import gzip
import json
import multiprocessing
import os
import sys


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        text = f.read()
    decode = json.JSONDecoder().raw_decode
    orders = {}
    at, end = 0, len(text)
    while at < end:
        if text[at] in "\r\n":
            at += 1
            continue
        record, at = decode(text, at)
        kind, data = record["t"], record["d"]
        cents = (data["Qty"] * data["PriceCents"] if kind == "OrderItemAdded" else
                 -data["AmountCents"] if kind == "OrderRefunded" else 0)
        orders.setdefault(data["ID"], []).append((data["Version"], kind, data["At"], cents))
    return orders


def fold(events):
    state = {"items": 0, "totalCents": 0}
    last = 0
    for version, kind, at, cents in sorted(events):
        if version == last:
            continue  # a copy
        last = version
        state["updatedAt"] = at
        state["totalCents"] += cents
        if kind == "OrderItemAdded":
            state["items"] += 1
            continue
        if kind == "OrderCreated":
            state["createdAt"] = at
        state["status"] = kind[len("Order"):].lower()
    return state, last


def main():
    orders = {}
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        for part in pool.imap_unordered(read, sys.argv[2:]):
            for identity, events in part.items():
                orders.setdefault(identity, []).extend(events)
    with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as out:
        for identity in sorted(orders):
            state, version = fold(orders[identity])
            out.write(json.dumps({"id": identity, "state": state, "version": version}, sort_keys=True,
                                 separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
