# SPDX-License-Identifier: MIT
"""A zoo of aggregates that misbehave: each is named rightly, and no other instance is the worse for it. Most are let do
what they want: the sandbox would keep them from half of it (sandbox_test.py)."""

import os
import re
import shutil
import signal
import subprocess
import time

from support import (
    all_cases, cases, check_sums, expect, expect_status, fault, lines_of, parallel, plugin, read_golden, REFOLD, refold,
    ROOT, run_json, Scratch, slow, total, waits, write_bytes, write_golden)

BEAST = plugin("beast")
FINE = ["ok-%04d" % n for n in range(2000)]
EVENTS_EACH = 3
KEY = "2020/01/01/%02d/beasts-1-2020-01-01-%02d-00-00-0000"
PLACES = ("apply", "snapshot", "destroy")
MEMORY = r"^exceeded its memory \(64 MiB\)"
SILENT = r"^no sign of life for 0\.3 s"

# What is done, and what must be said of it: crashed or hung with a message; "same" where it does no harm to any state;
# "own" where it may harm its own state, or its worker, and no one else's.
DEEDS = {
    "segv": ("crashed", r"^SIGSEGV"),
    "abort": ("crashed", r"^SIGABRT"),
    "fpe": ("crashed", r"^SIGFPE"),
    "ill": ("crashed", r"^SIGILL"),
    "bus": ("crashed", r"^SIG(BUS|SEGV)"),
    "exit0": ("crashed", r"^exit status 0"),
    "_exit1": ("crashed", r"^exit status 1"),
    "atexit": ("crashed", r"^exit status [56]"),
    "stack": ("crashed", r"^SIGSEGV"),
    "term": ("crashed", r"^SIGTERM"),
    "kill": ("crashed", r"^SIGKILL"),
    "dfree": ("crashed", r"^SIGABRT"),
    "dlclose": ("crashed", r"^SIGSEGV"),
    "closefds": ("crashed", r""),
    "loop": ("hung", SILENT),
    "sleep": ("hung", SILENT),
    "pipe": ("hung", SILENT),
    "mutex": ("hung", SILENT),
    "sigstop": ("hung", SILENT + r": it was stopped \(SIGSTOP\)"),
    "handler": ("hung", SILENT),
    "alloc": ("crashed", MEMORY),
    "grow": ("crashed", MEMORY),
    "shared": ("crashed", MEMORY),
    "leak": ("same", ""),
    "pages": ("crashed", ""),
    "ring": ("own", ""),
    "heap": ("own", ""),
    "stdout": ("same", ""),
    "fdleak": ("same", ""),
    "fork": ("same", ""),
    "threads": ("same", ""),
    "mask": ("same", ""),
    "fpu": ("own", ""),
    "locale": ("own", ""),
    "chdir": ("same", ""),
    "death": ("same", ""),
}
# These need the event or the state at hand.
WITH_EVENT = {
    "event": ("crashed", ""),
    "version": ("crashed", r"^answered for other events than it was given"),
    "data": ("crashed", r"^SIGSEGV"),
    "state": ("crashed", MEMORY),
    "longjmp": ("own", ""),
}
CASES = [(deed, place) for deed in DEEDS for place in PLACES] + [(deed, "apply") for deed in WITH_EVENT]


def event(identity, version):
    return {"id": "%s/%d" % (identity, version), "aggregateType": "beast", "aggregateId": identity,
            "version": version, "type": "Added", "at": "2020-01-01T00:%02d:%02dZ" % divmod(version, 60),
            "data": {"By": len(identity) * version + version % 2}}


def state(identity, events=EVENTS_EACH):
    """By an addition of our own, each step rounded to the nearest."""
    found = {"events": events, "sum": 0, "third": 0.0}
    for version in range(1, events + 1):
        by = event(identity, version)["data"]["By"]
        found["sum"] += by
        found["third"] += by / 3.0
    return found


def write_history(folder, beasts):
    """The beasts lie among the others: every object has events of both. (id, version) -> (key, offset)"""
    ids = sorted(FINE + beasts, key=lambda i: i[-3:])
    events = [event(i, v) for v in range(1, EVENTS_EACH + 1) for i in ids]
    places = {}
    for number in range(3):
        key = KEY % (number, number)
        data = b""
        for value in events[number::3]:
            places[value["aggregateId"], value["version"]] = (key, len(data))
            data += lines_of([value])
        write_bytes(os.path.join(folder, key), data)
    return places


def golden_lines(folder):
    """id -> line, as bytes"""
    with open(os.path.join(folder, "beast.ndjson"), "rb") as f:
        return {line.split(b'"id":"', 1)[1].split(b'"', 1)[0].decode(): line for line in f}


