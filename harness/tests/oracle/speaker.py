#!/usr/bin/env -S python3 -SE
# SPDX-License-Identifier: MIT
"""Both ends of the worker protocol (harness/docs/worker-protocol.md), written from that page alone.

As a program it is a speaker with two aggregates, `counter` (of "*") and `order`: `refold run -a speaker.py --sandbox off …`.
As a module it has the base class for others, `Aggregate` and `speak(…)`, and the end that asks, `Asker`.

    speaker.py                                speak
    speaker.py ask PROGRAM [ARG...] <SCRIPT   ask: a frame for each line, its answer on standard output
    speaker.py frames <SCRIPT                 the frames of a script, as bytes
    speaker.py test                           both ends against each other

A script's lines, `#` for comments; words are separated by blanks, the last one takes the rest of its line:

    hello [JSON]
    type NUMBER NAME
    begin AGGREGATE NAME ID [SNAPSHOT]        AGGREGATE: its place in the descriptor; NAME and ID: %XX for any byte
    event TYPE VERSION TIME DATA              TYPE: its number; TIME: seconds[.nanoseconds] or -
    events                                    the events since the last one of these, as one frame (else: before what follows)
    state | end
    command NAME VERSION TIME DATA            NAME: its number
    identify AGGREGATE HEX [HEX...]           payloads, - for an empty one
    frame KIND HEX                            any payload
    raw HEX                                   no frame at all
"""

import json
import os
import queue
import re
import struct
import subprocess
import sys
import threading
import traceback

LETTERS = 0x4652
LONGEST = 128 << 20
LONGEST_STATE = 64 << 20
HEADER = struct.Struct("<IHHQ")
RECORD = struct.Struct("<IIIiqq")

HELLO, TYPE, BEGIN, EVENTS, STATE, END, COMMAND, IDENTIFY = range(1, 9)
HELLO_BACK, RESTORED, APPLIED, STATE_BACK, ENDED, HANDLED, IDENTIFIED, CRASHED = 129, 131, 132, 133, 134, 135, 136, 255
ANSWERS = {HELLO: HELLO_BACK, BEGIN: RESTORED, EVENTS: APPLIED, STATE: STATE_BACK, END: ENDED, COMMAND: HANDLED, IDENTIFY: IDENTIFIED}
NAMES = {129: "HELLO", 131: "RESTORED", 132: "APPLIED", 133: "STATE", 134: "ENDED", 135: "HANDLED", 136: "IDENTIFIED", 255: "CRASHED"}
OK, REFUSED, NOT_FINITE, NONE = range(4)


def make_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = make_table()


def crc32c(data, value=0):
    """CRC-32C of data behind that of which `value` is the CRC-32C."""
    value ^= 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def frame(number, kind, payload=b"", letters=LETTERS):
    return HEADER.pack(len(payload), kind, letters, number) + payload


def record(kind, version, data, at=None):
    """@kind  number of the type, or of the command's name; @at  (seconds, nanoseconds) or None; @data  bytes"""
    seconds, nanos = at or (0, 0)
    return RECORD.pack(28 + len(data), kind, int(at is not None), nanos, version, seconds) + data


class Fault(Exception):
    """The other side sent what does not stand in the protocol."""


