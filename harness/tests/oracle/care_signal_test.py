# SPDX-License-Identifier: MIT
"""A signal at any instant of a verb: it ends within two seconds, by that signal, with nothing left behind."""

import collections
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

from care import left_over
from support import REFOLD, Scratch, aggregate, all_cases, cases, expect, expect_status, facts_of_files, fault, merged, \
    parallel, plugin, refold, sweep

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)
SECONDS = 2.0
EVENTS = merged("git-jansson")
FILE = aggregate("file")


class Stage:
    """What the verbs work on; each call has a golden, a pack, reports and a TMPDIR of its own."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.golden = os.path.join(scratch, "golden")
        expect_status(refold("bless", "-q", "-a", FILE, "-g", self.golden, EVENTS), 0, "bless")
        edited = os.path.join(self.golden, "file.ndjson")
        with open(edited, encoding="utf-8") as f:
            lines = f.readlines()
        self.one = json.loads(lines[7])["id"]
        self.whole = facts_of_files(self.golden)
        with open(edited, "w", encoding="utf-8") as f:  # so that a bless has something to write
            f.writelines(lines[:-20])
        self.before = {n: data for n, (data, _) in facts_of_files(self.golden).items()}
        self.after = {n: data for n, (data, _) in self.whole.items()}
        self.took = {}

    def words(self, verb, folder):
        golden = os.path.join(folder, "golden")
        return {
            "run": ["run", "-r", "json=" + os.path.join(folder, "report"), "-a", FILE, "-g", golden, EVENTS],
            "bless": ["bless", "-r", "json=" + os.path.join(folder, "report"), "-a", FILE, "-g", golden, EVENTS],
            "spill": ["run", "-r", "json=" + os.path.join(folder, "report"), "--memory", "1", "-a", FILE, "-g", golden, EVENTS],
            "compare": ["compare", "-r", "json=" + os.path.join(folder, "report"), FILE, FILE, EVENTS],
            "pack": ["pack", "-o", os.path.join(folder, "pack"), EVENTS],
            "show": ["show", "-a", FILE, self.one, EVENTS],
            "prune": ["golden", "prune", "-a", FILE, "-g", golden, EVENTS],
        }[verb]

    def folder(self, name):
        folder = os.path.join(self.scratch, name)
        os.makedirs(os.path.join(folder, "tmp"))
        shutil.copytree(self.golden, os.path.join(folder, "golden"))
        return folder

    def start(self, verb, folder, stdout=subprocess.PIPE):
        env = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("REFOLD_")}
        return subprocess.Popen([REFOLD, *self.words(verb, folder)], stdin=subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.PIPE, start_new_session=True,
                                env=dict(env, TMPDIR=os.path.join(folder, "tmp")))

    def measure(self, verb):
        folder = self.folder("whole-" + verb)
        start = time.monotonic()
        done = self.start(verb, folder)
        done.communicate(timeout=60)
        self.took[verb] = time.monotonic() - start
        assert done.returncode in (0, 1), (verb, done.returncode)


def session(leader):
    """Processes of a session that are not yet gone: workers have groups of their own, but no session."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid, encoding="utf-8", errors="replace") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(pid))
        except (OSError, IndexError):
            pass
    return found


class Shooter:
    def __init__(self, stage):
        self.stage = stage
        self.ends = collections.Counter()
        self.slowest = 0.0

    def shoot(self, shot):
        number, verb, sent, delay, twice = shot
        what = "%s, %s after %.4f s" % (verb, sent.name, delay)
        folder = self.stage.folder("shot-%d" % number)
        process = self.stage.start(verb, folder)
        time.sleep(delay)
        start = time.monotonic()
        process.send_signal(sent)
        if twice:
            process.send_signal(sent)
        try:
            _, said = process.communicate(timeout=20)
        finally:
            process.kill()
        took = time.monotonic() - start
        self.slowest = max(self.slowest, took)
        self.ends[process.returncode] += 1
        expect(process.returncode in (-sent, 0, 1), True, "%s: exit %d\n%s" % (what, process.returncode, said.decode()))
        assert took < SECONDS * 4, "%s: %.1f s" % (what, took)  # four times as long, for a busy machine
        self.look(folder, verb, process, what, said.decode("utf-8", "replace"), twice)
        shutil.rmtree(folder)

    def look(self, folder, verb, process, what, said, twice):
        deadline = time.monotonic() + 2
        while session(process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)  # what was killed is not gone at once
        expect(session(process.pid), [], what + ": processes that are left")
        expect(os.listdir(os.path.join(folder, "tmp")), [], what + ": left in TMPDIR")
        golden = {n: data for n, (data, _) in facts_of_files(os.path.join(folder, "golden")).items()}
        ended = process.returncode < 0
        if twice and ended:
            return  # at once: as a kill, which has tests of its own
        expect(left_over(folder), [], what + ": temporaries")
        assert golden in (self.stage.before, self.stage.after), what + ": the golden is neither old nor new"
        if verb != "bless" or ended:
            expect(golden == self.stage.before, True, what + ": the golden is untouched")
        if ended and "ended by signal" in said:
            assert re.search(r"before anything was read|\d+ of \d+ objects? read", said), what + ": " + said
        report = os.path.join(folder, "report")
        if ended and "ended by signal" in said and verb in ("run", "bless", "spill", "compare"):
            with open(report, encoding="utf-8") as f:
                told = json.load(f)
            expect((told["verdict"], told["exit"]), ("interrupted", 128 - process.returncode), what + ": report")