def expected_lines():
    """What a bless writes of the others where no beast is near."""
    with Scratch() as scratch:
        write_history(os.path.join(scratch, "h"), [])
        expect_status(refold("bless", "-q", "-a", BEAST, "-g", os.path.join(scratch, "g"), os.path.join(scratch, "h")), 0,
                      "without beasts")
        lines = golden_lines(os.path.join(scratch, "g"))
        states = {i: line["state"] for i, line in read_golden(os.path.join(scratch, "g", "beast.ndjson")).items()}
    expect(states, {i: state(i) for i in FINE}, "states without beasts")
    return lines


def check_named(difference, case, places, what):
    """A crash or hang has all that a reader needs to find it, and to run it alone."""
    deed, place = case
    kind, message = {**DEEDS, **WITH_EVENT}[deed]
    identity = "%s@%s-000" % case
    expect((difference["aggregate"], difference["id"], difference["kind"]), ("beast", identity, kind), what)
    if not re.search(message, difference["message"]):
        raise AssertionError("%s: %s" % (what, difference["message"]))
    # At the second event; a death while the state is written or freed is laid to the last one, and so is a lie, which
    # shows at the end.
    version = 2 if place == "apply" and "answered" not in difference["message"] else EVENTS_EACH
    suspect = difference["suspect"]
    expect((difference["version"], suspect["version"], suspect["type"]), (version, version, "Added"), what + ": version")
    expect((suspect["object"], suspect["offset"]), places[identity, version], what + ": place")


def play(case, others):
    what = "%s@%s" % case
    identity = what + "-000"
    kind = {**DEEDS, **WITH_EVENT}[case[0]][0]
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        golden = os.path.join(scratch, "g")
        places = write_history(history, [identity])
        result = refold("bless", "-r", "json", "--sandbox", "off", "--timeout", "0.3", "--aggregate-memory", "64M", "-a", BEAST, "-g", golden,
                        history, timeout=100)
        lines = golden_lines(golden)
        own = read_golden(os.path.join(golden, "beast.ndjson")).get(identity)
    report = result.report
    differences = report["differences"]
    check_sums(report, what)
    expect(total(report, "instances"), len(FINE) + 1, what + ": instances")
    expect({i: line for i, line in lines.items() if i != identity}, others, what + ": the others' lines")
    expect([d["id"] for d in differences], [identity] * len(differences), what + ": who is blamed")
    if kind == "own":
        expect(own is None, bool(differences), what + ": in the golden, or named")
    elif kind == "same":
        expect((result.status, differences), (0, []), what)
        expect(own["state"], state(identity), what + ": its state")
    else:
        expect((result.status, own, len(differences)), (1, None, 1), what)
        check_named(differences[0], case, places, what)
    return differences[0]["kind"] if differences else "same"


@slow
@fault(16)
def test_each_beast_is_named_and_no_other_is_harmed():
    others = expected_lines()
    chosen = CASES if all_cases() else CASES[::4]  # all of them stand in the whole zoo below
    found = parallel(lambda case: play(case, others), chosen)
    cases(16, len(chosen))
    print("the zoo: %d misdeeds, %d cases: %s; in each %d others, byte for byte the same" % (
        len(DEEDS) + len(WITH_EVENT), len(chosen),
        ", ".join("%d %s" % (found.count(kind), kind) for kind in sorted(set(found))), len(FINE)))


@waits
@fault(16)
def test_the_whole_zoo_at_once():
    beasts = ["%s@%s-%03d" % (*case, n) for n, case in enumerate(CASES)]
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        golden = os.path.join(scratch, "g")
        write_history(history, beasts)
        write_golden(golden, "beast", {i: (EVENTS_EACH, state(i)) for i in FINE + beasts})
        results = [run_json("-j", jobs, "--sandbox", sandbox, "--timeout", "0.3", "--aggregate-memory", "64M", "-a", BEAST,
                            "-g", golden, history, timeout=300) for jobs, sandbox in (("2", "auto"), ("1", "off"))[:2 if all_cases() else 1]]
    for result in results:
        report = result.report
        expect_status(result, 1, "the zoo")
        check_sums(report, "the zoo")
        found = {d["id"]: d["kind"] for d in report["differences"]}
        expect([d for d in report["differences"] if d["id"] in FINE], [], "others that are blamed")
        for identity, case in zip(beasts, CASES):
            kind = {**DEEDS, **WITH_EVENT}[case[0]][0]
            if kind != "own":
                expect(found.get(identity, "same"), kind, identity)
        cases(16, len(CASES))


