# SPDX-License-Identifier: MIT
"""The n-th allocation, read, write, fsync, rename, open, … of refold fails (harness/tests/faults/inject.c): n = 1, 2, …
until a run sees no failure, around ordinary scenarios. What comes is the sound run's result, or a sentence and an exit
status of the contract; never a crash, a hang, another result under the sound status, or half a golden."""

import collections
import functools
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import time

from servers import scratch_folder
from support import (
    aggregate, all_cases, BUILD, cases, expect, expect_status, facts_of_files, fault, parallel, patched, read_bytes,
    REFOLD, refold, ROOT, Scratch, sweep, write_bytes)

INJECT = os.path.join(BUILD, "tests", "inject.so")
ORDER = aggregate("order")
SECONDS = 30
# In `make test`, so many allocations of each scenario, and so many calls of each kind; each scenario with every third way
# for a call to fail, by turns.
SAMPLE = {"alloc": 3}
SAMPLE_OF_CALLS = 2

# ---- scenarios -------------------------------------------------------------------------------------


def order(identity, versions, day=1):
    """The records of one order, one object's worth."""
    kinds = ["OrderCreated", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped"]
    more = {"OrderItemAdded": {"Qty": 2, "PriceCents": 250}, "OrderPaid": {"AmountCents": 500}}
    return b"".join(json.dumps({"t": kinds[v - 1], "d": dict(
        {"ID": identity, "Version": v, "At": "2026-07-%02dT00:00:%02dZ" % (day, v)}, **more.get(kinds[v - 1], {}))}).encode() +
        b"\n" for v in versions)


def name_of(hour, day=1):
    return "2026/07/%02d/%02d/orders-1-2026-07-%02d-%02d-00-00-00000000-0000-4000-8000-%012d.gz" % (
        day, hour, day, hour, hour)


def write_object(folder, hour, data, day=1):
    write_bytes(os.path.join(folder, name_of(hour, day)), gzip.compress(data, mtime=0))


@functools.lru_cache(maxsize=None)
def world():
    """Everything that the scenarios read, made once; gone with the process."""
    w = scratch_folder()
    for hour, data in enumerate((order("a", range(1, 4)), order("b", range(1, 3)) + order("c", [1]),
                                 order("a", [4]) + order("d", range(1, 4)))):
        write_object(os.path.join(w, "e"), hour, data)
    shutil.copytree(os.path.join(w, "e"), os.path.join(w, "e2"))
    write_object(os.path.join(w, "e2"), 1, order("b", [3]), day=2)
    shutil.copytree(os.path.join(w, "e"), os.path.join(w, "cut"))
    cut = os.path.join(w, "cut", name_of(1))
    write_bytes(cut, read_bytes(cut)[:-9])
    subprocess.run(["cc", "-std=c11", "-O1", "-fPIC", "-shared", "-I" + os.path.join(ROOT, "harness", "include"), "-o",
                    os.path.join(w, "other.so"), patched(os.path.join(ROOT, "aggregates", "order.c"),
                                                         os.path.join(w, "other.c"), '"approved"', '"agreed"')], check=True)

    def done(*arguments):
        expect_status(refold(*arguments, cwd=w), 0, " ".join(arguments))

    done("bless", "-q", "-a", ORDER, "-g", "g", "e")
    done("bless", "-q", "-a", "other.so", "-g", "red", "e")
    done("bless", "-q", "--digest", "-a", ORDER, "-g", "digest", "e")
    done("bless", "-q", "-a", ORDER, "--until", "2026-07-02", "-g", "close", "e2")
    done("pack", "-q", "-o", "h.pack", "e")
    subprocess.run(["tar", "-C", os.path.join(w, "e"), "-cf", os.path.join(w, "e.tar"), "2026"], check=True)
    subprocess.run(["tar", "-C", os.path.join(w, "e"), "-czf", os.path.join(w, "e.tar.gz"), "2026"], check=True)
    for k in "12":
        done("run", "-q", "-a", ORDER, "-g", "g", "--shard", k + "/2", "-r", "json=s%s.json" % k, "e")
    red = refold("run", "-a", ORDER, "-g", "red", "-r", "json", "e", cwd=w)
    expect_status(red, 1, "red")
    world.cluster = red.report["clusters"][0]["key"]
    write_bytes(os.path.join(w, "s.txt"), b"scenario: ships\ngiven OrderCreated\ngiven OrderApproved\nwhen ShipOrder\n"
                                          b"then OrderShipped\n")
    config = {"source": ["e"], "golden": "g", "aggregates": {"order": {"plugin": ORDER, "ignore": ["/updatedAt"]}}}
    write_bytes(os.path.join(w, "refold.json"), json.dumps(config).encode())
    return w


class Scenario:
    """One command in a fresh folder, into which `inputs` of the world are copied; the others it reads where they are."""

    def __init__(self, status, words, inputs=()):
        self.status, self.words, self.inputs = status, words, inputs

    def arguments(self):
        known = {"ORDER": ORDER, "W": world(), "CLUSTER": getattr(world, "cluster", "")}
        return [re.sub("[A-Z]+", lambda m: known.get(m.group(), m.group()), word) for word in self.words.split()]


SCENARIOS = {
    "run": Scenario(0, "run -a ORDER -g W/g W/e"),
    "run, red": Scenario(1, "run -a ORDER -g W/red -r json W/e"),
    "run, red, every format": Scenario(1, "run -a ORDER -g W/red -r junit=j.xml -r tap=t.tap -r markdown=m.md -r json=j.json "
                                          "-r github W/e"),
    "run, damaged": Scenario(3, "run -a ORDER -g W/g W/cut"),
    "run by config": Scenario(0, "run -C W/refold.json"),
    "run, spilled": Scenario(0, "run -a ORDER -g W/g --memory 1 W/e"),
    "run of a tar": Scenario(0, "run -a ORDER -g W/g W/e.tar"),
    "run of a tar.gz": Scenario(0, "run -a ORDER -g W/g W/e.tar.gz"),
    "run of a pack": Scenario(0, "run -a ORDER -g W/g W/h.pack"),
    "run of a digest golden": Scenario(0, "run -a ORDER -g W/digest W/e"),
    "bless": Scenario(0, "bless -a ORDER -g g W/e"),
    "bless anew": Scenario(0, "bless -a ORDER -g red W/e", ["red"]),
    "bless --digest": Scenario(0, "bless --digest -a ORDER -g g W/e"),
    "bless --cluster": Scenario(0, "bless -a ORDER -g red --cluster CLUSTER --reason why W/e", ["red"]),
    "bless --from": Scenario(0, "bless -a ORDER --from W/close --since 2026-07-02 -g g W/e2"),
    "compare": Scenario(1, "compare W/other.so ORDER W/e"),
    "show": Scenario(0, "show a -a ORDER W/e"),
    "types": Scenario(0, "types -a ORDER W/e"),
    "pack": Scenario(0, "pack -o p.pack W/e"),
    "shard": Scenario(0, "run -a ORDER -g W/g --shard 1/2 -r json W/e"),
    "merge": Scenario(0, "merge W/s1.json W/s2.json"),
    "scenario": Scenario(0, "scenario -a ORDER W/s.txt"),
    "golden prove": Scenario(0, "golden prove -a ORDER W/g W/e"),
}

# ---- one run ---------------------------------------------------------------------------------------

SCRUBS = [(re.compile(rb'"timing": ?\{[^}]*\}'), b""), (re.compile(rb"\bin [0-9.]+ (ms|s)\b"), b""),
          (re.compile(rb"\b[0-9,]+ events/s\b"), b""), (re.compile(rb' time="[0-9.]+"'), b""),
          (re.compile(rb'"digest": ?"[0-9a-f]+"'), b"")]


def scrub(data):
    for pattern, replacement in SCRUBS:
        data = pattern.sub(replacement, data)
    return data


Outcome = collections.namedtuple("Outcome", "status stdout stderr files left log counts")


def session_of(pid):
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def is_ours(pid):
    """Numbers of sessions come again: on a busy machine another program may have one of these by now."""
    try:
        return os.readlink("/proc/%d/exe" % pid).startswith(os.path.realpath(BUILD))
    except OSError:
        return False


def left_behind(sessions):
    """Processes of these sessions that outlive refold by more than two seconds."""
    deadline = time.monotonic() + 2
    while True:
        left = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                if session_of(pid) in sessions and is_ours(pid)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def try_once(scenario, inject, sessions, program=REFOLD, within="refold"):
    """A run of which one call fails; None: none does."""
    with Scratch() as scratch:
        here, tmp = os.path.join(scratch, "here"), os.path.join(scratch, "tmp")
        os.mkdir(here)
        os.mkdir(tmp)
        for name in scenario.inputs:
            shutil.copytree(os.path.join(world(), name), os.path.join(here, name))
        log, counts = os.path.join(scratch, "log"), os.path.join(scratch, "counts")
        env = {"PATH": os.environ["PATH"], "TMPDIR": tmp, "LD_PRELOAD": INJECT, "INJECT_LOG": log, "INJECT_COUNTS": counts,
               "INJECT_IN": within, "LC_ALL": "C.UTF-8"}
        if inject:
            env["INJECT"] = inject
        process = subprocess.Popen([program, *scenario.arguments(), "-j", "1"] if has_jobs(scenario) else
                                   [program, *scenario.arguments()], cwd=here, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        sessions.add(process.pid)
        try:
            stdout, stderr = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            return Outcome("hang", stdout, stderr, {}, [], "", {})
        files = {name: scrub(data) for name, (data, _) in facts_of_files(here).items()}
        read = {name: read_bytes(path).decode() for name, path in (("log", log), ("counts", counts)) if os.path.exists(path)}
        found = dict(line.split() for line in read.get("counts", "").splitlines())
        return Outcome(process.returncode, scrub(stdout), scrub(stderr), files, os.listdir(tmp), read.get("log", ""),
                       {k: int(v) for k, v in found.items()})


def has_jobs(scenario):
    return scenario.words.split()[0] not in ("merge", "scenario")


# ---- judging ---------------------------------------------------------------------------------------


def benign():
    """Functions of refold in which a failed allocation changes nothing, with the reason."""
    with open(os.path.join(ROOT, "harness", "tests", "faults", "benign"), encoding="utf-8") as f:
        rows = [line.split(None, 1) for line in f if line.strip() and not line.startswith("#")]
    return {name: reason for name, reason in rows}


@functools.lru_cache(maxsize=None)
def functions_of(places, program=REFOLD):
    """The names of the functions at these places of the program."""
    done = subprocess.run(["addr2line", "-f", "-i", "-e", program, *places], stdout=subprocess.PIPE, text=True, check=True)
    return tuple(done.stdout.splitlines()[::2])


def is_golden(name):
    """What is hidden is a journal or a file on its way, which the next bless takes away."""
    return name.split("/")[0] in ("g", "red") and not os.path.basename(name).startswith(".")


def shown(files):
    return {name: data for name, data in files.items() if not os.path.basename(name).startswith(".")}


def golden_of(files):
    return {name: data for name, data in files.items() if is_golden(name)}


class Judge:
    """Holds what came of a run against the sound one."""

    def __init__(self, name, sound, before):
        self.name, self.sound, self.before, self.benign = name, sound, before, benign()

    def wrong(self, got, kind):
        """What is wrong with an outcome; or None."""
        if got.status == "hang":
            return "hangs"
        if got.status < 0:
            return "ended by signal %d" % -got.status
        golden = golden_of(got.files)
        if golden not in (golden_of(self.before), golden_of(self.sound.files)):
            return "the golden is neither the old nor the new one: %s" % sorted(golden)
        if got.status == self.sound.status:
            return self.wrong_of_same(got, kind)
        if got.status == 1 and got.stdout.startswith(b"CRASH ") and kind != "alloc":
            return "left: %s" % got.left if got.left else None  # it was the worker's call: its scenario is told
        if not got.stderr.strip() and not (got.status == 3 and got.stdout):
            return "exit status %d without a sentence" % got.status
        if kind == "alloc":
            # The system's loader ends a program with 127 where memory lacks in the midst of a library.
            loads = "rf_library_load" in functions_of(tuple(got.log.split()[2:]))
            good = got.status == 70 and (b"out of memory" in got.stderr or loads) or (
                got.status == 127 and loads and got.stderr == b"out of memory\n")
            return None if good else "exit status %d: %r" % (got.status, got.stderr[-300:])
        # Where it ends at once files on their way may stay, as behind a kill.
        if got.left or (got.status != 70 and any(name.endswith(".tmp") for name in got.files)):
            return "left: %s" % (got.left + sorted(got.files))
        return None if got.status in (2, 3, 4, 5, 70) else "exit status %d" % got.status

    def wrong_of_same(self, got, kind):
        if got.stdout != self.sound.stdout:
            return "exit status %d with another output: %r" % (got.status, got.stdout)
        if shown(got.files) != shown(self.sound.files):
            return "exit status %d with other files: %s" % (got.status, sorted(got.files))
        if kind == "alloc":
            names = functions_of(tuple(got.log.split()[2:]))
            if not set(names) & set(self.benign):
                return "benign, but not listed: %s" % " < ".join(names)
            if got.counts["live"] > self.sound.counts["live"]:
                return "%d blocks leak" % (got.counts["live"] - self.sound.counts["live"])
        return None


def some_of(count, sample):
    """The numbers 1 to count; or so many of them, spread over all."""
    if all_cases() or count <= sample:
        return range(1, count + 1)
    return sorted({1 + (2 * n + 1) * (count - 1) // (2 * sample) for n in range(sample)})


def check_scenario(name, plans, row_of):
    """plans: (kind, suffix) of what fails. How many runs there were; what is wrong is in the list."""
    scenario, sessions, wrong, runs = SCENARIOS[name], set(), [], collections.Counter()
    world()
    before = {"%s/%s" % (folder, path): data for folder in scenario.inputs
              for path, (data, _) in facts_of_files(os.path.join(world(), folder)).items()}
    sound = try_once(scenario, None, sessions)
    expect((sound.status, sound.log), (scenario.status, ""), "%s: %r" % (name, sound))
    judge = Judge(name, sound, before)
    numbers = {kind: some_of(sound.counts[kind], SAMPLE.get(kind, SAMPLE_OF_CALLS)) for kind, _ in plans}
    tries = [(kind, n, suffix) for kind, suffix in plans for n in numbers[kind]]

    def one(item):
        kind, n, suffix = item
        got = try_once(scenario, "%s:%d%s" % (kind, n, suffix), sessions)
        if not got.log and got.status != "hang":  # of what hangs nothing was read
            return kind, None
        why = judge.wrong(got, kind)
        return kind, "%s, %s:%d%s: %s" % (name, kind, n, suffix, why) if why else ""

    for kind, why in parallel(one, tries):
        if why is not None:
            runs[row_of(kind)] += 1
            wrong += [(row_of(kind), why)] if why else []
    # Behind the last place nothing is left to fail.
    for kind, suffix in plans:
        n = sound.counts[kind] + 1
        while all_cases() and (got := try_once(scenario, "%s:%d%s" % (kind, n, suffix), sessions)).log:
            runs[row_of(kind)] += 1
            why = judge.wrong(got, kind)
            wrong += [(row_of(kind), "%s, %s:%d%s: %s" % (name, kind, n, suffix, why))] if why else []
            n += 1
    left = left_behind(sessions)
    expect(left, [], name + ": processes left")
    for row, count in runs.items():
        cases(row, count, count - len([1 for r, _ in wrong if r == row]))
    return wrong


def check_all(plans, row_of, names=SCENARIOS):
    wrong = []
    for number, name in enumerate(names):
        turn = 1 if all_cases() or len(plans) < 3 else 3
        wrong += check_scenario(name, plans[number % turn::turn], row_of)
    expect([why for _, why in wrong[:12]], [], "%d findings" % len(wrong))


@fault(10)
def test_the_nth_allocation_fails():
    check_all([("alloc", ""), ("alloc", "+")], lambda kind: 10)


# What refold reads, starts and waits for.
ROW_28 = [("read", ""), ("read", "+"), ("read", ":EINTR"), ("read", ":short"), ("open", ""), ("open", "+"), ("open", ":EACCES"),
          ("mmap", ""), ("mmap", "+"), ("memfd", ""), ("ftruncate", ""), ("pipe", ""), ("socketpair", ""), ("spawn", ""),
          ("spawn", ":ENOMEM"), ("send", ""), ("send", ":EINTR"), ("poll", ""), ("poll", ":ENOMEM"), ("wait", ""),
          ("thread", ""), ("stat", ""), ("readdir", ""), ("fcntl", ""), ("seek", ""), ("path", ""), ("mkdir", ""), ("unlink", "")]
# What it writes.
ROW_11 = [("write", suffix) for suffix in ("", "+", ":EIO", ":EDQUOT", ":EROFS", ":EINTR", ":short")] + [
    ("fsync", ""), ("fsync", ":ENOSPC"), ("rename", ""), ("rename", ":EROFS"), ("close", ""), ("close", ":ENOSPC"),
    ("close", ":EINTR")]


@fault(11)
def test_the_nth_write_fails():
    check_all(ROW_11, lambda kind: 11)


@sweep
@fault(28)
def test_the_nth_call_of_any_other_kind_fails():
    check_all(ROW_28, lambda kind: 28)
