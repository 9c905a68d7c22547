# SPDX-License-Identifier: MIT
"""A bless that is killed at any of its system calls leaves the old golden or the new one, all files of it."""

import collections
import os
import random
import re
import shutil

from care import CASE, JOURNAL, Mixed, bless, golden_of, left_over, run, strace
from support import (
    aggregate, all_cases, BUILD, cases, expect, expect_status, facts_of_files, fault, parallel, read_bytes, refold,
    Scratch, sweep, write_bytes)

# What changes nothing outside of the process: to be killed there is to be killed at the next call.
INWARD = {"brk", "mmap", "munmap", "mprotect", "futex", "getpid", "getrusage", "madvise", "rt_sigprocmask", "clock_gettime"}


def kill_points(words):
    """(name of a system call, its number among those of that name), from the lock on to the end."""
    log = os.path.join(BUILD, "tests", "care-%d.log" % os.getpid())
    done = strace(["-o", log], words)
    expect(done.returncode, 0, "a bless that nobody kills: %s" % done.stderr.decode())
    points, counts, locked = [], collections.Counter(), False
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            name = re.match(r"[a-z0-9_]+(?=\()", line)
            if name:
                counts[name.group()] += 1
                locked = locked or name.group() == "flock"
                if locked and name.group() not in INWARD and name.group() != "exit_group":
                    points.append((name.group(), counts[name.group()]))
    os.remove(log)
    return points


class Killer:
    """Kills a bless of `mixed` at its points, and looks at what it leaves."""

    def __init__(self, mixed):
        self.mixed = mixed
        self.killed = collections.Counter()

    def words(self, folder):
        return ["bless", "-q", "-j", 1, "-e", "flat", "-a", CASE, "-g", folder, self.mixed.new_history]

    def points(self):
        return kill_points(self.words(self.mixed.fresh("traced")))

    def check(self, point):
        name, number = point
        what = "killed at %s %d" % point
        folder = self.mixed.fresh("%s-%d" % point)
        done = strace(["-e", "trace=" + name, "-e", "inject=%s:signal=KILL:when=%d" % point], self.words(folder))
        found = golden_of(folder)
        old = found == self.mixed.old
        if not old and found != self.mixed.new:
            raise AssertionError(what + ": files of both: " + ", ".join(
                "%s %s" % (n, "old" if found[n] == self.mixed.old.get(n) else "new") for n in found))
        self.killed["old" if old else "new"] += done.returncode in (-9, 137)
        self.look_by_refold(folder, old, what)
        expect_status(bless(folder, self.mixed.new_history), 0, what + ", the next bless")
        expect(left_over(folder), [], what + ", left over behind the next bless")
        expect(golden_of(folder), self.mixed.new, what + ", behind the next bless")
        shutil.rmtree(folder)

    def look_by_refold(self, folder, old, what):
        """A run sees one golden whole, and writes nothing; verify names what was left."""
        before = facts_of_files(folder)
        mine, other = (self.mixed.old_history, self.mixed.new_history) if old else \
            (self.mixed.new_history, self.mixed.old_history)
        expect_status(run(folder, mine), 0, what + ", a run")
        assert run(folder, other).status != 0 or old, what + ": the other history is the same"
        verified = refold("golden", "verify", "--json", folder)
        names = {os.path.relpath(f["file"], folder) for f in verified.report["findings"]}
        # A new file's shards may be there before their manifest; temporaries of lines lie deeper.
        left = {n for n in left_over(folder) if "/" not in n}
        waits = any(f["weight"] == "damage" for f in verified.report["findings"])
        unnamed = left - names
        if waits:  # the journal is named, which names them
            told = read_bytes(os.path.join(folder, JOURNAL)).decode()
            unnamed = {n for n in unnamed if n not in told}
        expect(unnamed, set(), what + ", named by verify")
        expect(verified.status, 3 if waits else 0, what + ", verify")
        expect(waits, JOURNAL in left and any(n.endswith(".tmp") for n in left), what + ", a journal waits")
        expect(facts_of_files(folder), before, what + ", nothing is written by readers")