def compile_beast(folder, deed):
    target = os.path.join(folder, deed + ".so")
    subprocess.run([os.environ.get("CC", "cc").split()[-1], "-shared", "-fPIC", "-O1", "-w", "-DBEAST_AT_LOAD=\"%s\"" % deed,
                    "-I", os.path.join(ROOT, "harness/include"), "-o", target,
                    os.path.join(ROOT, "harness/tests/worker/plugins/beast.c")], check=True)
    return target


AT_LOAD = {"segv": "SIGSEGV", "abort": "SIGABRT", "fpe": "SIGFPE", "ill": "SIGILL", "exit0": "exit status 0",
           "_exit1": "exit status 1", "stack": "SIGSEGV", "kill": "SIGKILL", "closefds": "exit status",
           "alloc": r"exceeded its memory \(64 MiB\)", "grow": r"exceeded its memory \(64 MiB\)", "sleep": "no answer within"}


def load(folder, history, deed):
    result = refold("run", "--sandbox", "off", "--no-compare", "--aggregate-memory", "64M", "-a", compile_beast(folder, deed),
                    history)
    expect((result.status, result.stdout), (2, b""), deed + " at load")
    if not re.search("does not load: .*" + AT_LOAD[deed], result.stderr):
        raise AssertionError("%s at load: %s" % (deed, result.stderr))


@slow
@fault(17)
def test_who_misbehaves_as_it_is_loaded_ends_the_run_before_it_begins():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_history(history, [])
        parallel(lambda deed: load(scratch, history, deed), sorted(AT_LOAD))
        cases(17, len(AT_LOAD))
        harmless = compile_beast(scratch, "stdout")
        result = refold("run", "--no-compare", "-q", "-r", "json", "-a", harmless, history)
        expect_status(result, 0, "who only talks as it is loaded")
        expect(total(result.report, "instances"), len(FINE), "instances")


def broken(folder):
    """name -> (file, what is said of it)"""
    with open(plugin("crasher"), "rb") as f:
        whole = f.read()
    other = bytearray(whole)
    other[18:20] = b"\x16\x00"  # e_machine: s390
    write_bytes(os.path.join(folder, "other.so"), bytes(other))
    write_bytes(os.path.join(folder, "cut.so"), whole[:4096])
    return {
        "wrong major": (plugin("wrong_abi"), r"built for ABI \d+, this refold speaks \d+"),
        "short struct": (plugin("short_table"), r"its table is \d+ bytes long, and one of ABI \d+ has at least \d+"),
        "no symbol": (plugin("no_symbol"), "has no symbol refold_aggregate_table"),
        "NULL callback": (plugin("no_apply"), "neither apply nor apply_batch"),
        "other architecture": (os.path.join(folder, "other.so"), r"is built for another machine \(s390"),
        "truncated ELF": (os.path.join(folder, "cut.so"), "cannot be loaded|does not load"),
        "constructor crash": (plugin("constructor_crash"), r"does not load: its worker ended with SIG"),
        "exit(0) in init": (plugin("exits_at_load"), "does not load: its worker ended with exit status 0"),
    }


@fault(17)
def test_eight_files_that_are_no_aggregates():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_bytes(os.path.join(history, KEY % (0, 0)), b"\x1f\x8b\x08 broken")  # 3, were it read
        for name, (path, text) in broken(scratch).items():
            for verb in (["run", "--no-compare"], ["bless", "-g", os.path.join(scratch, "g")]):
                result = refold(*verb, "-a", path, history)
                expect((result.status, result.stdout), (2, b""), name)
                if not re.search(text, result.stderr) or os.path.basename(path) not in result.stderr:
                    raise AssertionError("%s: %s" % (name, result.stderr))
                cases(17, 1)
        expect(os.path.exists(os.path.join(scratch, "g")), False, "a golden of what does not load")


@fault(16)
def test_a_state_that_takes_long_to_leak_is_named_where_one_instance_does_it():
    """1 MiB at each event: of many short instances none is to blame, one long one is."""
    long = "leak@apply-all"
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        source = os.path.join(scratch, "leaks.c")
        with open(os.path.join(ROOT, "harness/tests/worker/plugins/beast.c"), encoding="utf-8") as f:
            text = f.read()
        with open(source, "w", encoding="utf-8") as f:
            f.write(text.replace("if (beast->events == 1) {\n            perform", "if (1) {\n            perform"))
        short = ["leak@apply-%03d" % n for n in range(200)]
        write_history(history, short)
        write_bytes(os.path.join(history, KEY % (4, 4)), lines_of([event(long, v) for v in range(1, 201)]))
        result = run_json("--no-compare", "--aggregate-memory", "64M", "-a", source, history)
    report = result.report
    expect_status(result, 1, "leaks")
    check_sums(report, "leaks")
    expect([(d["id"], d["kind"], d["message"]) for d in report["differences"]],
           [(long, "crashed", "exceeded its memory (64 MiB)")], "who is named")
    expect((total(report, "instances"), total(report, "crashed")), (len(FINE) + 201, 1), "counts")
    cases(16, 201)


