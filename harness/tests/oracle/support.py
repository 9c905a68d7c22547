# SPDX-License-Identifier: MIT
"""What the oracle tests share: running refold, reading histories without it, comparing."""

import concurrent.futures
import gzip
import json
import os
import shutil
import subprocess
import tempfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.join(ROOT, os.environ.get("REFOLD_BUILD", "build/release"))
REFOLD = os.path.join(BUILD, "refold")
FIXTURES = os.path.join(ROOT, "fixtures")


def slow(test):
    """A test that takes long: not in `make test`, but in `make test-slow`, which CI runs too (run.py)."""
    test.slow = True
    return test


def long(test):
    """A test of `make test` that works for five seconds or more: begun before all others (run.py)."""
    test.long = True
    return test


def waits(test):
    """A test that waits for most of its time, for a timeout that is its matter: it takes no processor's turn (run.py)."""
    test.waits = True
    return test


def sweep(test):
    """A test of thousands of cases that takes a quarter of an hour: run only by its name, or by `make test-faults` where
    it is of a row; `make test` has a sample of it."""
    test.sweep = True
    return test


def fault(*rows):
    """A test that injects faults of these rows of harness/docs/faults.md, and counts them with cases()."""
    def mark(test):
        test.rows = rows
        return test
    return mark


def cases(row, run, passed=None):
    """So many cases of a row were run, and so many of them passed: by default all, where it is called behind what
    would have raised. `make test-faults` adds them up."""
    path = os.environ.get("REFOLD_FAULTS")
    if path:
        line = {"row": row, "run": run, "passed": run if passed is None else passed, "test": os.environ.get("REFOLD_TEST")}
        with open(path, "a", encoding="utf-8") as f:
            f.write(json.dumps(line) + "\n")


def sampled(test):
    """A test of which `make test` takes a part of its cases (part_of, in_full); `make test-slow` takes all of them."""
    test.sampled = True
    return test


def in_full():
    """Whether a sampled test takes all of its cases: in `make test-slow`, and wherever all are wanted."""
    return all_cases() or os.environ.get("REFOLD_SLOW") == "1"


def part_of(items, every):
    """Of many that are alike one in so many, the first among them; in full all."""
    return list(items)[::1 if in_full() else every]


def all_cases():
    """Whether all cases are wanted (make test-faults), or a sample that takes seconds (make test)."""
    return os.environ.get("REFOLD_ALL_CASES") == "1"


def aggregate(name):
    return os.path.join(BUILD, "aggregates", name + ".so")


def plugin(name):
    return os.path.join(BUILD, "tests", "plugins", name + ".so")


class Result:
    """One call of refold."""

    def __init__(self, done):
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr_bytes = done.stderr
        self.stderr = done.stderr.decode("utf-8", "replace")

    @property
    def report(self):
        return json.loads(self.stdout)


