# SPDX-License-Identifier: MIT
"""Programs that speak the worker protocol: what is blessed, compared and blamed, by a model of harness/tests/worker/programs/
counter.c. Whatever a program does at an event, this one instance is named, and all others are what they are without it."""

import base64
import gzip
import json
import os
import random
import shutil
import stat

from support import (
    aggregate, BUILD, canonical, check_sums, expect, expect_status, FIXTURES, in_full, lines_of, parallel, part_of,
    plugin, read_golden, refold, run_json, sampled, Scratch, total, waits, write_bytes)

COUNTER = os.path.join(BUILD, "tests", "programs", "counter")

# What it does, and what must be said.
ENDS = {
    "segv": r"SIGSEGV (segmentation fault)",
    "abort": r"SIGABRT (aborted)",
    "exit0": "exit status 0: going with 0",
    "exit7": "exit status 7: going with 7",
    "exit94": "it ended with exit status 94",
    "crash": "exit status 2: panic: index out of range [3] with length 2, at order.go:41",
    "hello": 'it wrote "hello" to its standard output, where the protocol is',
    "receipt": "the receipt in its APPLIED is ",
    "applied": "its APPLIED counts ",
    "number": "the last one that was sent is ",
    "early": "",
    "kind": "(EVENTS) is answered by STATE",
    "unknown": "a frame of kind 200, which is no answer",
    "status": "its APPLIED has the status 7, which is none",
    "twice": "which is answered, or needs no answer",
    "cut": "its APPLIED has 3 bytes, and needs 16",
    "letters": "it wrote the bytes 00 00 00 00 00 00 00 00 to its standard output",
    "long": "a frame of 2147483647 bytes, and the longest may have 134217728",
}
STATES = {"json": "the state in its STATE is no JSON: byte 12: ", "broken": "it cannot be written", "nan": "the state holds NaN or infinity at /sum"}
# What it does once it has answered its END: at its last event, and before anything else is folded.
BEHIND = {"leave": "exit status 0", "deaf": "exit status 0"}
HUNG = ("hang", "sleep")