def shots(stage, rng, each, verbs):
    number = 0
    for verb in verbs:
        stage.measure(verb)
        for sent in SIGNALS:
            for _ in range(each):
                number += 1
                yield number, verb, sent, rng.uniform(0, stage.took[verb] * 1.1), False


def check_shots(each, verbs, row=None):
    with Scratch() as scratch:
        stage = Stage(scratch)
        shooter = Shooter(stage)
        parallel(shooter.shoot, list(shots(stage, random.Random(3), each, verbs)))
        print("     %d signals: %s; the slowest end took %.2f s" % (
            sum(shooter.ends.values()), dict(shooter.ends), shooter.slowest))
        assert sum(n for status, n in shooter.ends.items() if status < 0) > 0, shooter.ends
        if row is not None:
            cases(row, sum(shooter.ends.values()))


VERBS = ("run", "bless", "compare", "pack", "show", "spill", "prune")


@fault(13)
def test_a_signal_ends_a_verb_and_leaves_nothing():
    check_shots(30 if all_cases() else 1, VERBS, 13)


@fault(13)
def test_a_second_signal_ends_at_once():
    with Scratch() as scratch:
        stage = Stage(scratch)
        shooter = Shooter(stage)
        stage.measure("bless")
        rng = random.Random(4)
        parallel(shooter.shoot, [(i, "bless", signal.SIGINT, rng.uniform(0.01, stage.took["bless"]), True) for i in range(8)])
        cases(13, 8)


@sweep
def test_signals_at_200_instants_of_each_verb_leave_nothing():
    check_shots(200, VERBS)


# ---- a reader that goes ------------------------------------------------------------------------------


@contextlib.contextmanager
def read_by_nobody():
    """The end to write of a pipe whose reader has gone before the verb starts: the fastest verb meets it."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        yield writes
    finally:
        os.close(writes)


@fault(13)
def test_a_closed_pipe_ends_by_sigpipe_and_the_golden_is_whole():
    with Scratch() as scratch:
        stage = Stage(scratch)
        for verb in ("run", "bless", "compare", "pack", "show", "prune"):
            folder = stage.folder("pipe-" + verb)
            with read_by_nobody() as pipe:
                process = stage.start(verb, folder, stdout=pipe)
            said = process.stderr.read()
            process.wait(20)
            expect(process.returncode, -signal.SIGPIPE, "%s: %s" % (verb, said.decode()))
            expect(session(process.pid), [], verb + ": processes that are left")
            expect(left_over(folder), [], verb + ": temporaries")
            golden = {n: data for n, (data, _) in facts_of_files(os.path.join(folder, "golden")).items()}
            expect(golden, stage.after if verb == "bless" else stage.before, verb + ": golden")
            cases(13, 1)


@fault(13)
def test_a_hang_is_ended_by_a_signal():
    """Also where a worker never answers."""
    with Scratch() as scratch:
        history = os.path.join(scratch, "h", "2026", "07", "01", "00")
        os.makedirs(history)
        with open(os.path.join(history, "one"), "w", encoding="utf-8") as f:
            for version in (1, 2):
                f.write('{"t":"Added","d":{"ID":"hang-1","Version":%d,"At":"2026-07-01T00:00:0%dZ"}}\n' % (version, version))
        for sent in SIGNALS:
            process = subprocess.Popen([REFOLD, "run", "--no-compare", "--timeout", "60", "-a", plugin("crasher"),
                                        os.path.join(scratch, "h")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, start_new_session=True)
            time.sleep(0.3)
            start = time.monotonic()
            process.send_signal(sent)
            _, said = process.communicate(timeout=20)
            expect(process.returncode, -sent, "exit")
            assert time.monotonic() - start < SECONDS * 4, "slow"
            assert "1 of 1 object read" in said.decode(), said
            expect(session(process.pid), [], "processes that are left")
            cases(13, 1)