def check_kills(choose, row=None):
    with Scratch() as scratch:
        killer = Killer(Mixed(scratch))
        points = killer.points()
        parallel(killer.check, choose(points))
        print("     %d points of %d system calls: %d left the old golden, %d the new one" % (
            sum(killer.killed.values()), len(points), killer.killed["old"], killer.killed["new"]))
        assert len(points) > 300, len(points)
        # 11 files, the journal, and both folders before it, its own with it, and both behind the renames.
        assert sum(name == "fsync" for name, _ in points) >= 17, "something is not flushed"
        if row is not None:
            cases(row, sum(killer.killed.values()))
        return killer


@fault(12)
def test_a_bless_that_is_killed_leaves_old_or_new():
    def sample(points):
        if all_cases():
            return points
        writing = [p for p in points if p[0] in ("rename", "renameat2", "link", "unlink", "fsync", "write")]
        return random.Random(5).sample(writing, 5)

    check_kills(sample, 12)


@sweep
def test_a_bless_that_is_killed_at_any_system_call_leaves_old_or_new():
    killer = check_kills(lambda points: points)
    assert killer.killed["old"] > 100 and killer.killed["new"] > 10, killer.killed


# ---- a golden that is closed, with pending events beside it, and a review ----------------------------


def closed_history(folder, hours):
    rows = {0: [("a", 1, "OrderCreated"), ("b", 1, "OrderCreated"), ("b", 3, "OrderApproved")],
            1: [("a", 2, "OrderApproved"), ("c", 1, "OrderCreated"), ("c", 4, "OrderShipped")]}
    for hour in range(hours):
        text = "".join('{"t":"%s","d":{"ID":"%s","Version":%d,"At":"2026-07-01T00:00:0%dZ"}}\n' % (t, i, v, v)
                       for i, v, t in rows[hour])
        write_bytes(os.path.join(folder, "2026", "07", "01", "%02d" % hour, "one"), text.encode())


@sweep
def test_a_close_that_is_killed_is_not_mixed():
    with Scratch() as scratch:
        history, before = os.path.join(scratch, "h"), os.path.join(scratch, "before")
        closed_history(history, 2)

        def words(folder, until):
            return ["bless", "-q", "-j", 1, "-a", aggregate("order"), "-g", folder, "--until", until, history]

        expect_status(refold(*words(before, "2026-07-01T01")), 0, "close")
        after = os.path.join(scratch, "after")
        shutil.copytree(before, after)
        expect_status(refold(*words(after, "2026-07-01T02")), 0, "close an hour later")
        old, new = golden_of(before), golden_of(after)
        expect(sorted(n for n in old if old[n] != new[n]), ["order.meta.json", "order.ndjson", "order.pending.ndjson"],
               "what changes")
        traced = os.path.join(scratch, "traced")
        shutil.copytree(before, traced)
        points = kill_points(words(traced, "2026-07-01T02"))

        def check(point):
            folder = os.path.join(scratch, "%s-%d" % point)
            shutil.copytree(before, folder)
            strace(["-e", "trace=" + point[0], "-e", "inject=%s:signal=KILL:when=%d" % point],
                   words(folder, "2026-07-01T02"))
            assert golden_of(folder) in (old, new), "killed at %s %d" % point
            go_on = refold("bless", "-q", "-a", aggregate("order"), "-g", os.path.join(scratch, "%s-%d-on" % point),
                           "--from", folder, "--since", "2026-07-01T01", history)
            expect_status(go_on, 3 if go_on.status == 3 else 0, "--from what was left")  # gaps at the end are damage
            assert "pending" not in go_on.stderr, go_on.stderr
            shutil.rmtree(folder)

        parallel(check, points)
        print("     %d points" % len(points))
        assert len(points) > 150, len(points)
