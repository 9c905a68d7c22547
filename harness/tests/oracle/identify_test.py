# SPDX-License-Identifier: MIT
"""Payloads that are no JSON: what aggregates identify is folded as the generator of the history knows it; whatever goes wrong
while they are asked is one malformed record each, and never passes for the same."""

import base64
import functools
import gzip
import hashlib
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import unittest

from support import (
    aggregate, check_sums, expect, expect_status, FIXTURES, in_full, part_of, plugin, read_golden, refold, ROOT,
    run_json, sampled, Scratch, slow, total, write_bytes)

FIXTURE = os.path.join(FIXTURES, "protobuf-orders")
EVENTS = os.path.join(FIXTURE, "events")
SOURCE = os.path.join(ROOT, "harness", "tests", "worker", "plugins", "payloads.c")
NONE = "and no aggregate identifies it"
OBJECTS = "history/2026/01/01/00/x-1-2026-01-01-00-00-%02d-0b2e8ad3-46d7-4a2b-9a0e-3f1c2d4e5f60.gz"


@functools.lru_cache(maxsize=None)
def facts():
    with open(os.path.join(FIXTURE, "facts.json"), encoding="utf-8") as f:
        return json.load(f)


def generate(folder, *arguments):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-protobuf-orders"), folder, *map(str, arguments)],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def lines(scratch, *payloads, name="history/2026/01/01/00/x-1-2026-01-01-00-00-00-0b2e8ad3-46d7-4a2b-9a0e-3f1c2d4e5f60.gz"):
    """Writes an object of lines of base64. Returns the history's folder."""
    body = b"".join(base64.b64encode(p if isinstance(p, bytes) else p.encode()) + b"\n" for p in payloads)
    path = os.path.join(scratch, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_bytes(path, gzip.compress(body, mtime=0))
    return os.path.join(scratch, name.split("/")[0])


def variant(scratch, file, **macros):
    """payloads.c with other macros."""
    path = os.path.join(scratch, file + ".c")
    with open(path, "w", encoding="utf-8") as f:
        for macro, value in macros.items():
            f.write("#define PAYLOADS_%s %s\n" % (macro.upper(), value))
        f.write('#include "%s"\n' % SOURCE)
    return path


def fold(history, *arguments, status=3, **keywords):
    """The report of a fold without golden."""
    result = run_json("--no-compare", *arguments, history, **keywords)
    expect_status(result, status, "run %s" % " ".join(map(str, arguments)))
    if status in (0, 3):
        check_sums(result.report, "sums")
    return result.report


def messages(report):
    return [d["message"] for d in report["damage"] if d["kind"] == "malformed"]


def states(scratch, *arguments):
    """What a bless writes of a history without damage."""
    golden = os.path.join(scratch, "golden-%d" % len(os.listdir(scratch)))
    result = refold("bless", "-g", golden, *arguments)
    expect_status(result, 0, "bless")
    return {name: read_golden(os.path.join(golden, name)) for name in sorted(os.listdir(golden)) if name.endswith(".ndjson")}


# ---- the history whose answer is known -----------------------------------------------------------


def check_fixture(build):
    result = run_json("-a", build, "-g", os.path.join(FIXTURE, "golden"), EVENTS)
    expect_status(result, 3, "its malformed records count")
    report = result.report
    check_sums(report, "sums")
    known = facts()
    expect(total(report, "same"), known["orders"], "orders that are as the generator knows them")
    expect(report["history"]["events"], known["events"] + known["duplicates"], "events")
    expect(report["history"]["duplicates"], known["duplicates"], "duplicates")
    expect(report["history"]["malformed"], known["broken"] + known["foreign"], "malformed")
    return messages(report)


def test_protobuf_folded_in_c_is_what_the_generator_knows():
    found = check_fixture(plugin("protobuf"))
    expect(sum(m.endswith(NONE) for m in found), facts()["foreign"], "foreign")
    expect(sum(m.endswith("order: the message breaks off") for m in found), facts()["broken"], "broken")


def test_protobuf_folded_in_go_is_what_the_generator_knows():
    module = os.path.join(ROOT, "aggregates", "go")
    if shutil.which("go") is None or not os.path.isdir(os.path.join(module, "examples", "protobuf")):
        raise unittest.SkipTest("go is not installed (golang-go)")
    with Scratch() as scratch:
        program = os.path.join(scratch, "protobuf")
        env = dict(os.environ, CGO_ENABLED="0", GOFLAGS="-trimpath", GOPROXY="off", GOTOOLCHAIN="local")
        env.setdefault("HOME", scratch)
        subprocess.run(["go", "build", "-o", program, "./examples/protobuf"], cwd=module, env=env, check=True)
        check_fixture(program)


def test_the_fixture_is_what_its_generator_writes():
    with Scratch() as scratch:
        generate(scratch)
        expect(subprocess.run(["diff", "-r", scratch, FIXTURE], check=False).returncode, 0, "diff")


def test_random_histories_whatever_the_jobs_and_the_memory():
    for seed in range(2, 5):
        with Scratch() as scratch:
            made = generate(scratch, "--seed", seed, "--events", 3000, "--objects", 7, "--broken", seed % 2, "--foreign", 2 * (seed % 2))
            golden = os.path.join(scratch, "golden")
            reports = []
            for extra in (("-j", 1), ("-j", 4), ("-j", 3, "--memory", "1M")):
                result = run_json("-a", plugin("protobuf"), "-g", golden, *extra, os.path.join(scratch, "events"))
                expect_status(result, 3 if seed % 2 else 0, "run %s" % (extra,))
                check_sums(result.report, "sums")
                expect(total(result.report, "same"), made["orders"], "same")
                reports.append({k: result.report[k] for k in ("history", "aggregates", "damage", "differences")})
            expect(reports[1]["damage"], reports[0]["damage"], "damage of -j 4")
            expect(reports[2]["damage"], reports[0]["damage"], "damage of --memory")
            expect(reports[1]["history"], reports[0]["history"], "history of -j 4")


def test_a_bug_in_identify_differs():
    """One that reads another version for the last event of an order: never the same."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "bug.c")
        with open(os.path.join(ROOT, "harness", "tests", "worker", "plugins", "protobuf.c"), encoding="utf-8") as f:
            text = f.read()
        text = text.replace("../../../../aggregates/order.c", os.path.join(ROOT, "aggregates", "order.c"))
        changed = text.replace("ret->version = (int64_t)field.value;", "ret->version = (int64_t)field.value % 5 + 1;")
        assert changed != text
        with open(path, "w", encoding="utf-8") as f:
            f.write(changed)
        result = run_json("-a", path, "-g", os.path.join(FIXTURE, "golden"), EVENTS)
        expect_status(result, 3, "conflicts and gaps")
        assert total(result.report, "same") < facts()["orders"] // 2, result.report["aggregates"]


# ---- what can be said of a payload ---------------------------------------------------------------


def test_every_kind_of_answer():
    with Scratch() as scratch:
        history = lines(scratch, "\x01a|1|Noted", "\x01a|2|Noted", "\x04whatever", "\x0bwhose", "\x08whatever", "\x01|1|Noted", "\x01b||Noted",
                        "\x01c|1|", "\x07a|3|Noted", b"\x01\xff|1|Noted", "\x01a|99999999999999999999|Noted")
        report = fold(history, "-a", plugin("payloads"))
        found = messages(report)
        expect(len(found), report["history"]["malformed"], "all are told")
        for end in ("; payloads: no varint at \"byte\" 7\n\x1b[31m", ", " + NONE, "identify emitted no good JSON: byte 5: expected a value, but the text ends here",
                    "; what payloads identified: /aggregateId is empty", "; what payloads identified: /type is empty",
                    "identify gave no id, or one that is no UTF-8"):
            expect(sum(m.endswith(end) for m in found), 1, "%r among %r" % (end, found))
        expect(report["history"]["records"], 11, "records")
        assert "a|3" not in json.dumps(found) and report["history"]["events"] >= 4


def test_hostile_texts_reach_no_terminal():
    with Scratch() as scratch:
        history = lines(scratch, "\x01a|1|Noted", "\x04whatever")
        for verb in ("run --no-compare", "types", "doctor", "cat"):
            result = refold(*verb.split(), "-a", plugin("payloads"), history)
            assert b"\x1b" not in result.stdout + result.stderr_bytes, (verb, result.stderr)


def test_data_is_the_payload_where_none_is_told():
    with Scratch() as scratch:
        history = lines(scratch, "\x01a|1|Noted")
        result = refold("cat", "-a", plugin("payloads"), history)
        expect(json.loads(result.stdout)["data"], base64.b64encode(b"\x01a|1|Noted").decode(), "data")
        told = variant(scratch, "told", data='"{\\"b\\": 1.0, \\"a\\":[]}"')
        result = refold("cat", "-a", told, history)
        expect(json.loads(result.stdout)["data"], {"a": [], "b": 1.0}, "data")


def test_two_that_identify_one_payload():
    with Scratch() as scratch:
        history = lines(scratch, "\x01a|1|Noted", "\x09b|1|Noted", "\x0aboth")
        first = variant(scratch, "first", name='"first"', of=1)
        second = variant(scratch, "second", name='"second"', of=9)
        report = fold(history, "-a", first, "-a", second)
        expect(report["history"]["events"], 2, "events")
        third = variant(scratch, "third", name='"third"', of=1)
        for order in ((first, second, third), (third, first, second)):
            report = fold(history, *(word for build in order for word in ("-a", build)))
            found = messages(report)
            names = " and ".join(os.path.basename(b)[:-2] for b in order if b != second)
            expect(sum(m.endswith("; %s identify it, and only one may" % names) for m in found), 1, found)
            expect(report["history"]["events"], 1, "events")


def test_compare_asks_both():
    with Scratch() as scratch:
        history = lines(scratch, "\x01a|1|Noted", "\x01a|2|Noted", "\x0bnone")
        base = variant(scratch, "base")
        for name, macros, malformed in (("head", {}, 1), ("data", {"data": '"1"'}, 3), ("other", {"of": 9}, 3)):
            result = refold("compare", "-r", "json", base, variant(scratch, name, **macros), history)
            expect_status(result, 3, name)
            report = result.report
            expect(report["history"]["malformed"], malformed, name)
            expect(sum(m.endswith("payloads: BASE and HEAD identify it differently") for m in messages(report)), malformed - 1, name)
        whole = lines(scratch, "\x01a|1|Noted", name="whole/2026/01/01/00/x-1-2026-01-01-00-00-00-0b2e8ad3-46d7-4a2b-9a0e-3f1c2d4e5f60.gz")
        expect_status(refold("compare", base, variant(scratch, "head"), whole), 0, "both say the same")
        expect_status(refold("compare", base, variant(scratch, "data", data='"1"'), whole), 3, "they do not")


# ---- who dies of a payload -----------------------------------------------------------------------


@sampled
def test_one_that_dies_costs_one_payload():
    with Scratch() as scratch:
        good = ["\x01i%d|1|Noted" % i for i in range(600)]
        deaths = (("\x02", "died of it: SIGSEGV (segmentation fault)", ()), ("\x05", "died of it: exit status 0", ()),
                  ("\x06", "died of it: exceeded its memory (64 MiB)", ("--aggregate-memory", "64M")),
                  ("\x03", "died of it: no sign of life for 0.2 s", ("--timeout", "0.2")))
        for (first, end, arguments), place, jobs in part_of(itertools.product(deaths, (0, 299, 600), (1, 3)), 5):
            history = lines(scratch, *good[:place], first + "deadly", *good[place:])
            report = fold(history, "-a", plugin("payloads"), "-j", jobs, *arguments)
            expect(report["history"]["events"], 600, "events of %r at %d" % (first, place))
            found = messages(report)
            assert len(found) == 1 and found[0].endswith(end), (found, end)


def test_at_the_twentieth_it_ends():
    with Scratch() as scratch:
        for count, status in ((19, 3), (20, 2), (50, 2)):
            payloads = []
            for i in range(count):
                payloads += ["\x02dead", "\x01i%d|1|Noted" % i]
            history = lines(scratch, *payloads)
            for jobs in (1, 4):
                result = run_json("--no-compare", "-a", plugin("payloads"), "-j", jobs, history)
                expect_status(result, status, "%d deaths" % count)
                if status == 2:
                    assert "identify of payloads died of 20 payloads, the last time so: SIGSEGV" in result.stderr, result.stderr
                else:
                    expect(result.report["history"]["malformed"], count, "malformed")


def test_who_died_leaves_no_descriptor_open():
    """With as many as suffice where no one dies, and a few more, nineteen deaths are got over."""
    with Scratch() as scratch:
        good = ["\x01i%d|1|Noted" % i for i in range(19)]
        calm = lines(scratch, *good, name=OBJECTS % 1)
        deadly = lines(scratch, *itertools.chain(*zip(good, ["\x02dead"] * 19)), name="deadly/" + OBJECTS.split("/", 1)[1] % 1)

        def run(history, most):
            return refold("run", "-r", "json", "--no-compare", "--purity=off", "-j", 1, "-a", plugin("payloads"), history,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))

        low, high = 4, 256
        expect_status(run(calm, high), 0, "calm")
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if run(calm, middle).status == 0 else (middle, high)
        result = run(deadly, high + 4)
        expect_status(result, 3, "with %d descriptors" % (high + 4))
        expect(result.report["history"]["malformed"], 19, "deaths")


LIAR = r'''#!%s -SE
import json, os, struct, sys, time
mode = %r
def read(n):
    data = b""
    while len(data) < n:
        more = os.read(0, n - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data
def write(kind, number, payload, letters=0x4652):
    data = struct.pack("<IHHQ", len(payload), kind, letters, number) + payload
    while data:
        data = data[os.write(1, data):]
def answer(payload):
    if payload[:4] != b"\x01lie":
        return b"" if payload[:1] != b"\x01" else json.dumps({"id": payload[1:].decode(), "type": "Noted", "version": 1}).encode()
    if mode == "json":
        return b"{"
    if mode == "member":
        return b'{"id":"x","type":"Noted","aggregate":"other"}'
    if mode == "version":
        return b'{"id":"x","type":"Noted","version":1.5}'
    if mode == "at":
        return b'{"id":"x","type":"Noted","at":"yesterday"}'
    return None
while True:
    size, kind, letters, number = struct.unpack("<IHHQ", read(16))
    payload = read(size)
    if kind == 1:
        write(129, number, json.dumps({"protocol": 1, "speaker": "liar", "aggregates": [
            {"name": "other", "state_version": 1, "types": ["Noted"], "identifies": False},
            {"name": "payloads", "state_version": 1, "types": ["Noted"], "identifies": True}][int(mode != "member0"):]}).encode())
        continue
    member, count = struct.unpack("<II", payload[:8])
    at, answers = 8, []
    for _ in range(count):
        n, = struct.unpack("<I", payload[at:at + 4])
        answers.append(answer(payload[at + 4:at + 4 + n]))
        at += 4 + n
    if mode == "many" and count > 1:
        sys.exit(3)
    while mode == "many-hangs" and count > 1:
        pass
    if mode == "many-slow":
        time.sleep(0.02 * count)
    if None in answers:
        body = {"count": struct.pack("<II", count + 1, 0), "cut": struct.pack("<I", count), "letters": b""}.get(mode, b"")
        if mode == "print":
            os.write(1, b"hello world, this is text\n")
        elif mode == "crash":
            write(255, number, b"panic: index out of range\nmore")
        elif mode == "number":
            write(136, number + 1, struct.pack("<I", count) + b"\0\0\0\0" * count)
        elif mode == "silent":
            sys.exit(3)
        else:
            write(136, number, body, 1 if mode == "letters" else 0x4652)
        continue
    write(136, number, struct.pack("<I", count) + b"".join(struct.pack("<I", len(a)) + a for a in answers))
'''


def test_one_that_lies_costs_one_payload():
    ends = {"json": "gave an answer that is no JSON: expected a key in quotes or '}', but the text ends here",
            "member": "gave an answer whose member 'aggregate' is none that it may have",
            "version": "/version is not a version (an integer from 0 to 2^63-1)",
            "at": "/at is not a time (RFC 3339 with its offset, or a number of seconds, ms, us or ns since 1970; years 0001 to 9999), but \"yesterday\"",
            "crash": "died of it: panic: index out of range", "silent": "died of it: exit status 3"}
    for mode in ("json", "member", "version", "at", "crash", "silent", "count", "cut", "letters", "number", "print"):
        with Scratch() as scratch:
            liar = os.path.join(scratch, "liar")
            with open(liar, "w", encoding="utf-8") as f:
                f.write(LIAR % (sys.executable, mode))
            os.chmod(liar, 0o755)
            # Nothing is folded: that is for other tests.
            history = lines(scratch, *("\x01i-%03d" % i for i in range(300)), "\x01lie", *("\x01j-%03d" % i for i in range(100)))
            result = refold("doctor", "--json", "--sandbox", "off", "-a", liar, history)
            expect_status(result, 3, mode + ": " + result.stderr)
            expect(result.report["history"]["events"], 400, mode)
            expect(result.report["history"]["malformed"], 1, mode)
            found = messages(result.report)
            expect(len(found), 1, mode)
            good = found[0].endswith(ends[mode]) if mode in ends else "died of it: broke the worker protocol: " in found[0]
            assert good, (mode, found)


def test_what_dies_of_many_at_once_costs_the_first():
    for mode, timeout, end in (("many", 2, "exit status 3"), ("many-hangs", 2, "no sign of life for 2 s"), ("many-slow", 0.4, None)):
        with Scratch() as scratch:
            liar = os.path.join(scratch, "liar")
            with open(liar, "w", encoding="utf-8") as f:
                f.write(LIAR % (sys.executable, mode))
            os.chmod(liar, 0o755)
            # One by one the slow ones take more than half a timeout.
            history = lines(scratch, *("\x01i-%03d" % i for i in range(50)))
            result = refold("doctor", "--json", "--sandbox", "off", "--timeout", timeout, "-a", liar, history)
            if end is None:
                expect(result.report["history"]["malformed"], 0, mode)
                expect(result.report["history"]["events"], 50, mode)
                continue
            expect_status(result, 3, mode + ": " + result.stderr)
            expect(result.report["history"]["events"], 49, mode)
            found = messages(result.report)
            expect(len(found), 1, mode)
            assert found[0].endswith("died of it: %s in a batch that begins here, at no payload of it alone" % end), found


def test_what_others_left_behind_is_not_blamed_on_one_payload():
    # In objects of one: each is a batch, and a worker gets many. In one object: the batch dies, and each is asked alone.
    for single in (True, False):
        with Scratch() as scratch:
            payloads = ["\x0ei|%d|Noted" % i for i in range(1, 31)]
            for place, some in enumerate([[p] for p in payloads] if single else [payloads]):
                history = lines(scratch, *some, name=OBJECTS % place)
            for jobs in (1, 2, 8):
                report = fold(history, "-a", plugin("payloads"), "-j", jobs, "--aggregate-memory", "64M", status=0)
                expect(report["history"]["events"], 30, "each is an event, jobs %d" % jobs)


@slow
def test_memory_together_never_counts_for_the_end():
    with Scratch() as scratch:
        for place in range(25):
            history = lines(scratch, *("\x0ei%d|%d|Noted" % (place, i) for i in range(1, 9)), name=OBJECTS % place)
        report = fold(history, "-a", plugin("payloads"), "-j", 1, "--aggregate-memory", "64M", status=0)
        expect(report["history"]["events"], 200, "25 batches died, and no payload did")


def test_a_worker_that_others_wore_out_is_the_batch_s():
    # At the fourth payload that a worker gets, whichever it is.
    for first, end in (("\x0f", "SIGABRT (aborted)"), ("\x10", "no sign of life for 0.3 s")):
        with Scratch() as scratch:
            history = lines(scratch, *(first + "i|%d|Noted" % i for i in range(1, 7)))
            report = fold(history, "-a", plugin("payloads"), "--timeout", "0.3")
            expect(report["history"]["events"], 5, "events")
            found = messages(report)
            assert len(found) == 1 and found[0].endswith(
                "died of it: %s in a batch that begins here, at no payload of it alone" % end), found
            expect([d["offset"] for d in report["damage"] if d["kind"] == "malformed"], [0], "the first of them")
        with Scratch() as scratch:  # a batch each
            for place in range(6):
                history = lines(scratch, first + "i|%d|Noted" % (place + 1), name=OBJECTS % place)
            found = messages(fold(history, "-a", plugin("payloads"), "--timeout", "0.3", "-j", 1))
            assert len(found) == 1 and found[0].endswith("died of it: %s in a batch that begins here, at no payload of it alone" % end), found


def test_what_a_used_worker_dies_of_may_die_alone():
    for jobs in (1, 2):
        with Scratch() as scratch:
            for place in range(6):
                history = lines(scratch, "\x02deadly" if place == 4 else "\x01i|%d|Noted" % (place + 1),
                                name=OBJECTS % place)
            report = fold(history, "-a", plugin("payloads"), "-j", jobs)
            found = messages(report)
            assert len(found) == 1 and found[0].endswith("died of it: SIGSEGV (segmentation fault)"), found


# ---- values that are private ---------------------------------------------------------------------


# Aggregate `payloads` takes those that begin with 1; `other`, of the same program, looks at all of them.
QUOTER = r'''#!%(python)s -SE
import os, signal, sys, time
sys.path.insert(0, %(folder)r)
from speaker import *
mode = %(mode)r
sink = os.dup(1)
os.dup2(2, 1)
RACE = b"""==================
WARNING: DATA RACE
Write at 0x00c000012345 by goroutine 7:
  main.f()
      /x/order.go:12 +0x1

Previous read at 0x00c000012345 by goroutine 8:
  main.g()
      /x/order.go:15 +0x1
==================
"""

class Payloads(Aggregate):
    name, types, identifies, restores = "payloads", ("Noted",), True, True
    def apply(self, event): self.last = event
    def state(self): return {"last": 1}
    @classmethod
    def identify(cls, payload):
        told = quote(cls, payload) if mode.startswith(cls.name) and b"odd" in payload else None
        if told is not None or cls.name != "payloads" or (mode.startswith("other") and b"odd" in payload):
            return told
        return {"id": "i" + payload[-1:].decode(), "type": "Noted", "version": 1, "data": {"note": payload.decode()}}

class Other(Payloads):
    name = "other"

def quote(cls, payload):
    how, text = mode.split("-")[1], payload.decode()
    if how == "raises": raise ValueError("cannot decode " + text)
    if how == "error": return {"error": "cannot decode " + text}
    if how == "member": return {"id": "x", "type": "Noted", text: 1}
    if how == "prints": os.write(2, b"debug: " + payload + b"\n")
    if how == "dies": os.write(2, b"debug: " + payload + b"\n"); os.kill(os.getpid(), signal.SIGABRT)
    if how == "frame": os.write(sink, payload + b" is what it is\n")
    if how == "races": os.write(2, RACE)
    if how == "races1":
        try:
            os.close(os.open(%(path)r + ".raced", os.O_CREAT | os.O_EXCL))
            os.write(2, RACE)
        except FileExistsError: pass

class Slow(Speaker):
    def answer(self, kind, payload):
        if (kind, mode) == (IDENTIFIED, "drips") and len(payload) > 8:
            self.flush()
            for byte in frame(self.number, kind, payload + b" " * 100000):
                os.write(self.sink, bytes([byte]))
                time.sleep(0.02)
        super().answer(kind, payload)

sys.exit(Slow([Payloads, Other], 0, sink).run())
'''


def quoter(scratch, mode):
    path = os.path.join(scratch, "quoter-" + mode)
    with open(path, "w", encoding="utf-8") as f:
        f.write(QUOTER % {"python": sys.executable, "folder": os.path.dirname(os.path.abspath(__file__)), "mode": mode, "path": path})
    os.chmod(path, 0o755)
    return path


def everything(result):
    return result.stdout + result.stderr_bytes


@sampled
def test_nothing_of_a_private_payload_is_told():
    """Whatever a build says of a payload when it goes wrong may quote it, be the private values its own or another's."""
    with Scratch() as scratch:
        history = lines(scratch, *("canary-%s%d" % ("odd-" if i == 3 else "", i) for i in range(6)))
        deadly = lines(scratch, *("canary-odd-%02d" % i for i in range(25)),
                       name="deadly/2026/01/01/00/x-1-2026-01-01-00-00-00-0b2e8ad3-46d7-4a2b-9a0e-3f1c2d4e5f60.gz")
        key = os.path.join(scratch, "key")
        with open(key, "w", encoding="utf-8") as f:
            f.write("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
        os.chmod(key, 0o600)
        for number, how in enumerate(("raises", "error", "member", "prints", "dies", "frame")):
            for who in ("payloads", "other") if in_full() else ("payloads", "other")[number % 2:][:1]:  # by turns
                program = quoter(scratch, who + "-" + how)
                for private in (False, True):
                    with open(os.path.join(scratch, "refold.json"), "w", encoding="utf-8") as f:
                        json.dump({"aggregates": {"payloads": {"plugin": program, **({"private": ["/last"]} if private else {})}},
                                   **({"private_key_file": key} if private else {})}, f)
                    result = refold("run", "--no-compare", "--sandbox", "off", "-j", "1", "-r", "json", history, cwd=scratch)
                    expect_status(result, 0 if (who, how) == ("payloads", "prints") else 3, "%s-%s" % (who, how))
                    told = everything(result)
                    if private and how == "raises":
                        result = refold("doctor", "-a", program, "--sandbox", "off", history, cwd=scratch)
                        expect_status(result, 3, "doctor")
                        told += everything(result)
                    if private and how in (("raises", "dies") if in_full() else ("raises",)):
                        result = refold("run", "--no-compare", "--sandbox", "off", "-j", "1", deadly, cwd=scratch)
                        expect_status(result, 2, "%s-%s at the twentieth" % (who, how))
                        told += everything(result)
                    assert (b"canary" in told) == (not private), (who, how, private, told)


# ---- who hands over byte by byte, who races --------------------------------------------------------


def test_one_that_drips_its_answer_is_ended():
    with Scratch() as scratch:
        history = lines(scratch, "payload 1")
        result = refold("doctor", "--json", "--sandbox", "off", "--timeout", "0.2", "-a", quoter(scratch, "drips"), history)
        expect_status(result, 3, result.stderr)
        found = messages(result.report)
        assert len(found) == 1 and found[0].endswith("its answer was not whole after 0.8 s"), found


def test_a_race_while_identifying_is_no_green_run():
    with Scratch() as scratch:
        history = lines(scratch, "payload 1", "payload odd 2", "payload 3")
        report = fold(history, "-a", quoter(scratch, "payloads-races"), "--sandbox", "off")
        expect([m.split("; ")[1] for m in messages(report)],
               ["payloads: its identify died of it: data race: write at order.go:12, previous read at order.go:15"], "damage")
        expect(report["history"]["events"], 2, "the others are folded")
        once = quoter(scratch, "payloads-races1")
        result = run_json("--no-compare", "-a", once, "--sandbox", "off", history)
        expect_status(result, 1, "a race that does not come again")
        expect(result.report["history"]["events"], 3, "all are folded")
        assert "payloads: data race: write at order.go:12" in result.stderr, result.stderr


# ---- the verbs -----------------------------------------------------------------------------------


def test_without_an_aggregate_the_message_says_which_option_helps():
    for verb in ("types", "cat", "doctor"):
        result = refold(verb, EVENTS)
        expect_status(result, 3, verb) if verb != "cat" else None
        if verb == "types":
            assert "an aggregate that identifies such payloads can read it (-a)" in result.stdout.decode(), verb
    for verb, status in (("types", 3), ("cat", 3), ("doctor", 3)):
        result = refold(verb, "-a", plugin("protobuf"), EVENTS)
        expect_status(result, status, verb)
    expect(len(refold("cat", "-a", plugin("protobuf"), EVENTS).stdout.splitlines()), facts()["events"] + facts()["duplicates"], "cat")
    result = refold("show", "-a", plugin("protobuf"), "--at", "1", "16434f7f0e5952038618756e610d4590", EVENTS)
    assert b'"status":"created"' in result.stdout.replace(b" ", b""), result.stdout


def test_what_cat_tells_is_folded_to_the_same():
    with Scratch() as scratch:
        generate(scratch, "--events", 400, "--broken", 0, "--foreign", 0)
        history = os.path.join(scratch, "events")
        path = os.path.join(scratch, "cat.ndjson")
        write_bytes(path, refold("cat", "-a", plugin("protobuf"), history).stdout)
        expect(states(scratch, "-a", plugin("protobuf"), "-e", "flat", path), states(scratch, "-a", plugin("protobuf"), history), "states")


def test_an_aggregate_without_identify_is_no_help():
    result = run_json("--no-compare", "-a", aggregate("order"), EVENTS)
    expect_status(result, 3, "no event")
    result = refold("doctor", "-a", aggregate("order"), EVENTS)
    expect_status(result, 2, "doctor -a")
    assert "no aggregate that is given identifies payloads" in result.stderr, result.stderr
    expect_status(refold("doctor", EVENTS, env={"REFOLD_AGGREGATE": aggregate("order")}), 3, "a variable is meant for other verbs")


def test_packs_hold_for_the_builds_that_identified():
    with Scratch() as scratch:
        generate(scratch, "--events", 500, "--objects", 4, "--broken", 1)
        history = os.path.join(scratch, "events")
        pack = os.path.join(scratch, "h.pack")
        golden = os.path.join(scratch, "golden")
        expect_status(refold("pack", "-a", plugin("protobuf"), history, "-o", pack), 3, "pack")
        direct = run_json("-a", plugin("protobuf"), "-g", golden, history)
        packed = run_json("-a", plugin("protobuf"), "-g", golden, pack)
        expect_status(packed, 3, packed.stderr)
        for part in ("history", "aggregates", "differences"):
            expect(packed.report[part], direct.report[part], part)
        expect(messages(packed.report), messages(direct.report), "damage")
        other = os.path.join(scratch, "protobuf.so")
        shutil.copy(plugin("protobuf"), other)
        expect_status(run_json("-a", other, "-g", golden, pack), 3, "the same bytes are the same build")
        with open(other, "ab") as f:
            f.write(b"\n")
        for arguments in (("run", "--no-compare", "-a", other), ("run", "--no-compare", "-a", aggregate("order")), ("cat",), ("types",), ("doctor",)):
            result = refold(*arguments, pack)
            expect_status(result, 2, " ".join(arguments))
            assert "was packed with other rules" in result.stderr, result.stderr
        plain = os.path.join(scratch, "plain.pack")
        expect_status(refold("pack", history, "-o", plain), 2, "nothing to pack")


def test_pack_and_doctor_say_the_same_of_a_history_whoever_identifies():
    """What -a gives them claims nothing: a history of JSON is as it was."""
    events = os.path.join(FIXTURES, "git-jansson", "events")
    with Scratch() as scratch:
        plain, asked = (os.path.join(scratch, name) for name in ("plain", "asked"))
        refold("doctor", "-o", plain, events)
        refold("doctor", "-a", plugin("protobuf"), "-o", asked, events)
        with open(plain, "rb") as a, open(asked, "rb") as b:
            expect(a.read(), b.read(), "certificates")


# ---- other forms ---------------------------------------------------------------------------------


def test_attributes_of_a_table():
    def item(key, **attributes):
        found = {"key": {"S": key}}
        for name, payload in attributes.items():
            found[name] = {"B": base64.b64encode(payload.encode()).decode()}
        return json.dumps({"eventID": "1", "eventName": "INSERT", "dynamodb": {"Keys": {"key": {"S": key}}, "NewImage": found}})
    with Scratch() as scratch:
        path = os.path.join(scratch, "stream.json")
        with open(path, "w", encoding="utf-8") as f:
            f.write(item("a", _1="\x01a|1|Noted", _2="\x01a||Noted") + "\n" + item("b", _1="\x01a|1|Noted", _2="\x01b|7|Noted", _3="\x0b?"))
        report = fold(path, "-a", plugin("payloads"))
        expect(report["history"]["events"], 2, "events")
        expect(report["history"]["envelopes"]["dynamodb-stream"], 2, "envelope")
        found = sorted(m.rsplit("; ", 1)[-1] for m in messages(report))
        for end in ("what payloads identified: its id is not the item's key",
                    "what payloads identified: its version is not that of the attribute", NONE):
            expect(sum(m.endswith(end) for m in found), 1, found)


def test_lines_in_messages_of_cloudwatch():
    with Scratch() as scratch:
        path = os.path.join(scratch, "logs.json")
        message = base64.b64encode(b"\x01a|1|Noted").decode()
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "subscriptionFilters": [],
                       "logEvents": [{"id": "1", "timestamp": 1, "message": message}, {"id": "2", "timestamp": 1, "message": "AQIDBAUG"}]}, f)
        report = fold(path, "-a", plugin("payloads"))
        expect(report["history"]["envelopes"]["cloudwatch"], 1, "envelope")
        assert messages(report)[0].startswith("in a log event of CloudWatch's: the line is base64"), messages(report)


