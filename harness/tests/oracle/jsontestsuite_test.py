# SPDX-License-Identifier: MIT
"""Every file of JSONTestSuite as an object: no crash, no hang, and the counts of the table."""

import csv
import os
import shutil

from support import (
    aggregate, cases, check_sums, expect, fault, FIXTURES, in_full, parallel, part_of, refold, sampled, Scratch)

SUITE = os.path.join(FIXTURES, "jsontestsuite")


def table():
    with open(os.path.join(SUITE, "as-objects.tsv"), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def run(*sources):
    return refold("run", "--no-compare", "-j", "1", "-r", "json", "-a", aggregate("order"), *sources, timeout=10)


def fate(row):
    """What becomes of such an object: none holds an event, and all names promise some."""
    size = os.path.getsize(os.path.join(SUITE, "test_parsing", row["file"]))
    records, empty = int(row["records"]), int(row["empty"])
    return "read" if row["code"] == "ok" and (size == 0 or 0 < empty == records) else "unreadable"


def counts(rows):
    sums = {name: sum(int(row[name]) for row in rows) for name in ("records", "malformed", "empty")}
    fates = [fate(row) for row in rows]
    return dict(sums, objects=len(rows), read=fates.count("read"), unreadable=fates.count("unreadable"), foreign=0,
                events=0, expanded=sums["malformed"] + sums["empty"] - sums["records"])


def check(rows, result, what):
    report = result.report
    damaged = any(fate(row) == "unreadable" or int(row["malformed"]) for row in rows)
    expect(result.status, 3 if damaged else 2, what + ": exit")  # 2: no event matched
    expect({k: report["history"][k] for k in counts(rows)}, counts(rows), what)
    check_sums(report, what)


@sampled
@fault(6)
def test_each_file_alone():
    """A quarter of them in `make test`; all of them at once below."""
    expect(len(table()), 318, "files")
    rows = part_of(table(), 4)
    with Scratch() as scratch:
        def check_one(number):
            row = rows[number]
            hour = os.path.join(scratch, str(number), "2020", "01", "01", "00")
            os.makedirs(hour)
            shutil.copyfile(os.path.join(SUITE, "test_parsing", row["file"]), os.path.join(hour, row["file"]))
            check([row], run(os.path.join(scratch, str(number))), row["file"])

        parallel(check_one, range(len(rows)))
    cases(6, len(rows))
    fates = [fate(row) for row in rows]
    assert fates.count("read") >= (2 if in_full() else 0) and fates.count("unreadable") > len(rows) // 2, fates.count("read")


@fault(6)
def test_all_files_at_once():
    rows = table()
    with Scratch() as scratch:
        hour = os.path.join(scratch, "2020", "01", "01", "00")
        shutil.copytree(os.path.join(SUITE, "test_parsing"), hour)
        expect(sorted(os.listdir(hour)), sorted(row["file"] for row in rows), "files")
        check(rows, run(scratch), "all")
    cases(6, 1)
