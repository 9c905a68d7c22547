# SPDX-License-Identifier: MIT
"""Histories on which `order` in any language must give the goldens of the one in C, byte for byte."""

import itertools
import json
import os
import random
import subprocess
import sys

from support import FIXTURES, ROOT, Scratch, aggregate, expect, expect_status, refold, write_bytes

NUMBERS = ["3", "-0", "0", "3.0", "1e2", "1E2", "0.5", '"3"', "null", "true", "[3]", "{}", "9223372036854775807", "9223372036854775808",
           "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e400",
           "184467440737095516160000000000000000000000000000001", "4611686018427387904", "-4611686018427387905", "3037000500"]
DATA = ["{}", "[]", '"text"', "null", "7", '{"Qty":1}', '{"PriceCents":1}', '{"qty":1,"PriceCents":1}', '{"Qty":1,"PriceCents":2,"Qty":3}',
        '{"\\u0051ty":2,"Price\\u0043ents":5}', '{"Qty":"x","\\u0051ty":2,"PriceCents":5}', '{"Qty":2,"\\u0051ty":"x","PriceCents":5}',
        ' { "Qty" : 2 ,\t"PriceCents"\n:\r5 } '.replace("\n", " "), '{"Qty":[{"Qty":"}\\""}],"PriceCents":"]","Qty":4,"PriceCents":6}',
        '{"a":{"Qty":1,"PriceCents":1}}', '{"":1,"Qty":1,"PriceCents":1,"\\ud83d\\ude00":"\\u0000"}', '{"Qty":1,"PriceCents":1,"x":"\\\\"}',
        '{"Qty":1,"PriceCents":1,"AmountCents":1}']
TYPES = ["OrderCreated", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped", "OrderDelivered", "OrderCancelled", "OrderRefunded"]
TIMES = ["2017-06-22T10:11:12Z", "2017-06-22T10:11:12.120000000+02:30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
         "1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z", "2016-02-29T12:00:00-00:01", "1900-03-01T00:00:00Z", "2000-02-29T23:59:59.000001Z",
         "2016-12-31T23:59:60Z"]
WITHOUT_TIMES = ("-e", "id=/aggregateId,aggregate=/aggregateType,version=/version,type=/type,data=/data")


def hostile_history(folder):
    """Orders of few events, with all of the above."""
    lines = []
    rng = random.Random(7)

    def add(ident, *events):
        for version, (kind, data) in enumerate(events, 1):
            head = {"aggregateId": ident, "aggregateType": "order", "version": version, "type": kind, "at": rng.choice(TIMES)}
            lines.append(json.dumps(head)[:-1] + ', "data": ' + data + "}\n")

    good = ("OrderItemAdded", '{"Qty":3,"PriceCents":1000}')
    for n, (quantity, price) in enumerate(itertools.product(NUMBERS, NUMBERS)):
        add("n%d" % n, good, ("OrderItemAdded", '{"Qty":%s,"PriceCents":%s}' % (quantity, price)), good)
    for n, amount in enumerate(NUMBERS):
        for kind in ("OrderPaid", "OrderRefunded"):
            add("%s%d" % (kind, n), good, (kind, '{"AmountCents":%s}' % amount), good)
    for n, (kind, data) in enumerate(itertools.product(TYPES, DATA)):
        add("d%d" % n, ("OrderCreated", "{}"), (kind, data), good)
    for n, time in enumerate(TIMES * 8):
        add("t%d \u00fc\u0001\"" % n, *[(rng.choice(TYPES), '{"Qty":1,"PriceCents":1,"AmountCents":1}') for _ in range(rng.randrange(1, 6))])
    add("odd type", good, ("Order\u0000Crea\"ted", "{}"))
    write_bytes(os.path.join(folder, "2017/06/22/10/orders-1-2017-06-22-10-00-00-x"), "".join(lines).encode("utf-8"))


def bless(build, history, golden, *options):
    expect_status(refold("bless", "-q", "-a", build, "-g", golden, *options, history), 0, build)
    return {name: open(os.path.join(golden, name), "rb").read() for name in sorted(os.listdir(golden))}


def check_alike(build, history, *options):
    with Scratch() as scratch:
        wanted = bless(aggregate("order"), history, os.path.join(scratch, "c"), *options)
        found = bless(build, history, os.path.join(scratch, "other"), *options)
    expect(sorted(wanted), ["order.meta.json", "order.ndjson"], "the goldens of C")
    for name, text in wanted.items():
        differ = [pair for pair in itertools.zip_longest(text.split(b"\n"), found[name].split(b"\n")) if pair[0] != pair[1]]
        expect(differ[:3], [], "lines of %s that differ" % name)
    return wanted["order.ndjson"]


def check_hostile(build):
    with Scratch() as scratch:
        hostile_history(scratch)
        golden = check_alike(build, scratch)
        check_alike(build, scratch, *WITHOUT_TIMES)
    expect(golden.count(b'"rejected"') > 300 and golden.count(b'"rejected"') < golden.count(b"\n") - 100, True, "some are rejected")
    for text in ("Qty is not an integer", "PriceCents is not an integer", "AmountCents is not an integer", "totalCents would overflow"):
        expect(text.encode() in golden, True, text)


def check_orders(build):
    """The talk's, and ones of which the right states are known."""
    check_alike(build, os.path.join(FIXTURES, "talk-orders/events"))
    with Scratch() as scratch:
        made = os.path.join(scratch, "orders")
        subprocess.run([sys.executable, os.path.join(ROOT, "scripts/make-orders"), made, "--events", "30000", "--objects", "20"],
                       check=True, stdout=subprocess.DEVNULL)
        check_alike(build, os.path.join(made, "events"))
        done = refold("run", "-q", "-a", build, "-g", os.path.join(made, "golden"), os.path.join(made, "events"))
        expect_status(done, 0, build)
