# SPDX-License-Identifier: MIT
"""Order histories as an enemy writes them, by seed: odd numbers, keys, texts, times, versions and types. As JSON text, for
what is odd is often how it is written."""

import gzip
import json
import os
import random

from support import write_bytes

INTEGERS = ["3", "-3", "0", "1", "7", "250", "99999", "-1"]
ODD_NUMBERS = ["3.0", "1e2", "1E+2", "-0", "-0.0", "0.1e1", "1.5", "5e-324", "1e308", "9223372036854775807", "9223372036854775808",
               "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "3037000500",
               "-3037000500", "4611686018427387904", "123456789012345678901234567890", "0." + "3" * 400, "1" + "0" * 300]
NO_NUMBERS = ['"3"', "null", "true", "false", "[]", "{}", "[1]", '{"Qty":1}', '""', '"\\u0033"']
TEXTS = ["", "a", "\u00e4\u00f6\u00fc", "\u0000", "a\u0000b", "\U0001f600", "\u202eevil", "\u2028", '"', "\\", "/", "</script>", "\x7f",
         "\x1b[31m", "\u007f\u0080", "\ufeff", "\uffff", "\U0010ffff", "e\u0301", "\u00e9", " ", "%s%n", "-", "=cmd", "null", "1e2"]
KEYS = ["Qty ", " Qty", "qty", "QTY", "Qty\u0000", "Qt", "QtyX", "", "PriceCents\u0000", "\u212aey", "__proto__", "0", "~1", "a/b"]
TIMES = ["2020-02-29T23:59:59Z", "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.123456789Z", "2020-01-01T00:00:00.000000001Z",
         "2020-01-01T05:30:00+05:30", "2019-12-31T23:00:00-01:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.5Z",
         "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59.9Z", "1970-01-01T00:00:00Z",
         "1900-03-01T00:00:00Z", "2000-02-29T12:00:00.120Z", "2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.1Z",
         "2020-06-01T14:00:00+14:00", "2038-01-19T03:14:08Z"]
NO_TIMES = ["", "x", "2020-13-01T00:00:00Z", "2019-02-29T00:00:00Z", "2020-01-01", "2020-01-01T24:00:00Z", "2020-01-01T00:00:60Z",
            "2016-12-31T23:59:60Z", "2020-01-01t00:00:00z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
            "0000-01-01T00:00:00Z", "2020-01-01T00:00:00.1234567891Z", "2020-01-01T00:00:00", "10000-01-01T00:00:00Z", "2020-01-01T00:00:00,5Z"]
PLAIN = ["OrderApproved", "OrderShipped", "OrderDelivered", "OrderCancelled", "OrderCreated"]
ODD_TYPES = ["OrderViewed", "orderCreated", "OrderCreated ", "*", "\u00dcberweisung", "Order\u0000Paid", "T" * 1024, "OrderPaid\n"]
ODD_VERSIONS = ["0", "-1", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "1.0", "1e0", '"1"', "null", "2.5",
                "1000000", "[]"]


