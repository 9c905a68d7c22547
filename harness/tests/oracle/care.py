# SPDX-License-Identifier: MIT
"""What the tests of care share: goldens in mixed forms, and what a folder of them holds, read without refold."""

import gzip
import os
import shutil
import subprocess

from support import REFOLD, aggregate, canonical, expect_status, facts_of_files, objects, read_bytes, refold, write_bytes

CASE = aggregate("case")
JOURNAL = ".refold-journal"
AGGREGATES = ("plain", "packed", "digested")


def event(name, identity, version, kind="Done"):
    return canonical({"aggregateType": name, "aggregateId": identity, "version": version, "type": kind,
                      "at": "2026-07-01T00:00:%02dZ" % version, "data": {}}) + "\n"


def write_history(folder, names, last, count=6):
    """`count` instances of each aggregate, with versions up to `last`."""
    text = "".join(event(name, "%s-%d" % (name, i), version) for name in names for i in range(count)
                   for version in range(1, last + 1))
    write_bytes(os.path.join(folder, "2026", "07", "01", "00", "one"), text.encode())


def bless(folder, history, *arguments, **keywords):
    return refold("bless", "-q", "-j", 1, "-e", "flat", "-a", CASE, "-g", folder, *arguments, history, **keywords)


def run(folder, history, how="-q"):
    return refold("run", how, "-j", 1, "-e", "flat", "-a", CASE, "-g", folder, "--require-golden", history)


class Mixed:
    """Three goldens, one plain, one in gzip, one of digests; what they were, and what a bless makes of them."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.before, self.after = (os.path.join(scratch, name) for name in ("before", "after"))
        self.old_history, self.new_history = (os.path.join(scratch, name) for name in ("h-old", "h-new"))
        write_history(self.old_history, AGGREGATES, 2)
        write_history(self.new_history, AGGREGATES, 3)
        parts = [os.path.join(scratch, name) for name in ("h-two", "h-one")]
        write_history(parts[0], AGGREGATES[:2], 2)
        write_history(parts[1], AGGREGATES[2:], 2)
        expect_status(bless(self.before, parts[1], "--digest"), 0, "bless of one")
        aside = os.path.join(scratch, "aside")
        expect_status(bless(aside, parts[0]), 0, "bless of two")
        path = os.path.join(aside, "packed.ndjson")
        write_bytes(path + ".gz", gzip.compress(read_bytes(path), mtime=0))
        os.remove(path)
        shutil.copytree(aside, self.before, dirs_exist_ok=True)
        shutil.copytree(self.before, self.after)
        expect_status(bless(self.after, self.new_history), 0, "bless of what is new")
        self.old, self.new = golden_of(self.before), golden_of(self.after)
        assert set(self.old) == set(self.new) and all(self.old[n] != self.new[n] for n in self.old), "all change"

    def fresh(self, name):
        folder = os.path.join(self.scratch, name)
        shutil.copytree(self.before, folder)
        return folder


def golden_of(folder):
    """name -> bytes of the golden that a folder holds, by this program's own reading of the journal."""
    found = {name: read_bytes(os.path.join(folder, name)) for name in os.listdir(folder)
             if not name.startswith(".")}
    journal = os.path.join(folder, JOURNAL)
    if os.path.exists(journal):
        for row in read_bytes(journal).decode().splitlines()[1:-1]:
            _, _, temporary, name = row.split(" ")
            waiting = os.path.join(folder, temporary)
            if os.path.exists(waiting):
                found[name] = read_bytes(waiting)
    return found


def left_over(folder):
    """Temporaries and the journal, anywhere below the folder."""
    return sorted(os.path.relpath(path, folder) for path in objects(folder)
                  if os.path.basename(path) == JOURNAL or os.path.basename(path).endswith((".tmp", ".old")))


def untouched(folder, other):
    """Whether two folders hold the same files, byte for byte."""
    return {k: v for k, (v, _) in facts_of_files(folder).items()} == {k: v for k, (v, _) in facts_of_files(other).items()}


def strace(options, words, **keywords):
    """One call of refold under strace; only its first thread is looked at, which does all that writes."""
    env = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("REFOLD_")}
    return subprocess.run(["strace", "-qq", "-o", "/dev/null", *options, REFOLD, *map(str, words)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, env=env,
                          check=False, **keywords)