def refold(*arguments, timeout=120, **keywords):
    env = {k: v for k, v in os.environ.items()
           if k not in ("CI", "GITHUB_STEP_SUMMARY") and (k == "REFOLD_MEMORY" or not k.startswith("REFOLD_"))}
    env.update(keywords.pop("env", {}))
    return Result(subprocess.run([REFOLD, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=timeout, env=env, check=False, **keywords))


def run_json(*arguments, **keywords):
    return refold("run", "--report", "json", *arguments, **keywords)


def with_package(package, code, data):
    """What Python code that needs a package prints about its standard input. The distribution's Python has its
    packages, another may lack them."""
    problem = None
    for python in ("python3", "/usr/bin/python3"):
        done = subprocess.run([python, "-c", code], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode == 0:
            return done.stdout
        problem = done.stderr.decode("utf-8", "replace")
    raise AssertionError("python3-%s cannot be used: %s" % (package, problem))


class Scratch:
    """A folder that is gone afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="refold-oracle-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def objects(folder):
    """Paths of all objects below a folder, in key order."""
    found = []
    for here, _, names in os.walk(folder):
        found += [os.path.join(here, n) for n in names]
    return sorted(found, key=lambda p: os.fsencode(os.path.relpath(p, folder)))


def inflate(data):
    """Every member of a gzip object, by zlib alone; None where it is not whole: CRC and length are
    checked, and nothing may follow the last member."""
    out = []
    while data:
        z = zlib.decompressobj(31)
        try:
            out.append(z.decompress(data))
        except zlib.error:
            return None
        if not z.eof:
            return None
        data = z.unused_data
    return b"".join(out)


def parse(data):
    """The JSON values of an object's stored bytes, gzip or plain, joined by nothing, blanks or line ends."""
    decoder = json.JSONDecoder()
    text = gzip.decompress(data).decode("utf-8") if data[:2] == b"\x1f\x8b" else data.decode("utf-8")
    found = []
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return found
        value, at = decoder.raw_decode(text, at)
        found.append(value)


def read_bytes(path):
    with open(path, "rb") as f:
        return f.read()


def write_bytes(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def merged(name):
    """A fixture's history with one object a month: every object of the month as a member of its own. Few files
    to copy and to read; made once a build folder."""
    folder = os.path.join(BUILD, "tests", "merged-" + name)
    if os.path.exists(folder):
        return folder
    source = os.path.join(FIXTURES, name, "events")
    months = {}
    for path in objects(source):
        month = os.path.relpath(path, source)[:len("2015/04")]
        months.setdefault(month, []).append(path)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    making = tempfile.mkdtemp(prefix=".merged-", dir=os.path.dirname(folder))
    for month, paths in months.items():
        write_bytes(os.path.join(making, month, "01", "00", "merged.gz"), b"".join(read_bytes(p) for p in paths))
    try:
        os.rename(making, folder)
    except OSError:  # another test was faster
        shutil.rmtree(making)
    return folder


def records(folder, keep=lambda key: True):
    """All JSON records below a folder, in key order."""
    for path in objects(folder):
        if keep(os.path.relpath(path, folder)):
            yield from parse(read_bytes(path))


def lines_of(values):
    """Records as one object's bytes; only ASCII, so that any string can be written."""
    return b"".join(json.dumps(v, separators=(",", ":")).encode("ascii") + b"\n" for v in values)


def parallel(work, items):
    """work(item) for each item, on all processors; the results in order. The first failure is raised."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [f.result() for f in futures]
        finally:
            for future in futures:
                future.cancel()


def patched(source, target, old, new):
    """A copy of a text file in which one place is different."""
    with open(source, encoding="utf-8") as f:
        text = f.read()
    if text.count(old) != 1:
        raise AssertionError("%s holds %d times: %s" % (source, text.count(old), old))
    with open(target, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    return target


def facts_of_files(folder):
    """relative path -> (bytes, mtime) of all files"""
    return {os.path.relpath(p, folder): (read_bytes(p), os.stat(p).st_mtime_ns) for p in objects(folder)}


def without_timing(report):
    return {k: v for k, v in report.items() if k != "timing"}


def comparable(report, prefix):
    """A report without what may differ: timing, and what stands in front of the objects' names."""
    text = json.dumps(without_timing(report), sort_keys=True).replace(prefix, "")
    return dict(json.loads(text), proof=None)


def total(report, term):
    """A count over all aggregates."""
    return sum(tally[term] for tally in report["aggregates"])


def check_sums(report, what):
    """The contract's sums, by this program's own addition."""
    h = report["history"]
    expect(h["objects"], h["read"] + h["unreadable"] + h["foreign"], what + ": objects")
    expect(h["records"] + h["expanded"], h["events"] + h["malformed"] + h["empty"], what + ": records")
    terms = ("withdrawn", "unselected", "unclaimed", "duplicates", "conflicts", "skipped", "unhandled", "rejected",
             "unfolded", "covered", "folded")
    expect(h["events"], sum(h[t] for t in terms), what + ": events")
    for tally in report["aggregates"]:
        expect(tally["compared"], tally["same"] + tally["changed"], what + ": compared")


def canonical(value):
    """Canonical JSON for values without fractions."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write_golden(folder, name, states):
    """states: id -> (version, state)"""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name + ".ndjson"), "w", encoding="utf-8", newline="\n") as f:
        for identity in sorted(states, key=lambda i: i.encode("utf-8")):
            version, state = states[identity]
            f.write(canonical({"id": identity, "state": state, "version": version}) + "\n")


def read_golden(path):
    """id -> line"""
    with open(path, encoding="utf-8", newline="\n") as f:
        lines = [json.loads(line) for line in f.read().split("\n") if line]
    return {line["id"]: line for line in lines}


def expect(got, wanted, what):
    if got != wanted:
        shown_got, shown_wanted = repr(got)[:600], repr(wanted)[:600]
        raise AssertionError("%s: got %s, wanted %s" % (what, shown_got, shown_wanted))


def expect_status(result, wanted, what):
    if result.status != wanted:
        raise AssertionError("%s: exit status %s, wanted %s\n%s\n%s" % (
            what, result.status, wanted, result.stderr[-2000:], result.stdout[-2000:].decode("utf-8", "replace")))