class Payload:
    """Reads a payload from its beginning; beyond its end is a fault."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def bytes(self, count):
        if count > len(self.data) - self.at:
            raise Fault("%d bytes wanted at byte %d of a payload of %d" % (count, self.at, len(self.data)))
        self.at += count
        return self.data[self.at - count:self.at]

    def u32(self):
        return struct.unpack("<I", self.bytes(4))[0]

    def u64(self):
        return struct.unpack("<Q", self.bytes(8))[0]

    def text(self, count):
        try:
            return self.bytes(count).decode("utf-8")
        except UnicodeDecodeError:
            raise Fault("text that is no UTF-8 before byte %d of a payload" % self.at) from None

    def rest(self):
        return self.bytes(len(self.data) - self.at)

    def done(self):
        if self.at != len(self.data):
            raise Fault("%d bytes behind what a payload holds" % (len(self.data) - self.at))


# ---- the speaker ---------------------------------------------------------------------------------


class Refused(Exception):
    """From Aggregate.apply and handle."""


class NotFinite(Exception):
    """From Aggregate.state: the JSON pointer to a NaN or infinity."""


class NoAnswer(Exception):
    """From Aggregate.state, restore and handle: there is none; why."""


class Event:
    """An event or a command: `type`, `version`, `at` ((seconds, nanoseconds) or None), `data` (bytes), `aggregate`, `id`."""

    def __init__(self, kind, version, at, data, aggregate, ident):
        self.type, self.version, self.at, self.data, self.aggregate, self.id = kind, version, at, data, aggregate, ident

    def json(self):
        return read_json(self.data)


def read_json(data):
    def refuse(token):
        raise ValueError("%s is no JSON" % token)
    return json.loads(data, parse_constant=refuse)


class Aggregate:
    """One instance; the class attributes are the aggregate. Derive from it."""
    name = ""
    state_version = 1
    types = ("*",)
    commands = ()
    restores = identifies = upcasts = checks = False
    shape = None

    def apply(self, event):
        raise NotImplementedError

    def state(self):
        """What json.dumps takes, or str or bytes: the JSON text itself."""
        raise NotImplementedError

    def restore(self, snapshot):
        raise NotImplementedError

    def handle(self, command):
        """A list of (type, JSON text as bytes)."""
        raise NotImplementedError

    @classmethod
    def identify(cls, payload):
        """None: not of this aggregate; else a dict as IDENTIFIED has it."""
        raise NotImplementedError

    @classmethod
    def description(cls):
        told = {"name": cls.name, "state_version": cls.state_version, "types": list(cls.types)}
        if cls.commands:
            told["commands"] = list(cls.commands)
        for flag in ("restores", "identifies", "upcasts", "checks"):
            told[flag] = getattr(cls, flag)
        if cls.shape:
            told["shape"] = cls.shape
        return told


class Speaker:
    """Override a method to plant a fault."""
    speaker = "refold-python 1"

    def __init__(self, aggregates, source, sink):
        self.aggregates = aggregates
        self.source, self.sink = source, sink  # descriptors
        self.held = bytearray()  # read, not taken
        self.out = []            # written, not handed over
        self.expected = 1        # number of the next frame
        self.number = 0          # of the one at hand
        self.greeted = False
        self.names = []          # of types and commands
        self.instance = None
        self.aggregate = None    # index; None: outside of an instance
        self.over = False        # passing over until END

    def flush(self):
        data = memoryview(b"".join(self.out))
        self.out.clear()
        while data:
            data = data[os.write(self.sink, data):]

    def take(self, count):
        """Exactly so many bytes; fewer where the input ends."""
        while len(self.held) < count:
            self.flush()
            chunk = os.read(self.source, 1 << 16)
            if not chunk:
                break
            self.held += chunk
        taken = bytes(self.held[:count])
        del self.held[:count]
        return taken

    def answer(self, kind, payload):
        self.out.append(frame(self.number, kind, payload))
        if sum(map(len, self.out)) > 1 << 16:
            self.flush()

    def run(self):
        try:
            while self.one():
                pass
            self.flush()
        except Fault as fault:
            print("frame %d: %s" % (self.expected, fault), file=sys.stderr)
            return 3
        except Exception as crash:  # the aggregate's own
            self.answer(CRASHED, ("%s: %s\n%s" % (type(crash).__name__, crash, traceback.format_exc())).encode("utf-8", "replace"))
            self.flush()
            return 4
        return 0

    def one(self):
        """One frame; False where there is no more."""
        header = self.take(HEADER.size)
        if not header:
            return False
        if len(header) < HEADER.size:
            raise Fault("the input ends within a header")
        count, kind, letters, number = HEADER.unpack(header)
        if letters != LETTERS:
            raise Fault("there are no letters RF at byte 6 of its header")
        if count > LONGEST:
            raise Fault("its payload of %d bytes is longer than %d" % (count, LONGEST))
        if number != self.expected:
            raise Fault("it has the number %d" % number)
        if (kind == HELLO) == self.greeted:
            raise Fault("HELLO comes first, and once")
        payload = self.take(count)
        if len(payload) < count:
            raise Fault("the input ends within a payload")
        self.number = number
        self.perform(kind, Payload(payload))
        self.expected += 1
        return True

    def perform(self, kind, payload):
        work = {HELLO: self.hello, TYPE: self.type, BEGIN: self.begin, EVENTS: self.events, STATE: self.state, END: self.end,
                COMMAND: self.command, IDENTIFY: self.identify}.get(kind)
        if work is None:
            raise Fault("there is no kind %d" % kind)
        outside = self.aggregate is None
        if kind in (EVENTS, STATE, END, COMMAND) and outside:
            raise Fault("kind %d outside of an instance" % kind)
        if kind in (BEGIN, IDENTIFY) and not outside:
            raise Fault("kind %d within an instance" % kind)
        passed_over = self.over
        work(payload)
        if not (passed_over and kind in (EVENTS, STATE, COMMAND)) and not (self.over and kind == EVENTS):
            payload.done()

    def descriptor(self):
        return {"protocol": 1, "speaker": self.speaker, "aggregates": [a.description() for a in self.aggregates]}

    def hello(self, payload):
        try:
            hello = read_json(payload.text(len(payload.data)))
            protocol = hello["protocol"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Fault("HELLO without a protocol") from None
        self.greeted = True
        self.answer(HELLO_BACK, json.dumps(self.descriptor()).encode())
        if protocol != 1:
            self.flush()
            raise Fault("it speaks protocol %r, and this program speaks 1" % protocol)

    def type(self, payload):
        number = payload.u32()
        if number != len(self.names):
            raise Fault("type %d comes where %d is next" % (number, len(self.names)))
        self.names.append(payload.text(len(payload.data) - 4))

    def begin(self, payload):
        index, flags, name_bytes, id_bytes = (payload.u32() for _ in range(4))
        if index >= len(self.aggregates):
            raise Fault("there is no aggregate %d" % index)
        if flags > 1:
            raise Fault("BEGIN has the flags %d" % flags)
        self.name, self.id = payload.text(name_bytes), payload.text(id_bytes)
        self.aggregate, self.over, self.receipt, self.applied = index, False, 0, 0
        self.instance = self.aggregates[index]()
        if flags:
            snapshot = payload.rest()
            try:
                if not self.aggregates[index].restores:
                    raise NoAnswer("%s does not begin with a snapshot" % self.aggregates[index].name)
                self.instance.restore(read_json(snapshot))
                self.status(RESTORED, OK)
            except (NoAnswer, ValueError, RecursionError) as why:
                self.over = True
                self.status(RESTORED, NONE, str(why))

    def status(self, kind, status, text=""):
        self.answer(kind, struct.pack("<I", status) + text.encode("utf-8", "replace"))

    def answer_state(self, kind, status, data=b""):
        self.answer(kind, struct.pack("<IIQ", status, self.receipt, self.applied) + data)

    def record(self, payload):
        """A record: its bytes, and what it holds."""
        start = payload.at
        count = payload.u32()
        if count < 28:
            raise Fault("a record of %d bytes" % count)
        kind, flags, nanos, version, seconds = struct.unpack("<IIiqq", payload.bytes(28))
        data = payload.bytes(count - 28)
        if kind >= len(self.names):
            raise Fault("type %d was never given" % kind)
        if flags > 1:
            raise Fault("a record has the flags %d" % flags)
        at = (seconds, nanos) if flags else None
        return payload.data[start:payload.at], Event(self.names[kind], version, at, data, self.name, self.id)

    def events(self, payload):
        if self.over:
            return
        aggregate = self.aggregates[self.aggregate]
        for _ in range(payload.u32()):
            read, event = self.record(payload)
            try:
                if event.type not in aggregate.types and "*" not in aggregate.types:
                    raise Refused("%s does not know it" % aggregate.name)
                self.instance.apply(event)
            except Refused as why:
                self.over = True
                self.answer_state(APPLIED, REFUSED, str(why).encode("utf-8", "replace"))
                return
            self.receipt = crc32c(read, self.receipt)
            self.applied += 1
        self.answer_state(APPLIED, OK)

    def state(self, _):
        if self.over:
            return
        try:
            state = self.instance.state()
            if not isinstance(state, (str, bytes)):
                state = json.dumps(state, allow_nan=False)
            self.answer_state(STATE_BACK, OK, state.encode() if isinstance(state, str) else state)
        except NotFinite as pointer:
            self.answer_state(STATE_BACK, NOT_FINITE, str(pointer).encode())
        except NoAnswer as why:
            self.answer_state(STATE_BACK, NONE, str(why).encode("utf-8", "replace"))

    def end(self, _):
        self.answer_state(ENDED, OK)
        self.instance = self.aggregate = None
        self.over = False

    def command(self, payload):
        if self.over:
            return
        _, command = self.record(payload)
        try:
            if command.type not in self.aggregates[self.aggregate].commands:
                raise NoAnswer("%s has no such command" % self.aggregates[self.aggregate].name)
            made = self.instance.handle(command)
        except Refused as why:
            self.answer_no_events(REFUSED, why)
        except NoAnswer as why:
            self.over = True
            self.answer_no_events(NONE, why)
        else:
            out = [struct.pack("<II", OK, len(made))]
            for kind, data in made:
                kind = kind.encode()
                out += [struct.pack("<II", len(kind), len(data)), kind, data]
            self.answer(HANDLED, b"".join(out))

    def answer_no_events(self, status, why):
        self.answer(HANDLED, struct.pack("<II", status, 0) + str(why).encode("utf-8", "replace"))

    def identify(self, payload):
        index, count = payload.u32(), payload.u32()
        if index >= len(self.aggregates):
            raise Fault("there is no aggregate %d" % index)
        aggregate = self.aggregates[index]
        if not aggregate.identifies:
            raise Fault("%s does not identify" % aggregate.name)
        out = [struct.pack("<I", count)]
        for _ in range(count):
            told = aggregate.identify(payload.bytes(payload.u32()))
            text = b"" if told is None else json.dumps(told).encode()
            out += [struct.pack("<I", len(text)), text]
        self.answer(IDENTIFIED, b"".join(out))


def speak(*aggregates, speaker=Speaker):
    """Speak on standard input and output until the input ends; then exit."""
    sys.setrecursionlimit(20000)
    sys.set_int_max_str_digits(0)
    sink = os.dup(1)
    os.dup2(2, 1)
    sys.exit(speaker(aggregates, 0, sink).run())


class Counter(Aggregate):
    """Takes every event; its state tells which came, in which order, with which bytes."""
    name = "counter"
    commands = ("Add", "Never", "Ask")
    restores = identifies = True
    shape = {"kind": 9, "fields": [{"name": "events", "kind": 3}, {"name": "last", "kind": 6},
                                   {"name": "crc", "kind": 3}, {"name": "types", "kind": 11, "fields": [{"kind": 3}]}]}

    def __init__(self):
        self.value = {"events": 0, "crc": 0, "types": {}}

    def apply(self, event):
        value = self.value
        value["events"] += 1
        value["last"] = event.type
        value["crc"] = crc32c(event.data, value["crc"])
        value["types"][event.type] = value["types"].get(event.type, 0) + 1

    def state(self):
        return self.value

    def restore(self, snapshot):
        self.value = {"events": 0, "crc": 0, "types": {}}
        try:
            self.value.update({name: snapshot[name] for name in ("events", "crc", "types")})
            if "last" in snapshot:
                self.value["last"] = snapshot["last"]
        except (TypeError, KeyError) as why:
            raise NoAnswer("the snapshot is none of a counter: %r" % why) from None

    def handle(self, command):
        if command.type == "Never":
            raise Refused("never")
        if command.type == "Ask":
            raise NoAnswer("nobody knows")
        return [("Added", command.data), ("Noted", b"{}")]

    @classmethod
    def identify(cls, payload):
        """ "counter", id, type, version and data, with a NUL before each but the first."""
        parts = payload.split(b"\0", 4)
        if parts[0] != b"counter":
            return None
        try:
            _, ident, kind, version, data = (part.decode() for part in parts)
            return {"id": ident, "type": kind, "version": int(version), "data": json.loads(data)}
        except ValueError:
            return {"error": "a counter's payload that is damaged"}


def fits_int64(value):
    return isinstance(value, int) and not isinstance(value, bool) and -1 << 63 <= value < 1 << 63


def print_time(at):
    """RFC 3339 in UTC with Z, no trailing zeros; any year from 1 to 9999."""
    seconds, nanos = at
    days, second = divmod(seconds, 86400)
    days += 719468  # of 0000-03-01
    era, day = divmod(days, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (month <= 2)
    fraction = (".%09d" % nanos).rstrip("0") if nanos else ""
    return "%04d-%02d-%02dT%02d:%02d:%02d%sZ" % (year, month, day, second // 3600, second // 60 % 60, second % 60, fraction)


class Order(Aggregate):
    """As aggregates/order.c."""
    name = "order"
    statuses = {"OrderCreated": "created", "OrderApproved": "approved", "OrderPaid": "paid", "OrderShipped": "shipped",
                "OrderDelivered": "delivered", "OrderCancelled": "cancelled", "OrderRefunded": "refunded"}
    types = tuple(statuses) + ("OrderItemAdded",)
    commands = ("CreateOrder", "ApproveOrder", "ShipOrder")
    shape = {"kind": 9, "fields": [{"name": "status", "kind": 8}, {"name": "items", "kind": 3}, {"name": "totalCents", "kind": 3},
                                   {"name": "createdAt", "kind": 7}, {"name": "updatedAt", "kind": 7}]}

    def __init__(self):
        self.status = self.created_at = self.updated_at = None
        self.items = self.total = 0

    @staticmethod
    def integer(event, name):
        data = event.json()
        value = data.get(name) if isinstance(data, dict) else None
        if not fits_int64(value):
            raise Refused("%s is not an integer" % name)
        return value

    def apply(self, event):
        self.updated_at = event.at
        if event.type == "OrderItemAdded":
            cents = self.integer(event, "Qty") * self.integer(event, "PriceCents")
            if not fits_int64(cents) or not fits_int64(self.total + cents):
                raise Refused("totalCents would overflow")
            self.total += cents
            self.items += 1
            return
        if event.type == "OrderCreated":
            self.created_at = event.at
        elif event.type == "OrderPaid":
            self.integer(event, "AmountCents")
        elif event.type == "OrderRefunded":
            amount = self.integer(event, "AmountCents")
            if not fits_int64(self.total - amount):
                raise Refused("totalCents would overflow")
            self.total -= amount
        self.status = self.statuses[event.type]

    def state(self):
        value = {"items": self.items, "totalCents": self.total}
        if self.status:
            value["status"] = self.status
        for name, at in (("createdAt", self.created_at), ("updatedAt", self.updated_at)):
            if at:
                value[name] = print_time(at)
        return value

    def handle(self, command):
        wanted, made, why = {"CreateOrder": (None, "OrderCreated", "order exists already"),
                             "ApproveOrder": ("created", "OrderApproved", "order is not created"),
                             "ShipOrder": ("approved", "OrderShipped", "order is not approved")}[command.type]
        if self.status != wanted:
            raise Refused(why)
        return [(made, b"{}")]


# ---- the end that asks ---------------------------------------------------------------------------


class Answer:
    """One frame of the program: `number`, `kind`, `payload`, and what the payload holds: `status`, `receipt`, `applied`,
    `text` (bytes), `events` (of HANDLED: (type, data)), `texts` (of IDENTIFIED)."""

    def __init__(self, number, kind, payload):
        self.number, self.kind, self.payload = number, kind, payload
        self.status = self.receipt = self.applied = None
        self.text, self.events, self.texts = b"", [], []
        body = Payload(payload)
        if kind in (RESTORED, APPLIED, STATE_BACK, ENDED, HANDLED):
            self.status = body.u32()
        if kind in (APPLIED, STATE_BACK, ENDED):
            self.receipt, self.applied = body.u32(), body.u64()
        if kind == HANDLED and self.status == OK:
            for _ in range(body.u32()):
                type_bytes, data_bytes = body.u32(), body.u32()
                self.events.append((body.text(type_bytes), body.bytes(data_bytes)))
        elif kind == IDENTIFIED:
            self.texts = [body.bytes(body.u32()) for _ in range(body.u32())]
        elif kind != ENDED:
            if kind == HANDLED:
                if body.u32() != 0:
                    raise Fault("HANDLED with a status and a count")
            self.text = body.rest()
        body.done()

    def __str__(self):
        words = ["#%d" % self.number, NAMES.get(self.kind, str(self.kind))]
        if self.status is not None:
            words.append("status=%d" % self.status)
        if self.receipt is not None:
            words.append("receipt=%08x applied=%d" % (self.receipt, self.applied))
        words += ["%s=%s" % (kind, data.decode("utf-8", "replace")) for kind, data in self.events]
        words += [text.decode("utf-8", "replace") or "-" for text in self.texts]
        if self.text:
            words.append(self.text.decode("utf-8", "replace").replace("\n", "\\n"))
        return " ".join(words)


class Asker:
    """A program, started, and the frames to and from it. Reads all the time, so writing never waits for ever; what is read
    waits in a queue."""

    def __init__(self, argv, timeout=10):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})
        self.timeout = timeout
        self.number = 0
        self.types = {}          # name to number
        self.receipt = 0         # of the instance at hand: of all its records that were sent
        self.answers = queue.Queue()
        self.stderr = b""
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.read_answers, self.read_errors)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    def read_answers(self):
        try:
            while True:
                header = self.process.stdout.read(HEADER.size)
                if not header:
                    break
                if len(header) < HEADER.size:
                    raise Fault("its output ends within a header: %s" % header.hex())
                count, kind, letters, number = HEADER.unpack(header)
                if letters != LETTERS or kind not in NAMES or count > LONGEST:
                    raise Fault("it wrote what is no frame: %s" % header.hex())
                payload = self.process.stdout.read(count)
                if len(payload) < count:
                    raise Fault("its output ends within a payload")
                self.answers.put(Answer(number, kind, payload))
        except Fault as fault:
            self.answers.put(fault)
        self.answers.put(None)

    def read_errors(self):
        self.stderr = self.process.stderr.read()

    def raw(self, data):
        """False where the program takes no more."""
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
            return True
        except BrokenPipeError:
            return False

    def send(self, kind, payload=b""):
        """The frame's number."""
        self.number += 1
        self.raw(frame(self.number, kind, payload))
        return self.number

    def answer(self):
        """The next answer; None where the program's output has ended. Raises Fault for what is no frame, queue.Empty
        where none comes."""
        found = self.answers.get(timeout=self.timeout)
        if isinstance(found, Fault):
            raise found
        return found

    def expect(self, number, kind):
        """The next answer, which is this one, or AssertionError."""
        found = self.answer()
        if found is None:
            raise AssertionError("the program ended instead of answering #%d: %s" % (number, self.finish()))
        if (found.number, found.kind) != (number, kind):
            raise AssertionError("#%d %s was to come, and %s came" % (number, NAMES[kind], found))
        return found

    def hello(self, hello=b'{"protocol":1,"refold":"0"}'):
        """The descriptor."""
        return json.loads(self.expect(self.send(HELLO, hello), HELLO_BACK).text)

    def type(self, name):
        """The number of a type or command, which is told where it is new."""
        if name not in self.types:
            self.types[name] = len(self.types)
            self.send(TYPE, struct.pack("<I", self.types[name]) + name.encode())
        return self.types[name]

    def begin(self, aggregate, name, ident, snapshot=None):
        name, ident = (text.encode() if isinstance(text, str) else text for text in (name, ident))
        self.receipt = 0
        return self.send(BEGIN, struct.pack("<IIII", aggregate, int(snapshot is not None), len(name), len(ident)) +
                         name + ident + (snapshot or b""))

    def record(self, name, version, data, at=None):
        return record(self.type(name), version, data, at)

    def events(self, records):
        data = b"".join(records)
        self.receipt = crc32c(data, self.receipt)
        return self.send(EVENTS, struct.pack("<I", len(records)) + data)

    def state(self):
        return self.send(STATE)

    def end(self):
        return self.send(END)

    def command(self, command):
        return self.send(COMMAND, command)

    def identify(self, aggregate, payloads):
        return self.send(IDENTIFY, struct.pack("<II", aggregate, len(payloads)) +
                         b"".join(struct.pack("<I", len(p)) + p for p in payloads))

    def fold(self, aggregate, ident, records, name=None):
        """A whole instance: its state's text, or the refusal as Refused."""
        numbers = [self.begin(aggregate, name or "x", ident), self.events(records), self.state(), self.end()]
        applied = self.expect(numbers[1], APPLIED)
        state = self.expect(numbers[2], STATE_BACK) if applied.status == OK else None
        self.expect(numbers[3], ENDED)
        if state is None:
            raise Refused(applied.text.decode())
        if (state.receipt, state.applied) != (self.receipt, len(records)):
            raise AssertionError("the receipt is not that of what was sent: %s" % state)
        return state.text

    def finish(self):
        """No more input: the exit status (negative: a signal), what came until then and was not taken, and stderr."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        left = []
        while True:
            found = self.answers.get(timeout=self.timeout)
            if found is None:
                break
            left.append(found)
        status = self.process.wait(self.timeout)
        self.threads[1].join()
        return status, left, self.stderr.decode("utf-8", "replace")


# ---- scripts -------------------------------------------------------------------------------------


def unescape(word):
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), word.encode())


def read_time(word):
    if word == "-":
        return None
    seconds, _, fraction = word.partition(".")
    return int(seconds), int(fraction.ljust(9, "0") or "0")


class Script:
    """Its frames, one after the other, as `write` gets them."""

    def __init__(self, write):
        self.write = write
        self.number = 0
        self.records = []

    def send(self, kind, payload=b""):
        self.number += 1
        self.write(frame(self.number, kind, payload))

    def flush(self):
        if self.records:
            self.send(EVENTS, struct.pack("<I", len(self.records)) + b"".join(self.records))
            self.records = []

    def line(self, line):
        word, _, rest = line.partition(" ")
        if word == "event":
            kind, version, at, data = rest.split(" ", 3)
            self.records.append(record(int(kind), int(version), data.encode(), read_time(at)))
            return
        self.flush()
        if word == "hello":
            self.send(HELLO, rest.encode() or b'{"protocol":1,"refold":"0"}')
        elif word == "type":
            number, name = rest.split(" ", 1)
            self.send(TYPE, struct.pack("<I", int(number)) + name.encode())
        elif word == "begin":
            index, name, ident, *snapshot = rest.split(" ", 3)
            name, ident = unescape(name), unescape(ident)
            self.send(BEGIN, struct.pack("<IIII", int(index), len(snapshot), len(name), len(ident)) + name + ident +
                      "".join(snapshot).encode())
        elif word in ("state", "end"):
            self.send(STATE if word == "state" else END)
        elif word == "command":
            kind, version, at, data = rest.split(" ", 3)
            self.send(COMMAND, record(int(kind), int(version), data.encode(), read_time(at)))
        elif word == "identify":
            index, *payloads = rest.split()
            payloads = [b"" if p == "-" else bytes.fromhex(p) for p in payloads]
            self.send(IDENTIFY, struct.pack("<II", int(index), len(payloads)) +
                      b"".join(struct.pack("<I", len(p)) + p for p in payloads))
        elif word == "frame":
            kind, _, payload = rest.partition(" ")
            self.send(int(kind), bytes.fromhex(payload))
        elif word == "raw":
            self.write(bytes.fromhex(rest))
        elif word != "events":
            raise SystemExit("speaker.py: no such line: %s" % line)

    def play(self, lines):
        for line in lines:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                self.line(line)
        self.flush()


def ask(argv):
    """Plays standard input; prints the answers, and how the program ended."""
    with Asker(argv) as asker:
        Script(asker.raw).play(sys.stdin)
        status, left, errors = asker.finish()
    for answer in left:
        print(answer)
    sys.stderr.write(errors)
    print("ended with %d" % status)
    return 0 if status == 0 and not any(isinstance(answer, Fault) for answer in left) else 1


# ---- both against each other ---------------------------------------------------------------------


def check_receipt():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(b"6789", crc32c(b"12345")) == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4


def check_good(argv):
    with Asker(argv) as asker:
        names = [a["name"] for a in asker.hello()["aggregates"]]
        assert names == ["counter", "order"], names
        records = [asker.record("Added", v, b'{"By":%d}' % v, (v, 5)) for v in range(1, 50)]
        state = asker.fold(0, "a", records)
        assert json.loads(state)["events"] == 49
        assert asker.fold(0, "b", records) == state
        assert json.loads(asker.fold(0, "c", []))["events"] == 0
        begin = asker.begin(0, "counter", "d", state)
        assert asker.expect(begin, RESTORED).status == OK
        number = asker.state()
        assert json.loads(asker.expect(number, STATE_BACK).text) == json.loads(state)
        number = asker.command(asker.record("Add", 49, b'{"By":1}'))
        assert asker.expect(number, HANDLED).events == [("Added", b'{"By":1}'), ("Noted", b"{}")]
        number = asker.command(asker.record("Never", 49, b"{}"))
        refused = asker.expect(number, HANDLED)
        assert (refused.status, refused.text) == (REFUSED, b"never")
        number = asker.command(asker.record("Ask", 49, b"{}"))
        assert asker.expect(number, HANDLED).status == NONE
        asker.events(records)
        asker.state()
        assert asker.expect(asker.end(), ENDED).applied == 0  # nothing answered what was passed over
        number = asker.identify(0, [b"counter\0x\0Added\x001\0{}", b"", b"counter\0"])
        texts = asker.expect(number, IDENTIFIED).texts
        assert json.loads(texts[0])["id"] == "x" and texts[1] == b"" and "error" in json.loads(texts[2])
        good = asker.record("OrderItemAdded", 1, b'{"Qty":2,"PriceCents":50}', (951782400, 0))
        assert json.loads(asker.fold(1, "o", [good])) == {"items": 1, "totalCents": 100, "updatedAt": "2000-02-29T00:00:00Z"}
        numbers = [asker.begin(1, "order", "p"), asker.events([good, asker.record("OrderPaid", 2, b"{}"), good]), asker.end()]
        refused = asker.expect(numbers[1], APPLIED)
        assert (refused.status, refused.applied, refused.receipt) == (REFUSED, 1, crc32c(good)), refused
        assert refused.text == b"AmountCents is not an integer"
        asker.expect(numbers[2], ENDED)
        assert asker.finish() == (0, [], "")


def check_bad(argv):
    hello = frame(1, HELLO, b'{"protocol":1}')
    begin = frame(3, BEGIN, struct.pack("<IIII", 0, 0, 0, 0))
    kind = frame(2, TYPE, struct.pack("<I", 0) + b"A")
    good = record(0, 1, b"{}")
    for text in (hello[:9], hello + hello, frame(1, TYPE, bytes(4)), frame(2, HELLO, b"{}"), frame(1, HELLO, b"{}", letters=0),
                 hello + frame(3, STATE), hello + frame(2, 77), hello + frame(2, STATE), hello + frame(2, TYPE, struct.pack("<I", 1)),
                 hello + frame(2, IDENTIFY, struct.pack("<III", 0, 1, 9)), hello + HEADER.pack(LONGEST + 1, EVENTS, LETTERS, 2),
                 hello + kind + begin + frame(4, BEGIN, struct.pack("<IIII", 0, 0, 0, 0)),
                 hello + kind + begin + frame(4, EVENTS, struct.pack("<I", 2) + good),
                 hello + kind + begin + frame(4, EVENTS, struct.pack("<I", 1) + good + b"x"),
                 hello + kind + begin + frame(4, EVENTS, struct.pack("<I", 1) + record(1, 1, b"{}")),
                 hello + kind + begin + frame(4, EVENTS, struct.pack("<I", 1) + RECORD.pack(27, 0, 0, 0, 0, 0)),
                 hello + frame(2, BEGIN, struct.pack("<IIII", 0, 2, 0, 0)), hello + frame(2, BEGIN, struct.pack("<IIII", 9, 0, 0, 0)),
                 hello + frame(2, BEGIN, struct.pack("<IIII", 0, 0, 1, 0)), hello + frame(2, BEGIN, struct.pack("<IIII", 0, 0, 0, 0) + b"x"),
                 frame(1, HELLO, b'{"protocol":2}')):
        with Asker(argv) as asker:
            asker.raw(text)
            status, _, errors = asker.finish()
            assert status == 3 and errors.startswith("frame "), (text, status, errors)


def self_test():
    argv = [sys.executable, os.path.abspath(__file__)]
    check_receipt()
    check_good(argv)
    check_bad(argv)
    print("speaker and asker agree")
    return 0


def main(arguments):
    if not arguments:
        speak(Counter, Order)
    if arguments[0] == "ask" and len(arguments) > 1:
        return ask(arguments[1:])
    if arguments == ["frames"]:
        Script(sys.stdout.buffer.write).play(sys.stdin)
        return 0
    if arguments == ["test"]:
        return self_test()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
