# SPDX-License-Identifier: MIT
"""Orders: as the talk's own library loads them, and a large generated history whose answer is known."""

import fcntl
import gzip
import json
import os
import subprocess
import sys
import tempfile

from support import BUILD, FIXTURES, ROOT, Scratch, aggregate, expect, expect_status, objects, read_bytes, read_golden, slow, \
    refold, run_json, without_timing


def test_states_are_those_of_the_talks_library():
    source = os.path.join(FIXTURES, "talk-orders")
    with Scratch() as scratch:
        result = refold("bless", "-a", aggregate("order"), "-g", scratch, os.path.join(source, "events"))
        expect_status(result, 0, "talk-orders")
        golden = read_golden(os.path.join(scratch, "order.ndjson"))
    wanted = {}
    with open(os.path.join(source, "oracle", "states.tsv"), encoding="utf-8", newline="\n") as f:
        for line in f:
            identity, version, status, items, total, created, updated = line.rstrip("\n").split("\t")
            wanted[identity] = (int(version), {"status": status, "items": int(items), "totalCents": int(total),
                                               "createdAt": created, "updatedAt": updated})
    expect({i: (g["version"], g["state"]) for i, g in golden.items()}, wanted, "states")


def big_history():
    """1,000,000 events with 1 % duplicates and 1 % late ones; made once a build folder."""
    folder = os.path.join(BUILD, "tests", "orders-1m")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side: one makes it
        if not os.path.exists(folder):
            making = tempfile.mkdtemp(prefix=".orders-", dir=os.path.dirname(folder))
            subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), making, "--events", "1000000",
                            "--objects", "40", "--level", "1"], check=True, stdout=subprocess.DEVNULL)
            os.rename(making, folder)
    with open(os.path.join(folder, "facts.json"), encoding="utf-8") as f:
        return folder, json.load(f)


@slow
def test_a_million_events_give_the_known_answer():
    folder, facts = big_history()
    result = run_json("-a", aggregate("order"), "-g", os.path.join(folder, "golden"), os.path.join(folder, "events"))
    expect_status(result, 0, "orders")
    report = result.report
    expect(report["verdict"], "same", "verdict")
    expect(report["aggregates"][0]["same"], facts["orders"], "same")
    expect(report["history"]["folded"], facts["events"], "folded")
    expect(report["history"]["duplicates"], facts["duplicates"], "duplicates")
    assert facts["duplicates"] > 9000 and facts["late"] > 9000, facts


@slow
def test_a_pack_gives_the_known_answer():
    """A pack that is read bucket by bucket; it is no larger than four fifths of gzip (level 6)."""
    folder, facts = big_history()
    events = os.path.join(folder, "events")
    stored = sum(len(gzip.compress(gzip.decompress(read_bytes(p)), 6)) for p in objects(events)[:4])
    inflated = sum(len(gzip.decompress(read_bytes(p))) for p in objects(events)[:4])
    with Scratch() as scratch:
        pack = os.path.join(scratch, "orders.pack")
        expect_status(refold("pack", events, "-o", pack), 0, "pack")
        share = os.path.getsize(pack) / facts["raw_bytes"] / (stored / inflated)
        assert share <= 0.8, "the pack is %.2f of gzip" % share
        result = run_json("-a", aggregate("order"), "-g", os.path.join(folder, "golden"), pack)
        expect_status(result, 0, "orders from a pack")
        expect(result.report["aggregates"][0]["same"], facts["orders"], "same")
        cold = run_json("-a", aggregate("order"), "-g", os.path.join(folder, "golden"), events)
        expect(without_timing(result.report), without_timing(cold.report), "the report")
        small = run_json("-a", aggregate("order"), "-g", os.path.join(folder, "golden"), "--memory", "16M", pack)
        expect(without_timing(small.report), without_timing(cold.report), "the report with little memory")
        data = bytearray(read_bytes(pack))
        data[len(data) // 2] ^= 1
        with open(pack, "wb") as f:
            f.write(data)
        broken = run_json("-a", aggregate("order"), "-g", os.path.join(folder, "golden"), pack)
        expect_status(broken, 3, "a pack that is damaged in the middle")


@slow
def test_one_wrong_line_of_the_known_answer_is_found():
    folder, facts = big_history()
    with open(os.path.join(folder, "golden", "order.ndjson"), encoding="utf-8") as f:
        lines = f.read().split("\n")
    at = len(lines) // 3
    line = json.loads(lines[at])
    line["state"]["totalCents"] += 1
    lines[at] = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with Scratch() as scratch:
        with open(os.path.join(scratch, "order.ndjson"), "w", encoding="utf-8", newline="\n") as f:
            f.write("\n".join(lines))
        result = run_json("-a", aggregate("order"), "-g", scratch, os.path.join(folder, "events"))
    expect_status(result, 1, "one wrong line")
    differences = result.report["differences"]
    expect([(d["id"], d["kind"]) for d in differences], [(line["id"], "changed")], "differences")
    expect(result.report["aggregates"][0]["same"], facts["orders"] - 1, "same")