@waits
@fault(16)
def test_behind_twenty_hangs_the_rest_is_not_folded_and_never_the_same():
    hangs = ["%s@apply-%03d" % ("sleep" if n % 4 else "loop", n) for n in range(60)]
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        golden = os.path.join(scratch, "g")
        write_history(history, hangs)
        write_golden(golden, "beast", {i: (EVENTS_EACH, state(i)) for i in FINE + hangs})
        result = run_json("-j", "2", "--timeout", "0.1", "-a", BEAST, "-g", golden, history)
        again = os.path.join(scratch, "again")
        shutil.copytree(golden, again)
        blessed = refold("bless", "-r", "json", "-j", "2", "--timeout", "0.1", "-a", BEAST, "-g", again, history)
        lines = read_golden(os.path.join(again, "beast.ndjson"))
    report = result.report
    expect_status(result, 1, "sixty hangs")
    check_sums(report, "sixty hangs")
    hung, uncompared, same = (total(report, term) for term in ("hung", "uncompared", "same"))
    assert 20 <= hung <= 21, hung  # two threads may be at one each
    expect(hung + uncompared + same, len(FINE) + 60, "each instance is in one class")
    assert same <= len(FINE) and uncompared >= 60 - hung, (same, uncompared)
    assert any("20 or more instances of beast hang" in w and "%d others" % uncompared in w for w in report["warnings"]), \
        report["warnings"]
    expect(report["history"]["unfolded"], 2 * hung + EVENTS_EACH * uncompared, "unfolded")
    expect_status(blessed, 1, "bless")
    expect(sorted(lines), sorted(FINE + hangs), "no line is lost")
    cases(16, len(hangs))


def wait_for_worker(parent):
    """The process id of refold's worker, once it computes."""
    for _ in range(400):
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % name, encoding="ascii", errors="replace") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                with open("/proc/%s/cmdline" % name, "rb") as f:
                    words = f.read().split(b"\0")
            except OSError:
                continue
            if int(fields[1]) == parent and b"--fold" in words and int(fields[11]) >= 5:
                return int(name)
        time.sleep(0.02)
    raise AssertionError("no worker")


@slow
@fault(16)
def test_a_machine_that_was_suspended_is_no_hang():
    """refold and its worker are stopped for longer than any timeout, and go on."""
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        source = os.path.join(scratch, "slow.c")
        with open(os.path.join(ROOT, "harness/tests/worker/plugins/beast.c"), encoding="utf-8") as f:
            text = f.read()
        with open(source, "w", encoding="utf-8") as f:
            f.write(text.replace("deed_loop(void)\n{\n    for (volatile unsigned turns = 0;; turns++) {",
                                 "deed_loop(void)\n{\n    for (volatile unsigned turns = 0; turns < 700000000u; turns++) {"))
        write_history(history, ["loop@apply-000"])
        process = subprocess.Popen([REFOLD, "run", "--no-compare", "-q", "--timeout", "5", "-j", "1", "-a", source, history],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            worker = wait_for_worker(process.pid)
            for turn in range(2):
                order = (process.pid, worker) if turn == 0 else (worker, process.pid)
                for pid in order:
                    os.kill(pid, signal.SIGSTOP)
                time.sleep(6)
                for pid in order:
                    os.kill(pid, signal.SIGCONT)
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    cases(16, 2)
    expect((process.returncode, b"hung" in out), (0, False), "stopped twice for longer than the timeout: %r" % out)


@slow
@fault(16)
def test_ten_thousand_crashes_among_a_hundred_thousand():
    with Scratch() as scratch:
        crashers = ["segv-%05d" % n for n in range(10000)]
        ids = ["ok-%05d" % n for n in range(90000)] + crashers
        events = lines_of([dict(event(i, v), aggregateType="crasher") for v in range(1, EVENTS_EACH + 1) for i in ids])
        write_bytes(os.path.join(scratch, "h", KEY % (0, 0)), events)
        start = time.monotonic()
        result = run_json("--no-compare", "-j", "2", "-a", plugin("crasher"), os.path.join(scratch, "h"), timeout=300)
        seconds = time.monotonic() - start
    report = result.report
    expect_status(result, 1, "ten thousand crashes")
    check_sums(report, "ten thousand crashes")
    expect((total(report, "instances"), total(report, "crashed")), (100000, 10000), "counts")
    print("10,000 crashes among 100,000 instances: %.1f s" % seconds)
    assert seconds < 30, seconds
    cases(16, 10000)
