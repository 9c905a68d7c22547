# SPDX-License-Identifier: MIT
"""One case put before refold and before the model, and the two held against each other."""

import copy
import gzip
import os
import shutil
import subprocess

import goldens
from check import Check
from judge import Judge
from replay import Replay
from setup import IDS_FILE

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.join(ROOT, os.environ.get("REFOLD_BUILD", "build/release"))
REFOLD = os.path.join(BUILD, "refold")
SECONDS = 600  # more is a hang
SHIPPED = ("order", "file", "case")


def build_path(name):
    return os.path.join(BUILD, "aggregates" if name in SHIPPED else "tests/sim", name + ".so")


def _environment():
    kept = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_STEP_SUMMARY") and not k.startswith("REFOLD_")}
    return kept


ENVIRONMENT = _environment()


def _without_timing(report):
    return report.partition(b'"timing":')[0]


class Trial:
    """files: (source, key) -> bytes; golden: aggregate -> (text, meta or None)"""

    PARTS = ("files", "golden", "setup", "packed_golden", "how")

    def __init__(self, files, golden, setup, packed_golden=False, how="run"):
        self.files = files
        self.golden = golden
        self.setup = setup
        self.packed_golden = packed_golden
        self.how = how
        self.calls = []
        self.unsteady = []  # what two runs of one case do not agree on

    def expect(self):
        replay = Replay(self.files, self.setup)
        return replay, Judge(replay, self.read_goldens()).verdict

    def read_goldens(self):
        if self.setup.no_compare:
            return None
        return {name: goldens.Golden(name, text, meta) for name, (text, meta) in self.golden.items()}

    # ---- what refold reads ----

    def sources(self):
        return sorted({source for source, _ in self.files}) or ["events"]

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.join(folder, "golden"))
        for name, (text, meta) in self.golden.items():
            self._write_golden(folder, name, text, meta)
        self.write_files(folder)

    def write_files(self, folder):
        """The history and the config."""
        for source in self.sources():
            os.makedirs(os.path.join(folder, source))
        for (source, key), data in self.files.items():
            path = os.path.join(folder, source, key)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)
        with open(os.path.join(folder, "refold.json"), "w", encoding="utf-8") as f:
            f.write(self.setup.config())
        if self.setup.ids_file:
            with open(os.path.join(folder, IDS_FILE), "w", encoding="utf-8", newline="") as f:
                f.write("".join(identity + "\n" for identity in self.setup.ids))

    def _write_golden(self, folder, name, text, meta):
        front = os.path.join(folder, "golden", name)
        packed = self.packed_golden
        with open(front + (".ndjson.gz" if packed else ".ndjson"), "wb") as f:
            f.write(gzip.compress(text, mtime=0) if packed else text)
        if meta is not None:
            with open(front + ".meta.json", "wb") as f:
                f.write(meta)

    # ---- refold ----

    def call(self, folder, *arguments):
        """(exit status, standard output)"""
        command = [REFOLD, *arguments]
        self.calls.append(command)
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=SECONDS, check=False)
        self.stderr = done.stderr.decode("utf-8", "replace")
        return done.returncode, done.stdout

    def options(self):
        return self.setup.options(build_path)

    def _run(self, folder, sources):
        return self.call(folder, "run", "-r", "json", *self.options(), *sources)

    def _run_shards(self, folder):
        """The report of all shards, put together."""
        count = 2 + len(self.files) % 3
        names = []
        for number in range(1, count + 1):
            names.append("shard-%d.json" % number)
            self.call(folder, "run", "-q", "-r", "json=" + names[-1], "--shard", "%d/%d" % (number, count),
                      *self.options(), *self.sources())
        if not all(os.path.exists(os.path.join(folder, name)) for name in names):
            return self._run(folder, self.sources())  # it ended before anything was read
        return self.call(folder, "merge", "-r", "json", *reversed(names))

    def _run_pack(self, folder):
        status, _ = self.call(folder, "pack", "-q", *self.sources(), "-o", "h.pack")
        if not os.path.exists(os.path.join(folder, "h.pack")):
            return self._run(folder, self.sources())
        return self._run(folder, ["h.pack"])

    def _run_delta(self, folder):
        """From two packs: what came first, and the rest."""
        late = sorted(self.files)[len(self.files) // 2:]
        places = [os.path.join(folder, source, key) for source, key in late]
        for place in places:
            os.rename(place, os.path.join(folder, "away-%d" % places.index(place)))
        self.call(folder, "pack", "-q", *self.sources(), "-o", "first.pack")
        for number, place in enumerate(places):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.rename(os.path.join(folder, "away-%d" % number), place)
        if not os.path.exists(os.path.join(folder, "first.pack")):
            return self._run(folder, self.sources())
        self.call(folder, "pack", "-q", *self.sources(), "--without", "first.pack", "-o", "then.pack")
        if not os.path.exists(os.path.join(folder, "then.pack")):  # a pointer leads to nothing in all of the rest, say
            return self._run(folder, self.sources())
        return self._run(folder, ["first.pack", "then.pack"])

    def _run_again(self, folder):
        """Twice, with other threads and other memory: the report is the same but for its timing."""
        first = self._run(folder, self.sources())
        setup = copy.copy(self.setup)
        setup.jobs = 9 - setup.jobs
        setup.memory = None if setup.memory else "1"
        again = self.call(folder, "run", "-r", "json", *setup.options(build_path), *self.sources())
        if (first[0], _without_timing(first[1])) != (again[0], _without_timing(again[1])):
            self.unsteady = ["the report is another with -j %d and --memory %s" % (setup.jobs, setup.memory)]
        return first

    def run(self, folder):
        """What refold and the model do not agree on, as sentences."""
        replay, verdict = self.expect()
        self.verdict, self.replay = verdict, replay
        self.write(folder)
        try:
            if self.how == "shards":
                status, text = self._run_shards(folder)
            elif self.how == "pack":
                status, text = self._run_pack(folder)
            elif self.how == "delta" and len(self.sources()) == 1:
                status, text = self._run_delta(folder)
            elif self.how == "again":
                status, text = self._run_again(folder)
            else:
                status, text = self._run(folder, self.sources())
        except subprocess.TimeoutExpired:
            return ["refold has not ended after %d s" % SECONDS]
        return Check(replay, verdict).report(status, text) + self.unsteady