def test_joined_payloads_are_never_merged():
    """Protobuf makes one message of two that are joined, without a word."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "joined.txt")
        write_bytes(path, base64.b64encode(b"\x01a|1|Noted") + base64.b64encode(b"\x01a|2|Noted") + b"\n" + base64.b64encode(b"\x01c|1|Noted") + b"\n")
        report = fold(path, "-a", plugin("payloads"))
        expect(report["history"]["events"], 1, "events")
        assert "several texts of base64 in a row" in messages(report)[0], messages(report)


def test_objects_that_break():
    """What stood in front of the break is settled before the object is: withdrawn, or kept."""
    with Scratch() as scratch:
        generate(scratch, "--events", 900, "--objects", 2, "--duplicates", 0, "--broken", 1, "--foreign", 1)
        history = os.path.join(scratch, "events")
        victim = sorted(os.path.join(here, name) for here, _, names in os.walk(history) for name in names)[0]
        with open(victim, "rb") as f:
            whole = f.read()
        known = fold(history, "-a", plugin("protobuf"))["history"]
        for share in (0.1, 0.5, 0.9, 0.99):
            write_bytes(victim, whole[:int(len(whole) * share)])
            cut = fold(history, "-a", plugin("protobuf"))["history"]
            kept = fold(history, "--keep-partial", "-a", plugin("protobuf"))["history"]
            expect(cut["unreadable"], 1, "unreadable")
            expect(cut["events"], kept["events"], "events in front of the break")
            expect((kept["withdrawn"], cut["withdrawn"] > 0), (0, True), "withdrawn")
            assert cut["events"] < known["events"], (cut, known)


def aggregate_of(*payloads):
    """An aggregate of the Kinesis Producer Library."""
    def field(number, value):
        assert len(value) < 128
        return bytes([number << 3 | 2, len(value)]) + value
    fields = field(1, b"key") + b"".join(field(3, b"\x08\x00" + field(3, payload)) for payload in payloads)
    return b"\xf3\x89\x9a\xc2" + fields + hashlib.md5(fields).digest()


def test_what_begins_nearly_as_gzip_does_is_a_payload():
    """Protobuf whose first field is 1035 has two of gzip's three bytes: 08 8b 08."""
    with Scratch() as scratch:
        path = os.path.join(scratch, OBJECTS % 0)
        os.makedirs(os.path.dirname(path))
        for number, payload in enumerate((b"\x08\x8b\x08\x12\x01a", b"\x01a|2|Noted", gzip.compress(b"\x01a|2|Noted"))):
            write_bytes(path, gzip.compress(aggregate_of(b"\x01a|1|Noted", payload)))
            report = fold(os.path.join(scratch, "history"), "-a", plugin("payloads"), status=3 if number != 1 else 0)
            expect((report["history"]["unreadable"], report["history"]["events"], len(messages(report))),
                   (0, 1 + (number == 1), number != 1), payload)
            assert number != 0 or "a value of 6 bytes that are no JSON" in messages(report)[0], messages(report)


def test_what_firehose_wrote_below_an_error_prefix():
    with Scratch() as scratch:
        payload = b"\x01a|1|Noted"
        lines(scratch, "\x01a|2|Noted")
        for number, raw in enumerate((payload, base64.b64encode(payload) + b"\n")):
            path = os.path.join(scratch, "history", "processing-failed", "2026/01/01/00", "x-%d" % number)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            record = {"attemptsMade": 4, "arrivalTimestamp": 1, "errorCode": "Lambda.FunctionError", "errorMessage": "x", "attemptEndingTimestamp": 2,
                      "rawData": base64.b64encode(raw).decode()}
            write_bytes(path, json.dumps(record).encode() + b"\n")
        report = fold(os.path.join(scratch, "history"), "--errors", "-a", plugin("payloads"), status=0)
        expect((report["history"]["events"], report["history"]["duplicates"]), (3, 1), "events, and the copy")
