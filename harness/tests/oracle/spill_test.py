# SPDX-License-Identifier: MIT
"""--memory: what comes of a history that is mostly on disk is what comes of one in memory, byte for byte; how much
memory it takes; and what happens where the disk is full, lies, or the run ends early. (REFOLD_MEMORY=1 runs the
other oracles and scripts/cli-tests that way.)"""

import gzip
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time

from orders_test import big_history
from support import slow, \
    aggregate, cases, expect, expect_status, facts_of_files, fault, lines_of, merged, objects, parallel, parse, \
    patched, plugin, read_bytes, REFOLD, refold, ROOT, Scratch, slow, without_timing, write_bytes

# A bug for the file aggregate: what stands there, and what is put in its place.
FILE_BUG = ("    file->changes++;\n", "    file->changes += file->changes < 3;\n")
# Nothing in memory, a part of it, and more threads than there is memory for.
WAYS = [(memory, jobs) for memory in ("1", "3M") for jobs in ("1", "8")]
IN_MEMORY = ("4G", "2")
# refold and two workers in themselves, and what the readme of --memory says comes on top of it.
OWN_MIB = 24
INDEX_BYTES = 152


# ---- histories ---------------------------------------------------------------------------------------------------


def spoilt_orders(folder):
    """Orders with duplicates and late events, and of each kind of damage some; the second folder is the same with one
    object whole that is cut in the first."""
    rng = random.Random(11)
    made = os.path.join(folder, "made")
    subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), made, "--events", "20000",
                    "--objects", "12", "--duplicates", "0.1", "--late", "0.1", "--level", "1"],
                   check=True, stdout=subprocess.DEVNULL)
    for number, path in enumerate(objects(os.path.join(made, "events"))):
        kept = []
        for record in parse(read_bytes(path)):
            luck = rng.random()
            if luck < 0.01:
                continue  # a gap
            kept.append(record)
            if luck > 0.99:  # a conflict, and what is equal without being the same bytes
                other = json.loads(json.dumps(record))
                other["d"]["Trace"]["Attempt"] = 2
                kept.append(other)
            elif luck > 0.98:
                kept.append({"d": dict(reversed(record["d"].items())), "t": record["t"]})
            elif luck > 0.975:
                kept.append({"t": record["t"], "d": {"no": "id"}})
        rng.shuffle(kept)
        data = gzip.compress(lines_of(kept), 1)
        key = os.path.relpath(path, os.path.join(made, "events"))
        write_bytes(os.path.join(folder, "whole", key), data)
        write_bytes(os.path.join(folder, "cut", key), data[:len(data) // 2] if number == 5 else data)
    return os.path.join(folder, "cut"), os.path.join(folder, "whole")


def some_ids(events):
    """Some of all, and some with events in the object that is cut."""
    ids = [sorted({r["d"].get("ID") for r in parse(read_bytes(path))} - {None}) for path in objects(events)]
    rng = random.Random(5)
    return rng.sample(sorted({i for of_object in ids for i in of_object}), 5) + rng.sample(ids[5], 5)


# ---- the same results --------------------------------------------------------------------------------------------


def limits(way):
    return ["--memory", way[0], "-j", way[1]]


def wrong_golden(folder, plug, events):
    """A golden in which every tenth state is another."""
    config = os.path.join(folder, "refold.json")
    os.mkdir(folder)
    write_bytes(config, json.dumps({"policy": {"gap": "count", "conflict": "count", "malformed": "count"}}).encode())
    expect_status(refold("bless", "-C", config, *plug, "-g", folder, events), 0, "bless")
    for path in objects(folder):
        if path.endswith(".ndjson"):
            lines = [json.loads(line) for line in read_bytes(path).decode("utf-8").splitlines()]
            for line in lines[::10]:
                line["state"]["planted"] = True
            write_bytes(path, b"".join(
                json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8") + b"\n"
                for line in lines))
        else:
            os.remove(path)
    return folder


def expect_same_results(scratch, events, whole, name, ids, rival):
    """Every verb that reads, in memory and not. `whole` is what can be blessed."""
    plug = ["-a", aggregate(name)]
    golden = wrong_golden(os.path.join(scratch, "wrong"), plug, whole)
    waive = os.path.join(scratch, "waive.json")
    write_bytes(waive, json.dumps({"policy": {"gap": "count", "conflict": "count", "malformed": "count"}}).encode())

    def report(way, verb, *arguments):
        result = refold(verb, *arguments, *limits(way))
        return result.status, without_timing(result.report), result.stderr

    def run(way):
        return report(way, "run", *plug, "-g", golden, "--report", "json", events)

    def run_partial(way):
        return report(way, "run", *plug, "-g", golden, "--keep-partial", "--report", "json", events)

    def bless(way):
        folder = os.path.join(scratch, "golden-%s-%s" % way)
        status, told, _ = report(way, "bless", "-C", waive, *plug, "-g", folder, "--report", "json", whole)
        expect(status, 0, "bless")
        files = {n: data for n, (data, _) in facts_of_files(folder).items() if n.endswith(".ndjson")}
        assert files and all(files.values()), "nothing is blessed"
        return told["blessed"], files

    def compare(way):
        return report(way, "compare", aggregate(name), rival, "--report", "json", events)

    def types(way):
        return report(way, "types", *plug, "--json", events)

    def types_without_aggregates(way):
        return report(way, "types", "--json", events)

    def show(way):
        return [(r.status, r.stdout, r.stderr) for r in
                (refold("show", identity, *plug, *limits(way), "--json", events) for identity in ids)]

    for verb in (run, run_partial, bless, compare, types, types_without_aggregates, show):
        wanted = verb(IN_MEMORY)
        if verb in (run, compare):
            assert wanted[1]["differences_total"] > 10, "%s finds nothing" % verb.__name__
        for way, got in zip(WAYS, parallel(verb, WAYS)):
            expect(got, wanted, "%s --memory %s -j%s" % (verb.__name__, *way))


@slow
@fault(27)
def test_spoilt_orders_are_judged_as_in_memory():
    with Scratch() as scratch:
        cut, whole = spoilt_orders(os.path.join(scratch, "orders"))
        rival = patched(os.path.join(ROOT, "aggregates", "order.c"), os.path.join(scratch, "rival.c"),
                        '"shipped", "delivered"', '"shipped", "arrived"')
        expect_same_results(scratch, cut, whole, "order", some_ids(whole), rival)
        cases(27, 7 * len(WAYS))


@slow
def test_a_real_history_is_judged_as_in_memory():
    events = merged("git-zlib-ng")
    with Scratch() as scratch:
        rival = patched(os.path.join(ROOT, "aggregates", "file.c"), os.path.join(scratch, "rival.c"), *FILE_BUG)
        expect_same_results(scratch, events, events, "file", ["CMakeLists.txt", "deflate.c", "no such file"], rival)


# ---- how much memory ---------------------------------------------------------------------------------------------


def measured(*arguments):
    """(status, report, peak of all memory in MiB)"""
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "own-memory"), REFOLD, *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    peak = re.search(rb"^memory ([0-9.]+) MiB", done.stderr, re.M)
    return done.returncode, json.loads(done.stdout), float(peak.group(1))


@slow
def test_memory_stays_below_the_limit():
    folder, facts = big_history()
    for limit in (16, 64):
        status, report, peak = measured("run", "-a", aggregate("order"), "--no-compare", "-r", "json", "-j", "2", "--memory",
                                        "%dM" % limit, os.path.join(folder, "events"))
        expect(status, 0, "run")
        expect(report["history"]["folded"], facts["events"], "folded")
        assert peak < limit + OWN_MIB, "--memory %dM took %.1f MiB" % (limit, peak)


def one_order(folder, count, objects_count):
    """An order with so many events, in many objects; its state."""
    total = 0
    rng = random.Random(3)
    numbers = list(range(2, count + 1))
    rng.shuffle(numbers)
    for number in range(objects_count):
        records = [] if number else [{"t": "OrderCreated", "d": {"ID": "one", "Version": 1, "At": "2020-01-01T00:00:00Z"}}]
        for version in numbers[number::objects_count]:
            records.append({"t": "OrderItemAdded", "d": {"ID": "one", "Version": version, "At": "2020-01-02T00:00:00Z",
                                                         "Qty": version % 7 + 1, "PriceCents": version % 1000,
                                                         "Trace": "%032x" % rng.getrandbits(128)}})
            total += (version % 7 + 1) * (version % 1000)
        write_bytes(os.path.join(folder, "2020/01/01/00", "one-%04d.gz" % number), gzip.compress(lines_of(records), 1))
    return {"status": "created", "items": count - 1, "totalCents": total, "createdAt": "2020-01-01T00:00:00Z",
            "updatedAt": "2020-01-02T00:00:00Z"}


@slow
def test_one_instance_larger_than_memory():
    """REFOLD_ONE=2000000 makes it that large."""
    count = int(os.environ.get("REFOLD_ONE", "200000"))
    with Scratch() as scratch:
        state = one_order(os.path.join(scratch, "h"), count, 20)
        golden = os.path.join(scratch, "golden")
        line = {"id": "one", "state": state, "version": count}
        write_bytes(os.path.join(golden, "order.ndjson"),
                    json.dumps(line, sort_keys=True, separators=(",", ":")).encode("utf-8") + b"\n")
        status, report, peak = measured("run", "-a", aggregate("order"), "-g", golden, "-r", "json", "-j", "2", "--memory",
                                        "8M", os.path.join(scratch, "h"))
        expect(status, 0, "run")
        expect(report["aggregates"][0]["same"], 1, "same")
        expect(report["history"]["folded"], count, "folded")
        limit = 8 + OWN_MIB + count * INDEX_BYTES / (1 << 20)
        assert peak < limit, "%d events of one order took %.1f MiB, more than %.1f" % (count, peak, limit)
        shown = refold("show", "one", "-a", aggregate("order"), "--at", str(count), "-q", "--memory", "8M",
                       os.path.join(scratch, "h"))
        expect_status(shown, 0, "show")
        expect(json.loads(shown.stdout), state, "what is shown")


# ---- the disk ----------------------------------------------------------------------------------------------------


def start(tmp, *arguments, **keywords):
    env = {k: v for k, v in os.environ.items() if not k.startswith("REFOLD_")}
    return subprocess.Popen([REFOLD, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=dict(env, TMPDIR=tmp), **keywords)


def open_files(pid, front):
    found = []
    folder = "/proc/%d/fd" % pid
    for number in os.listdir(folder):
        try:
            if os.readlink(os.path.join(folder, number)).startswith(front):
                found.append(os.path.join(folder, number))
        except OSError:
            pass
    return found


def until_it_folds(process):
    """Windows are opened when everything is read."""
    deadline = time.monotonic() + 60
    while not open_files(process.pid, "/memfd:refold-window"):
        assert process.poll() is None and time.monotonic() < deadline, "it never folds"
        time.sleep(0.0005)


def big_run(*more):
    return ["run", "-a", aggregate("order"), "--no-compare", "-q", "-j", "1", "--memory", "1M", *more,
            os.path.join(big_history()[0], "events")]


def spilled_run(folder, *more):
    """As big_run, of 60,000 events that are five times the memory; one of them is folded for ever."""
    rng = random.Random(7)
    numbers = [("hang-1", 1), ("hang-1", 2)] + [("ok-%05d" % (n // 3), n % 3 + 1) for n in range(60000)]
    values = [{"t": "Added", "d": {"ID": identity, "Version": version, "At": "2020-01-01T00:00:00Z", "By": 1,
                                   "Trace": "%032x" % rng.getrandbits(128)}} for identity, version in numbers]
    events = os.path.join(folder, "events")
    write_bytes(os.path.join(events, "2020/01/01/00/spilled-0000.gz"), gzip.compress(lines_of(values), 1))
    return ["run", "-a", plugin("crasher"), "--no-compare", "-q", "-j", "1", "--memory", "1M", "--timeout", "60", *more, events]


@slow
def test_a_file_that_another_program_writes_to_is_no_verdict():
    with Scratch() as tmp:
        process = start(tmp, *big_run("-r", "json"))
        until_it_folds(process)
        process.send_signal(signal.SIGSTOP)
        files = open_files(process.pid, tmp + "/")
        with open(max(files, key=lambda f: os.stat(f).st_blocks), "r+b") as f:
            size = f.seek(0, os.SEEK_END)
            assert size > 1 << 20, "nothing is spilled"
            for at in range(50, size, 100):
                byte = os.pread(f.fileno(), 1, at)
                os.pwrite(f.fileno(), bytes([byte[0] ^ 1]), at)
        process.send_signal(signal.SIGCONT)
        stdout, stderr = process.communicate(timeout=60)
    expect(process.returncode, 70, "status")
    report = json.loads(stdout)
    expect((report["exit"], report["internal"]), (70, True), "report")
    assert report["verdict"] != "same", report["verdict"]
    wanted = "refold: %s: events do not come back as they were put there (" % tmp
    assert wanted.encode() in stderr and b"memory of this machine fails" in stderr, stderr


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # which Python ignores
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))


@fault(11)
def test_a_full_disk_is_told():
    for tmp, limit, why in (("/nonexistent/tmp", None, "No such file or directory"), (None, small_files, "File too large")):
        with Scratch() as scratch, Scratch() as orders:
            tmp = tmp or scratch
            process = start(tmp, *spilled_run(orders, "-r", "json"), preexec_fn=limit)
            stdout, stderr = process.communicate(timeout=60)
        expect(process.returncode, 70, "status: %r" % stderr)
        expect(stderr.decode().strip().split("\n")[-1],
               "refold: %s: the history is larger than --memory, and this folder does not take the rest (%s): "
               "set TMPDIR to one with room, or raise --memory" % (tmp, why), "the sentence")
        expect(json.loads(stdout)["exit"], 70, "report")
        cases(11, 1)


@slow
@fault(13)
def test_nothing_is_left_whatever_ends_it():
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        with Scratch() as tmp:
            process = start(tmp, *big_run("-r", "json=" + os.devnull))
            until_it_folds(process)
            assert open_files(process.pid, tmp + "/"), "nothing is spilled"
            expect(os.listdir(tmp), [], "names in TMPDIR while it runs")
            process.send_signal(number)
            process.communicate(timeout=60)
            expect(process.returncode, -number, "ended by")
            expect(os.listdir(tmp), [], "names in TMPDIR")
            cases(13, 1)


def test_files_are_the_owners_alone():
    with Scratch() as tmp, Scratch() as orders:
        process = start(tmp, *spilled_run(orders), preexec_fn=lambda: os.umask(0))
        until_it_folds(process)
        modes = {os.stat(f).st_mode & 0o7777 for f in open_files(process.pid, tmp + "/")}
        process.kill()
        process.communicate()
    expect(modes, {0o600}, "modes")