class Writer:
    """Of one history; all that it does follows from the seed."""

    def __init__(self, seed, damaged):
        self.rng = random.Random(seed)
        self.damaged = damaged  # also what is no event, or lacks something: gaps, conflicts, times and versions that are none

    def odd(self, share=0.02):
        return self.damaged and self.rng.random() < share

    def text(self, value):
        """As JSON: escaped all over, or only where it must be."""
        return json.dumps(value, ensure_ascii=self.rng.random() < 0.5 or any(0xd800 <= ord(c) < 0xe000 for c in value))

    def key(self, name):
        """Now and then with an escape, which is the same key."""
        if name and self.rng.random() < 0.05:
            at = self.rng.randrange(len(name))
            return '"%s\\u%04x%s"' % (name[:at], ord(name[at]), name[at + 1:]) if name[at].isalnum() else self.text(name)
        return self.text(name)

    def number(self):
        dice = self.rng.random()
        return self.rng.choice(INTEGERS if dice < 0.96 else ODD_NUMBERS if dice < 0.985 else NO_NUMBERS)

    def nested(self, depth):
        if depth == 0 or self.rng.random() < 0.3:
            return self.rng.choice([self.text(self.rng.choice(TEXTS)), self.rng.choice(ODD_NUMBERS), "null", "true"])
        inner = [self.nested(depth - 1) for _ in range(self.rng.randrange(4))]
        if self.rng.random() < 0.5:
            return "[%s]" % ",".join(inner)
        return "{%s}" % ",".join("%s:%s" % (self.text("%d%s" % (i, self.rng.choice(KEYS))), value) for i, value in enumerate(inner))

    def own(self, kind):
        """The event's own members, as (key, value) of JSON."""
        members = []
        if kind == "OrderItemAdded":
            members = [(self.key("Qty"), self.number()), (self.key("PriceCents"), self.number())]
        elif kind in ("OrderPaid", "OrderRefunded"):
            members = [(self.key("AmountCents"), self.number())]
        if members and self.rng.random() < 0.02:
            members.pop(self.rng.randrange(len(members)))
        if members and self.rng.random() < 0.02:
            members.append((self.key(json.loads(members[0][0])), self.number()))  # a repeated key: the last one counts
        for _ in range(self.rng.choice([0, 0, 0, 1, 2, 20])):
            members.append((self.text(self.rng.choice(KEYS)), self.nested(3)))
        if self.rng.random() < 0.005:
            members.append(('"Deep"', "[" * 90 + "]" * 90))
        if self.rng.random() < 0.005:
            members.append(('"Long"', self.text("x\u00e4" * self.rng.choice([100, 40000]))))
        if self.rng.random() < 0.3:
            self.rng.shuffle(members)
        return members

    def time(self):
        if self.odd():
            return self.rng.choice([self.text(self.rng.choice(NO_TIMES)), "null", "1", "{}"])
        return self.text(self.rng.choice(TIMES) if self.rng.random() < 0.3 else "2020-05-%02dT%02d:00:%02d.%dZ" % (
            self.rng.randint(1, 28), self.rng.randrange(24), self.rng.randrange(60), self.rng.randrange(1000)))

    def event(self, identity, version, kind):
        """One record."""
        blank = self.rng.choice(["", "", "", " ", "\n", "\t\r\n"])
        at = self.time()
        version = self.rng.choice(ODD_VERSIONS) if self.odd() else str(version)
        members = self.own(kind)
        if self.rng.random() < 0.5:
            head = [('"ID"', self.text(identity)), ('"Version"', version), ('"At"', at)]
            if self.odd():
                head.pop(self.rng.randrange(3))
            body = head + members if self.rng.random() < 0.8 else members + head
            outer = [('"t"', self.text(kind)), ('"d"', self.braces(body, blank))]
        else:
            outer = [('"aggregateType"', '"order"'), ('"aggregateId"', self.text(identity)), ('"version"', version),
                     ('"type"', self.text(kind)), ('"at"', at), ('"data"', self.data(kind, members, blank))]
            if self.odd():
                outer.pop(self.rng.randrange(6))
        if self.rng.random() < 0.2:
            self.rng.shuffle(outer)
        return self.braces(outer, blank)

    def data(self, kind, members, blank):
        """Where it is not needed it may be anything."""
        if self.rng.random() < 0.03:
            return self.rng.choice(["null", "[]", '"text"', "3", "true", "{}", '"\\ud83d\\ude00\\u0000"'])
        return self.braces(members, blank) if members or kind.startswith("Order") else "{}"

    @staticmethod
    def braces(members, blank):
        return "{%s%s}" % (blank, (blank + "," + blank).join("%s%s:%s" % (k, blank, v) for k, v in members))

    def identity(self, number):
        """1 to 1024 bytes, none twice."""
        front = self.rng.choice(TEXTS) + "%d" % number
        dice = self.rng.random()
        if self.odd(0.01):
            return self.rng.choice(["", "y" * 1025, "\ud800" + front, "\u00e4" * 512 + "z"])
        return front + self.rng.choice(TEXTS) if dice < 0.9 else front + "x" * (1024 - len(front.encode()))

    def life(self, number):
        """The records of one order, in the order of their versions."""
        identity = self.identity(number)
        kinds = ["OrderCreated"] if self.rng.random() < 0.9 else []
        for _ in range(self.rng.choice([0, 1, 3, 8, 40])):
            dice = self.rng.random()
            kinds.append("OrderItemAdded" if dice < 0.6 else "OrderPaid" if dice < 0.7 else "OrderRefunded" if dice < 0.8 else
                         self.rng.choice(PLAIN) if dice < 0.995 else self.rng.choice(ODD_TYPES))
        records = []
        for version, kind in enumerate(kinds or ["OrderCreated"], 1):
            record = self.event(identity, version, kind)
            if self.odd(0.01):
                continue  # a gap
            records.append(record)
            if self.rng.random() < 0.02:
                records.append(record)  # again
            if self.odd(0.01):
                records.append(self.event(identity, version, kind))  # a conflict, most likely
        return records


def write_history(folder, seed, orders, damaged):
    """Returns the number of records."""
    writer = Writer(seed, damaged)
    rng = writer.rng
    records = [record for number in range(orders) for record in writer.life(number)]
    rng.shuffle(records)
    for number in range(6):
        between = ("", "\n", "\r\n")[number % 3]
        body = (between.join(records[number::6]) + between).encode("utf-8", "surrogatepass" if damaged else "strict")
        key = "2020/06/%02d/%02d/orders-1-%d" % (1 + number, number, number)
        write_bytes(os.path.join(folder, key + (".gz" if number % 2 else "")), gzip.compress(body, 1, mtime=0) if number % 2 else body)
    return len(records)