def event(identity, version, by, deed):
    data = {"By": by, **({"Do": deed} if deed else {})}
    return {"aggregateType": "counter", "aggregateId": identity, "version": version, "type": "Added",
            "at": "2020-01-01T%02d:%02d:%02dZ" % (version // 3600, version // 60 % 60, version % 60), "data": data}


def make(seed, count, deeds, most=40, rate=0.06):
    """id -> [(by, deed)]; one deed each, at most."""
    rng = random.Random(seed)
    made = {}
    for number in range(count):
        length = rng.choice((1, 1, 2, 3, 5, rng.randint(1, most)))
        events = [[rng.randint(-9, 99), None] for _ in range(length)]
        if rng.random() < rate or number < len(deeds):
            events[rng.randrange(length)][1] = deeds[number] if number < len(deeds) else rng.choice(deeds)
        made["i%05d" % number] = events
    names = list(made)
    rng.shuffle(names)
    return {name: made[name] for name in names}


def write_history(folder, made):
    records = [event(i, v + 1, by, deed) for i, events in made.items() for v, (by, deed) in enumerate(events)]
    records.sort(key=lambda r: r["version"])
    for number in range(3):
        key = "2020/01/01/%02d/c-1-2020-01-01-%02d-00-00-0000" % (number, number)
        write_bytes(os.path.join(folder, key), lines_of(records[number::3]))


def judge(events):
    """(kind, version, message), state, its version"""
    done = 0
    total_by = 0
    for place, (by, deed) in enumerate(events):
        if deed == "refuse":
            return ("rejected", place + 1, "Added: told to"), {"events": done, "sum": total_by}, done
        if deed in ENDS:
            return ("crashed", place + 1, ENDS[deed]), None, None
        if deed in HUNG:
            return ("hung", place + 1, "no sign of life"), None, None
        done += 1
        total_by += by
    for _, deed in events:
        if deed in STATES or deed in BEHIND:
            return ("crashed", len(events), {**STATES, **BEHIND}[deed]), None, None
    return None, {"events": done, "sum": total_by}, done


def check(made, *options, timeout=200):
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        golden = os.path.join(scratch, "g")
        write_history(history, made)
        blessed = refold("bless", "-q", *options, "-a", COUNTER, "-g", golden, history, timeout=timeout)
        lines = read_golden(os.path.join(golden, "counter.ndjson"))
        told = run_json("--no-compare", *options, "-a", COUNTER, history, timeout=timeout).report
    judged = {i: judge(events) for i, events in made.items()}
    check_sums(told, "deeds")
    found = {d["id"]: d for d in told["differences"]}
    expect(len(found), len(told["differences"]), "each is named once")
    expect({i: (d["kind"], d["version"]) for i, d in found.items()}, {i: j[0][:2] for i, j in judged.items() if j[0]}, "who is named")
    for identity, difference in found.items():
        if judged[identity][0][2] not in difference["message"]:
            raise AssertionError("%s: %s, not %s" % (identity, difference["message"], judged[identity][0][2]))
    whole = {i: (version, state) for i, (_, state, version) in judged.items() if state is not None and version > 0}
    got = {i: (line["version"], line["state"]) for i, line in lines.items() if "state" in line and line["version"] > 0}
    expect({i: (got.get(i), whole.get(i)) for i in got.keys() | whole.keys() if got.get(i) != whole.get(i)}, {}, "what is blessed")
    expect_status(blessed, 1 if any(j[0] and j[0][0] != "rejected" for j in judged.values()) else 0, "bless")
    return found


@sampled
def test_what_counts_is_blessed_and_refusals_are_rebuilt():
    for seed, options in part_of(((2, ("-j", "2")), (1, ("-j", "1")), (3, ("-j", "2", "--sandbox", "off"))), 3):
        check(make(seed, 1000, ["refuse", "odd"]), *options)
    # Long ones are sent while they are folded; a refusal in the middle of all that is under way.
    check(make(4, 24, ["refuse"] * 6, most=9000), "-j", "1")


@sampled
def test_each_deed_is_named_and_no_other_is_harmed():
    deeds = [deed for deed in (*ENDS, *STATES, *BEHIND, "refuse")]
    parallel(lambda seed: check(make(seed, 200, deeds), "-j", str(1 + seed % 2)), part_of(range(2), 2))
    # Without the sandbox, and with much under way.
    check(make(9, 100 if in_full() else 40, deeds, most=2000, rate=0.2), "-j", "1", "--sandbox", "off")


def test_what_hangs_or_takes_too_much():
    found = check(make(5, 100, ["hang", "sleep", "refuse"], rate=0), "-j", "2", "--timeout", "0.3")
    expect(sorted({d["kind"] for d in found.values()}), ["hung", "rejected"], "kinds")
    made = make(6, 200, [], rate=0)
    made["i00007"][0][1] = "alloc"
    with Scratch() as scratch:
        write_history(os.path.join(scratch, "h"), made)
        report = run_json("--no-compare", "--aggregate-memory", "64M", "-a", COUNTER, os.path.join(scratch, "h")).report
    expect([(d["id"], d["kind"], d["version"]) for d in report["differences"]], [("i00007", "crashed", 1)], "who takes too much")
    if not report["differences"][0]["message"].startswith("exceeded its memory (64 MiB)"):
        raise AssertionError(report["differences"][0]["message"])


# What is said of memory by who has plenty: how it ends, and what is told of it.
SAID_OF_MEMORY = (
    ("os.write(2, b'corrupted state: caught std::bad_alloc earlier\\n'); os.kill(os.getpid(), 11)", "SIGSEGV"),
    ("os.write(2, b'fatal error: out of memory\\n'); os._exit(3)", "exit status 3"),
    ("os.write(2, b'fatal error: out of memory\\n'); os._exit(2)", ""),
    ("os.write(2, b\"terminate called after throwing an instance of 'std::bad_alloc'\\n\"); os.abort()", ""),
    ("os.write(2, b'memory allocation of 8 bytes failed\\n'); os.abort()", ""),
)

SPEAKS_OF_MEMORY = """#!/usr/bin/env -S python3 -SE
import os, sys
sys.path.insert(0, %r)
from speaker import Aggregate, speak
begun = [0]
class Counter(Aggregate):
    name, types, restores = "counter", ("Added",), True
    def __init__(self):
        self.n = 0
        begun[0] += 1
    def apply(self, event):
        self.n += 1
        if begun[0] == 3 and self.n == 2:
            %s
    def state(self):
        return {"n": self.n}
speak(Counter)
"""


@sampled
def test_words_of_memory_hide_no_crash():
    """Alone, in a fresh program, each instance lives: were it thought that memory had added up, nothing would be told."""
    for deed, told in part_of(SAID_OF_MEMORY, 2):
        with Scratch() as scratch:
            write_history(os.path.join(scratch, "h"), {"i%d" % i: [(1, None)] * 3 for i in range(8)})
            program = os.path.join(scratch, "speaks")
            write_bytes(program, (SPEAKS_OF_MEMORY % (os.path.dirname(os.path.abspath(__file__)), deed)).encode())
            os.chmod(program, 0o755)
            got = run_json("--no-compare", "--sandbox=off", "-j1", "-a", program, os.path.join(scratch, "h"))
        expect_status(got, 1, deed)
        expect({d["kind"] for d in got.report["differences"]}, {"crashed"}, deed)
        expect(told in got.report["differences"][0]["message"], True, got.report["differences"][0]["message"])


def speaker_of(scratch, library, name):
    """A program that speaks for a shared object."""
    path = os.path.join(scratch, name)
    with open(path, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexec '%s/refold-worker' --speak '%s' 0\n" % (BUILD, library))
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


def without_times(report):
    """What a report says, but for how long it took and who said it."""
    text = json.dumps(report["differences"], sort_keys=True)
    return report["verdict"], report["aggregates"], text, report["history"]


@sampled
def test_a_program_says_what_its_library_says():
    """The same code, loaded or as a program: goldens byte for byte, and reports of a comparison."""
    cases = [("order", FIXTURES + "/talk-orders/events"), ("case", FIXTURES + "/case-receipt/events"),
             ("file", FIXTURES + "/git-jansson/events")]
    for name, history in part_of(cases, 2):
        with Scratch() as scratch:
            program = speaker_of(scratch, aggregate(name), name)
            goldens = []
            for build in (aggregate(name), program):
                golden = os.path.join(scratch, "g")
                refold("bless", "-q", "--sandbox", "off", "-a", build, "-g", golden, history)
                path = os.path.join(golden, name + ".ndjson")
                with open(path, "rb") as f:
                    goldens.append(f.read().split(b"\n", 1)[1])  # the first line has the golden's own seal
                shutil.rmtree(golden)
            expect(goldens[1] == goldens[0] and goldens[0] != b"", True, "%s: goldens" % name)
            both = refold("compare", "-q", "--sandbox", "off", aggregate(name), program, history)
            expect_status(both, 0, name)
    with Scratch() as scratch:
        base, head = plugin("twin_base"), plugin("twin_head")
        programs = [speaker_of(scratch, base, "base"), speaker_of(scratch, head, "head")]
        history = os.path.join(scratch, "h")
        rng = random.Random(7)
        records = [{"t": "Do", "d": {"ID": "t%03d" % i, "Version": v, "At": "2026-07-01T00:00:%02dZ" % v,
                                     "Base": rng.choice(("add", "add", "refuse")), "Head": rng.choice(("add", "add", "take", "refuse"))}}
                   for i in range(300) for v in range(1, 6)]
        write_bytes(os.path.join(history, "2026/07/01/00/t-1-2026-07-01-00-00-00-0000"), lines_of(records))
        reports = [refold("compare", "-r", "json", "--sandbox", "off", *builds, history).report for builds in ((base, head), programs)]
        expect(reports[0]["verdict"], "changed", "twins")
        expect(without_times(reports[1]), without_times(reports[0]), "reports of the twins")


# ---- programs that are not what they were --------------------------------------------------------

SCRIPT = """#!/usr/bin/python3
import os, signal, sys, time
sys.path.insert(0, %(here)r)
from speaker import *
starts = os.path.join(%(scratch)r, "starts")
open(starts, "a").write("x")
start = os.path.getsize(starts)  # 1: the probe

class Sum(Aggregate):
    types = ("Added", )
    factor = 1
    def __init__(self):
        self.sum = 0
    def apply(self, event):
        self.sum += self.factor * event.json().get("By", 0)
    def state(self):
        return {"sum": self.sum}

%(body)s
"""


def script_of(scratch, body, name="program.py"):
    """A program that is written here; `start` counts how often it was started, from 1."""
    path = os.path.join(scratch, name)
    text = SCRIPT % {"here": os.path.dirname(os.path.abspath(__file__)), "scratch": scratch, "body": body}
    write_bytes(path, text.encode())
    os.chmod(path, 0o755)
    return path


SWAPS = """
class Counter(Sum):
    name = "counter"
class Double(Sum):
    name, factor = "double", 2
speak(*([Counter, Double] if start %s else [Double, Counter]))
"""
ALTERS = """
class Counter(Sum):
    name, types = "counter", ("Added", ) if start == 1 else ("Added", "Removed")
speak(Counter)
"""


def test_a_program_describes_itself_as_it_did_at_first():
    made = make(11, 50, [], rate=0)
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_history(history, made)
        for body in (SWAPS % "== 1", ALTERS):
            write_bytes(os.path.join(scratch, "starts"), b"")
            result = run_json("--no-compare", "--sandbox", "off", "-a", script_of(scratch, body), history)
            expect(result.status not in (0, 1), True, "the run ends")
            if "describes itself differently than before: its aggregate 0 is now " not in result.stderr:
                raise AssertionError(result.stderr)
        # One that does so now and then is started again, and folded by what it was at first only.
        write_bytes(os.path.join(scratch, "starts"), b"")
        golden = os.path.join(scratch, "g")
        blessed = refold("bless", "-q", "--sandbox", "off", "-j", "1", "-a", script_of(scratch, SWAPS % "!= 2"), "-g", golden, history)
        expect_status(blessed, 0, "bless")
        states = {i: line["state"] for i, line in read_golden(os.path.join(golden, "counter.ndjson")).items() if "state" in line}
        expect(states, {i: {"sum": sum(by for by, _ in events)} for i, events in made.items()}, "sums")


IDENTIFIES = """
class Counter(Sum):
    name, identifies = "counter", True
    @classmethod
    def identify(cls, payload):
        return {"id": payload.decode(), "type": "Added", "version": 1, "data": {"By": cls.factor}}
class Double(Counter):
    name, factor = "double", 2
    @classmethod
    def identify(cls, payload):
        return None
speak(*([Counter, Double] if start %s else [Double, Counter]))
"""


def test_a_program_that_identifies_describes_itself_as_it_did_at_first():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_bytes(os.path.join(history, "2020/01/01/00/c-1-2020-01-01-00-00-00-0b2e8ad3-46d7-4a2b-9a0e-3f1c2d4e5f60.gz"),
                    gzip.compress(b"".join(base64.b64encode(b"instance-%d" % i) + b"\n" for i in range(20)), mtime=0))
        for when, status in (("> 0", 0), ("== 1", 2)):
            write_bytes(os.path.join(scratch, "starts"), b"")
            result = run_json("--no-compare", "--sandbox", "off", "-j", "1", "-a", script_of(scratch, IDENTIFIES % when), history)
            expect_status(result, status, when)
        if "describes itself differently than before: " not in result.stderr:
            raise AssertionError(result.stderr)


DEAF = """
class Counter(Sum):
    name, identifies = "counter", True
class Deaf(Speaker):
    def take(self, count):
        taken = super().take(count)
        if self.greeted and taken:
            time.sleep(60)
        return taken
sink = os.dup(1)
os.dup2(2, 1)
sys.exit(Deaf([Counter], 0, sink).run())
"""


def test_a_program_that_stops_reading_is_ended():
    """In the midst of a question that no pipe holds: refold waits for its room no longer than for an answer."""
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_bytes(os.path.join(history, "2020/01/01/00/c-1-2020-01-01-00-00-00-0b2e8ad3-46d7-4a2b-9a0e-3f1c2d4e5f60"),
                    b"".join(base64.b64encode(b"%d" % i * 200000) + b"\n" for i in range(3)))
        result = run_json("--no-compare", "--sandbox", "off", "-j", "1", "--timeout", "0.3", "-a", script_of(scratch, DEAF), history,
                          timeout=20)
        expect_status(result, 3, "all are lost")
        expect(result.report["history"]["malformed"], 3, "malformed")


LATE = """
class Counter(Sum):
    name, begun, commands = "counter", 0, ("Add", )
    def __init__(self):
        super().__init__()
        Counter.begun += 1
    def handle(self, command):
        return [("Added", b'{"By": 1}')]
class Late(Speaker):
    def answer(self, kind, payload):
        super().answer(kind, payload)
        if kind == ENDED and Counter.begun == %d:
            deed = %r
            if deed == "segv":
                self.flush()
                os.kill(os.getpid(), signal.SIGSEGV)
            elif deed == "crashed":
                self.out.append(frame(self.number, CRASHED, b"panic: late"))
                self.flush()
                os._exit(2)
            elif deed == "crashed later":
                self.flush()
                time.sleep(0.05)
                os.write(self.sink, frame(self.number, CRASHED, b"panic: late"))
                os._exit(2)
    def run(self):
        status, deed = super().run(), %r
        if deed == "crashed at the end":
            os.write(self.sink, frame(self.number, CRASHED, b"panic: late"))
        elif deed == "slow":
            time.sleep(0.6)
        return 9 if deed in ("status", "slow") else status
sink = os.dup(1)
os.dup2(2, 1)
sys.exit(Late([Counter], 0, sink).run())
"""
LATE_WORDS = {"segv": "SIGSEGV", "crashed": "panic: late", "crashed later": "panic: late", "status": "exit status 9", "nothing": "",
              "slow": "exit status 9", "crashed at the end": "said that it crashed: panic: late"}


def test_a_death_behind_the_last_answer_is_told():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_history(history, make(12, 20, [], rate=0))
        for deed, words in LATE_WORDS.items():
            body = LATE % (20, deed, deed)
            result = run_json("--no-compare", "--sandbox", "off", "-j", "1", "-a", script_of(scratch, body), history)
            expect_status(result, 0 if deed == "nothing" else 1, deed)
            if words not in result.stderr + result.stdout.decode():
                raise AssertionError("%s: %s" % (deed, result.stderr))
            golden = os.path.join(scratch, "golden " + deed)
            blessed = refold("bless", "--purity=off", "--sandbox", "off", "-j", "1", "-a", script_of(scratch, body), "-g", golden, history)
            expect_status(blessed, 0 if deed == "nothing" else 1, "bless, " + deed)
            # Seen in time it is the last instance's, which has no line then; else no state can be trusted.
            late = "none of its states can be trusted" in blessed.stderr
            expect(os.path.exists(os.path.join(golden, "counter.ndjson")), not late, "what is written, " + deed)
            assert late or deed not in ("status", "slow", "crashed at the end"), blessed.stderr


def test_shards_of_what_died_late_are_merged_and_red():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_history(history, make(12, 20, [], rate=0))
        program = script_of(scratch, LATE % (20, "status", "status"))
        reports = [os.path.join(scratch, "%d.json" % k) for k in (1, 2)]
        for k, report in enumerate(reports, 1):
            result = refold("run", "--no-compare", "--sandbox", "off", "-a", program, "--shard", "%d/2" % k, "-r",
                            "json=" + report, history)
            expect_status(result, 1, "shard %d" % k)
        merged = refold("merge", "-r", "json", *reports)
        expect_status(merged, 1, "merge")
        expect((merged.report["untrusted"], merged.report["changed"], merged.report["conduct"][0]["late"]),
               (True, False, "died behind its last answer: exit status 9"), "what it says")
        assert "none of its states can be trusted" in merged.stderr, merged.stderr


def test_a_scenario_of_a_program_without_a_sandbox():
    with Scratch() as scratch:
        scenario = os.path.join(scratch, "s.scn")
        write_bytes(scenario, b"aggregate counter\n\nscenario: x\nid 1\ngiven Added at 2017-06-22T10:11:12Z\n"
                    b'when Add\nthen Added\nstate {"sum": 1}\n')
        for deed in ("nothing", "segv", "crashed", "status"):
            body = LATE % (1, deed, deed)
            result = refold("scenario", "--sandbox", "off", "-a", script_of(scratch, body), scenario)
            expect_status(result, 0 if deed == "nothing" else 1, deed)


DEEP = """
class Counter(Sum):
    name = "counter"
    def state(self):
        value = self.sum
        for _ in range(%d):
            value = [value]
        return {"v": value}
speak(Counter)
"""


def test_no_limit_raises_how_deep_a_state_may_be():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_history(history, {"one": [(1, None)]})
        for depth, options, status in ((511, (), 0), (511, ("--limit", "depth=1000"), 0), (512, (), 1), (512, ("--limit", "depth=1000"), 1)):
            result = run_json("--no-compare", "--sandbox", "off", *options, "-a", script_of(scratch, DEEP % depth), history)
            expect_status(result, status, "%d around a number, %s" % (depth, options))
            told = [d["message"] for d in result.report["differences"]]
            expect(told, ["the state: byte 517: nested deeper than 512 values, and no option raises that"] * status, "what is told")


SLOW_START = """
class Counter(Sum):
    name = "counter"
    def apply(self, event):
        if event.json().get("Do"):
            time.sleep(60)
        super().apply(event)
if start > 1 and %r == "dies":
    sys.exit(5)
time.sleep(0 if start == 1 else 1)
speak(Counter)
"""


@waits
def test_a_timeout_is_not_for_a_programs_start():
    """Also where workers are lost, and others started to see at whom. One that does not load any more is no internal error."""
    for deed, status, hung in (("loads", 0, 0), ("hangs", 1, 1), ("dies", 2, 0)):
        with Scratch() as scratch:
            history = os.path.join(scratch, "h")
            write_history(history, make(12, 20, ["sleep"] if deed == "hangs" else [], rate=0))
            result = run_json("--no-compare", "--sandbox", "off", "-j", "1", "--timeout", "0.2", "-a",
                              script_of(scratch, SLOW_START % deed), history)
            expect_status(result, status, deed)
            expect([d["kind"] for d in result.report["differences"]], ["hung"] * hung, "who is named")
            if status == 2 and "does not load any more: it was tried 3 times, the last: exit status 5" not in result.stderr:
                raise AssertionError(result.stderr)


UNHURRIED = """
class Counter(Sum):
    name, commands = "counter", ("Add", )
    def handle(self, command):
        return [("Added", b'{"By": 1}')]
class Unhurried(Speaker):
    def run(self):
        status = super().run()
        time.sleep(1)
        return %d or status
time.sleep(1)
sink = os.dup(1)
os.dup2(2, 1)
sys.exit(Unhurried([Counter], 0, sink).run())
"""


@waits
def test_a_scenarios_timeout_is_for_its_calls():
    """Not for the program's start, nor for how long it takes to end. That it ends well counts all the same."""
    with Scratch() as scratch:
        scenario = os.path.join(scratch, "s.scn")
        write_bytes(scenario, b"scenario: x\ngiven Added\nwhen Add\nthen Added\nstate {\"sum\": 1}\n")
        for ends, status in ((0, 0), (9, 1)):
            result = refold("scenario", "--sandbox", "off", "--timeout", "0.3", "-r", "json", "-a",
                            script_of(scratch, UNHURRIED % ends), scenario)
            expect_status(result, status, "status %d" % ends)
            expect([r["verdict"] for r in result.report["results"]], ["crashed" if ends else "holds"], "verdict")


NAMED = """
class Counter(Sum):
    name, restores = "counter", True
    def restore(self, snapshot):
        self.sum = snapshot["sum"]
class Named(Speaker):
    def begin(self, payload):
        super().begin(payload)
        if not self.id.startswith("i0"):
            raise Fault("BEGIN of the id %r" % self.id)
sink = os.dup(1)
os.dup2(2, 1)
sys.exit(Named([Counter], 0, sink).run())
"""


def test_an_instance_has_its_id_though_nothing_comes_behind_its_snapshot():
    made = make(13, 40, [], rate=0)
    with Scratch() as scratch:
        program = script_of(scratch, NAMED)
        early, golden = os.path.join(scratch, "early"), os.path.join(scratch, "g")
        history = os.path.join(scratch, "h")
        write_history(history, made)
        options = ("-q", "--sandbox", "off", "-a", program)
        expect_status(refold("bless", *options, "--until", "2020/01/01/05", "-g", early, history), 0, "early")
        last = event("i00039", len(made["i00039"]) + 1, 7, None)
        write_bytes(os.path.join(history, "2020/01/01/05/c-1-2020-01-01-05-00-00-0000"), lines_of([last]))
        expect_status(refold("bless", *options, "-g", golden, history), 0, "whole")
        result = run_json("--sandbox", "off", "-a", program, "-g", golden, "--from", early, "--since", "2020/01/01/05", history)
        expect_status(result, 0, "from")
        expect(total(result.report, "same"), len(made), "same")
