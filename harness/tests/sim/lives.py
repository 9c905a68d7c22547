# SPDX-License-Identifier: MIT
"""What happens: ids, event types and their data, and the events of one instance."""

import copy

from jsontext import Num

#: ids that differ only where a careless reader would not look, and ids that attack what shows them
HOSTILE_IDS = [
    "é", "e\u0301", "É", "a", "A", "ａ", "a ", " a", "0", "00", "-0", "1", "01", "1.0", "1e0",
    "12345678901234567890123456789", "", "\u0000", "a\u0000b", "a\nb", "a\tb", "\r", "\"", "\\", "'", "a/b", "..",
    ".", "*", "$(id)", "%s%n", "<script>alert(1)</script>", "]]>", "::error::x", "=cmd", "`x`", "|", "\u202eabc",
    "\u200b", "\ufeff", "\U0001f600", "\u007f", "\u009b31m", "\u001b[31m", "null", "true", "{}", "[]", "#", "id",
    "--until", "-a", "not ok 1", "Ω", "\u2126", "ß", "ss", "ſ", "i\u0307", "İ", "x" * 300,
]
HOSTILE_IDS.remove("")
HOSTILE_TYPES = ["Viewed", "viewed", "A > B", " > ", "a/b", "a~b", "~1", "\"x\"", "é", "e\u0301", "\\n", "*",
                 "x" * 200, "counts", "__proto__", "0"]
ORDER_FAULTS = [("OrderItemAdded", {"Qty": "3", "PriceCents": 5}), ("OrderItemAdded", {"Qty": 3}),
                ("OrderItemAdded", {"PriceCents": 5}), ("OrderItemAdded", {"Qty": Num("2.0"), "PriceCents": 5}),
                ("OrderItemAdded", {"Qty": 1 << 62, "PriceCents": 8}), ("OrderPaid", {}), ("OrderRefunded", {"AmountCents": None}),
                ("OrderItemAdded", {"Qty": None, "PriceCents": 1}), ("OrderItemAdded", {"Qty": 1 << 64, "PriceCents": 0})]
FILE_FAULTS = [("FileAdded", {"mode": "1", "commit": "c"}), ("FileAdded", {"blob": "b", "commit": "c"}),
               ("FileModified", {"blob": 7, "commit": "c"}), ("FileDeleted", {"commit": None}), ("FileDeleted", {})]
UNKNOWN = ["OrderViewed", "Unknown", "FileTouched", "orderPaid"]


class Ev:
    """One event that happened. `version` None: it has none."""

    def __init__(self, aggregate, identity, version, kind, at, data):
        self.aggregate = aggregate
        self.id = identity
        self.version = version
        self.type = kind
        self.at = at
        self.data = data
        self.eid = None

    def altered(self, **changes):
        other = copy.copy(self)
        other.data = dict(self.data)
        other.__dict__.update(changes)
        return other


def pick_ids(rng, count):
    found = []
    for _ in range(count):
        roll = rng.random()
        if roll < 0.25:
            found.append(rng.choice(HOSTILE_IDS))
        elif roll < 0.5:
            found.append(str(rng.randrange(30)))
        elif roll < 0.75:
            found.append("%08x" % rng.getrandbits(32))
        else:
            found.append("o-%d" % rng.randrange(1000))
    return list(dict.fromkeys(found))


def noise(rng):
    """A member that no aggregate reads: it is in the digest of the events all the same."""
    return rng.choice([1, 0, -1, Num("1.0"), Num("1e3"), Num("-0.0"), Num("1E+2"), 1 << 53, 10**30, True, None, "", "x",
                       "é", "\u0000", "\U0001f600", "\\\"/", {}, [], {"a": [1, {"b": None}], "": 0}, [[], [[]], ""],
                       {"z": 1, "a": 2, "é": 3}, Num("123456789012345678901234567890.5")])


def _order_step(rng, number):
    if number == 0 and rng.random() < 0.9:
        return "OrderCreated", {}
    roll = rng.random()
    if roll < 0.55:
        quantity = 13 if rng.random() < 0.06 else rng.randint(-2, 9)
        return "OrderItemAdded", {"Qty": quantity, "PriceCents": rng.randint(0, 99999)}
    if roll < 0.65:
        return rng.choice(["OrderPaid", "OrderRefunded"]), {"AmountCents": rng.randint(-5, 5000)}
    if roll < 0.68:
        kind, data = rng.choice(ORDER_FAULTS)
        return kind, dict(data)
    return rng.choice(["OrderApproved", "OrderShipped", "OrderDelivered", "OrderCancelled", "OrderCreated"]), {}


def _file_step(rng, number):
    if rng.random() < 0.03:
        kind, data = rng.choice(FILE_FAULTS)
        return kind, dict(data)
    commit = "%010x" % rng.getrandbits(40)
    kind = "FileAdded" if number == 0 else rng.choice(["FileModified", "FileModified", "FileModeChanged", "FileDeleted"])
    data = {"commit": rng.choice([commit, "", "é\n"]) if rng.random() < 0.1 else commit}
    if kind in ("FileAdded", "FileModified"):
        data["blob"] = "%010x" % rng.getrandbits(40)
    if kind in ("FileAdded", "FileModeChanged"):
        data["mode"] = rng.choice(["100644", "100755"])
    return kind, data


def _case_step(rng, number):
    if rng.random() < 0.3:
        return rng.choice(HOSTILE_TYPES), {}
    return rng.choice(["Start", "Check", "Check", "Pay", "End"]), {"user": rng.choice(["ann", "bob"])}


STEPS = {"order": _order_step, "file": _file_step}


def step(rng, aggregate, number):
    """(type, data) of an event of this aggregate."""
    kind, data = STEPS.get(aggregate, _case_step)(rng, number)
    if rng.random() < 0.015 and aggregate in STEPS:
        kind = rng.choice(UNKNOWN)
    if rng.random() < 0.15:
        data["note"] = noise(rng)
    return kind, data


def life(rng, aggregate, identity, begin, first):
    """All events of an instance, in order."""
    count = min(int(rng.expovariate(0.2)) + 1, 40)
    at = begin + rng.randrange(3600) * 10**9
    events = []
    for number in range(count):
        kind, data = step(rng, aggregate, number)
        events.append(Ev(aggregate, identity, first + number, kind, at, data))
        at += later(rng)
    return events


def later(rng):
    """Nanoseconds from one event to the next."""
    roll = rng.random()
    if roll < 0.1:
        return 0
    if roll < 0.2:
        return rng.choice([1, 10**3, 10**6])
    return rng.randrange(1, 900) * 10**9
